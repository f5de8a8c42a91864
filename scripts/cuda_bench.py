"""Times operators and a training step on a device, as torch/cuda's TestCheckBench does in Go:
a row for each, its name and microseconds.

    python cuda_bench.py cuda|cpu
"""

import sys
import time

import torch

device = torch.device(sys.argv[1])


def synchronize():
    if device.type == "cuda":
        torch.cuda.synchronize()


def measure(name, step, turns):
    for _ in range(3):
        step()
    synchronize()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(turns):
            step()
        synchronize()
        best = min(best, (time.perf_counter() - start) / turns)
    print(f"row {name} {best * 1e6:.1f}")


torch.manual_seed(0)
small = torch.randn(64, 64, device=device)
large = torch.randn(1024, 1024, device=device)
measure("add-64x64", lambda: small.add(small), 200)
measure("add-1024x1024", lambda: large.add(large), 100)
measure("matmul-64x64", lambda: small.matmul(small), 200)
measure("matmul-1024x1024", lambda: large.matmul(large), 20)
measure("softmax-1024x1024", lambda: large.softmax(1), 50)

net = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10)).to(device)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x = torch.randn(128, 784, device=device)
y = torch.randint(0, 10, (128,), device=device)


def train():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()


measure("train-784-512-10", train, 50)
