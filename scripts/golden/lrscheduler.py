"""Golden cases for torch/optim/lrscheduler: its testdata/lrscheduler.json.

Each scheduler steps 200 times, with an optimizer of two groups. The numbers are
float64 and exact.

  lrs       the learning rates of the groups, first those before any step
  momenta   the same of the momenta or first betas; null where they do not change
  state     the scheduler's state dict after the last step
  groups    what the optimizer's groups then hold besides PyTorch's options
"""

import warnings

import torch
from torch import nn
from torch.optim import lr_scheduler as lrs
from torch.optim import swa_utils

from .tensors import encode

STEPS = 200


def optimizers(kind):
    a, b = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    groups = [{"params": [a], "lr": 0.1}, {"params": [b], "lr": 0.37}]
    return torch.optim.Adam(groups) if kind == "Adam" else torch.optim.SGD(groups, momentum=0.5)


def metric(step):
    return 1 / (1 + step % 23) if step < 120 else 0.05 + (step * 7 % 11) / 100


def schedulers():
    """Name, optimizer, and what makes the scheduler. Go's test has the same names."""
    return [
        ("LambdaLR", "SGD", lambda o: lrs.LambdaLR(o, lambda e: 0.95**e)),
        ("LambdaLR lists", "SGD", lambda o: lrs.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (1 + e)])),
        ("MultiplicativeLR", "SGD", lambda o: lrs.MultiplicativeLR(o, lambda e: 0.99 + e / 1e5)),
        ("StepLR", "SGD", lambda o: lrs.StepLR(o, 7)),
        ("StepLR gamma", "SGD", lambda o: lrs.StepLR(o, 30, gamma=0.7)),
        ("MultiStepLR", "SGD", lambda o: lrs.MultiStepLR(o, [3, 50, 50, 170], gamma=0.3)),
        ("ConstantLR", "SGD", lambda o: lrs.ConstantLR(o)),
        ("ConstantLR options", "SGD", lambda o: lrs.ConstantLR(o, factor=0.7, total_iters=40)),
        ("LinearLR", "SGD", lambda o: lrs.LinearLR(o)),
        ("LinearLR options", "SGD", lambda o: lrs.LinearLR(o, start_factor=0.9, end_factor=0.0, total_iters=150)),
        ("ExponentialLR", "SGD", lambda o: lrs.ExponentialLR(o, 0.97)),
        ("PolynomialLR", "SGD", lambda o: lrs.PolynomialLR(o)),
        ("PolynomialLR options", "SGD", lambda o: lrs.PolynomialLR(o, total_iters=120, power=1.7)),
        ("CosineAnnealingLR", "SGD", lambda o: lrs.CosineAnnealingLR(o, 33)),
        ("CosineAnnealingLR eta_min", "SGD", lambda o: lrs.CosineAnnealingLR(o, 200, eta_min=0.01)),
        ("CosineAnnealingWarmRestarts", "SGD", lambda o: lrs.CosineAnnealingWarmRestarts(o, 15)),
        ("CosineAnnealingWarmRestarts options", "SGD", lambda o: lrs.CosineAnnealingWarmRestarts(o, 10, T_mult=2, eta_min=0.02)),
        ("CyclicLR", "SGD", lambda o: lrs.CyclicLR(o, 0.01, 0.2, step_size_up=20)),
        ("CyclicLR triangular2", "Adam", lambda o: lrs.CyclicLR(o, 0.01, 0.2, step_size_up=15, step_size_down=22, mode="triangular2",
                                                               base_momentum=0.7, max_momentum=0.95)),
        ("CyclicLR exp_range", "SGD", lambda o: lrs.CyclicLR(o, [0.01, 0.02], [0.2, 0.3], step_size_up=15, mode="exp_range",
                                                            gamma=0.99, cycle_momentum=False)),
        ("CyclicLR scale_fn", "SGD", lambda o: lrs.CyclicLR(o, 0.01, 0.2, step_size_up=15, scale_fn=lambda x: 1 / x)),
        ("OneCycleLR", "SGD", lambda o: lrs.OneCycleLR(o, 0.5, total_steps=201)),
        ("OneCycleLR three phases", "Adam", lambda o: lrs.OneCycleLR(o, [0.5, 0.3], epochs=21, steps_per_epoch=10, three_phase=True,
                                                                     pct_start=0.4, base_momentum=0.6, max_momentum=0.9)),
        ("OneCycleLR linear", "SGD", lambda o: lrs.OneCycleLR(o, 0.5, total_steps=250, anneal_strategy="linear", div_factor=10,
                                                             final_div_factor=50, cycle_momentum=False)),
        ("ReduceLROnPlateau", "SGD", lambda o: lrs.ReduceLROnPlateau(o)),
        ("ReduceLROnPlateau options", "SGD", lambda o: lrs.ReduceLROnPlateau(
            o, mode="max", factor=0.6, patience=3, threshold=0.01, threshold_mode="abs", cooldown=2, min_lr=[0.001, 0.01])),
        ("ReduceLROnPlateau abs", "SGD", lambda o: lrs.ReduceLROnPlateau(o, threshold_mode="abs", patience=0, eps=0.0, min_lr=0.0005)),
        ("ReduceLROnPlateau max", "SGD", lambda o: lrs.ReduceLROnPlateau(o, mode="max", patience=5)),
        ("SequentialLR", "SGD", lambda o: lrs.SequentialLR(
            o, [lrs.ConstantLR(o, factor=0.1, total_iters=20), lrs.ExponentialLR(o, 0.95), lrs.CosineAnnealingLR(o, 50)], [20, 90])),
        ("SequentialLR all", "SGD", lambda o: lrs.SequentialLR(
            o, [lrs.LinearLR(o), lrs.StepLR(o, 3), lrs.PolynomialLR(o, total_iters=15), lrs.MultiStepLR(o, [0, 4]),
                lrs.LambdaLR(o, lambda e: 0.9**e), lrs.CosineAnnealingWarmRestarts(o, 9), lrs.LinearLR(o)],
            [5, 15, 30, 45, 60, 75])),
        ("SequentialLR nested", "SGD", lambda o: lrs.SequentialLR(
            o, [lrs.ChainedScheduler([lrs.LinearLR(o), lrs.ExponentialLR(o, 0.99)]), lrs.StepLR(o, 10)], [50])),
        ("ChainedScheduler", "SGD", lambda o: lrs.ChainedScheduler(
            [lrs.ConstantLR(o, factor=0.1, total_iters=20), lrs.ExponentialLR(o, 0.98), lrs.CosineAnnealingLR(o, 60)])),
        ("SWALR", "SGD", lambda o: swa_utils.SWALR(o, 0.05)),
        ("SWALR options", "SGD", lambda o: swa_utils.SWALR(o, [0.01, 0.9], anneal_epochs=150, anneal_strategy="linear")),
        ("SWALR at once", "SGD", lambda o: swa_utils.SWALR(o, 0.05, anneal_epochs=0)),
        ("resumed", "SGD", lambda o: resumed(o)),
    ]


