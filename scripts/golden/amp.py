"""Golden cases for torch/amp: torch/amp/testdata/amp.json.

  dtypes   the dtype of an operator's result within autocast, by the dtypes of its
           inputs, which torch/amp/dtypes_test.go gives it in the same way
  nets     a small net within autocast: the output, the loss and the gradients
  functions  a product of matrices with custom_fwd and custom_bwd, by the dtype that
           inputs are cast to and by whether there is autocast around its forward
           and its backward: the output, the gradients, and what each of them sees
  scalers  for each iteration whether a gradient is finite, and what the scale and
           the count of steps are then; the parameter at the end
"""

import torch
from torch import nn
from torch.nn import functional as F

from .tensors import encode


def name(x):
    return str(x.dtype).removeprefix("torch.")


def wide(x):
    """A tensor for a golden file, which has no dtypes of 16 bits."""
    return {"dtype": name(x), "values": encode(x.float())}


OPERATORS = {
    "matmul": lambda x, y: x @ y,
    "mm": lambda x, y: torch.mm(x, y),
    "bmm": lambda x, y: torch.bmm(x[None], y[None]),
    "addmm": lambda x, y: torch.addmm(x, x, y),
    "linear": lambda x, y: F.linear(x, y),
    "conv1d": lambda x, y: F.conv1d(x[None], y[:, :, None]),
    "conv2d": lambda x, y: F.conv2d(x[None, :, None], y[:, :, None, None]),
    "sdpa": lambda x, y: F.scaled_dot_product_attention(x[None], y[None], x[None]),
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "cat": lambda x, y: torch.cat([x, y]),
    "stack": lambda x, y: torch.stack([x, y]),
    "relu": lambda x, y: x.relu(),
    "softmax": lambda x, y: x.softmax(1),
    "log_softmax": lambda x, y: x.log_softmax(1),
    "layer_norm": lambda x, y: F.layer_norm(x, [4]),
    "gelu": lambda x, y: F.gelu(x),
    "sum": lambda x, y: x.sum(),
    "exp": lambda x, y: x.exp(),
    "mse_loss": lambda x, y: F.mse_loss(x, y),
    "l1_loss": lambda x, y: F.l1_loss(x, y),
    "smooth_l1_loss": lambda x, y: F.smooth_l1_loss(x, y),
    "binary_cross_entropy_with_logits": lambda x, y: F.binary_cross_entropy_with_logits(x, y),
    "cosine_similarity": lambda x, y: F.cosine_similarity(x, y),
    "cdist": lambda x, y: torch.cdist(x, y),
    "trace": lambda x, y: x.trace(),
    "inverse": lambda x, y: x.inverse(),
    "avg_pool2d": lambda x, y: F.avg_pool2d(x[None], 2),
    "interpolate": lambda x, y: F.interpolate(x[None], scale_factor=2, mode="linear"),
}


def dtypes():
    base = torch.eye(4) + 0.1
    result = []
    for operator, f in OPERATORS.items():
        for x, y in [("float32", "float32"), ("bfloat16", "bfloat16"), ("float16", "float16"),
                     ("bfloat16", "float32"), ("float64", "float64")]:
            for dtype in ["bfloat16", "float16"]:
                try:
                    with torch.autocast("cpu", dtype=getattr(torch, dtype)):
                        got = name(f(base.to(getattr(torch, x)), base.to(getattr(torch, y))))
                except RuntimeError:
                    got = ""
                result.append({"operator": operator, "inputs": [x, y], "autocast": dtype, "result": got})
    return result


def net(dtype, cache, disabled):
    torch.manual_seed(0)
    first, second = nn.Linear(5, 8), nn.Linear(8, 3)
    x = torch.randn(16, 5)
    y = torch.randint(0, 3, (16,))
    with torch.autocast("cpu", dtype=getattr(torch, dtype), cache_enabled=cache):
        hidden = F.relu(first(x))
        if disabled:
            with torch.autocast("cpu", enabled=False):
                out = second(hidden.float())
        else:
            out = second(F.gelu(first(x)) + hidden)
        loss = F.cross_entropy(out, y)
    loss.backward()
    grads = [p.grad for m in (first, second) for p in m.parameters()]
    return {"dtype": dtype, "cache": cache, "disabled": disabled, "hidden": wide(hidden), "out": wide(out),
            "loss": wide(loss), "grads": [wide(g) for g in grads]}


def function(cast, forward, backward, dtype):
    seen = []

    def see(*tensors):
        seen.append({"enabled": torch.is_autocast_enabled("cpu"), "dtypes": [name(x) for x in tensors]})

    class MatMul(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=cast and getattr(torch, cast))
        def forward(ctx, x, y, index):
            see(x, y, index)
            ctx.save_for_backward(x, y)
            return x @ y

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, grad):
            see(grad)
            x, y = ctx.saved_tensors
            return grad @ y.T, x.T @ grad, None

    torch.manual_seed(0)
    x, y = torch.randn(3, 4, requires_grad=True), torch.randn(4, 2, requires_grad=True)
    with torch.autocast("cpu", enabled=forward, dtype=getattr(torch, dtype)):
        out = MatMul.apply(x, y, torch.arange(3))
    with torch.autocast("cpu", enabled=backward):
        out.sum().backward()
    return {"cast": cast or "", "forward": forward, "backward": backward, "dtype": dtype, "seen": seen,
            "out": wide(out), "grads": [wide(x.grad), wide(y.grad)]}


def scaler(options, finite, update):
    s = torch.amp.GradScaler("cpu", **options)
    p = nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))
    optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    scales, trackers = [], []
    for i, value in enumerate(finite):
        optimizer.zero_grad()
        s.scale((p * p).sum()).backward()
        if value != 1:
            p.grad[1] = float("inf") if value == 0 else float("nan")
        s.step(optimizer)
        s.update(update if i == 3 else None)
        scales.append(s.get_scale())
        trackers.append(s.state_dict()["_growth_tracker"])
    return {"options": options, "finite": finite, "update": update, "scales": scales, "trackers": trackers,
            "state": s.state_dict(), "params": encode(p)}


def cases():
    finite = [1, 1, 0, 1, 1, 1, -1, 1, 1, 1, 1, 0, 0, 1, 1, 1]
    return {
        "dtypes": dtypes(),
        "nets": [net(d, c, off) for d in ["bfloat16", "float16"] for c in [True, False] for off in [True, False]],
        "functions": [function(c, f, b, d) for c in [None, "float32", "bfloat16"] for f in [True, False] for b in [True, False]
                      for d in (["bfloat16", "float16"] if f and c is None else ["bfloat16"])],
        "scalers": [
            scaler({}, finite, None),
            scaler({"init_scale": 8.0, "growth_interval": 2}, finite, None),
            scaler({"init_scale": 10.0, "growth_factor": 1.5, "backoff_factor": 0.7, "growth_interval": 3}, finite, None),
            scaler({"init_scale": 4.0, "growth_interval": 1}, finite, 100.0),
        ],
    }
