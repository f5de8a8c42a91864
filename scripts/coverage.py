#!/usr/bin/env python3
"""Compares PyTorch's public names with Go's.

    python3 scripts/coverage.py [--write]

Prints how many of the documented functions and methods of torch, torch.Tensor,
torch.linalg, torch.fft, torch.special and torch.nn.functional have a Go function,
and the others with the reason; and the same of the classes and functions of
torch.nn, torch.optim and what belongs to them, and of torchvision.ops (needs
torchvision 0.29.2). --write makes the tables of both, docs/pytorch-to-go.md and
docs/pytorch-to-go-modules.md. Names without a docstring are PyTorch's own business.
"""

import functools
import pathlib
import re
import sys
import types

import torch
import torch.distributed.device_mesh
import torch.distributions
import torch.library
import torch.nn.functional
import torch.masked
import torch.nn.utils.prune
import torch.optim.swa_utils
import torch.signal.windows
import torch.sparse
import torch.utils.data
import torchvision.ops

from parameters import ELSEWHERE, lacking

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Where Go has something else than the same name.
OTHERS = {
    "torch": {
        "tensor": "torch.NewTensor(data)",
        "as_tensor": "torch.NewTensor(data)",
        "asarray": "torch.NewTensor(data)",
        "from_numpy": "torch.FromSlice(data, shape...)",
        "frombuffer": "torch.FromSlice(data, shape...)",
        "get_rng_state": "torch.RNGState()",
        "get_num_threads": "torch.NumThreads()",
        "get_num_interop_threads": "torch.NumInteropThreads()",
        "get_default_device": "torch.DefaultDevice()",
        "get_default_dtype": "torch.DefaultDType()",
        "get_deterministic_debug_mode": "torch.DeterministicDebugMode()",
        "get_float32_matmul_precision": "torch.Float32MatmulPrecision()",
        "is_tensor": "a Go type",
        "is_storage": "a Go type",
        "max": "torch.Max(x), torch.MaxDim(x, dim), torch.Maximum",
        "min": "torch.Min(x), torch.MinDim(x, dim), torch.Minimum",
        "lu": "linalg.LUFactor(x)",
        "vmap": "torch/fn",
        "load": "torch.Load",
        "save": "torch.Save",
    },
    "torch.Tensor": {
        "T": "x.Permute(...), for matrices x.T()",
        "H": "x.MH()",
        "apply_": "torch.ToSlice, Go, torch.FromSlice",
        "map_": "torch.ToSlice, Go, torch.FromSlice",
        "bfloat16": "x.To(torch.BFloat16)",
        "bool": "x.To(torch.Bool)",
        "byte": "x.To(torch.Uint8)",
        "cdouble": "x.To(torch.Complex128)",
        "cfloat": "x.To(torch.Complex64)",
        "chalf": "x.To(torch.Complex32)",
        "char": "x.To(torch.Int8)",
        "double": "x.To(torch.Float64)",
        "float": "x.To(torch.Float32)",
        "half": "x.To(torch.Float16)",
        "int": "x.To(torch.Int32)",
        "long": "x.To(torch.Int64)",
        "short": "x.To(torch.Int16)",
        "cpu": "x.To(torch.CPU)",
        "cuda": "x.To(torch.CUDA(0))",
        "ndimension": "x.Dim()",
        "ndim": "x.Dim()",
        "nelement": "x.Numel()",
        "itemsize": "x.ElementSize()",
        "get_device": "x.Device().Index()",
        "index_put": "x.Clone(), then x.At(index...).Set(v)",
        "index_put_": "x.At(index...).Set(v), .Add(v)",
        "is_cpu": "x.Device().IsCPU()",
        "is_cuda": "x.Device().IsCUDA()",
        "is_shared": "x.Device()",
        "item": "x.Item(), x.Int(), x.Bool(), x.Complex()",
        "max": "x.Max(), x.MaxDim(dim), torch.Maximum",
        "min": "x.Min(), x.MinDim(dim), torch.Minimum",
        "numpy": "torch.ToSlice[T](x)",
        "tolist": "torch.ToSlice[T](x)",
        "requires_grad_": "x.SetRequiresGrad(on)",
        "size": "x.Size(dim), x.Shape()",
        "to_sparse_coo": "x.ToSparse()",
        "type": "x.To(dtype), x.DType()",
        "grad": "x.Grad(), x.SetGrad(g)",
        "split": "x.Split(size, dim), x.SplitWithSizes(sizes, dim)",
        "lu": "linalg.LUFactor(x)",
        "random_": "x.RandomInplace(), x.RandomRangeInplace(from, to)",
        "retain_grad": "x.RetainGrad()",
        "swapaxes_": "x.TransposeInplace(a, b)",
        "swapdims_": "x.TransposeInplace(a, b)",
        "bernoulli": "x.Bernoulli(), x.BernoulliP(p)",
        "grad_dtype": "x.Grad().DType()",
        "tensor_split": "x.TensorSplit(n, dim), x.TensorSplitIndices(...)",
    },
    "torch.linalg": {},
    "torch.fft": {},
    "torch.special": {},
    "torch.sparse": {
        "mm": "torch.Mm(x, mat2)",
        "addmm": "torch.Addmm(x, mat1, mat2)",
        "sum": "x.Sum(dim...)",
    },
    "torch.masked": {},
    "torch.signal.windows": {
        "bartlett": "torch.BartlettWindow(length, options...)",
        "blackman": "torch.BlackmanWindow(length, options...)",
        "hamming": "torch.HammingWindow(length, options...)",
        "hann": "torch.HannWindow(length, options...)",
        "kaiser": "torch.KaiserWindow(length, options...)",
    },
    "torch.nn.functional": {
        "softmax": "functional.Softmax",
        "upsample_bilinear": "functional.Interpolate",
        "upsample_nearest": "functional.Interpolate",
        "upsample": "functional.Interpolate",
    },
}

