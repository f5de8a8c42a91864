"""Classes, keywords and files, and what they are in Go."""
import gzip
import pathlib
import struct
import sys
from collections import OrderedDict
from functools import partial
from typing import Any, Callable, Optional

import torch
from torch import nn

NAMES, WIDTH = ["a", "b"], 4


class Block(nn.Module):
    expansion = 2

    def __init__(self, width: int, norm: Optional[Callable[..., nn.Module]] = None, scale: float = 1.0) -> None:
        super().__init__()
        if norm is None:
            norm = nn.BatchNorm1d
        self.norm = norm(width)
        self.scale = self.half(scale)

    @staticmethod
    def half(x: float) -> float:
        return x / 2

    def forward(self, x):
        return self.norm(x) * self.scale


class Norm(nn.LayerNorm):
    def forward(self, x):
        return super_norm(x, self.eps)


def super_norm(x, eps: float):
    return x / (x.norm() + eps)


class Tower(nn.Sequential):
    def __init__(self, block: type[Block], depth: int) -> None:
        layers = OrderedDict()
        for i in range(depth):
            layers[f"block{i}"] = block(WIDTH, scale=0.5)
        layers["head"] = nn.Linear(WIDTH, block.expansion)
        super().__init__(layers)


def build(depth: int, **kwargs: Any) -> Tower:
    scaled = partial(Block, norm=Norm)
    print(scaled(WIDTH))
    return Tower(Block, depth, **kwargs)


def read(path):
    data = gzip.decompress(path.read_bytes())
    dims = data[3]
    shape = struct.unpack(f">{dims}I", data[4 : 4 + 4 * dims])
    return torch.frombuffer(bytearray(data[4 + 4 * dims :]), dtype=torch.uint8).reshape(shape)


def mean(x: torch.Tensor, steps: int):
    for step in range(steps):
        loss = x.mean() * step
        if step > 1:
            loss = loss.item()
            print(f"{loss:.3f}")
    say = print if steps > 1 else lambda text: None
    say(NAMES[0])


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    mean(read(folder / "x.gz").float(), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
    build(2)
