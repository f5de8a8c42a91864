"""Golden cases of parametrizations: torch/nn/testdata/parametrizations.json.gz."""

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from .modules import case


class Double(nn.Module):
    def forward(self, x):
        return x * 2


def twice(layer):
    """A layer of a weight with two parametrizations and a bias with one."""
    parametrizations.weight_norm(layer)
    parametrize.register_parametrization(layer, "weight", Double())
    parametrize.register_parametrization(layer, "bias", Double())
    return layer


def removed(layer, **options):
    parametrizations.spectral_norm(layer)
    return parametrize.remove_parametrizations(layer, "weight", **options)


def doubled(layer, name="weight"):
    return parametrize.register_parametrization(layer, name, Double())


transferred = parametrize.transfer_parametrizations_and_params


def message(f):
    try:
        f()
    except (RuntimeError, ValueError, IndexError) as e:
        return str(e)
    raise AssertionError("no error")


def cases():
    g = torch.Generator().manual_seed(1)
    x = torch.randn(2, 4, generator=g)
    image = torch.randn(1, 2, 4, 4, generator=g)
    weight, spectral, orthogonal = parametrizations.weight_norm, parametrizations.spectral_norm, parametrizations.orthogonal
    linear = nn.Linear
    return {
        "modules": [
            case("weight norm", lambda: weight(linear(4, 3)), x),
            case("weight norm of columns", lambda: weight(linear(4, 3), dim=1), x),
            case("weight norm of all", lambda: weight(linear(4, 3), dim=None), x),
            case("weight norm of a bias", lambda: weight(linear(4, 3), name="bias"), x),
            case("weight norm of a convolution", lambda: weight(nn.Conv2d(2, 3, 2)), image),
            case("spectral norm", lambda: spectral(linear(4, 3)), x),
            case("spectral norm in evaluation", lambda: spectral(linear(4, 3)), x, train=False),
            case("spectral norm of a convolution", lambda: spectral(nn.Conv2d(2, 3, 2), n_power_iterations=3, eps=1e-3), image),
            case("spectral norm of a transposed one", lambda: spectral(nn.ConvTranspose2d(2, 3, 2)), image),
            case("spectral norm of a bias", lambda: spectral(linear(4, 3), name="bias"), x),
            case("spectral norm, dim", lambda: spectral(linear(4, 3), dim=-1), x),
            case("orthogonal", lambda: orthogonal(linear(4, 4)), x),
            case("orthogonal, high", lambda: orthogonal(linear(4, 6)), x),
            case("orthogonal, wide", lambda: orthogonal(linear(4, 3)), x),
            case("orthogonal, cayley", lambda: orthogonal(linear(4, 4), orthogonal_map="cayley"), x),
            case("orthogonal, cayley, wide", lambda: orthogonal(linear(4, 3), orthogonal_map="cayley"), x),
            case("orthogonal, exp, high", lambda: orthogonal(linear(4, 6), orthogonal_map="matrix_exp", use_trivialization=False), x),
            case("orthogonal, householder, free", lambda: orthogonal(linear(4, 4), orthogonal_map="householder", use_trivialization=False), x),
            case("orthogonal, householder, wide, free", lambda: orthogonal(linear(4, 3), use_trivialization=False), x),
            case("several", lambda: twice(linear(4, 3)), x),
            case("in a net", lambda: nn.Sequential(weight(linear(4, 3)), nn.ReLU(), linear(3, 1)), x),
            case("removed", lambda: removed(linear(4, 3)), x),
            case("removed, original", lambda: removed(linear(4, 3), leave_parametrized=False), x),
            case("transferred", lambda: transferred(twice(linear(4, 3)), linear(4, 3)), x),
            case("transferred, by name", lambda: transferred(twice(linear(4, 3)), linear(4, 3), "weight"), x),
            case("transferred, spectral norm", lambda: transferred(spectral(linear(4, 3)), linear(4, 3)), x),
            case("transferred from none", lambda: transferred(linear(4, 3), doubled(linear(4, 3))), x),
            case("transferred to parametrized ones", lambda: transferred(doubled(linear(4, 3)), doubled(linear(4, 3))), x),
            case("transferred to a new one", lambda: transferred(twice(linear(4, 3)), nn.Identity()), x),
            case("transferred, a buffer",
                 lambda: transferred(doubled(nn.BatchNorm1d(4), "running_mean"), nn.BatchNorm1d(4)), x, train=False),
        ],
        "errors": {
            "no tensor": message(lambda: parametrize.register_parametrization(linear(2, 3), "w", Double())),
            "shape": message(lambda: parametrize.register_parametrization(linear(2, 3), "weight", nn.Flatten(0))),
            "second shape": message(lambda: parametrize.register_parametrization(weight(linear(2, 3)), "weight", nn.Flatten(0))),
            "not parametrized": message(lambda: parametrize.remove_parametrizations(linear(2, 3), "weight")),
            "several originals": message(lambda: parametrize.remove_parametrizations(weight(linear(2, 3)), "weight", leave_parametrized=False)),
            "spectral name": message(lambda: spectral(linear(2, 3), name="w")),
            "spectral dim": message(lambda: spectral(linear(2, 3), dim=2)),
            "spectral iterations": message(lambda: spectral(linear(2, 3), n_power_iterations=0)),
            "orthogonal dimensions": message(lambda: orthogonal(linear(2, 3), name="bias")),
            "orthogonal map": message(lambda: orthogonal(linear(2, 3), orthogonal_map="qr")),
            "orthogonal complex": message(lambda: orthogonal(linear(2, 3, dtype=torch.complex64), orthogonal_map="householder")),
            "assign": message(lambda: setattr(twice(linear(2, 3)), "bias", torch.ones(3))),
            "assign shape": message(lambda: setattr(orthogonal(linear(2, 3)), "weight", torch.ones(2, 2))),
        },
    }
