"""Real training on MNIST or Fashion-MNIST, in Python: what main.go's train does, with the same numbers.

    python3 train.py FOLDER [-model mlp|cnn] [-optimizer sgd|adam|adam-fused|adamw] [-lr RATE] [-epochs N] [-batch N] [-seed N]
    torchrun --nproc-per-node 2 train.py FOLDER -distributed ...

FOLDER holds the set's four .gz files.
"""

import argparse
import gzip
import pathlib
import struct

import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

MEAN, DEVIATION = 0.1307, 0.3081
HELD = 5000  # of the training images, for validation


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(28 * 28, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 7 * 7, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(torch.flatten(x, 1)))
        x = F.dropout(x, 0.5, self.training)
        return self.fc2(x)


NETWORKS = {"mlp": Net, "cnn": CNN}
OPTIMIZERS = {
    "sgd": (0.01, lambda params, lr: optim.SGD(params, lr=lr, momentum=0.9)),
    "adam": (0.001, lambda params, lr: optim.Adam(params, lr=lr)),
    "adam-fused": (0.001, lambda params, lr: optim.Adam(params, lr=lr, fused=True)),
    "adamw": (0.001, lambda params, lr: optim.AdamW(params, lr=lr)),
}


def load(folder, name):
    """Returns images, normalised, and labels."""
    folder = pathlib.Path(folder)
    pixels = gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
    _, n, rows, columns = struct.unpack(">4i", pixels[:16])
    images = torch.frombuffer(bytearray(pixels[16:]), dtype=torch.uint8).view(n, 1, rows, columns)
    labels = gzip.decompress((folder / f"{name}-labels-idx1-ubyte.gz").read_bytes())[8:]
    images = images.float().div_(255).sub_(MEAN).div_(DEVIATION)
    return images, torch.frombuffer(bytearray(labels), dtype=torch.uint8).long()


def evaluate(net, images, labels):
    """Returns the mean loss and the accuracy on a set."""
    net.eval()
    loss, correct, n = 0.0, 0, len(labels)
    with torch.no_grad():
        for start in range(0, n, 1000):
            target = labels[start : start + 1000]
            outputs = net(images[start : start + 1000])
            loss += F.cross_entropy(outputs, target).item() * len(target) / n
            _, predicted = torch.max(outputs, 1)
            correct += (predicted == target).sum().item()
    net.train()
    return loss, correct / n


def total(*values):
    """Returns the sums of values over all processes."""
    sums = torch.tensor(values, dtype=torch.float64)
    if dist.is_initialized():
        dist.all_reduce(sums)
    return sums.tolist()


def train(folder, model="mlp", optimizer="sgd", lr=None, epochs=5, batch=64, seed=0, images=None):
    """Trains on the first images of the set, default all, and gives after each epoch the loss and the accuracy in
    training and those on the validation images; at last those on the test images. The processes of a group share
    the work."""
    rank, size = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    torch.manual_seed(seed)
    train_images, train_labels = load(folder, "train")
    held = train_images[-HELD:], train_labels[-HELD:]
    n = images or len(train_labels) - HELD
    dataset = TensorDataset(train_images[:n], train_labels[:n])

    net = NETWORKS[model]()
    criterion = nn.CrossEntropyLoss()
    default, make = OPTIMIZERS[optimizer]
    optimizer = make(net.parameters(), lr or default)
    forward = net if size == 1 else DistributedDataParallel(net)
    sampler = DistributedSampler(dataset, size, rank, seed=seed)
    loader = DataLoader(dataset, batch // size, sampler=sampler, generator=torch.Generator())
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        loss_sum = correct = done = 0
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = forward(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            _, predicted = torch.max(outputs, 1)
            right = (predicted == labels).sum().item()
            sums = total(loss.item() * len(labels), right, len(labels))
            loss_sum, correct, done = loss_sum + sums[0], correct + sums[1], done + sums[2]
        yield (loss_sum / done, correct / done, *evaluate(net, *held))
    yield evaluate(net, *load(folder, "t10k"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("-model", default="mlp", choices=NETWORKS)
    parser.add_argument("-optimizer", default="sgd", choices=OPTIMIZERS)
    parser.add_argument("-lr", type=float)
    parser.add_argument("-epochs", type=int, default=5)
    parser.add_argument("-batch", type=int, default=64)
    parser.add_argument("-seed", type=int, default=0)
    parser.add_argument("-distributed", action="store_true")
    args = vars(parser.parse_args())
    if args.pop("distributed"):
        dist.init_process_group("gloo")
    *curve, test = train(**args)
    if dist.is_initialized():
        rank = dist.get_rank()
        dist.destroy_process_group()
        if rank > 0:
            return
    for epoch, (loss, _, _, accuracy) in enumerate(curve, 1):
        print(f"Epoch {epoch}, loss {loss:.4f}, accuracy {100 * accuracy:.2f} %")
    print(f"Accuracy of the network on the test images: {100 * test[1]:.2f} %")


if __name__ == "__main__":
    main()
