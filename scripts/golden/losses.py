"""Golden cases of losses: torch/nn/testdata/losses.json.gz."""

import torch
from torch import nn

from .modules import case


def constant(module, x, target):
    """The loss of a target that cannot have a gradient."""
    return module(x, target.detach())


def errors(x, y):
    """Losses of what is measured."""
    p, q = torch.softmax(x, 1), torch.softmax(y, 1)
    counts = torch.tensor([[0.0, 1, 2, 3], [4, 0, 1, 7], [2, 2, 0, 1]])
    return [
        *(case(f"{n} {r}", lambda: getattr(nn, n)(reduction=r), x, y)
          for n in ["L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss"] for r in ["mean", "sum", "none"]),
        case("SmoothL1Loss beta", lambda: nn.SmoothL1Loss(beta=0.5), x, y),
        case("HuberLoss delta", lambda: nn.HuberLoss(delta=0.25), x, y),
        *(case(f"KLDivLoss {r}", lambda: nn.KLDivLoss(reduction=r), p.log(), q) for r in ["mean", "sum", "none", "batchmean"]),
        case("KLDivLoss log target", lambda: nn.KLDivLoss(log_target=True), p.log(), q.log()),
        case("PoissonNLLLoss", nn.PoissonNLLLoss, x, counts),
        case("PoissonNLLLoss options", lambda: nn.PoissonNLLLoss(False, True, eps=0.01, reduction="sum"), p, counts),
        case("GaussianNLLLoss", nn.GaussianNLLLoss, x, y, q),
        case("GaussianNLLLoss options", lambda: nn.GaussianNLLLoss(full=True, eps=0.3, reduction="none"), x, y, q[:, :1].clone()),
        case("GaussianNLLLoss number", lambda: nn.GaussianNLLLoss(reduction="sum"), x, y, call=lambda m, a, b: m(a, b, 0.5)),
    ]


def classes(x, y):
    """Losses of what is classified."""
    target, image = torch.tensor([1, 0, 3]), x.reshape(1, 3, 2, 2)
    pixels, labels = torch.tensor([[[0, 2], [1, 0]]]), (y > 0).float()
    weight, logp, p = torch.tensor([0.5, 1, 2, 0.25]), torch.log_softmax(x, 1), torch.sigmoid(x)
    cross = {"ignore_index": 0, "reduction": "sum", "label_smoothing": 0.1}
    chunks = nn.LinearCrossEntropyOptions(batch_chunk_size=2, acc_policy="accurate", acc_dtype=torch.float32)
    k = {"out_features": (2,), "bias": True, "dtype": torch.float64}
    return [
        case("CrossEntropyLoss", nn.CrossEntropyLoss, x, target),
        case("CrossEntropyLoss options", lambda: nn.CrossEntropyLoss(weight, **cross), x, target),
        case("NLLLoss", nn.NLLLoss, logp, target),
        case("NLLLoss options", lambda: nn.NLLLoss(weight, ignore_index=1, reduction="sum"), logp, target),
        case("NLLLoss of an image", lambda: nn.NLLLoss(reduction="none"), image, pixels),
        case("NLLLoss2d", nn.NLLLoss2d, image, pixels),
        case("BCELoss", nn.BCELoss, p, labels),
        case("BCELoss options", lambda: nn.BCELoss(weight, reduction="sum"), p, labels),
        case("BCEWithLogitsLoss", nn.BCEWithLogitsLoss, x, labels),
        case("BCEWithLogitsLoss options", lambda: nn.BCEWithLogitsLoss(weight, pos_weight=weight * 2, reduction="none"), x, labels),
        case("MultiLabelSoftMarginLoss", nn.MultiLabelSoftMarginLoss, x, labels),
        case("MultiLabelSoftMarginLoss options", lambda: nn.MultiLabelSoftMarginLoss(weight, reduction="sum"), x, labels),
        case("LinearCrossEntropyLoss", lambda: nn.LinearCrossEntropyLoss(4, 5), x, target),
        case("LinearCrossEntropyLoss options", lambda: nn.LinearCrossEntropyLoss(4, 4, bias=True, weight=weight, **cross), x, target),
        case("LinearCrossEntropyLoss features", lambda: nn.LinearCrossEntropyLoss(4, 3, **k), x.double(), torch.tensor([[0, 1], [2, 2], [1, 0]])),
        case("LinearCrossEntropyLoss chunks", lambda: nn.LinearCrossEntropyLoss(4, 5, options=chunks), x, target),
        case("LinearCrossEntropyLoss probabilities", lambda: nn.LinearCrossEntropyLoss(4, 4, reduction="none"), x, torch.softmax(y, 1)),
    ]


