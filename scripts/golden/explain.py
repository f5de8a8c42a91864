"""Golden values of Captum: torch/utils/explain/testdata/explain.json.

Needs the captum package too. It rounds to float32 on the way, but for saliency.
"""

import torch
from captum.attr import IntegratedGradients, Occlusion, Saliency

from .tensors import encode


def cases():
    g = torch.Generator().manual_seed(3)
    x = torch.randn(3, 2, 5, 4, dtype=torch.float64, generator=g)
    w1 = torch.randn(6, 40, dtype=torch.float64, generator=g) / 6
    w2 = torch.randn(4, 6, dtype=torch.float64, generator=g)
    baseline = torch.full_like(x, 0.25)
    target = torch.tensor([1, 3, 0])

    def f(x):
        return torch.tanh(x.flatten(1) @ w1.T) @ w2.T

    gradients = IntegratedGradients(f)
    occlusion = Occlusion(f)
    return [
        {
            "x": encode(x),
            "w1": encode(w1),
            "w2": encode(w2),
            "baseline": encode(baseline),
            "target": encode(target),
            "saliency": encode(Saliency(f).attribute(x.clone(), target)),
            "signed": encode(Saliency(f).attribute(x.clone(), target, abs=False)),
            "integrated": encode(gradients.attribute(x, target=target)),
            "integrated_baseline": encode(gradients.attribute(x, baseline, target=target, n_steps=7)),
            "occlusion": encode(occlusion.attribute(x, (2, 3, 2), target=target).double()),
            "occlusion_strides": encode(
                occlusion.attribute(x, (1, 3, 3), strides=(1, 2, 2), target=target, baselines=baseline).double()
            ),
        }
    ]
