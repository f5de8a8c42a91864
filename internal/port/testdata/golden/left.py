"""What is not translated is left, by line."""
import os

import torch
import torch.nn as nn


class Net(nn.Module):
    """A network with a part that Go does not have."""

    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.odd = nn.MadeUp(width)

    def forward(self, x):
        return self.odd(self.fc(x))


def helper(names):
    try:
        return [n for n in names if n]
    except ZeroDivisionError:
        return None


def total(x: torch.Tensor, n: int) -> torch.Tensor:
    """Returns n times the sum."""
    # A comment stays.
    y = x.sum()  # so does this one
    z = y.frobnicate(n)
    return z * n
