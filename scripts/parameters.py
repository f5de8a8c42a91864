"""The optional parameters of Python's functions, and where Go has them.

coverage.py asks for the parameters of a Python function that have no place in the
Go function of the same name: neither among its parameters nor among the fields of
its options. Parameters without a default are Go's by position.
"""

import functools
import inspect
import pathlib
import re

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Parameters that Go has in another way, or not, and why; by "space.function.parameter".
ELSEWHERE = {
    r".*\.out": "results are new tensors; in-place methods write into one",
    r"torch\.(max|min|median|nanmedian|topk|kthvalue|sort|mode|cummax|cummin)\.(values|indices)": "parts of out",
    r".*\.(size_average|reduce|half_to_float|unbiased|verbose)": "deprecated in PyTorch; Reduction and Correction take their place",
    r".*\.(names|_stacklevel|_raise_warn|named_where_possible|implicit|unsafe|tracker)": "a matter of Python, or of libtorch itself",
    r"torch\.nn\.functional\..*\.(inplace|return_indices)": "a function of its own: …Inplace, …WithIndices",
    r"torch\.nn\..*Pool.d\.return_indices": "ForwardWithIndices",
    r"torch\.nn\.Hardtanh\.m.._value": "deprecated in PyTorch",
    r"torch\.nn(\.functional)?\.(Triplet|triplet).*\.distance_function": "Distance",
    r"torch\.nn\.init\.(calculate_gain\.param|uniform_\.[ab])": "positional",
    r"torch\.nn\.utils\.parametrize\..*\.tensor_name": "the variadic names",
    r"torch\.distributed\.fsdp\.fully_shard\.(mp_policy|offload_policy)": "MixedPrecision, Offload",
    r"torch\.distributed\..*\.process_group": "Group",
    r"torch\.distributed\..*\.compression_stats_logging_frequency": "the hook prints nothing",
    r"torch\.distributed\.tensor\.parallel\.parallelize_module\.(device_mesh|parallelize_plan)": "positional",
    r"torch\.cuda\.comm\..*\.(buffer_size|devices|destination|dim)": "positional, or in the options; tensors are copied one by one",
    r"torch\.cuda\.caching_allocator_(alloc\.stream|enable\.value)": "WithStream; positional",
    r"torch\.nn\.attention\.flex_attention\..*\.(return_(lse|aux)|kernel_options|_compile|compute_dq_write_order|dq_kv_order)":
        "FlexAttentionAux; the others are for kernels that Python's compiler makes",
    r"torch\.nn\.attention\.varlen\.varlen_attn\.return_aux": "the second result",
    r"torch\.library\.define\.(lib|tags)": "Library.Define; tags are for Python's compiler",
    r"torch\.nonzero\.as_tuple": "WhereNonzero",
    r"torch\.Tensor\.random_\.(from|to)": "RandomRangeInplace",
    r"torch\.Tensor\.(cuda|to)\.(device|dtype)": "To's targets",
    r"torch\.linalg\.cond\.p": "ord",
    r"torch\.distributions\..*\.covariance_matrix": "the first argument",
    r"torch\.load\.(mmap|pickle_module|weights_only)": "Load never runs code; files are read as they are needed",
    r"torch\.save\..*": "files are PyTorch's zip files, of pickle's protocol 2",
    r"torch\.optim\.Adafactor\.eps": "Eps1 and Eps2",
    r"torch\.optim\.Muon\.adjust_lr_fn": "AdjustLR",
    r"torch\.optim\.lr_scheduler\.ChainedScheduler\.optimizer": "that of the schedulers",
    r"torch\.optim\.swa_utils\.(AveragedModel|update_bn)\.device": "the module's: call To",
    r"torch\.(autograd\.)?profiler\.record_function\.args": "a part of the name",
    r"torch\.profiler\.tensorboard_trace_handler\.use_python_export": "there is one writer, Go's",
    r"torch\.utils\.benchmark\.Timer\.(global_setup|globals|language)": "what a Go function refers to",
    r"torch\.utils\.benchmark\.Timer\.timer": "Clock",
    r"torch\.utils\.data\.DistributedSampler\.num_replicas": "replicas, a parameter",
    r"torch\.utils\.checkpoint\.checkpoint\.(use_reentrant|respect_saved_tensors_hooks|context_fn|determinism_check|function)":
        "always the form that is not reentrant; Policy and AnyMetadata",
    r"torch\.(utils\.dlpack\.)?from_dlpack\.(copy|device)": "Clone and To of the result",
    r"torch\.testing\.assert_close\.allow_subclasses": "Go's tensors have no subclasses",
    r"torch\.(jit|export)\.(load|save)\.(_?extra_files|_restore_shapes|expected_opset_version|opset_version|pickle_protocol)":
        "ExtraFiles of programs; versions are those of this libtorch",
    r"torch\.distributed\..*\.(async_op|weights_only)": "Options.Async; objects never run code",
    r"torch\.distributed\..*\.(group_(src|dst|name|desc)|group|device_ids?|pg_options|enable_reconfigure|use_local_synchronization)":
        "ranks are those of the default group, GetGlobalRank gives them; Description; the rest is NCCL's",
    r"torch\.distributed\.device_mesh\.init_device_mesh\.(backend_override|mesh_dim_names)": "DimNames; gloo is the backend there is",
    r"torch\.distributed\.checkpoint\..*\.(checkpoint_id|no_dist|planner|storage_(reader|writer)|use_collectives|async_(checkpointer_type|stager))":
        "the folder is positional, and there is one layout of files, which takes processes or one alone",
    r"torch\.distributed\.checkpoint\.state_dict\..*\.(submodules|options)": "call it with the submodule; a whole state dict and parts of one are told apart",
    r"torch\.distributed\.fsdp\.fully_shard\.(dp_mesh_dims|shard_placement_fn)": "not there yet: parameters are divided along dimension 0",
    r"torch\.distributed\.get_node_local_rank\.fallback_rank": "the variadic fallback",
    r"torch\.distributed\.optim\.ZeroRedundancyOptimizer\.(overlap_with_ddp|parameters_as_bucket_view)": "not there yet",
    r"torch\.distributed\.tensor\.parallel\.parallelize_module\.src_data_rank": "always 0",
    r"torch\.distributed\..*\.(gather_list|scatter_list|object_gather_list|scatter_object_input_list)": "positional, or the result",
    r"torch\.optim\..*\.differentiable": "for recorded steps, which Go does not have",
    r"torch(\.Tensor)?\.(max|min|median|nanmedian)\.(dim|keepdim|other)": "MaxDim, MinDim, MedianDim, NanMedianDim; Maximum, Minimum",
    r"torch(\.Tensor)?\.round_?\.decimals": "RoundTo",
    r"torch(\.Tensor)?\.flatten\.(start|end)_dim": "Flatten's dimensions",
    r"torch\.Tensor\.(to|bool|int|cuda|cpu|.*)\.(non_blocking|copy|memory_format)": "To takes a memory format and ToOptions",
    r"torch\.Tensor\.grad\..*": "x.Grad() reads the attribute, as x.grad does",
    r"torch\.Tensor\.set_\..*": "AsStrided makes such a view",
    r"torch\.lobpcg\.ortho_.params": "OrthoIMax and the fields after it",
    r"torch\.distributions\..*\.(logits|probs)": "the first argument: Probs or Logits",
    r"torch\.distributions\..*\.(scale_tril|precision_matrix)": "the first argument says which matrix it is",
    r"torch\.distributions\..*Transform\.cache_size": "WithCache",
    r"torch\.nn\.functional\.multi_head_attention_forward\..*": "MultiHeadAttentionForwardOptions, behind parameters on lines of their own",
    r"torch\.nn\.functional\.gumbel_softmax\.eps": "deprecated in PyTorch, and without effect",
    r"torch\.nn\.functional\.scaled_.*mm_?\.swizzle_[ab]": "the Swizzle of a Scaling",
    r"torch\.nn\.(Embedding|EmbeddingBag)\.(_weight|_freeze)": "NewEmbeddingFromPretrained",
    r"torch\.nn\.(ModuleDict|ParameterDict|ParameterList|ModuleList)\.\w+": "the modules or parameters by position",
    r"torch\.accelerator\..*\.device_index": "the variadic device",
    r"torch\.accelerator\.Graph\.(pool|capture_error_mode)": "CaptureOptions",
    r"torch\.cuda\.is_bf16_supported\.including_emulation": "IsTF32Supported is true where it is not emulated",
    r"torch\.cuda\.memory_snapshot\..*": "the segments of all pools, without a history",
    r"torch\.nn\.SyncBatchNorm\.process_group": "there are no process groups",
    r"torch\.optim\.swa_utils\.AveragedModel\.(avg_fn|multi_avg_fn)": "Average",
    r"torch\.utils\.data\.DataLoader\..*": "DataLoaderOptions, of NewDataLoader for each kind of dataset; workers are goroutines",
    r"torchvision\.ops\.(deform_conv2d|drop_block.d|stochastic_depth)\.(mask|training)": "options of the functions in ops/functional",
    r"torch\.sparse_.*_tensor\.(check_invariants|is_coalesced)": "as by Python's default: nothing is checked, or known to be coalesced",
}

