"""Golden cases of torch.distributions.constraints, which
torch/distributions/constraints/constraint_test.go reads: what the check of a value
gives, or the message of its ValueError.
"""

import torch
from torch.distributions import constraints as c

from .tensors import encode

NUMBERS = torch.tensor([[-1.0, 0.0, 0.5], [1.0, 2.0, float("nan")]])
VECTORS = torch.tensor([[0.2, 0.3, 0.5], [0.2, 0.3, 0.4], [0.0, 1.0, 0.0], [1.0, 1.0, -1.0]])
MATRICES = torch.tensor(
    [
        [[1.0, 0.0], [0.6, 0.8]],
        [[1.0, 0.2], [0.2, 1.0]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[-1.0, 0.0], [0.0, 1.0]],
        [[0.0, 0.0], [0.0, 0.0]],
    ]
)
SYMMETRIC = MATRICES[1:]

CASES = {
    "real": (c.real, NUMBERS),
    "boolean": (c.boolean, NUMBERS),
    "positive": (c.positive, NUMBERS),
    "nonnegative": (c.nonnegative, NUMBERS),
    "unit_interval": (c.unit_interval, NUMBERS),
    "nonnegative_integer": (c.nonnegative_integer, NUMBERS),
    "positive_integer": (c.positive_integer, NUMBERS),
    "less_than": (c.less_than(0.5), NUMBERS),
    "greater_than": (c.greater_than(torch.tensor([0.0, 0.0, 1.0])), NUMBERS),
    "half_open_interval": (c.half_open_interval(0.0, 1.0), NUMBERS),
    "integer_interval": (c.integer_interval(0, torch.tensor(1)), NUMBERS),
    "real_vector": (c.real_vector, NUMBERS),
    "independent": (c.independent(c.positive, 2), NUMBERS),
    "independent too few": (c.independent(c.positive, 3), NUMBERS),
    "mixture": (c.MixtureSameFamilyConstraint(c.greater_than(torch.tensor([-2.0, 0.5]))), NUMBERS),
    "simplex": (c.simplex, VECTORS),
    "one_hot": (c.one_hot, VECTORS),
    "multinomial": (c.multinomial(1), VECTORS),
    "lower_triangular": (c.lower_triangular, MATRICES),
    "lower_cholesky": (c.lower_cholesky, MATRICES),
    "corr_cholesky": (c.corr_cholesky, MATRICES),
    "corr_cholesky of doubles": (c.corr_cholesky, MATRICES.double()),
    "square": (c.square, MATRICES),
    "square of others": (c.square, VECTORS),
    "symmetric": (c.symmetric, MATRICES),
    "positive_semidefinite": (c.positive_semidefinite, SYMMETRIC),
    "positive_definite": (c.positive_definite, SYMMETRIC),
    "positive_definite of others": (c.positive_definite, MATRICES),
    "cat": (c.cat([c.positive, c.boolean], -1, [1, 2]), NUMBERS),
    "stack": (c.stack([c.positive, c.boolean], 0), NUMBERS),
    "stack within": (c.stack([c.positive, c.real, c.boolean], -1), NUMBERS),
}


def case(constraint, value):
    result = {
        "value": encode(value),
        "repr": repr(constraint),
        "event_dim": constraint.event_dim,
        "discrete": constraint.is_discrete,
    }
    try:
        return result | {"check": encode(constraint.check(value))}
    except ValueError as e:
        return result | {"error": str(e)}


def cases():
    return {name: case(*args) for name, args in CASES.items()}
