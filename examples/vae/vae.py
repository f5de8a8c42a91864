"""A variational autoencoder of MNIST's digits, in Python; main.go is the same in Go.

    python3 vae.py FOLDER [EPOCHS]    # the folder with MNIST's four .gz files
    python3 vae.py random             # a few steps on random numbers
"""

import gzip
import pathlib
import struct
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def reparameterize(self, mean, log_var):
        std = torch.exp(0.5 * log_var)
        eps = torch.randn_like(std)
        return mean + eps * std

    def decode(self, z):
        h = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h))

    def forward(self, x):
        mean, log_var = self.encode(x.view(-1, 784))
        z = self.reparameterize(mean, log_var)
        return self.decode(z), mean, log_var


def loss_function(reconstruction, x, mean, log_var):
    bce = F.binary_cross_entropy(reconstruction, x.view(-1, 784), reduction="sum")
    kld = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
    return bce + kld


def train(net, loader, optimizer):
    net.train()
    total = 0.0
    for (data,) in loader:
        optimizer.zero_grad()
        reconstruction, mean, log_var = net(data)
        loss = loss_function(reconstruction, data, mean, log_var)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader.dataset)


def test(net, loader):
    net.eval()
    total = 0.0
    with torch.no_grad():
        for (data,) in loader:
            reconstruction, mean, log_var = net(data)
            total += loss_function(reconstruction, data, mean, log_var).item()
    return total / len(loader.dataset)


def run(train_set, test_set, batch, epochs):
    net = VAE()
    train_loader = DataLoader(train_set, batch_size=batch, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=batch)
    optimizer = optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(epochs):
        train_loss = train(net, train_loader, optimizer)
        test_loss = test(net, test_loader)
        print(f"Epoch {epoch + 1}, loss {train_loss}, test loss {test_loss}")
    return net


def read(path):
    data = gzip.decompress(path.read_bytes())
    dims = data[3]
    shape = struct.unpack(f">{dims}I", data[4 : 4 + 4 * dims])
    return torch.frombuffer(bytearray(data[4 + 4 * dims :]), dtype=torch.uint8).reshape(shape)


def mnist(folder, name):
    return TensorDataset(read(folder / f"{name}-images-idx3-ubyte.gz").unsqueeze(1).float() / 255)


def random(n):
    return TensorDataset(torch.rand(n, 1, 28, 28))


if __name__ == "__main__":
    torch.manual_seed(0)
    if sys.argv[1] == "random":
        run(random(64), random(32), 16, 3)
    else:
        folder = pathlib.Path(sys.argv[1])
        run(mnist(folder, "train"), mnist(folder, "t10k"), 128, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
