"""Golden cases of torch.lobpcg, after manual_seed(0); torch/lobpcg_test.go makes the
same ones. Gradients are those of the sum of the eigenvalues and of the squared
eigenvectors weighted by 0, 1, 2, ....
"""

import torch

from .tensors import encode


def matrices(*batch, m=12, dtype=torch.float64):
    """Positive definite matrices of distinct eigenvalues."""
    n = torch.Size((*batch, m, m)).numel()
    x = ((torch.arange(n, dtype=dtype) * 7) % 11 / 11).reshape(*batch, m, m)
    return x @ x.mT + torch.arange(1, m + 1, dtype=dtype).diag()


CASES = {
    "one": (matrices(), {}),
    "three": (matrices(), {"k": 3}),
    "smallest": (matrices(), {"k": 2, "largest": False}),
    "float": (matrices(dtype=torch.float32), {"k": 2}),
    "basic": (matrices(), {"k": 2, "method": "basic"}),
    "few steps": (matrices(), {"k": 2, "niter": 3}),
    "tolerance": (matrices(), {"k": 2, "n": 3, "tol": 1e-3}),
    "start": (matrices(), {"X": torch.eye(12, 2, dtype=torch.float64)}),
    "generalized": (matrices(), {"k": 2, "B": torch.arange(2.0, 14, dtype=torch.float64).diag()}),
    "generalized basic": (matrices(), {"k": 2, "method": "basic", "B": torch.arange(2.0, 14, dtype=torch.float64).diag()}),
    "preconditioned": (matrices(), {"k": 2, "largest": False, "iK": torch.linspace(1, 0.1, 12, dtype=torch.float64).diag(), "method": "basic"}),
    "batch": (matrices(2, 2), {"k": 2}),
    "drop": (matrices(), {"k": 2, "ortho_bparams": {"ortho_use_drop": True}}),
}


def case(a, options):
    torch.manual_seed(0)
    values, vectors = torch.lobpcg(a, **options)
    result = {"a": encode(a), "values": encode(values), "vectors": encode(vectors), "grad": None}
    for name in ("X", "B", "iK"):
        if name in options:
            result[name] = encode(options[name])
    # That of approximate eigenvectors depends on how it is computed.
    if not options.keys() & {"B", "niter", "tol", "method"}:
        torch.manual_seed(0)
        a = a.clone().requires_grad_()
        values, vectors = torch.lobpcg(a, **options)
        weights = torch.arange(vectors.numel(), dtype=a.dtype).reshape(vectors.shape)
        (values.sum() + (vectors**2 * weights).sum()).backward()
        result["grad"] = encode(a.grad)
    return result


def cases():
    return {name: case(*args) for name, args in CASES.items()}
