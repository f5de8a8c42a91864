"""Memory timelines of torch.profiler: torch/profiler/testdata/memory_timeline.json.

What happens to the memory of the second step of two small networks, without the times: rows of
action, bytes and category, and how many bytes each category has at most.
"""

import gzip
import json
import os
import tempfile
import warnings

import torch
from torch import nn, optim


def training():
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    optimizer = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.randn(32, 8), torch.randint(0, 4, (32,))

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    return step


def convolution():
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    x, y = torch.randn(5, 1, 8, 8), torch.randn(5, 3)

    def step():
        loss = ((net(x).tanh() - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def inference():
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    x = torch.randn(32, 8)

    @torch.no_grad()
    def step():
        net(x).softmax(1).sum()

    return step


def exported(profile, ending):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = os.path.join(folder, "timeline" + ending)
        profile.export_memory_timeline(path, device="cpu")
        return json.load(gzip.open(path, "rt"))


def cases():
    made = []
    for network in [training, convolution, inference]:
        torch.manual_seed(0)
        step = network()
        step()
        with torch.profiler.profile(record_shapes=True, profile_memory=True, with_stack=True) as p:
            step()
        raw = exported(p, ".raw.json.gz")
        _, sizes = exported(p, ".json.gz")
        made.append({"name": network.__name__, "steps": [row[1:] for row in raw], "most": [max(column) for column in zip(*sizes)]})
    return made