def resumed(optimizer):
    """A scheduler that goes on from epoch 30."""
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"] * 3
    return lrs.CosineAnnealingLR(optimizer, 70, last_epoch=30)


def plain(v):
    if isinstance(v, dict):
        if "_schedulers" in v:  # what the initial step of a nested scheduler left behind
            v = {k: x for k, x in v.items() if k not in ("_is_initial", "_step_count")}
        return {str(k): plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, float) and v in (float("inf"), float("-inf")):
        return str(v)
    return v


def runs():
    result = {}
    for name, kind, make in schedulers():
        optimizer = optimizers(kind)
        scheduler = make(optimizer)
        rates, momenta = [], []
        for step in range(STEPS + 1):
            if step:
                scheduler.step(*([metric(step)] if isinstance(scheduler, lrs.ReduceLROnPlateau) else []))
                assert scheduler.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
            rates.append([g["lr"] for g in optimizer.param_groups])
            momenta.append([g["betas"][0] if "betas" in g else g["momentum"] for g in optimizer.param_groups])
        known = optimizer.defaults
        result[name] = {
            "lrs": encode(torch.tensor(rates, dtype=torch.float64)),
            "momenta": None if all(m == momenta[0] for m in momenta) else encode(torch.tensor(momenta, dtype=torch.float64)),
            "state": plain(scheduler.state_dict()),
            "groups": [{k: v for k, v in g.items() if k not in known and k != "params"} for g in optimizer.param_groups],
        }
    return result


