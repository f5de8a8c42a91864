"""Golden cases of pooling modules: torch/nn/testdata/pooling.json.gz."""

import math

import torch
from torch import nn

from .errors import errors
from .modules import case

g = torch.Generator().manual_seed(53)


def randn(*size, dtype=torch.float32):
    return torch.randn(*size, generator=g, dtype=dtype)


def max_pools(sequence, image, volume):
    cases = [
        case("MaxPool1d", lambda: nn.MaxPool1d(2), sequence),
        case("MaxPool1d options", lambda: nn.MaxPool1d((3,), 2, 1, 2, ceil_mode=True), sequence),
        case("MaxPool1d indices", lambda: nn.MaxPool1d(3, stride=1, return_indices=True), sequence[0]),
        case("MaxPool2d", lambda: nn.MaxPool2d(2), image),
        case("MaxPool2d options", lambda: nn.MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), image),
        case("MaxPool2d indices", lambda: nn.MaxPool2d(2, return_indices=True), image[0], train=False),
        case("MaxPool3d", lambda: nn.MaxPool3d(2), volume),
        case("MaxPool3d options", lambda: nn.MaxPool3d((1, 2, 3), (1, 2, 1), (0, 1, 1), (2, 1, 1), ceil_mode=True), volume),
        case("MaxPool3d indices", lambda: nn.MaxPool3d(2, 1, return_indices=True), volume[0]),
    ]
    for name, make, pool, x, size in (
        ("MaxUnpool1d", lambda: nn.MaxUnpool1d(2), nn.MaxPool1d(2, return_indices=True), sequence[..., :8], None),
        ("MaxUnpool1d size", lambda: nn.MaxUnpool1d(2), nn.MaxPool1d(2, return_indices=True), sequence, [9]),
        ("MaxUnpool2d", lambda: nn.MaxUnpool2d(2), nn.MaxPool2d(2, return_indices=True), image[..., :6], None),
        ("MaxUnpool2d options", lambda: nn.MaxUnpool2d(3, 2, (1, 1)), nn.MaxPool2d(3, 2, 1, return_indices=True), image[..., :5, :], None),
        ("MaxUnpool2d size", lambda: nn.MaxUnpool2d((2, 3), stride=(2, 2)), nn.MaxPool2d((2, 3), 2, return_indices=True), image[..., :6], [1, 2, 6, 6]),
        ("MaxUnpool3d", lambda: nn.MaxUnpool3d(2), nn.MaxPool3d(2, return_indices=True), volume[..., :4], [1, 2, 3, 4, 4]),
    ):
        cases.append(case(name, make, *pool(x), call=lambda module, y, indices: module(y, indices, output_size=size)))
    return cases


def average_pools(sequence, image, volume):
    return [
        case("AvgPool1d", lambda: nn.AvgPool1d(3), sequence),
        case("AvgPool1d options", lambda: nn.AvgPool1d(3, 2, 1, True, False), sequence),
        case("AvgPool2d", lambda: nn.AvgPool2d(2), image),
        case("AvgPool2d options", lambda: nn.AvgPool2d((3, 2), (2, 1), (1, 0), True, False), image),
        case("AvgPool2d divisor", lambda: nn.AvgPool2d(2, padding=1, divisor_override=3), image[0]),
        case("AvgPool3d", lambda: nn.AvgPool3d(2), volume),
        case("AvgPool3d options", lambda: nn.AvgPool3d((1, 2, 3), 2, (0, 1, 1), True, False, 5), volume),
        case("LPPool1d", lambda: nn.LPPool1d(2, 3), sequence.abs()),
        case("LPPool1d options", lambda: nn.LPPool1d(3.0, 2, 1, True), sequence),
        case("LPPool2d", lambda: nn.LPPool2d(1.5, 2), image.abs()),
        case("LPPool2d options", lambda: nn.LPPool2d(2, (3, 2), stride=(2, 1), ceil_mode=True), image),
        case("LPPool2d of infinity", lambda: nn.LPPool2d(math.inf, 2), image),
        case("LPPool3d", lambda: nn.LPPool3d(2, 2), volume),
        case("LPPool3d of minus infinity", lambda: nn.LPPool3d(-math.inf, (1, 2, 2), 1), volume),
    ]


