"""Golden records of event files: torch/utils/tensorboard/testdata/tensorboard.json.

Needs the tensorboard package too. Numbers are such that sums have no rounding.
"""

import base64
import io
import pathlib
import tempfile

import numpy as np
import torch
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import SummaryWriter, summary

from .tensors import encode


def record(value, step: int) -> str:
    file = io.BytesIO()
    RecordWriter(file).write(Event(wall_time=1500000000.25, step=step, summary=value).SerializeToString())
    return base64.b64encode(file.getvalue()).decode()


def pixels(value) -> dict:
    """An image as its pixels, since the bytes of a PNG depend on the encoder."""
    from PIL import Image

    image = value.value[0].image
    array = np.asarray(Image.open(io.BytesIO(image.encoded_image_string)))
    return {"sizes": [image.height, image.width, image.colorspace], "pixels": encode(torch.tensor(array))}


def cases():
    gray = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4) * 20
    color = torch.linspace(-0.25, 1.25, 36).reshape(3, 3, 4)
    alpha = torch.linspace(0, 1, 48).reshape(4, 3, 4)
    batch = torch.arange(10 * 2 * 3, dtype=torch.uint8).reshape(10, 1, 2, 3)
    exp, ssi, sei = summary.hparams({"lr": 0.5}, {"accuracy": 1.0}, {"lr": [0.25, 0.5]})
    several, _, _ = summary.hparams({"amp": True, "batch": 64, "net": "cnn"}, {"accuracy": 0.5, "loss": 0.25})
    image = summary.image
    return [
        {
            "records": {
                "basics": basics(),
                "tensors": tensors(),
                "pr_curves": pr_curves(),
                "audio": audio(),
                "custom_scalars": custom_scalars(),
                "meshes": meshes(),
            },
            "videos": videos(),
            "embeddings": embeddings(),
            "hparams": {
                "experiment": record(exp, 0),
                "start": record(ssi, 0),
                "end": record(sei, 0),
                "several": record(several, 0),
            },
            "images": {
                "gray": pixels(image("i", gray, dataformats="CHW")),
                "color": pixels(image("i", color, dataformats="CHW")),
                "alpha": pixels(image("i", alpha, dataformats="CHW")),
                "HWC": pixels(image("i", color.permute(1, 2, 0), dataformats="HWC")),
                "hw": pixels(image("i", color[1], dataformats="hw")),
                "WH": pixels(image("i", color[1].T, dataformats="WH")),
                "batch": pixels(image("i", batch, dataformats="NCHW")),
                "NHWC": pixels(image("i", color.permute(1, 2, 0).expand(2, 3, 4, 3), dataformats="NHWC")),
            },
        }
    ]


def basics() -> dict:
    values = (torch.arange(40, dtype=torch.float64) - 13) / 8
    return {
        "scalar": record(summary.scalar("loss", 0.1), 7),
        "scalar 0": record(summary.scalar("loss", 0.0), 0),
        "new style": record(summary.scalar("loss", 0.1, new_style=True), 7),
        "double": record(summary.scalar("loss", 0.1, new_style=True, double_precision=True), 7),
        "text": record(summary.text("note", "ein *Text* – 数字"), 1),
        "histogram": record(summary.histogram("w", values, [-1, -0.5, 0, 0.5, 1.5, 2, 9, 10]), 2),
        "histogram joined": record(summary.histogram("w", values, np.arange(-2, 5, 0.5), max_bins=5), 2),
        "histogram default": record(summary.histogram("w", values, bins()), 3),
    }


def tensors() -> dict:
    x = torch.tensor([[-1.5, 0, 2.25], [0.1, 7, 100]], dtype=torch.float64)
    dtypes = "float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool complex64 complex128".split()
    values = {name: x.abs() if name == "uint8" else x for name in dtypes}
    values["complex64"] = values["complex128"] = torch.complex(x, x.flip(0))
    made = {name: record(summary.tensor_proto("t", v.to(getattr(torch, name))), 4) for name, v in values.items()}
    made["scalar"] = record(summary.tensor_proto("t", x[0, 2]), 4)
    made["empty"] = record(summary.tensor_proto("t", x[:0]), 4)
    return made


