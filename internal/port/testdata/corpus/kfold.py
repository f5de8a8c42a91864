"""Cross validation and a search over a grid."""

import itertools
import math
from collections import namedtuple

import torch
from torch import nn

Result = namedtuple("Result", ["lr", "hidden", "mean", "std"])


def k_folds(n, k, seed=0):
    """Yields the indices for training and validation."""
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    size = n // k
    for fold in range(k):
        val = order[fold * size : (fold + 1) * size]
        train = torch.cat([order[: fold * size], order[(fold + 1) * size :]])
        yield fold, train, val


def fit(x, y, lr, hidden, steps=30):
    model = nn.Sequential(nn.Linear(x.size(1), hidden), nn.ReLU(), nn.Linear(hidden, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def mean_and_std(values):
    mean = sum(values) / len(values)
    var = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    return mean, math.sqrt(var)


def cross_validate(x, y, lr, hidden, k=4):
    scores = []
    for fold, train, val in k_folds(len(x), k):
        torch.manual_seed(fold)
        model = fit(x[train], y[train], lr, hidden)
        with torch.no_grad():
            scores.append(nn.functional.mse_loss(model(x[val]), y[val]).item())
    return scores


def main():
    torch.manual_seed(42)
    x = torch.randn(80, 4)
    y = (x ** 2).sum(dim=1, keepdim=True)
    rates, widths = [0.01, 0.1], [8, 32]
    results = []
    for lr, hidden in itertools.product(rates, widths):
        scores = cross_validate(x, y, lr, hidden)
        mean, std = mean_and_std(scores)
        results.append(Result(lr, hidden, mean, std))
        print(f"lr={lr:<5} hidden={hidden:<3} mse={mean:.4f} +/- {std:.4f}")
    best = min(results, key=lambda r: r.mean)
    print("best:", best.lr, best.hidden)
    ranked = sorted(results, key=lambda r: (r.hidden, -r.mean))
    print([r.hidden for r in ranked])
    print("worse than the best by", [f"{r.mean - best.mean:.3f}" for r in results if r.mean > best.mean])


if __name__ == "__main__":
    main()
