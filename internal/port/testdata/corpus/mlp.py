"""Trains a small network on random numbers."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


class MLP(nn.Module):
    """Two linear layers with dropout between them."""

    def __init__(self, features, hidden, classes=10):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.drop = nn.Dropout(0.1)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        x = F.relu(self.fc1(x))  # never negative
        x = self.drop(x)
        return self.fc2(x)


def main():
    torch.manual_seed(0)
    x = torch.randn(64, 20)
    y = torch.randint(0, 10, (64,))
    model = MLP(20, 32)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    # Every batch is the whole set.
    for epoch in range(5):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        print(f"epoch {epoch}: loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        predicted = model(x).argmax(dim=1)
        correct = (predicted == y).sum().item()
    print("right:", correct, "of", len(y))


if __name__ == "__main__":
    main()
