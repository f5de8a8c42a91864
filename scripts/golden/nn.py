"""Golden cases for torch/nn and the packages below it: torch/nn/testdata/nn.json."""

import hashlib
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional, init

from .tensors import encode


def digest(x):
    """SHA-256 of the elements' bytes in row-major order, for what is too long to list."""
    return hashlib.sha256(x.detach().contiguous().numpy().tobytes()).hexdigest()


def maybe(x):
    """A tensor or None."""
    return None if x is None else encode(x)


def message(f):
    """The words of the error that f raises."""
    try:
        f()
    except Exception as e:
        return e.args[0] if isinstance(e, KeyError) else str(e)
    raise AssertionError("no error")


def linear():
    """Layers made after manual_seed, a forward and a backward pass."""
    sizes = [
        # in, out, bias, seed, leading dimensions of the input, dtype
        (1, 1, True, 0, [1], "float32"),
        (3, 2, True, 0, [4], "float32"),
        (3, 2, False, 0, [4], "float32"),
        (7, 5, True, 1234, [2, 3], "float32"),
        (16, 17, False, 7, [], "float32"),
        (5, 4, True, 42, [3], "float64"),
        (6, 3, False, 42, [0], "float32"),
    ]
    result = []
    for n_in, n_out, bias, seed, leading, dtype in sizes:
        torch.manual_seed(seed)
        layer = nn.Linear(n_in, n_out, bias=bias, dtype=getattr(torch, dtype))
        x = torch.randn(*leading, n_in, dtype=layer.weight.dtype, requires_grad=True)
        y = layer(x)
        up = torch.randn_like(y)
        y.backward(up)
        result.append({
            "in": n_in, "out": n_out, "has_bias": bias, "seed": seed, "dtype": dtype,
            "weight": encode(layer.weight), "bias": maybe(layer.bias),
            "x": encode(x), "y": encode(y), "up": encode(up),
            "grad_x": encode(x.grad), "grad_weight": encode(layer.weight.grad),
            "grad_bias": encode(layer.bias.grad) if bias else None,
        })
    return result


def linear_large():
    """Initial values of layers too large to list: a digest, and the first few."""
    result = []
    for n_in, n_out, bias, seed in [(784, 128, True, 0), (128, 10, True, 1), (511, 257, False, 2)]:
        torch.manual_seed(seed)
        layer = nn.Linear(n_in, n_out, bias=bias)
        result.append({
            "in": n_in, "out": n_out, "has_bias": bias, "seed": seed,
            "weight_sha256": digest(layer.weight), "weight_start": encode(layer.weight.flatten()[:8]),
            "bias_sha256": digest(layer.bias) if bias else "",
            "bias_start": encode(layer.bias[:8]) if bias else None,
            "next": encode(torch.rand(2)),  # the generator's state after
        })
    return result


def cross_entropy():
    """Losses and gradients for each option."""
    generator = torch.Generator().manual_seed(3)

    def randn(*size, **options):
        return torch.randn(*size, generator=generator, **options)

    classes = torch.tensor([1, 0, 3, 2, 3])
    weight = torch.tensor([0.5, 1.0, 2.0, 0.25])
    x = randn(5, 4)
    p = torch.softmax(randn(5, 4), 1)
    image = randn(2, 4, 2, 3)
    labels = torch.randint(0, 4, (2, 2, 3), generator=generator)
    settings = [
        ("default", x, classes, {}),
        ("sum", x, classes, {"reduction": "sum"}),
        ("none", x, classes, {"reduction": "none"}),
        ("mean by name", x, classes, {"reduction": "mean"}),
        ("weight", x, classes, {"weight": weight}),
        ("weight sum", x, classes, {"weight": weight, "reduction": "sum"}),
        ("weight none", x, classes, {"weight": weight, "reduction": "none"}),
        ("ignore", x, classes, {"ignore_index": 3}),
        ("ignore none", x, classes, {"ignore_index": 3, "reduction": "none"}),
        ("ignore 0 weight", x, classes, {"ignore_index": 0, "weight": weight}),
        ("ignore default", x, torch.tensor([1, -100, 3, -100, 0]), {}),
        ("smooth", x, classes, {"label_smoothing": 0.1}),
        ("smooth weight ignore", x, classes, {"label_smoothing": 0.3, "weight": weight, "ignore_index": 2}),
        ("smooth none", x, classes, {"label_smoothing": 0.3, "reduction": "none"}),
        ("probabilities", x, p, {}),
        ("probabilities weight", x, p, {"weight": weight}),
        ("probabilities smooth sum", x, p, {"label_smoothing": 0.2, "reduction": "sum"}),
        ("probabilities none", x, p, {"reduction": "none"}),
        ("no batch", x[0], classes[0], {}),
        ("image", image, labels, {}),
        ("image weight ignore", image, labels, {"weight": weight, "ignore_index": 1}),
        ("image none", image, labels, {"reduction": "none"}),
        ("image sum smooth", image, labels, {"reduction": "sum", "label_smoothing": 0.1}),
        ("float64", x.double(), classes, {"weight": weight.double()}),
    ]
    result = []
    for name, score, target, options in settings:
        score = score.clone().requires_grad_(True)
        loss = nn.CrossEntropyLoss(**options)(score, target)
        (loss if loss.dim() == 0 else (loss * torch.arange(1, loss.numel() + 1).view_as(loss)).sum()).backward()
        assert torch.equal(loss, functional.cross_entropy(score, target, **options))
        result.append({
            "name": name,
                        "x": encode(score),
            "target": encode(target),
            "weight": maybe(options.get("weight")),
            "ignore_index": options.get("ignore_index"),
            "reduction": options.get("reduction", ""),
            "label_smoothing": options.get("label_smoothing", 0.0),
            "loss": encode(loss),
            "grad": encode(score.grad),
        })
    return result