def margins(x, y, z):
    """Losses with a margin."""
    target, sign = torch.tensor([1, 0, 3]), torch.tensor([1.0, -1, 1])
    signs, lists = torch.sign(y), torch.tensor([[3, 0, -1, 1], [1, -1, 0, 0], [0, 1, 2, 3]])
    weight = torch.tensor([0.5, 1, 2, 0.25])
    farthest = lambda a, b: (a - b).abs().amax(1)  # noqa: E731
    return [
        case("HingeEmbeddingLoss", nn.HingeEmbeddingLoss, x, signs),
        case("HingeEmbeddingLoss options", lambda: nn.HingeEmbeddingLoss(0.25, reduction="sum"), x, signs),
        case("SoftMarginLoss", nn.SoftMarginLoss, x, signs, call=constant),
        case("SoftMarginLoss none", lambda: nn.SoftMarginLoss(reduction="none"), x, signs, call=constant),
        case("MultiLabelMarginLoss", nn.MultiLabelMarginLoss, x, lists),
        case("MultiLabelMarginLoss none", lambda: nn.MultiLabelMarginLoss(reduction="none"), x, lists),
        case("MultiMarginLoss", nn.MultiMarginLoss, x, target),
        case("MultiMarginLoss options", lambda: nn.MultiMarginLoss(2, 0.5, weight, reduction="sum"), x, target),
        case("CosineEmbeddingLoss", nn.CosineEmbeddingLoss, x, y, sign),
        case("CosineEmbeddingLoss options", lambda: nn.CosineEmbeddingLoss(0.5, reduction="none"), x, y, sign),
        case("MarginRankingLoss", nn.MarginRankingLoss, x[0], y[0], z[0].sign()),
        case("MarginRankingLoss options", lambda: nn.MarginRankingLoss(0.5, reduction="sum"), x, y, z.sign()),
        case("TripletMarginLoss", nn.TripletMarginLoss, x, y, z),
        case("TripletMarginLoss options", lambda: nn.TripletMarginLoss(2.0, 1.0, eps=0.01, swap=True, reduction="none"), x, y, z),
        case("TripletMarginWithDistanceLoss", nn.TripletMarginWithDistanceLoss, x, y, z),
        case("TripletMarginWithDistanceLoss options",
             lambda: nn.TripletMarginWithDistanceLoss(distance_function=farthest, margin=0.5, swap=True, reduction="sum"), x, y, z),
    ]


def ctc(g):
    logp = torch.log_softmax(torch.randn(5, 2, 4, generator=g), 2)
    targets = torch.tensor([[1, 2, 2], [3, 1, 0]])
    long = torch.tensor([[1, 2, 1], [3, 3, 3]])
    times, lengths = torch.tensor([5, 4]), torch.tensor([3, 2])
    return [
        case("CTCLoss", nn.CTCLoss, logp, targets, times, lengths),
        case("CTCLoss options", lambda: nn.CTCLoss(blank=2, reduction="none", zero_infinity=True), logp, long, times, torch.tensor([3, 3])),
        case("CTCLoss sum", lambda: nn.CTCLoss(reduction="sum"), logp, torch.tensor([1, 2, 2, 3, 1]), times, lengths),
    ]


def adaptive(g):
    x, target = torch.randn(6, 8, generator=g), torch.tensor([0, 9, 3, 5, 1, 4])
    make = lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5], div_value=2.0, head_bias=True)  # noqa: E731
    return [
        case("AdaptiveLogSoftmaxWithLoss", lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5]), x, target),
        case("AdaptiveLogSoftmaxWithLoss options", make, x, target),
        case("AdaptiveLogSoftmaxWithLoss without batch", make, x[0], target[1]),
        case("AdaptiveLogSoftmaxWithLoss frequent", make, x, target % 2),
        case("AdaptiveLogSoftmaxWithLoss probabilities", make, x, call=lambda m, x: (m.log_prob(x), m.predict(x))),
    ]


def cases():
    g = torch.Generator().manual_seed(1)
    x, y, z = (torch.randn(3, 4, generator=g) for _ in range(3))
    return errors(x, y) + classes(x, y) + margins(x, y, z) + ctc(g) + adaptive(g)
