"""Golden cases of hooks of modules: torch/nn/testdata/hooks.json.

Each case calls a net of two parts with hooks, and says which of them were called
in which order and with what, and what came out. torch/nn/hooks_test.go registers
the same hooks.
"""

import warnings

import torch
from torch import nn

from .tensors import encode


class Pair(nn.Module):
    """A module of two inputs and two outputs."""

    def forward(self, x, y):
        return x * y, x + y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.pair = Pair()

    def forward(self, x, y):
        return self.pair(self.fc(x), y)


def maybe(x):
    return None if x is None else encode(x)


class Case:
    """Hooks that write down what they are called with."""

    def __init__(self, name, x_grad=True, y_grad=False):
        torch.manual_seed(0)
        self.name, self.net, self.events = name, Net(), []
        self.x = torch.randn(2, 3, requires_grad=x_grad)
        self.y = torch.randn(2, 3, requires_grad=y_grad)

    def add(self, part, kind, name, factor=None, **options):
        """Registers a hook that gives its tensors times factor, if there is one."""
        module = self.net.get_submodule(part)

        def hook(called, *args):
            assert called is module
            args = [a if isinstance(a, tuple) else (a,) for a in args]
            self.events.append({"name": name, "tensors": [maybe(x) for a in args for x in a]})
            if factor is not None:
                target = args[0] if kind in ("forward_pre", "full_backward_pre", "full_backward") else args[1]
                scaled = tuple(None if x is None else x * factor for x in target)
                return scaled if len(scaled) > 1 or kind != "forward" else scaled[0]

        return getattr(module, f"register_{kind}_hook")(hook, **options)

    def run(self):
        warnings.simplefilter("ignore")
        outputs = self.net(self.x, self.y)
        (outputs[0].sum() + (outputs[1] * 2).sum()).backward()
        return {
            "name": self.name, "x": encode(self.x), "y": encode(self.y), "events": self.events,
            "outputs": [encode(o) for o in outputs],
            "grads": [maybe(p.grad) for p in (self.x, self.y, self.net.fc.weight, self.net.fc.bias)],
        }


KINDS = ["forward_pre", "forward", "full_backward_pre", "full_backward"]


def everything(name, factor, **inputs):
    c = Case(name, **inputs)
    for kind in KINDS:
        for part in ["", "fc", "pair"]:
            c.add(part, kind, f"{kind} {part}", factor)
    return c.run()


def one(kind, part):
    c = Case(f"{kind} {part} alone")
    c.add(part, kind, kind, 3)
    return c.run()


def order():
    c = Case("order")
    for kind in KINDS:
        c.add("fc", kind, f"{kind} 1")
        c.add("fc", kind, f"{kind} 2")
        c.add("fc", kind, f"{kind} removed", 7).remove()
        c.add("fc", kind, f"{kind} first", prepend=True)
    return c.run()


def failure(kind, returned, x_grad):
    c = Case("", x_grad=x_grad)
    getattr(c.net.fc, f"register_{kind}_hook")(lambda *args: returned)
    try:
        c.run()
    except RuntimeError as e:
        return str(e)
    raise AssertionError("no error")


def cases():
    one_too_many = (torch.ones(1), torch.ones(1))
    return {
        "runs": [
            everything("watched", None),
            everything("watched, both inputs", None, y_grad=True),
            everything("watched, no input", None, x_grad=False),
            everything("changed", 2, y_grad=True),
            *[one(kind, part) for kind in KINDS for part in ["fc", "pair"]],
            order(),
        ],
        "errors": {
            "inputs": failure("full_backward", one_too_many, True),
            "outputs": failure("full_backward_pre", one_too_many, True),
            "no input": failure("full_backward", (torch.ones(2, 3),), False),
        },
    }
