"""What bench/weights/main.go measures, in Python."""

import argparse
import json
import os
import time

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def net(size):
    return torch.nn.Sequential(*[torch.nn.Linear(10000, 1000, bias=False) for _ in range(size * 25)])


def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-task")
    parser.add_argument("-dir")
    parser.add_argument("-size", type=int)
    o = parser.parse_args()
    pt, st = os.path.join(o.dir, "weights.pt"), os.path.join(o.dir, "weights.safetensors")
    verb, ending, *rest = o.task.split()
    again = os.path.join(o.dir, "again." + ending)
    if verb in ("save", "replace"):
        if verb == "save" and os.path.exists(again):
            os.remove(again)
        state = net(o.size).state_dict()
    elif o.task.startswith("module"):
        with torch.device("meta"):
            module = net(o.size)
        module.to_empty(device="cpu")
    torch.ones(1)
    os.sync()  # what others wrote
    before, start = peak(), time.time()
    if o.task == "open pt":
        torch.load(pt, mmap=True)
    elif o.task == "open safetensors":
        safe_open(st, "pt")
    elif o.task == "first safetensors":
        with safe_open(st, "pt") as f:
            f.get_tensor(list(f.keys())[0]).sum().item()
    elif o.task == "module pt":
        module.load_state_dict(torch.load(pt, mmap=True))
    elif o.task == "module safetensors":
        module.load_state_dict(load_file(st))
    elif ending == "pt":
        torch.save(state, again)
    else:
        save_file(state, again)
    if rest:  # to the disk
        os.fsync(os.open(again, os.O_RDWR))
    print(json.dumps({"Seconds": time.time() - start, "Peak": peak() - before}))


if __name__ == "__main__":
    main()
