"""Runs a program that Go saved in Python, and compiled by AOTInductor.

    python3 compiled.py FOLDER

FOLDER has mlp.pt2, and mlp.pt with arguments and results.
"""

import pathlib
import sys

import torch


def main():
    folder = pathlib.Path(sys.argv[1])
    want = torch.load(folder / "mlp.pt")
    program = torch.export.load(folder / "mlp.pt2")
    node = next(n for n in program.graph.nodes if n.target is torch.ops.aten.linear.default)
    assert 'File "net.go", line 12, in Forward' in node.meta["stack_trace"], node.meta
    assert [path for path, _ in node.meta["nn_module_stack"].values()] == ["", "layers", "layers.fc1"], node.meta
    module = program.module()
    for x, y in want["runs"]:
        assert torch.equal(module(x), y), f"{len(x)} rows: {module(x)}, want {y}"
    assert module.calls == want["calls"], f"calls: {module.calls}"
    x, y = torch.load(folder / "captured.pt")
    captured = torch.export.load(folder / "captured.pt2")
    assert torch.equal(captured.module()(x), y), "captured"
    assert "save_test.go" in str([n.meta.get("stack_trace") for n in captured.graph.nodes]), "captured: lines"
    package = torch._inductor.aoti_compile_and_package(program, package_path=str(folder / "aoti.pt2"))
    compiled = torch._inductor.aoti_load_package(package)
    for x, y in want["runs"]:
        torch.testing.assert_close(compiled(x), y)
    print("compiled and same")


if __name__ == "__main__":
    main()
