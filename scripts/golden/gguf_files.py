"""Files of llama.cpp's format, for package gguf: torch/gguf/testdata/files/*.gguf.

Beside each quantized tensor NAME is NAME.want, what the gguf package makes of it.
"""

import pathlib
import tempfile

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

# Where a block has halves.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208]}
ODD = [0.0371, -1.25, 6e-8, -6.09e-5, 65504.0, -0.0, np.inf, np.nan]


def quantized(name: str, random: np.random.Generator) -> np.ndarray:
    """Two rows of random bytes in blocks, four each, with a scale of each odd kind."""
    _, size = gguf.GGML_QUANT_SIZES[Type[name]]
    blocks = random.integers(0, 256, (8, size), dtype=np.uint8)
    for n, at in enumerate(HALVES[name]):
        blocks[:, at:at + 2] = np.roll(np.array(ODD, np.float16), n).view(np.uint8).reshape(8, 2)
    return blocks.reshape(2, -1)


def kinds(w: gguf.GGUFWriter) -> None:
    random = np.random.default_rng(0)
    for i, name in enumerate(["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]):
        getattr(w, f"add_{name}")(f"test.{name}", np.iinfo(name).max - i)
    w.add_float32("test.float32", 0.1)
    w.add_float64("test.float64", 0.1)
    w.add_bool("test.bool", True)
    w.add_string("test.string", "größer")
    w.add_array("test.ints", [1, -2, 3])
    w.add_array("test.floats", [0.5, -0.25])
    w.add_array("test.bools", [True, False])
    w.add_array("test.strings", ["a", "", "Ġb"])
    w.add_array("test.nested", [[1, 2], [3, 4]])
    with np.errstate(all="ignore"):
        for name in HALVES:
            data = quantized(name, random)
            w.add_tensor(name, data, raw_dtype=Type[name])
            w.add_tensor(name + ".want", gguf.dequantize(data, Type[name]))
    x = np.arange(6).reshape(2, 3)
    for name in ["float16", "float32", "float64", "int8", "int16", "int32", "int64"]:
        w.add_tensor(name, x.astype(name))
    w.add_tensor("bfloat16", gguf.quantize(x.astype(np.float32), Type.BF16), raw_dtype=Type.BF16)
    w.add_tensor("IQ4_NL", random.integers(0, 256, (1, 18), dtype=np.uint8), raw_dtype=Type.IQ4_NL)


def permute(x: np.ndarray, heads: int) -> np.ndarray:
    """What llama.cpp's converter does to queries and keys."""
    return x.reshape(heads, 2, x.shape[0] // heads // 2, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)


def llama(w: gguf.GGUFWriter) -> None:
    w.add_block_count(1)
    w.add_head_count(2)
    w.add_head_count_kv(1)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("smollm")
    w.add_token_list(["<end>", "a", "b", "ab"])
    w.add_token_types([3, 1, 1, 1])
    w.add_token_merges(["a b"])
    w.add_eos_token_id(0)
    w.add_add_bos_token(False)
    w.add_chat_template("{{ messages }}")
    x = np.arange(32, dtype=np.float32).reshape(8, 4)
    w.add_tensor("token_embd.weight", x)
    w.add_tensor("output_norm.weight", x[0])
    w.add_tensor("rope_freqs.weight", x[1])
    for name in ["attn_norm", "ffn_norm"]:
        w.add_tensor(f"blk.0.{name}.weight", x[2])
    w.add_tensor("blk.0.attn_q.weight", permute(x, 2))
    w.add_tensor("blk.0.attn_q.bias", permute(x[:, 0].copy(), 2))
    w.add_tensor("blk.0.attn_k.weight", permute(x[:4], 1))
    for name in ["attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]:
        w.add_tensor(f"blk.0.{name}.weight", x)


def little(w: gguf.GGUFWriter) -> None:
    w.add_custom_alignment(64)
    w.add_tensor("x", np.array([1, 2], np.float32))
    w.add_tensor("y", np.array([3], np.float32))


def written(fill, **options) -> bytes:
    """The file that a function fills."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file"
        w = gguf.GGUFWriter(path, "llama", **options)
        fill(w)
        w.write_header_to_file()
        w.write_kv_data_to_file()
        w.write_tensors_to_file()
        w.close()
        return path.read_bytes()


def cases() -> dict:
    files = {f"{f.__name__}.gguf": written(f) for f in [kinds, llama, little]}
    files["version2.gguf"] = files["little.gguf"].replace(b"GGUF\x03", b"GGUF\x02", 1)
    files["big.gguf"] = written(little, endianess=gguf.GGUFEndian.BIG)
    return files
