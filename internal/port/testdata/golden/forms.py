"""Python's forms, and what they are in Go."""
import math
from typing import List, Optional

import torch
from torch import nn
import torch.nn.functional as F

RATE = 0.5
NAMES = ["a", "b"]


def numbers(a: int, b: float, flag: bool = False):
    c = a / 2
    d = a * b + 1
    e = a // 2 + a % 3
    if flag and not a > 3 or b <= 1.5:
        c += 1
    elif a == 0:
        return 0.0
    g = [i * i for i in range(3, a, 2) if i != 5]
    total = 0
    for i, x in enumerate(g):
        total += x * i
    while total > 100:
        total -= 10
    return c + d + e + total + math.sqrt(b) + 2 ** a + RATE


def index(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    x[0] = 0
    x[..., 1:] += 1
    x[mask] *= 2
    y = x[:, None, -1, ::2]
    b, n, *_ = x.shape
    y = y.view(b, -1).float() / max(n, 1)
    return 1 - y @ y.T + y.sum(dim=1, keepdim=True) ** 2


def words(names: List[str], count: Optional[int] = None) -> str:
    if count is None:
        count = len(names)
    for first, second in zip(names, NAMES):
        print(first, second, end="; ")
    print("%5.2f of %s and %d%%" % (RATE, names[0], count))
    return ", ".join(names[:count]) + f"{count:03d} {{x}} {RATE * 2:.1%}"


class Tower(nn.Module):
    scale = 2

    def __init__(self, width: int, depth: int = 2, act: Optional[nn.Module] = None):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.act = act if act is not None else nn.ReLU()
        self.heads = nn.ModuleDict({"a": nn.Linear(width, 1), "b": nn.Linear(width, 2)})
        self.weight = nn.Parameter(torch.zeros(width), requires_grad=False)
        self.register_buffer("steps", torch.tensor(0))
        self.hidden = None
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)

    def forward(self, x, keep: bool = False):
        for layer in self.layers:
            x = self.act(layer(x)) * self.scale
        x = F.dropout(x, 0.1, training=self.training)
        self.hidden = x
        values, indices = x.max(dim=-1)
        if keep:
            self.steps += 1
        return self.heads["a"](x) + self.weight.sum(), self.heads["b"](x), values, indices


def fit(model: Tower, x: torch.Tensor, steps: int = 3):
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=1e-3, betas=(0.9, 0.99))
    best = float("inf")
    for _ in range(steps):
        a, b, _, _ = model(x)
        loss = (a - b).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        best = min(best, loss.item())
    with torch.no_grad():
        out = model(x)[0]
    return best, out
