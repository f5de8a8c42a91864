"""Runs programs that Python exported, and what Go saved of them, and says where they differ.

    python3 same.py FOLDER

FOLDER has NAME.pt2, NAME_again.pt2 and NAME.pt, the arguments.
"""

import copy
import pathlib
import sys

import torch
from torch.utils._pytree import tree_flatten


def same(a, b):
    (a, at), (b, bt) = tree_flatten(a), tree_flatten(b)
    return at == bt and all(torch.equal(x, y) if isinstance(x, torch.Tensor) else x == y for x, y in zip(a, b))


def place(node):
    """The innermost line of the source, without its text."""
    return (node.meta.get("stack_trace") or "").rsplit("File", 1)[-1].split("\n")[0]


def compare(folder, name):
    program, again = (torch.export.load(folder / f"{name}{end}.pt2") for end in ("", "_again"))
    assert str(program.graph_signature) == str(again.graph_signature), "signature"
    assert sorted(map(str, program.range_constraints.items())) == sorted(map(str, again.range_constraints.items())), "ranges"
    assert str(program.graph) == str(again.graph), f"graph:\n{program.graph}\n{again.graph}"
    for a, b in zip(program.graph.nodes, again.graph.nodes):
        assert str(a.meta.get("val")) == str(b.meta.get("val")), f"{a}: {a.meta.get('val')} and {b.meta.get('val')}"
        assert place(a) == place(b), f"{a}: {place(a)} and {place(b)}"
    samples = again.example_inputs
    assert len(samples[0]) == len(program.example_inputs[0]), "samples"
    module, module_again = program.module(), again.module()
    for run in torch.load(folder / f"{name}.pt")["runs"]:
        args, args_again = copy.deepcopy(run["args"]), copy.deepcopy(run["args"])
        named = run.get("kwargs") or {}
        torch.manual_seed(1)
        results = module(*args, **named)
        torch.manual_seed(1)
        assert same(results, module_again(*args_again, **named)), "results"
        assert same(args, args_again), "arguments"
    assert same(dict(module.named_buffers()), dict(module_again.named_buffers())), "buffers"
    module_again(*copy.deepcopy(samples[0]), **samples[1])


@torch.no_grad()
def main():
    folder = pathlib.Path(sys.argv[1])
    failed = 0
    for file in sorted(folder.glob("*_again.pt2")):
        name = file.stem.removesuffix("_again")
        try:
            compare(folder, name)
            print(name, "same")
        except Exception as error:
            failed += 1
            print(name, "FAILED:", str(error)[-3000:])
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
