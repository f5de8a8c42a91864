"""A model that AOTInductor compiled, as C++ for any processor, its arguments and what Python gives for them:
torch/aoti/testdata/compiled/."""

import io
import json
import pathlib
import re
import subprocess
import tempfile
import zipfile

import __main__  # scripts/golden.py
import torch
import torch._inductor
from torch import nn
from torch._inductor import config
from torch.export import Dim


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        self.register_buffer("shift", torch.tensor([1., 2, 3]))

    def forward(self, x, more, *, scale):
        y = self.layers(x) * scale["s"] + self.shift
        return {"out": torch.cat([y, more["k"]]), "rest": (y.sum(), [x + 1])}


def arguments(batch):
    x = torch.arange(4. * batch).view(batch, 4).sin()
    return (x, {"k": torch.ones(2, 3)}), {"scale": {"s": torch.tensor([1., 2, 4])}}


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def cases():
    torch.manual_seed(0)
    model = MLP().eval()
    args, kwargs = arguments(3)
    shapes = {"x": {0: Dim("batch", max=16)}, "more": {"k": None}, "scale": {"s": None}}
    program = torch.export.export(model, args, kwargs, dynamic_shapes=shapes)
    files = {"header.json": json.dumps(__main__.header("aoti"), indent=1).encode()}
    with tempfile.TemporaryDirectory() as folder, config.patch({"cpp.simdlen": 1, "aot_inductor.metadata": {"author": "golden"}}):
        package = torch._inductor.aoti_compile_and_package(program, package_path=f"{folder}/mlp.pt2")
        compiled = torch._inductor.aoti_load_package(package)
        examples = []
        for batch in 1, 3, 16:
            args, kwargs = arguments(batch)
            examples.append({"args": args, "kwargs": kwargs, "results": compiled(*args, **kwargs)})
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                end = re.search(r"\.(wrapper\.cpp|kernel\.cpp|wrapper_metadata\.json|wrapper\.so)$", name)
                if end and end[1] == "wrapper.so":
                    files["weights.bin"] = weights(archive.read(name), folder)
                elif end:  # without the paths of this machine, which are in comments
                    text = archive.read(name).decode()
                    text = re.sub(r"// Compile cmd\n.*", "", text, flags=re.DOTALL)
                    files[end[1]] = re.sub(r"// Triton kernels are embedded.*\n", "", text).encode()
    files["examples.pt"] = saved(examples)
    files["weights.pt"] = saved(model.state_dict())
    return files


def weights(library, folder):
    """The constants that were linked into a library."""
    path = pathlib.Path(folder, "library.so")
    path.write_bytes(library)
    symbols = subprocess.run(["readelf", "-Ws", path], check=True, capture_output=True, text=True).stdout
    address = {end: int(re.search(rf"([0-9a-f]+) .* _binary_constants_bin_{end}\n", symbols)[1], 16) for end in ("start", "end")}
    sections = subprocess.run(["readelf", "-SW", path], check=True, capture_output=True, text=True).stdout
    at, offset = (int(n, 16) for n in re.search(r"\.lrodata\s+PROGBITS\s+([0-9a-f]+) ([0-9a-f]+)", sections).groups())
    return library[address["start"] - at + offset:address["end"] - at + offset]
