"""Tensors in golden files: dtype, shape, and the elements' bytes in base64."""

import base64

import torch


def encode(x: torch.Tensor) -> dict:
    x = x.detach().resolve_conj().contiguous()
    return {
        "dtype": str(x.dtype).removeprefix("torch."),
        "shape": list(x.shape),
        "data": base64.b64encode(x.numpy().tobytes()).decode(),
    }
