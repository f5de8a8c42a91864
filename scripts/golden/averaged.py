"""Golden cases for AveragedModel: torch/optim/testdata/averaged.json.

Five models are averaged in different ways. Each has a parameter and two buffers.

  models   weight, mean and count of each model
  average  weight, mean and count of the average, by kind, after all five
"""

import torch
from torch import nn
from torch.optim import swa_utils

from .tensors import encode


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(7))
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("count", torch.tensor(0))


def models():
    generator = torch.Generator().manual_seed(5)
    for i in range(5):
        net = Net()
        with torch.no_grad():
            net.weight.copy_(torch.randn(7, generator=generator))
            net.mean.copy_(torch.randn(2, generator=generator))
            net.count.fill_(3 * i * i)
        yield net


def cases():
    """Everything, as JSON's types."""
    kinds = {
        "default": {},
        "default with buffers": {"use_buffers": True},
        "swa": {"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()},
        "ema": {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.9)},
        "ema with buffers": {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.9), "use_buffers": True},
    }

    def values(net):
        return [encode(x) for x in [net.weight, net.mean, net.count]]

    average = {}
    for name, options in kinds.items():
        averaged = swa_utils.AveragedModel(Net(), **options)
        for net in models():
            averaged.update_parameters(net)
        average[name] = values(averaged.module)
    return {"models": [values(net) for net in models()], "average": average, "names": list(averaged.state_dict())}
