"""Golden cases for torch/signal/windows: torch/signal/windows/testdata/windows.json."""

import torch
from torch.signal import windows as w

from .tensors import encode


def cases():
    result = {}
    for name in w.__all__:
        f = getattr(w, name)
        required = {"a": [0.46, 0.23, 0.31]} if name == "general_cosine" else {}
        for m in (0, 1, 2, 9, 16):
            for sym in (True, False):
                result[f"{name} {m} {sym}"] = encode(f(m, sym=sym, **required))
        result[f"{name} float64"] = encode(f(7, dtype=torch.float64, **required))
    result["exponential options"] = encode(w.exponential(9, center=2, tau=2.5, sym=False))
    result["gaussian options"] = encode(w.gaussian(9, std=2.5))
    result["general_hamming options"] = encode(w.general_hamming(9, alpha=0.7))
    result["kaiser options"] = encode(w.kaiser(9, beta=3.5))
    return result
