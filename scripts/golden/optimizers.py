"""Golden cases for all of torch.optim: torch/optim/testdata/optimizers.json.

Each case trains a small problem for 20 steps, by the loop over parameters, by
operators on lists ("foreach") and by the fused operator, where there are such. A
run that equals the loop's bit for bit is left out.

  problem  net: a small net; double: in double precision; complex: a complex
           vector; sparse: a table with sparse gradients
  groups   which parameters are optimized together, and how
  late     for so many steps the first half of the parameters has no gradients
  losses   the loss before each step, of the loop's run
  params   all parameters after the last one, in one dimension
  state    what the optimizer then remembers of the last parameter
  half     for one case of each optimizer, all of that after 10 steps
"""

import torch
from torch import nn

from .tensors import encode

STEPS = 20
SLOW = {"lr": 0.01}


class Problem:
    def __init__(self, kind):
        generator = torch.Generator().manual_seed(11)
        self.kind = kind
        torch.manual_seed(0)
        if kind in ("net", "double"):
            self.net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
            self.x = torch.randn(16, 5, generator=generator)
            self.y = torch.randint(0, 3, (16,), generator=generator)
            if kind == "double":
                self.net, self.x = self.net.double(), self.x.double()
            self.params = list(self.net.parameters())
            self.criterion = nn.CrossEntropyLoss()
        elif kind == "complex":
            self.params = [nn.Parameter(torch.randn(4, dtype=torch.complex64, generator=generator))]
            self.y = torch.randn(4, dtype=torch.complex64, generator=generator)
        else:
            self.params = [nn.Parameter(torch.randn(6, 3, generator=generator))]
            self.y = torch.randn(6, 3, generator=generator)
        self.step = 0

    def inputs(self):
        return [self.x, self.y] if self.kind in ("net", "double") else [self.params[0].detach().clone(), self.y]

    def loss(self):
        """The loss; its gradients are added up."""
        if self.kind in ("net", "double"):
            loss = self.criterion(self.net(self.x), self.y)
            loss.backward()
        elif self.kind == "complex":
            d = self.params[0] - self.y
            loss = (d.real * d.real + d.imag * d.imag * 2).sum()
            loss.backward()
        else:
            p = self.params[0]
            rows = torch.tensor([self.step % 6, 3, self.step % 2, 3])
            d = (p.detach() - self.y).index_select(0, rows)
            loss = (d * d).sum()
            p.grad = torch.sparse_coo_tensor(rows.unsqueeze(0), d, (6, 3))
            self.step += 1
        return loss


def flat(params):
    return torch.cat([p.detach().reshape(-1) for p in params])


