"""Python's checkpoint storage beside Go's: "read DIR" checks what Go wrote; "write DIR", of a
job of two ranks, writes divided and whole tensors."""

import sys

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader, HuggingFaceStorageWriter
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor


def values():
    return {
        "fc.weight": torch.arange(21, dtype=torch.float32).reshape(7, 3),
        "fc.bias": torch.arange(7, dtype=torch.bfloat16),
        "across": torch.arange(8, dtype=torch.int64).reshape(2, 4),
        "whole": torch.tensor([1.5, 2.5], dtype=torch.float64),
    }


def main():
    command, path = sys.argv[1:]
    want = values()
    if command == "read":
        state = {name: torch.zeros_like(x) for name, x in want.items()}
        dcp.load(state, storage_reader=HuggingFaceStorageReader(path), no_dist=True)
        for name, x in want.items():
            assert torch.equal(x, state[name]), (name, state[name])
        return
    dist.init_process_group("gloo")
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    dims = {"fc.weight": 0, "fc.bias": 0, "across": 1}
    place = lambda name, x: distribute_tensor(x, mesh, [Shard(dims[name])]) if name in dims else x
    state = {name: place(name, x) for name, x in want.items()}
    if command == "write":
        dcp.save(state, storage_writer=HuggingFaceStorageWriter(path, save_distributed=True))
    else:  # read divided
        target = {name: place(name, torch.zeros_like(x)) for name, x in want.items()}
        dcp.load(target, storage_reader=HuggingFaceStorageReader(path))
        for name, x in state.items():
            local = lambda y: y.to_local() if name in dims else y
            assert torch.equal(local(x), local(target[name])), name
    dist.destroy_process_group()


main()
