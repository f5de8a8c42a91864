"""Golden cases for torch/vision/transforms: torch/vision/transforms/testdata/transforms.json.gz.

They need torchvision 0.29.2. Each transform is called several times after
manual_seed(0), on an image of bytes and one of floating-point numbers.

  images      what they are called with: bytes, floats, and a batch of bytes
  transforms  by its name, what printing one gives, and what it makes of each image:
              a list for each call, or the words of the error
  functions   the same of functions, called once
"""

import torch
from torchvision import transforms as T
from torchvision.transforms import functional as F
from torchvision.transforms import v2
from torchvision.transforms.functional import InterpolationMode as M

from .tensors import encode

CALLS = 3
MORE = 12  # of those that choose from many operations


def images():
    generator = torch.Generator().manual_seed(5)
    smooth = torch.rand(3, 4, 5, generator=generator)
    smooth = torch.nn.functional.interpolate(smooth[None], size=(12, 15), mode="bicubic")[0].clamp(0, 1)
    noise = torch.rand(3, 12, 15, generator=generator)
    image = (0.7 * smooth + 0.3 * noise).clamp(0, 1)
    data = (image * 255).to(torch.uint8)
    return {"bytes": data, "floats": image, "batch": torch.stack([data, data.flip(-1)]), "gray": data[:1]}


TRANSFORMS = {
    "ToTensor": T.Lambda(lambda x: x.float().div(255) if x.dtype == torch.uint8 else x),
    "ConvertImageDtype float64": T.ConvertImageDtype(torch.float64),
    "ConvertImageDtype int16": T.ConvertImageDtype(torch.int16),
    "ConvertImageDtype uint8": T.ConvertImageDtype(torch.uint8),
    "Normalize": T.Compose([T.ConvertImageDtype(torch.float32), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]),
    "Resize 7": T.Resize(7),
    "Resize 20": T.Resize(20, max_size=22),
    "Resize (5, 9)": T.Resize((5, 9)),
    "Resize bicubic": T.Resize((6, 20), interpolation=M.BICUBIC),
    "Resize nearest": T.Resize((6, 20), interpolation=M.NEAREST),
    "Resize nearest-exact": T.Resize((6, 20), interpolation=M.NEAREST_EXACT),
    "Resize without antialias": T.Resize((5, 9), antialias=False),
    "CenterCrop 5": T.CenterCrop(5),
    "CenterCrop (9, 20)": T.CenterCrop((9, 20)),
    "Pad 2": T.Pad(2),
    "Pad fill": T.Pad((1, 2), fill=1),
    "Pad edge": T.Pad((1, 2, 3, 4), padding_mode="edge"),
    "Pad reflect": T.Pad((1, 2, 3, 4), padding_mode="reflect"),
    "Pad symmetric": T.Pad((1, 2, -3, 4), padding_mode="symmetric"),
    "RandomCrop": T.RandomCrop(8),
    "RandomCrop padded": T.RandomCrop((10, 11), padding=2, padding_mode="reflect"),
    "RandomCrop if needed": T.RandomCrop((14, 13), pad_if_needed=True, fill=1),
    "RandomHorizontalFlip": T.RandomHorizontalFlip(),
    "RandomVerticalFlip": T.RandomVerticalFlip(p=0.7),
    "RandomResizedCrop": T.RandomResizedCrop(6),
    "RandomResizedCrop bicubic": T.RandomResizedCrop((5, 7), scale=(0.5, 0.9), ratio=(0.5, 0.6), interpolation=M.BICUBIC),
    "RandomResizedCrop too tall": T.RandomResizedCrop(6, scale=(4.0, 5.0), ratio=(0.2, 0.3)),
    "RandomResizedCrop too wide": T.RandomResizedCrop(6, scale=(4.0, 5.0), ratio=(3.0, 4.0)),
    "Grayscale": T.Grayscale(),
    "Grayscale 3": T.Grayscale(3),
    "RandomGrayscale": T.RandomGrayscale(0.5),
    "ColorJitter": T.ColorJitter(0.4, 0.3, 0.2, 0.1),
    "ColorJitter ranges": T.ColorJitter(brightness=(0.5, 2.0), hue=(-0.3, 0.5)),
    "RandomRotation": T.RandomRotation(30),
    "RandomRotation expand": T.RandomRotation((20, 80), interpolation=M.BILINEAR, expand=True, fill=0.5),
    "RandomRotation center": T.RandomRotation(45, center=(2, 3), fill=[0.1, 0.2, 0.3]),
    "RandomAffine": T.RandomAffine(20, translate=(0.1, 0.2), scale=(0.8, 1.3), shear=10),
    "RandomAffine shear": T.RandomAffine((0, 90), shear=(-5, 5, -10, 10), interpolation=M.BILINEAR, fill=1, center=(0, 0)),
    "RandomPerspective": T.RandomPerspective(0.4, p=0.8),
    "ElasticTransform": T.ElasticTransform(alpha=30.0, sigma=1.5),
    "GaussianBlur": T.GaussianBlur(5),
    "GaussianBlur (3, 7)": T.GaussianBlur((3, 7), sigma=(0.5, 1.0)),
    "RandomErasing": T.RandomErasing(p=0.8),
    "RandomErasing random": T.RandomErasing(p=1.0, value="random"),
    "RandomErasing values": T.RandomErasing(p=1.0, scale=(0.1, 0.2), ratio=(1.0, 2.0), value=(1.0, 0.0, 1.0)),
    "RandomInvert": T.RandomInvert(),
    "RandomPosterize": T.RandomPosterize(2),
    "RandomSolarize": T.RandomSolarize(0.5, p=0.9),
    "RandomAdjustSharpness": T.RandomAdjustSharpness(2),
    "RandomAdjustSharpness blur": T.RandomAdjustSharpness(0.3, p=1.0),
    "RandomAutocontrast": T.RandomAutocontrast(),
    "RandomEqualize": T.RandomEqualize(),
    "RandomApply": T.RandomApply([T.RandomVerticalFlip(1.0), T.CenterCrop(4)], p=0.4),
    "RandomChoice": v2.RandomChoice([T.CenterCrop(4), T.RandomHorizontalFlip(1.0), T.Pad(1)], p=[1, 2, 3]),
    "RandomOrder": v2.RandomOrder([T.CenterCrop(4), T.Pad(1), T.Resize((6, 6))]),
    "AutoAugment": T.AutoAugment(),
    "AutoAugment cifar10": T.AutoAugment(T.AutoAugmentPolicy.CIFAR10, interpolation=M.BILINEAR, fill=[1.0]),
    "AutoAugment svhn": T.AutoAugment(T.AutoAugmentPolicy.SVHN),
    "RandAugment": T.RandAugment(),
    "RandAugment 3": T.RandAugment(3, magnitude=5, num_magnitude_bins=11, interpolation=M.BILINEAR, fill=[2.0]),
    "TrivialAugmentWide": T.TrivialAugmentWide(),
    "AugMix": T.AugMix(),
    "AugMix 5": T.AugMix(severity=5, mixture_width=2, chain_depth=2, alpha=0.5, all_ops=False, interpolation=M.NEAREST),
    "Compose": T.Compose([T.Resize(9), T.CenterCrop(8), T.RandomHorizontalFlip(), T.ConvertImageDtype(torch.float32)]),
}

