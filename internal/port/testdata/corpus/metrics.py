"""Precision, recall and F1 of a classifier, as a table."""

from collections import Counter

import torch
from torch import nn

CLASSES = ["cat", "dog", "bird", "fish"]


def confusion_matrix(pred, target, n):
    matrix = torch.zeros(n, n, dtype=torch.int64)
    for p, t in zip(pred, target):
        matrix[t, p] += 1
    return matrix


def report(matrix):
    rows = []
    for i, name in enumerate(CLASSES):
        tp = matrix[i, i].item()
        fp = matrix[:, i].sum().item() - tp
        fn = matrix[i].sum().item() - tp
        precision = tp / (tp + fp) if tp + fp > 0 else 0.0
        recall = tp / (tp + fn) if tp + fn else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
        rows.append((name, precision, recall, f1, tp + fn))
    print(f"{'class':<10}{'precision':>10}{'recall':>10}{'f1':>10}{'support':>10}")
    print("-" * 50)
    for name, precision, recall, f1, support in rows:
        print(f"{name:<10}{precision:>10.3f}{recall:>10.3f}{f1:>10.3f}{support:>10d}")
    macro = sum(row[3] for row in rows) / len(rows)
    print("macro f1: %.4f" % macro)
    return rows


def main():
    torch.manual_seed(3)
    x = torch.randn(200, 5)
    target = (x @ torch.randn(5, len(CLASSES))).argmax(1)
    model = nn.Linear(5, len(CLASSES))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), target)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        pred = model(x).argmax(dim=1)
    matrix = confusion_matrix(pred, target, len(CLASSES))
    print(matrix)
    rows = report(matrix)
    best = max(rows, key=lambda row: row[3])
    worst = min(rows, key=lambda row: row[3])
    print("best:", best[0], "worst:", worst[0])
    for name, _, _, f1, _ in sorted(rows, key=lambda r: r[3], reverse=True):
        print(f"  {name}: {f1:.3f}")
    counts = Counter(target.tolist())
    for label, count in counts.most_common(2):
        print(CLASSES[label], count)
    print("labels seen:", sorted(counts))
    accuracy = (pred == target).float().mean()
    print("accuracy:", round(accuracy.item(), 4), accuracy > 0.5)
    print("all classes predicted:", all(c in pred.tolist() for c in range(len(CLASSES))))
    print("shape:", matrix.shape, "total:", matrix.sum().item(), "trace:", int(matrix.trace()))


main()
