"""Golden cases for torch/vision/models/detection: .../detection/testdata/detection.json.gz.

They need torchvision 0.29.2.

  images   of several sizes
  targets  boxes and labels of things in them; there is none in the second
  full     torchvision's networks, made on the meta device:
    digest   the SHA-256 of the names and shapes in the state dict, a line each
  values   the same networks, made after manual_seed(0):
    sum      of the state: each tensor's sum times its number from 1 on
    losses   after manual_seed(1), in training mode
    found    what they find in evaluation mode, the first few
  narrow   small networks, as values, and:
    repr     what Python prints
    names    of the state dict
    grads    of the sum of losses, of some parameters the first few
"""

import hashlib
from functools import partial

import torch
from torch import nn
from torchvision import models, ops
from torchvision.models import detection
from torchvision.models.detection import backbone_utils, faster_rcnn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.rpn import RPNHead

from .tensors import encode

G = torch.Generator().manual_seed(7)
IMAGES = [(torch.rand(*shape, generator=G) * 16).floor() / 16 for shape in [(3, 40, 56), (3, 33, 50), (3, 64, 48)]]
TARGETS = [
    {"boxes": torch.tensor([[4.0, 5, 30, 28], [20, 10, 50, 39.5]]), "labels": torch.tensor([1, 4])},
    {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)},
    {"boxes": torch.tensor([[1.0, 1, 40, 60]]), "labels": torch.tensor([2])},
]
RATIOS = (0.5, 1.0, 2.0)
FEW = {"rpn_pre_nms_top_n_train": 60, "rpn_pre_nms_top_n_test": 50, "rpn_post_nms_top_n_train": 40, "rpn_post_nms_top_n_test": 30,
       "rpn_batch_size_per_image": 32, "box_batch_size_per_image": 24, "box_detections_per_img": 8}


def fpn():
    net = models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], norm_layer=ops.FrozenBatchNorm2d)
    backbone = backbone_utils._resnet_fpn_extractor(net, 3, returned_layers=[1, 3], extra_blocks=ops.feature_pyramid_network.LastLevelMaxPool())
    return detection.FasterRCNN(
        backbone, min_size=64, max_size=90, rpn_anchor_generator=AnchorGenerator(((8,), (24,), (48,)), (RATIOS,) * 3),
        box_roi_pool=ops.MultiScaleRoIAlign(["0", "1"], 3, 2, canonical_scale=32, canonical_level=3),
        box_head=faster_rcnn.TwoMLPHead(256 * 9, 16), box_predictor=faster_rcnn.FastRCNNPredictor(16, 5), **FEW)


def single():
    backbone = nn.Sequential(nn.Conv2d(3, 8, 5, 4, 2), nn.ReLU())
    backbone.out_channels = 8
    return detection.FasterRCNN(
        backbone, num_classes=None, min_size=(48, 64), max_size=200, image_mean=[0.5] * 3, image_std=[0.25] * 3, size_divisible=16,
        rpn_anchor_generator=AnchorGenerator(((8, 16, 32),), (RATIOS,)), rpn_head=RPNHead(8, 9, conv_depth=2), rpn_nms_thresh=0.6,
        rpn_fg_iou_thresh=0.5, rpn_bg_iou_thresh=0.2, rpn_positive_fraction=0.25, rpn_score_thresh=0.49,
        box_roi_pool=ops.MultiScaleRoIAlign(["0"], (3, 4), 0),
        box_head=faster_rcnn.FastRCNNConvFCHead((8, 3, 4), [6], [16], norm_layer=nn.BatchNorm2d),
        box_predictor=faster_rcnn.FastRCNNPredictor(16, 5), box_score_thresh=0.1, box_nms_thresh=0.4, box_fg_iou_thresh=0.6,
        box_bg_iou_thresh=0.3, box_positive_fraction=0.5, bbox_reg_weights=(9.0, 8.0, 4.0, 3.0), **FEW)


def mobile():
    net = models.mobilenet_v3_small(width_mult=0.25, norm_layer=partial(nn.BatchNorm2d, eps=0.001))
    backbone = backbone_utils._mobilenet_extractor(net, True, 2, norm_layer=nn.BatchNorm2d)
    return detection.FasterRCNN(
        backbone, num_classes=None, fixed_size=(64, 48), rpn_anchor_generator=AnchorGenerator(((8, 32),) * 3, (RATIOS,) * 3),
        box_roi_pool=ops.MultiScaleRoIAlign(["0", "1"], 2, 2), box_head=faster_rcnn.TwoMLPHead(256 * 4, 16),
        box_predictor=faster_rcnn.FastRCNNPredictor(16, 5), **FEW)


NARROW = {
    "fpn": (fpn, ["backbone.body.layer3.0.conv1.weight", "backbone.fpn.inner_blocks.0.0.bias", "rpn.head.bbox_pred.bias",
                  "roi_heads.box_predictor.bbox_pred.bias"]),
    "single": (single, ["backbone.0.weight", "rpn.head.conv.1.0.bias", "roi_heads.box_head.0.1.weight", "roi_heads.box_predictor.cls_score.bias"]),
    "mobile": (mobile, ["backbone.body.9.block.0.1.weight", "backbone.fpn.layer_blocks.1.1.bias", "rpn.head.cls_logits.bias"]),
}
FULL = ["fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2", "fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn"]


def total(net):
    return sum((i + 1) * x.sum(dtype=torch.float64).item() for i, x in enumerate(net.state_dict().values()))


def targets():
    return [dict(t) for t in TARGETS]


def values(name, net, few):
    result = {"name": name, "sum": total(net)}
    net.eval()
    with torch.no_grad():
        result["found"] = [{k: encode(v[:few]) for k, v in d.items()} for d in net(IMAGES)]
    net.train()
    torch.manual_seed(1)
    losses = net(IMAGES, targets())
    sum(losses.values()).backward()
    result["losses"] = {k: encode(v) for k, v in losses.items()}
    return result


def narrow(name, make, parameters):
    torch.manual_seed(0)
    net = make()
    result = values(name, net, 8)
    named = dict(net.named_parameters())
    return {**result, "repr": repr(net), "names": list(net.state_dict()), "trained": sum(p.requires_grad for p in net.parameters()),
            "grads": {n: encode(named[n].grad.flatten()[:32]) for n in parameters}}


def full(name):
    with torch.device("meta"):
        net = getattr(detection, name)(weights=None, weights_backbone=None)
    lines = [f"{n} {list(x.shape)}" for n, x in net.state_dict().items()]
    return {"name": name, "keys": len(lines), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def whole(name):
    torch.manual_seed(0)
    net = getattr(detection, name)(weights=None, weights_backbone=None, min_size=64, max_size=96)
    return values(name, net, 3)


def cases():
    return {
        "images": [encode(x) for x in IMAGES],
        "targets": [{k: encode(v) for k, v in t.items()} for t in TARGETS],
        "full": [full(n) for n in FULL],
        "values": [whole(n) for n in FULL[:3]],
        "narrow": [narrow(n, *c) for n, c in NARROW.items()],
    }
