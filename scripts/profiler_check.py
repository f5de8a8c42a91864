#!/usr/bin/env python3
"""Profiles examples/gpt/train.py as -profile does main.go, for a test of examples/gpt.

    python3 scripts/profiler_check.py counts | time | checkpointed

counts prints how many calls of each name the third to fifth step make, in JSON, without
those by which the optimizer counts its steps. time
prints what a small operator takes in microseconds of the processor, with and without the
profiler, as often as a line comes to the standard input. checkpointed prints, in JSON, the
losses of --checkpoint, and without it and with it how many bytes of tensors the third to fifth
step had at most beyond what there was before.
"""

import itertools
import json
import pathlib
import sys
import time

import torch
from torch.profiler import profile, schedule

TRAIN = pathlib.Path(__file__).resolve().parent.parent / "examples/gpt/train.py"


def train(steps, stepped, *flags):
    """Runs the example, calls stepped after each step but the last one, and gives what it prints."""
    printed = []
    script = {"__name__": "train", "print": printed.append}
    exec(compile(TRAIN.read_text(), str(TRAIN), "exec"), script)
    batch, begun = script["batch"], [False]

    def before_step(data):
        if begun[0]:
            stepped()
        begun[0] = True
        return batch(data)

    script["batch"] = before_step
    sys.argv = ["train.py", "--steps", str(steps), "--every", str(steps + 1), "--sample", "0", *flags]
    script["main"]()
    return printed


def counts():
    with profile(record_shapes=True, schedule=schedule(wait=1, warmup=1, active=3, repeat=1)) as p:
        train(6, p.step)
    found = {}
    for event in p.events():
        if not counts_steps(event):
            found[event.name] = found.get(event.name, 0) + 1
    return found


def counts_steps(event):
    """Whether the event is what an optimizer counts its steps by, which Go does in other ways."""
    while event.cpu_parent and not event.cpu_parent.name.startswith("Optimizer.step"):
        event = event.cpu_parent
    return event.cpu_parent is not None and event.name != "aten::_fused_adamw_"


def peak(*flags):
    """The most bytes of tensors that three steps have beyond what was there before."""
    with profile(profile_memory=True, schedule=schedule(wait=1, warmup=1, active=3, repeat=1)) as p:
        train(6, p.step, *flags)
    made = [(e.start_ns(), e.nbytes()) for e in p.profiler.kineto_results.events() if e.name() == "[memory]"]
    return max(itertools.accumulate(bytes for _, bytes in sorted(made)))


def timed():
    """What a sum of small tensors takes of the processor, with the profiler and without."""
    x, calls, took = torch.ones(4, 4), 5000, []
    for with_profiler in (True, False):
        p = profile() if with_profiler else None
        if p:
            p.start()
        at = time.process_time()
        for _ in range(calls):
            x + x
        took.append(1e6 * (time.process_time() - at) / calls)
        if p:
            p.stop()
    return took


def main():
    torch.set_num_threads(1)
    if sys.argv[1] == "counts":
        print(json.dumps(counts()))
        return
    if sys.argv[1] == "checkpointed":
        losses = [float(line.split()[-1]) for line in train(10, lambda: None, "--checkpoint", "--every", "1") if line.startswith("step")]
        print(json.dumps({"losses": losses, "peaks": [peak(), peak("--checkpoint")]}))
        return
    for _ in sys.stdin:
        print(json.dumps(timed()), flush=True)


if __name__ == "__main__":
    main()
