#!/usr/bin/env python3
"""Checks that files which Go saved hold what Python saved.

    python3 scripts/same_saved.py WANT.pt GOT.pt [WANT.pt GOT.pt ...]

Values must have the same types and be equal; tensors must have the same dtype,
strides, requires_grad and bytes, and share memory where the others do. A Parameter
comes back as a tensor, and a Size as a tuple.
"""

import math
import sys

import torch


def same(want, got, path, memory):
    if isinstance(want, torch.Tensor):
        assert isinstance(got, torch.Tensor), f"{path}: {type(got)}"
        for what in ["dtype", "shape", "device", "requires_grad"]:
            a, b = getattr(want, what), getattr(got, what)
            assert a == b, f"{path}: {what} {b}, want {a}"
        if not want.is_conj() and not want.is_neg():
            assert want.stride() == got.stride(), f"{path}: strides {got.stride()}, want {want.stride()}"
            address = memory.setdefault(want.untyped_storage().data_ptr(), got.untyped_storage().data_ptr())
            assert address == got.untyped_storage().data_ptr(), f"{path}: another memory"
        if want.is_meta:
            return
        a, b = (x.detach().resolve_conj().resolve_neg().contiguous().view(-1).view(torch.uint8) for x in (want, got))
        assert torch.equal(a, b), f"{path}: {got}, want {want}"
        return
    if isinstance(want, torch.Size):
        want = tuple(want)
    assert type(want) is type(got), f"{path}: {type(got)}, want {type(want)}"
    if isinstance(want, dict):
        assert want.keys() == got.keys(), f"{path}: {got.keys()}, want {want.keys()}"
        if type(want) is not dict:
            assert list(want) == list(got), f"{path}: another order"
        for key in want:
            same(want[key], got[key], f"{path}[{key!r}]", memory)
    elif isinstance(want, (list, tuple)):
        assert len(want) == len(got), f"{path}: {len(got)} elements, want {len(want)}"
        for i, (a, b) in enumerate(zip(want, got)):
            same(a, b, f"{path}[{i}]", memory)
    else:
        assert want == got or isinstance(want, float) and math.isnan(want) and math.isnan(got), f"{path}: {got}, want {want}"


def main() -> None:
    files = sys.argv[1:]
    for want, got in zip(files[::2], files[1::2], strict=True):
        same(torch.load(want, weights_only=True), torch.load(got, weights_only=True), got, {})


if __name__ == "__main__":
    main()