def nninit():
    """Values drawn by torch.nn.init for a seed, gains and fans."""
    drawn = []

    def draw(name, size, seed, f, **options):
        torch.manual_seed(seed)
        x = torch.empty(*size)
        f(x, **options)
        drawn.append({"name": name, "size": size, "seed": seed, "options": options, "values": encode(x)})

    draw("uniform", [3, 4], 0, init.uniform_, a=-2.0, b=0.5)
    draw("uniform", [19], 5, init.uniform_, a=0.0, b=1.0)
    draw("kaiming_uniform", [4, 5], 0, init.kaiming_uniform_)
    draw("kaiming_uniform", [4, 5], 1, init.kaiming_uniform_, a=5**0.5)
    draw("kaiming_uniform", [4, 5], 2, init.kaiming_uniform_, mode="fan_out", nonlinearity="relu")
    draw("kaiming_uniform", [4, 2, 3, 3], 3, init.kaiming_uniform_, a=0.2)
    draw("kaiming_uniform", [4, 2, 3], 3, init.kaiming_uniform_, mode="fan_out", a=0.2)
    draw("kaiming_uniform", [2, 3], 4, init.kaiming_uniform_, nonlinearity="tanh")
    draw("kaiming_uniform", [2, 3], 4, init.kaiming_uniform_, nonlinearity="selu")
    draw("kaiming_uniform", [2, 3], 4, init.kaiming_uniform_, nonlinearity="linear")
    draw("normal", [3, 4], 6, init.normal_, mean=0.5, std=2.0)
    draw("xavier_uniform", [4, 5], 0, init.xavier_uniform_)
    draw("xavier_uniform", [4, 2, 3], 1, init.xavier_uniform_, gain=1.5)
    draw("xavier_normal", [1, 1, 17], 2, init.xavier_normal_)
    draw("xavier_normal", [4, 5], 3, init.xavier_normal_, gain=0.5)
    draw("kaiming_normal", [4, 5], 1, init.kaiming_normal_, a=0.3)
    draw("kaiming_normal", [4, 2, 3], 2, init.kaiming_normal_, mode="fan_out", nonlinearity="relu")
    draw("trunc_normal", [5, 5], 0, init.trunc_normal_, mean=0.0, std=1.0, a=-2.0, b=2.0)
    draw("trunc_normal", [40], 1, init.trunc_normal_, mean=1.0, std=0.5, a=0.8, b=1.3)
    draw("trunc_normal", [40], 2, init.trunc_normal_, mean=0.0, std=1.0, a=1.5, b=4.0)  # few fit
    draw("trunc_normal", [3], 3, init.trunc_normal_, mean=5.0, std=1.0, a=-2.0, b=2.0)
    draw("constant", [2, 2], 0, init.constant_, val=0.3)
    draw("ones", [3], 0, init.ones_)
    draw("zeros", [3], 0, init.zeros_)
    draw("eye", [3, 5], 0, init.eye_)
    draw("eye", [3, 2], 0, init.eye_)
    draw("dirac", [4, 3, 3], 0, init.dirac_)
    draw("dirac", [4, 2, 3, 2], 0, init.dirac_, groups=2)
    draw("dirac", [2, 3, 1, 2, 4], 0, init.dirac_)
    draw("orthogonal", [4, 4], 0, init.orthogonal_)
    draw("orthogonal", [3, 2, 4], 1, init.orthogonal_, gain=1.5)
    draw("orthogonal", [5, 2], 2, init.orthogonal_, gain=0.5)
    draw("sparse", [7, 3], 0, init.sparse_, sparsity=0.3)
    draw("sparse", [4, 2], 1, init.sparse_, sparsity=0.5, std=2.0)
    names = ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
             "sigmoid", "tanh", "relu", "selu"]
    gains = [{"name": n, "a": 0.0, "gain": float(init.calculate_gain(n))} for n in names]
    gains += [{"name": "leaky_relu", "a": a, "gain": float(init.calculate_gain("leaky_relu", a))}
              for a in [0.0, 0.01, 0.2, 5**0.5, -1.5]]
    fans = [{"size": s, "fans": list(init._calculate_fan_in_and_fan_out(torch.empty(*s)))}
            for s in [[3, 4], [3, 4, 5], [2, 3, 5, 7], [0, 3]]]
    return {
        "drawn": drawn, "gains": gains, "fans": fans,
        "errors": {
            "gain": message(lambda: init.calculate_gain("gelu")),
            "fan": message(lambda: init.kaiming_uniform_(torch.empty(3))),
            "eye": message(lambda: init.eye_(torch.empty(3))),
            "dirac": message(lambda: init.dirac_(torch.empty(3))),
            "groups": message(lambda: init.dirac_(torch.empty(3, 2, 2), 2)),
            "orthogonal": message(lambda: init.orthogonal_(torch.empty(3))),
            "sparse": message(lambda: init.sparse_(torch.empty(3), 0.5)),
        },
    }