def plain(v):
    """A value of a state dict as JSON's types."""
    if isinstance(v, torch.Tensor):
        return {"tensor": encode(v)}
    if isinstance(v, dict):
        return {str(k): plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    return v


def run(name, kind, groups, late, path, half):
    problem = Problem(kind)
    lbfgs = name == "LBFGS"
    make = getattr(torch.optim, name)
    if len(groups) == 1:  # Adagrad takes its initial value from here only
        optimizer = make([problem.params[i] for i in groups[0]["params"]], **groups[0]["options"], **path)
    else:
        optimizer = make([{"params": [problem.params[i] for i in g["params"]], **g["options"]} for g in groups], **path)
    losses, saved = [], None
    for step in range(5 if lbfgs else STEPS):
        def closure():
            optimizer.zero_grad()
            return problem.loss()
        if lbfgs:
            loss = optimizer.step(closure)
        else:
            for p in problem.params:
                p.grad = None
            loss = closure()
            if step < late:
                for p in problem.params[: len(problem.params) // 2]:
                    p.grad = None
            optimizer.step()
        losses.append(loss.detach())
        if half and step == (1 if lbfgs else 9):
            saved = {"params": encode(flat(problem.params)), "dict": plain(optimizer.state_dict())}
    state = optimizer.state_dict()
    result = {
        "losses": encode(torch.stack(losses)), "params": encode(flat(problem.params)),
        "state": plain(state["state"].get(0 if lbfgs else len([i for g in groups for i in g["params"]]) - 1, {})),
    }
    if lbfgs:
        result["state"].pop("al", None)
        result["state"] = {k: v for k, v in result["state"].items() if k in ("func_evals", "n_iter", "t", "H_diag", "prev_loss")}
    return result, saved


def settings():
    """Optimizer, options, and which paths it has."""
    wd, up = {"weight_decay": 0.05}, {"maximize": True}
    lists, fused = [{"foreach": True}], [{"foreach": True}, {"fused": True}]
    return [
        ("SGD", lists + [{"fused": True}], [{}, {"lr": 0.1, "momentum": 0.9, "nesterov": True, **wd}]),
        ("Adam", fused, [{}, {"lr": 0.05}, {**SLOW, "betas": [0.8, 0.9], "eps": 1e-4}, {**SLOW, **wd}, {**SLOW, "amsgrad": True},
                         {**SLOW, **up}, {**SLOW, **wd, **up, "amsgrad": True},
                         {**SLOW, **wd, "decoupled_weight_decay": True}]),
        ("AdamW", fused, [{}, {**SLOW, **wd}, {**SLOW, "weight_decay": 0.0}, {**SLOW, "amsgrad": True, **up}]),
        ("Adamax", lists, [{}, {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-4}, {**SLOW, **wd}, {**SLOW, **up}, {**SLOW, **wd, **up}]),
        ("NAdam", lists, [{}, {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-4, "momentum_decay": 0.1}, {**SLOW, **wd},
                          {**SLOW, **wd, "decoupled_weight_decay": True}, {**SLOW, **up}]),
        ("RAdam", lists, [{}, {"lr": 0.05, "betas": [0.8, 0.9], "eps": 1e-4}, {**SLOW, **wd},
                          {**SLOW, **wd, "decoupled_weight_decay": True}, {**SLOW, **up}]),
        ("Adagrad", fused, [{}, {"lr": 0.1, "lr_decay": 0.1, "eps": 1e-4}, {**SLOW, **wd},
                            {**SLOW, "initial_accumulator_value": 0.3}, {**SLOW, **up}]),
        ("Adadelta", lists, [{}, {"lr": 0.5, "rho": 0.8, "eps": 1e-3}, {**wd}, {**up}]),
        ("Adafactor", lists, [{}, {"lr": 0.1, "beta2_decay": -0.5, "d": 1.5}, {**wd}, {"eps": [1e-6, 0.01]}, {**up}]),
        ("RMSprop", lists, [{}, {**SLOW, "alpha": 0.8, "eps": 1e-4}, {**SLOW, "momentum": 0.8}, {**SLOW, "centered": True},
                            {**SLOW, "centered": True, "momentum": 0.8, **wd}, {"lr": 0.001, **up}]),
        ("Rprop", lists, [{}, {"etas": [0.3, 1.5], "step_sizes": [1e-3, 0.1]}, {**up}]),
        ("ASGD", lists, [{}, {"lr": 0.1, "lambd": 0.01, "alpha": 0.5, "t0": 5.0}, {"lr": 0.1, "t0": 0.0, **wd}, {**up}]),
        ("Muon", [], [{}, {"lr": 0.05, "momentum": 0.8}, {"nesterov": False, "lr": 0.02}, {"weight_decay": 0.0},
                      {"adjust_lr_fn": "match_rms_adamw"}, {"adjust_lr_fn": "spectral_unclamped"},
                      {"ns_steps": 3, "ns_coefficients": [3.0, -4.0, 2.0]}]),
        ("LBFGS", [], [{"max_eval": 25}, {"line_search_fn": "strong_wolfe", "max_eval": 25},
                       {"lr": 0.5, "max_iter": 4, "max_eval": 5, "history_size": 3},
                       {"max_iter": 6, "max_eval": 7, "history_size": 3, "line_search_fn": "strong_wolfe"},
                       {"lr": 0.01, "max_iter": 2, "max_eval": 2, "maximize": True}]),
    ]


def trainings():
    result = []
    wd = {"weight_decay": 0.05}
    for name, paths, options in settings():
        everything = [0, 2] if name == "Muon" else [0, 1, 2, 3]
        half_of = 2 if name == "LBFGS" else 1
        cases = [("net", [{"params": everything, "options": o}], 0, i == half_of) for i, o in enumerate(options)]
        cases.append(("double", [{"params": everything, "options": options[1]}], 0, False))
        if name != "LBFGS":
            cases.append(("net", [{"params": everything, "options": options[1]}], 7, False))
            a, b = everything[: len(everything) // 2], everything[len(everything) // 2:]
            cases.append(("net", [{"params": a, "options": options[0]}, {"params": b[::-1], "options": options[1]}], 0, False))
        if name not in ("Muon", "Adafactor"):
            decay = {} if name in ("Rprop", "LBFGS") else wd
            cases.append(("complex", [{"params": [0], "options": {**options[1], **decay}}], 0, False))
        if name == "Adagrad":
            cases += [("sparse", [{"params": [0], "options": o}], 0, False) for o in options[:2] + options[3:]]
        for kind, groups, late, half in cases:
            loop, saved = run(name, kind, groups, late, {"foreach": False} if paths else {}, half)
            default, _ = run(name, kind, groups, late, {}, False)
            assert default == loop, (name, kind, groups)
            case = {"optimizer": name, "problem": kind, "groups": groups, "late": late, "loop": loop, "half": saved}
            for path in paths:
                which = next(iter(path))
                if which == "fused" and (kind in ("complex", "sparse") or late):
                    continue
                got, _ = run(name, kind, groups, late, path, False)
                if got != loop:
                    del got["losses"]
                    case[which] = got
            result.append(case)
    for o in [{}, {"lr": 0.1, "betas": [0.8, 0.9], "eps": 1e-4}, {"lr": 0.01, "maximize": True}]:
        groups = [{"params": [0], "options": o}]
        loop, saved = run("SparseAdam", "sparse", groups, 0, {}, "eps" in o)
        result.append({"optimizer": "SparseAdam", "problem": "sparse", "groups": groups, "late": 0, "loop": loop, "half": saved})
    groups = [{"params": [0], "options": {"lr": 0.1}}]
    loop, _ = run("SGD", "sparse", groups, 0, {}, False)
    result.append({"optimizer": "SGD", "problem": "sparse", "groups": groups, "late": 0, "loop": loop, "half": None})
    return result


def defaults():
    """The options of each optimizer, as its state dict has them."""
    p = [nn.Parameter(torch.ones(2, 2))]
    names = ["SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adagrad", "Adadelta", "Adafactor", "RMSprop", "Rprop",
             "ASGD", "Muon", "LBFGS", "SparseAdam"]
    return {n: plain(getattr(torch.optim, n)(p).state_dict()["param_groups"][0]) for n in names}


def errors():
    """The words of the errors of options out of range."""
    p = nn.Parameter(torch.ones(2, 2))
    bad = {
        "Adam": [{"lr": -0.1}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.5)}, {"eps": -1.0}, {"weight_decay": -1.0},
                 {"foreach": True, "fused": True}],
        "AdamW": [{"lr": -0.1}, {"betas": (1.0, 0.9)}, {"weight_decay": -1.0}],
        "Adamax": [{"lr": -0.1}, {"betas": (0.9, 1.5)}],
        "NAdam": [{"lr": -0.1}, {"momentum_decay": -0.5}],
        "RAdam": [{"eps": -0.1}],
        "Adagrad": [{"lr": -0.1}, {"lr_decay": -0.5}, {"weight_decay": -0.5}, {"initial_accumulator_value": -0.5}, {"eps": -0.5},
                    {"foreach": True, "fused": True}],
        "Adadelta": [{"lr": -0.1}, {"rho": 1.1}, {"eps": -0.5}, {"weight_decay": -0.5}],
        "Adafactor": [{"lr": -0.1}, {"beta2_decay": 0.8}, {"eps": (-1.0, 0.5)}, {"eps": (None, -0.5)}, {"d": 0.5},
                      {"weight_decay": -0.5}],
        "RMSprop": [{"lr": -0.1}, {"eps": -0.5}, {"momentum": -0.5}, {"weight_decay": -0.5}, {"alpha": -0.5}],
        "Rprop": [{"lr": -0.1}, {"etas": (1.5, 0.5)}],
        "ASGD": [{"lr": -0.1}, {"lambd": -0.5}, {"alpha": -0.5}, {"weight_decay": -0.5}],
        "Muon": [{"lr": -0.1}, {"momentum": -0.5}, {"weight_decay": -0.5}, {"adjust_lr_fn": "arbitrary"}],
        "LBFGS": [{"lr": -0.1}],
        "SparseAdam": [{"lr": -0.1}, {"eps": -0.5}, {"betas": (1.0, 0.9)}],
    }
    result = []
    for name, cases in bad.items():
        for options in cases:
            try:
                getattr(torch.optim, name)([p], **options)
            except (ValueError, RuntimeError) as e:
                result.append({"optimizer": name, "options": plain(options), "type": type(e).__name__, "message": str(e)})
            else:
                raise AssertionError("no error")
    return result


def cases():
    """Everything, as JSON's types."""
    inputs = {kind: [encode(x) for x in Problem(kind).inputs()] for kind in ("net", "double", "complex", "sparse")}
    return {"inputs": inputs, "trainings": trainings(), "defaults": defaults(), "errors": errors()}
