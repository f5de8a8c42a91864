"""Golden cases of torch.distributions.transforms, which
torch/distributions/transform_test.go reads: x, y = f(x), the inverse of y, the
logarithm of the derivative, and the gradient of x through both for an output's
gradient of ones. What is not implemented has null.
"""

import torch
import torch.distributions as D
from torch.distributions import constraints
from torch.distributions.transforms import *  # noqa: F403

from .tensors import encode

X = torch.linspace(-2, 2, 6).reshape(2, 3)
SQUARE = torch.linspace(-1, 1, 8).reshape(2, 2, 2)
POSITIVE = torch.linspace(0.2, 2, 6).reshape(2, 3).double()

TRANSFORMS = {
    "exp": (ExpTransform(), X),
    "power": (PowerTransform(torch.tensor([0.5, 2.0, -1.0])), POSITIVE.float()),
    "power of a number": (PowerTransform(2.0), POSITIVE.float()),
    "sigmoid": (SigmoidTransform(), 3 * X),
    "softplus": (SoftplusTransform(), X.double()),
    "tanh": (TanhTransform(), X),
    "abs": (AbsTransform(), X),
    "affine": (AffineTransform(1.0, -2.0), X),
    "affine of tensors": (AffineTransform(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[0.5], [-2.0]])), X),
    "affine of vectors": (AffineTransform(0, torch.tensor([0.5, 2.0, -1.0]), event_dim=1), X),
    "softmax": (SoftmaxTransform(), X),
    "stick breaking": (StickBreakingTransform(), X),
    "lower cholesky": (LowerCholeskyTransform(), SQUARE),
    "positive definite": (PositiveDefiniteTransform(), SQUARE),
    "corr cholesky": (CorrCholeskyTransform(), X),
    "reshape": (ReshapeTransform((3,), (3, 1)), X),
    "compose": (ComposeTransform([AffineTransform(0.5, 2.0), SigmoidTransform(), AffineTransform(-1.0, 2.0)]), X),
    "compose of vectors": (ComposeTransform([ExpTransform(), StickBreakingTransform()]), X),
    "identity": (identity_transform, X),
    "independent": (IndependentTransform(ExpTransform(), 1), X),
    "cat": (CatTransform([ExpTransform(), AffineTransform(1.0, 3.0)], dim=-1, lengths=[1, 2]), X),
    "cat of vectors": (CatTransform([StickBreakingTransform(), StickBreakingTransform()], dim=0), X),
    "stack": (StackTransform([ExpTransform(), TanhTransform()], dim=0), X),
    "cdf": (CumulativeDistributionTransform(D.Normal(0.5, 2.0)), X),
    "inverse of exp": (ExpTransform().inv, POSITIVE),
    "inverse of compose": (ComposeTransform([ExpTransform(), AffineTransform(0.0, 2.0)]).inv, POSITIVE),
    "inverse of stick breaking": (StickBreakingTransform().inv, torch.tensor([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])),
}

# A constraint, what the transforms are applied to, and where there is no bijection.
REGISTRY = {
    "real": (constraints.real, X),
    "real_vector": (constraints.real_vector, X),
    "positive": (constraints.positive, X),
    "greater_than_eq": (constraints.greater_than_eq(torch.tensor([1.0, 2.0, 3.0])), X),
    "less_than": (constraints.less_than(3.0), X),
    "unit_interval": (constraints.unit_interval, X),
    "interval": (constraints.interval(-1.0, 3.0), X),
    "interval of tensors": (constraints.interval(torch.zeros(3), torch.tensor([1.0, 2.0, 3.0])), X),
    "half_open_interval": (constraints.half_open_interval(0.0, torch.tensor([1.0, 2.0, 3.0])), X),
    "simplex": (constraints.simplex, X),
    "lower_cholesky": (constraints.lower_cholesky, SQUARE),
    "positive_definite": (constraints.positive_definite, SQUARE),
    "positive_semidefinite": (constraints.positive_semidefinite, SQUARE),
    "corr_cholesky": (constraints.corr_cholesky, X),
    "cat": (constraints.cat([constraints.positive, constraints.unit_interval], -1, [1, 2]), X),
    "stack": (constraints.stack([constraints.positive, constraints.real], 0), X),
    "boolean": (constraints.boolean, X),
}


def optional(f, encoded=encode):
    try:
        return encoded(f())
    except NotImplementedError:
        return None


def sign(t):
    value = t.sign
    return encode(value) if isinstance(value, torch.Tensor) else value


def transform(t, x):
    leaf = x.clone().requires_grad_()
    y = t(leaf)
    total = y.sum()
    logdet = optional(lambda: t.log_abs_det_jacobian(leaf, y), lambda v: v)
    if logdet is not None:
        total = total + logdet.sum()
    total.backward()
    return {
        "x": encode(x),
        "y": encode(y),
        "inverse": encode(t.inv(y.detach())),
        "logdet": None if logdet is None else encode(logdet),
        "grad": encode(leaf.grad),
        "sign": optional(lambda: t, sign),
        "repr": repr(t),
        "inverse_repr": repr(t.inv),
        "domain": repr(t.domain),
        "codomain": repr(t.codomain),
        "event_dims": [t.domain.event_dim, t.codomain.event_dim],
        "bijective": t.bijective,
        "forward_shape": list(t.forward_shape(x.shape)),
        "inverse_shape": list(t.inverse_shape(y.shape)),
    }


def registered(constraint, x):
    result = {"x": encode(x)}
    for name, registry in ("biject_to", D.biject_to), ("transform_to", D.transform_to):
        try:
            t = registry(constraint)
            result[name] = {"repr": repr(t), "y": encode(t(x))}
        except NotImplementedError:
            result[name] = None
    return result


def cases():
    return {
        "transforms": {n: transform(*case) for n, case in TRANSFORMS.items()},
        "registry": {n: registered(*case) for n, case in REGISTRY.items()},
    }
