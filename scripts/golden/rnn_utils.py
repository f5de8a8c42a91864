"""Golden cases of torch.nn.utils.rnn: torch/nn/utils/rnn/golden_test.go has the same
in Go, by name. The sum of the first output with ups is differentiated."""

import torch
from torch.nn.utils import rnn

from .errors import errors
from .tensors import encode


def packed(p):
    return [x for x in p if x is not None]


def padded(pair):
    return [pair[0], pair[1]]


def cases():
    g = torch.Generator().manual_seed(31)
    known = {
        "steps": torch.randn(4, 3, 2, generator=g),
        "batch": torch.randn(3, 4, generator=g),
        "a": torch.randn(2, 2, generator=g),
        "b": torch.randn(4, 2, generator=g),
        "c": torch.randn(1, 2, generator=g),
        "numbers": torch.tensor([[5, 6, 0], [7, 8, 9]]),
    }
    functions = {
        "pack": lambda t: packed(rnn.pack_padded_sequence(t["steps"], [4, 2, 1])),
        "pack unsorted": lambda t: packed(rnn.pack_padded_sequence(t["steps"], [2, 4, 3], enforce_sorted=False)),
        "pack batch first": lambda t: packed(rnn.pack_padded_sequence(t["batch"], torch.tensor([1, 3, 3]), batch_first=True, enforce_sorted=False)),
        "pack integers": lambda t: packed(rnn.pack_padded_sequence(t["numbers"], [2, 3], batch_first=True, enforce_sorted=False)),
        "pad": lambda t: padded(rnn.pad_packed_sequence(rnn.pack_padded_sequence(t["steps"], [4, 2, 1]))),
        "pad unsorted": lambda t: padded(rnn.pad_packed_sequence(rnn.pack_padded_sequence(t["steps"], [2, 1, 3], enforce_sorted=False), padding_value=-1.5)),
        "pad batch first": lambda t: padded(rnn.pad_packed_sequence(rnn.pack_padded_sequence(t["batch"], [3, 3, 1], batch_first=True), batch_first=True, total_length=5)),
        "pad integers": lambda t: padded(rnn.pad_packed_sequence(rnn.pack_padded_sequence(t["numbers"], [2, 3], batch_first=True, enforce_sorted=False))),
        "pad sequence": lambda t: [rnn.pad_sequence([t["a"], t["b"], t["c"]])],
        "pad sequence options": lambda t: [rnn.pad_sequence([t["a"], t["b"], t["c"]], batch_first=True, padding_value=2.5, padding_side="left")],
        "unpad sequence": lambda t: rnn.unpad_sequence(t["steps"].clone(), torch.tensor([3, 1, 4])),
        "unpad batch first": lambda t: rnn.unpad_sequence(t["batch"], torch.tensor([2, 0, 9]), batch_first=True),
        "pack sequence": lambda t: packed(rnn.pack_sequence([t["b"], t["a"], t["c"]])),
        "pack sequence unsorted": lambda t: packed(rnn.pack_sequence([t["a"], t["b"], t["c"]], enforce_sorted=False)),
        "unpack sequence": lambda t: rnn.unpack_sequence(rnn.pack_sequence([t["a"], t["b"], t["c"]], enforce_sorted=False)),
        "invert": lambda t: [rnn.invert_permutation(torch.tensor([2, 0, 3, 1]))],
    }
    result = []
    for name, function in functions.items():
        fresh = {n: x.clone().requires_grad_(x.is_floating_point()) for n, x in known.items()}
        outputs = function(fresh)
        up = None
        if outputs[0].requires_grad:
            up = torch.randn(outputs[0].shape, generator=torch.Generator().manual_seed(5))
            (outputs[0] * up).sum().backward()
        result.append({
            "name": name,
            "outputs": [encode(x) for x in outputs],
            "up": None if up is None else encode(up),
            "grads": {n: encode(x.grad) for n, x in fresh.items() if x.grad is not None},
        })
    steps = known["steps"]
    return {
        "inputs": {n: encode(x) for n, x in known.items()},
        "functions": result,
        "printed": str(rnn.pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5]), torch.tensor([6])])),
        "errors": errors({
            "unsorted": lambda: rnn.pack_padded_sequence(steps, [2, 4, 1]),
            "zero": lambda: rnn.pack_padded_sequence(steps, [4, 2, 0]),
            "too few": lambda: rnn.pack_padded_sequence(steps, [4, 2]),
            "total": lambda: rnn.pad_packed_sequence(rnn.pack_padded_sequence(steps, [4, 2, 1]), total_length=3),
            "none": lambda: rnn.pad_sequence([]),
            "side": lambda: rnn.pad_sequence([known["a"]], padding_side="top"),
        }),
    }
