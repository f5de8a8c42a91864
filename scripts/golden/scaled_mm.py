"""Golden cases of grouped and scaled matrix products, in float32.

torch/nn/functional/scaled_test.go makes the same ones.
"""

import torch
import torch.nn.functional as F

from .tensors import encode

E4M3, E5M2 = torch.float8_e4m3fn, torch.float8_e5m2


def ramp(*shape):
    n = torch.Size(shape).numel()
    return (torch.arange(n) % 7 - 3).float().reshape(shape) / 4


def cases():
    a, b = ramp(6, 8), ramp(2, 8, 16)
    offs = torch.tensor([2, 6], dtype=torch.int32)
    x, y = ramp(16, 32).to(E4M3), ramp(16, 32).to(E4M3).t()
    whole = torch.tensor(0.5), F.ScalingType.TensorWise
    rows, columns = ramp(16, 1).abs() + 0.5, ramp(1, 16).abs() + 0.25
    products = {
        "grouped": F.grouped_mm(a, b, offs=offs),
        "grouped bfloat16": F.grouped_mm(a.bfloat16(), b.bfloat16(), offs=offs),
        "grouped 3d": F.grouped_mm(ramp(2, 3, 8), b),
        "scaled": F.scaled_mm(x, y, *whole, *whole),
        "scaled float32": F.scaled_mm(x, y, *whole, *whole, output_dtype=torch.float32),
        "scaled rows": F.scaled_mm(
            x, y, rows, F.ScalingType.RowWise, columns, F.ScalingType.RowWise, output_dtype=torch.float32
        ),
    }
    return {name: encode(y.float()) for name, y in products.items()}
