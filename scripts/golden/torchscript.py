"""Programs of TorchScript, their arguments and what Python gives for them:
torch/jit/testdata/scripts/*.pt.gz, of which golden.pt.gz has the values."""

import gzip
import io
import json
import pathlib
import warnings
import zipfile
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

import __main__  # scripts/golden.py
import torch
from torch import Tensor, nn
from torch._sources import get_source_lines_and_file

from . import networks


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        return self.layers(x)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Linear(64, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.norm(self.conv(x)).relu(), 2)
        return self.head(x.flatten(1)).log_softmax(-1)


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, num_layers=2, batch_first=True)

    def forward(self, x, state: Optional[Tuple[Tensor, Tensor]] = None):
        return self.rnn(x, state)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x, mask: Optional[Tensor] = None):
        return self.encoder(x, src_key_padding_mask=mask)


class Point(NamedTuple):
    x: Tensor
    n: int


class Values(nn.Module):
    """Methods that take and give values of all kinds, and that remember some."""

    counts: Dict[str, int]
    names: List[str]
    label: Optional[str]

    def __init__(self):
        super().__init__()
        self.scale = 0.5
        self.counts = {"a": 1}
        self.names = ["first"]
        self.label = None
        self.register_buffer("state", torch.zeros(2))
        self.last = torch.zeros(1)

    def forward(self, x: Tensor, table: Dict[str, Tensor], pairs: List[Tuple[str, float]], flag: Optional[int] = None, name: str = "sum"):
        result: Dict[str, Tensor] = {}
        numbers: List[float] = []
        for key, value in table.items():
            result[key] = value * self.scale + x
        for text, number in pairs:
            result[text] = x * number
            numbers.append(number)
        label: Optional[str] = None
        if flag is not None:
            label = name + str(flag)
        return result, numbers, label, (x.dim(), x.sum() > 0), Point(x, 7), {1: "one", 2: "two"}

    @torch.jit.export
    def remember(self, x: Tensor, name: str) -> int:
        self.state = self.state + x
        self.last = x
        self.counts[name] = self.counts.get(name, 0) + 1
        self.names.append(name)
        self.label = name
        return len(self.names)

    @torch.jit.export
    def kind(self, v: Any) -> str:
        if isinstance(v, List[int]):
            return "ints"
        if isinstance(v, Tensor):
            return "tensor"
        if isinstance(v, Dict[str, Tensor]):
            return "tensors by name"
        if isinstance(v, str):
            return "text " + v
        return "other"

    @torch.jit.export
    def either(self, v: Union[int, str, List[Tensor], Dict[str, int]]) -> str:
        text = "dict"
        if isinstance(v, int):
            text = str(v + 1)
        elif isinstance(v, str):
            text = v + "!"
        elif torch.jit.isinstance(v, List[Tensor]):
            text = str(len(v))
        return text

    @torch.jit.export
    def plain(self, d: torch.device, z: complex, f: float, ok: bool, dtype: Optional[int]) -> Tuple[torch.device, complex, float, bool]:
        return d, z * 2, f / 2, not ok

    @torch.jit.export
    def nested(self, inputs: List[Dict[str, Tensor]]) -> List[Dict[str, Tensor]]:
        return inputs

    @torch.jit.export
    def fails(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            raise ValueError("the sum is positive")
        return x @ torch.ones(7, 7)


def short_source(obj, error_msg=None):
    """The source with a file's name from the folder on that Python or this repository is in."""
    lines, line, file = get_source_lines_and_file(obj, error_msg)
    for folder in pathlib.Path(torch.__file__).parents[1], pathlib.Path(__file__).parents[2]:
        file = file.replace(f"{folder}/", "")
    return lines, line, file


def cases():
    torch._sources.get_source_lines_and_file = torch.jit.frontend.get_source_lines_and_file = short_source
    warnings.simplefilter("ignore")
    files = {"header.json": json.dumps(__main__.header("torchscript"), indent=1).encode() + b"\n"}
    golden = {}

    def add(name, module, *runs, example=None):
        module = networks.fill(module).eval()
        script = torch.jit.trace(module, example) if example is not None else torch.jit.script(module)
        files[f"{name}.pt.gz"] = packed(script, places=name == "values")
        golden[name] = [run(script, *r) for r in runs]

    def run(script, args, method="forward", kwargs=None):
        with torch.no_grad():
            want = getattr(script, method)(*args, **kwargs or {})
        return {"method": method, "args": list(args), "kwargs": kwargs or {}, "want": plain(want)}

    def x(*shape):
        n = torch.Size(shape).numel()
        return ((torch.arange(n) * 37 % 19 - 9) / 7).view(shape)

    mask = torch.tensor([[False, False, True], [False, True, True]])
    add("mlp", MLP(), ((x(3, 4),),), ((x(1, 4),),))
    add("cnn", CNN(), ((x(2, 1, 8, 8),),))
    add("cnn_traced", CNN(), ((x(2, 1, 8, 8),),), ((x(3, 1, 8, 8),),), example=x(2, 1, 8, 8))
    add("lstm", LSTM(), ((x(2, 5, 3),),), ((x(1, 2, 3), (x(2, 1, 4), x(2, 1, 4))),))
    add("transformer", Transformer(), ((x(2, 3, 8),),), ((x(2, 3, 8),), "forward", {"mask": mask}))
    values = Values()
    add("values", values,
        ((x(2), {"k": x(2), "l": x(1)}, [("p", 2.5), ("q", -1.0)]),),
        ((x(2), {}, [], 3),), ((x(2),), "forward", {"pairs": [("z", 1.0)], "table": {}, "name": "n", "flag": 4}),
        (([1, 2],), "kind"), ((x(1),), "kind"), (({"a": x(1)},), "kind"), (("t",), "kind"), ((None,), "kind"), (((1, "a"),), "kind"),
        ((1,), "either"), (("s",), "either"), (([x(1)],), "either"), (({"a": 1},), "either"),
        ((torch.device("cpu"), 1 + 2j, 3.0, True, 6), "plain"), (([{"a": x(1)}, {}],), "nested"))
    golden["training"] = train(torch.jit.script(networks.fill(CNN())), x(4, 1, 8, 8))
    files["golden.pt.gz"] = gzip.compress(saved(golden), mtime=0)
    return files


def train(script, x):
    """Three steps of SGD, in training mode."""
    optimizer = torch.optim.SGD(script.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.nll_loss(script(x), torch.tensor([0, 1, 2, 3]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "state": dict(script.state_dict())}


def plain(value):
    """The value with tuples for named ones."""
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return value


def saved(value):
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


def packed(script, places):
    """The program's file, packed, with or without the places in the source of Python."""
    out = io.BytesIO()
    torch.jit.save(script, out, _extra_files={"note.txt": "made by Python"})
    with zipfile.ZipFile(out) as archive, zipfile.ZipFile(again := io.BytesIO(), "w") as copy:
        for name in archive.namelist():
            if places or not name.endswith(".debug_pkl"):
                copy.writestr(zipfile.ZipInfo("program/" + name.split("/", 1)[1]), archive.read(name))
    return gzip.compress(again.getvalue(), mtime=0)
