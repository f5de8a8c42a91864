#!/usr/bin/env python3
"""Writes the table of names that `gotorch port` translates by.

    python3 scripts/port_names.py

internal/port/names.txt has a line for each documented function, method and class
that coverage.py finds in Go: Python's name, Go's, and Python's parameters with their
defaults. A * marks a list that Python also takes as several arguments. Needs what
coverage.py needs.
"""

import functools
import inspect
import pathlib
import re

import torch

from coverage import OTHER_PARTS, PARTS, SPACES, find, find_part, go_names, parts

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAD = f"# Made by scripts/port_names.py from torch {torch.__version__.split('+')[0]}.\n"

RECURRENT = ["input_size", "hidden_size", "num_layers=1", "bias=True", "batch_first=False", "dropout=0.0", "bidirectional=False"]

# What inspect does not tell.
SIGNATURES = {
    "torch.nn.RNN": RECURRENT, "torch.nn.GRU": RECURRENT, "torch.nn.LSTM": [*RECURRENT, "proj_size=0"],
    **{f"torch.nn.functional.max_pool{d}d": ["input", "kernel_size", "stride=None", "padding=0", "dilation=1", "ceil_mode=False", "return_indices=False"]
       for d in (1, 2, 3)},
    **{f"torch.nn.functional.adaptive_max_pool{d}d": ["input", "output_size", "return_indices=False"] for d in (1, 2, 3)},
    "torch.manual_seed": ["seed"],
    "torch.normal": ["mean", "std", "size", "dtype=None", "layout=None", "device=None", "pin_memory=None", "requires_grad=False"],
}


def schema(name):
    """The parameters of an operator: those of its form with the most."""
    packet = getattr(torch.ops.aten, name, None)
    best = None
    for overload in packet.overloads() if packet else []:
        arguments = getattr(packet, overload)._schema.arguments
        if "out" in overload or any("Dimname" in str(a.type) or a.name == "names" for a in arguments):
            continue
        arguments = [a for a in arguments if a.name != "generator"]
        if best is None or len(arguments) > len(best):
            best = arguments
    found = []
    for a in best or []:
        name = "*" + a.name if "List[int]" in str(a.type) and len(found) < 2 else a.name
        found.append(name + (f"={a.default_value!r}" if a.has_default_value() else ""))
    return found + ["requires_grad=False"] * ("pin_memory=None" in found)


def parameters(value, name, method):
    """The parameters of a function or class, without self."""
    try:
        found = []
        for p in inspect.signature(value).parameters.values():
            star = "*" if p.kind == p.VAR_POSITIONAL else ""
            if p.kind != p.VAR_KEYWORD:
                found.append(star + p.name + ("" if p.default is p.empty else f"={short(p.default)}"))
    except (TypeError, ValueError):
        found = schema(name)
    return found[1:] if method and found and found[0].split("=")[0] in ("self", "input", "x") else found


def short(value):
    return repr(value) if value is None or isinstance(value, (bool, int, float, str)) or type(value) is tuple else "?"


def rows():
    for space, names, folder in SPACES:
        owner = torch.Tensor if space == "torch.Tensor" else functools.reduce(getattr, space.split(".")[1:], torch)
        for name in names():
            if folder and (go := find(space, name, *go_names(folder))):
                yield space, name, go, SIGNATURES.get(f"{space}.{name}") or parameters(getattr(owner, name), name, space == "torch.Tensor")
    for space, module, folder in PARTS:
        for name in parts(module):
            if (go := find_part(space, name, folder)) and f"{space}.{name}" not in OTHER_PARTS:
                yield space, name, go, SIGNATURES.get(f"{space}.{name}") or parameters(getattr(module, name), name, False)


def main():
    with (ROOT / "internal/port/names.txt").open("w") as out:
        out.write(HEAD)
        for space, name, go, found in rows():
            if re.match(r"[\w.]+$", go.split("(")[0]):
                print(f"{space}.{name}", go.split("(")[0].strip(","), *(p.replace(" ", "") for p in found), file=out)


if __name__ == "__main__":
    main()