FUNCTIONS = {
    "five_crop": lambda x: torch.stack(F.five_crop(x, (5, 6))),
    "ten_crop": lambda x: torch.stack(F.ten_crop(x, (5, 6), vertical_flip=True)),
    "crop outside": lambda x: F.crop(x, -2, 9, 7, 9),
    "adjust_gamma": lambda x: F.adjust_gamma(x, 0.7, 1.2),
    "adjust_brightness": lambda x: F.adjust_brightness(x, 1.7),
    "adjust_contrast": lambda x: F.adjust_contrast(x, 0.4),
    "adjust_saturation": lambda x: F.adjust_saturation(x, 2.5),
    "adjust_hue": lambda x: F.adjust_hue(x, -0.25),
    "gaussian_blur": lambda x: F.gaussian_blur(x, (3, 5)),
    "rotate": lambda x: F.rotate(x, 33.0),
    "affine": lambda x: F.affine(x, 15.0, [1, 2], 0.9, [5.0, 3.0], interpolation=M.BILINEAR),
    "perspective": lambda x: F.perspective(x, [[0, 0], [14, 0], [14, 11], [0, 11]], [[2, 1], [13, 0], [12, 10], [1, 11]]),
    "erase": lambda x: F.erase(x, 1, 2, 3, 4, torch.tensor(1)),
}


def result(f, x, calls):
    torch.manual_seed(0)
    try:
        return [encode(f(x)) for _ in range(calls)]
    except (TypeError, ValueError, RuntimeError) as e:
        return str(e)


def cases():
    xs = images()
    every = lambda f, calls: {n: result(f, x, calls) for n, x in xs.items()}
    return {
        "images": {n: encode(x) for n, x in xs.items()},
        "transforms": {n: {"repr": repr(t), "results": every(t, MORE if "Aug" in n else CALLS)} for n, t in TRANSFORMS.items()},
        "functions": {n: every(f, 1) for n, f in FUNCTIONS.items()},
    }
