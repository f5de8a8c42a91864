"""One rank of the job that python_test.go describes, in Python."""

import faulthandler
import json
import os
import sys
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn

results = {}


def note(name, *tensors):
    results[name] = [v for t in tensors for v in t.detach().flatten().tolist()]


def collectives(rank):
    def own():
        return (rank + 1) * torch.tensor([1.0, 2.0, 3.5])

    def pair():
        return [10 * i + own() for i in range(2)]

    def zeros(n=3):
        return torch.zeros(n)

    for op in "SUM", "AVG", "PRODUCT", "MIN", "MAX":
        x = own()
        dist.all_reduce(x, getattr(dist.ReduceOp, op))
        note("all_reduce " + op.lower(), x)
    for dtype in torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8:
        x = own().to(dtype)
        dist.all_reduce(x)
        note(f"all_reduce {dtype}", x.double())
    x = torch.complex(own(), -own())
    dist.all_reduce(x)
    note("all_reduce complex", torch.view_as_real(x))
    list = [own(), own()[:1]]
    dist.all_reduce_coalesced(list)
    note("all_reduce_coalesced", *list)
    for root in range(2):
        x = own()
        dist.broadcast(x, root)
        note(f"broadcast {root}", x)
        x = own()
        dist.reduce(x, root)
        outputs = [zeros(), zeros()] if rank == root else None
        dist.gather(own(), outputs, root)
        if rank == root:
            note(f"reduce {root}", x)
            note(f"gather {root}", *outputs)
        x = zeros()
        dist.scatter(x, pair() if rank == root else None, root)
        note(f"scatter {root}", x)
    outputs = [zeros(), zeros()]
    dist.all_gather(outputs, own())
    note("all_gather", *outputs)
    x = zeros(6)
    dist.all_gather_into_tensor(x, own())
    note("all_gather_into_tensor", x)
    x = zeros()
    dist.reduce_scatter(x, pair())
    note("reduce_scatter", x)
    x = zeros()
    dist.reduce_scatter_tensor(x, torch.cat(pair()))
    note("reduce_scatter_tensor", x)
    outputs = [zeros(), zeros()]
    dist.all_to_all(outputs, pair())
    note("all_to_all", *outputs)
    x = zeros(2 * (rank + 1))
    dist.all_to_all_single(x, own(), [rank + 1] * 2, [1, 2])
    note("all_to_all_single", x)
    x = zeros()
    works = dist.batch_isend_irecv(
        [dist.P2POp(dist.isend, own(), 1 - rank, tag=4), dist.P2POp(dist.irecv, x, 1 - rank, tag=4)]
    )
    for work in works:
        work.wait()
    note("batch_isend_irecv", x)
    if rank == 0:
        dist.send(own(), 1)
    else:
        note("recv", torch.tensor(float(dist.recv(x))), x)
    dist.barrier()
    dist.monitored_barrier()
    group = dist.new_group([1, 0])
    x = own()
    dist.all_reduce(x, group=group)
    note("group", x)


def ddp(rank, **options):
    torch.manual_seed(0)
    net = nn.parallel.DistributedDataParallel(
        nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4)), **options
    )
    torch.manual_seed(100 + rank)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for step in range(5):
        x, y = torch.randn(6, 8), torch.randint(0, 4, (6,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    name = f"ddp {sorted(options)}"
    note(name + " losses", *losses)
    note(name + " parameters", *net.parameters())


faulthandler.dump_traceback_later(60, exit=True)
dist.init_process_group("gloo", timeout=timedelta(seconds=60))
collectives(dist.get_rank())
ddp(dist.get_rank())
ddp(dist.get_rank(), gradient_as_bucket_view=True)
ddp(dist.get_rank(), find_unused_parameters=True)
dist.barrier()
dist.destroy_process_group()
with open(os.environ["GOTORCH_TEST_OUT"], "w") as file:
    json.dump(results, file)
sys.exit(0)