# Why Go has nothing.
REASONS = {
    r"compile|cond|while_loop|sym_.*|fork|wait|parse_.*|import_ir.*|merge_type.*|unify_type.*|typename|get_file_path|"
    r"init_num_threads|compiled_with_cxx11_abi|get_device_module|thread_safe_generator|"
    r"as_subclass|module_load|classproperty|handle_torch_function|has_torch_function.*|boolean_dispatch|assert_int_or_pair":
        "a matter of Python, its compiler or its symbols",
    r"autocast.*|.*_autocast_.*|set_default_tensor_type|.*anomaly.*":
        "a setting of the process, not a computation",
    r"is_(ipu|maia|mps|mtia|vulkan|xla|xpu|mkldnn)|ipu|xpu|mtia|to_mkldnn|cuda|const_data_ptr|data_ptr|storage|storage_type|"
    r"untyped_storage|is_shared|share_memory_|dim_order|qscheme|record_stream|from_dlpack|to_dlpack":
        "memory and devices that Go programs have no use for yet",
}

# The same for whole modules, which Go does not have.
MODULE_REASONS = {
    "torch.masked": "a prototype in PyTorch: MaskedFill and a reduction take its place",
    "torch.sparse": 'by name: torch.Op("aten::_sparse_softmax") and its like, or for CUDA only',
    "torch.signal.windows": "a few lines with torch.Arange and Cos",
}


def documented(value):
    text = getattr(value, "__doc__", None) or ""
    return bool(text) and not text.startswith(("Built-in", "bool(x) -> bool", "int([x])"))


def functions(module):
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if not name.startswith("_") and callable(value) and not isinstance(value, (type, types.ModuleType)) and documented(value):
            if "typing" not in str(getattr(value, "__module__", "")):
                yield name


def listed(module):
    """The functions of a module's __all__."""
    return sorted(name for name in module.__all__ if not isinstance(getattr(module, name, None), type))


