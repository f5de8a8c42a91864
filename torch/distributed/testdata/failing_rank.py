"""One rank of a job with a rank in Go that goes wrong, in Python: python_test.go says how."""

import os
import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist

mode = sys.argv[1]
dist.init_process_group("gloo", timeout=timedelta(seconds=60))
dist.barrier()
if mode == "shorter timeout":
    dist.distributed_c10d._set_pg_timeout(timedelta(seconds=3))
x = torch.ones(3)
if mode == "dies":
    os._exit(3)
elif mode == "hangs":
    time.sleep(20)
elif mode == "another collective":
    dist.recv(x, 1 - dist.get_rank())
elif mode == "objects":
    dist.all_gather_object([None, None], "a pickle")
else:
    dist.all_reduce(x)