# Go's names of parameters that are called otherwise.
SYNONYMS = {
    "axis": "dim", "input": "x", "self": "x", "repeats": "times",
}


def python_parameters(value, name):
    """The names of the optional parameters of a function or class, over all its forms."""
    try:
        target = value.__init__ if isinstance(value, type) else value
        return [p.name for p in inspect.signature(target).parameters.values() if p.default is not p.empty]
    except (TypeError, ValueError):
        pass
    found = []
    text = (value.__doc__ or "")
    forms = re.findall(rf"(?m)^\s*(?:\.\. (?:function|method):: *)?(?:torch\.)?(?:\w+\.)?{name}\(([^\n]*?)\)(?: *->.*)?$", text)
    for form in forms:
        found += re.findall(r"(\w+) *(?::[^=,]*)?=", re.sub(r"'[^']*'|\"[^\"]*\"", "s", form))
    if not forms:
        packet = getattr(torch.ops.aten, name, None)
        for overload in packet.overloads() if packet else []:
            if "out" not in overload and "name" not in overload:
                found += [a.name for a in getattr(packet, overload)._schema.arguments if a.has_default_value()]
    return list(dict.fromkeys(found))


@functools.cache
def go_source(folder):
    return "\n".join(p.read_text() for p in sorted((ROOT / folder).glob("*.go")) if not p.name.endswith("_test.go"))


