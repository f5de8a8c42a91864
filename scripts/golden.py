#!/usr/bin/env python3
"""Makes the golden files that Go's tests compare with, from Python's torch.

    python3 scripts/golden.py [--check] [NAME ...]

Each module of scripts/golden/ makes one file; its cases() returns what goes into
it. scripts/golden/requirements.txt lists the packages that some of them need. A
file whose cases are what they were is left alone. A module that fails, for want of
a package for one, does not stop the others. What a file had and has no longer is
printed. With --check nothing is written: the status is 1 if a file would change.

The header of a file says which torch, instruction set and number of threads made
it. All files are made with AVX2, on a processor that has more, too, and the tests
of Go run with AVX2 in the same way (internal/torchtest), so that all processors
with it compare bit for bit. Four libraries in libtorch choose their code by the
processor, and each reads a variable of its own: ATen for its loops, oneDNN for
convolutions and recurrent layers, MKL for products, decompositions and most
functions of one argument, FBGEMM for sums of embeddings. They read it when they
are first used, so it is set before torch is imported. MKL's variable is heeded on
Intel's processors only; what it computes there is not what it computes on others,
with any setting, so the header has a digest of that, too, and where it differs
tests compare within a tolerance.
"""

import argparse
import gzip
import hashlib
import importlib
import json
import os
import pathlib
import sys

ISA = "avx2"
os.environ.update({
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
})

import torch  # noqa: E402, after the environment is set

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
    "memory_summary": "torch/cuda/testdata/memory_summary.json",
    "ddp": "torch/nn/parallel/testdata/ddp.json.gz",
    "sdpa_kernel": "torch/nn/attention/testdata/sdpa_kernel.json",
    "flex_attention": "torch/nn/attention/testdata/flex_attention.json.gz",
    "fn": "torch/fn/testdata/fn.json",
    "optim": "torch/optim/testdata/optim.json",
    "optimizers": "torch/optim/testdata/optimizers.json",
    "capturable": "torch/optim/testdata/capturable.json",
    "averaged": "torch/optim/testdata/averaged.json",
    "lrscheduler": "torch/optim/lrscheduler/testdata/lrscheduler.json",
    "amp": "torch/amp/testdata/amp.json.gz",
    "saved": "torch/testdata/saved",
    "gguf_files": "torch/gguf/testdata/files",
    "exported": "torch/export/testdata/exported",
    "torchscript": "torch/jit/testdata/scripts",
    "aoti": "torch/aoti/testdata/compiled",
    "safetensors_files": "torch/safetensors/testdata/python",
    "numpy_files": "torch/npy/testdata/python",
    "data": "torch/utils/data/testdata/data.json",
    "explain": "torch/utils/explain/testdata/explain.json",
    "flops": "torch/utils/flopcounter/testdata/flops.json",
    "benchmarks": "torch/utils/benchmark/testdata/benchmark.json.gz",
    "memory_timeline": "torch/profiler/testdata/memory_timeline.json",
    "profiler_tables": "torch/profiler/testdata/tables.json.gz",
    "metrics": "torch/utils/metrics/testdata/metrics.json",
    "windows": "torch/signal/windows/testdata/windows.json",
    "quasirandom": "torch/quasirandom/testdata/quasirandom.json",
    "wav": "torch/audio/testdata/wav.json",
    "audio": "torch/audio/transforms/testdata/audio.json.gz",
    "filecheck": "torch/testing/testdata/filecheck.json",
    "testing": "torch/testing/testdata/testing.json",
    "tensorboard": "torch/utils/tensorboard/testdata/tensorboard.json",
    "transforms": "torch/vision/transforms/testdata/transforms.json.gz",
    "models": "torch/vision/models/testdata/models.json.gz",
    "vision_utils": "torch/vision/utils/testdata/utils.json",
    "vision_ops": "torch/vision/ops/testdata/ops.json.gz",
    "detection": "torch/vision/models/detection/testdata/detection.json.gz",
    "segmentation": "torch/vision/models/segmentation/testdata/segmentation.json.gz",
    "distributions": "torch/distributions/testdata/distributions.json.gz",
    "distribution_transforms": "torch/distributions/testdata/transforms.json",
    "distribution_errors": "torch/distributions/testdata/errors.json",
    "constraints": "torch/distributions/constraints/testdata/constraints.json",
    "gpt": "examples/gpt/testdata/gpt.json",
    "chat": "examples/chat/testdata/chat.json.gz",
    "smollm": "examples/chat/testdata/smollm.json.gz",
    "cnn": "examples/cnn/testdata/cnn.json",
    "vae": "examples/vae/testdata/vae.json",
    "vad": "examples/vad/testdata/vad.json.gz",
    "sample": "examples/mnist/testdata/sample.json",
    "training": "examples/mnist/testdata/training.json",
}
VERSION = "2.15.0"
THREADS = 2


