"""Trains with a scheduler, a validation set and early stopping."""
from dataclasses import dataclass, field
from typing import List, Optional

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split


@dataclass
class Config:
    features: int = 6
    hidden: int = 24
    lr: float = 0.05
    epochs: int = 12
    patience: int = 2
    batch_size: int = 16
    activation: str = "relu"


class EarlyStopping:
    """Stops when the loss does not get better any more."""

    def __init__(self, patience: int = 3, min_delta: float = 0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = float("inf")
        self.counter = 0
        self.should_stop = False

    def step(self, loss: float) -> bool:
        if loss < self.best_loss - self.min_delta:
            self.best_loss = loss
            self.counter = 0
        else:
            self.counter += 1
            if self.counter >= self.patience:
                self.should_stop = True
        return self.should_stop


class Regressor(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        if config.activation == "relu":
            act = nn.ReLU()
        elif config.activation == "tanh":
            act = nn.Tanh()
        else:
            raise ValueError(f"unknown activation {config.activation}")
        self.net = nn.Sequential(
            nn.Linear(config.features, config.hidden),
            act,
            nn.Linear(config.hidden, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x).squeeze(-1)


def evaluate(model: Regressor, loader, criterion) -> float:
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            total += criterion(model(x), y).item() * x.size(0)
            count += x.size(0)
    return total / count


def main() -> None:
    torch.manual_seed(3)
    config = Config(lr=0.02)
    x = torch.randn(160, config.features)
    y = x @ torch.randn(config.features) + 0.1 * torch.randn(160)
    train_x, val_x = x[:128], x[128:]
    train_y, val_y = y[:128], y[128:]
    train_loader = DataLoader(TensorDataset(train_x, train_y), batch_size=config.batch_size, shuffle=True)
    val_loader = DataLoader(TensorDataset(val_x, val_y), batch_size=32)

    model = Regressor(config)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.epochs)
    stopper = EarlyStopping(patience=config.patience)
    history = []
    for epoch in range(config.epochs):
        model.train()
        for batch_x, batch_y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(batch_x), batch_y)
            loss.backward()
            optimizer.step()
        scheduler.step()
        val_loss = evaluate(model, val_loader, criterion)
        history.append(val_loss)
        print(f"epoch {epoch:>2}: val loss {val_loss:.5f}")
        if stopper.step(val_loss):
            print("stopped early")
            break
    print(f"best {min(history):.5f} of {len(history)}")


if __name__ == "__main__":
    main()
