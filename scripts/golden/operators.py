"""Golden cases of the generated operators: internal/optest/testdata/operators.json
lists them, and internal/optest/golden_test.go calls them in Go.

The inputs are the samples with which PyTorch tests its own operators, the small
ones of several dtypes, and those of extra() below. The arguments of a case are by
position in the operator's schema, each an object with one key, its type; what a
sample leaves out at the end is not there. A float is a string, since JSON has no
infinities. An operator without a case must be in elsewhere.json beside the list: by
the name of its case in byhand.py, or with the reason why there is none.
"""

import inspect
import json
import math
import pathlib
import warnings

import torch

from golden.tensors import encode

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "internal/optest/testdata"
DTYPES = [torch.float32, torch.float64, torch.complex64, torch.int64, torch.bool, torch.uint8]
PLAIN = [torch.complex128, torch.int32, torch.int16, torch.int8]  # of results, too
NUMBERED = {1: torch.int8, 4: torch.int64, 6: torch.float32, 2: torch.int16}  # by libtorch's number
SAMPLES = {torch.float32: 2}  # of a dtype for an overload; of others one
MOST = 72  # elements of all tensors of a case,
MORE = 450  # or, where no sample is so small


class Unfit(Exception):
    """The sample is not one for the operator, or Go cannot express it."""


def encode_argument(value):
    """An argument as an object with its type as the key."""
    if value is None:
        return {}
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.is_quantized or value.is_nested or value.dtype == torch.complex32:
            raise Unfit("layout")
        return {"tensor": encode(value)}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, torch.dtype):
        return {"dtype": str(value).removeprefix("torch.")}
    if isinstance(value, (list, tuple)):
        if all(isinstance(v, int) and not isinstance(v, bool) for v in value):
            return {"ints": list(value)}
        if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value):
            return {"floats": [float(v) for v in value]}
        if all(v is None or isinstance(v, torch.Tensor) for v in value):
            return {"tensors": [None if v is None else encode(v) for v in value]}
    raise Unfit(type(value).__name__)


def tensors_in(values):
    for v in values:
        if isinstance(v, torch.Tensor):
            yield v
        elif isinstance(v, (list, tuple)):
            yield from tensors_in(v)


def flat(value):
    """The tensors of a result; numbers as tensors."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, bool):
        return [torch.tensor(value)]
    if isinstance(value, int):
        return [torch.tensor(value)]
    if isinstance(value, float):
        return [torch.tensor(value, dtype=torch.float64)]
    if isinstance(value, torch.dtype):
        return [torch.zeros((), dtype=value)]
    if value is None or isinstance(value, str):
        raise Unfit("result")
    return [x for v in value for x in flat(v)]


def overload_of(name):
    base, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, base), overload or "default")


def bind(entry, args, kwargs):
    """The arguments by the position in the schema of an overload that takes them,
    and the overload. Without kwargs args are so already."""
    by_schema, kwargs = kwargs is None, {k: v for k, v in (kwargs or {}).items() if k != "as_tuple"}
    for name in entry["overloads"]:
        overload = overload_of(name)
        parameters = overload._schema.arguments
        if str(parameters[0].type) == "List[Tensor]" and args and isinstance(args[0], torch.Tensor):
            args = [list(args)]
        if len(args) > sum(by_schema or not p.kwarg_only for p in parameters):
            continue
        bound = list(args) + [inspect.Parameter.empty] * (len(parameters) - len(args))
        names = [p.name for p in parameters]
        known = True
        for key, value in kwargs.items():
            key = {"input": "self", "x": "self"}.get(key, key) if key not in names else key
            if key not in names or bound[names.index(key)] is not inspect.Parameter.empty:
                known = False
                break
            bound[names.index(key)] = value
        if not known:
            continue
        while len(bound) > entry["given"] and bound[-1] is inspect.Parameter.empty:
            bound.pop()
        for i, value in enumerate(bound):
            if value is inspect.Parameter.empty:
                bound[i] = parameters[i].default_value
            elif isinstance(value, int) and str(parameters[i].type) in ("List[int]", "Optional[List[int]]"):
                bound[i] = [value] * (parameters[i].N or 1)
            elif isinstance(value, tuple):
                bound[i] = list(value)
        try:
            call_overload(overload, clone(bound))
        except Exception:
            continue
        return overload, bound
    raise Unfit("no overload")


def which(entry, args, kwargs):
    """The name of the overload that takes the arguments, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(bind(entry, args, kwargs)[0]).removeprefix("aten.").removesuffix(".default")
    except Unfit:
        return None


def call_overload(overload, bound):
    parameters = overload._schema.arguments
    positional = [v for v, p in zip(bound, parameters) if not p.kwarg_only]
    named = {p.name: v for v, p in zip(bound, parameters) if p.kwarg_only}
    torch.manual_seed(3)
    return overload(*positional, **named)


def clone(values, strided=False, grad=False):
    out = []
    for v in values:
        if isinstance(v, torch.Tensor):
            v = v.detach().clone(memory_format=torch.contiguous_format)
            if strided:
                v = torch.stack([v, v], -1).select(-1, 0)
            if grad and (v.is_floating_point() or v.is_complex()):
                v = v.detach().requires_grad_()
        elif isinstance(v, (list, tuple)) and any(isinstance(x, torch.Tensor) for x in v):
            v = clone(v, strided, grad)
        out.append(v)
    return out


