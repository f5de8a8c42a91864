"""Golden cases of Linear, Flatten, ReLU and Sequential: torch/nn/testdata/basic.json."""

import torch
from torch import nn

from .modules import case


def cases():
    g = torch.Generator().manual_seed(1)
    x = torch.randn(3, 2, 4, generator=g)
    return [
        case("linear", lambda: nn.Linear(4, 3), x),
        case("linear without bias", lambda: nn.Linear(4, 3, bias=False), x),
        case("flatten", lambda: nn.Flatten(), x),
        case("relu", lambda: nn.ReLU(), x),
        case("sequential", lambda: nn.Sequential(nn.Flatten(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 2)), x, train=False),
    ]
