"""Golden cases for printing: torch/testdata/print.json.

A case says how to make a tensor and what str() gives for it:

  name     what it is about
  dtype    the tensor's dtype, without "torch."
  shape    its shape
  values   its elements in row-major order, as text; a complex one is two
  recipe   instead of values: [start, step], element i is start + i * step
  device   "meta" for a tensor without elements
  grad     requires_grad
  ops      operations applied to the tensor in turn, by name
  options  arguments of torch.set_printoptions
  want     the text
"""

import math
import random

import torch

nan, inf = math.nan, math.inf


def _inplace(x):
    x = x.clone()
    x[0] = 5
    return x


def _changed_view(x):
    with torch.no_grad():
        view = x.view(-1)
        view.mul_(2)
    return view


def _channels(x, dtype):
    """Scales and zero points for the rows."""
    n = torch.arange(x.size(0))
    return (n + 1) / 8, n.to(dtype)


OPS = {
    "add": lambda x: x + 1,
    "sub": lambda x: x - 1,
    "mul": lambda x: x * 2,
    "div": lambda x: x / 2,
    "neg": lambda x: -x,
    "pow": lambda x: x**2,
    "sum": lambda x: x.sum(),
    "sum0": lambda x: x.sum(0),
    "mean": lambda x: x.mean(),
    "relu": lambda x: torch.relu(x),
    "matmul": lambda x: x @ x,
    "view": lambda x: x.view(-1),
    "t": lambda x: x.t(),
    "transpose": lambda x: x.transpose(0, 1),
    "permute": lambda x: x.permute(*range(x.dim() - 1, -1, -1)),
    "select": lambda x: x.select(0, 0),
    "narrow": lambda x: x.narrow(0, 1, 1),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "expand": lambda x: x.expand(3, *x.shape),
    "bigexpand": lambda x: x.expand(100000, 100000),
    "clone": lambda x: x.clone(),
    "double": lambda x: x.to(torch.float64),
    "detach": lambda x: x.detach(),
    "copyslice": _inplace,
    "changedview": _changed_view,
    "conj": lambda x: x.conj(),
    "real": lambda x: x.real,
    "imag": lambda x: x.imag,
    "gt": lambda x: x > 1,
    "sparse": lambda x: x.to_sparse(),
    "hybrid": lambda x: x.to_sparse(1),
    "csr": lambda x: x.to_sparse_csr(),
    "csc": lambda x: x.to_sparse_csc(),
    "bsr": lambda x: x.to_sparse_bsr((2, 1)),
    "bsc": lambda x: x.to_sparse_bsc((1, 2)),
    "mkldnn": lambda x: x.to_mkldnn(),
    "requires": lambda x: x.requires_grad_(),
    "nested": lambda x: torch.nested.nested_tensor([x[0], x[-1, 1:]]),
    "nestednothing": lambda x: torch.nested.nested_tensor([x[:0], x[:, :0]]),
    "qint8": lambda x: torch.quantize_per_tensor(x, 0.1, 2, torch.qint8),
    "quint8": lambda x: torch.quantize_per_tensor(x, 1e-5, 0, torch.quint8),
    "qint32": lambda x: torch.quantize_per_tensor(x, 2.0, 0, torch.qint32),
    "qchannel": lambda x: torch.quantize_per_channel(x, *_channels(x, torch.int64), 0, torch.quint8),
    "qchannelfloat": lambda x: torch.quantize_per_channel(x, *_channels(x, torch.float32), 0, torch.quint8),
}

FLOATS = ["float16", "bfloat16", "float32", "float64"]
INTS = ["uint8", "int8", "int16", "int32", "int64"]


def _text(value):
    if isinstance(value, complex):
        return [repr(value.real), repr(value.imag)]
    return [repr(value).lower()]


def _case(name, x, *, values=True, recipe=None, ops=(), grad=False, options=None):
    case = {"name": name, "dtype": str(x.dtype).removeprefix("torch."), "shape": list(x.shape)}
    if recipe is not None:
        case["recipe"] = recipe
    elif x.is_meta:
        case["device"] = "meta"
    else:
        flat = x.to(torch.complex64) if x.dtype == torch.complex32 else x
        case["values"] = [t for v in flat.reshape(-1).tolist() for t in _text(v)]
    if grad:
        x = x.clone().requires_grad_()
        case["grad"] = True
    if ops:
        case["ops"] = list(ops)
        for op in ops:
            x = OPS[op](x)
    if options:
        case["options"] = options
    torch.set_printoptions(**({"profile": "default"} | (options or {})))
    case["want"] = str(x)
    torch.set_printoptions(profile="default")
    return case


