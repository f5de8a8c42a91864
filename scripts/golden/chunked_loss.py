"""Golden cases of linear_cross_entropy in chunks: torch/nn/functional/testdata/chunked_loss.json.gz.

  losses  what goes in is made after manual_seed(0), as the test makes it; the loss
          and the gradients of input, weight and bias, from those of the losses
  sizes   what the options come to for an input of a shape
  errors  what options cannot be
"""

import itertools

import torch
from torch import nn
from torch.nn import functional as F

from .tensors import encode

IN, CLASSES = 3, 5


def wide(x):
    """A tensor for a golden file, which has no dtypes of 16 bits."""
    return encode(x.float() if x.dtype in (torch.float16, torch.bfloat16) else x)


def options(o):
    o = dict(o)
    if "acc_dtype" in o:
        o["acc_dtype"] = getattr(torch, o["acc_dtype"])
    if o.get("chunking_method") == "none":
        o["chunking_method"] = None
    return nn.LinearCrossEntropyOptions(**o)


def loss(dtype="float32", target="labels", reduction="mean", weighted=False, batch=10, ignore_index=None, **o):
    torch.manual_seed(0)
    to = getattr(torch, dtype)
    x, w, b = torch.randn(max(batch, 1), IN).to(to), torch.randn(CLASSES, IN).to(to), torch.randn(CLASSES).to(to)
    labels, probabilities = torch.randint(0, CLASSES, (max(batch, 1),)), torch.rand(max(batch, 1), CLASSES).to(to)
    weight, ups = torch.rand(CLASSES).to(to), torch.randn(max(batch, 1)).to(to)
    y = labels if target == "labels" else probabilities
    if batch == 0:  # no batch at all
        x, y, ups = x[0], y[0], ups[0]
    leaves = [t.requires_grad_() for t in ([x, w, b] if weighted else [x, w])]
    result = F.linear_cross_entropy(x, w, y, linear_bias=b if weighted else None, weight=weight if weighted else None,
                                    reduction=reduction, ignore_index=ignore_index, options=options(o))
    result.backward(ups if reduction == "none" else torch.tensor(1.5).to(to))
    return {"dtype": dtype, "target": target, "reduction": reduction, "weighted": weighted, "batch": batch,
            "ignore_index": ignore_index, "options": o, "loss": wide(result), "grads": [wide(t.grad) for t in leaves]}


def losses():
    for dtype, target, reduction, policy in itertools.product(
            ["float32", "float64", "bfloat16", "float16"], ["labels", "probabilities"], ["mean", "sum", "none"], ["accurate", "compact"]):
        accs = ["float32", dtype] if dtype.endswith("16") else [dtype]
        for acc in accs:
            yield loss(dtype, target, reduction, weighted=True, ignore_index=2 if target == "labels" else None,
                       batch_chunk_size=4, acc_policy=policy, acc_dtype=acc)
    for target, reduction in itertools.product(["labels", "probabilities"], ["mean", "none"]):
        yield loss(target=target, reduction=reduction)
        yield loss("bfloat16", target=target, reduction=reduction)
        yield loss("float16", target=target, reduction=reduction, chunking_method="aspect_ratio:2", allow_retain_graph=True)
        yield loss(target=target, reduction=reduction, batch=0, chunking_method="none")
    yield loss(ignore_index=-1, batch_chunk_size=20)


def sizes():
    for (shape, classes), dtype, probabilities, o in itertools.product(
            [((100, 8), 1000), ((100, 8), 30), ((1000, 64), 10), ((7, 3), 3), ((1, 5), 50)],
            ["float32", "bfloat16"], [False, True],
            [{}, {"acc_policy": "compact"}, {"acc_policy": "accurate"}, {"chunking_method": "aspect_ratio"},
             {"chunking_method": "aspect_ratio:4"}, {"chunking_method": "none"}, {"batch_chunk_size": 9}]):
        got = options(o)._adjust(*shape, classes, getattr(torch, dtype), torch.device("cpu"), probabilities)
        yield {"shape": shape, "classes": classes, "dtype": dtype, "probabilities": probabilities, "options": o,
               "size": got.batch_chunk_size, "compact": got.acc_policy == "compact", "acc": str(got.acc_dtype)}


def error(**o):
    try:
        loss(**o)
    except (RuntimeError, ValueError) as e:
        return {"options": o, "message": str(e)}
    raise AssertionError("no error")


def cases():
    return {
        "losses": list(losses()),
        "sizes": list(sizes()),
        "errors": [
            error(acc_policy="best"),
            error(batch_chunk_size=-1),
            error(chunking_method="rows"),
            error(chunking_method="aspect_ratio:0"),
            error(chunking_method="aspect_ratio", batch_chunk_size=3),
            error(acc_dtype="int64"),
            error(acc_dtype="float64"),
        ],
    }
