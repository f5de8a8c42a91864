"""Golden cases for torch/vision/models: torch/vision/models/testdata/models.json.gz.

They need torchvision 0.29.2.

  inits     of each model, made after manual_seed(0):
    keys    how many tensors its state dict has
    digest  the SHA-256 of their names and shapes, a line each
    sum     the sum of all their elements, each tensor's times its number from 1 on
  larger    the same without sum, of models that are made without elements
  x         the images that forwards take
  forwards  of small configurations, made after manual_seed(0):
    eval    what a new network gives in evaluation mode
    train   what it gives in training mode after manual_seed(1)
    grads   the gradients that train's sum of squares has, of some parameters
    sum     that of inits, afterwards
"""

import hashlib

import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformer, SwinTransformerBlockV2
from torchvision.models.vision_transformer import ConvStemConfig, VisionTransformer

from .tensors import encode

INITS = {
    **{n: {} for n in [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
        "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2", "mobilenet_v3_large", "mobilenet_v3_small",
        "vgg11", "vgg11_bn", "vit_b_16", "vit_b_32", "densenet121", "efficientnet_b0"]},
    # without draws of their own, which take long
    **{n: {"init_weights": False} for n in ["vgg13_bn", "vgg16", "vgg16_bn", "vgg19_bn"]},
}


def group_norm(channels):
    return nn.GroupNorm(2, channels)


FORWARDS = {
    "resnet18": (lambda: models.resnet18(num_classes=10), ["bn1.weight", "layer4.1.bn2.bias", "fc.bias"]),
    "resnet50 dilated": (lambda: models.resnet50(num_classes=5, replace_stride_with_dilation=[False, True, True]),
                         ["layer4.2.bn3.weight", "layer1.0.downsample.1.bias", "fc.bias"]),
    "resnext": (lambda: models.ResNet(models.resnet.Bottleneck, [1, 1, 2, 1], num_classes=4, groups=8, width_per_group=4,
                                      zero_init_residual=True), ["bn1.bias", "layer3.1.bn3.weight", "fc.bias"]),
    "resnet18 group norm": (lambda: models.resnet18(num_classes=3, norm_layer=group_norm, zero_init_residual=True),
                            ["bn1.weight", "layer2.0.downsample.1.weight", "fc.bias"]),
    "mobilenet_v3_small": (lambda: models.mobilenet_v3_small(num_classes=10), ["features.0.0.weight", "features.4.block.2.fc1.bias", "classifier.3.bias"]),
    "mobilenet_v3_large": (lambda: models.mobilenet_v3_large(num_classes=6, width_mult=0.5, reduced_tail=True, dilated=True, dropout=0.5),
                           ["features.0.1.weight", "features.13.block.1.1.bias", "classifier.3.bias"]),
    "vgg11_bn": (lambda: models.vgg11_bn(num_classes=4, dropout=0.3), ["features.0.weight", "features.26.weight", "classifier.6.bias"]),
    "vit": (lambda: VisionTransformer(32, 8, 2, 2, 16, 24, num_classes=7, dropout=0.1, attention_dropout=0.2, representation_size=9),
            ["class_token", "conv_proj.bias", "encoder.layers.encoder_layer_1.mlp.0.weight", "heads.head.weight", "heads.pre_logits.bias"]),
    "vit stem": (lambda: VisionTransformer(32, 8, 1, 4, 16, 24, num_classes=7, conv_stem_configs=[
        ConvStemConfig(4, 3, 2), ConvStemConfig(8, 3, 2), ConvStemConfig(8, 3, 2)]),
        ["conv_proj.conv_bn_relu_0.0.weight", "encoder.pos_embedding", "heads.head.bias"]),
    "densenet": (lambda: models.DenseNet(4, (1, 3, 1, 1), 8, bn_size=2, drop_rate=0.3, num_classes=5),
                 ["features.norm0.weight", "features.denseblock2.denselayer3.conv2.weight", "features.transition1.conv.weight", "classifier.bias"]),
    "densenet efficient": (lambda: models.DenseNet(4, (1, 2, 1, 1), 8, num_classes=5, memory_efficient=True),
                           ["features.conv0.weight", "features.denseblock2.denselayer1.conv1.weight", "classifier.bias"]),
    "convnext": (lambda: models.ConvNeXt([CNBlockConfig(4, 8, 2), CNBlockConfig(8, None, 2)], stochastic_depth_prob=0.5, layer_scale=0.5, num_classes=5),
                 ["features.0.0.weight", "features.1.1.layer_scale", "features.3.1.block.3.weight", "classifier.0.bias"]),
    "efficientnet": (lambda: models.EfficientNet([
        MBConvConfig(1, 3, 1, 8, 8, 1), FusedMBConvConfig(1, 3, 1, 8, 8, 2), FusedMBConvConfig(4, 3, 2, 8, 16, 2), MBConvConfig(2, 5, 2, 16, 24, 2)],
        dropout=0.3, stochastic_depth_prob=0.5, num_classes=5, last_channel=32),
        ["features.0.0.weight", "features.1.0.block.1.fc1.bias", "features.3.1.block.0.0.weight", "features.4.1.block.3.1.weight", "classifier.1.bias"]),
    "swin": (lambda: SwinTransformer([2, 4], 8, [2, 2], [2, 4], [3, 4], mlp_ratio=1.5, dropout=0.1, attention_dropout=0.2, stochastic_depth_prob=0.5, num_classes=5),
             ["features.0.0.weight", "features.1.1.attn.relative_position_bias_table", "features.1.1.mlp.0.weight", "features.2.reduction.weight",
              "features.3.1.attn.qkv.bias", "head.bias"]),
    "swin v2": (lambda: SwinTransformer([2, 2], 8, [1, 2], [1, 2], [4, 4], dropout=0.1, attention_dropout=0.2, num_classes=5,
                                        block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2),
                ["features.0.2.weight", "features.1.0.attn.logit_scale", "features.1.0.attn.cpb_mlp.0.bias", "features.2.norm.weight",
                 "features.3.1.attn.qkv.bias", "head.bias"]),
}