def _recipe(name, shape, dtype="float32", start=0, step=1, **more):
    """A tensor too big to list."""
    n = math.prod(shape)
    wide = torch.int64 if isinstance(start, int) and isinstance(step, int) else torch.float64
    x = (torch.arange(n).to(wide) * step + start).to(getattr(torch, dtype)).reshape(shape)
    return _case(name, x, recipe=[start, step], **more)


def _integers():
    def of(values, dtype):
        return torch.tensor(values, dtype=getattr(torch, dtype))

    for dtype in INTS:
        low, high = torch.iinfo(getattr(torch, dtype)).min, torch.iinfo(getattr(torch, dtype)).max
        yield _case(f"{dtype} limits", of([[low, 0, 1], [5, 10, high]], dtype))
        yield _case(f"{dtype} scalar", of(7, dtype))
        yield _case(f"{dtype} vector", of([1, 2, 3], dtype))
    yield _case("negative width", of([-1, 10, -100, 5], "int64"))
    yield _case("negative scalar", of(-42, "int64"))
    yield _case("sci_mode does not touch integers", of([1, 1000000], "int64"), options={"sci_mode": True})
    for n in (25, 26, 27, 40, 100):
        yield _recipe(f"arange {n}", [n], "int64")
        yield _recipe(f"arange {n} as 1 x {n}", [1, n], "int32")
    for values in ([True], [True, False], [[False, False], [True, True]], [[True], [False]]):
        yield _case("bool", of(values, "bool"))
    yield _case("bool scalar", of(False, "bool"))
    yield _case("bool vector of one value", of([True] * 30, "bool"))
    yield _case("bool lines", of([i % 3 == 0 for i in range(60)], "bool"))


SPECIAL = {
    "zero": [0.0],
    "negative zero": [-0.0],
    "both zeros": [0.0, -0.0],
    "whole": [1.0, 2.0, 3.0],
    "whole with zeros": [1.0, 0.0, -0.0],
    "whole negative": [-1.0, 10.0, -200.0],
    "fractions": [1.5, -2.25, 3.125],
    "fractions and zeros": [0.5, 0.0, -0.0],
    "nan": [nan],
    "inf": [inf],
    "minus inf": [-inf],
    "all not finite": [nan, inf, -inf],
    "not finite and zeros": [nan, 0.0, -inf, -0.0],
    "nan among whole": [1.0, nan, 20.0],
    "inf among whole": [1.0, inf, -inf],
    "nan among fractions": [1.5, nan, -inf, inf],
    "not finite in scientific": [1e-5, nan, -inf, inf, 0.0],
    "ratio 1000": [1.0, 1000.0],
    "ratio above 1000": [1.0, 1001.0],
    "ratio 1000 of fractions": [0.5, 500.0],
    "ratio above 1000 of fractions": [0.5, 501.0],
    "small": [1e-4],
    "smaller": [9.9e-5],
    "two small": [1e-3, 2e-4],
    "tenths": [0.1, 0.2, 0.3],
    "rounding": [0.00005, 0.99995, 1.00005, 2.5],
    "half to even": [0.125, 0.375, 0.03125, 0.09375],
    "two lines": [i / 8 - 3 for i in range(24)],
}


def _floats():
    for dtype in FLOATS:
        for name, values in SPECIAL.items():
            yield _case(f"{dtype} {name}", torch.tensor(values, dtype=getattr(torch, dtype)))
        for value in (0.0, -0.0, 1.0, -1.5, nan, -inf, 1e-6, 0.1):
            yield _case(f"{dtype} scalar {value}", torch.tensor(value, dtype=getattr(torch, dtype)))
        info = torch.finfo(getattr(torch, dtype))
        limits = [info.max, info.min, info.tiny, info.eps]
        yield _case(f"{dtype} limits", torch.tensor(limits, dtype=getattr(torch, dtype)))
        subnormal = torch.tensor([info.tiny / 4], dtype=getattr(torch, dtype))
        yield _case(f"{dtype} subnormal", subnormal)
    wide = {
        "1e8": [1e8, 1e6],
        "just above 1e8": [1.00000008e8, 1e7],
        "1e8 alone": [1e8],
        "2e8 alone": [2e8],
        "1e30": [1e30, 2e30],
        "three digits of exponent": [1e-300, 1e300],
        "one third": [1 / 3, 2 / 3],
    }
    for name, values in wide.items():
        for dtype in ("float32", "float64"):
            yield _case(f"{dtype} {name}", torch.tensor(values, dtype=getattr(torch, dtype)))
    for value in (1e300, 123456789.0, 12345.678):
        for sci_mode in (True, False):
            x = torch.tensor([value, 1.0], dtype=torch.float64)
            yield _case(f"float64 {value} sci_mode {sci_mode}", x, options={"sci_mode": sci_mode})


