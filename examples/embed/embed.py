"""What embed compare prints, in Python: cosines between texts by MiniLM.

    pip install torch==2.15.0 tokenizers safetensors
    python3 embed.py [--model FOLDER] TEXT TEXT...

FOLDER is that of the model, which "embed compare" fetches into the cache. With --tiny
FOLDER it makes the folder of a tiny random BERT and what it gives, for the Go test.
"""

import argparse
import json
import os
import pathlib

import torch
from torch import nn
from torch.nn import functional as F


class Embeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.word_embeddings = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.position_embeddings = nn.Embedding(c["max_position_embeddings"], c["hidden_size"])
        self.token_type_embeddings = nn.Embedding(c["type_vocab_size"], c["hidden_size"])
        self.LayerNorm = nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])

    def forward(self, tokens):
        places = torch.arange(0, tokens.size(1))
        x = self.word_embeddings(tokens) + self.token_type_embeddings.weight[0]
        return self.LayerNorm(x + self.position_embeddings(places))


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(c["hidden_size"], c["hidden_size"]) for _ in range(3))
        self.heads = c["num_attention_heads"]

    def forward(self, x, mask):
        q, k, v = (l(x).view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2) for l in (self.query, self.key, self.value))
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)


class Output(nn.Module):
    def __init__(self, c, width):
        super().__init__()
        self.dense = nn.Linear(width, c["hidden_size"])
        self.LayerNorm = nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])

    def forward(self, made, origin):
        return self.LayerNorm(self.dense(made) + origin)


class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self = Attention(c)
        self.output = Output(c, c["hidden_size"])


class Intermediate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.dense = nn.Linear(c["hidden_size"], c["intermediate_size"])


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention = SelfAttention(c)
        self.intermediate = Intermediate(c)
        self.output = Output(c, c["intermediate_size"])

    def forward(self, x, mask):
        x = self.attention.output(self.attention.self(x, mask), x)
        return self.output(F.gelu(self.intermediate.dense(x)), x)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.layer = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))


class BERT(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embeddings = Embeddings(c)
        self.encoder = Encoder(c)

    def forward(self, tokens, mask):
        x = self.embeddings(tokens)
        mask = mask.view(mask.size(0), 1, 1, -1)
        for layer in self.encoder.layer:
            x = layer(x, mask)
        return x

    def mean(self, lists):
        """The mean of each text's tokens, of length 1."""
        length = max(map(len, lists))
        tokens = torch.tensor([list + [0] * (length - len(list)) for list in lists])
        mask = torch.tensor([[True] * len(list) + [False] * (length - len(list)) for list in lists])
        weights = mask.unsqueeze(2).to(torch.float32)
        mean = (self(tokens, mask) * weights).sum(1) / weights.sum(1)
        return F.normalize(mean, dim=1)


UNUSED = {"embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"}


def load(folder):
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text())
    bert = BERT(config).eval().requires_grad_(False)
    bert.load_state_dict({name: x for name, x in load_file(folder / "model.safetensors").items() if name not in UNUSED})
    return bert


def compare(folder, texts):
    from tokenizers import BertWordPieceTokenizer

    bert = load(folder)
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    tokenizer.enable_truncation(256)
    vectors = bert.mean([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    for row in (vectors @ vectors.T).tolist():
        print(" ".join(f"{x:9.6f}" for x in row))


def tiny(folder):
    """Writes a tiny BERT, and its tokens and vectors of some texts."""
    from safetensors.torch import save_file
    from tokenizers import BertWordPieceTokenizer

    config = {"vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12,
              "max_position_embeddings": 10, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
    torch.manual_seed(0)
    bert = BERT(config).eval().requires_grad_(False)
    for p in bert.parameters():
        p.copy_(torch.randn(p.shape) * 0.3)
    folder.mkdir(parents=True, exist_ok=True)
    unused = {"embeddings.position_ids": torch.arange(10).view(1, -1), "pooler.dense.weight": torch.zeros(8, 8), "pooler.dense.bias": torch.zeros(8)}
    save_file(bert.state_dict() | unused, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config) + "\n")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}\n')
    tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    tokenizer.enable_truncation(10)
    tokens = [tokenizer.encode(text).ids for text in TEXTS]
    golden = {"torch": torch.__version__, "texts": TEXTS, "tokens": tokens, "vectors": bert.mean(tokens).tolist()}
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefgh", "##a", "##b", "##c", "##d", "##e", "cafe", "bad", "##ge", "face", ".", "$", "\u6771", "##ed", "fad", "head", "##s", "he"]
TEXTS = ["", "A bad face.", "Caf\u00e9 \u6771\u4eac bade", "headed\u200b fad\u00a0$a zz", "[MASK] he [SEP] [mask]", "a b c d e f g h a b c d", "b" * 101 + " a", "\u0130d bad\u0301ge\tcad"]


def main():
    parser = argparse.ArgumentParser()
    cache = pathlib.Path(os.environ.get("GOTORCH_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gotorch")
    parser.add_argument("--model", type=pathlib.Path, default=cache / "models" / "all-MiniLM-L6-v2")
    parser.add_argument("--tiny", type=pathlib.Path)
    parser.add_argument("texts", nargs="*")
    o = parser.parse_args()
    if o.tiny:
        tiny(o.tiny)
    else:
        compare(o.model, o.texts)


if __name__ == "__main__":
    main()
