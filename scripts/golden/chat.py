"""Golden cases for examples/chat: what its chat.py makes of a small Llama with random
weights, which is in the file, and how it cuts texts into tokens.
"""

import base64
import json
import pathlib
import runpy
import tempfile
from types import SimpleNamespace

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type

from .gguf_files import permute
from .tensors import encode

CHAT = pathlib.Path(__file__).resolve().parents[2] / "examples/chat/chat.py"
WIDTH, INNER, LAYERS, HEADS, KV_HEADS = 32, 64, 2, 4, 2
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = ["Ġ t", "h e", "Ġt he", "i n", "Ġ a", "l l", "o n", "e r", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "' s", "' ll", "1 2", "Ã ¼", "s t", "st er", "â Ģ"]
TEXTS = [
    "", "the cat", " the  cat\n\n  sat\ton\r\nit ", "it's they'll WE'LL I'd", "in 2024, 12,345.67 and ½ ٣", "größer – “naïve” 日本語 🙂🙂",
    "a\u00a0b\u2003c\u3000d", "    indented\n        more", "<|im_start|>user\nhello<|im_end|><|endoftext|>", "\x01\x7f\x00 control", "!!! ...\n?!", "x" * 40,
    " ", "  ", "\n", " \n ", "trailing  ", "the\u0301 e\u0308", "don't<|im_end|> 's",
]
TEMPLATE = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are small<|im_end|>\n' }}"
            "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def letters() -> list[str]:
    """The letters that stand for bytes, but for one of a byte that has no token."""
    return [gguf_letter(b) for b in range(256) if b != 1]


def gguf_letter(b: int) -> str:
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return chr(b) if b in plain else chr(256 + [n for n in range(256) if n not in plain].index(b))


def tokens() -> list[str]:
    return SPECIAL + letters() + [m.replace(" ", "") for m in MERGES]


def write(path: pathlib.Path) -> None:
    """Writes the model."""
    random = np.random.default_rng(0)
    w = gguf.GGUFWriter(path, "llama")
    w.add_embedding_length(WIDTH)
    w.add_feed_forward_length(INNER)
    w.add_block_count(LAYERS)
    w.add_context_length(128)
    w.add_head_count(HEADS)
    w.add_head_count_kv(KV_HEADS)
    w.add_rope_freq_base(1000.0)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(tokens())
    w.add_token_types([3 if token in SPECIAL else 1 for token in tokens()])
    w.add_token_merges(MERGES)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_chat_template(TEMPLATE)

    def matrix(name, rows, columns, kind, heads=None):
        x = random.normal(0, 1.5 / columns**0.5, (rows, columns)).astype(np.float32)
        if heads:
            x = permute(x, heads)
        w.add_tensor(name, gguf.quantize(x, kind), raw_dtype=kind)

    def norm(name):
        w.add_tensor(name, random.uniform(0.5, 1.5, WIDTH).astype(np.float32))

    matrix("token_embd.weight", len(tokens()), WIDTH, Type.Q8_0)
    norm("output_norm.weight")
    for i in range(LAYERS):
        norm(f"blk.{i}.attn_norm.weight")
        norm(f"blk.{i}.ffn_norm.weight")
        matrix(f"blk.{i}.attn_q.weight", WIDTH, WIDTH, Type.Q4_1, HEADS)
        matrix(f"blk.{i}.attn_k.weight", WIDTH // HEADS * KV_HEADS, WIDTH, Type.Q4_1, KV_HEADS)
        matrix(f"blk.{i}.attn_v.weight", WIDTH // HEADS * KV_HEADS, WIDTH, Type.Q4_1)
        matrix(f"blk.{i}.attn_output.weight", WIDTH, WIDTH, Type.Q4_0)
        matrix(f"blk.{i}.ffn_gate.weight", INNER, WIDTH, Type.Q5_1)
        matrix(f"blk.{i}.ffn_up.weight", INNER, WIDTH, Type.Q5_0)
        matrix(f"blk.{i}.ffn_down.weight", WIDTH, INNER, Type.Q4_1)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def talk(chat: dict, path: pathlib.Path, message: str, count: int) -> dict:
    """What chat.py answers to a message: the likeliest tokens, and drawn ones."""
    file = gguf.GGUFReader(path)
    words, template, end = chat["tokenizer"](file)
    text = template.render(messages=[{"role": "user", "content": message}], add_generation_prompt=True)
    numbers = words.encode(text).ids
    result = {"message": message, "text": text, "tokens": numbers}
    with torch.inference_mode():
        result["scores"] = encode(chat["load"](file, 128)(torch.tensor([numbers]), 0)[:2048].clone())
    for name, temperature in [("greedy", 0), ("drawn", 1)]:
        torch.manual_seed(0)
        o = SimpleNamespace(temperature=temperature, top_k=40, top_p=0.9, max=count)
        result[name], _ = chat["answer"](chat["load"](file, 128), numbers, end, o)
    return result


def texts(chat: dict, path: pathlib.Path) -> list[dict]:
    words, _, _ = chat["tokenizer"](gguf.GGUFReader(path))
    return [{"text": text, "tokens": words.encode(text).ids} for text in TEXTS]


def cases() -> dict:
    chat = runpy.run_path(str(CHAT), run_name="chat")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "small.gguf"
        write(path)
        words, _, _ = chat["tokenizer"](gguf.GGUFReader(path))
        return {
            "file": base64.b64encode(path.read_bytes()).decode(),
            "config": json.dumps({
                "model_type": "llama", "hidden_act": "silu", "vocab_size": len(tokens()), "hidden_size": WIDTH, "intermediate_size": INNER,
                "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "max_position_embeddings": 128,
                "rms_norm_eps": float(np.float32(1e-5)), "rope_theta": 1000.0, "tie_word_embeddings": True, "eos_token_id": 2,
            }),
            "tokenizer": words.to_str(),
            "template": TEMPLATE,
            "talk": talk(chat, path, "the cat's in 12 stalls", 40),
            "texts": texts(chat, path),
        }
