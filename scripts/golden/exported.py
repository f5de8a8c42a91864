"""Programs of torch.export, their arguments and what Python gives for them:
torch/export/testdata/*.pt2.gz and *.pt.gz."""

import copy
import gzip
import io
import json
import pathlib
import warnings

import __main__  # scripts/golden.py
import torch
from torch import nn
from torch.export import Dim, export


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        self.register_buffer("shift", torch.ones(3), persistent=False)
        self.scale = torch.tensor([2., 3, 4])

    def forward(self, x, more):
        y = self.layers(x) * self.scale + self.shift
        return {"out": torch.cat([y, more["k"]]).view(-1, 3), "rest": (y.sum(), x.shape[0] + 1)}


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 4 * 4, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.norm(self.conv(x)).relu(), 2)
        return self.head(x.flatten(1)).log_softmax(-1)


class Block(nn.Module):
    """A residual block, as ResNet and MobileNet have them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x):
        x = x + nn.functional.hardswish(self.norm(self.conv(x)))
        return nn.functional.adaptive_avg_pool2d(x, 1).flatten(1)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(3, 4, batch_first=True)

    def forward(self, x):
        return self.rnn(x)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 8)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, 2, 4).permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, t, 8))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(11, 8), nn.Embedding(16, 8)
        self.attention, self.norm = Attention(), nn.LayerNorm(8)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        return self.norm(x + self.attention(x)) @ self.tokens.weight.t()


class Cache(nn.Module):
    """Keys of the tokens so far, changed in place."""

    def __init__(self):
        super().__init__()
        self.register_buffer("keys", torch.zeros(6, 2))

    def forward(self, x, at):
        self.keys.index_copy_(0, at, x)
        return self.keys @ x.t()


class Branches(nn.Module):
    def forward(self, x):
        y = torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos(), (x,))
        i, z = torch._higher_order_ops.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * 2), (torch.tensor(0), y))
        return z, torch._higher_order_ops.map(lambda a: a + 1, x)


class DataDependent(nn.Module):
    def forward(self, x):
        n = x.sum().item()
        torch._check(n >= 0)
        return torch.zeros(n).cumsum(0) + 1, x.nonzero()


class Modes(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        with torch.no_grad():
            y = x * 2
        with torch.autocast("cpu", dtype=torch.bfloat16):
            z = self.linear(y)
        return y, z.float()


class InPlace(nn.Module):
    def forward(self, x):
        x.add_(1)
        return x * 2


def cases():
    torch.manual_seed(1)
    batch = Dim("batch", min=2, max=64)
    files = {"header.json": json.dumps(__main__.header("exported"), indent=1).encode() + b"\n"}

    def add(name, model, arguments, train=False, decompose=False, **options):
        warnings.simplefilter("ignore")
        program = export(model.train(train), copy.deepcopy(arguments), strict=False, **options)
        if decompose:
            program = program.run_decompositions()
        shorten_traces(program)
        out = io.BytesIO()
        torch.export.save(program, out)
        runs = []
        module = torch.export.load(io.BytesIO(out.getvalue())).module()
        for seed in range(2):
            torch.manual_seed(seed)
            given = copy.deepcopy(arguments)
            want = module(*given)
            runs.append({"args": list(copy.deepcopy(arguments)), "want": want, "after": list(given)})
        files[name + ".pt2.gz"] = packed(out.getvalue())
        kept = io.BytesIO()
        torch.save({"runs": runs, "buffers": dict(module.named_buffers())}, kept)
        files[name + ".pt.gz"] = packed(kept.getvalue())

    x = torch.randn
    add("mlp", MLP(), (x(5, 4), {"k": x(5, 3)}), dynamic_shapes=({0: batch}, {"k": {0: batch}}))
    add("cnn", CNN(), (x(3, 1, 8, 8),), dynamic_shapes=({0: batch},))
    add("cnn_train", CNN(), (x(3, 1, 8, 8),), train=True)
    add("cnn_decomposed", CNN(), (x(3, 1, 8, 8),), train=True, decompose=True)
    add("block", Block(), (x(3, 4, 6, 6),), dynamic_shapes=({0: batch},))
    add("lstm", Recurrent(nn.LSTM), (x(2, 5, 3),))
    add("gru", Recurrent(nn.GRU), (x(2, 5, 3),))
    add("encoder", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (x(2, 5, 8),))
    add("decoder", nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), (x(2, 5, 8), x(2, 4, 8)))
    add("gpt", GPT(), (torch.arange(10).view(2, 5),), dynamic_shapes=({0: batch, 1: Dim("length", min=2, max=16)},))
    add("cache", Cache(), (x(2, 2), torch.tensor([1, 3])))
    add("branches", Branches(), (x(3, 3),))
    add("data_dependent", DataDependent(), (torch.tensor([2, 0, 3]),))
    add("modes", Modes(), (x(2, 3),))
    add("in_place", InPlace(), (x(2, 3),))
    add("in_place_decomposed", InPlace(), (x(2, 3),), decompose=True)
    return files


def shorten_traces(program):
    """Leaves out where Python and this script are installed."""
    for module in program.graph_module.modules():
        for node in module.graph.nodes if hasattr(module, "graph") else []:
            trace = node.meta.get("stack_trace") or ""
            for folder in pathlib.Path(torch.__file__).parents[1], pathlib.Path(__file__).parents[2]:
                trace = trace.replace(f"{folder}/", "")
            node.meta["stack_trace"] = trace
            node.meta.pop("from_node", None)  # which has addresses


def packed(data):
    return gzip.compress(data, mtime=0)