def kernels() -> str:
    """A digest of what MKL makes of a few numbers; internal/torchtest has its twin."""
    digest = hashlib.sha256()
    for dtype in (torch.float32, torch.float64):
        x = torch.arange(1, 1001, dtype=dtype) / 1000
        square = x.view(20, 50)
        for y in (x.sqrt(), x.exp(), x.log(), x.tan(), x.asin(), x.acos(), x.atan(), square @ square.mT,
                  torch.linalg.svdvals(square)):
            digest.update(y.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def header(name: str) -> dict:
    return {"script": f"scripts/golden/{name}.py", "torch": VERSION, "isa": ISA, "threads": THREADS, "kernels": kernels()}


def read(path: pathlib.Path) -> dict | None:
    """What a file holds; None if there is none. A folder has no header."""
    if not path.exists():
        return None
    if path.is_dir():
        return {"cases": {p.name: p.read_bytes() for p in path.iterdir()}}
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def write(path: pathlib.Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.suffix:  # a folder of files
        path.mkdir(exist_ok=True)
        for name, data in content["cases"].items():
            (path / name).write_bytes(data)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(json.dumps(content).encode(), 9, mtime=0))
    else:
        path.write_text(json.dumps(content, indent=1) + "\n")


def parts(value) -> dict:
    """What a dict or a list holds, by name; the elements of a list without names by number."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        named = [v.get("name", v.get("go")) if isinstance(v, dict) else None for v in value]
        if None not in named and len(set(map(str, named))) == len(named):
            return dict(zip(map(str, named), value))
        return {str(i): v for i, v in enumerate(value)}
    return {}


def lost(before, after, place: str = "") -> list[str]:
    """The places of what is in before and not in after."""
    old, new = parts(before), parts(after)
    gone = [f"{place}/{name}" for name in old if name not in new]
    for name in old.keys() & new.keys():
        gone += lost(old[name], new[name], f"{place}/{name}")
    return sorted(gone)


def make(name: str, check: bool) -> bool:
    """Makes a file, or looks whether it would change; reports whether all is well."""
    path = ROOT / FILES[name]
    before = read(path)
    content = {"header": header(name), "cases": importlib.import_module(f"golden.{name}").cases()}
    if path.suffix:
        content = json.loads(json.dumps(content))
    else:
        del content["header"]
    if content == before:
        print(f"{FILES[name]}: unchanged, {len(content['cases'])} cases")
        return True
    if before is not None:
        same = content["cases"] == before["cases"]
        print(f"{FILES[name]}: " + ("the header differs" if same else "the cases differ"))
        for place in lost(before["cases"], content["cases"]):
            print(f"{FILES[name]}: lost {place}")
    if check:
        return False
    write(path, content)
    print(f"{FILES[name]}: made, {len(content['cases'])} cases")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the golden files that Go's tests compare with.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file would change")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of scripts/golden/; all if none is given")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in FILES]:
        parser.error(f"{' '.join(unknown)}: there is no such file, but {' '.join(FILES)}")
    if torch.__version__.split("+")[0] != VERSION:
        sys.exit(f"golden files are those of torch {VERSION}, this is {torch.__version__}")
    if torch.backends.cpu.get_cpu_capability().lower() != ISA:
        sys.exit(f"golden files are made with {ISA}, this processor has {torch.backends.cpu.get_cpu_capability()}")
    sys.path.insert(0, str(ROOT / "scripts"))
    torch.set_num_threads(THREADS)
    failed = []
    for name in arguments.names or FILES:
        try:
            well = make(name, arguments.check)
        except Exception as e:  # such as a missing package
            print(f"{FILES[name]}: {type(e).__name__}: {e}", file=sys.stderr)
            well = False
        if not well:
            failed.append(name)
    if failed:
        sys.exit(("would change or failed: " if arguments.check else "failed: ") + " ".join(failed))


if __name__ == "__main__":
    main()
