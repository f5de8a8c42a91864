"""Reads the event files below a folder with TensorBoard, and prints what it finds.

    python3 read.py FOLDER
"""

import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData


def read(folder: str) -> dict:
    events = EventAccumulator(folder, size_guidance={"histograms": 0}).Reload()
    tags = events.Tags()
    return {
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {
            tag: [[h.step, h.histogram_value.num, *h.histogram_value.bucket] for h in events.Histograms(tag)]
            for tag in tags["histograms"]
        },
        "images": {tag: [[i.step, i.width, i.height] for i in events.Images(tag)] for tag in tags["images"]},
        "texts": {
            tag: [e.tensor_proto.string_val[0].decode() for e in events.Tensors(tag)]
            for tag in tags["tensors"]
            if tag.endswith("/text_summary")
        },
        "graph": [[node.name, *node.input] for node in events.Graph().node] if tags["graph"] else [],
        "hparams": hparams(events),
    }


def hparams(events) -> dict:
    try:
        contents = events.PluginTagToContent("hparams")
    except KeyError:
        return {}
    start = HParamsPluginData.FromString(contents["_hparams_/session_start_info"]).session_start_info
    return {name: value.number_value or value.string_value for name, value in start.hparams.items()}


folders = [folder for folder, _, names in os.walk(sys.argv[1]) if any("tfevents" in name for name in names)]
print(json.dumps({os.path.relpath(folder, sys.argv[1]): read(folder) for folder in sorted(folders)}))
