"""One process of bench/distributed, in Python: worker.go is the same in Go."""

import base64
import ctypes
import json
import os
import sys
import time
import zlib

import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F


def sent():
    with open("/proc/self/net/dev") as file:
        return sum(int(line.split(":")[1].split()[8]) for line in file if ":" in line)


batch, steps, warm = (int(text) for text in sys.argv[1:])
dist.init_process_group("gloo")
rank, size = dist.get_rank(), dist.get_world_size()
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
ddp = nn.parallel.DistributedDataParallel(net)
optimizer = torch.optim.SGD(ddp.parameters(), lr=0.01, momentum=0.9)
share = batch // size
own = slice(rank * share, (rank + 1) * share)
data = [(torch.randn(batch, 784)[own], torch.randint(0, 10, (batch,))[own]) for _ in range(warm + steps)]


def learn(x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(ddp(x), y)
    loss.backward()
    optimizer.step()
    return loss


for x, y in data[:warm]:
    learn(x, y)
dist.barrier()
before, start = sent(), time.perf_counter()
for x, y in data[warm:]:
    loss = learn(x, y)
dist.barrier()
seconds = time.perf_counter() - start
measured = {"Milliseconds": 1000 * seconds / steps, "Bytes": (sent() - before) / steps, "Loss": loss.item()}
gradients = [p.grad.contiguous() for p in ddp.parameters()]
gradients = [ctypes.string_at(g.data_ptr(), g.nbytes) for g in gradients]
measured["Checksums"] = [zlib.crc32(g) for g in gradients]
if rank == 0:
    measured["Gradients"] = [base64.b64encode(g).decode() for g in gradients]
print(json.dumps(measured), flush=True)
dist.destroy_process_group()