# Of the larger ones, only the names and shapes.
LARGER = [
    "densenet161", "densenet169", "densenet201", "convnext_tiny", "convnext_small", "convnext_base", "convnext_large",
    *[f"efficientnet_b{i}" for i in range(1, 8)], *[f"efficientnet_v2_{size}" for size in "sml"],
    *[f"swin_{size}" for size in "tsb"], *[f"swin_v2_{size}" for size in "tsb"],
]


def total(net):
    return sum((i + 1) * x.sum(dtype=torch.float64).item() for i, x in enumerate(net.state_dict().values()))


def shapes(name, net):
    lines = [f"{n} {list(x.shape)}" for n, x in net.state_dict().items()]
    return {"name": name, "keys": len(lines), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def init(name, options):
    torch.manual_seed(0)
    net = getattr(models, name)(**options)
    return {**shapes(name, net), "sum": total(net)}


def larger(name):
    with torch.device("meta"):
        return shapes(name, getattr(models, name)())


def forward(x, name, make, parameters):
    torch.manual_seed(0)
    net = make()
    if name.startswith("vit"):  # its head begins with zeros
        nn.init.normal_(net.heads.head.weight)
    net.eval()
    with torch.no_grad():
        result = {"name": name, "eval": encode(net(x))}
    net.train()
    torch.manual_seed(1)
    y = net(x)
    (y * y).sum().backward()
    named = dict(net.named_parameters())
    return {**result, "train": encode(y), "grads": {n: encode(named[n].grad) for n in parameters}, "sum": total(net)}


def cases():
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    return {
        "x": encode(x),
        "inits": [init(n, o) for n, o in INITS.items()],
        "larger": [larger(n) for n in LARGER],
        "forwards": [forward(x, n, *f) for n, f in FORWARDS.items()],
        "repr": {n: repr(getattr(models, n)()) for n in ["resnet18", "mobilenet_v3_small", "vit_b_32", "convnext_tiny", "efficientnet_b0", "swin_t", "swin_v2_t"]},
    }
