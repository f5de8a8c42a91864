"""Golden cases of MultiheadAttention: torch/nn/testdata/attention.json.gz.
torch/nn/attention_test.go has the same modules in Go, by name."""

import torch
from torch import nn

from .errors import errors
from .modules import case


def attend(*masks, grad=True, **options):
    """Calls a module with one tensor as query, key and value, or two or three, and
    then the masks, whose names are given."""

    def call(module, *inputs):
        count = len(inputs) - len(masks)
        query, key, value = (*inputs[:count], *[inputs[count - 1]] * (3 - count))
        with torch.set_grad_enabled(grad):
            return module(query, key, value, **dict(zip(masks, inputs[count:])), **options)

    return call


def cases():
    g = torch.Generator().manual_seed(43)
    q, k, v = (torch.randn(n, 2, 4, generator=g) for n in (3, 5, 5))
    k3, v5 = torch.randn(5, 2, 3, generator=g), torch.randn(5, 2, 5, generator=g)
    x = torch.randn(2, 3, 4, generator=g)
    padding = torch.tensor([[False, False, True], [False, True, True]])
    causal = torch.ones(3, 3).triu(1).bool()
    scores = torch.randn(3, 5, generator=g)
    each = torch.randn(4, 3, 3, generator=g) > 0.8

    def mha(*args, **options):
        return lambda: nn.MultiheadAttention(4, 2, *args, **options)

    def fast(name, module, *inputs, masks=(), **options):
        return case(name, module, *inputs, train=False, call=attend(*masks, grad=False, **options), backward=False)

    first = {"batch_first": True}
    attention = nn.MultiheadAttention(4, 2)
    zeros = torch.zeros
    return {
        "modules": [
            case("mha", mha(), q, k, v),
            case("mha of key as value", mha(0.5), q, k, call=attend()),
            case("mha eval", mha(0.5, False), q, call=attend(), train=False),
            case("mha of other features", mha(kdim=3, vdim=5), q, k3, v5),
            case("mha of other keys without bias", mha(bias=False, kdim=3, batch_first=True), q.transpose(0, 1), k3.transpose(0, 1), k.transpose(0, 1), call=attend(need_weights=False)),
            case("mha with more keys", mha(0.25, True, True, True), q, k, v, scores, call=attend("attn_mask", average_attn_weights=False)),
            case("mha batch first", mha(batch_first=True, dtype=torch.float64), x.double(), padding, call=attend("key_padding_mask")),
            case("mha batch first of key as value", mha(batch_first=True), q, k[:3], padding[:, :2].repeat(2, 1)[:3], call=attend("key_padding_mask")),
            case("mha causal", mha(), q, causal, call=attend("attn_mask", need_weights=False, is_causal=True)),
            case("mha unbatched", mha(batch_first=True), q[:, 0], k[:, 0], v[:, 0]),
            fast("mha fast", mha(**first), x),
            fast("mha fast padded", mha(**first), x, padding, masks=["key_padding_mask"], need_weights=False),
            fast("mha fast masked", mha(**first), x, causal, masks=["attn_mask"], average_attn_weights=False),
            fast("mha fast with both masks", mha(**first), x, each, padding, masks=["attn_mask", "key_padding_mask"]),
            fast("mha slow since of two tensors", mha(**first), x, x),
            fast("mha slow since without bias", mha(bias=False, **first), x),
            fast("mha slow since masked by numbers", mha(**first), x, scores[:, :3], masks=["attn_mask"]),
            fast("mha slow since heads are odd", lambda: nn.MultiheadAttention(3, 3, batch_first=True), x[..., :3]),
        ],
        "errors": errors({
            "heads": lambda: nn.MultiheadAttention(4, 0),
            "divisible": lambda: nn.MultiheadAttention(4, 3),
            "embed": lambda: attention(zeros(3, 2, 6), zeros(3, 2, 6), zeros(3, 2, 6)),
            "dimensions": lambda: attention(zeros(4), zeros(4), zeros(4)),
            "key dimensions": lambda: attention(zeros(3, 2, 4), zeros(3, 4), zeros(3, 4)),
            "padding": lambda: attention(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 2, 4), key_padding_mask=zeros(3, 2)),
            "mask": lambda: attention(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 2, 4), attn_mask=zeros(3, 4)),
            "mask dtype": lambda: attention(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 2, 4), attn_mask=zeros(3, 3).int()),
            "causal": lambda: attention(zeros(3, 2, 4), zeros(3, 2, 4), zeros(3, 2, 4), is_causal=True),
        }),
    }
