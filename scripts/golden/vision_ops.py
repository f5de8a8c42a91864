"""Golden cases for torch/vision/ops: torch/vision/ops/testdata/ops.json.gz.

They need torchvision 0.29.2.

  tensors  what cases take, by name
  cases    each the results of a function of tensors:
    name     of the function in the test of Go
    library  whether it is an operator of torchvision's library
    seed     of random numbers
    results  what it gives
    grads    the gradients that the sum of squares of the first result has
  layers   modules made after manual_seed(0), of small tensors:
    repr     what Python prints
    keys     of the state dict
    sum      of the state: each tensor's sum times its number from 1 on
    result   what it gives after manual_seed(1), in training mode
"""

import torch
from torch import nn
from torchvision import ops

from .tensors import encode

G = torch.Generator().manual_seed(20)


def rand(*shape):
    return torch.rand(*shape, generator=G)


def boxes(n, side=30.0):
    corner = rand(n, 2) * side
    return torch.cat([corner, corner + 0.5 + rand(n, 2) * side / 2], 1)


TENSORS = {
    "boxes": boxes(20), "others": boxes(9), "pairs": boxes(9), "scores": rand(20),
    "ties": (rand(20) * 4).floor(), "groups": (rand(20) * 3).long(),
    "whole": (boxes(12) * 10).round().to(torch.int32), "small": boxes(6, 20).round().to(torch.uint8),
    "half": boxes(6), "rotated": torch.cat([rand(7, 2) * 30, 1 + rand(7, 2) * 9, rand(7, 1) * 360 - 180], 1),
    "turned": torch.cat([rand(7, 2) * 30, 1 + rand(7, 2) * 9, rand(7, 1) * 360 - 180], 1).round().long(),
    "masks": rand(4, 6, 7) > torch.tensor([0.9, 0.97, 2.0, 0.2])[:, None, None],
    "logits": rand(5, 3) * 6 - 3, "targets": (rand(5, 3) > 0.7).float(),
    "features": rand(2, 4, 7, 9) * 2 - 1,
    "rois": torch.cat([torch.tensor([0.0, 1, 1, 0, 1])[:, None],
                       torch.tensor([[1.0, 2, 9, 7.5], [-3, -2, 4, 5], [6.2, 3.3, 30, 40], [0, 0, 10, 8], [5, 5, 5.2, 5.1]])], 1),
    "first": torch.tensor([[1.0, 2, 9, 7.5], [0, 0, 10, 8]]), "second": torch.tensor([[3.0, 1, 8, 8]]),
    "offset": rand(2, 2 * 2 * 3 * 2, 4, 5) * 4 - 2, "mask": rand(2, 2 * 3 * 2, 4, 5),
    "weight": rand(6, 2, 3, 2) - 0.5, "bias": rand(6),
    "volume": rand(2, 2, 4, 5, 6),
}
TENSORS["doubles"] = TENSORS["boxes"].double()


def halved(x, name):
    return x.half() if name == "half" else x


