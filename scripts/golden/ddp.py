"""DistributedDataParallel with communication hooks, static graphs, sparse gradients and uneven
inputs: torch/nn/parallel/testdata/ddp.json. Two processes train; a case has the parameters and
buffers of rank 0 at the end, in one dimension, and, where the ranks end with others, those of
rank 1."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import debugging_hooks, default_hooks
from torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook import PowerSGDState, powerSGD_hook
from torch.distributed.algorithms.join import Join
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel as DDP

from .tensors import encode


def net():
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))


def normed():
    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4))


class Table(nn.Module):
    """A network with a sparse gradient."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(10, 8, sparse=True)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        return self.fc(self.words(x).mean(1))


class Unused(nn.Module):
    """A network with a layer that is not used, and one that is used twice."""

    def __init__(self):
        super().__init__()
        self.fc1, self.spare, self.fc2 = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 4)

    def forward(self, x):
        return self.fc2(self.fc1(self.fc1(x).relu()).relu())


def batch(sparse=False):
    x = torch.randint(0, 10, (6, 3)) if sparse else torch.randn(6, 8)
    return x, torch.randint(0, 4, (6,))


def state(module):
    return torch.cat([t.detach().flatten().double() for t in [*module.parameters(), *module.buffers()]])


def train(make, steps=6, hook=None, sparse=False, **options):
    torch.manual_seed(0)
    ddp = DDP(make(), **options)
    if hook is not None:
        ddp.register_comm_hook(*hook)
    torch.manual_seed(100 + dist.get_rank())
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1, momentum=0 if sparse else 0.9)
    for _ in range(steps):
        x, y = batch(sparse)
        optimizer.zero_grad()
        F.cross_entropy(ddp(x), y).backward()
        optimizer.step()
    return state(ddp)


def power(**options):
    return PowerSGDState(None, start_powerSGD_iter=2, min_compression_rate=1, **options), powerSGD_hook


def bf16(group, bucket):  # under its own name DDP refuses it without NCCL
    return default_hooks.bf16_compress_hook(group, bucket)


def join(make=normed, sizes=(5, 3), divide=True, **options):
    torch.manual_seed(0)
    ddp = DDP(make(), **options)
    torch.manual_seed(100 + dist.get_rank())
    optimizer = torch.optim.SGD(ddp.parameters(), lr=0.1, momentum=0.9)
    with Join([ddp], divide_by_initial_world_size=divide):
        for _ in range(sizes[dist.get_rank()]):
            x, y = batch()
            optimizer.zero_grad()
            F.cross_entropy(ddp(x), y).backward()
            optimizer.step()
    return state(ddp)


CASES = {
    "plain": lambda: train(net),
    "allreduce": lambda: train(net, hook=(None, default_hooks.allreduce_hook)),
    "fp16": lambda: train(net, hook=(None, default_hooks.fp16_compress_hook)),
    "bf16": lambda: train(net, hook=(None, bf16)),
    "noop": lambda: train(net, hook=(None, debugging_hooks.noop_hook)),
    "power": lambda: train(net, hook=power()),
    "power views": lambda: train(net, hook=power(), gradient_as_bucket_view=True),
    "power 3": lambda: train(net, hook=power(matrix_approximation_rank=3, random_seed=7)),
    "power 2, nothing remembered": lambda: train(
        net, hook=power(matrix_approximation_rank=2, use_error_feedback=False, warm_start=False, orthogonalization_epsilon=1e-8)),
    "power together": lambda: train(
        lambda: nn.Sequential(net(), nn.Linear(4, 8), net()), hook=power(batch_tensors_with_same_shape=True)),
    "power as fp16": lambda: train(
        net, hook=(power()[0], default_hooks.fp16_compress_wrapper(powerSGD_hook))),
    "static": lambda: train(Unused, static_graph=True),
    "static views": lambda: train(Unused, static_graph=True, gradient_as_bucket_view=True),
    "sparse": lambda: train(Table, sparse=True),
    "join": lambda: join(),
    "join, those that have inputs": lambda: join(divide=False),
    "join, nothing": lambda: join(sizes=(0, 4)),
    "join unused": lambda: join(Unused, find_unused_parameters=True),
}


def cases():
    """Runs two ranks, and returns what they found."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, str(rank)) for rank in range(2)]
        ranks = [
            subprocess.Popen(
                [sys.executable, "-m", "golden.ddp", path],
                cwd=pathlib.Path(__file__).parent.parent,
                env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1",
                     "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"})
            for rank, path in enumerate(paths)]
        if any([rank.wait() for rank in ranks]):
            raise RuntimeError("a rank failed")
        first, second = (json.loads(path.read_text()) for path in paths)
    return [{"name": name, "state": [value] if value == second[name] else [value, second[name]]}
            for name, value in first.items()]


def main(path):
    dist.init_process_group("gloo", timeout=timedelta(seconds=60))
    found = {name: encode(case()) for name, case in CASES.items()}
    dist.barrier()
    dist.destroy_process_group()
    pathlib.Path(path).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
