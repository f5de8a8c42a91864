"""Golden cases for torch/optim: torch/optim/testdata/optim.json.

Each SGD case trains a small net for 20 steps: by the default path, which must be
that of foreach to the bit, and by the fused one.

  groups   which of the net's parameters are optimized together, and how
  late     for so many steps the first layer has no gradients
  halve    before this step all learning rates are halved
  losses   the loss before each step
  params   the parameters after the last one
  momentum their momentum buffers, null where there is none
"""

import torch
from torch import nn

from .tensors import encode

STEPS = 20


def data():
    generator = torch.Generator().manual_seed(11)
    return torch.randn(16, 5, generator=generator), torch.randint(0, 3, (16,), generator=generator)


def train(groups, late, halve, path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    params = list(net.parameters())
    criterion = nn.CrossEntropyLoss()
    x, y = data()
    optimizer = torch.optim.SGD([{"params": [params[i] for i in g["params"]], **g["options"]} for g in groups], **path)
    losses = []
    for step in range(STEPS):
        if step == halve:
            for group in optimizer.param_groups:
                group["lr"] *= 0.5
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        if step < late:
            params[0].grad = params[1].grad = None
        optimizer.step()
        losses.append(loss.detach())
    momentum = [optimizer.state[p].get("momentum_buffer") for p in params]
    return torch.stack(losses), params, momentum


def sgd():
    everything = [0, 1, 2, 3]
    settings = [
        ("plain", {"lr": 0.1}),
        ("default lr", {}),
        ("momentum", {"lr": 0.1, "momentum": 0.9}),
        ("dampening", {"lr": 0.1, "momentum": 0.9, "dampening": 0.4}),
        ("dampening without momentum", {"lr": 0.1, "dampening": 0.4}),
        ("weight decay", {"lr": 0.1, "weight_decay": 0.05}),
        ("momentum and weight decay", {"lr": 0.07, "momentum": 0.8, "weight_decay": 0.03}),
        ("nesterov", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("nesterov and weight decay", {"lr": 0.1, "momentum": 0.7, "nesterov": True, "weight_decay": 0.01}),
        ("maximize", {"lr": 0.01, "maximize": True}),
        ("maximize with all", {"lr": 0.01, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1, "maximize": True}),
        ("maximize and nesterov", {"lr": 0.01, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ]
    cases = [(name, [{"params": everything, "options": options}], 0, -1) for name, options in settings]
    cases += [
        ("groups", [{"params": [0, 1], "options": {"lr": 0.2}},
                    {"params": [3, 2], "options": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}}], 0, -1),
        ("some parameters", [{"params": [2], "options": {"lr": 0.3, "momentum": 0.5}}], 0, -1),
        ("halved", [{"params": everything, "options": {"lr": 0.2, "momentum": 0.9}}], 0, 10),
        ("late", [{"params": everything, "options": {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}}], 7, -1),
    ]
    result = []
    for name, groups, late, halve in cases:
        losses, params, momentum = train(groups, late, halve, {})
        for path in [{"foreach": False}, {"foreach": True}]:
            other = train(groups, late, halve, path)
            assert torch.equal(losses, other[0])
            assert all(torch.equal(a, b) for a, b in zip(params, other[1]))
        # Python's fused SGD cannot start some momentum buffers of a group late.
        split = groups
        if late:
            split = [{"params": p, "options": groups[0]["options"]} for p in [[0, 1], [2, 3]]]
        fused = train(split, late, halve, {"fused": True})
        case = {"name": name, "groups": groups, "late": late, "halve": halve}
        for path, got in [("loop", (losses, params, momentum)), ("fused", fused)]:
            case[path] = {"losses": encode(got[0]), "params": [encode(p) for p in got[1]],
                          "momentum": [None if m is None else encode(m) for m in got[2]]}
        result.append(case)
    return result


def errors():
    """The words of SGD's errors."""
    p = nn.Parameter(torch.ones(2))

    def message(*args, **options):
        try:
            torch.optim.SGD(*args, **options)
        except Exception as e:
            return {"type": type(e).__name__, "message": str(e)}
        raise AssertionError("no error")

    return {
        "lr": message([p], lr=-0.1),
        "momentum": message([p], momentum=-0.5),
        "weight decay": message([p], weight_decay=-1e-7),
        "nesterov without momentum": message([p], nesterov=True),
        "nesterov with dampening": message([p], nesterov=True, momentum=0.9, dampening=0.1),
        "foreach and fused": message([p], foreach=True, fused=True),
        "no parameters": message([]),
        "not a leaf": message([p * 2]),
        "in two groups": message([{"params": [p]}, {"params": [p]}]),
    }


def cases():
    """Everything, as JSON's types."""
    x, y = data()
    return {"x": encode(x), "y": encode(y), "sgd": sgd(), "errors": errors()}
