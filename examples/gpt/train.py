"""Trains a small GPT on the text of Go's specification, then writes in its style.

    python3 train.py [--steps 1000] [--every 50] [--seed 0] [--sample 400]
    torchrun --nproc-per-node 2 train.py --distributed ...

main.go in this folder is the same in Go: with the same seed both print the same
losses and, on the same libtorch and processor, the same text.
"""

import argparse
import html
import pathlib
import re
import subprocess

import torch
import torch.distributed as dist
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.checkpoint import checkpoint

CONTEXT = 96
BATCH = 16


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def attend(self, x):
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, -1).transpose(1, 2)
            for part in self.qkv(x).split(width, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, width=96, heads=4, layers=3):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(CONTEXT, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)
        self.checkpointed = False

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.size(1)))
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False) if self.checkpointed else block(x)
        return self.head(self.norm(x))


def specification():
    root = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    page = (pathlib.Path(root) / "doc/go_spec.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    return re.sub(r"\n[ \t\n]*\n", "\n\n", text).strip()


def batch(data):
    starts = torch.randint(0, len(data) - CONTEXT, (BATCH, 1))
    rows = data[starts + torch.arange(CONTEXT + 1)]
    return rows[:, :-1], rows[:, 1:]


def share(x, rank, size):
    n = len(x) // size
    return x[rank * n : (rank + 1) * n]


def mean(value):
    sum = torch.tensor(value, dtype=torch.float64)
    if dist.is_initialized():
        dist.all_reduce(sum)
        sum /= dist.get_world_size()
    return sum.item()


def write(model, tokens, length):
    with torch.no_grad():
        for _ in range(length):
            scores = model(tokens[:, -CONTEXT:])[:, -1]
            next = torch.multinomial(F.softmax(scores, dim=-1), 1)
            tokens = torch.cat([tokens, next], dim=1)
    return tokens


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--checkpoint", action="store_true")
    parser.add_argument("--distributed", action="store_true")
    o = parser.parse_args()
    rank, size = 0, 1
    if o.distributed:
        dist.init_process_group("gloo")
        rank, size = dist.get_rank(), dist.get_world_size()

    text = specification()
    letters = sorted(set(text))
    number = {letter: i for i, letter in enumerate(letters)}
    data = torch.tensor([number[letter] for letter in text])

    torch.manual_seed(o.seed)
    model = GPT(len(letters))
    model.checkpointed = o.checkpoint
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, fused=True)
    forward = nn.parallel.DistributedDataParallel(model) if o.distributed else model
    say = print if rank == 0 else lambda text: None
    say(f"{len(text)} letters, {len(letters)} different ones, {sum(p.numel() for p in model.parameters())} parameters")
    for step in range(1, o.steps + 1):
        x, y = batch(data)
        scores = forward(share(x, rank, size))
        loss = F.cross_entropy(scores.flatten(0, 1), share(y, rank, size).flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % o.every == 0:
            loss = mean(loss.item())
            say(f"step {step}, loss {loss}")
    if o.distributed:
        dist.destroy_process_group()
    if rank > 0:
        return

    prompt = torch.tensor([[number[letter] for letter in "The "]])
    tokens = write(model, prompt, o.sample)
    print("".join(letters[i] for i in tokens[0].tolist()))


if __name__ == "__main__":
    main()
