"""Golden cases for torch/testing: torch/testing/testdata/testing.json.

  errors   what assert_close says of pairs that differ; None where they are close
  tensors  what make_tensor draws after manual_seed(0)
"""

import torch
from torch.testing import assert_close, make_tensor

from .tensors import encode

nan, inf = float("nan"), float("inf")


def said(actual, expected, **options):
    try:
        assert_close(actual, expected, **options)
    except (AssertionError, ValueError) as e:
        return str(e)
    return None


def t(*values, **options):
    return torch.tensor(*values, **options)


def errors():
    x = torch.arange(6.0).view(2, 3)
    y = x.clone()
    y[1, 2], y[0, 1] = 6.5, 1.25
    coo = torch.sparse_coo_tensor([[0, 1], [1, 2]], [1.0, 2.0], (2, 3))
    coo2 = torch.sparse_coo_tensor([[0, 1], [1, 2]], [1.0, 3.0], (2, 3))
    coo3 = torch.sparse_coo_tensor([[0, 1], [1, 1]], [1.0, 2.0], (2, 3))
    csr, csc = x.to_sparse_csr(), x.to_sparse_csc()
    q = torch.quantize_per_tensor(x, 0.5, 0, torch.qint8)
    f8 = t([1.0, 2.0, 3.0]).to(torch.float8_e4m3fn)
    f8b = t([1.0, 2.0, 4.0]).to(torch.float8_e4m3fn)
    zero = {"rtol": 0, "atol": 0}
    return {
        "close": said(x, x + 1e-6),
        "values": said(x, y),
        "values swapped": said(y, x),
        "equal": said(x, y, **zero),
        "tolerances": said(x, y, rtol=0.25, atol=0.5),
        "float64": said(x.double(), y.double()),
        "float64 close": said(x.double(), x.double() + 1e-6),
        "float16": said(x.half(), y.half()),
        "bfloat16": said(x.bfloat16(), y.bfloat16()),
        "bfloat16 close": said(x.bfloat16(), (x * 1.01).bfloat16()),
        "complex": said(torch.complex(x, y), torch.complex(x, x)),
        "complex scalar": said(t(1 + 2j), t(1 - 2.5j)),
        "int64": said(t([1, 2, 3]), t([1, 5, 0])),
        "uint8": said(t([1, 2, 3], dtype=torch.uint8), t([1, 5, 0], dtype=torch.uint8)),
        "bool": said(t([True, False]), t([True, True])),
        "scalar": said(t(1.0), t(1.5)),
        "int scalar": said(t(3), t(4)),
        "bool scalar": said(t(True), t(False)),
        "nan": said(t([1.0, nan]), t([1.0, nan])),
        "nan scalar": said(t(nan), t(nan)),
        "nan equal": said(t([1.0, nan]), t([1.0, nan]), equal_nan=True),
        "inf": said(t([inf, 1.0]), t([-inf, 1.0])),
        "inf equal": said(t([inf, 1.0]), t([inf, 1.0])),
        "shape": said(x, x.view(3, 2)),
        "shape of none": said(t(1.0), t([1.0])),
        "dtype": said(x, x.double()),
        "dtype ignored": said(x, x.double(), check_dtype=False),
        "dtypes": said(x.half(), y.double(), check_dtype=False),
        "uint16 ignored": said(t([1], dtype=torch.uint16), t([1], dtype=torch.int32), check_dtype=False),
        "stride": said(x, x.t().contiguous().t(), check_stride=True),
        "stride ignored": said(x, x.t().contiguous().t()),
        "layout": said(x, x.to_sparse()),
        "layout ignored": said(x, x.to_sparse(), check_layout=False),
        "layout ignored, values": said(y, x.to_sparse(), check_layout=False),
        "device": said(x, x.to("meta")),
        "meta": said(x.to("meta"), y.to("meta")),
        "coo": said(coo, coo2),
        "coo indices": said(coo, coo3),
        "coo number": said(coo, x.to_sparse()),
        "coo dims": said(coo, torch.sparse_coo_tensor([[0, 1]], torch.ones(2, 3), (2, 3))),
        "csr": said(csr, y.to_sparse_csr()),
        "csr number": said(csr, (x * (x > 2)).to_sparse_csr()),
        "csr indices": said(torch.eye(2).to_sparse_csr(), torch.eye(2).flip(0).to_sparse_csr()),
        "csc": said(csc, y.to_sparse_csc()),
        "quantized": said(q, torch.quantize_per_tensor(y, 0.5, 0, torch.qint8)),
        "quantized close": said(q, torch.quantize_per_tensor(x, 0.25, 0, torch.qint8)),
        "quantized or not": said(q, x),
        "qscheme": said(q, torch.quantize_per_channel(x, t([0.5, 0.5]), t([0, 0]), 0, torch.qint8)),
        "float8": said(f8, f8b),
        "float8 equal": said(f8, f8),
        "float8 tolerances": said(f8, f8b, rtol=0.1, atol=0.1),
        "empty": said(torch.empty(0), torch.empty(0)),
        "three dims": said(torch.zeros(2, 2, 2), torch.eye(8)[5].view(2, 2, 2)),
        "numbers": said(1.0, 1.5),
        "numbers equal": said(1e-9, 1e-10, **zero),
        "numbers close": said(1.0, 1.0 + 1e-8),
        "integers": said(3, 4),
        "to zero": said(0.5, 0.0),
        "large integers": said(2**62, 2**62 + 1),
        "complex numbers": said(1 + 2j, 3j),
        "number nan": said(nan, nan),
        "number nan equal": said(nan, nan, equal_nan=True),
        "number inf": said(inf, inf),
        "bools": said(True, False),
        "bools equal": said(True, True),
        "none": said(None, 1),
        "nones": said(None, None),
        "one tolerance": said(1.0, 1.0, rtol=0.1),
        "sequence": said([x, y], [x, x]),
        "sequence equal": said([x, y], [x, y]),
        "length": said([x], [x, x]),
        "mapping": said({"a": x, "b": [1.0, 2.0]}, {"b": [1.0, 2.5], "a": x}),
        "mapping of numbers": said({2: 1.0, 10: 1.0}, {2: 2.0, 10: 2.0}),
        "keys": said({"a": 1, "c": 2, "b": 3}, {"a": 1, "d": 2}),
        "nested": said([{"a": [1, 2]}], [{"a": [1]}]),
    }


