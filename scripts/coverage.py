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
import torch.accelerator
import torch.backends
import torch.cuda
import torch.cuda.amp
import torch.cuda.comm
import torch.cuda.tunable
import torch.distributed.checkpoint
import torch.distributed.checkpoint.state_dict
import torch.distributed.algorithms.ddp_comm_hooks.default_hooks
import torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook
import torch.distributed.algorithms.join
import torch.distributed.fsdp
import torch.distributed.optim
import torch.distributed.tensor.parallel
import torch.distributed.device_mesh
import torch.autograd.profiler
import torch._inductor
import torch.distributions
import torch.export
import torch.jit
import torch.library
import torch.nn.functional
import torch.masked
import torch.nn.attention
import torch.nn.attention.bias
import torch.nn.attention.flex_attention
import torch.nn.attention.varlen
import torch.nn.utils.prune
import torch.optim.swa_utils
import torch.profiler
import torch.quasirandom
import torch.signal.windows
import torch.sparse
import torch.utils.benchmark
import torch.testing
import torch.utils.checkpoint
import torch.utils.data
import torch.utils.dlpack
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
        "record_stream": "accelerator.Stream's RecordTensor",
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
    "torch.signal.windows": {},
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
    r"untyped_storage|is_shared|share_memory_|dim_order|qscheme":
        "memory and devices that Go programs have no use for yet",
}

# The same for whole modules, which Go does not have.
MODULE_REASONS = {
    "torch.masked": "a prototype in PyTorch: MaskedFill and a reduction take its place",
    "torch.sparse": 'by name: torch.Op("aten::_sparse_softmax") and its like, or for CUDA only',
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
    ("torch.signal.windows", lambda: listed(torch.signal.windows), "torch/signal/windows"),
]


def exists(text):
    """Whether Go has what an entry of OTHERS names."""
    for receiver, name in re.findall(r"(\w+)\.([A-Z]\w*)", text):
        folder = {"x": "torch", "torch": "torch", "linalg": "torch/linalg", "functional": "torch/nn/functional",
                  "accelerator": "torch/accelerator"}[receiver]
        found, tensor = go_names(folder)
        constants = " ".join(p.read_text() for p in [ROOT / "torch/dtype.go", ROOT / "torch/device.go"])
        known = tensor if receiver == "x" else {**found, **go_types(folder)}
        if name.lower() not in known and not re.search(rf"\b{name}\b", constants):
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


