#!/usr/bin/env python3
"""Profiles examples/gpt/train.py as -profile does main.go, for a test of examples/gpt.

    python3 scripts/profiler_check.py counts | time

counts prints how many calls of each name the third to fifth step make, in JSON. time
prints what a step takes in milliseconds, with and without the profiler, for as many
rounds as lines come to the standard input.
"""

import json
import pathlib
import sys
import time

import torch
from torch.profiler import profile, schedule

TRAIN = pathlib.Path(__file__).resolve().parent.parent / "examples/gpt/train.py"


def train(steps, stepped):
    """Runs the example, and calls stepped after each step but the last one."""
    script = {"__name__": "train"}
    exec(compile(TRAIN.read_text(), str(TRAIN), "exec"), script)
    batch, begun = script["batch"], [False]

    def before_step(data):
        if begun[0]:
            stepped()
        begun[0] = True
        return batch(data)

    script["batch"] = before_step
    sys.argv = ["train.py", "--steps", str(steps), "--every", str(steps + 1), "--sample", "0"]
    script["main"]()


def counts():
    with profile(record_shapes=True, schedule=schedule(wait=1, warmup=1, active=3, repeat=1)) as p:
        train(6, p.step)
    found = {}
    for event in p.events():
        found[event.name] = found.get(event.name, 0) + 1
    return found


def timed():
    """The shortest of the steps from the third on: with the profiler and without."""
    shortest = []
    for with_profiler in (True, False):
        p = profile() if with_profiler else None
        at, took = [time.perf_counter()], []

        def stepped():
            took.append(time.perf_counter() - at[0])
            at[0] = time.perf_counter()

        if p:
            p.start()
        train(8, stepped)
        if p:
            p.stop()
        shortest.append(1000 * min(took[2:]))
    return shortest


def main():
    torch.set_num_threads(1)
    out = sys.stdout
    sys.stdout = sys.stderr  # what the example prints
    if sys.argv[1] == "counts":
        print(json.dumps(counts()), file=out)
        return
    for _ in sys.stdin:
        print(json.dumps(timed()), file=out, flush=True)


if __name__ == "__main__":
    main()
