"""Golden cases of normalisations and dropouts: torch/nn/testdata/normalizations.json.gz."""

import torch
from torch import nn

from .activations import overwritten
from .convolutions import inferred
from .modules import case


def then_eval(module, x):
    """The outputs of two different batches in training mode, and of the first in evaluation mode."""
    a, b = module(x), module(x * 2 + 1)
    module.eval()
    return a, b, module(x)


def batch_norms(x):
    line, image, volume = x[2], x[4], x[5]
    return [
        case("BatchNorm1d", lambda: nn.BatchNorm1d(3), line),
        case("BatchNorm1d of a sequence", lambda: nn.BatchNorm1d(3), x[3], call=then_eval),
        case("BatchNorm1d options", lambda: nn.BatchNorm1d(3, eps=0.01, momentum=0.5, dtype=torch.float64), line.double(), call=then_eval),
        case("BatchNorm1d without bias", lambda: nn.BatchNorm1d(3, bias=False), line),
        case("BatchNorm2d", lambda: nn.BatchNorm2d(3), image, call=then_eval),
        case("BatchNorm2d eval", lambda: nn.BatchNorm2d(3), image, train=False),
        case("BatchNorm2d cumulative", lambda: nn.BatchNorm2d(3, momentum=None), image, call=then_eval),
        case("BatchNorm2d plain", lambda: nn.BatchNorm2d(3, affine=False, track_running_stats=False), image, call=then_eval),
        case("SyncBatchNorm", lambda: nn.SyncBatchNorm(3, eps=0.01), x[3], call=then_eval),
        case("BatchNorm3d", lambda: nn.BatchNorm3d(3), volume, call=then_eval),
    ]


def instance_norms(x):
    image, volume = x[4], x[5]
    full = {"affine": True, "track_running_stats": True}
    return [
        case("InstanceNorm1d", lambda: nn.InstanceNorm1d(3), x[3]),
        case("InstanceNorm1d without batch", lambda: nn.InstanceNorm1d(3), x[3][0]),
        case("InstanceNorm1d options", lambda: nn.InstanceNorm1d(3, eps=0.01, momentum=0.5, **full), x[3], call=then_eval),
        case("InstanceNorm2d", lambda: nn.InstanceNorm2d(3), image, train=False),
        case("InstanceNorm2d of other channels", lambda: nn.InstanceNorm2d(4), image),
        case("InstanceNorm2d options", lambda: nn.InstanceNorm2d(3, dtype=torch.float64, **full), image.double(), call=then_eval),
        case("InstanceNorm2d without bias", lambda: nn.InstanceNorm2d(3, affine=True, bias=False), image[0]),
        case("InstanceNorm3d", lambda: nn.InstanceNorm3d(3, track_running_stats=True), volume, call=then_eval),
        case("InstanceNorm3d without batch", lambda: nn.InstanceNorm3d(3, affine=True), volume[0]),
    ]


def lazy_norms(x):
    return [
        case("LazyBatchNorm1d", lambda: inferred(nn.LazyBatchNorm1d(momentum=0.5), x[2] * 0), x[2]),
        case("LazyBatchNorm2d", lambda: inferred(nn.LazyBatchNorm2d(bias=False), x[4] * 0), x[4]),
        case("LazyBatchNorm3d", lambda: inferred(nn.LazyBatchNorm3d(affine=False), x[5] * 0), x[5], train=False),
        case("LazyInstanceNorm1d", lambda: inferred(nn.LazyInstanceNorm1d(), x[3] * 0), x[3]),
        case("LazyInstanceNorm2d", lambda: inferred(nn.LazyInstanceNorm2d(track_running_stats=False), x[4] * 0), x[4]),
        case("LazyInstanceNorm3d", lambda: inferred(nn.LazyInstanceNorm3d(affine=False), x[5] * 0), x[5], train=False),
    ]


def others(x):
    image = x[4]
    return [
        case("LayerNorm", lambda: nn.LayerNorm(5), image),
        case("LayerNorm of two dimensions", lambda: nn.LayerNorm([4, 5], eps=0.01), image),
        case("LayerNorm without bias", lambda: nn.LayerNorm((5,), bias=False), image),
        case("LayerNorm plain", lambda: nn.LayerNorm(5, elementwise_affine=False, dtype=torch.float64), image.double()),
        case("RMSNorm", lambda: nn.RMSNorm(5), image),
        case("RMSNorm of two dimensions", lambda: nn.RMSNorm([4, 5], eps=0.01, dtype=torch.float64), image.double()),
        case("RMSNorm plain", lambda: nn.RMSNorm(5, elementwise_affine=False), image),
        case("GroupNorm", lambda: nn.GroupNorm(3, 6), x[0]),
        case("GroupNorm options", lambda: nn.GroupNorm(2, 6, eps=0.01, bias=False, dtype=torch.float64), x[0].double()),
        case("GroupNorm plain", lambda: nn.GroupNorm(1, 6, affine=False), x[0]),
        case("LocalResponseNorm", lambda: nn.LocalResponseNorm(2), image),
        case("LocalResponseNorm options", lambda: nn.LocalResponseNorm(3, alpha=0.1, beta=0.5, k=2.0), x[3]),
        case("CrossMapLRN2d", lambda: nn.CrossMapLRN2d(3), image),
        case("CrossMapLRN2d options", lambda: nn.CrossMapLRN2d(4, alpha=0.5, beta=0.5, k=2.0), x[1]),
    ]


def dropouts(x):
    names = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
    inputs = dict(zip(names, [x[3], x[3], x[4], x[5], x[3], x[4]]))
    return [
        *(case(n, getattr(nn, n), inputs[n]) for n in names),
        *(case(n + " eval", lambda: getattr(nn, n)(0.25), inputs[n], train=False) for n in names),
        *(case(n + " in place", lambda: getattr(nn, n)(0.25, inplace=True), inputs[n], call=overwritten) for n in names),
        case("Dropout1d without batch", nn.Dropout1d, x[3][0]),
        case("Dropout3d without batch", nn.Dropout3d, x[5][0]),
        case("Dropout all", lambda: nn.Dropout(1.0), x[3]),
        case("Dropout none", lambda: nn.Dropout(0.0), x[3]),
    ]


def cases():
    g = torch.Generator().manual_seed(1)
    sizes = {0: (2, 6, 3), 1: (2, 7, 2, 2), 2: (4, 3), 3: (2, 3, 4), 4: (2, 3, 4, 5), 5: (2, 3, 2, 3, 2)}
    x = {n: torch.randn(size, generator=g) for n, size in sizes.items()}
    return batch_norms(x) + instance_norms(x) + lazy_norms(x) + others(x) + dropouts(x)
