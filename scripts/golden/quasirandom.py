"""Golden cases for torch/quasirandom: torch/quasirandom/testdata/quasirandom.json."""

import torch
from torch.quasirandom import SobolEngine

from .tensors import encode


def cases():
    plain, scrambled, fast = SobolEngine(3), SobolEngine(5, scramble=True, seed=7), SobolEngine(4)
    torch.manual_seed(3)
    default = SobolEngine(2, scramble=True)
    one = SobolEngine(3).draw()
    return {
        "one": encode(one),
        "plain": [encode(plain.draw(5)), encode(plain.draw(3)), encode(plain.reset().draw(2)), encode(plain.draw(1, dtype=torch.float64))],
        "scrambled": [encode(scrambled.draw(4)), encode(scrambled.draw(4)), encode(scrambled.reset().draw(2))],
        "default generator": encode(default.draw(4, dtype=torch.float64)),
        "fast forward": [encode(fast.fast_forward(5).draw(2)), encode(fast.fast_forward(7).draw(2)), encode(fast.reset().fast_forward(1).draw(1))],
        "base 2": encode(SobolEngine(2).draw_base2(3)),
        "many": encode(SobolEngine(21201).draw(2)[:, -3:].contiguous()),
        "repr": [repr(SobolEngine(3)), repr(SobolEngine(3, scramble=True)), repr(SobolEngine(3, True, 7))],
    }