class Settings:
    """The names of torch.backends: functions and settings of its modules, which have no list of them."""

    __name__ = "torch.backends"

    def __init__(self, backends):
        self.names = {"fp32_precision": None}
        for part, settings in {
            "cuda": "is_built preferred_linalg_library preferred_blas_library enable_flash_sdp flash_sdp_enabled enable_mem_efficient_sdp "
                    "mem_efficient_sdp_enabled enable_math_sdp math_sdp_enabled enable_cudnn_sdp cudnn_sdp_enabled sdp_kernel "
                    "allow_fp16_bf16_reduction_math_sdp fp16_bf16_reduction_math_sdp_allowed is_flash_attention_available can_use_flash_attention "
                    "can_use_efficient_attention can_use_cudnn_attention cufft_plan_cache preferred_rocm_fa_library",
            "cuda.matmul": "allow_tf32 fp32_precision allow_fp16_reduced_precision_reduction allow_bf16_reduced_precision_reduction "
                           "allow_fp16_accumulation",
            "cudnn": "is_available version enabled benchmark benchmark_limit deterministic allow_tf32 fp32_precision flags set_flags",
            "cudnn.conv": "fp32_precision", "cudnn.rnn": "fp32_precision",
            "mkldnn": "is_available enabled deterministic allow_tf32 fp32_precision flags set_flags verbose",
            "mkldnn.matmul": "fp32_precision", "mkldnn.conv": "fp32_precision", "mkldnn.rnn": "fp32_precision",
            "mkl": "is_available verbose", "openmp": "is_available", "nnpack": "set_flags flags",
            "mha": "get_fastpath_enabled set_fastpath_enabled", "cpu": "get_cpu_capability",
            "opt_einsum": "is_available get_opt_einsum enabled strategy",
        }.items():
            owner = functools.reduce(getattr, part.split("."), backends)
            for name in settings.split():
                getattr(owner, name)  # which fails where PyTorch has it no longer
                self.names[f"{part}.{name}"] = None


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
    ("torch.accelerator", torch.accelerator, "torch/accelerator"),
    ("torch.backends", Settings(torch.backends), "torch/backends"),
    ("torch.cuda", torch.cuda, "torch/cuda"),
    ("torch.cuda.nvtx", torch.cuda.nvtx, "torch/cuda"),
    ("torch.cuda.comm", torch.cuda.comm, "torch/cuda/comm"),
    ("torch.cuda.amp", torch.cuda.amp, "torch/amp"),
    ("torch.cuda.tunable", torch.cuda.tunable, "torch/cuda"),
    ("torch.library", torch.library, "torch/library"),
    ("torch.nn.attention", torch.nn.attention, "torch/nn/attention"),
    ("torch.nn.attention.bias", torch.nn.attention.bias, "torch/nn/attention"),
    ("torch.nn.attention.flex_attention", torch.nn.attention.flex_attention, "torch/nn/attention"),
    ("torch.nn.attention.varlen", torch.nn.attention.varlen, "torch/nn/attention"),
    ("torch.utils.data", torch.utils.data, "torch/utils/data"),
    ("torch.distributed.fsdp", torch.distributed.fsdp, "torch/distributed/fsdp"),
    ("torch.distributed.checkpoint", torch.distributed.checkpoint, "torch/distributed/checkpoint"),
    ("torch.distributed.checkpoint.state_dict", torch.distributed.checkpoint.state_dict, "torch/distributed/checkpoint"),
    ("torch.distributed.tensor.parallel", torch.distributed.tensor.parallel, "torch/distributed/tensor/parallel"),
    ("torch.distributed.optim", torch.distributed.optim, "torch/distributed/optim"),
    ("torch.distributed.algorithms.join", torch.distributed.algorithms.join, "torch/distributed/algorithms"),
    ("torch.distributed.algorithms.ddp_comm_hooks.default_hooks", torch.distributed.algorithms.ddp_comm_hooks.default_hooks,
     "torch/distributed/algorithms/ddpcommhooks"),
    ("torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook", torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook,
     "torch/distributed/algorithms/ddpcommhooks"),
    ("torch.profiler", torch.profiler, "torch/profiler"),
    ("torch.autograd.profiler", torch.autograd.profiler, "torch/profiler"),
    ("torch.utils.benchmark", torch.utils.benchmark, "torch/utils/benchmark"),
    ("torch.utils.checkpoint", torch.utils.checkpoint, "torch/utils/checkpoint"),
    ("torch.utils.dlpack", torch.utils.dlpack, "torch"),
    ("torch.testing", torch.testing, "torch/testing"),
    ("torch.quasirandom", torch.quasirandom, "torch/quasirandom"),
    ("torch.jit", torch.jit, "torch/jit"),
    ("torch.export", torch.export, "torch/export"),
    ("torch._inductor", types.SimpleNamespace(__all__=["aoti_load_package"], __name__="torch._inductor",
                                              aoti_load_package=torch._inductor.aoti_load_package), "torch/aoti"),
    ("torchvision.ops", torchvision.ops, "torch/vision/ops"),
    ("torch.distributed", torch.distributed.distributed_c10d, "torch/distributed"),
    ("torch.distributed.device_mesh", torch.distributed.device_mesh, "torch/distributed"),
]

