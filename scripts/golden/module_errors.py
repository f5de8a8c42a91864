"""The errors of modules on bad options and input: torch/nn/testdata/errors.json.

Go has no AssertionError and has a ValueError there. Runs of spaces, which PyTorch's
source has by accident, are one.
"""

import re
import warnings

import torch
from torch import nn


def error(name, f):
    warnings.simplefilter("ignore")
    try:
        f()
    except Exception as e:
        kind = {"AssertionError": "ValueError"}.get(type(e).__name__, type(e).__name__)
        return {"name": name, "kind": kind, "message": re.sub(" {2,}", " ", str(e))}
    raise AssertionError(f"no error: {name}")


def activations():
    x = torch.zeros(3)
    return [
        error("Hardtanh limits", lambda: nn.Hardtanh(2.0, 1.0)),
        error("GELU approximate", lambda: nn.GELU("sigmoid")(x)),
        error("GLU odd", lambda: nn.GLU()(x)),
        error("Softshrink negative", lambda: nn.Softshrink(-1.0)(x)),
        error("CELU zero", lambda: nn.CELU(0.0)(x)),
        error("PReLU channels", lambda: nn.PReLU(2)(torch.zeros(4, 3))),
        error("RReLU limits", lambda: nn.RReLU(1.0, 0.0)(x)),
        error("Softmax dim", lambda: nn.Softmax(1)(x)),
        error("Softmax2d dimensions", lambda: nn.Softmax2d()(torch.zeros(2, 3))),
    ]


def normalizations():
    one = torch.ones(1, 3)
    image = torch.ones(2, 3, 4, 4)
    return [
        error("BatchNorm1d dimensions", lambda: nn.BatchNorm1d(3)(image)),
        error("BatchNorm2d dimensions", lambda: nn.BatchNorm2d(3)(one)),
        error("BatchNorm3d dimensions", lambda: nn.BatchNorm3d(3)(image)),
        error("BatchNorm1d of one value", lambda: nn.BatchNorm1d(3)(one)),
        error("BatchNorm2d channels", lambda: nn.BatchNorm2d(4)(image)),
        error("SyncBatchNorm dimensions", lambda: nn.SyncBatchNorm(3)(one[0])),
        error("SyncBatchNorm channels", lambda: nn.SyncBatchNorm(3)(image[:, :0])),
        error("InstanceNorm1d dimensions", lambda: nn.InstanceNorm1d(3)(image)),
        error("InstanceNorm2d dimensions", lambda: nn.InstanceNorm2d(3)(one)),
        error("InstanceNorm3d dimensions", lambda: nn.InstanceNorm3d(3)(one)),
        error("InstanceNorm2d channels", lambda: nn.InstanceNorm2d(4, affine=True)(image)),
        error("InstanceNorm2d channels without batch", lambda: nn.InstanceNorm2d(4, affine=True)(image[0])),
        error("InstanceNorm1d of one value", lambda: nn.InstanceNorm1d(3)(torch.ones(2, 3, 1))),
        error("LayerNorm shape", lambda: nn.LayerNorm(5)(image)),
        error("RMSNorm shape", lambda: nn.RMSNorm(5)(image)),
        error("GroupNorm groups", lambda: nn.GroupNorm(2, 3)),
        error("GroupNorm of one value", lambda: nn.GroupNorm(3, 3)(one)),
        error("LocalResponseNorm dimensions", lambda: nn.LocalResponseNorm(2)(one)),
        error("CrossMapLRN2d dimensions", lambda: nn.CrossMapLRN2d(2)(one)),
        error("Dropout above", lambda: nn.Dropout(2.0)),
        error("AlphaDropout below", lambda: nn.AlphaDropout(-0.5)),
        error("Dropout1d dimensions", lambda: nn.Dropout1d()(image)),
    ]


def embeddings():
    rows, line = torch.tensor([[0, 1]]), torch.tensor([0, 1])
    bag, weights = nn.EmbeddingBag(3, 2), torch.ones(1, 2)
    return [
        error("Embedding padding above", lambda: nn.Embedding(3, 2, padding_idx=3)),
        error("Embedding padding below", lambda: nn.Embedding(3, 2, padding_idx=-4)),
        error("Embedding index", lambda: nn.Embedding(3, 2)(torch.tensor([3]))),
        error("Embedding pretrained", lambda: nn.Embedding.from_pretrained(torch.ones(3))),
        error("EmbeddingBag padding", lambda: nn.EmbeddingBag(3, 2, padding_idx=3)),
        error("EmbeddingBag pretrained", lambda: nn.EmbeddingBag.from_pretrained(torch.ones(3))),
        error("EmbeddingBag mode", lambda: nn.EmbeddingBag(3, 2, mode="median")(rows)),
        error("EmbeddingBag sparse", lambda: nn.EmbeddingBag(3, 2, mode="max", sparse=True)(rows)),
        error("EmbeddingBag frequency", lambda: nn.EmbeddingBag(3, 2, mode="max", scale_grad_by_freq=True)(rows)),
        error("EmbeddingBag offsets", lambda: bag(line)),
        error("EmbeddingBag too many offsets", lambda: bag(rows, line)),
        error("EmbeddingBag dimensions", lambda: bag(rows[None])),
        error("EmbeddingBag weights of a mean", lambda: bag(rows, None, weights)),
        error("EmbeddingBag weights shape", lambda: nn.EmbeddingBag(3, 2, mode="sum")(rows, None, weights[0])),
        error("Bilinear features", lambda: nn.Bilinear(0, 2, 3)),
        error("Bilinear sizes", lambda: nn.Bilinear(2, 2, 3)(torch.ones(4, 3), torch.ones(4, 2))),
    ]


