#!/usr/bin/env python3
"""Makes the golden files that Go's tests compare with, from Python's torch.

    python3 scripts/golden.py [NAME ...]

Each module of scripts/golden/ makes one file; its cases() returns what goes into
it. The header of a file says which torch, CPU capability and number of threads
made it. The files are committed; only whoever changes the cases needs this.
"""

import gzip
import importlib
import json
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = {
    "ops": "torch/testdata/ops.json",
    "operators": "internal/optest/testdata/golden.json.gz",
    "byhand": "internal/optest/testdata/byhand.json",
    "printing": "torch/testdata/print.json",
    "indexing": "torch/testdata/indexing.json",
    "functional": "torch/nn/functional/testdata/golden.json.gz",
    "chunked_loss": "torch/nn/functional/testdata/chunked_loss.json.gz",
    "scaled_mm": "torch/nn/functional/testdata/scaled_mm.json",
    "nn": "torch/nn/testdata/nn.json",
    "nn_utils": "torch/nn/utils/testdata/utils.json",
    "rnn_utils": "torch/nn/utils/rnn/testdata/rnn.json",
    "recurrent": "torch/nn/testdata/recurrent.json.gz",
    "attention": "torch/nn/testdata/attention.json.gz",
    "module_hooks": "torch/nn/testdata/hooks.json",
    "transformer": "torch/nn/testdata/transformer.json.gz",
    "pooling": "torch/nn/testdata/pooling.json.gz",
    "shapes": "torch/nn/testdata/shapes.json.gz",
    "convolutions": "torch/nn/testdata/convolutions.json.gz",
    "basic_modules": "torch/nn/testdata/basic.json",
    "activations": "torch/nn/testdata/activations.json.gz",
    "normalizations": "torch/nn/testdata/normalizations.json.gz",
    "embeddings": "torch/nn/testdata/embeddings.json.gz",
    "losses": "torch/nn/testdata/losses.json.gz",
    "parametrizations": "torch/nn/testdata/parametrizations.json.gz",
    "pruning": "torch/nn/testdata/pruning.json.gz",
    "module_errors": "torch/nn/testdata/errors.json",
    "lobpcg": "torch/testdata/lobpcg.json",
    "optim": "torch/optim/testdata/optim.json",
    "optimizers": "torch/optim/testdata/optimizers.json",
    "averaged": "torch/optim/testdata/averaged.json",
    "lrscheduler": "torch/optim/lrscheduler/testdata/lrscheduler.json",
    "amp": "torch/amp/testdata/amp.json.gz",
    "saved": "torch/testdata/saved",
    "data": "torch/utils/data/testdata/data.json",
    "explain": "torch/utils/explain/testdata/explain.json",
    "metrics": "torch/utils/metrics/testdata/metrics.json",
    "tensorboard": "torch/utils/tensorboard/testdata/tensorboard.json",
    "transforms": "torch/vision/transforms/testdata/transforms.json.gz",
    "models": "torch/vision/models/testdata/models.json.gz",
    "distributions": "torch/distributions/testdata/distributions.json.gz",
    "distribution_transforms": "torch/distributions/testdata/transforms.json",
    "distribution_errors": "torch/distributions/testdata/errors.json",
    "constraints": "torch/distributions/constraints/testdata/constraints.json",
    "gpt": "examples/gpt/testdata/gpt.json",
    "cnn": "examples/cnn/testdata/cnn.json",
    "vae": "examples/vae/testdata/vae.json",
    "sample": "examples/mnist/testdata/sample.json",
    "training": "examples/mnist/testdata/training.json",
}
VERSION = "2.15.0"
THREADS = 2


def write(path: pathlib.Path, content: dict) -> None:
    if not path.suffix:  # a folder of files
        path.mkdir(exist_ok=True)
        for name, data in content["cases"].items():
            (path / name).write_bytes(data)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(json.dumps(content).encode(), 9, mtime=0))
    else:
        path.write_text(json.dumps(content, indent=1) + "\n")


def main() -> None:
    if torch.__version__.split("+")[0] != VERSION:
        sys.exit(f"golden files are those of torch {VERSION}, this is {torch.__version__}")
    sys.path.insert(0, str(ROOT / "scripts"))
    torch.set_num_threads(THREADS)
    for name in sys.argv[1:] or FILES:
        header = {
            "script": f"scripts/golden/{name}.py",
            "torch": VERSION,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "threads": THREADS,
        }
        cases = importlib.import_module(f"golden.{name}").cases()
        path = ROOT / FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, {"header": header, "cases": cases})
        print(f"{FILES[name]}: {len(cases)} cases")


if __name__ == "__main__":
    main()
