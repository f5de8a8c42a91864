"""Golden cases of embeddings, Identity, Bilinear and distances: torch/nn/testdata/embeddings.json.gz."""

import torch
from torch import nn

from .modules import case


def embeddings(weight):
    rows = torch.tensor([[1, 3, 0], [3, 3, 4]])
    pretrained = nn.Embedding.from_pretrained
    return [
        case("Embedding", lambda: nn.Embedding(5, 3), rows),
        case("Embedding of Int32", lambda: nn.Embedding(5, 3, dtype=torch.float64), rows.int()),
        case("Embedding padding", lambda: nn.Embedding(5, 3, padding_idx=3), rows),
        case("Embedding padding from the end", lambda: nn.Embedding(5, 3, padding_idx=-5), rows),
        case("Embedding norm", lambda: nn.Embedding(5, 3, max_norm=1.0), rows),
        case("Embedding norm type", lambda: nn.Embedding(5, 3, max_norm=0.5, norm_type=1.0), rows),
        case("Embedding frequency", lambda: nn.Embedding(5, 3, scale_grad_by_freq=True), rows),
        case("Embedding pretrained", lambda: pretrained(weight.clone()), rows),
        case("Embedding pretrained options",
             lambda: pretrained(weight.clone(), freeze=False, padding_idx=1, max_norm=2.0, norm_type=3.0, scale_grad_by_freq=True), rows),
    ]


def bags(weight):
    rows = torch.tensor([[1, 3, 0], [3, 2, 4]])
    line, offsets = torch.tensor([1, 3, 3, 0, 2, 4]), torch.tensor([0, 2, 2])
    ends = torch.tensor([0, 2, 6])
    factors = torch.linspace(-1, 2, 6)
    flat = lambda m, x, o: m(x, o)  # noqa: E731
    weighed = lambda m, x, o, w: m(x, o, per_sample_weights=w)  # noqa: E731
    pretrained = nn.EmbeddingBag.from_pretrained
    return [
        case("EmbeddingBag", lambda: nn.EmbeddingBag(5, 3), rows),
        case("EmbeddingBag sum", lambda: nn.EmbeddingBag(5, 3, mode="sum", dtype=torch.float64), line, offsets, call=flat),
        case("EmbeddingBag mean", lambda: nn.EmbeddingBag(5, 3, mode="mean", scale_grad_by_freq=True), line, offsets, call=flat),
        case("EmbeddingBag max", lambda: nn.EmbeddingBag(5, 3, mode="max"), line, offsets, call=flat),
        case("EmbeddingBag last offset", lambda: nn.EmbeddingBag(5, 3, include_last_offset=True), line, ends, call=flat),
        case("EmbeddingBag padding", lambda: nn.EmbeddingBag(5, 3, padding_idx=-2, mode="sum"), rows),
        case("EmbeddingBag norm", lambda: nn.EmbeddingBag(5, 3, max_norm=1.0, norm_type=1.0), rows),
        case("EmbeddingBag factors", lambda: nn.EmbeddingBag(5, 3, mode="sum"), line, offsets, factors, call=weighed),
        case("EmbeddingBag pretrained", lambda: pretrained(weight.clone()), rows),
        case("EmbeddingBag pretrained options",
             lambda: pretrained(weight.clone(), freeze=False, mode="sum", padding_idx=0, max_norm=2.0), rows),
    ]


def cases():
    g = torch.Generator().manual_seed(1)
    x, y = torch.randn(4, 3, generator=g), torch.randn(4, 5, generator=g)
    z = torch.randn(4, 3, generator=g)
    return embeddings(torch.randn(5, 3, generator=g)) + bags(torch.randn(5, 3, generator=g)) + [
        case("Identity", lambda: nn.Identity(54, unused=True), x),
        case("Bilinear", lambda: nn.Bilinear(3, 5, 2), x, y),
        case("Bilinear options", lambda: nn.Bilinear(3, 5, 2, bias=False, dtype=torch.float64), x.double(), y.double()),
        case("PairwiseDistance", nn.PairwiseDistance, x, z),
        case("PairwiseDistance options", lambda: nn.PairwiseDistance(1.0, eps=0.01, keepdim=True), x, z[0]),
        case("CosineSimilarity", nn.CosineSimilarity, x, z),
        case("CosineSimilarity options", lambda: nn.CosineSimilarity(0, eps=4.0), x, z),
    ]
