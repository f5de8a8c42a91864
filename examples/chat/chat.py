#!/usr/bin/env python3
"""Talks with a Llama: what main.go in this folder does, in Python with plain PyTorch.

It reads the same GGUF file, and with the same flags it answers the same. It takes
torch, and from PyPI gguf, jinja2 and tokenizers:

    python3 chat.py --model SmolLM2-135M-Instruct.Q4_1.gguf --prompt "What is Go?"
"""

import argparse
import time

import gguf
import jinja2
import tokenizers
import torch
import torch.nn as nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def rotate_half(x):
    a, b = x.chunk(2, dim=-1)
    return torch.cat([-b, a], dim=-1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.head_dim = c["width"] // c["heads"]
        kv = c["kv_heads"] * self.head_dim
        self.q_proj = nn.Linear(c["width"], c["width"], bias=False)
        self.k_proj = nn.Linear(c["width"], kv, bias=False)
        self.v_proj = nn.Linear(c["width"], kv, bias=False)
        self.o_proj = nn.Linear(c["width"], c["width"], bias=False)

    def forward(self, x, cos, sin, mask, cache, start):
        n = x.size(1)
        q, k, v = (p(x).view(1, n, -1, self.head_dim).transpose(1, 2) for p in [self.q_proj, self.k_proj, self.v_proj])
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        keys, values = cache
        keys[:, :, start:start + n] = k
        values[:, :, start:start + n] = v
        y = F.scaled_dot_product_attention(q, keys[:, :, :start + n], values[:, :, :start + n], attn_mask=mask, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).reshape(1, n, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["width"], c["inner"], bias=False)
        self.up_proj = nn.Linear(c["width"], c["inner"], bias=False)
        self.down_proj = nn.Linear(c["inner"], c["width"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = MLP(c)
        self.input_layernorm = RMSNorm(c["width"], c["eps"])
        self.post_attention_layernorm = RMSNorm(c["width"], c["eps"])

    def forward(self, x, cos, sin, mask, cache, start):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask, cache, start)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocabulary"], c["width"])
        self.layers = nn.ModuleList([Layer(c) for _ in range(c["layers"])])
        self.norm = RMSNorm(c["width"], c["eps"])


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.model = Decoder(c)
        self.lm_head = nn.Linear(c["width"], c["vocabulary"], bias=False)

    def prepare(self, c, context):
        """Makes room for so many tokens."""
        head = c["width"] // c["heads"]
        angles = torch.outer(torch.arange(context).float(), 1 / c["rope_base"] ** (torch.arange(0, head, 2).float() / head))
        angles = torch.cat([angles, angles], dim=-1)
        self.cos, self.sin = angles.cos(), angles.sin()
        self.cache = [tuple(torch.zeros(1, c["kv_heads"], context, head) for _ in "kv") for _ in range(c["layers"])]

    def forward(self, tokens, start):
        """The scores of what follows the last token; those before start are in the cache."""
        n = tokens.size(1)
        cos, sin = self.cos[start:start + n], self.sin[start:start + n]
        mask = torch.ones(n, start + n, dtype=torch.bool).tril(start) if n > 1 else None
        x = self.model.embed_tokens(tokens)
        for layer, cache in zip(self.model.layers, self.cache):
            x = layer(x, cos, sin, mask, cache, start)
        return self.lm_head(self.model.norm(x[:, -1]))[0]


def config(file):
    value = lambda key: file.fields["llama." + key].contents()  # noqa: E731
    return {
        "vocabulary": len(file.fields["tokenizer.ggml.tokens"].data), "width": value("embedding_length"),
        "inner": value("feed_forward_length"), "layers": value("block_count"), "heads": value("attention.head_count"),
        "kv_heads": value("attention.head_count_kv"), "eps": value("attention.layer_norm_rms_epsilon"), "rope_base": value("rope.freq_base"),
    }


NAMES = {
    "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head", "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}


def load(file, context):
    """The model of a file."""
    c = config(file)
    with torch.device("meta"):
        model = Llama(c)
    state = {}
    for t in file.tensors:
        x = torch.from_numpy(gguf.dequantize(t.data, t.tensor_type).copy())
        *block, name, _ = t.name.split(".")
        if name in ("attn_q", "attn_k"):  # llama.cpp orders their rows by pairs
            heads = c["heads" if name == "attn_q" else "kv_heads"]
            x = x.view(heads, -1, 2, x.size(-1)).transpose(1, 2).reshape(x.shape)
        state[(f"model.layers.{block[1]}." if block else "") + NAMES[name] + ".weight"] = x
    state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
    model.load_state_dict(state, assign=True)
    model.prepare(c, context)
    return model


def tokenizer(file):
    """The byte-level BPE of a file, by the tokenizers package, and its chat template."""
    field = lambda key: file.fields["tokenizer." + key].contents()  # noqa: E731
    tokens, types = field("ggml.tokens"), field("ggml.token_type")
    merges = [tuple(m.split(" ")) for m in field("ggml.merges")]
    unknown = file.fields.get("tokenizer.ggml.unknown_token_id")
    numbers = {token: i for i, token in enumerate(tokens)}
    t = tokenizers.Tokenizer(tokenizers.models.BPE(numbers, merges, unk_token=unknown and tokens[unknown.contents()]))
    split = tokenizers.pre_tokenizers
    t.pre_tokenizer = split.Sequence([split.Digits(individual_digits=True), split.ByteLevel(add_prefix_space=False)])
    t.decoder = tokenizers.decoders.ByteLevel()
    t.add_special_tokens([token for token, kind in zip(tokens, types) if kind == 3])
    return t, jinja2.Environment().from_string(field("chat_template")), field("ggml.eos_token_id")


def choose(scores, o):
    """A token by its scores."""
    if o.temperature == 0:
        return scores.argmax().item()
    scores, tokens = scores.div(o.temperature).sort(descending=True)
    if o.top_k > 0:
        scores, tokens = scores[:o.top_k], tokens[:o.top_k]
    p = scores.softmax(0)
    p = p.masked_fill(p.cumsum(0) - p >= o.top_p, 0)
    return tokens[torch.multinomial(p, 1)].item()


@torch.inference_mode()
def answer(model, tokens, end, o):
    """The tokens of the answer, and how many there were a second."""
    answer, start = [], 0
    for _ in range(o.max):
        if len(answer) == 1:  # what was to be read is read
            began = time.perf_counter()
        token = choose(model(torch.tensor([tokens]), start), o)
        start += len(tokens)
        tokens = [token]
        answer.append(token)
        if token == end:
            break
    return answer, (len(answer) - 1) / max(time.perf_counter() - began, 1e-9) if len(answer) > 1 else 0.0


def main():
    parser = argparse.ArgumentParser(description="Talks with a Llama.")
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompt", required=True)
    parser.add_argument("--temperature", type=float, default=0.2)
    parser.add_argument("--top-k", type=int, default=50)
    parser.add_argument("--top-p", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max", type=int, default=512)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--tokens", action="store_true", help="print the numbers of the tokens")
    o = parser.parse_args()

    file = gguf.GGUFReader(o.model)
    model = load(file, o.context)
    words, template, end = tokenizer(file)
    text = template.render(messages=[{"role": "user", "content": o.prompt}], add_generation_prompt=True)
    torch.manual_seed(o.seed)
    tokens, speed = answer(model, words.encode(text).ids, end, o)
    print(tokens if o.tokens else words.decode(tokens))
    print(f"{len(tokens)} tokens, {speed:.1f} a second")


if __name__ == "__main__":
    main()
