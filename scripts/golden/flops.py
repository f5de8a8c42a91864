"""FLOP counts by module of torch.utils.flop_counter: torch/utils/flopcounter/testdata/flops.json.

Needs the tabulate package too.
"""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(7, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, stride=2, groups=2), nn.BatchNorm2d(4)
        )
        self.up = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.fc = nn.Linear(2 * 6 * 6, 10)

    def forward(self, x):
        return self.fc(self.up(self.features(x)).flatten(1))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(12, 36), nn.Linear(12, 12)
        self.mha, self.norm = nn.MultiheadAttention(12, 3, batch_first=True), nn.LayerNorm(12)

    def forward(self, x):
        n, length, width = x.shape
        q, k, v = (t.view(n, length, 3, 4).transpose(1, 2) for t in self.qkv(x).chunk(3, -1))
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = self.norm(x + self.out(y.transpose(1, 2).reshape(n, length, width)))
        return x + self.mha(x, x, x, need_weights=False)[0]


def case(name, net, x, run):
    with FlopCounterMode(display=False) as mode:
        run(net, x)
    return {
        "name": name,
        "total": mode.get_total_flops(),
        "counts": {
            module: {str(op).replace("aten.", "aten::"): n for op, n in ops.items()}
            for module, ops in mode.get_flop_counts().items()
        },
        "table": mode.get_table(),
        "deep": mode.get_table(4),
    }


def cases():
    runs = {
        "forward": lambda net, x: net(x),
        "step": lambda net, x: net(x).sum().backward(),
        "inputs": lambda net, x: net(x.requires_grad_()).sum().backward(),
        "product": lambda net, x: (net(x).sum() + (x.flatten(1) @ x.flatten(1).T).sum()).backward(),
    }
    nets = {"MLP": (MLP, (4, 7)), "CNN": (CNN, (2, 3, 8, 8)), "Attention": (Attention, (2, 6, 12))}
    return [
        case(f"{name} {run}", net(), torch.randn(shape), f)
        for name, (net, shape) in nets.items()
        for run, f in runs.items()
    ] + [case("nothing", MLP(), torch.randn(4, 7), lambda net, x: x.exp())]
