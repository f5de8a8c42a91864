"""Reads the event files below a folder with TensorBoard, and prints what it finds.

    python3 read.py FOLDER
"""

import io
import json
import os
import sys
import wave

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.plugins.mesh import metadata as mesh
from tensorboard.plugins.pr_curve import metadata as pr_curve
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
from tensorboard.util.tensor_util import make_ndarray
from werkzeug.test import Client


def read(folder: str) -> dict:
    events = EventAccumulator(folder, size_guidance={"histograms": 0}).Reload()
    tags = events.Tags()
    return {
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {
            tag: [[h.step, h.histogram_value.num, *h.histogram_value.bucket] for h in events.Histograms(tag)]
            for tag in tags["histograms"]
        },
        "images": {
            tag: [[i.step, i.width, i.height, frames(i.encoded_image_string)] for i in events.Images(tag)]
            for tag in tags["images"]
        },
        "audio": {
            tag: [[a.step, a.sample_rate, a.content_type, samples(a.encoded_audio_string)] for a in events.Audio(tag)]
            for tag in tags["audio"]
        },
        "texts": {
            tag: [e.tensor_proto.string_val[0].decode() for e in events.Tensors(tag)] for tag in of(events, "text")
        },
        "tensors": {tag: arrays(events, tag) for tag in of(events, "tensor")},
        "prcurves": {
            tag: [pr_curve.parse_plugin_metadata(content(events, tag)).num_thresholds, *arrays(events, tag)]
            for tag in of(events, "pr_curves")
        },
        "layouts": [
            layout(e.tensor_proto.string_val[0]) for tag in of(events, "custom_scalars") for e in events.Tensors(tag)
        ],
        "meshes": {tag: meshes(events, tag) for tag in of(events, "mesh")},
        "embeddings": embeddings(folder),
        "graph": [[node.name, *node.input] for node in events.Graph().node] if tags["graph"] else [],
        "hparams": hparams(events),
    }


def frames(image: bytes) -> int:
    return Image.open(io.BytesIO(image)).n_frames


def samples(audio: bytes) -> list:
    with wave.open(io.BytesIO(audio)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").tolist()


def of(events, plugin: str) -> list:
    """The tags of what a part of TensorBoard shows."""
    return [tag for tag in events.Tags()["tensors"] if events.SummaryMetadata(tag).plugin_data.plugin_name == plugin]


def content(events, tag: str) -> bytes:
    return events.SummaryMetadata(tag).plugin_data.content


def arrays(events, tag: str) -> list:
    return [make_ndarray(e.tensor_proto).tolist() for e in events.Tensors(tag)]


def layout(data: bytes) -> list:
    return [
        [c.title, [[chart.title, chart.WhichOneof("content")] for chart in c.chart]]
        for c in Layout.FromString(data).category
    ]


def meshes(events, tag: str) -> list:
    about = mesh.parse_plugin_metadata(content(events, tag))
    return [about.name, about.components, list(about.shape), json.loads(about.json_config), *arrays(events, tag)]


def embeddings(folder: str) -> list:
    """What the projector shows of each embedding."""
    if not os.path.exists(os.path.join(folder, "projector_config.pbtxt")):
        return []
    pages = ProjectorPlugin(TBContext(logdir=folder)).get_plugin_apps()

    def page(path: str, **query):
        return Client(pages[path]).get(path, query_string={"run": ".", **query})

    found = []
    for embedding in page("/info").json["embeddings"]:
        name = embedding["tensorName"]
        points = np.frombuffer(page("/tensor", name=name).data, "<f4").reshape(embedding["tensorShape"])
        found.append([name, points.tolist()])
        if "metadataPath" in embedding:
            found[-1].append(page("/metadata", name=name).text)
        if "sprite" in embedding:
            sprite = Image.open(io.BytesIO(page("/sprite_image", name=name).data))
            found[-1].append([embedding["sprite"]["singleImageDim"], sprite.size])
    return found


def hparams(events) -> dict:
    try:
        contents = events.PluginTagToContent("hparams")
    except KeyError:
        return {}
    start = HParamsPluginData.FromString(contents["_hparams_/session_start_info"]).session_start_info
    return {name: value.number_value or value.string_value for name, value in start.hparams.items()}


folders = [folder for folder, _, names in os.walk(sys.argv[1]) if any("tfevents" in name for name in names)]
print(json.dumps({os.path.relpath(folder, sys.argv[1]): read(folder) for folder in sorted(folders)}))