FORMATS = ["xyxy", "xywh", "cxcywh"]
ROTATED = ["xywhr", "cxcywhr", "xyxyxyxy"]
# name, function, tensors; then whether there are gradients and whether it is the library's
CASES = [
    ("nms", lambda b, s: ops.nms(b, s, 0.3), "boxes scores", False, False),
    ("nms of ties", lambda b, s: ops.nms(b, s, 0.3), "boxes ties", False, False),
    ("nms of doubles", lambda b, s: ops.nms(b, s.double(), 0.1), "doubles scores", False, False),
    ("nms of none", lambda b, s: ops.nms(b[:0], s[:0], 0.1), "boxes scores", False, False),
    ("batched_nms", lambda b, s, g: ops.batched_nms(b, s, g, 0.3), "boxes scores groups", False, False),
    ("batched_nms of many", lambda b, s, g: ops.batched_nms(b.repeat(60, 1), s.repeat(60) + torch.arange(1200) / 1200, g.repeat(60), 0.3),
     "boxes scores groups", False, False),
    ("remove_small_boxes", lambda b: ops.remove_small_boxes(b, 5), "boxes", False, False),
    ("clip_boxes_to_image", lambda b: ops.clip_boxes_to_image(b, (20, 25)), "boxes", True, False),
    ("masks_to_boxes", ops.masks_to_boxes, "masks", False, False),
    *[(f"box_area {f} of {n}", lambda b, f=f, n=n: ops.box_area(halved(b, n), f), n, False, False)
      for f in FORMATS for n in ["boxes", "whole", "small", "half"]],
    *[(f"box_iou {f}", lambda a, b, f=f: ops.box_iou(a, b, f), "boxes others", True, False) for f in FORMATS],
    *[(f"box_iou of {n}", lambda a, b, n=n: ops.box_iou(halved(a, n), halved(b, n)), f"{n} {n}", False, False) for n in ["whole", "small", "half"]],
    *[(f"box_iou {f}", lambda a, f=f: ops.box_iou(ops.box_convert(a, "xywhr", f), ops.box_convert(a + 1, "xywhr", f), f), "rotated", False, True)
      for f in ROTATED],
    ("generalized_box_iou", ops.generalized_box_iou, "boxes others", True, False),
    ("distance_box_iou", ops.distance_box_iou, "boxes others", True, False),
    ("complete_box_iou", ops.complete_box_iou, "boxes others", True, False),
    *[(f"box_convert {i} {o}", lambda b, i=i, o=o: ops.box_convert(b, i, o), "others", True, False) for i in FORMATS for o in FORMATS],
    *[(f"box_convert {i} {o} of {n}", lambda b, i=i, o=o: ops.box_convert(ops.box_convert(b, "xywhr", i), i, o), n, n == "rotated", False)
      for i in ROTATED for o in ROTATED for n in ["rotated", "turned"]],
    *[(f"{n}_box_iou_loss {r}", lambda a, b, n=n, r=r: getattr(ops, n + "_box_iou_loss")(a, b, reduction=r), "pairs others", True, False)
      for n in ["generalized", "distance", "complete"] for r in ["none", "mean", "sum"]],
    ("generalized_box_iou_loss of none", lambda a, b: ops.generalized_box_iou_loss(a[:0], b[:0], reduction="mean"), "pairs others", True, False),
    ("sigmoid_focal_loss", ops.sigmoid_focal_loss, "logits targets", True, False),
    ("sigmoid_focal_loss mean", lambda x, t: ops.sigmoid_focal_loss(x, t, alpha=-1, gamma=1.5, reduction="mean"), "logits targets", True, False),
    ("roi_align", lambda x, r: ops.roi_align(x, r, (3, 2), 0.7, 2), "features rois", True, False),
    ("roi_align aligned", lambda x, r: ops.roi_align(x, r, 3, aligned=True), "features rois", True, False),
    ("roi_align of lists", lambda x, a, b: ops.roi_align(x, [a, b], 2, 0.5), "features first second", True, False),
    ("roi_pool", lambda x, r: ops.roi_pool(x, r, (3, 2), 0.7), "features rois", True, True),
    ("ps_roi_align", lambda x, r: ops.ps_roi_align(x, r, 2, 0.7, 2), "features rois", True, True),
    ("ps_roi_pool", lambda x, r: ops.ps_roi_pool(x, r, 2, 0.7), "features rois", True, True),
    ("deform_conv2d", lambda x, o, w: ops.deform_conv2d(x, o, w, stride=2, padding=(1, 1)), "features offset weight", True, True),
    ("deform_conv2d masked", lambda x, o, w, b, m: ops.deform_conv2d(x, o, w, b, stride=2, padding=1, mask=m),
     "features offset weight bias mask", True, True),
    ("stochastic_depth batch", lambda x: ops.stochastic_depth(x, 0.4, "batch"), "features", True, False),
    ("stochastic_depth row", lambda x: ops.stochastic_depth(x, 0.4, "row"), "features", True, False),
    ("drop_block2d", lambda x: ops.drop_block2d(x, 0.3, 3), "features", True, False),
    ("drop_block3d", lambda x: ops.drop_block3d(x, 0.3, 3), "volume", True, False),
]


def case(name, f, names, differentiable, library):
    inputs = [TENSORS[n].clone() for n in names.split()]
    if differentiable:
        for x in inputs:
            x.requires_grad_(x.is_floating_point())
    torch.manual_seed(5)
    y = f(*inputs)
    result = {"name": name, "tensors": names.split(), "library": library, "results": [encode(y)]}
    if differentiable:
        (y * y).sum().backward()
        result["grads"] = [None if x.grad is None else encode(x.grad) for x in inputs]
    return result


