"""The errors of modules on bad options and input: torch/nn/testdata/errors.json.

Go has no AssertionError; it raises a ValueError there.
"""

import warnings

import torch
from torch import nn


def error(name, f):
    warnings.simplefilter("ignore")
    try:
        f()
    except Exception as e:
        kind = {"AssertionError": "ValueError"}.get(type(e).__name__, type(e).__name__)
        return {"name": name, "kind": kind, "message": str(e).split("\nException raised from")[0]}
    raise AssertionError(f"no error: {name}")


def activations():
    x = torch.zeros(3)
    return [
        error("Hardtanh limits", lambda: nn.Hardtanh(2.0, 1.0)),
        error("GELU approximate", lambda: nn.GELU("sigmoid")(x)),
        error("GLU odd", lambda: nn.GLU()(x)),
        error("Softshrink negative", lambda: nn.Softshrink(-1.0)(x)),
        error("CELU zero", lambda: nn.CELU(0.0)(x)),
        error("PReLU channels", lambda: nn.PReLU(2)(torch.zeros(4, 3))),
        error("RReLU limits", lambda: nn.RReLU(1.0, 0.0)(x)),
        error("Softmax dim", lambda: nn.Softmax(1)(x)),
        error("Softmax2d dimensions", lambda: nn.Softmax2d()(torch.zeros(2, 3))),
    ]


def cases():
    return activations()
