"""The errors of modules on bad options and input: torch/nn/testdata/errors.json.

Go has no AssertionError and has a ValueError there. Runs of spaces, which PyTorch's
source has by accident, are one.
"""

import re
import warnings

import torch
from torch import nn


def error(name, f):
    warnings.simplefilter("ignore")
    try:
        f()
    except Exception as e:
        kind = {"AssertionError": "ValueError"}.get(type(e).__name__, type(e).__name__)
        return {"name": name, "kind": kind, "message": re.sub(" {2,}", " ", str(e))}
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


def normalizations():
    one = torch.ones(1, 3)
    image = torch.ones(2, 3, 4, 4)
    return [
        error("BatchNorm1d dimensions", lambda: nn.BatchNorm1d(3)(image)),
        error("BatchNorm2d dimensions", lambda: nn.BatchNorm2d(3)(one)),
        error("BatchNorm3d dimensions", lambda: nn.BatchNorm3d(3)(image)),
        error("BatchNorm1d of one value", lambda: nn.BatchNorm1d(3)(one)),
        error("BatchNorm2d channels", lambda: nn.BatchNorm2d(4)(image)),
        error("InstanceNorm1d dimensions", lambda: nn.InstanceNorm1d(3)(image)),
        error("InstanceNorm2d dimensions", lambda: nn.InstanceNorm2d(3)(one)),
        error("InstanceNorm3d dimensions", lambda: nn.InstanceNorm3d(3)(one)),
        error("InstanceNorm2d channels", lambda: nn.InstanceNorm2d(4, affine=True)(image)),
        error("InstanceNorm2d channels without batch", lambda: nn.InstanceNorm2d(4, affine=True)(image[0])),
        error("InstanceNorm1d of one value", lambda: nn.InstanceNorm1d(3)(torch.ones(2, 3, 1))),
        error("LayerNorm shape", lambda: nn.LayerNorm(5)(image)),
        error("RMSNorm shape", lambda: nn.RMSNorm(5)(image)),
        error("GroupNorm groups", lambda: nn.GroupNorm(2, 3)),
        error("GroupNorm of one value", lambda: nn.GroupNorm(3, 3)(one)),
        error("LocalResponseNorm dimensions", lambda: nn.LocalResponseNorm(2)(one)),
        error("CrossMapLRN2d dimensions", lambda: nn.CrossMapLRN2d(2)(one)),
        error("Dropout above", lambda: nn.Dropout(2.0)),
        error("AlphaDropout below", lambda: nn.AlphaDropout(-0.5)),
        error("Dropout1d dimensions", lambda: nn.Dropout1d()(image)),
    ]


def cases():
    return activations() + normalizations()
