"""Classes that inherit, and what asks for classes and attributes."""
import copy
from collections import OrderedDict
from dataclasses import dataclass
from typing import Dict

import torch
from torch import nn
import torch.nn.functional as F


@dataclass
class _Config:
    width: int
    depth: int


class SmallConfig(_Config):
    def __init__(self, depth: int = 1):
        super().__init__(2, self.bounded(depth))

    @staticmethod
    def bounded(depth: int) -> int:
        return min(depth, 4)


class WideConfig(_Config):
    def __init__(self, depth: int = 2):
        super().__init__(4, depth)


@dataclass
class Settings:
    rate: float = 0.5
    steps: int = 3

    def __post_init__(self):
        self.total = self.rate * self.steps


class Scaled(nn.Linear):
    def __init__(self, width, scale):
        super().__init__(width, width)
        self.scale = scale

    def forward(self, x):
        return super().forward(x) * self.scale


class Base(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.head = nn.Linear(config.width, 1)

    def features(self, x):
        return x

    def forward(self, x):
        return self.head(self.features(x))


class Deep(Base):
    def __init__(self, config):
        super().__init__(config)
        self.act = F.relu
        self.stem: nn.Module = nn.Identity() if config.depth > 1 else nn.ReLU()
        self.layers = nn.ModuleList([Scaled(config.width, 0.5) for _ in range(config.depth)])
        self.head.gain = 0.25
        for m in self.modules():
            if isinstance(m, nn.Linear):
                gain = m.gain if hasattr(m, "gain") else 1.0
                nn.init.constant_(m.weight, gain)
                nn.init.zeros_(m.bias)
        if isinstance(self.stem, nn.ReLU) and config.depth == 1:
            print("rectified", self.stem.inplace)

    def features(self, x):
        x = self.stem(x)
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.layers[-1](x)


def outputs(model: nn.Module, x: torch.Tensor) -> Dict[str, torch.Tensor]:
    result = OrderedDict()
    result["out"] = model(x)
    result["mean"] = x.mean()
    return result


torch.manual_seed(0)
for config in [SmallConfig(), WideConfig(), WideConfig(9)]:
    shallow = copy.copy(config)
    shallow.depth = 1
    deep = Deep(config)
    flat = Deep(shallow).eval()
    x = torch.ones(3, config.width)
    print(config.depth, deep(x).sum().item(), flat(x).sum().item(), Base(config)(x).shape[0])
    for name, value in outputs(deep, x).items():
        print(name, value.sum().item())
settings = Settings(steps=4)
print(settings.total)