def warm_restarts():
    """CosineAnnealingWarmRestarts at given, fractional epochs."""
    epochs = [0, 0.3, 1.7, 9.99, 10, 10.5, 29.9, 30, 31.25, 69, 70, 12]
    result = {"epochs": epochs, "lrs": []}
    for mult in (1, 2):
        o = optimizers("SGD")
        scheduler = lrs.CosineAnnealingWarmRestarts(o, 10, T_mult=mult, eta_min=0.001)
        got = []
        for e in epochs:
            scheduler.step(e)
            got.append(scheduler.get_last_lr())
        result["lrs"].append(got)
    return result


def errors():
    """The words of errors, by the names of Go's test."""
    o = optimizers("SGD")

    def resume():
        lrs.StepLR(optimizers("SGD"), 3, last_epoch=5)

    def overrun():
        s = lrs.OneCycleLR(optimizers("SGD"), 0.1, total_steps=2)
        for _ in range(3):
            s.step()

    def added():
        opt = optimizers("SGD")
        s = lrs.ReduceLROnPlateau(opt, patience=0, min_lr=[0.1, 0.1])
        opt.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
        s.step(1.0)
        s.step(1.0)

    plain_optimizer = torch.optim.Adagrad([nn.Parameter(torch.ones(1))])
    calls = {
        "lambdas": lambda: lrs.LambdaLR(o, [lambda e: 1.0]),
        "multiplicative lambdas": lambda: lrs.MultiplicativeLR(o, [lambda e: 1.0]),
        "constant factor": lambda: lrs.ConstantLR(o, factor=1.5),
        "start factor": lambda: lrs.LinearLR(o, start_factor=1.5),
        "end factor": lambda: lrs.LinearLR(o, end_factor=1.5),
        "resume": resume,
        "T_0": lambda: lrs.CosineAnnealingWarmRestarts(o, 0),
        "T_mult": lambda: lrs.CosineAnnealingWarmRestarts(o, 3, T_mult=-1),
        "epoch": lambda: lrs.CosineAnnealingWarmRestarts(o, 3).step(-2),
        "cyclic mode": lambda: lrs.CyclicLR(o, 0.1, 0.2, mode="square"),
        "cyclic rates": lambda: lrs.CyclicLR(o, 0.1, [0.2, 0.3, 0.4]),
        "cyclic momentum": lambda: lrs.CyclicLR(plain_optimizer, 0.1, 0.2),
        "one cycle steps": lambda: lrs.OneCycleLR(o, 0.1),
        "one cycle total": lambda: lrs.OneCycleLR(o, 0.1, total_steps=-3),
        "one cycle epochs": lambda: lrs.OneCycleLR(o, 0.1, epochs=-3, steps_per_epoch=2),
        "one cycle steps per epoch": lambda: lrs.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=-2),
        "one cycle start": lambda: lrs.OneCycleLR(o, 0.1, total_steps=3, pct_start=1.5),
        "one cycle strategy": lambda: lrs.OneCycleLR(o, 0.1, total_steps=3, anneal_strategy="sine"),
        "one cycle momentum": lambda: lrs.OneCycleLR(plain_optimizer, 0.1, total_steps=3),
        "one cycle overrun": overrun,
        "plateau factor": lambda: lrs.ReduceLROnPlateau(o, factor=1.0),
        "plateau mode": lambda: lrs.ReduceLROnPlateau(o, mode="mean"),
        "plateau threshold mode": lambda: lrs.ReduceLROnPlateau(o, threshold_mode="mean"),
        "plateau min_lr": lambda: lrs.ReduceLROnPlateau(o, min_lr=[0.1]),
        "plateau groups": added,
        "sequential none": lambda: lrs.SequentialLR(o, [], []),
        "sequential milestones": lambda: lrs.SequentialLR(o, [lrs.LinearLR(o)], [3]),
        "chained none": lambda: lrs.ChainedScheduler([]),
        "swa strategy": lambda: swa_utils.SWALR(o, 0.1, anneal_strategy="sine"),
        "swa epochs": lambda: swa_utils.SWALR(o, 0.1, anneal_epochs=-1),
        "swa rates": lambda: swa_utils.SWALR(o, [0.1]),
    }
    result = {}
    for name, call in calls.items():
        try:
            call()
        except (ValueError, RuntimeError, KeyError) as e:
            result[name] = e.args[0]
        else:
            raise AssertionError(name)
    return result


def cases():
    """Everything, as JSON's types."""
    warnings.simplefilter("ignore")
    return {"runs": runs(), "warm_restarts": warm_restarts(), "errors": errors()}