def methods():
    for name in sorted(dir(torch.Tensor)):
        if not name.startswith("_") and documented(getattr(torch.Tensor, name)):
            yield name


@functools.cache
def go_names(folder):
    """Functions and methods of *Tensor in a Go package, by their name in lower case; none of no package."""
    if folder is None:
        return {}, {}
    found, tensor = {}, {}
    for path in sorted((ROOT / folder).glob("*.go")):
        if path.name.endswith("_test.go"):
            continue
        for line in path.read_text().splitlines():
            method = re.match(r"func \(\w+ \*Tensor\) ([A-Z]\w*)(\(.*?)(?: \{.*)?$", line)
            function = re.match(r"func ([A-Z]\w*)(?:\[[^(]*\])?(\(.*?)(?: \{.*)?$", line)
            if method:
                tensor[method[1].lower()] = "x." + method[1] + method[2]
            elif function:
                found[function[1].lower()] = folder.split("/")[-1] + "." + function[1] + function[2]
    return found, tensor


SPACES = [
    ("torch", lambda: functions(torch), "torch"),
    ("torch.Tensor", methods, "torch"),
    ("torch.linalg", lambda: functions(torch.linalg), "torch/linalg"),
    ("torch.fft", lambda: functions(torch.fft), "torch/fft"),
    ("torch.special", lambda: functions(torch.special), "torch/special"),
    ("torch.nn.functional", lambda: functions(torch.nn.functional), "torch/nn/functional"),
    ("torch.sparse", lambda: listed(torch.sparse), None),
    ("torch.masked", lambda: listed(torch.masked), None),
    ("torch.signal.windows", lambda: listed(torch.signal.windows), None),
]


def exists(text):
    """Whether Go has what an entry of OTHERS names."""
    for receiver, name in re.findall(r"(\w+)\.([A-Z]\w*)", text):
        folder = {"x": "torch", "torch": "torch", "linalg": "torch/linalg", "functional": "torch/nn/functional"}[receiver]
        found, tensor = go_names(folder)
        constants = " ".join(p.read_text() for p in [ROOT / "torch/dtype.go", ROOT / "torch/device.go"])
        if name.lower() not in (tensor if receiver == "x" else found) and not re.search(rf"\b{name}\b", constants):
            return name in ("IsCPU", "IsCUDA", "Index", "DType")
    return True


def find(space, name, found, tensor):
    key = name.replace("_", "").lower() + ("inplace" if name.endswith("_") else "")
    if OTHERS[space].get(name):
        return OTHERS[space][name] if exists(OTHERS[space][name]) else None
    first, second = (tensor, found) if space == "torch.Tensor" else (found, tensor)
    return first.get(key) or (second.get(key) if space in ("torch", "torch.Tensor") else None)


def reason(name):
    for pattern, why in REASONS.items():
        if re.fullmatch(pattern, name):
            return why
    return "missing"


# Classes and functions of these have a constructor, a function or a type.
PARTS = [
    ("torch.nn", torch.nn, "torch/nn"),
    ("torch.nn.init", torch.nn.init, "torch/nn/nninit"),
    ("torch.nn.utils", torch.nn.utils, "torch/nn/utils"),
    ("torch.nn.utils.rnn", torch.nn.utils.rnn, "torch/nn/utils/rnn"),
    ("torch.nn.utils.parametrize", torch.nn.utils.parametrize, "torch/nn/utils/parametrize"),
    ("torch.nn.utils.parametrizations", torch.nn.utils.parametrizations, "torch/nn/utils/parametrizations"),
    ("torch.nn.utils.prune", torch.nn.utils.prune, "torch/nn/utils/prune"),
    ("torch.optim", torch.optim, "torch/optim"),
    ("torch.optim.lr_scheduler", torch.optim.lr_scheduler, "torch/optim/lrscheduler"),
    ("torch.optim.swa_utils", torch.optim.swa_utils, "torch/optim"),
    ("torch.distributions", torch.distributions, "torch/distributions"),
    ("torch.amp", torch.amp, "torch/amp"),
    ("torch.library", torch.library, "torch/library"),
    ("torch.utils.data", torch.utils.data, "torch/utils/data"),
    ("torchvision.ops", torchvision.ops, "torch/vision/ops"),
    ("torch.distributed", torch.distributed.distributed_c10d, "torch/distributed"),
    ("torch.distributed.device_mesh", torch.distributed.device_mesh, "torch/distributed"),
]

