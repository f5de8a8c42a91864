"""Golden cases for x[index] and x[index] = value: torch/testdata/indexing.json.

A case is an expression on one of the base tensors. Its index is text, which is
Python where it can be: "1:3, ..., None, [0, 2], True". A tensor is written
t(dtype, shape, elements), such as "t(bool, 3, 1 0 1)".

  x       the name of the base tensor
  index   the expression
  get     what x[index] gives
  view    whether it shares storage with x; null where it has no elements
  node    the name of its node in the graph
  grad    x's gradient, where the result's elements weigh 1, 2, 3, 1, 2, ...
  fill    what x holds after x[index] = 7, and its node
  put     the same with a tensor, which is value; with gradients of both
  add     what x holds after x[index] += value; null where a position is named twice
  error   what x[index], or the assignment, raises; assignments without anything
          raise the error of x[index]

Elements are small integers whatever the dtype. A tensor is stored as its shape, a
colon, and its elements as int8 in base64: "2 1:AAE=".
"""

import itertools
import random
import re
import warnings

import torch

from .tensors import encode

BASES = {
    "cube": torch.arange(24.0).reshape(2, 3, 4),
    "turned": torch.arange(24.0).reshape(4, 3, 2).permute(2, 1, 0),
    "row": torch.arange(5),
    "scalar": torch.tensor(3.0),
    "empty": torch.zeros(0, 3),
    "doubles": torch.arange(6.0, dtype=torch.float64).reshape(3, 2),
}

ITEMS = [
    "0", "-1", "1", "1:", ":2", "::2", "-2:", ":", "...", "None", "True", "False", "[0, 1]", "[1]", "[-1, 0, 0]",
    "[[0, 1], [1, 0]]", "t(int64, , 1)", "t(int64, 2, 1 0)", "t(bool, 2, 1 0)", "t(bool, 3, 1 0 1)", "[True, False]",
]
RARE = [
    "2", "-3", "5", "0:0", "1:2:3", "-100:100", "3:1", "1:-1", "[]", "[0, 5]", "[2]", "t(int32, 2, 0 1)",
    "t(int64, 2 1, 0 1)", "t(int64, 1 3, 0 1 1)", "t(int64, 0, )", "t(bool, , 1)", "t(bool, , 0)", "t(uint8, , 1)",
    "t(bool, 2 3, 1 0 1 0 1 1)", "t(bool, 3 4, 1 0 1 0 1 1 0 0 0 0 0 1)",
    "t(bool, 2 3 4, 1 0 1 0 1 1 0 0 0 0 0 1 1 1 1 1 0 0 1 0 0 0 1 1)", "t(float32, 1, 1)", "t(float32, , 1)",
    "t(int16, , 1)", "t(int8, , -1)", "t(int16, 1, 1)", "::-1", "::0", "[[True, False, True], [False, False, True]]",
]
OTHERS = {
    "row": ["0", "-5", "5", "1:4", "1:4:2", "[4, 0]", "t(bool, 5, 1 1 0 0 1)", "t(int64, 2 2, 0 1 2 3)", "None", "...",
            "True", "0, 0", "None, 0", ":, None", "-3:, None, None", "t(bool, 4, 1 1 1 1)", "[True, False, True, False, False]"],
    "scalar": ["0", "...", "None", "True", "False", ":", "t(bool, , 1)", "t(bool, , 0)", "None, None", "None, ...",
               "...", "", "0, 0", "t(int64, 1, 0)", "True, False", "True, True", "None, True"],
    "empty": ["0", ":", ":, 0", ":, [0, 2]", ":, 3", "...", "1:", "None", "t(bool, 0, )", "t(bool, 0 3, )", "[0]", "True",
              "t(int64, 0, )", "..., -1", ":, t(bool, 3, 1 0 1)", "::2, 1:"],
    "doubles": ["[0, 1], [1, 0]", "1:, 0", "t(bool, 3 2, 1 0 0 1 1 1)", "2, 1", ":, [1]", "-1", "..., 1", "[2, 0]", "True, 1"],
    "turned": ["1", "0, 2, 3", ":, 1:", "1, :, [0, 3]", "[0, 1], :, [0, 3]", "t(bool, 2 3, 1 0 1 0 1 1)", "..., 0", "None, 1",
               ":, :, ::3", "[1, 0], [2, 0], [3, 3]", "t(int64, 2 2, 0 1 1 0)", ":, t(bool, 3, 0 1 1), -1", "..., [[0, 1], [2, 3]]"],
    "cube": ["", "t(uint8, 2, 0 1)", "..., ...", "0, ..., 0", "..., None, 0", "None, ..., None", "[0, 1], [0, 2], [1, 3]", "[0], [0, 1, 2]",
             "0, :, [0, 1]", "0, [0, 1], :", "[0, 1], 0, [1, 2]", "[0, 1], None, [1, 2]", "[0, 1], ..., [1, 2]",
             ":, [0, 2], [1, 3]", "[[0], [1]], [0, 2]", "[[0], [1]], :, [0, 2]", "[0, 1], [0, 1, 2]", "0, 0, 0, 0",
             "..., t(bool, 3 4, 1 0 1 0 1 1 0 0 0 0 0 1)", "t(bool, 2 3, 1 0 1 0 1 1), 1:3", "t(bool, 2 3, 1 0 1 0 1 1), [0, 1, 2, 3]",
             "True, True, 0", "True, False", "False, 0", "True, [0, 1]", "0, True, [0, 1]", "0, None, [0, 1]", "[0, 1], True, [0, 1]",
             "t(int64, , 0), t(int64, , 1), t(int64, , -1)", "t(int64, , 0), [0, 1]", "..., -1, [3, 0]", "0:2, 0:3, 0:4",
             "None, None, 0, None", "t(bool, 3, 1 0 1)", "0, t(bool, 2, 1 0)", ":, t(bool, 2 3, 1 0 1 0 1 1)", "1, 2, 4", "..., -5",
             "0:2, :, -4:", "1:9:2, ::3, ::3", "t(float32, 1, 1), 0", "[0, 2]", ":, [3]", ":, :, [0, -5]", "..., ::0", "..., ::-1"],
}


