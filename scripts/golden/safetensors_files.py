"""Files that Python's safetensors writes: torch/safetensors/testdata/python/*."""

import json
import pathlib
import tempfile

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bfloat16", "complex64", "bool",
          "uint16", "uint32", "uint64", "float8_e5m2", "float8_e4m3fn", "float8_e5m2fnuz", "float8_e4m3fnuz"]


def dtypes():
    """Every dtype that both have, by falling name."""
    return {name: torch.tensor([[0., 1, 2], [3, 4, 1]]).to(getattr(torch, name)) for name in sorted(DTYPES, reverse=True)}


def odd():
    """Shapes and names that are seldom."""
    return {"scalar": torch.tensor(2.5), "empty": torch.empty(2, 0, 3), "": torch.tensor([1.]), "byte": torch.tensor([7], dtype=torch.uint8),
            "size\t\"\\/\n\x01\x7fgrößer<&>\u2028\U0001f600": torch.tensor([True]), "B": torch.tensor([2.]), "a": torch.tensor([3.])}


def small():
    """What torch's blocks of small numbers have; Python's reader refuses it."""
    return {"scale": torch.tensor([1., 2.]).to(torch.float8_e8m0fnu), "blocks": torch.tensor([[0x21, 0x43, 0x65]], dtype=torch.uint8).view(torch.float4_e2m1fn_x2)}


def sharded():
    """A model of several files; the second is larger than a file is to be."""
    return {"a.weight": torch.arange(4.), "b.weight": torch.arange(12.), "a.bias": torch.arange(2.), "c.weight": torch.arange(3.)}


def cases():
    """The files' contents by their names."""
    files = {"dtypes.safetensors": save(dtypes()), "odd.safetensors": save(odd(), {"format\n": "pt\""}),
             "empty.safetensors": save({}), "small.safetensors": save(small())}
    with tempfile.TemporaryDirectory() as folder:
        save_torch_state_dict(sharded(), folder, max_shard_size=24)
        for path in pathlib.Path(folder).iterdir():
            files[path.name] = path.read_bytes()
    index = "model.safetensors.index.json"  # as transformers writes it
    files[index] = (json.dumps(json.loads(files[index]), indent=2, sort_keys=True) + "\n").encode()
    return files