# Where Go has something else than the same name.
OTHER_PARTS = {
    "torch.amp.custom_bwd": "amp.CustomFunction(f, device)",
    "torch.amp.custom_fwd": "amp.CustomFunction(f, device)",
    "torch.distributed.Backend": "distributed.Backend",
    "torch.distributed.all_gather_coalesced": "distributed.AllGatherCoalesced(outputs [][]*torch.Tensor, list []*torch.Tensor, options ...Options) (*Work, error)",
    "torch.distributed.broadcast_object_list": "distributed.BroadcastObject(value, src, options...)",
    "torch.distributed.group": "distributed.DefaultGroup()",
    "torch.distributed.recv_object_list": "distributed.RecvObject(src, options...)",
    "torch.distributed.ReduceOp": "distributed.ReduceOp",
    "torch.distributed.reduce_op": "distributed.ReduceOp",
    "torch.distributed.send_object_list": "distributed.SendObject(value, dst, options...)",
    "torch.library.custom_op": "library.Define(schema, kernel)",
    "torch.library.impl": "operator.RegisterKernel(device, kernel)",
    "torch.library.impl_abstract": "operator.RegisterFake(kernel)",
    "torch.library.register_autocast": "operator.RegisterAutocast(device, dtype)",
    "torch.library.register_fake": "operator.RegisterFake(kernel)",
    "torch.library.register_torch_dispatch": "torch.WithDispatch(mode, f)",
    "torch.library.register_vmap": "operator.RegisterVmap(rule)",
    "torch.nn.Buffer": 'a field with the tag `nn:",buffer"`',
    "torch.nn.LinearCrossEntropyOptions": "functional.LinearCrossEntropyChunking",
    "torch.nn.utils.convert_conv2d_weight_memory_format": "net.To(torch.ChannelsLast)",
    "torch.nn.utils.convert_conv3d_weight_memory_format": "net.To(torch.ChannelsLast3d)",
    "torch.nn.utils.prune.BasePruningMethod": "prune.Method",
    "torch.optim.lr_scheduler.LRScheduler": "lrscheduler.Scheduler",
    "torch.optim.swa_utils.SWALR": "lrscheduler.NewSWALR(optimizer, swaLR)",
    "torch.optim.swa_utils.get_ema_avg_fn": "optim.EMA(decay)",
    "torch.optim.swa_utils.get_ema_multi_avg_fn": "optim.EMA(decay)",
    "torch.optim.swa_utils.get_swa_avg_fn": "optim.SWA()",
    "torch.optim.swa_utils.get_swa_multi_avg_fn": "optim.SWA()",
    "torchvision.ops.deform_conv2d": "ops/functional.DeformConv2d(x, offset, weight, options...)",
    "torchvision.ops.drop_block2d": "ops/functional.DropBlock2d(x, p, blockSize, options...)",
    "torchvision.ops.drop_block3d": "ops/functional.DropBlock3d(x, p, blockSize, options...)",
    "torchvision.ops.ps_roi_align": "ops/functional.PSRoIAlign(x, boxes, outputSize, options...)",
    "torchvision.ops.ps_roi_pool": "ops/functional.PSRoIPool(x, boxes, outputSize, options...)",
    "torchvision.ops.roi_align": "ops/functional.RoIAlign(x, boxes, outputSize, options...)",
    "torchvision.ops.roi_pool": "ops/functional.RoIPool(x, boxes, outputSize, options...)",
    "torchvision.ops.stochastic_depth": "ops/functional.StochasticDepth(x, p, mode, options...)",
}

