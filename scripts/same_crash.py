#!/usr/bin/env python3
"""Says how calls that ended a Go program end in Python.

    go run ./internal/opfuzz -deaths deaths.json
    python3 scripts/same_crash.py deaths.json

Each line of the file is a call as internal/opfuzz writes it, after others that may
have done harm to memory. It runs in a process of its own, which may die. What calls
do to memory that is not theirs differs from run to run, so each is tried several
times, until it is fatal. Exits with 1 if a call does not end Python.
"""

import json
import os
import resource
import signal
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import torch  # noqa: E402  after the number of threads

MEMORY = 2 << 30  # what a call may add to the address space, about as in Go
PATIENCE = 20  # seconds
TRIES = 5


def numbers(values, sizes):
    return torch.tensor(values, dtype=torch.float64).reshape(sizes)


def run(sources, out):
    """Runs the sources and writes the last one's outcome, if it lives that long."""
    with open("/proc/self/statm") as file:
        limit = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for source in sources:
        try:
            exec(source, {"torch": torch, "numbers": numbers, "nan": float("nan"), "inf": float("inf")})
            outcome = "gives a result"
        except BaseException as e:
            outcome = f"{type(e).__name__}: {e}".splitlines()[0]
    os.write(out, outcome.encode())


def outcome(sources):
    """Runs the sources in a process and returns how that ends."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        run(sources, write)
        os._exit(0)
    os.close(write)
    end = time.monotonic() + PATIENCE
    while (status := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(read)
            return "time-out"
        time.sleep(0.002)
    text = os.read(read, 300).decode(errors="replace")
    os.close(read)
    if os.WIFSIGNALED(status[1]):
        return signal.Signals(os.WTERMSIG(status[1])).name
    return text or f"exit status {os.WEXITSTATUS(status[1])}"


def main() -> None:
    alive = 0
    with open(sys.argv[1]) as file:
        for line in file:
            call = json.loads(line)
            for _ in range(TRIES):
                how = outcome(call["Python"])
                if dies := how.startswith("SIG") or how == "time-out":
                    break
            alive += not dies
            print(f"{call['Op']} {call['How'].split()[-1]} {call['Seed']}/{call['Call']}: {how}", flush=True)
    sys.exit(alive > 0)


if __name__ == "__main__":
    main()