# Where Go has something else than the same name.
OTHER_PARTS = {
    "torch.accelerator.current_accelerator": "accelerator.Current()",
    "torch.accelerator.current_device_idx": "accelerator.CurrentDeviceIndex()",
    "torch.accelerator.set_device_idx": "accelerator.SetDeviceIndex(device)",
    "torch.accelerator.device_index": "accelerator.WithDeviceIndex(device, f)",
    "torch.accelerator.get_device_capability": "accelerator.SupportedDTypes(device...)",
    "torch.accelerator.set_stream": "accelerator.WithStream(stream, f)",
    "torch.cuda.StreamContext": "cuda.WithStream(stream, f)",
    "torch.cuda.stream": "cuda.WithStream(stream, f)",
    "torch.cuda.set_stream": "cuda.WithStream(stream, f)",
    "torch.cuda.device": "cuda.WithDevice(device, f)",
    "torch.cuda.device_of": "cuda.WithDeviceOf(x, f)",
    "torch.cuda.graph": "g.Capture(f, options...)",
    "torch.cuda.make_graphed_callables": "graph.Capture(f, inputs, graph.CaptureOptions{CUDAGraph: true})",
    "torch.cuda.graph_pool_handle": "g.Pool()",
    "torch.cuda.get_rng_state": "cuda.RNGState(device...)",
    "torch.cuda.get_rng_state_all": "cuda.RNGStateAll()",
    "torch.cuda.default_generators": "torch.DefaultGenerator(torch.CUDA(i))",
    "torch.cuda.memory_cached": "cuda.MemoryReserved(device...)",
    "torch.cuda.max_memory_cached": "cuda.MaxMemoryReserved(device...)",
    "torch.cuda.reset_max_memory_allocated": "cuda.ResetPeakMemoryStats(device...)",
    "torch.cuda.reset_max_memory_cached": "cuda.ResetPeakMemoryStats(device...)",
    "torch.cuda.memory_stats_as_nested_dict": "cuda.MemoryStats(device...)",
    "torch.cuda.is_initialized": "cuda.IsAvailable()",
    "torch.cuda.init": "cuda.IsAvailable()",
    "torch.cuda.amp": "torch/amp",
    "torch.cuda.memory": "cuda.MemoryStats and its like",
    "torch.cuda.random": "cuda.ManualSeed and its like",
    "torch.cuda.streams": "cuda.Stream, cuda.Event",
    "torch.cuda.graphs": "cuda.CUDAGraph",
    "torch.cuda.nvtx": "cuda.NVTXRange",
    "torch.cuda.CudaError": "torch.Error",
    "torch.cuda.DeferredCudaCallError": "torch.Error",
    "torch.cuda.ExternalStream": "cuda.GetStreamFromExternal(handle, device...)",
    "torch.cuda.caching_allocator_disabled": "cuda.WithCachingAllocatorDisabled(f)",
    "torch.cuda.host_memory_stats_as_nested_dict": "cuda.HostMemoryStats()",
    "torch.cuda.use_mem_pool": "cuda.WithMemPool(pool, f)",
    "torch.cuda.nccl": "torch/distributed",
    "torch.cuda.profiler": "cuda.NVTXRange",
    "torch.cuda.sparse": "torch.Tensor of a sparse layout",
    "torch.cuda.device_memory_used": "cuda.MemGetInfo(device...)",
    "torch.cuda.export_dot": "g.DebugDump(path)",
    "torch.cuda.BFloat16Storage": "torch.Storage",
    "torch.cuda.BoolStorage": "torch.Storage",
    "torch.cuda.ByteStorage": "torch.Storage",
    "torch.cuda.CharStorage": "torch.Storage",
    "torch.cuda.ComplexDoubleStorage": "torch.Storage",
    "torch.cuda.ComplexFloatStorage": "torch.Storage",
    "torch.cuda.DoubleStorage": "torch.Storage",
    "torch.cuda.FloatStorage": "torch.Storage",
    "torch.cuda.HalfStorage": "torch.Storage",
    "torch.cuda.IntStorage": "torch.Storage",
    "torch.cuda.LongStorage": "torch.Storage",
    "torch.cuda.ShortStorage": "torch.Storage",
    "torch.cuda.BFloat16Tensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.BoolTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.ByteTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.CharTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.DoubleTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.FloatTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.HalfTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.IntTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.LongTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.ShortTensor": "torch.TensorOptions{DType: dtype, Device: torch.CUDA(0)}",
    "torch.cuda.nvtx.range": "cuda.NVTXRange(message, f)",
    "torch.cuda.nvtx.range_push": "cuda.NVTXRange(message, f)",
    "torch.cuda.nvtx.range_pop": "cuda.NVTXRange(message, f)",
    "torch.cuda.nvtx.range_start": "cuda.NVTXRangeStart(message)",
    "torch.cuda.nvtx.range_end": "cuda.NVTXRangeEnd(number)",
    "torch.cuda.nvtx.mark": "cuda.NVTXMark(message)",
    "torch.backends.fp32_precision": "backends.FP32Precision",
    "torch.backends.cuda.is_built": "cuda.WhyUnavailable()",
    "torch.backends.cuda.preferred_linalg_library": "backends.CUDA.PreferredLinalgLibrary",
    "torch.backends.cuda.preferred_blas_library": "backends.CUDA.PreferredBLASLibrary",
    "torch.backends.cuda.enable_flash_sdp": "backends.CUDA.FlashSDP.Set(on)",
    "torch.backends.cuda.flash_sdp_enabled": "backends.CUDA.FlashSDP.Get()",
    "torch.backends.cuda.enable_mem_efficient_sdp": "backends.CUDA.MemEfficientSDP.Set(on)",
    "torch.backends.cuda.mem_efficient_sdp_enabled": "backends.CUDA.MemEfficientSDP.Get()",
    "torch.backends.cuda.enable_math_sdp": "backends.CUDA.MathSDP.Set(on)",
    "torch.backends.cuda.math_sdp_enabled": "backends.CUDA.MathSDP.Get()",
    "torch.backends.cuda.enable_cudnn_sdp": "backends.CUDA.CuDNNSDP.Set(on)",
    "torch.backends.cuda.cudnn_sdp_enabled": "backends.CUDA.CuDNNSDP.Get()",
    "torch.backends.cuda.sdp_kernel": "attention.SDPAKernel(backends, f)",
    "torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp": "backends.CUDA.AllowFP16BF16ReductionMathSDP.Set(on)",
    "torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed": "backends.CUDA.AllowFP16BF16ReductionMathSDP.Get()",
    "torch.backends.cuda.matmul.allow_tf32": "backends.CUDA.Matmul.AllowTF32",
    "torch.backends.cuda.matmul.fp32_precision": "backends.CUDA.Matmul.FP32Precision",
    "torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction": "backends.CUDA.Matmul.AllowFP16ReducedPrecisionReduction",
    "torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction": "backends.CUDA.Matmul.AllowBF16ReducedPrecisionReduction",
    "torch.backends.cuda.matmul.allow_fp16_accumulation": "backends.CUDA.Matmul.AllowFP16Accumulation",
    "torch.backends.cudnn.is_available": "backends.CuDNN.IsAvailable()",
    "torch.backends.cudnn.version": "backends.CuDNN.Version()",
    "torch.backends.cudnn.enabled": "backends.CuDNN.Enabled",
    "torch.backends.cudnn.benchmark": "backends.CuDNN.Benchmark",
    "torch.backends.cudnn.benchmark_limit": "backends.CuDNN.BenchmarkLimit",
    "torch.backends.cudnn.deterministic": "backends.CuDNN.Deterministic",
    "torch.backends.cudnn.allow_tf32": "backends.CuDNN.AllowTF32",
    "torch.backends.cudnn.fp32_precision": "backends.CuDNN.FP32Precision",
    "torch.backends.cudnn.flags": "backends.CuDNN.Benchmark.With(on, f)",
    "torch.backends.cudnn.set_flags": "backends.CuDNN.Benchmark.Set(on)",
    "torch.backends.cudnn.conv.fp32_precision": "backends.CuDNN.Conv.FP32Precision",
    "torch.backends.cudnn.rnn.fp32_precision": "backends.CuDNN.RNN.FP32Precision",
    "torch.backends.mkldnn.is_available": "backends.MKLDNN.IsAvailable()",
    "torch.backends.mkldnn.enabled": "backends.MKLDNN.Enabled",
    "torch.backends.mkldnn.deterministic": "backends.MKLDNN.Deterministic",
    "torch.backends.mkldnn.allow_tf32": "backends.MKLDNN.AllowTF32",
    "torch.backends.mkldnn.fp32_precision": "backends.MKLDNN.FP32Precision",
    "torch.backends.mkldnn.flags": "backends.MKLDNN.Enabled.With(on, f)",
    "torch.backends.mkldnn.set_flags": "backends.MKLDNN.Enabled.Set(on)",
    "torch.backends.mkldnn.matmul.fp32_precision": "backends.MKLDNN.Matmul.FP32Precision",
    "torch.backends.mkldnn.conv.fp32_precision": "backends.MKLDNN.Conv.FP32Precision",
    "torch.backends.mkldnn.rnn.fp32_precision": "backends.MKLDNN.RNN.FP32Precision",
    "torch.backends.mkl.is_available": "backends.IsMKLAvailable()",
    "torch.backends.openmp.is_available": "backends.IsOpenMPAvailable()",
    "torch.backends.nnpack.set_flags": "backends.NNPACK.Set(on)",
    "torch.backends.nnpack.flags": "backends.NNPACK.With(on, f)",
    "torch.backends.mha.get_fastpath_enabled": "backends.MHAFastpath.Get()",
    "torch.backends.mha.set_fastpath_enabled": "backends.MHAFastpath.Set(on)",
    "torch.backends.cpu.get_cpu_capability": "torch.CPUCapability()",
    "torch.backends.cuda.is_flash_attention_available": "cuda.IsFlashAttentionAvailable()",
    "torch.backends.cuda.can_use_flash_attention": "cuda.CanUseFlashAttention(params)",
    "torch.backends.cuda.can_use_efficient_attention": "cuda.CanUseEfficientAttention(params)",
    "torch.backends.cuda.can_use_cudnn_attention": "cuda.CanUseCuDNNAttention(params)",
    "torch.backends.cuda.cufft_plan_cache": "cuda.CuFFTPlanCache(device...)",
    "torch.backends.mkl.verbose": "backends.WithMKLVerbose(f)",
    "torch.backends.mkldnn.verbose": "backends.MKLDNN.WithVerbose(level, f)",
    "torch.backends.opt_einsum.strategy": "torch.EinsumOptions{Path: path}",
    "torch._inductor.aoti_load_package": "aoti.Load(path, options...)",
    "torch.export.ExportedProgram": "export.Program",
    "torch.export.ExportGraphSignature": "p.Signature()",
    "torch.export.dims": "export.Dim",
    "torch.export.export": "export.Trace(f, inputs, options...)",
    "torch.export.unflatten": "p.Module()",
    "torch.export.UnflattenedModule": "export.Module",
    "torch.jit.ScriptModule": "jit.Module",
    "torch.utils.checkpoint.CheckpointPolicy": "checkpoint.Policy",
    "torch.utils.checkpoint.checkpoint_sequential": "checkpoint.Sequential(layers, segments, x, options...)",
    "torch.utils.checkpoint.create_selective_checkpoint_contexts": "checkpoint.Options.Policy",
    "torch.amp.custom_bwd": "amp.CustomFunction(f, device)",
    "torch.amp.custom_fwd": "amp.CustomFunction(f, device)",
    "torch.distributed.checkpoint.load_state_dict": "checkpoint.Load(state, dir, options...)",
    "torch.distributed.checkpoint.save_state_dict": "checkpoint.Save(state, dir, options...)",
    "torch.distributed.checkpoint.HuggingFaceStorageReader": "checkpoint.Load(state, dir, options...)",
    "torch.distributed.checkpoint.HuggingFaceStorageWriter": "checkpoint.Save(state, dir, options...)",
    "torch.distributed.checkpoint.state_dict.get_state_dict": "GetModelStateDict and GetOptimizerStateDict",
    "torch.distributed.checkpoint.state_dict.set_state_dict": "SetModelStateDict and SetOptimizerStateDict",
    "torch.distributed.fsdp.FSDPModule": "fsdp.Module",
    "torch.distributed.fsdp.OffloadPolicy": "fsdp.Options without Offload",
    "torch.distributed.fsdp.register_fsdp_forward_method": "unit.Call(forward, inputs...)",
    "torch.distributed.tensor.parallel.ParallelStyle": "parallel.Style",
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
    "torch.nn.attention.varlen.AuxRequest": "attention.VarlenAttn's second result",
    "torch.nn.attention.SDPBackend": "attention.SDPBackend",
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
    "torch.profiler.DeviceType": "torch.Device",
    "torch.profiler.ProfilerAction": "profiler.Action",
    "torch.profiler.ProfilerActivity": "profiler.Activity",
    "torch.autograd.profiler.EventList": "profiler.Averages, p.Events()",
    "torch.autograd.profiler.FunctionEvent": "profiler.Event",
    "torch.utils.benchmark.Colorize": "benchmark.Colorize",
    "torch.utils.benchmark.set_torch_threads": "torch.WithNumThreads(threads, f)",
    "torch.utils.benchmark.timer": "benchmark.TimerOptions.Clock",
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
    r"torch\.cuda\.ipc_collect": "memory of other processes; goroutines share theirs",
    r"torch\.cuda\.export_graph_data": "a file of Python's; DebugDump writes the graph",
    r"torch\.cuda\.(GreenContext|current_blas_handle|current_solver_handle|cudart|cudaStatus)":
        "handles of CUDA's C libraries; Stream.NativeHandle and CheckError are for programs that call them",
    r"torch\.cuda\.(jiterator|tunable|graph_annotations|has_half|has_magma)": "a matter of Python's build, compiler or tools",
    r"torch\.cuda\.tunable\..*": "PYTORCH_TUNABLEOP_ENABLED=1 and the variables beside it say it",
    r"torch\.backends\.cuda\.preferred_rocm_fa_library": "for AMD's GPUs",
    r"torch\.backends\.opt_einsum\..*": "a package of Python's finds the order; EinsumOptions.Path takes it",
    r"torch\.nn\.attention\.flex_attention\.FlexKernelOptions": "options of kernels that Python's compiler makes",
    r"torch\.nn\.attention\.varlen\.varlen_attn_out": "results are new tensors",
    r"torch\.distributed\.fsdp\.(BackwardPrefetch|CPUOffload|FullyShardedDataParallel|MixedPrecision|Sharding.*|.*StateDict.*|OptimStateKeyType)":
        "the first FSDP; fully_shard is here",
    r"torch\.distributed\.fsdp\.(DataParallelMeshDims|GradientReductionHandle|UnshardHandle|share_comm_ctx)": "not there yet",
    r"torch\.distributed\.checkpoint\.(.*Planner?|.*Plan|.*Item|.*Metadata|.*Reader|.*Writer|CheckpointableTensor|CheckpointException)":
        "storages and plans of one's own: there is one layout, and errors are errors",
    r"torch\.distributed\.checkpoint\.state_dict\.(FQNS_T|.*Type)": "types of Python",
    r"torch\.distributed\.tensor\.parallel\.loss_parallel": "not there yet",
    r"torch\.distributed\.optim\.(as_functional_optim|DistributedOptimizer)": "for RPC, which is not here",
    r"torch\.distributed\.optim\.PostLocalSGDOptimizer": "not there yet",
    r"torch\.distributed\.(BackendConfig|GroupMember|GroupName|get_backend_config|get_backend_impl|get_pg_count|is_backend_available)":
        "a matter of Python's table of backends; GetBackend says which a group has",
    r"torch\.distributed\.(All|Barrier|Broadcast|Gather|Reduce|Scatter)\w*Options": "fields of Options and ReduceOptions",
    r"torch\.distributed\.(is_(gloo|mpi|nccl|ucc|xccl)_available|get_default_backend_for_device|supports_complex)": "InitProcessGroup says whether a backend is there",
    r"torch\.distributed\.(DebugLevel|get_debug_level|record_comm)": "TORCH_CPP_LOG_LEVEL lets libtorch log",
    r"torch\.distributed\.is_torchelastic_launched": "the environment says it: TORCHELASTIC_RUN_ID",
    r"torch\.distributed\.ProcessGroup(Gloo|NCCL.*)": "InitOptions.Backend says which one",
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
    r"torch\.profiler\.(CuspyConfig|PerformanceMetricsConfig|ProfilerActivityConfig|kineto_available)":
        "settings of Kineto, whose kernels of CUDA are not recorded",
    r"torch\.profiler\.ExecutionTraceObserver": "graph.Capture records operators with their values",
    r"torch\.autograd\.profiler\.(emit_itt|emit_nvtx)": "marks for the tools of Intel and NVIDIA around each operator",
    r"torch\.autograd\.profiler\.(load_nvprof|parse_nvprof_trace|EnforceUnique)": "deprecated",
    r"torch\.autograd\.profiler\.(KinetoStepTracker|MemRecordsAcc)": "a part of Python's profiler",
    r"torch\.utils\.benchmark\.(CallgrindStats|FunctionCounts?|CopyIfCallgrind)": "instructions counted by Valgrind, of code in Python or C++",
    r"torch\.utils\.benchmark\.(Fuzz.*|ParameterAlias)": "random shapes: a loop in Go",
    r"torch\.utils\.benchmark\.(Language|ordered_unique|unit_to_english|Number)": "a matter of Python",
    r"torch\.testing\.assert_allclose": "deprecated for assert_close",
    r"torch\.utils\.checkpoint\.(CheckpointFunction|check_backward_validity|detach_variable|(get|set)_device_states|DefaultDeviceType)":
        "of the reentrant form, which PyTorch advises against",
    r"torch\.utils\.checkpoint\.(CheckpointError|GraphExecGroup|SelectiveCheckpointContext|noop_context_fn|set_checkpoint_.*)":
        "a part of Python's own; errors are *torch.Error",
    r"torch\.utils\.dlpack\.(DLDeviceType|ReadOnlyTensorWrapper)": "the struct's own numbers, which Go programs pass on",
    r"torch\.jit\.(Error|Future|Attribute|CompilationUnit|ScriptFunction|annotate|export|export_opnames|fork|ignore|interface|isinstance|"
    r"script|script_if_tracing|trace|trace_module|unused|wait)": "makes programs of Python's source; Go loads and runs them",
    r"torch\.jit\.(enable_onednn_fusion|onednn_fusion_enabled|set_fusion_strategy|strict_fusion)": "a setting of TorchScript's fusers, which PyTorch has given up",
    r"torch\.export\.(AdditionalInputs|CustomDecompTable|ExportBackwardSignature|FlatArgsAdapter|ModuleCallEntry|ModuleCallSignature|"
    r"ShapesCollection|default_decompositions|draft_export|register_dataclass)": "a matter of Python's tracer",
    r"torch\.utils\.data\.(default_convert|get_worker_info)": "workers are goroutines, and batches tensors",
}


@functools.cache
def go_types(folder):
    """The exported types of a Go package, by their name in lower case."""
    text = "\n".join(p.read_text() for p in sorted((ROOT / folder).glob("*.go")) if not p.name.endswith("_test.go"))
    names = re.findall(r"^(?:type |\t)([A-Z]\w*)(?:\[[^]]*\])? (?:struct|interface|=|func)\b", text, re.MULTILINE)
    return {name.lower(): folder.split("/")[-1] + "." + name for name in names}


FROM_ELSEWHERE = {"torch.testing": ["FileCheck"]}  # public names of classes of libtorch's


def parts(module):
    """The public classes and functions that the module itself defines or names in __all__."""
    if isinstance(module, Settings):
        yield from module.names
        return
    listed = getattr(module, "__all__", None)
    for name in sorted(listed or dir(module)):
        value = getattr(module, name, None)
        own = listed or str(getattr(value, "__module__", "")).startswith(module.__name__) or name in FROM_ELSEWHERE.get(module.__name__, [])
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
