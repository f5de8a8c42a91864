"""Golden cases of torch.nn.utils: torch/nn/utils/testdata/utils.json."""

import math

import torch
from torch import nn
from torch.nn import utils

from .tensors import encode


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))


def with_grads(factor=1.0):
    n = net()
    x = torch.arange(8.0).view(2, 4)
    (n(x).sum() * factor).backward()
    return n


def grads(n):
    return [encode(p.grad) for p in n.parameters()]


def clip_norm(max_norm, norm_type, factor=1.0):
    n = with_grads(factor)
    total = utils.clip_grad_norm_(n.parameters(), max_norm, norm_type)
    return {"max_norm": max_norm, "norm_type": str(norm_type), "factor": factor, "total": encode(total), "grads": grads(n)}


def clip_value(value):
    n = with_grads()
    utils.clip_grad_value_(n.parameters(), value)
    return {"value": value, "grads": grads(n)}


def message(f):
    try:
        f()
    except (RuntimeError, ValueError, AssertionError) as e:
        return str(e)
    raise AssertionError("no error")


def norm(bn, **options):
    """A batch normalisation with statistics."""
    m = bn(3, **options)
    m(torch.randn(*{nn.BatchNorm1d: (8, 3), nn.BatchNorm2d: (4, 3, 2, 2)}[bn]))
    if m.affine:
        nn.init.uniform_(m.weight)
        nn.init.uniform_(m.bias)
    return m.eval()


def fusions():
    torch.manual_seed(0)
    result = []
    for name, layer, bn, call in [
        ("conv", nn.Conv2d(2, 3, 2), norm(nn.BatchNorm2d), utils.fusion.fuse_conv_bn_eval),
        ("conv without bias", nn.Conv2d(2, 3, 2, bias=False), norm(nn.BatchNorm2d, affine=False), utils.fusion.fuse_conv_bn_eval),
        ("transposed", nn.ConvTranspose2d(2, 3, 2), norm(nn.BatchNorm2d),
         lambda c, b: utils.fusion.fuse_conv_bn_eval(c, b, transpose=True)),
        ("linear", nn.Linear(2, 3), norm(nn.BatchNorm1d), utils.fusion.fuse_linear_bn_eval),
        ("linear without bias", nn.Linear(2, 3, bias=False), norm(nn.BatchNorm1d), utils.fusion.fuse_linear_bn_eval),
    ]:
        fused = call(layer.eval(), bn)
        result.append({
            "name": name,
            "layer": {n: encode(x) for n, x in layer.state_dict().items()},
            "norm": {n: encode(x) for n, x in bn.state_dict().items()},
            "weight": encode(fused.weight), "bias": encode(fused.bias),
            "requires_grad": [fused.weight.requires_grad, fused.bias.requires_grad],
        })
    return result


def functional_errors():
    x = torch.ones(1, 4)
    tied = net()
    tied.again = tied[0]
    shifted = {"0.weight": torch.zeros(3, 4), "again.weight": torch.ones(3, 4)}
    return {
        "strict": message(lambda: torch.func.functional_call(net(), {"0.weight": torch.ones(3, 4), "a": x, "b.c": x}, x, strict=True)),
        "strict missing": message(lambda: torch.func.functional_call(net(), {"0.weight": torch.ones(3, 4)}, x, strict=True)),
        "tied": message(lambda: torch.func.functional_call(tied, shifted, x)),
    }


def cases():
    broken = with_grads(math.inf)
    n = with_grads()
    return {
        "norms": [clip_norm(*c) for c in [(1.0, 2.0), (1.0, 1.0), (0.5, 3.0), (0.1, math.inf), (1000.0, 2.0), (1.0, 0.5), (1.0, 2.0, 1e30)]],
        "values": [clip_value(v) for v in [0.5, 2.0, 0.0]],
        "vector": encode(utils.parameters_to_vector(n.parameters())),
        "empty": encode(utils.get_total_norm([])),
        "fusions": fusions(),
        "errors": {
            "nonfinite": message(lambda: utils.clip_grad_norm_(broken.parameters(), 1.0, error_if_nonfinite=True)),
            "training": message(lambda: utils.fusion.fuse_conv_bn_eval(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))),
            "statistics": message(lambda: utils.fusion.fuse_conv_bn_eval(
                nn.Conv2d(1, 1, 1).eval(), nn.BatchNorm2d(1, track_running_stats=False).eval())),
            "features": message(lambda: utils.fusion.fuse_linear_bn_eval(nn.Linear(2, 3).eval(), nn.BatchNorm1d(2).eval())),
            **functional_errors(),
        },
    }