def tensors():
    def made(*arguments, **options):
        torch.manual_seed(0)
        x = make_tensor(*arguments, device="cpu", **options)
        x = x.float() if x.dtype.itemsize == 1 and x.dtype.is_floating_point or x.dtype in (torch.half, torch.bfloat16) else x
        return {"stride": list(x.stride()), "offset": x.storage_offset(), "value": encode(x)}

    return {
        "float32": made((2, 3), dtype=torch.float32),
        "float64": made((4,), dtype=torch.float64, low=-1, high=1),
        "float16": made((4,), dtype=torch.float16),
        "bfloat16": made((4,), dtype=torch.bfloat16),
        "float8": made((4,), dtype=torch.float8_e4m3fn),
        "whole range": made((4,), dtype=torch.float64, low=-inf, high=inf),
        "complex64": made((2, 2), dtype=torch.complex64),
        "int64": made((2, 3), dtype=torch.int64),
        "int64 from 2.5": made((8,), dtype=torch.int64, low=2.5, high=5.5),
        "int8": made((8,), dtype=torch.int8, low=-1000, high=1000),
        "uint8": made((8,), dtype=torch.uint8),
        "bool": made((8,), dtype=torch.bool),
        "bool without zero": made((8,), dtype=torch.bool, exclude_zero=True),
        "int32 without zero": made((8,), dtype=torch.int32, low=0, high=2, exclude_zero=True),
        "apart": made((2, 3), dtype=torch.float32, noncontiguous=True),
        "one": made((1,), dtype=torch.float32, noncontiguous=True),
        "scalar": made((), dtype=torch.float32, noncontiguous=True),
        "channels last": made((1, 2, 2, 2), dtype=torch.float32, memory_format=torch.channels_last),
        "equal limits": made((2,), dtype=torch.float32, low=3, high=3),
    }


def cases():
    return {"errors": errors(), "tensors": tensors()}
