"""Golden cases for torch/vision/models/segmentation: .../segmentation/testdata/segmentation.json.gz.

They need torchvision 0.29.2.

  x        the images that networks take
  full     torchvision's networks with and without an auxiliary classifier, made on the meta device:
    digest   the SHA-256 of the names and shapes in the state dict, a line each
  values   the same networks with it, made after manual_seed(0):
    sum      of the state: each tensor's sum times its number from 1 on
    out, aux what they give in evaluation mode, every eighth pixel
  narrow   a small network, as values, with all pixels, and:
    repr     what Python prints
    names    of the state dict
    train    what it gives after manual_seed(1), in training mode
    grads    of the sum of squares of both, of some parameters
"""

import hashlib

import torch
from torchvision import models
from torchvision.models import segmentation
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.segmentation.deeplabv3 import DeepLabHead
from torchvision.models.segmentation.fcn import FCNHead

from .tensors import encode

X = torch.randn(2, 3, 40, 48, generator=torch.Generator().manual_seed(3))
FULL = ["deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large"]
PARAMETERS = ["backbone.0.0.weight", "classifier.0.convs.2.1.bias", "classifier.0.convs.3.2.weight", "classifier.4.bias", "aux_classifier.4.weight"]


def total(net):
    return sum((i + 1) * x.sum(dtype=torch.float64).item() for i, x in enumerate(net.state_dict().values()))


def full(name, aux):
    with torch.device("meta"):
        net = getattr(segmentation, name)(weights=None, weights_backbone=None, aux_loss=aux)
    lines = [f"{n} {list(x.shape)}" for n, x in net.state_dict().items()]
    return {"name": name, "aux": aux, "keys": len(lines), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def whole(name):
    torch.manual_seed(0)
    net = getattr(segmentation, name)(weights=None, weights_backbone=None, aux_loss=True, num_classes=3)
    net.eval()
    with torch.no_grad():
        y = net(X)
    return {"name": name, "sum": total(net), **{k: encode(v[:, :, ::8, ::8]) for k, v in y.items()}}


def narrow():
    torch.manual_seed(0)
    features = models.mobilenet_v3_small(width_mult=0.25, dilated=True).features
    backbone = IntermediateLayerGetter(features, {"4": "aux", "9": "out"})
    aux = FCNHead(16, 3)
    net = segmentation.DeepLabV3(backbone, DeepLabHead(24, 3, (1, 3)), aux)
    result = {"sum": total(net), "repr": repr(net), "names": list(net.state_dict())}
    net.eval()
    with torch.no_grad():
        y = net(X)
    net.train()
    torch.manual_seed(1)
    trained = net(X)
    sum((v * v).sum() for v in trained.values()).backward()
    named = dict(net.named_parameters())
    return {**result, **{k: encode(v[:, :, ::2, ::2]) for k, v in y.items()}, "train": {k: encode(v[:, :, ::2, ::2]) for k, v in trained.items()},
            "grads": {n: encode(named[n].grad) for n in PARAMETERS}}


def cases():
    return {
        "x": encode(X),
        "full": [full(n, aux) for n in FULL for aux in [False, True]],
        "values": [whole(n) for n in ["deeplabv3_resnet50", "deeplabv3_mobilenet_v3_large"]],
        "narrow": narrow(),
    }