def case(entry, most, args, kwargs, grad, strided):
    overload, bound = bind(entry, args, kwargs)
    if sum(x.numel() for x in tensors_in(bound)) > most:
        raise Unfit("large")
    encoded = [encode_argument(v) for v in bound]
    for i, (v, e) in enumerate(zip(bound, encoded)):
        parameter = overload._schema.arguments[i]
        if isinstance(v, torch.Tensor) and "Tensor" not in str(parameter.type):
            raise Unfit("a tensor for a number")
        if parameter.name in ("layout", "device", "pin_memory", "generator", "memory_format") and v is not None:
            raise Unfit(parameter.name)
        if strided and "tensor" in e:
            e["strided"] = True
    ready = clone(bound, strided, grad)
    result = call_overload(overload, ready)
    if str(overload._schema.returns[0].real_type) == "ScalarType":
        result = NUMBERED[result]
    result = flat(result)
    if any(x.layout != torch.strided or x.is_quantized or x.dtype not in DTYPES + PLAIN for x in result):
        raise Unfit("result")
    c = {"args": encoded, "outputs": [encode(x) for x in result]}
    if grad:
        kept = [x for x in result if x.requires_grad]
        if not kept:
            raise Unfit("no gradient")
        generator = torch.Generator().manual_seed(5)
        ups = [torch.randn(x.shape, generator=generator, dtype=x.dtype) for x in kept]
        torch.autograd.backward(kept, ups)
        c["ups"] = [encode(u) for u in ups]
        c["grads"] = [None if x.grad is None or x.grad.layout != torch.strided else encode(x.grad) for x in tensors_in(ready)]
        if all(g is None for g in c["grads"]):
            raise Unfit("no gradient")
    return c


def attempt(cases, *arguments):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            c = case(*arguments)
    except Unfit:
        return False
    except Exception:
        return False
    if c in cases:
        return False
    cases.append(c)
    return True


def infos():
    from torch.testing._internal import common_methods_invocations as invocations

    found = {}
    for info in invocations.op_db:
        names = [info.name] + [a.name for a in info.aliases]
        for name in names:
            found.setdefault(name, []).append(info)
    return found


def samples(info, dtype):
    try:
        if dtype not in info.dtypes:
            return
        torch.manual_seed(0)
        yield from info.sample_inputs("cpu", dtype, requires_grad=False)
    except Exception:
        return


def of_entry(entry, found, most=MOST):
    cases = []
    matching = found.get(entry["python"], []) + found.get("nn.functional." + entry["python"], [])
    if entry["python"].startswith("nn.functional."):
        matching += found.get(entry["python"].removeprefix("nn.functional."), [])
    for info in matching:
        for dtype in DTYPES:
            most_of_one = SAMPLES.get(dtype, 1) if most == MOST else 1
            taken = dict.fromkeys(entry["overloads"], 0)
            shapes = set()
            for sample in samples(info, dtype):
                args = [sample.input, *sample.args]
                shape = str([list(x.shape) if isinstance(x, torch.Tensor) else str(x)[:20] for x in args]) + str(sorted(sample.kwargs))
                if shape in shapes:
                    continue
                overload = which(entry, args, sample.kwargs)
                if overload is None or taken[overload] == most_of_one:
                    continue
                if attempt(cases, entry, most, args, sample.kwargs, False, False):
                    shapes.add(shape)
                    if taken[overload] == 0 and dtype == torch.float32:
                        attempt(cases, entry, most, args, sample.kwargs, True, False)
                        attempt(cases, entry, most, args, sample.kwargs, False, True)
                    taken[overload] += 1
                if min(taken.values()) == most_of_one:
                    break
    return cases if cases or most == MORE else of_entry(entry, found, MORE)


def cases():
    from golden.operators_extra import extra

    listed = json.loads((TESTDATA / "operators.json").read_text())
    elsewhere = json.loads((TESTDATA / "elsewhere.json").read_text())
    elsewhere = {**elsewhere["by_hand"], **elsewhere["without"]}
    found, by_hand = infos(), extra()
    if unknown := by_hand.keys() - {entry["go"] for entry in listed}:
        raise ValueError(f"extra cases of functions that are not generated: {sorted(unknown)}")
    result, missing = [], []
    for entry in listed:
        if entry["go"] in elsewhere:
            continue
        got = of_entry(entry, found)
        for args in by_hand.get(entry["go"], []):
            grad = any(isinstance(x, torch.Tensor) and x.is_floating_point() for x in tensors_in(args))
            got.append(case(entry, MORE, list(args), None, False, False))
            if grad:
                attempt(got, entry, MORE, list(args), None, True, False)
        if got:
            result.append({"go": entry["go"], "python": entry["python"], "cases": got})
        else:
            missing.append(entry["go"])
    if missing:
        raise ValueError(f"no case, and no word in elsewhere.json: {missing}")
    print(len(result), "operators with", sum(len(r["cases"]) for r in result), "cases,", len(elsewhere), "elsewhere")
    return result