def parse(text: str):
    """The index that an expression stands for."""
    def tensor(match):
        dtype, shape, elements = match.groups()
        return f"torch.tensor([{','.join(elements.split())}], dtype=torch.{dtype}).reshape([{','.join(shape.split())}])"

    text = re.sub(r"t\((\w+), ([\d ]*), ([-\d ]*)\)", tensor, text)
    if text == "":
        return ()

    class Take:
        def __getitem__(self, index):
            return index

    # Python counts [[True, False], [True, True]] as one dimension, which Go does not copy.
    text = re.sub(r"\[\[[TF].*?\]\]", lambda match: f"torch.tensor({match.group()})", text)
    index = eval(f"take[{text}]", {"take": Take(), "torch": torch})
    return (index,) if isinstance(index, list) else index


def small(x):
    if x is None:
        return None
    assert torch.equal(x, x.to(torch.int8).to(x.dtype))
    e = encode(x.to(torch.int8))
    return " ".join(map(str, e["shape"])) + ":" + e["data"]


def weights(x):
    return (torch.arange(x.numel()) % 3 + 1).to(x.dtype).reshape(x.shape)


def attempt(f):
    try:
        return f(), None
    except Exception as e:
        return None, {"type": type(e).__name__, "message": str(e)}


def leaf(x):
    x = x.clone()
    return x.requires_grad_() if x.is_floating_point() else x


def node(x):
    return x.grad_fn.name() if x.grad_fn else ""


def get(base, index):
    x = leaf(base)
    got, error = attempt(lambda: x[index])
    if error:
        return {"error": error}
    case = {"get": small(got.detach()), "node": node(got), "view": None}
    if got.numel() > 0:
        case["view"] = got.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    if x.requires_grad:
        (got * weights(got)).sum().backward()
        case["grad"] = small(x.grad)
    return case


def change(base, index, value):
    x, v = leaf(base), leaf(value) if isinstance(value, torch.Tensor) else value
    y = x.clone()

    def assign():
        y[index] = v

    _, error = attempt(assign)
    if error:
        return {"error": error}
    case = {"x": small(y.detach()), "node": node(y)}
    if isinstance(v, torch.Tensor) and x.requires_grad:
        (y * weights(y)).sum().backward()
        case["grad"] = small(x.grad)
        case["value_grad"] = small(v.grad)
    return case


def shapes(shape):
    """The shapes of values that fit: the part's own, with ones before it, and broadcast ones."""
    yield shape
    yield (1, 1) + shape
    yield shape[1:]
    yield ()
    yield tuple(1 for _ in shape)
    if shape:
        yield (1,) + shape[1:]
    yield shape + (2,)  # does not fit


def case(name, text, n):
    base, index = BASES[name], parse(text)
    case = {"x": name, "index": text, **get(base, index)}
    part, error = attempt(lambda: base[index])
    shape = (2,) if error else tuple(part.shape)
    options = list(shapes(shape))
    shape = options[n % len(options)]
    value = 20 + weights(torch.empty(shape, dtype=base.dtype)) * 5
    case["value"] = small(value)
    for kind, v in [("fill", 7), ("put", value)]:
        change_case = change(base, index, v)
        if error is None or change_case.get("error") != case["error"]:
            case[kind] = change_case
    if error is None:
        positions = torch.arange(base.numel()).reshape(base.shape)[index]
        if positions.unique().numel() == positions.numel():
            x = base.clone()

            def add():
                x[index] += value

            _, error = attempt(add)
            if error is None:
                case["add"] = small(x)
    return case


def cases():
    """Everything, as JSON's types."""
    warnings.simplefilter("ignore")
    draw = random.Random(5)
    texts = [("cube", item) for item in ITEMS + RARE]
    texts += [("cube", f"{a}, {b}") for a, b in itertools.product(ITEMS, ITEMS) if draw.random() < 0.35]
    for length in [2, 3, 3, 4]:
        texts += [("cube", ", ".join(draw.choice(ITEMS + RARE) for _ in range(length))) for _ in range(30)]
    for length in [3, 4]:
        texts += [("cube", ", ".join(draw.choice(ITEMS) for _ in range(length))) for _ in range(60)]
    for name, list_ in OTHERS.items():
        texts += [(name, text) for text in list_]
    texts = list(dict.fromkeys(texts))
    return {
        "bases": {name: small(x) for name, x in BASES.items()},
        "dtypes": {name: str(x.dtype).removeprefix("torch.") for name, x in BASES.items()},
        "list": [case(name, text, n) for n, (name, text) in enumerate(texts)],
    }