def pr_curves() -> dict:
    n = 41
    labels = (torch.arange(n) % 3 == 0).numpy()
    predictions = (torch.arange(n, dtype=torch.float32) * 7 % n / (n - 5) - 1 / 16).numpy()
    weights = (torch.arange(n, dtype=torch.float64) / 8).numpy()
    raw = [torch.tensor(row) for row in ([9, 5, 0], [8, 4, 0], [0, 4, 8], [0, 4, 9])]
    raw += [torch.tensor(row) for row in ([0.5, 0.25, 1], [1, 0.1, 0])]

    def curve(p, y=labels, **options):
        return record(summary.pr_curve("c", y, p, **options), 3)

    return {
        "default": curve(predictions),
        "half": curve(predictions.astype(np.float16)),
        "brain": curve(torch.tensor(predictions).bfloat16().half().numpy()),
        "double": curve(predictions.astype(np.float64)),
        "integers": curve((predictions > 0.5).astype(np.int64), labels.astype(np.int64)),
        "none": curve(predictions[:0], labels[:0]),
        "coarse": curve(predictions, num_thresholds=5),
        "one": curve(predictions, num_thresholds=1),
        "too many": curve(predictions, num_thresholds=200),
        "weighted": curve(predictions, num_thresholds=9, weights=weights),
        "raw": record(summary.pr_curve_raw("c", *raw), 3),
        "raw coarse": record(summary.pr_curve_raw("c", *raw, num_thresholds=3), 3),
    }


def audio() -> dict:
    x = torch.tensor([[0, 0.25, -0.5, 1, -1, 0.3, -0.7, 1e-4, 1.5, -2]], dtype=torch.float64)
    return {
        "loud": record(summary.audio("a", x.float()), 6),
        "quiet": record(summary.audio("a", x[0, :8].float()), 6),
        "double": record(summary.audio("a", x, sample_rate=8000), 6),
        "integers": record(summary.audio("a", x.long()), 6),
    }


def videos() -> dict:
    """The frames before they are encoded: Python's encoder is a package that torch does not depend on."""
    frames = []
    summary.make_video = lambda tensor, fps: frames.append(torch.from_numpy(tensor))
    gray = ((torch.arange(24) - 4) / 16).reshape(1, 2, 1, 3, 4)
    color = (torch.arange(5 * 2 * 3 * 2 * 3) * 7 % 256).to(torch.uint8).reshape(5, 2, 3, 2, 3)
    cases = {"gray": gray, "color": color, "three": color[:3], "eight": gray.expand(8, 2, 1, 3, 4)}
    for x in cases.values():
        summary.video("v", x)
    return dict(zip(cases, map(encode, frames)))


def custom_scalars() -> dict:
    charts = {"both": ["Multiline", ["loss/train", "loss/test"]], "band": ["Margin", ["loss", "low", "high"]]}
    layout = {"losses": charts, "empty": {}, "more": {"none": ["Multiline", []]}}
    return {
        "layout": record(summary.custom_scalars(layout), 0),
        "lines": record(summary.custom_scalars({"default": {"untitled": ["Multiline", ["a", "b"]]}}), 0),
        "margin": record(summary.custom_scalars({"mine": {"band": ["Margin", ["a", "b", "c"]]}}), 0),
    }


def meshes() -> dict:
    vertices = (torch.arange(24, dtype=torch.float32) / 8 - 1).reshape(2, 4, 3)
    colors = (torch.arange(24) * 10).to(torch.uint8).reshape(2, 4, 3)
    faces = (torch.arange(18) % 4).reshape(2, 3, 3)
    return {
        "mesh": record(summary.mesh("m", vertices, colors, faces, None), 5),
        "cloud": record(summary.mesh("m", vertices, colors, None, None), 5),
        "points": record(summary.mesh("m", vertices.double(), None, None, None), 5),
        "config": record(summary.mesh("m", vertices, None, None, {"lights": ["<é>"], "camera": {"fov": 75.5}}), 5),
    }


def embeddings() -> dict:
    """The files by their paths, sprites as pixels."""
    from PIL import Image

    inf = float("inf")
    x = torch.tensor([[0.1, -2, 1e-5], [3e38, inf, 1e16], [0, inf - inf, 123456.75], [1, 2, 3], [4, 5, 6]])
    integers = torch.arange(15).reshape(5, 3) * (2**59 + 1)
    wide = ((torch.arange(120) - 20) / 80).reshape(5, 3, 2, 4)
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as w:
            w.add_embedding(x, metadata=["null", "eins", "zwei", "drei", "vier"])
            header = ["name", "size"]
            labels = [[f"größe {i}", i] for i in range(5)]
            w.add_embedding(integers, labels, wide, 12, """a/b%c\\d "e" 数字""", header)
            w.add_embedding(x.half(), label_img=wide[:, :1, :, :2], global_step=123456, tag="gray")
        paths = [p for p in sorted(pathlib.Path(folder).rglob("*.*")) if p.is_file() and "tfevents" not in p.name]
        found = {"files": {}, "sprites": {}}
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.suffix == ".png":
                found["sprites"][name] = encode(torch.tensor(np.asarray(Image.open(path))))
            else:
                found["files"][name] = path.read_text()
        return found


def bins():
    up, v = [], 1e-12
    while v < 1e20:
        up.append(v)
        v *= 1.1
    return [-v for v in reversed(up)] + [0] + up
