"""Golden cases of modules that pad, rearrange and resize: torch/nn/testdata/shapes.json.gz."""

import torch
from torch import nn

from .errors import errors
from .modules import case

g = torch.Generator().manual_seed(57)


def randn(*size, dtype=torch.float32):
    return torch.randn(*size, generator=g, dtype=dtype)


def pads(sequence, image, volume):
    cases = [
        case("ConstantPad1d", lambda: nn.ConstantPad1d(2, 3.5), sequence),
        case("ConstantPad2d", lambda: nn.ConstantPad2d((1, 0, 2, -1), 1), image),
        case("ConstantPad3d", lambda: nn.ConstantPad3d((1, 2, 0, 1, 1, 0), -1e-5), volume[0]),
        case("ZeroPad1d", lambda: nn.ZeroPad1d((1, 2)), sequence[0]),
        case("ZeroPad2d", lambda: nn.ZeroPad2d(1), image),
        case("ZeroPad3d", lambda: nn.ZeroPad3d((1, 2, 0, 1, -1, 0)), volume),
    ]
    for kind in ("Reflection", "Replication", "Circular"):
        make = lambda d, widths: getattr(nn, f"{kind}Pad{d}d")(widths)
        cases += [
            case(f"{kind}Pad1d", lambda: make(1, 2), sequence),
            case(f"{kind}Pad1d pair", lambda: make(1, (2, 1)), sequence[0]),
            case(f"{kind}Pad2d", lambda: make(2, 1), image[0]),
            case(f"{kind}Pad2d pairs", lambda: make(2, (1, 0, 2, 1)), image),
            case(f"{kind}Pad3d", lambda: make(3, 1), volume),
            case(f"{kind}Pad3d pairs", lambda: make(3, (1, 2, 0, 1, 1, 0)), volume[0]),
        ]
    return cases


def upsamplings(sequence, image, volume):
    return [
        case("Upsample", lambda: nn.Upsample(scale_factor=2), sequence),
        case("Upsample size", lambda: nn.Upsample(size=(3, 7)), image),
        case("Upsample size of all", lambda: nn.Upsample(5, mode="nearest-exact"), image),
        case("Upsample linear", lambda: nn.Upsample(scale_factor=1.7, mode="linear"), sequence),
        case("Upsample bilinear", lambda: nn.Upsample(scale_factor=(2, 0.5), mode="bilinear", align_corners=True), image),
        case("Upsample bicubic", lambda: nn.Upsample((6, 5), mode="bicubic", align_corners=False), image),
        case("Upsample trilinear", lambda: nn.Upsample(scale_factor=1.5, mode="trilinear", recompute_scale_factor=True), volume),
        case("Upsample area", lambda: nn.Upsample((2, 2), mode="area"), image),
        case("UpsamplingNearest2d", lambda: nn.UpsamplingNearest2d(scale_factor=2), image),
        case("UpsamplingNearest2d size", lambda: nn.UpsamplingNearest2d(size=3), image),
        case("UpsamplingBilinear2d", lambda: nn.UpsamplingBilinear2d(scale_factor=(1.5, 2)), image),
    ]


def rearrangements(image):
    return [
        case("PixelShuffle", lambda: nn.PixelShuffle(2), randn(1, 8, 2, 3)),
        case("PixelUnshuffle", lambda: nn.PixelUnshuffle(2), image),
        case("ChannelShuffle", lambda: nn.ChannelShuffle(2), randn(1, 6, 2, 2)),
        case("Unfold", lambda: nn.Unfold(2), image),
        case("Unfold options", lambda: nn.Unfold((2, 3), dilation=(1, 2), padding=1, stride=(2, 1)), image[0]),
        case("Fold", lambda: nn.Fold((3, 4), 2), randn(1, 8, 6)),
        case("Fold options", lambda: nn.Fold(output_size=4, kernel_size=(2, 3), dilation=(2, 1), padding=(0, 1), stride=2), randn(6, 2)),
        case("Flatten options", lambda: nn.Flatten(0, 2), image),
        case("Unflatten", lambda: nn.Unflatten(1, (2, 1)), image),
        case("Unflatten the rest", lambda: nn.Unflatten(-1, (-1, 3)), image),
    ]


def failures():
    row, x = torch.zeros(1, 1, 3), torch.zeros(1, 2, 3, 3)
    return errors({
        "reflection": lambda: nn.ReflectionPad1d(3)(row),
        "reflection dimensions": lambda: nn.ReflectionPad2d(1)(torch.zeros(3)),
        "replication of nothing": lambda: nn.ReplicationPad1d(1)(torch.zeros(1, 1, 0)),
        "circle": lambda: nn.CircularPad1d(4)(row),
        "circle dimensions": lambda: nn.CircularPad2d(1)(torch.zeros(3)),
        "cut off": lambda: nn.ZeroPad1d(-2)(row),
        "odd widths": lambda: nn.ConstantPad1d((1, 2, 3), 0.0)(row),
        "pixel shuffle channels": lambda: nn.PixelShuffle(2)(x),
        "pixel shuffle factor": lambda: nn.PixelShuffle(0)(x),
        "pixel unshuffle height": lambda: nn.PixelUnshuffle(2)(x),
        "channel shuffle groups": lambda: nn.ChannelShuffle(4)(x),
        "upsample nothing": lambda: nn.Upsample()(x),
        "upsample both": lambda: nn.Upsample(2, 2)(x),
        "upsample dimensions": lambda: nn.Upsample((2, 2, 2))(x),
        "upsample factors": lambda: nn.Upsample(scale_factor=(2.0, 1.5, 2.0))(x),
        "upsample mode": lambda: nn.Upsample(2, mode="cubic")(x),
        "upsample linear": lambda: nn.Upsample(2, mode="linear")(x),
        "upsample corners": lambda: nn.Upsample(2, align_corners=True)(x),
        "upsample recomputed": lambda: nn.Upsample(2, recompute_scale_factor=True)(x),
        "unfold kernel": lambda: nn.Unfold(4)(x),
        "unfold stride": lambda: nn.Unfold(2, stride=0)(x),
        "fold columns": lambda: nn.Fold(4, 2)(torch.zeros(1, 4, 8)),
        "fold channels": lambda: nn.Fold(4, 2)(torch.zeros(1, 5, 9)),
        "unflatten": lambda: nn.Unflatten(1, (2, 2))(x),
        "unflatten nothing": lambda: nn.Unflatten(1, ())(x),
    })


def cases():
    sequence, image, volume = randn(2, 2, 5), randn(1, 2, 4, 6), randn(1, 1, 3, 3, 4)
    modules = pads(sequence, image, volume) + upsamplings(sequence, image, volume) + rearrangements(image)
    return {"modules": modules, "errors": failures()}
