"""Programs of torch.export, their arguments and what Python gives for them:
torch/export/testdata/*.pt2.gz and *.pt.gz."""

import collections
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
from torch._higher_order_ops import scan, while_loop
from torch.utils.flop_counter import FlopCounterMode

from . import networks


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
        i, z = while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * 2), (torch.tensor(0), y))
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


class Nested(nn.Module):
    """Arguments and results of all structures."""

    def forward(self, pair, *, scale, table, power=2):
        x, rest = pair
        y = x ** power * scale["s"] + table[0]
        return collections.OrderedDict(y=y, same=x), [rest[0], None, 3, 2.5, True], y.topk(2), {1: y.shape[1]}


class NestedInPlace(nn.Module):
    def forward(self, x):
        x["a"].mul_(2)
        x["b"][0][0].zero_()
        return x["a"].sum()


class Constants(nn.Module):
    def forward(self, x, n, f, b, s, none):
        y = x * n + f if b and s == "go" and none is None else x
        return y, torch.tensor([1, 2]), torch.full((2,), float("-inf"))


class Tied(nn.Module):
    """Weights under two names, buffers that are views of another, constants, complex numbers."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)
        self.b.weight = self.a.weight
        self.c = self.a
        all_of_it = torch.arange(12.).view(4, 3)
        self.register_buffer("all_of_it", all_of_it)
        self.register_buffer("rows", all_of_it[1:3])
        self.register_buffer("columns", all_of_it.t(), persistent=False)
        self.z = torch.tensor([1 + 2j, 3, 4j])

    def forward(self, x):
        self.all_of_it.add_(1)
        y = self.b(self.a(x)) + self.c(x)
        return y @ self.columns, self.rows + 0, (y * self.z).abs(), torch.view_as_real(torch.fft.fft(y) * 2j)


class BufferOut(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("total", torch.zeros(2))
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x):
        self.total += x
        with torch.no_grad():
            self.weight.mul_(2)
        return self.total * 1, self.weight * x


class Sizes(nn.Module):
    """What sizes are computed by."""

    def forward(self, x, y):
        n, m = x.shape[0], y.shape[0]
        ints = [n + m, n - m, n * m, n // m, n % m, -n, n ** 2, 2 ** m, n << 2, n >> 1, n & m, n | m, torch.sym_max(n, m),
                torch.sym_min(n, m), torch.sym_ite(n > m, n, m)]
        floats = [n / m, torch.sym_float(n) * 1.5, (n / 2) % 1.5, torch.sym_sqrt(n), n ** -1, torch.sym_max(n / 2, m)]
        return ints, floats, torch.full((2,), n / m), x.new_zeros(n // 2, m + 1), torch.arange(n * 2)


class Relations(nn.Module):
    def forward(self, x, y):
        if x.shape[0] % 2 == 0 and x.shape[1] != y.shape[0]:
            x = x.view(-1, 2, x.shape[1]).sum(1)
        return x.sum() + y[: x.shape[0]].sum() if x.shape[0] * 2 > y.shape[0] else x


class Derived(nn.Module):
    def forward(self, x, y, z):
        return x * 2, y[:2] + z.sum()


class Checks(nn.Module):
    def forward(self, x, n):
        torch._assert_async((x > 0).all(), "all must be positive")
        size = n.item()
        torch._check(size >= 2)
        torch._check(size <= 20)
        return x.log(), torch.ones(size)


class Loops(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(6, 3)

    def forward(self, xs, h):
        def step(h, x):
            h = {"h": torch.tanh(self.cell(torch.cat([h["h"], x], -1))), "n": h["n"] + 1}
            return h, (h["h"].clone(), x.sum())

        forth = scan(step, {"h": h, "n": torch.tensor(0.)}, xs)
        back = scan(lambda a, x: (a * 0.5 + x, a + x), h, xs, reverse=True)
        shape = torch.cond(xs.shape[0] > 4, lambda h: h.sin(), lambda h: h.cos(), (h,))
        inner = torch.cond(h.sum() > 0, lambda h: torch.cond(h.max() > 2, lambda h: h * 2, lambda h: h * 3, (h,)), lambda h: h - 1, (h,))
        return forth, back, shape, inner, torch._higher_order_ops.map(lambda x, h: x @ h.t(), xs, h)


class NestedModes(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    @torch.no_grad()
    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = self.linear(x)
            with torch.autocast("cpu", enabled=False):
                z = self.linear(y.float())
            return y, z, self.linear(z)


@torch.library.custom_op("gotorch_golden::scale", mutates_args=())
def scale(x: torch.Tensor, s: float = 2.0, more: list[torch.Tensor] | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """An operator that the Go test defines, too."""
    y = x * s
    for z in more or []:
        y = y + z
    return y, y.sum(-1)


@scale.register_fake
def _(x, s=2.0, more=None):
    return torch.empty_like(x), x.new_empty(x.shape[:-1])


@torch.library.custom_op("gotorch_golden::clip_", mutates_args={"x"})
def clip_(x: torch.Tensor, low: float) -> None:
    x.clamp_(min=low)


class Custom(nn.Module):
    """Operators that are defined outside of libtorch."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        y, total = torch.ops.gotorch_golden.scale(self.linear(x), more=[x, x.cos()])
        z, _ = torch.ops.gotorch_golden.scale(y.sin(), 0.5)
        w = z + 0
        torch.ops.gotorch_golden.clip_(w, -0.1)
        return w, total


