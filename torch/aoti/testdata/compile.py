"""Compiles models by AOTInductor and notes what Python's runs of them give: compile.py FOLDER. Go's tests
run the same packages."""

import sys

import torch
import torch._inductor
from torch import nn
from torch.export import Dim

folder = sys.argv[1]
torch.manual_seed(0)
batch = Dim("batch", max=32)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 5))

    def forward(self, x):
        return self.layers(x).log_softmax(-1)


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, 2, batch_first=True)

    def forward(self, x):
        return self.rnn(x)


class Decompositions(nn.Module):
    """Operators that are called by their names: the package has a further file."""

    def forward(self, x):
        return torch.linalg.svd(x)[1], torch.bincount(torch.ones(3, dtype=torch.int64))


class Moves(nn.Module):
    """A counter in a buffer, and an argument that is changed."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x):
        self.calls += 1
        x.mul_(2)
        return x + self.calls, x


x = torch.randn
models = {
    "mlp": (nn.Sequential(nn.Linear(4, 16), nn.GELU(), nn.Linear(16, 3)), (x(4, 4),), ({0: batch},), [(x(1, 4),), (x(32, 4),)]),
    "cnn": (CNN(), (x(4, 1, 8, 8),), ({0: batch},), [(x(1, 1, 8, 8),), (x(9, 1, 8, 8),)]),
    "lstm": (LSTM(), (x(4, 5, 3),), None, [(x(4, 5, 3),)]),
    "transformer": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (x(4, 5, 8),), ({0: batch},), [(x(1, 5, 8),), (x(3, 5, 8),)]),
    "decompositions": (Decompositions(), (x(4, 4),), None, [(x(4, 4),)]),
    "moves": (Moves(), (x(3, 2),), None, [(x(3, 2),), (x(3, 2),)]),
}
for name, (model, arguments, shapes, calls) in models.items():
    program = torch.export.export(model.eval(), arguments, dynamic_shapes=shapes)
    path = torch._inductor.aoti_compile_and_package(program, package_path=f"{folder}/{name}.pt2")
    compiled = torch._inductor.aoti_load_package(path)
    examples = []
    for args in calls:
        before = tuple(a.clone() for a in args)
        results = compiled(*args)
        examples.append({"args": before, "kwargs": {}, "results": {"all": results}, "after": args})
    torch.save(examples, f"{folder}/{name}.pt")

# Two models in one package, and one whose weights are not in it.
from torch._inductor import aot_compile
from torch._inductor.package import package_aoti

mlp, arguments = models["mlp"][0], models["mlp"][1]
files = {}
for name, layer in ("first", mlp[0]), ("second", mlp[2]):
    example = (x(2, layer.in_features),)
    exported = torch.export.export(layer, example)
    files[name] = torch._inductor.aot_compile(exported.module(), example, options={"aot_inductor.package": True})
package_aoti(f"{folder}/two.pt2", files)
torch.save(mlp.state_dict(), f"{folder}/mlp_weights.pt")
torch._inductor.aoti_compile_and_package(
    torch.export.export(mlp, arguments), package_path=f"{folder}/empty.pt2",
    inductor_configs={"aot_inductor.package_constants_in_so": False, "always_keep_tensor_constants": True})
