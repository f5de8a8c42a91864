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


SPARSE = {torch.sparse_coo: ["_indices", "_values"], torch.sparse_csr: ["crow_indices", "col_indices", "values"],
          torch.sparse_bsr: ["crow_indices", "col_indices", "values"], torch.sparse_csc: ["ccol_indices", "row_indices", "values"],
          torch.sparse_bsc: ["ccol_indices", "row_indices", "values"]}


def parts(x):
    """What a sparse or quantized tensor consists of."""
    if x.is_quantized:
        per_tensor = x.qscheme() == torch.per_tensor_affine
        by = ["q_scale", "q_zero_point"] if per_tensor else ["q_per_channel_scales", "q_per_channel_zero_points", "q_per_channel_axis"]
        return [x.qscheme(), x.int_repr()] + [getattr(x, name)() for name in by]
    return [x.is_coalesced() if x.layout == torch.sparse_coo else None] + [getattr(x, name)() for name in SPARSE[x.layout]]


def same(want, got, path, memory):
    if id(want) in memory:
        return
    if isinstance(want, (list, dict)):
        memory[id(want)] = got
    if isinstance(want, (torch.UntypedStorage, torch.storage.TypedStorage)):
        assert type(want) is type(got) and want.dtype == got.dtype and want.tolist() == got.tolist(), path
        return
    if isinstance(want, torch.Tensor) and (want.is_quantized or want.layout != torch.strided):
        assert want.layout == got.layout and want.dtype == got.dtype and want.shape == got.shape, path
        return same(parts(want), parts(got), path, {})
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
        if hasattr(want, "_metadata") and hasattr(got, "_metadata"):
            same(want._metadata, got._metadata, f"{path}._metadata", memory)
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