def _complexes():
    sets = {
        "whole": [1 + 2j, -3 - 4j],
        "fractions": [1.5 + 0.25j, -0.5 - 2j],
        "zeros": [0j, complex(-0.0, 0.0), complex(0.0, -0.0), complex(-0.0, -0.0)],
        "not finite": [complex(nan, 1), complex(1, nan), complex(inf, -inf), complex(0.5, inf)],
        "nan alone": [complex(nan, nan)],
        "widths differ": [complex(100.5, 1), complex(-1, -10)],
        "scientific real": [complex(1e-6, 1), complex(1, 2)],
        "scientific imaginary": [complex(1, 1e9), complex(1, 2)],
        "scientific both": [complex(1e-6, 1e9), complex(1, 2)],
        "lines": [complex(i / 2, -i) for i in range(20)],
    }
    for dtype in (torch.complex64, torch.complex128):
        for name, values in sets.items():
            yield _case(f"{dtype} {name}", torch.tensor(values, dtype=dtype))
        yield _case(f"{dtype} scalar", torch.tensor(1.5 - 2j, dtype=dtype))
        yield _case(f"{dtype} scalar nan", torch.tensor(complex(nan, inf), dtype=dtype))
        yield _case(f"{dtype} matrix", torch.tensor(sets["lines"], dtype=dtype).reshape(4, 5))
        yield _case(f"{dtype} sci_mode", torch.tensor(sets["fractions"], dtype=dtype), options={"sci_mode": True})
    yield _case("complex32", torch.tensor(sets["fractions"], dtype=torch.complex64).to(torch.complex32))
    yield _case("complex empty", torch.empty(0, 2, dtype=torch.complex64))
    values = torch.tensor([1 + 2j, -3 - 4.5j], dtype=torch.complex64)
    yield _case("conjugate", values, ops=["conj"])
    yield _case("real part", values, ops=["real"])
    yield _case("imaginary part of conjugate", values, ops=["conj", "imag"])
    yield _case("complex gradient", values, grad=True, ops=["mul"])
    yield _recipe("complex summarized", [30, 40], "complex64", -3, 0.5)


def _shapes():
    shapes = [[1], [1, 1], [1, 1, 1], [2, 3], [3, 1], [2, 2, 2], [1, 2, 1, 2], [2, 1, 3, 1, 2], [2, 25], [3, 13, 2]]
    for shape in shapes:
        yield _recipe(f"shape {shape}", shape, "int64")
        yield _recipe(f"shape {shape}", shape, "float32", -2, 0.5)
    for shape in ([0], [0, 3], [3, 0], [2, 0, 3], [0, 0]):
        for dtype in ("float32", "int64", "bool", "float64"):
            yield _case(f"empty {shape}", torch.empty(shape, dtype=getattr(torch, dtype)))
    yield _case("empty, gradient", torch.empty(0, 3), grad=True)
    yield _case("empty, edgeitems 0", torch.empty(0, 3), options={"edgeitems": 0})
    for dtype in ("float32", "int64", "float16"):
        x = torch.empty(2, 3, dtype=getattr(torch, dtype), device="meta")
        yield _case(f"meta {dtype}", x)
    yield _case("meta without elements", torch.empty(0, device="meta"))
    yield _case("meta scalar", torch.empty((), device="meta"))
    for op in ("t", "transpose", "narrow", "select", "unsqueeze", "expand", "permute"):
        yield _recipe(f"view by {op}", [3, 4], "float64", 0, 0.25, ops=[op])


def _summarized():
    shapes = [[1000], [1001], [100000], [40, 40], [1001, 1], [1, 1001], [2, 501], [501, 2], [6, 200], [7, 200], [200, 6]]
    shapes += [[2, 3, 500], [500, 3, 2], [11, 11, 11], [7, 11, 2, 13], [8, 8, 8, 8], [1, 1, 1, 1, 2000]]
    for shape in shapes:
        yield _recipe(f"summarized {shape}", shape, "int64")
    for dtype in FLOATS + ["int32", "uint8"]:
        yield _recipe(f"summarized {dtype}", [50, 30], dtype, 0, 1 if dtype in ("int32", "uint8") else 0.5)
    yield _recipe("summarized, 1000 to 1", [1200], "float64", 1, 0.75)
    yield _recipe("summarized, inner elements do not count", [2001], "float64", -1000.0, 1.0)
    yield _recipe("summarized bool", [40, 40], "float32", ops=["gt"])
    yield _recipe("summarized gradient", [40, 40], "float32", grad=True, ops=["add"])
    yield _recipe("summarized transposed", [30, 70], "float32", ops=["t"])
    yield _recipe("summarized permuted", [10, 11, 12], "float32", ops=["permute"])
    yield _case("summarized, ten thousand million elements", torch.tensor(1.5), ops=["bigexpand"])


