"""Runs networks that Go traced in Python, for other sizes, and compiled by AOTInductor.

    python3 traced.py FOLDER

FOLDER has NAME.pt2, and NAME.pt with arguments and results.
"""

import pathlib
import sys

import torch


@torch.no_grad()
def main():
    folder = pathlib.Path(sys.argv[1])
    names = ["mlp", "cnn", "gpt"]
    for name in names:
        program = torch.export.load(folder / f"{name}.pt2")
        module = program.module()
        package = torch._inductor.aoti_compile_and_package(program, package_path=str(folder / f"{name}_aoti.pt2"))
        compiled = torch._inductor.aoti_load_package(package)
        for x, y in torch.load(folder / f"{name}.pt")["runs"]:
            assert torch.equal(module(x), y), f"{name} for {x.shape}"
            torch.testing.assert_close(compiled(x), y)
    print(", ".join(names) + ": same and compiled")


if __name__ == "__main__":
    main()
