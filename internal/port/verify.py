"""Runs the modules of a Python file, for package port's comparison with Go.

    python3 verify.py FILE.py < wanted.json

Reads which classes and functions to try, with the types of their arguments, and
writes for each what it was made with, its state, and the results and gradients of an
input that it takes, as digests of their bytes.
"""

import hashlib
import importlib
import importlib.util
import json
import os
import sys
import unittest.mock
import warnings

import torch

SHAPES = [(2, 3, 64, 64), (2, 3, 224, 224), (2, 3, 299, 299), (2, 8), (2, 4, 8), (2, 8, 16, 16), (2, 1, 28, 28), (2, 784), (2, 1, 32, 32), (2, 2), (2, 1), (2, 3), (2, 4), (2, 10), (2, 16), (2, 20), (2, 100)]
VALUES = {"int": 8, "float64": 0.1, "bool": False, "string": "relu"}


def load(path):
    """Imports a file, as a part of its package if it is in one."""
    path = os.path.abspath(path)
    names, folder = [os.path.splitext(os.path.basename(path))[0]], os.path.dirname(path)
    while os.path.exists(os.path.join(folder, "__init__.py")):
        names.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    sys.path.insert(0, folder)
    for _ in range(20):
        try:
            return importlib.import_module(".".join(names))
        except ModuleNotFoundError as missing:
            if missing.name in (None, names[0]) or missing.name in sys.modules:
                raise
            sys.modules[missing.name] = unittest.mock.MagicMock()  # the modules of the file may do without
    raise ImportError(path)


def digest(x):
    x = x.detach().cpu().contiguous()
    if x.dtype == torch.bfloat16 or x.dtype == torch.float16:
        x = x.float()
    return hashlib.sha256(x.numpy().tobytes()).hexdigest()[:16]


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in tensors(v)]
    return []


def inputs(shape, dtype, count):
    torch.manual_seed(1)
    if dtype == "int":
        return [torch.randint(0, 8, shape) for _ in range(count)]
    return [torch.randn(shape) for _ in range(count)]


def run(make, count):
    """The first input that a module takes, and what it makes of it."""
    for dtype in ("float", "int"):
        for shape in SHAPES:
            torch.manual_seed(0)
            module = make()
            try:
                x = inputs(shape, dtype, count)
                out = tensors(module(*x))
                real = [o.sum() for o in out if o.is_floating_point()]
                if not out:
                    continue
                if real and real[0].requires_grad:
                    sum(real[1:], real[0]).backward()
            except Exception:
                continue
            grads = {n: digest(p.grad) for n, p in module.named_parameters() if p.grad is not None}
            return {"shape": list(shape), "dtype": dtype, "outputs": [digest(o) for o in out], "gradients": grads}
    return {}


def main():
    warnings.simplefilter("ignore")
    module, found = load(sys.argv[1]), []
    for wanted in json.load(sys.stdin):
        try:
            of = getattr(module, wanted["name"])
            arguments = [VALUES[t] if t in VALUES else json.loads(t) if t[0] == "{" else getattr(module, t)() for t in wanted["types"]]
            make = lambda: of(*arguments)
            torch.manual_seed(0)
            state = make().state_dict()
        except Exception as error:
            found.append({"name": wanted["name"], "error": f"{type(error).__name__}: {error}"[:200]})
            continue
        case = {"name": wanted["name"], "keys": list(state), "shapes": [list(v.shape) for v in state.values()],
                "values": [digest(v) for v in state.values()]}
        case.update(run(make, wanted["inputs"]))
        found.append(case)
    json.dump(found, sys.stdout)


main()