def losses():
    x, target = torch.full((2, 3), 0.5), torch.tensor([0, 1])
    names = ["L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss", "KLDivLoss", "PoissonNLLLoss", "BCELoss", "BCEWithLogitsLoss",
             "HingeEmbeddingLoss", "SoftMarginLoss"]
    adaptive = nn.AdaptiveLogSoftmaxWithLoss(3, 5, [2])
    linear = nn.LinearCrossEntropyLoss(3, 4)
    return [
        *(error(f"{n} reduction", lambda: getattr(nn, n)(reduction="median")(x, x)) for n in names),
        error("BCELoss sizes", lambda: nn.BCELoss()(x, x[0])),
        error("BCELoss range", lambda: nn.BCELoss()(x * 4, x)),
        error("BCEWithLogitsLoss sizes", lambda: nn.BCEWithLogitsLoss()(x, x[0])),
        error("NLLLoss class", lambda: nn.NLLLoss()(x, target + 2)),
        error("GaussianNLLLoss variance", lambda: nn.GaussianNLLLoss()(x, x, -x)),
        error("GaussianNLLLoss size", lambda: nn.GaussianNLLLoss()(x, x, torch.ones(4))),
        error("HuberLoss delta", lambda: nn.HuberLoss(delta=-1.0)(x, x)),
        error("SmoothL1Loss beta", lambda: nn.SmoothL1Loss(beta=-1.0)(x, x)),
        error("MultiMarginLoss power", lambda: nn.MultiMarginLoss(p=3)),
        error("MultiMarginLoss weight", lambda: nn.MultiMarginLoss(weight=x)),
        error("MarginRankingLoss dimensions", lambda: nn.MarginRankingLoss()(x, x, x[0])),
        error("TripletMarginLoss margin", lambda: nn.TripletMarginLoss(margin=-0.5)),
        error("TripletMarginWithDistanceLoss margin", lambda: nn.TripletMarginWithDistanceLoss(margin=-0.5)),
        error("TripletMarginWithDistanceLoss dimensions", lambda: nn.TripletMarginWithDistanceLoss()(x, x, x[0])),
        error("LinearCrossEntropyLoss weight", lambda: nn.LinearCrossEntropyLoss(3, 4, weight=torch.ones(3))),
        error("LinearCrossEntropyLoss smoothing", lambda: nn.LinearCrossEntropyLoss(3, 4, label_smoothing=1.5)),
        error("LinearCrossEntropyLoss dimensions", lambda: linear(x[None], target)),
        error("LinearCrossEntropyLoss features", lambda: linear(torch.ones(2, 5), target)),
        error("LinearCrossEntropyLoss without batch", lambda: nn.LinearCrossEntropyLoss(3, 4, out_features=(2,))(x[0], target)),
        error("LinearCrossEntropyLoss ignored probabilities",
              lambda: nn.LinearCrossEntropyLoss(3, 4, ignore_index=1)(x, torch.ones(2, 4))),
        error("AdaptiveLogSoftmaxWithLoss no cutoffs", lambda: nn.AdaptiveLogSoftmaxWithLoss(3, 5, [])),
        error("AdaptiveLogSoftmaxWithLoss cutoffs", lambda: nn.AdaptiveLogSoftmaxWithLoss(3, 5, [2, 2])),
        error("AdaptiveLogSoftmaxWithLoss last cutoff", lambda: nn.AdaptiveLogSoftmaxWithLoss(3, 5, [5])),
        error("AdaptiveLogSoftmaxWithLoss targets", lambda: adaptive(x, target + 4)),
        error("AdaptiveLogSoftmaxWithLoss batch", lambda: adaptive(x, target[:1])),
        error("AdaptiveLogSoftmaxWithLoss input", lambda: adaptive(x[0, :2], target)),
        error("AdaptiveLogSoftmaxWithLoss no batch", lambda: adaptive(x, target[0])),
        error("AdaptiveLogSoftmaxWithLoss target dimensions", lambda: adaptive(x, target[None])),
    ]


def cases():
    return activations() + normalizations() + embeddings() + losses()