# Why Go has nothing: patterns of names.
NO_PARTS = {
    r"torch\.distributed\.(BackendConfig|GroupMember|GroupName|get_backend_config|get_backend_impl|get_pg_count|is_backend_available)":
        "a matter of Python's table of backends; GetBackend says which a group has",
    r"torch\.distributed\.(All|Barrier|Broadcast|Gather|Reduce|Scatter)\w*Options": "fields of Options and ReduceOptions",
    r"torch\.distributed\.(is_(gloo|mpi|nccl|ucc|xccl)_available|get_default_backend_for_device|supports_complex)": "gloo is the backend there is",
    r"torch\.distributed\.(DebugLevel|get_debug_level|record_comm)": "TORCH_CPP_LOG_LEVEL lets libtorch log",
    r"torch\.distributed\.is_torchelastic_launched": "the environment says it: TORCHELASTIC_RUN_ID",
    r"torch\.distributed\.ProcessGroup(Gloo|NCCL.*)": "InitOptions.Backend says which one; nccl is not there yet",
    r"torch\.distributed\.(split|shrink)_group": "for NCCL; NewGroup makes groups",
    r"torch\.distributed\.gather_(single|into_tensor)": "Gather, or AllGatherSingle",
    r"torch\.nn\.utils\.prune\.PruningContainer": "unexported in Go",
    r"torch\.nn\.(Container|factory_kwargs)|torch\.optim\.swap_in_.*|.*\.type_before_parametrizations": "a matter of Python's classes",
    r"torch\.nn\.utils\.(remove_)?(spectral_norm|weight_norm)": "deprecated for the one of parametrizations",
    r"torch\.utils\.data\.(.*Pipe|DataChunk|.*_validation.*|functional_datapipe|.*_datapipes_.*|non_deterministic)":
        "data pipes, which PyTorch has given up",
    r"torch\.nn\.utils\.fuse_.*_bn_weights": "FuseConvBNEval and FuseLinearBNEval take modules",
    r"torch\.library\.(triton_op|wrap_triton)": "Triton's kernels are Python's",
    r"torch\.library\.infer_schema": "a schema is written, as a text",
    r"torch\.library\.(fallthrough_kernel|get_ctx|get_kernel)": "a matter of libtorch's dispatcher and Python's compiler",
    r"torch\.utils\.data\.(default_convert|get_worker_info)": "workers are goroutines, and batches tensors",
}


@functools.cache
def go_types(folder):
    """The exported types of a Go package, by their name in lower case."""
    text = "\n".join(p.read_text() for p in sorted((ROOT / folder).glob("*.go")) if not p.name.endswith("_test.go"))
    names = re.findall(r"^(?:type |\t)([A-Z]\w*)(?:\[[^]]*\])? (?:struct|interface|=|func)\b", text, re.MULTILINE)
    return {name.lower(): folder.split("/")[-1] + "." + name for name in names}


def parts(module):
    """The public classes and functions that the module itself defines or names in __all__."""
    listed = getattr(module, "__all__", None)
    for name in sorted(listed or dir(module)):
        value = getattr(module, name, None)
        own = listed or str(getattr(value, "__module__", "")).startswith(module.__name__)
        old = hasattr(module, name + "_")  # torch.nn.init.uniform is an old name of uniform_
        if own and not name.startswith("_") and callable(value) and not old:
            yield name


def find_part(space, name, folder):
    key = name.replace("_", "").lower()
    constructors, types_ = go_names(folder)[0], go_types(folder)
    other = OTHER_PARTS.get(f"{space}.{name}")
    return other or constructors.get("new" + key) or constructors.get(key) or types_.get(key)


def why_no_part(name):
    return next((why for pattern, why in NO_PARTS.items() if re.fullmatch(pattern, name)), "missing")


