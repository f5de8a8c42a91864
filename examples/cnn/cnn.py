"""A convolutional network on MNIST, in Python; main.go is the same in Go.

    python3 cnn.py FOLDER [EPOCHS]    # the folder with MNIST's four .gz files
    python3 cnn.py random             # a few steps on random numbers
"""

import gzip
import pathlib
import struct
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = self.dropout2(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


def train(net, loader, optimizer):
    net.train()
    total = 0.0
    for data, target in loader:
        optimizer.zero_grad()
        output = net(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


def test(net, loader):
    net.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for data, target in loader:
            output = net(data)
            loss += F.nll_loss(output, target, reduction="sum").item()
            correct += output.argmax(1).eq(target).sum().item()
    return loss / len(loader.dataset), correct


def run(train_set, test_set, batch, epochs):
    net = Net()
    train_loader = DataLoader(train_set, batch_size=batch, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=1000)
    optimizer = optim.Adadelta(net.parameters(), lr=1.0)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(epochs):
        train_loss = train(net, train_loader, optimizer)
        test_loss, correct = test(net, test_loader)
        scheduler.step()
        print(f"Epoch {epoch + 1}, loss {train_loss}, test loss {test_loss}, {correct} of {len(test_set)} right")


def read(path):
    data = gzip.decompress(path.read_bytes())
    dims = data[3]
    shape = struct.unpack(f">{dims}I", data[4 : 4 + 4 * dims])
    return torch.frombuffer(bytearray(data[4 + 4 * dims :]), dtype=torch.uint8).reshape(shape)


def mnist(folder, name):
    images = read(folder / f"{name}-images-idx3-ubyte.gz").unsqueeze(1).float() / 255
    return TensorDataset((images - 0.1307) / 0.3081, read(folder / f"{name}-labels-idx1-ubyte.gz").long())


def random(n):
    return TensorDataset(torch.randn(n, 1, 28, 28), torch.randint(0, 10, (n,)))


if __name__ == "__main__":
    torch.manual_seed(0)
    if sys.argv[1] == "random":
        run(random(64), random(32), 16, 2)
    else:
        folder = pathlib.Path(sys.argv[1])
        run(mnist(folder, "train"), mnist(folder, "t10k"), 64, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