def _options():
    x = [0.123456789, 1.0, -12.3456789, 100.0]
    for precision in (0, 1, 2, 6, 10, 20):
        for values in (x, [1.0, 2.0], [1e-7, 3.3]):
            t = torch.tensor(values, dtype=torch.float64)
            yield _case(f"precision {precision}", t, options={"precision": precision})
    for sci_mode in (True, False):
        for values in (x, [1.0, 2.0], [1e-7, 3.3], [0.0, nan], [0.0, 5.0, inf, -inf, nan]):
            yield _case(f"sci_mode {sci_mode}", torch.tensor(values), options={"sci_mode": sci_mode})
    yield _recipe("edgeitems 5", [40, 40], "float32", options={"edgeitems": 5})
    yield _recipe("edgeitems 20", [1001], "float32", options={"edgeitems": 20})
    yield _recipe("edgeitems 500", [1001], "float32", options={"edgeitems": 500})
    for edgeitems in (0, 1, 2):
        for shape in ([1001], [40, 40], [11, 11, 11], [2, 4, 200], [7, 7, 7, 7, 7]):
            yield _recipe(f"edgeitems {edgeitems}", shape, "float32", options={"edgeitems": edgeitems})
    yield _recipe("edgeitems 0, not summarized", [2, 3], "float32", options={"edgeitems": 0})
    yield _recipe("edgeitems 0, scalar over the threshold", [], "float32", 5, options={"edgeitems": 0, "threshold": 0})
    for threshold in (0, 5, 6, 100):
        for shape in ([6], [3, 2], [], [10], [8, 9]):
            yield _recipe(f"threshold {threshold}", shape, "int64", options={"threshold": threshold})
    for linewidth in (-5, 1, 8, 20, 21, 40, 79, 81, 120, 1000):
        yield _recipe(f"linewidth {linewidth}", [30], "float64", 0, 0.5, options={"linewidth": linewidth})
        yield _recipe(f"linewidth {linewidth}", [2, 25], "int16", options={"linewidth": linewidth})
    yield _recipe("linewidth 30, edgeitems 10", [2000], "int64", options={"linewidth": 30, "edgeitems": 10})
    for profile in ("short", "full"):
        yield _recipe(f"profile {profile}", [2, 3], "float32", 0, 0.25, options={"profile": profile})
        yield _recipe(f"profile {profile}", [11, 100], "float32", options={"profile": profile})
    options = {"profile": "short", "precision": 3}
    yield _recipe("profile short, precision 3", [2, 600], "float32", 0, 0.25, options=options)


def _suffixes():
    x = [[1.0, 2.0], [-3.0, 4.0]]
    for dtype in FLOATS:
        yield _case(f"leaf {dtype}", torch.tensor(x, dtype=getattr(torch, dtype)), grad=True)
    ops = "add sub mul div neg pow sum mean relu matmul view t transpose select narrow unsqueeze expand clone detach"
    for op in (ops + " double copyslice gt").split():
        yield _case(f"graph of {op}", torch.tensor(x), grad=True, ops=[op])
    yield _case("graph of float64", torch.tensor(x, dtype=torch.float64), grad=True, ops=["mul", "sum0"])
    yield _case("graph that cannot be told", torch.tensor(x), grad=True, ops=["clone", "changedview"])
    # Suffixes around the end of the line.
    for n in range(7, 13):
        yield _recipe(f"suffixes after {n}", [n], "float64", 0, 0.5)
        yield _recipe(f"suffixes after {n}", [n], "float64", 0, 0.5, grad=True)
        yield _recipe(f"suffixes after {n}", [n], "float16", 10, 0.25, grad=True, ops=["mul"])
    for linewidth in (20, 30, 40, 50):
        options = {"linewidth": linewidth, "edgeitems": 0}
        yield _recipe(f"three suffixes, linewidth {linewidth}", [2, 3], "float64", grad=True, ops=["add"], options=options)


LAYOUTS = "sparse hybrid csr csc bsr bsc".split()