class Block(nn.Module):
    """A module within others; its Go twin is in torch/nn's tests."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.act = nn.ReLU(inplace=True)


class Net(nn.Module):
    """Every kind of part: parameters, buffers, nested, shared and absent modules."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2))
        self.bias = None
        self.register_buffer("running_mean", torch.zeros(3))
        self.register_buffer("cache", torch.zeros(1), persistent=False)
        self.register_buffer("count", torch.tensor(0))
        self.flatten = nn.Flatten()
        self.body = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), Block())
        self.heads = nn.ModuleList([nn.Linear(4, 2) for _ in range(3)])
        self.in_proj = nn.Linear(4, 4, bias=False)
        self.out_proj = nn.Linear(4, 4, bias=False)
        self.out_proj.weight = self.in_proj.weight
        self.first = self.body[0]
        self.again = self.flatten
        self.loss = nn.CrossEntropyLoss(weight=torch.ones(2))


def structure():
    """Names, order and printing of nested modules."""
    net = Net()
    applied = []
    net.apply(lambda m: applied.append(type(m).__name__))
    mixed = nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU(), nn.ReLU(), nn.ReLU(), nn.Linear(1, 2), Block(), Block()])
    printed = {
        "net": str(net),
        "linear": str(nn.Linear(3, 4)),
        "linear no bias": str(nn.Linear(3, 4, bias=False)),
        "relu": str(nn.ReLU()),
        "relu inplace": str(nn.ReLU(inplace=True)),
        "flatten": str(nn.Flatten()),
        "flatten dims": str(nn.Flatten(0, -2)),
        "loss": str(nn.CrossEntropyLoss(reduction="sum", label_smoothing=0.1)),
        "sequential": str(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))),
        "sequential empty": str(nn.Sequential()),
        "sequential nested": str(nn.Sequential(nn.Sequential(nn.Sequential(nn.ReLU())), nn.Sequential())),
        "list empty": str(nn.ModuleList()),
        "list one": str(nn.ModuleList([nn.ReLU()])),
        "list mixed": str(mixed),
        "list of lists": str(nn.ModuleList([nn.ModuleList([nn.ReLU(), nn.ReLU()]), nn.ModuleList([nn.ReLU(), nn.ReLU()])])),
        "block": str(Block()),
        "sequential named": str(nn.Sequential(OrderedDict([("fc", nn.Linear(4, 2)), ("relu", nn.ReLU())]))),
        "dict": str(nn.ModuleDict({"relu": nn.ReLU(), "again": nn.ReLU(), "fc": nn.Linear(2, 1)})),
        "parameter list": str(nn.ParameterList([nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.tensor(1.0))])),
        "parameter list one": str(nn.ParameterList([nn.Parameter(torch.ones(3, dtype=torch.float64))])),
        "parameter dict": str(nn.ParameterDict(OrderedDict([
            ("b", nn.Parameter(torch.ones(2, 3))), ("a", nn.Parameter(torch.ones(2, dtype=torch.float64)))]))),
    }
    return {
        "printed": printed,
        "state_dict": list(net.state_dict()),
        "parameters": [n for n, _ in net.named_parameters()],
        "buffers": [n for n, _ in net.named_buffers()],
        "modules": [n for n, _ in net.named_modules()],
        "children": [n for n, _ in net.named_children()],
        "applied": applied,
    }