PACKAGES = {
    "torch": "torch", "functional": "torch/nn/functional", "optim": "torch/optim", "nn": "torch/nn",
    "parametrize": "torch/nn/utils/parametrize", "rnn": "torch/nn/utils/rnn",
}


@functools.cache
def fields(folder, name):
    """The fields of an options struct in lower case, those of embedded ones too."""
    if "." in name:
        package, name = name.split(".")
        return fields(PACKAGES.get(package, "torch/" + package), name)
    alias = re.search(rf"(?m)^(?:type |\t){name}\s+= ([\w.]+)", go_source(folder))
    if alias:
        return fields(folder, alias[1])
    body = re.search(rf"(?m)^(?:type |\t){name}(?:\[[^]]*\])? struct \{{\n(.*?)^\t?\}}", go_source(folder), re.DOTALL)
    found = set()
    for line in body[1].splitlines() if body else []:
        line = line.split("//")[0].strip()
        embedded = re.fullmatch(r"\*?((?:\w+\.)?[A-Z]\w*)", line)
        if embedded:
            found |= fields(folder, embedded[1])
        elif line:
            found |= {n.strip().lower() for n in re.match(r"(?:\w+, )*\w+", line)[0].split(",")}
    return found


def go_parameters(folder, signature):
    """The names of a Go signature's parameters and of its options' fields, in lower case."""
    found = set()
    for part in re.findall(r"\((.*?)\)(?= |$|\))", signature)[:1]:
        found |= {n.lower() for n in re.findall(r"(?:^|, )(\w+)", part)}
    for options in re.findall(r"\.\.\.([\w.]*Options)|\b([\w.]*Options)\)", signature):
        found |= fields(folder, options[0] or options[1])
    return found


def lacking(space, name, value, folder, signatures):
    """The optional parameters that none of the Go signatures has, with the reason."""
    have = set()
    for signature in signatures:
        have |= go_parameters(folder, signature)
    lack = []
    for parameter in python_parameters(value, name):
        key = parameter.replace("_", "").lower()
        if key in have or key + "s" in have or key.rstrip("s") in have or SYNONYMS.get(key, "") in have:
            continue
        full = f"{space}.{name}.{parameter}"
        why = next((why for pattern, why in ELSEWHERE.items() if re.fullmatch(pattern, full)), "missing")
        lack.append((full, why))
    return lack
