"""Golden cases for capturable optimizers and learning rates that are tensors:
torch/optim/testdata/capturable.json.

Python refuses capturable=True on the CPU outside torch.compile, so its list of
devices gets the CPU here. The computation is that of foreach, an accelerator's
default.

  problem  as in optimizers.py
  options  of all parameters; lr is left out where tensor is not ""
  tensor   the dtype of a learning rate that is a tensor, of the value rate
  late     for so many steps the first half of the parameters has no gradients
  params   all parameters after 20 steps; before the 11th the learning rate is
           halved
  state    what the optimizer then remembers of the last parameter
"""

import torch

from .optimizers import SLOW, STEPS, Problem, flat, plain
from .tensors import encode

RATE = 0.02
MODULES = ["adam", "nadam", "radam", "adamax", "adadelta", "rmsprop", "rprop", "asgd"]


def allow_cpu():
    """Lets a capturable optimizer run on the CPU."""
    import importlib

    for name in MODULES:
        module = importlib.import_module("torch.optim." + name)
        module._get_capturable_supported_devices = lambda supports_xla=True: ["cpu"]


def run(name, kind, options, tensor, late):
    problem = Problem(kind)
    given = dict(options)
    if tensor:
        given["lr"] = torch.tensor(RATE, dtype=getattr(torch, tensor))
    optimizer = getattr(torch.optim, name)(problem.params, **given)
    for step in range(STEPS):
        if step == 10:
            for group in optimizer.param_groups:
                if tensor:
                    group["lr"].mul_(0.5)
                else:
                    group["lr"] *= 0.5
        for p in problem.params:
            p.grad = None
        problem.loss()
        if step < late:
            for p in problem.params[: len(problem.params) // 2]:
                p.grad = None
        optimizer.step()
    state = optimizer.state_dict()["state"]
    return {"optimizer": name, "problem": kind, "options": plain(options), "tensor": tensor, "rate": RATE, "late": late,
            "params": encode(flat(problem.params)), "state": plain(state.get(len(problem.params) - 1, {}))}


def settings():
    """Capturable optimizers and their options."""
    wd, up = {"weight_decay": 0.05}, {"maximize": True}
    decoupled = {**wd, "decoupled_weight_decay": True}
    return [
        ("Adam", [{}, {**wd, "amsgrad": True}, {**decoupled, **up}, {**wd, "fused": True}]),
        ("AdamW", [{}, {**up, "amsgrad": True}, {"fused": True}]),
        ("NAdam", [{}, {"betas": [0.8, 0.9], "momentum_decay": 0.1, **wd}, {**decoupled, **up}]),
        ("RAdam", [{}, {"betas": [0.8, 0.9], "eps": 1e-4, **wd}, {**decoupled, **up}]),
        ("Adamax", [{}, {**wd, **up}]),
        ("Adadelta", [{}, {**wd, **up}]),
        ("RMSprop", [{}, {"momentum": 0.8, **wd}, {"centered": True, **up}]),
        ("Rprop", [{}, {**up}]),
        ("ASGD", [{}, {"lambd": 0.01, "alpha": 0.5, "t0": 5.0, **wd}, {**up, "t0": 0.0}]),
    ]


def capturable():
    allow_cpu()
    result = []
    for name, options in settings():
        for i, o in enumerate(options):
            o = {**o, "capturable": True, **({} if o.get("fused") else {"foreach": True})}
            result.append(run(name, "net", {**SLOW, **o}, "", 0))
            result.append(run(name, "net", o, "float32", 0))
            if i == 1:
                result.append(run(name, "net", o, "float64", 7))
                result.append(run(name, "double", o, "float32", 0))
                result.append(run(name, "complex", o, "float32", 0))
    return result


def numbers():
    """Learning rates that are tensors without capturable."""
    result = []
    for o in [{}, {"momentum": 0.9, "weight_decay": 0.05}, {"momentum": 0.9, "nesterov": True, "maximize": True}]:
        for path in [{}, {"foreach": True}, {"fused": True}]:
            result.append(run("SGD", "net", {**o, **path}, "float32", 0))
        result.append(run("SGD", "double", o, "float32", 0))
        result.append(run("SGD", "complex", o, "float64", 0))
    result.append(run("SGD", "sparse", {}, "float32", 0))
    for name in ["Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adadelta", "RMSprop", "Rprop", "ASGD", "Adagrad", "Adafactor"]:
        result.append(run(name, "net", {}, "float64", 0))
    for name in ["Adam", "AdamW", "Adagrad"]:
        result.append(run(name, "net", {"fused": True}, "float64", 0))
    result.append(run("SparseAdam", "sparse", {}, "float64", 0))
    return result


def errors():
    """The words for learning rates that cannot be."""
    p = torch.nn.Parameter(torch.ones(2))
    result = []
    for name in ["SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adadelta", "RMSprop", "Rprop", "ASGD", "Adagrad", "Adafactor",
                 "SparseAdam", "LBFGS"]:
        for lr, options in [([0.1, 0.2], {}), (-0.5, {})] + ([(0.1, {"foreach": True})] if name in ("Adam", "AdamW") else []):
            try:
                getattr(torch.optim, name)([p], lr=torch.tensor(lr), **options)
            except ValueError as e:
                result.append({"optimizer": name, "lr": plain(torch.tensor(lr)), "options": options, "message": str(e)})
            else:
                raise AssertionError("no error")
    return result


def cases():
    """Everything, as JSON's types."""
    inputs = {kind: [encode(x) for x in Problem(kind).inputs()] for kind in ("net", "double", "complex", "sparse")}
    return {"inputs": inputs, "capturable": capturable(), "numbers": numbers(), "errors": errors()}
