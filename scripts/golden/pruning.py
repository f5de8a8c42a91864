"""Golden cases of pruning: torch/nn/testdata/pruning.json.gz."""

import torch
from torch import nn
from torch.nn.utils import prune

from .modules import case


def chain(layer, *steps):
    for step in steps:
        step(layer)
    return layer


def global_net(method, **options):
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    prune.l1_unstructured(net[0], "weight", 2)
    prune.global_unstructured([(net[0], "weight"), (net[2], "weight"), (net[2], "bias")], method, **options)
    return net


def message(f):
    try:
        f()
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as e:
        return str(e)
    raise AssertionError("no error")


def cases():
    g = torch.Generator().manual_seed(1)
    x = torch.randn(2, 4, generator=g)
    image = torch.randn(1, 2, 4, 4, generator=g)
    mask = torch.tensor([[1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 0]])
    scores = torch.arange(12.0).view(3, 4)
    linear, conv = (lambda: nn.Linear(4, 3)), (lambda: nn.Conv2d(2, 3, 2))

    def l1(amount):
        return lambda layer: prune.l1_unstructured(layer, "weight", amount)

    return {
        "modules": [
            case("identity", lambda: prune.identity(linear(), "weight"), x),
            case("random", lambda: prune.random_unstructured(linear(), "weight", 0.3), x),
            case("l1", lambda: prune.l1_unstructured(linear(), "weight", 0.5), x),
            case("l1 number", lambda: prune.l1_unstructured(linear(), "bias", 1), x),
            case("l1 nothing", lambda: prune.l1_unstructured(linear(), "weight", 0), x),
            case("l1 scores", lambda: prune.l1_unstructured(linear(), "weight", 5, importance_scores=scores), x),
            case("random rows", lambda: prune.random_structured(linear(), "weight", 1, dim=0), x),
            case("random columns", lambda: prune.random_structured(linear(), "weight", 0.5, dim=-1), x),
            case("ln rows", lambda: prune.ln_structured(linear(), "weight", 0.5, n=2, dim=0), x),
            case("ln columns", lambda: prune.ln_structured(linear(), "weight", 2, n=float("-inf"), dim=1), x),
            case("ln channels", lambda: prune.ln_structured(conv(), "weight", 1, n=1, dim=0), image),
            case("ln frobenius", lambda: prune.ln_structured(linear(), "weight", 1, n="fro", dim=0), x),
            case("custom", lambda: prune.custom_from_mask(linear(), "weight", mask), x),
            case("again", lambda: chain(linear(), l1(3), l1(0.5)), x),
            case("again, rows", lambda: chain(
                linear(), l1(3), lambda m: prune.ln_structured(m, "weight", 1, 2, 0),
                lambda m: prune.ln_structured(m, "weight", 1, 2, 0)), x),
            case("again, custom", lambda: chain(linear(), l1(3), lambda m: prune.custom_from_mask(m, "weight", mask)), x),
            case("global", lambda: global_net(prune.L1Unstructured, amount=0.4), x),
            case("global random", lambda: global_net(prune.RandomUnstructured, amount=6), x),
            case("removed", lambda: prune.remove(chain(linear(), l1(3)), "weight"), x),
        ],
        "errors": {
            "share": message(lambda: prune.l1_unstructured(linear(), "weight", 1.5)),
            "negative": message(lambda: prune.random_unstructured(linear(), "weight", -1)),
            "too many": message(lambda: prune.l1_unstructured(linear(), "weight", 13)),
            "dimensions": message(lambda: prune.random_structured(linear(), "bias", 1, 0)),
            "dim": message(lambda: prune.ln_structured(linear(), "weight", 1, 2, 2)),
            "scores": message(lambda: prune.l1_unstructured(linear(), "weight", 1, importance_scores=torch.ones(3))),
            "mask": message(lambda: prune.custom_from_mask(linear(), "weight", torch.ones(3))),
            "not pruned": message(lambda: prune.remove(linear(), "weight")),
        },
    }
