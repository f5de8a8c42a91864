"""Golden cases of torch.cuda.memory_summary: what Python prints of made-up statistics, which
takes no GPU. They are large and small, so that all units are there.
"""

import random
from unittest import mock

import torch
from torch.cuda import memory

BOUNDS = {
    "allocated_bytes": 5 << 40, "active_bytes": 3 << 30, "requested_bytes": 700 << 20, "reserved_bytes": 9 << 20,
    "inactive_split_bytes": 600 << 10, "allocation": 9_000_000, "active": 700_000, "segment": 900, "inactive_split": 3 << 30,
}


def statistics():
    numbers = random.Random(1)
    stats = {"num_ooms": 3, "num_alloc_retries": 12345}

    def put(name, bound):
        for column in ("current", "peak", "allocated", "freed"):
            stats[f"{name}.{column}"] = numbers.randrange(bound)

    for name, bound in BOUNDS.items():
        for shift, pool in enumerate(("all", "large_pool", "small_pool")):
            put(f"{name}.{pool}", bound >> shift)
    put("oversize_allocations", 10)
    put("oversize_segments", 1_000_000)
    return stats


def cases():
    stats = statistics()
    with mock.patch.object(memory, "memory_stats", lambda device: stats), \
            mock.patch.object(memory, "_get_device_index", lambda device, optional: device):
        return [{"stats": stats, "device": device, "abbreviated": short,
                 "text": torch.cuda.memory_summary(device, abbreviated=short)}
                for device, short in ((0, False), (1, True))]