def cases():
    torch.manual_seed(1)
    batch = Dim("batch", min=2, max=64)
    half = Dim("half", min=2, max=20)
    auto = Dim.DYNAMIC
    files = {"header.json": json.dumps(__main__.header("exported"), indent=1).encode() + b"\n"}

    def add(name, model, *calls, kwargs=None, train=False, decompose=False, learns=False, refused=(), **options):
        """A program that is exported with the first call's arguments, run twice with them and once with each others', and
        what it says of those that it refuses."""
        warnings.simplefilter("ignore")
        kwargs = kwargs or {}
        program = export(model.train(train), copy.deepcopy(calls[0]), copy.deepcopy(kwargs), strict=False, **options)
        if decompose:
            program = program.run_decompositions()
        shorten_traces(program)
        out = io.BytesIO()
        torch.export.save(program, out)
        files[name + ".pt2.gz"] = packed(out.getvalue())

        def load():
            return torch.export.load(io.BytesIO(out.getvalue())).module()

        runs, errors, losses, module = [], [], [], load()
        for seed, arguments in enumerate(calls[:1] + calls):
            torch.manual_seed(seed)
            given, named = copy.deepcopy((arguments, kwargs))
            with torch.no_grad():  # scan and others compute otherwise when they keep what gradients need
                want = plain(copy.deepcopy(module(*given, **named)))
            runs.append({"args": list(copy.deepcopy(arguments)), "kwargs": copy.deepcopy(kwargs), "want": want, "after": list(given),
                         "flops": flops(load(), arguments, kwargs)})
        buffers = copy.deepcopy(dict(module.named_buffers()))
        for arguments in refused:
            try:
                module(*copy.deepcopy(arguments), **kwargs)
            except (AssertionError, RuntimeError) as e:
                errors.append({"args": list(arguments), "says": str(e)})
            else:
                raise ValueError(f"{name} takes arguments that it should refuse")
        if learns:
            module = load()
            optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
            for _ in range(3):
                optimizer.zero_grad()
                loss = module(*calls[0])[:, 0].mean().neg()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        learned = copy.deepcopy(module.state_dict()) if learns else {}
        kept = io.BytesIO()
        torch.save({"runs": runs, "buffers": buffers, "errors": errors, "losses": losses, "learned": dict(learned)}, kept)
        files[name + ".pt.gz"] = packed(kept.getvalue())

    def images(n, size, channels=3):
        return ((torch.arange(n * channels * size * size) * 7919 % 509 - 254) / 200).view(n, channels, size, size)

    x = torch.randn
    more = {"k": x(5, 3)}
    add("mlp", MLP(), (x(5, 4), more), (x(2, 4), {"k": x(2, 3)}), dynamic_shapes=({0: batch}, {"k": {0: batch}}))
    add("cnn", CNN(), (x(3, 1, 8, 8),), (x(5, 1, 8, 8),), dynamic_shapes=({0: batch},))
    add("cnn_train", CNN(), (x(3, 1, 8, 8),), (x(5, 1, 8, 8),), train=True, learns=True, dynamic_shapes=({0: batch},))
    add("cnn_decomposed", CNN(), (x(3, 1, 8, 8),), (x(5, 1, 8, 8),), train=True, decompose=True, dynamic_shapes=({0: batch},))
    resnet = networks.fill(networks.ResNet18())
    add("resnet18", resnet, (images(2, 32),), (images(5, 32),), dynamic_shapes=({0: batch},))
    add("resnet18_train", resnet, (images(3, 32),), (images(5, 32),), train=True, learns=True, dynamic_shapes=({0: batch},))
    add("mobilenet", networks.fill(networks.MobileNetV3()), (images(2, 32),), (images(3, 32),), dynamic_shapes=({0: batch},))
    add("vit", networks.fill(networks.ViT()), (images(2, 16),), (images(3, 16),), dynamic_shapes=({0: batch},))
    add("block", Block(), (x(3, 4, 6, 6),), dynamic_shapes=({0: batch},))
    add("lstm", Recurrent(nn.LSTM), (x(2, 5, 3),), (x(4, 5, 3),), dynamic_shapes=({0: batch},))
    add("gru", Recurrent(nn.GRU), (x(2, 5, 3),), (x(4, 5, 3),), dynamic_shapes=({0: batch},))
    add("encoder", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (x(2, 5, 8),))
    add("decoder", nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), (x(2, 5, 8), x(2, 4, 8)))
    add("transformer", networks.fill(nn.Transformer(8, 2, 1, 1, 16, batch_first=True)), (x(2, 5, 8), x(2, 4, 8)), (x(3, 5, 8), x(3, 4, 8)),
        dynamic_shapes={"src": {0: batch}, "tgt": {0: batch}})
    add("gpt", GPT(), (torch.arange(10).view(2, 5),), (torch.arange(9).view(3, 3),),
        dynamic_shapes=({0: batch, 1: Dim("length", min=2, max=16)},))
    add("gpt_cache", networks.fill(networks.CachedGPT()), (torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.arange(3)),
        (torch.tensor([[7, 12], [8, 9]]), torch.tensor([3, 4])), (torch.tensor([[10], [11]]), torch.tensor([5])),
        (torch.tensor([[1, 3, 5, 7], [2, 4, 6, 8], [9, 10, 11, 12]]), torch.arange(4)),
        dynamic_shapes=({0: auto, 1: auto}, {0: auto}), refused=[(torch.ones(2, 3).long(), torch.arange(4))])
    add("cache", Cache(), (x(2, 2), torch.tensor([1, 3])))
    add("branches", Branches(), (x(3, 3),))
    add("loops", Loops(), (x(5, 2, 3), x(2, 3)), (x(3, 2, 3), torch.ones(2, 3)), (x(3, 2, 3), torch.ones(2, 3) * 3),
        dynamic_shapes=({0: auto}, None))
    add("data_dependent", DataDependent(), (torch.tensor([2, 0, 3]),), (torch.tensor([0, 1, 1]),))
    add("modes", Modes(), (x(2, 3),))
    add("modes_nested", NestedModes(), (x(2, 3),))
    add("in_place", InPlace(), (x(2, 3),))
    add("in_place_decomposed", InPlace(), (x(2, 3),), decompose=True)
    add("in_place_nested", NestedInPlace(), ({"a": x(2), "b": [x(2, 2)]},), decompose=True)
    add("buffer_out", BufferOut(), (x(2),))
    add("buffer_out_decomposed", BufferOut(), (x(2),), decompose=True)
    add("nested", Nested(), ((x(2, 3), [x(1)]),), kwargs={"scale": {"s": x(3)}, "table": [x(1)], "power": 2})
    add("constants", Constants(), (x(2), 3, 1.5, True, "go", None), refused=[
        (x(2), 4, 1.5, True, "go", None), (x(2), 3, 2.5, True, "go", None), (x(2), 3, 1.5, False, "go", None), (x(2), 3, 1.5, True, "no", None)])
    add("tied", Tied(), (x(2, 3),))
    add("sizes", Sizes(), (x(7), x(3)), (x(11), x(4)), (x(9), x(2)), dynamic_shapes=({0: auto}, {0: auto}))
    add("relations", Relations(), (x(6, 3), x(4)), (x(8, 2), x(5)), dynamic_shapes=({0: auto, 1: auto}, {0: auto}), refused=[
        (x(7, 3), x(4)), (x(6, 4), x(4)), (x(4, 3), x(9)), (x(0, 3), x(9))])
    add("derived", Derived(), (x(6), x(13), x(4)), (x(8), x(17), x(5)), dynamic_shapes=({0: 2 * half}, {0: 4 * half + 1}, {0: half + 1}), refused=[
        (x(42), x(85), x(22))])
    add("checks", Checks(), (torch.ones(2), torch.tensor(3)), refused=[
        (-torch.ones(2), torch.tensor(3)), (torch.ones(2), torch.tensor(1)), (torch.ones(2), torch.tensor(30))])
    add("custom", Custom(), (x(2, 3),), (x(4, 3),), dynamic_shapes=({0: batch},))
    return files


def flops(module, arguments, kwargs):
    """What PyTorch counts, with a recurrent network as products; -1 where operators run graphs, which it does not count."""
    if any(isinstance(node.target, torch._ops.HigherOrderOperator) for node in module.graph.nodes):
        return -1
    with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False), FlopCounterMode(display=False) as mode:
        module(*copy.deepcopy(arguments), **copy.deepcopy(kwargs))
    return mode.get_total_flops()


def plain(value):
    """The value with tuples for the structs that operators give."""
    if type(value).__module__ == "torch.return_types":
        return tuple(value)
    if isinstance(value, (tuple, list)):
        return type(value)(plain(v) for v in value)
    return value


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
