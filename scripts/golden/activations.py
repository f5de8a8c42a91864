"""Golden cases of activations: torch/nn/testdata/activations.json.gz."""

import torch
from torch import nn

from .modules import case


def overwritten(module, x):
    """The output, and what the module left in a copy of its input."""
    y = x.clone()
    return module(y), y


def cases():
    g = torch.Generator().manual_seed(1)
    x = torch.randn(3, 4, generator=g) * 2
    image = torch.randn(2, 3, 2, 2, generator=g)
    sample = image[0]
    plain = [
        "ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "PReLU", "RReLU", "ELU",
        "CELU", "GELU", "GLU", "Softplus", "Sigmoid", "LogSigmoid", "Tanh", "Softsign", "Tanhshrink", "Hardshrink", "Softshrink",
        "Softmax", "Softmin", "LogSoftmax",
    ]
    inplace = {
        "ReLU": {}, "ReLU6": {}, "SELU": {}, "SiLU": {}, "Mish": {}, "Hardsigmoid": {}, "Hardswish": {},
        "Hardtanh": {"min_val": -0.5, "max_val": 1.5}, "LeakyReLU": {"negative_slope": 0.2},
        "RReLU": {"lower": 0.25, "upper": 0.75}, "ELU": {"alpha": 0.5}, "CELU": {"alpha": 2.0},
    }
    return [
        *(case(name, getattr(nn, name), x) for name in plain),
        *(case(f"{name} in place", lambda: getattr(nn, name)(inplace=True, **o), x, call=overwritten) for name, o in inplace.items()),
        case("Threshold", lambda: nn.Threshold(0, 20), x),
        case("Threshold in place", lambda: nn.Threshold(0.1, -1.5, inplace=True), x, call=overwritten),
        case("Hardtanh options", lambda: nn.Hardtanh(-2.5, 0.125), x),
        case("LeakyReLU options", lambda: nn.LeakyReLU(1e-5), x),
        case("PReLU options", lambda: nn.PReLU(3, init=0.1, dtype=torch.float64), image.double()),
        case("RReLU eval", nn.RReLU, x, train=False),
        case("RReLU options", lambda: nn.RReLU(0.1, 0.2), x),
        case("ELU options", lambda: nn.ELU(2.0), x),
        case("CELU options", lambda: nn.CELU(0.5), x),
        case("GELU tanh", lambda: nn.GELU("tanh"), x),
        case("GLU options", lambda: nn.GLU(0), image),
        case("Softplus options", lambda: nn.Softplus(2.0, 1.0), x),
        case("Hardshrink options", lambda: nn.Hardshrink(1.0), x),
        case("Softshrink options", lambda: nn.Softshrink(0.25), x),
        case("Softmax dim", lambda: nn.Softmax(-1), image),
        case("Softmin dim", lambda: nn.Softmin(2), image),
        case("LogSoftmax dim", lambda: nn.LogSoftmax(0), image),
        case("Softmax of three dimensions", nn.Softmax, sample),
        case("Softmin of four dimensions", nn.Softmin, image),
        case("LogSoftmax of one dimension", nn.LogSoftmax, x[0]),
        case("Softmax2d", nn.Softmax2d, image),
        case("Softmax2d without batch", nn.Softmax2d, sample),
    ]