def _layouts():
    """Sparse, nested and quantized tensors."""
    x = torch.tensor([[1.0, 0.0, 2.5], [0.0, -3.25, 0.0]])
    for layout in LAYOUTS:
        x2 = torch.cat((x, x)) if layout == "bsr" else torch.cat((x, x[:, :1]), 1)
        for dtype in FLOATS[2:] + ["int32", "int64", "bool", "complex64"]:
            yield _case(f"{layout} {dtype}", x2.to(getattr(torch, dtype)), ops=[layout])
        yield _case(f"{layout} leaf", x2, ops=[layout, "requires"])
        yield _case(f"{layout} of a graph", x2, grad=True, ops=["mul", layout])
        yield _case(f"{layout} without values", x2 * 0, ops=[layout])
        yield _case(f"{layout} of no rows", torch.empty(0, 4), ops=[layout])
        yield _recipe(f"{layout} summarized", [40, 50], "float64", 0, 0.5, ops=[layout])
        yield _recipe(f"{layout} short", [10, 10], ops=[layout], options={"profile": "short", "threshold": 5})
        yield _recipe(f"{layout} narrow", [4, 4], ops=[layout], options={"linewidth": 30})
    for shape in ([4], [2, 2, 2], [2, 2, 2, 2]):
        yield _recipe(f"sparse {shape}", shape, ops=["sparse"])
        yield _recipe(f"hybrid {shape}", shape, ops=["hybrid"])
    yield _recipe("sparse edgeitems 0", [40, 50], ops=["sparse"], options={"edgeitems": 0})
    yield _recipe("batch of csr", [2, 2, 3], start=1, ops=["csr"])
    yield _recipe("mkldnn", [2, 3], ops=["mkldnn"])
    for dtype in FLOATS + ["int64", "bool"]:
        yield _case(f"nested {dtype}", x.to(getattr(torch, dtype)), ops=["nested"])
    yield _case("nested leaf", x, ops=["nested", "requires"])
    yield _case("nested of a graph", x, ops=["nested", "requires", "mul"])
    yield _case("nested of nothing", x, ops=["nestednothing"])
    yield _recipe("nested rows", [2, 3, 4], start=0.5, ops=["nested"])
    yield _recipe("nested summarized", [2, 30, 60], ops=["nested"])
    for op in "qint8 quint8 qint32 qchannel qchannelfloat".split():
        yield _case(op, x, ops=[op])
        yield _case(f"{op} of one row", x[:1], ops=[op])
        yield _case(f"{op} of three dimensions", x.reshape(2, 1, 3), ops=[op])
        yield _recipe(f"{op} summarized", [40, 50], "float32", 0, 0.5, ops=[op])
    yield _recipe("qint8 vector", [40], "float32", -3, 0.125, ops=["qint8"])
    yield _case("qint8 of nothing", torch.empty(0, 3), ops=["qint8"])


def _random():
    """Tensors of all kinds, drawn with a fixed seed."""
    rng = random.Random(8)
    dtypes = FLOATS + INTS + ["bool", "complex64", "complex128"]
    for i in range(60):
        shape = [rng.choice([1, 2, 3, 5]) for _ in range(rng.randrange(4))]
        dtype = getattr(torch, rng.choice(dtypes))
        scale = 10.0 ** rng.uniform(-6, 4)

        def draw():
            if rng.random() < 0.08:
                return rng.choice([nan, inf, -inf, 0.0, -0.0])
            return rng.gauss(0, 1) * scale * 10.0 ** rng.uniform(0, rng.choice([0.1, 3]))

        n = math.prod(shape)
        if dtype == torch.bool:
            values = [rng.random() < 0.5 for _ in range(n)]
        elif dtype.is_complex:
            values = [complex(draw(), draw()) for _ in range(n)]
        elif dtype.is_floating_point:
            values = [draw() for _ in range(n)]
        else:
            high = min(torch.iinfo(dtype).max, 10 ** rng.randrange(1, 19))
            values = [rng.randint(0 if dtype == torch.uint8 else -high, high) for _ in range(n)]
        options = {}
        for key, choices in (
            ("precision", [0, 2, 4, 7]),
            ("threshold", [0, 3, 10]),
            ("edgeitems", [1, 2]),
            ("linewidth", [15, 40, 100]),
            ("sci_mode", [True, False]),
        ):
            if rng.random() < 0.2:
                options[key] = rng.choice(choices)
        grad = rng.random() < 0.3 and (dtype.is_floating_point or dtype.is_complex)
        x = torch.tensor(values, dtype=dtype).reshape(shape)
        yield _case(f"random {i}", x, grad=grad, options=options)


def cases() -> list[dict]:
    """Returns all cases, numbered by their order in the file."""
    makers = (_integers, _floats, _complexes, _shapes, _summarized, _options, _suffixes, _layouts, _random)
    return [case for make in makers for case in make()]
