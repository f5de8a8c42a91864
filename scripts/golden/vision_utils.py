"""Golden cases for torch/vision/utils: torch/vision/utils/testdata/utils.json. They need
torchvision 0.29.2."""

import torch
from torchvision.utils import make_grid

from .tensors import encode


def cases():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(5, 3, 2, 3, generator=g)
    gray = torch.rand(3, 1, 2, 2, generator=g)
    return {
        "x": encode(x),
        "gray": encode(gray),
        "grids": {
            "defaults": encode(make_grid(x)),
            "rows": encode(make_grid(x, nrow=2, padding=1, pad_value=0.5)),
            "normalize": encode(make_grid(x, normalize=True, padding=0)),
            "range": encode(make_grid(x, normalize=True, value_range=(-1, 1))),
            "each": encode(make_grid(x, normalize=True, scale_each=True, nrow=3)),
            "gray": encode(make_grid(gray)),
            "one": encode(make_grid(x[:1])),
            "no batch": encode(make_grid(x[0])),
            "one channel": encode(make_grid(gray[0])),
            "two dims": encode(make_grid(gray[0, 0])),
        },
    }