def table(head, spaces):
    """Rows of a table for each space, how many names Go has, and which it lacks."""
    rows, have, lack = list(head), 0, []
    for space, names, find_name, why_not in spaces:
        rows += ["", f"## {space}", "", "| Python | Go |", "|---|---|"]
        for name in names:
            go = find_name(name)
            if go:
                have += 1
                code = go if go.startswith("a ") else "`" + go.replace("|", "\\|") + "`"
                rows.append(f"| `{name}` | {code} |")
            else:
                lack.append((space, name, why_not(name)))
                rows.append(f"| `{name}` | none: {why_not(name)} |")
    return rows, have, lack


def report(what, have, lack):
    """Prints what there is and what not, and returns the share in percent and in words."""
    missing = sum(why == "missing" for _, _, why in lack)
    share = 100 * have / (have + missing)
    words = f"{have} of {have + missing} {what}"
    print(f"{words}: {share:.1f} %")
    for space, name, why in sorted(lack, key=lambda x: (x[2] != "missing", x[2], x[0])):
        print(f"  {space}.{name}: {why}")
    return share, f"{words} ({share:.1f} %) are there."


def values():
    """Every Python function that Go has, with its Go signatures."""
    for space, names, folder in SPACES:
        found, tensor = go_names(folder)
        owner = torch.Tensor if space == "torch.Tensor" else functools.reduce(getattr, space.split(".")[1:], torch)
        for name in names():
            key = name.replace("_", "").lower() + ("inplace" if name.endswith("_") else "")
            signatures = [d[k] for d in (found, tensor) for k in (key, key + "with") if k in d]
            if signatures:
                yield space, name, getattr(owner, name), folder, signatures
    for space, module, folder in PARTS:
        constructors = go_names(folder)[0]
        for name in parts(module):
            key = name.replace("_", "").lower()
            signatures = [constructors[k] for k in ("new" + key, key) if k in constructors]
            if signatures:
                yield space, name, getattr(module, name), folder, signatures


def parameters():
    """Prints the parameters that Go lacks, and returns whether one lacks without a reason."""
    lack = [x for v in values() for x in lacking(*v)]
    missing = sorted(name for name, why in lack if why == "missing")
    print(f"{len(lack) - len(missing)} optional parameters are elsewhere in Go, {len(missing)} are missing")
    for name in missing:
        print(f"  {name}")
    unused = [p for p in ELSEWHERE if not any(re.fullmatch(p, name) for name, _ in lack)]
    if unused:
        print(f"reasons that nothing needs: {unused}")
    return bool(missing or unused)


def main():
    made = f"Made by scripts/coverage.py from torch {torch.__version__.split('+')[0]}."
    functions_ = table(["# From PyTorch to Go"], [
        (space, names(), functools.partial(lambda space, folder, name: find(space, name, *go_names(folder)), space, folder),
         functools.partial(lambda space, name: MODULE_REASONS.get(space) or reason(name), space))
        for space, names, folder in SPACES])
    modules = table(["# From PyTorch to Go: modules, optimizers and more"], [
        (space, parts(module), functools.partial(lambda space, folder, name: find_part(space, name, folder), space, folder),
         functools.partial(lambda space, name: why_no_part(f"{space}.{name}"), space))
        for space, module, folder in PARTS])
    shares = []
    for (rows, have, lack), what, more, file in [
        (functions_, "functions and methods that compute", 'What is not is called by name: `torch.Op("aten::…")`.', "pytorch-to-go.md"),
        (modules, "classes and functions", "Those of torch itself are in [pytorch-to-go.md](pytorch-to-go.md).", "pytorch-to-go-modules.md"),
    ]:
        share, words = report(what, have, lack)
        shares.append(share)
        if "--write" in sys.argv:
            rows[1:1] = ["", f"{made} {words}", more]
            (ROOT / "docs" / file).write_text("\n".join(rows) + "\n")
    return 1 if parameters() or min(shares) < 98 else 0


if __name__ == "__main__":
    sys.exit(main())