def adaptive_pools(sequence, image, volume):
    return [
        case("AdaptiveAvgPool1d", lambda: nn.AdaptiveAvgPool1d(4), sequence),
        case("AdaptiveAvgPool2d", lambda: nn.AdaptiveAvgPool2d((3, None)), image),
        case("AdaptiveAvgPool2d to one", lambda: nn.AdaptiveAvgPool2d(1), image[0]),
        case("AdaptiveAvgPool3d", lambda: nn.AdaptiveAvgPool3d((None, 2, None)), volume),
        case("AdaptiveMaxPool1d", lambda: nn.AdaptiveMaxPool1d((4,)), sequence),
        case("AdaptiveMaxPool1d indices", lambda: nn.AdaptiveMaxPool1d(2, return_indices=True), sequence),
        case("AdaptiveMaxPool2d", lambda: nn.AdaptiveMaxPool2d((None, 3)), image),
        case("AdaptiveMaxPool2d indices", lambda: nn.AdaptiveMaxPool2d(2, return_indices=True), image),
        case("AdaptiveMaxPool3d", lambda: nn.AdaptiveMaxPool3d(2), volume),
        case("AdaptiveMaxPool3d indices", lambda: nn.AdaptiveMaxPool3d((2, None, 1), return_indices=True), volume),
    ]


def fractional_pools(image, volume):
    return [
        case("FractionalMaxPool2d", lambda: nn.FractionalMaxPool2d(2, output_size=(3, 4)), image),
        case("FractionalMaxPool2d ratio", lambda: nn.FractionalMaxPool2d((2, 3), output_ratio=0.6), image),
        case("FractionalMaxPool2d indices", lambda: nn.FractionalMaxPool2d(2, output_ratio=(0.5, 0.7), return_indices=True), image[0]),
        case("FractionalMaxPool2d samples", lambda: nn.FractionalMaxPool2d(2, 3, _random_samples=torch.rand(1, 2, 2)), image),
        case("FractionalMaxPool3d", lambda: nn.FractionalMaxPool3d((1, 2, 2), output_size=2), volume),
        case("FractionalMaxPool3d ratio", lambda: nn.FractionalMaxPool3d((1, 2, 2), output_ratio=(0.7, 0.5, 0.7)), volume),
        case("FractionalMaxPool3d indices", lambda: nn.FractionalMaxPool3d(2, (1, 2, 3), return_indices=True), volume),
    ]


def failures():
    x, row = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4)
    indices = torch.zeros(1, 1, 4, 4, dtype=torch.int64)
    return errors({
        "padding": lambda: nn.MaxPool2d(2, padding=2)(x),
        "dimensions": lambda: nn.MaxPool2d(2)(torch.zeros(4, 4)),
        "kernel": lambda: nn.MaxPool1d(0)(row),
        "stride": lambda: nn.AvgPool1d(2, stride=0)(row),
        "dilation": lambda: nn.MaxPool2d(2, dilation=0)(x),
        "small input": lambda: nn.AvgPool2d(5)(x),
        "kernel's length": lambda: nn.MaxPool2d((2, 2, 2))(x),
        "average padding": lambda: nn.AvgPool2d(2, padding=2)(x),
        "divisor": lambda: nn.AvgPool2d(2, divisor_override=0)(x),
        "norm": lambda: nn.LPPool2d(0.0, 2),
        "fractional size": lambda: nn.FractionalMaxPool2d(2),
        "fractional both": lambda: nn.FractionalMaxPool2d(2, 2, 0.5),
        "fractional ratio": lambda: nn.FractionalMaxPool2d(2, output_ratio=(0.5, 1.5)),
        "fractional kernel": lambda: nn.FractionalMaxPool3d((2, 0, 1), 2),
        "fractional output": lambda: nn.FractionalMaxPool2d(3, 4)(x),
        "adaptive dimensions": lambda: nn.AdaptiveAvgPool2d((None, 1))(torch.zeros(4)),
        "adaptive size": lambda: nn.AdaptiveMaxPool2d((1, 2, 3))(x),
        "unpooled size": lambda: nn.MaxUnpool2d(2)(x, indices, output_size=[9, 12]),
        "unpooled size's length": lambda: nn.MaxUnpool2d(2)(x, indices, output_size=[9]),
        "unpooled index": lambda: nn.MaxUnpool2d(2)(x, indices + 100),
        "unpooled shapes": lambda: nn.MaxUnpool2d(2)(x, indices[..., :3]),
    })


def cases():
    sequence, image, volume = randn(2, 3, 9), randn(1, 2, 6, 7), randn(1, 2, 3, 4, 5)
    modules = max_pools(sequence, image, volume) + average_pools(sequence, image, volume)
    modules += adaptive_pools(sequence, image, volume) + fractional_pools(image, volume)
    return {"modules": modules, "errors": failures()}