def loading():
    """Reports and errors of load_state_dict. Each case changes the dict of a Net."""
    def changed(drop=(), add=(), reshape=()):
        d = Net().state_dict()
        for name in drop:
            del d[name]
        for name in add:
            d[name] = torch.zeros(1)
        for name, size in reshape:
            d[name] = torch.zeros(size)
        return d

    changes = [
        {"drop": ["w"]},
        {"drop": ["heads.1.bias", "count", "w", "loss.weight"]},
        {"add": ["extra"]},
        {"add": ["body.2.fc.extra", "zzz", "heads.7.weight", "body.0.bias.x", "cache", "bias", "a.b.c"]},
        {"drop": ["first.weight", "in_proj.weight"], "add": ["fc.weight"]},
        {"reshape": [["w", [3]]]},
        {"reshape": [["count", [2, 2]], ["body.0.weight", [4, 5]], ["w", [0]]]},
        {"drop": ["w"], "add": ["more"], "reshape": [["body.2.fc.bias", [4, 1]]]},
        {"reshape": [["w", []]]},
        {"reshape": [["first.bias", [5]]]},
    ]
    result = []
    for change in changes:
        case = {"drop": change.get("drop", []), "add": change.get("add", []),
                "reshape": [{"name": n, "size": s} for n, s in change.get("reshape", [])]}
        case["strict"] = message(lambda: Net().load_state_dict(changed(**change)))
        case["lenient"], case["missing"], case["unexpected"] = "", [], []
        if case["reshape"]:
            case["lenient"] = message(lambda: Net().load_state_dict(changed(**change), strict=False))
        else:
            keys = Net().load_state_dict(changed(**change), strict=False)
            case["missing"], case["unexpected"] = keys.missing_keys, keys.unexpected_keys
        result.append(case)
    return result


def errors():
    """The words of other errors."""
    return {
        "reduction": message(lambda: nn.CrossEntropyLoss(reduction="middle")(torch.zeros(1, 2), torch.zeros(1, dtype=torch.long))),
        "linear_shapes": message(lambda: nn.Linear(3, 2)(torch.zeros(4, 5))),
        "linear_dtype": message(lambda: nn.Linear(3, 2)(torch.zeros(4, 3, dtype=torch.float64))),
        "target_range": message(lambda: nn.CrossEntropyLoss()(torch.zeros(1, 2), torch.tensor([2]))),
        "target_batch": message(lambda: nn.CrossEntropyLoss()(torch.zeros(2, 2), torch.tensor([0]))),
        "smoothing": message(lambda: nn.CrossEntropyLoss(label_smoothing=1.5)(torch.zeros(1, 2), torch.tensor([0]))),
        "to_dtype": message(lambda: nn.Linear(3, 2).to(torch.int64)),
        "module_name_dot": message(lambda: nn.Module().add_module("a.b", nn.ReLU())),
        "module_name_empty": message(lambda: nn.Module().add_module("", nn.ReLU())),
        "module_name_taken": message(lambda: Net().register_buffer("w", torch.zeros(1))),
        "parameter_name_dot": message(lambda: Net().register_parameter("a.b", None)),
        "parameter_name_empty": message(lambda: Net().register_parameter("", None)),
        "parameter_name_taken": message(lambda: Net().register_parameter("body", None)),
        "parameter_no_leaf": message(lambda: Net().register_parameter(
            "p", nn.Parameter(torch.ones(2), requires_grad=False).mul_(Net().w))),
        "buffer_name_dot": message(lambda: Net().register_buffer("a.b", None)),
        "buffer_name_empty": message(lambda: Net().register_buffer("", None)),
        "get_submodule": message(lambda: Net().get_submodule("body.2.fc.nothing")),
        "get_submodule_tensor": message(lambda: Net().get_submodule("body.0.weight")),
        "get_parameter": message(lambda: Net().get_parameter("body.0.nothing")),
        "get_parameter_buffer": message(lambda: Net().get_parameter("running_mean")),
        "get_buffer": message(lambda: Net().get_buffer("body.nothing")),
        "get_buffer_parameter": message(lambda: Net().get_buffer("body.0.weight")),
        "set_submodule_empty": message(lambda: Net().set_submodule("", nn.ReLU())),
        "set_submodule_tensor": message(lambda: Net().set_submodule("w", nn.ReLU())),
        "list_index": message(lambda: nn.ModuleList([nn.ReLU()])[3]),
        "sequential_index": message(lambda: nn.Sequential(nn.ReLU())[-2]),
        "dict_key": message(lambda: nn.ModuleDict()["x"]),
        "parameter_dtype": message(lambda: nn.Parameter(torch.zeros(2, dtype=torch.int64))),
    }


def cases():
    """Everything, as JSON's types."""
    return {
        "linear": linear(), "linear_large": linear_large(), "cross_entropy": cross_entropy(), "nninit": nninit(),
        "structure": structure(), "loading": loading(), "errors": errors(),
    }
