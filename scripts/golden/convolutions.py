"""Golden cases of convolutions: torch/nn/testdata/convolutions.json.gz."""

import re
import warnings

import torch
from torch import nn

from .errors import errors
from .modules import case

g = torch.Generator().manual_seed(51)


def randn(*size, dtype=torch.float32):
    return torch.randn(*size, generator=g, dtype=dtype)


def sized(size):
    return lambda module, x: module(x, output_size=size)


def inferred(module, x):
    """A lazy module that has seen an input."""
    module(x)
    return module


def cases():
    warnings.simplefilter("ignore")  # on even kernels with padding "same", which copy
    sequence, image, volume = randn(2, 4, 9), randn(1, 4, 5, 6), randn(1, 2, 3, 4, 5)
    modules = [
        case("Conv1d", lambda: nn.Conv1d(4, 6, 3), sequence),
        case("Conv1d options", lambda: nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2, bias=False), sequence),
        case("Conv1d without batch", lambda: nn.Conv1d(4, 2, (2,), (3,), (1,)), sequence[0]),
        case("Conv1d same", lambda: nn.Conv1d(4, 3, 4, padding="same", dilation=2), sequence),
        case("Conv1d valid", lambda: nn.Conv1d(4, 3, 4, padding="valid"), sequence),
        case("Conv1d valid, replicated", lambda: nn.Conv1d(4, 3, 4, padding="valid", padding_mode="replicate"), sequence),
        case("Conv1d float64", lambda: nn.Conv1d(4, 2, 3, dtype=torch.float64), sequence.double()),
        case("Conv1d complex", lambda: nn.Conv1d(4, 2, 3, dtype=torch.complex64), randn(2, 4, 5, dtype=torch.complex64)),
        case("Conv2d", lambda: nn.Conv2d(4, 6, 3), image),
        case("Conv2d pairs", lambda: nn.Conv2d(4, 2, (3, 2), (2, 1), (0, 1), (1, 2)), image),
        case("Conv2d depthwise", lambda: nn.Conv2d(4, 8, 3, padding=1, groups=4), image, train=False),
        case("Conv2d without batch", lambda: nn.Conv2d(4, 2, 2, stride=2), image[0]),
        case("Conv2d same, reflected", lambda: nn.Conv2d(4, 2, (4, 3), padding="same", padding_mode="reflect"), image),
        case("Conv3d", lambda: nn.Conv3d(2, 3, 2), volume),
        case("Conv3d options", lambda: nn.Conv3d(2, 4, (3, 2, 1), (1, 2, 3), (1, 0, 2), (2, 1, 1), groups=2, bias=False), volume),
        case("Conv3d same", lambda: nn.Conv3d(2, 2, 2, padding="same"), volume),
        case("ConvTranspose1d", lambda: nn.ConvTranspose1d(4, 6, 3), sequence),
        case("ConvTranspose1d options", lambda: nn.ConvTranspose1d(4, 2, 3, 2, 1, 1, groups=2, bias=False, dilation=2), sequence),
        case("ConvTranspose1d size", lambda: nn.ConvTranspose1d(4, 2, 3, stride=3), sequence, call=sized([28])),
        case("ConvTranspose2d", lambda: nn.ConvTranspose2d(4, 3, 3), image),
        case("ConvTranspose2d options", lambda: nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (0, 1), 2, True, (1, 2)), image),
        case("ConvTranspose2d size", lambda: nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1), image, call=sized([1, 2, 10, 12])),
        case("ConvTranspose2d size without batch", lambda: nn.ConvTranspose2d(4, 2, 3, stride=2), image[0], call=sized([2, 12, 13])),
        case("ConvTranspose3d", lambda: nn.ConvTranspose3d(2, 3, 2), volume),
        case("ConvTranspose3d options", lambda: nn.ConvTranspose3d(2, 2, 2, (1, 2, 1), 1, (0, 1, 0), groups=2, bias=False), volume),
        case("ConvTranspose3d size", lambda: nn.ConvTranspose3d(2, 1, 2, stride=2, dtype=torch.float64), volume.double(), call=sized([6, 9, 10])),
        case("LazyConv1d", lambda: inferred(nn.LazyConv1d(6, 3, groups=2), sequence), sequence),
        case("LazyConv2d", lambda: inferred(nn.LazyConv2d(2, 3, padding=1, bias=False), image), image),
        case("LazyConv3d", lambda: inferred(nn.LazyConv3d(2, 2), volume[0]), volume),
        case("LazyConvTranspose1d", lambda: inferred(nn.LazyConvTranspose1d(6, 3, groups=2), sequence), sequence),
        case("LazyConvTranspose2d", lambda: inferred(nn.LazyConvTranspose2d(2, 3, padding=1, bias=False), image), image),
        case("LazyConvTranspose3d", lambda: inferred(nn.LazyConvTranspose3d(2, 2), volume), volume),
    ]
    for mode in ("reflect", "replicate", "circular"):
        modules += [
            case("Conv1d " + mode, lambda: nn.Conv1d(4, 3, 3, padding=2, padding_mode=mode), sequence),
            case("Conv2d " + mode, lambda: nn.Conv2d(4, 2, 3, padding=(2, 1), padding_mode=mode), image),
            case("Conv3d " + mode, lambda: nn.Conv3d(2, 2, 2, padding=(1, 0, 2), padding_mode=mode), volume),
        ]
    failures = errors({
        "no groups": lambda: nn.Conv2d(4, 4, 3, groups=0),
        "channels in": lambda: nn.Conv2d(3, 4, 3, groups=2),
        "channels out": lambda: nn.ConvTranspose2d(4, 3, 3, groups=2),
        "padding string": lambda: nn.Conv2d(1, 1, 3, padding="full"),
        "padding same and stride": lambda: nn.Conv2d(1, 1, 3, padding="same", stride=2),
        "padding mode": lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"),
        "transposed padding mode": lambda: nn.ConvTranspose1d(1, 1, 3, padding_mode="circular"),
        "dimensions": lambda: nn.Conv2d(1, 1, 3)(torch.zeros(5, 5)),
        "channels": lambda: nn.Conv1d(2, 1, 3)(torch.zeros(1, 3, 5)),
        "kernel larger than input": lambda: nn.Conv1d(1, 1, 6)(torch.zeros(1, 1, 5)),
        "stride": lambda: nn.Conv1d(1, 1, 2, stride=0)(torch.zeros(1, 1, 5)),
        "negative padding": lambda: nn.Conv1d(1, 1, 2, padding=-1)(torch.zeros(1, 1, 5)),
        "dilation": lambda: nn.Conv2d(1, 1, 2, dilation=(1, 0))(torch.zeros(1, 1, 5, 5)),
        "strides": lambda: nn.Conv2d(1, 1, 2, stride=(1, 1, 1))(torch.zeros(1, 1, 5, 5)),
        "reflection": lambda: nn.Conv1d(1, 1, 2, padding=5, padding_mode="reflect")(torch.zeros(1, 1, 5)),
        "circle": lambda: nn.Conv1d(1, 1, 2, padding=6, padding_mode="circular")(torch.zeros(1, 1, 5)),
        "output padding": lambda: nn.ConvTranspose1d(1, 1, 2, output_padding=1)(torch.zeros(1, 1, 5)),
        "output size": lambda: nn.ConvTranspose2d(1, 1, 3, stride=2)(torch.zeros(1, 1, 4, 4), output_size=[9, 11]),
        "output size's length": lambda: nn.ConvTranspose2d(1, 1, 3, stride=2)(torch.zeros(1, 4, 4), output_size=[9]),
        "lazy dimensions": lambda: nn.LazyConv2d(2, 3)(torch.zeros(5, 5)),
        "lazy groups": lambda: nn.LazyConvTranspose1d(2, 3, groups=2)(torch.zeros(1, 3, 5)),
    })
    # Python prints sets in any order.
    sort = lambda m: "{" + ", ".join(sorted(m[1].split(", "))) + "}"
    return {"modules": modules, "errors": {n: re.sub(r"\{(.*)\}", sort, message) for n, message in failures.items()}}