class Pyramid(nn.Module):
    """Maps of a sum of squares, so that a layer is a function of one tensor."""

    def __init__(self, fpn):
        super().__init__()
        self.fpn = fpn

    def forward(self, x):
        maps = self.fpn({"fine": x, "coarse": x[:, :, ::2, ::2]})
        return torch.cat([m.flatten() * (i + 1) for i, m in enumerate(maps.values())])


LAYERS = {
    "Conv2dNormActivation": (lambda: ops.Conv2dNormActivation(4, 4, stride=2, dilation=2), "features"),
    "Conv2dNormActivation of options": (lambda: ops.Conv2dNormActivation(4, 4, (1, 3), norm_layer=None, activation_layer=nn.Hardswish,
                                                                         groups=4, padding=(0, 2), inplace=None), "features"),
    "Conv3dNormActivation": (lambda: ops.Conv3dNormActivation(2, 4, activation_layer=None), "volume"),
    "SqueezeExcitation": (lambda: ops.SqueezeExcitation(4, 3), "features"),
    "MLP": (lambda: ops.MLP(9, [6, 5], norm_layer=nn.LayerNorm, dropout=0.3, inplace=True), "features"),
    "Permute": (lambda: ops.Permute([0, 2, 3, 1]), "features"),
    "FrozenBatchNorm2d": (lambda: ops.FrozenBatchNorm2d(4), "features"),
    "StochasticDepth": (lambda: ops.StochasticDepth(0.3, "row"), "features"),
    "DropBlock2d": (lambda: ops.DropBlock2d(0.2, 3, eps=0.1), "features"),
    "DropBlock3d": (lambda: ops.DropBlock3d(0.2, 3, inplace=True), "volume"),
    "FeaturePyramidNetwork": (lambda: Pyramid(ops.FeaturePyramidNetwork([4, 4], 3)), "features"),
    "LastLevelMaxPool": (lambda: Pyramid(ops.FeaturePyramidNetwork([4, 4], 3, ops.feature_pyramid_network.LastLevelMaxPool(), nn.BatchNorm2d)),
                         "features"),
    "LastLevelP6P7": (lambda: Pyramid(ops.FeaturePyramidNetwork([4, 4], 3, ops.feature_pyramid_network.LastLevelP6P7(4, 3))), "features"),
    "LastLevelP6P7 of P5": (lambda: Pyramid(ops.FeaturePyramidNetwork([4, 4], 3, ops.feature_pyramid_network.LastLevelP6P7(3, 3))), "features"),
}

# Layers that have more inputs than one, or none that a test has.
REPR = {
    "RoIAlign": ops.RoIAlign((3, 2), 0.5, 2), "RoIPool": ops.RoIPool(7, 0.25), "PSRoIAlign": ops.PSRoIAlign(3, 1.0, -1),
    "PSRoIPool": ops.PSRoIPool(3, 0.5), "MultiScaleRoIAlign": ops.MultiScaleRoIAlign(["0", "feat2"], 7, 2),
    "DeformConv2d": ops.DeformConv2d(4, 6, (3, 2), padding=1, groups=2, bias=False),
}


def layer(name, make, tensor):
    torch.manual_seed(0)
    m = make()
    state = m.state_dict()
    total = sum((i + 1) * x.sum(dtype=torch.float64).item() for i, x in enumerate(state.values()))
    torch.manual_seed(1)
    return {"name": name, "tensor": tensor, "repr": repr(m.fpn if isinstance(m, Pyramid) else m), "keys": list(state), "sum": total,
            "result": encode(m(TENSORS[tensor].clone()))}


def pooled():
    """What MultiScaleRoIAlign gives for boxes of several sizes on two maps."""
    maps = {"fine": TENSORS["features"], "other": torch.zeros(1), "coarse": TENSORS["features"][:, :, ::2, ::2].contiguous()}
    sides = torch.tensor([2.0, 5, 9, 14, 20, 27, 33])
    found = [torch.stack([sides / 9, sides / 7, sides / 9 + sides, sides / 7 + sides], 1) for _ in range(2)]
    align = ops.MultiScaleRoIAlign(["fine", "coarse"], 2, 2, canonical_scale=16, canonical_level=2)
    return {"boxes": encode(found[0]), "result": encode(align(maps, found, [(28, 36), (25, 36)]))}


def cases():
    return {
        "tensors": {n: encode(x) for n, x in TENSORS.items()},
        "cases": [case(*c) for c in CASES],
        "layers": [layer(n, *l) for n, l in LAYERS.items()],
        "repr": {n: repr(m) for n, m in REPR.items()},
        "pooled": pooled(),
    }
