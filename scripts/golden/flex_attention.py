"""Golden cases of torch.nn.attention.flex_attention, computed without torch.compile, and of
torch.nn.attention.bias, on the CPU.

  buffers   what modifications of scores and masks use: table and documents
  flex      names of a modification and of a mask, the inputs and what they give
  masks     of names of masks: their blocks, their text and what they allow
  biases    the masks of causal biases, and attention with them
"""

import math

import torch
from torch._higher_order_ops.flex_attention import math_attention
from torch.nn.attention import flex_attention as flex
from torch.nn.attention.bias import causal_lower_right, causal_upper_left
from torch.nn.functional import scaled_dot_product_attention

from .tensors import encode

generator = torch.Generator().manual_seed(5)
TABLE = torch.randn(4, 13, generator=generator)
DOCUMENTS = torch.tensor([0, 0, 1, 1, 1, 2, 2])

MODS = {
    "": None,
    "alibi": lambda score, b, h, q, k: score + (h + 1) * 0.5 * (k - q),
    "softcap": lambda score, b, h, q, k: 2 * torch.tanh(score / 2),
    "table": lambda score, b, h, q, k: score + TABLE[h, q - k + 6] * (b + 1),
}
MASKS = {
    "": None,
    "causal": lambda b, h, q, k: q >= k,
    "window": lambda b, h, q, k: (q - k).abs() <= 1 + h,
    "documents": lambda b, h, q, k: DOCUMENTS[q] == DOCUMENTS[k],
    "late rows": lambda b, h, q, k: (q > 1) & (b == 0),
}
MASKS["both"] = flex.and_masks(MASKS["causal"], MASKS["documents"])
MASKS["either"] = flex.or_masks(MASKS["late rows"], MASKS["documents"])
CASES = [
    # modification, mask, query, key, value's features, options
    ("", "", (2, 2, 3, 8), (2, 2, 5, 8), 4, {}),
    ("alibi", "causal", (2, 4, 7, 8), (2, 4, 7, 8), 8, {"scale": 0.7}),
    ("softcap", "window", (1, 4, 7, 8), (1, 2, 7, 8), 8, {"enable_gqa": True}),
    ("table", "documents", (2, 4, 7, 8), (2, 4, 7, 8), 8, {}),
    ("", "late rows", (2, 2, 7, 8), (1, 2, 7, 8), 8, {}),
    ("alibi", "both", (2, 4, 7, 8), (2, 4, 7, 8), 8, {"dtype": torch.bfloat16}),
    ("table", "either", (2, 4, 7, 8), (2, 4, 7, 8), 8, {"dtype": torch.float64}),
]


def half(x):
    return encode(x.float() if x.dtype == torch.bfloat16 else x)


def flexed(mod, mask, query, key, features, options):
    options = dict(options)
    dtype = options.pop("dtype", torch.float32)
    draw = lambda shape: torch.randn(shape, generator=generator).to(dtype)
    q, k, v = draw(query), draw(key), draw((*key[:-1], features))
    block_mask = None
    if mask:
        block_mask = flex.create_block_mask(MASKS[mask], query[0], query[1], query[2], key[2], "cpu", 4)
    out, aux = flex.flex_attention(q, k, v, MODS[mod], block_mask, return_aux=flex.AuxRequest(lse=True), **options)
    # Python's function refuses to return the greatest scores on the CPU, which it computes there.
    block_mask = flex._create_empty_block_mask(q, k) if block_mask is None else block_mask
    _, _, most = math_attention(q, k, v, MODS[mod] or flex._identity, block_mask.as_tuple(), options.get("scale", 8 ** -0.5), {})
    return {"mod": mod, "mask": mask, "dtype": str(dtype).removeprefix("torch."), "scale": options.get("scale"), "gqa": "enable_gqa" in options,
            "q": half(q), "k": half(k), "v": half(v), "out": half(out), "lse": encode(aux.lse), "max": encode(most * math.log(2))}


def blocks(name, batches, heads, queries, keys, size, **options):
    x = flex.create_block_mask(MASKS[name], batches, heads, queries, keys, "cpu", size, **options)
    tensors = [x.kv_num_blocks, x.kv_indices, x.full_kv_num_blocks, x.full_kv_indices, x.q_num_blocks, x.q_indices, x.full_q_num_blocks, x.full_q_indices]
    return {"mask": name, "sizes": [batches, heads, queries, keys], "block": list(size), "separate": options.get("separate_full_blocks", True),
            "tensors": [None if t is None else encode(t) for t in tensors], "dense": encode(x.to_dense()), "sparsity": x.sparsity(),
            "text": str(x), "allowed": encode(flex.create_mask(MASKS[name], batches, heads, queries, keys, "cpu"))}


def biased(make, queries, keys):
    bias = make(queries, keys)
    q, k = torch.randn(1, 2, queries, 8, generator=generator), torch.randn(1, 2, keys, 8, generator=generator)
    return {"variant": int(bias.variant), "sizes": [queries, keys], "mask": encode(bias._materialize()), "q": encode(q), "k": encode(k),
            "y": encode(scaled_dot_product_attention(q, k, k, attn_mask=bias))}


def cases():
    flex._FLEX_ATTENTION_DISABLE_COMPILE_DEBUG = True
    generator.manual_seed(6)
    with torch.no_grad():
        return {
            "table": encode(TABLE), "documents": encode(DOCUMENTS),
            "flex": [flexed(*case) for case in CASES],
            "masks": [blocks("causal", 1, 1, 7, 7, (2, 3)), blocks("window", 2, 3, 6, 10, (2, 2)), blocks("either", 2, 1, 7, 7, (3, 1)),
                      blocks("causal", 1, 1, 50, 50, (2, 2), separate_full_blocks=False)],
            "biases": [biased(causal_upper_left, 3, 4), biased(causal_upper_left, 4, 3), biased(causal_lower_right, 3, 4), biased(causal_lower_right, 4, 4)],
        }
