"""Networks as torchvision and others have them, in plain PyTorch and narrow, for the programs of exported.py."""

import torch
from torch import nn
from torch.nn import functional


def fill(model):
    """Sets all weights by a formula, so that a file of them is small when it is packed."""
    with torch.no_grad():
        for i, (name, x) in enumerate(model.state_dict().items()):
            if x.is_floating_point():
                wave = ((torch.arange(x.numel()) * 7919 + 131 * i) % 251 - 125) / 1000
                x.copy_(wave.view(x.shape) + (1 if x.dim() == 1 and not name.endswith(("bias", "mean")) else 0))
    return model


def normed(inputs, outputs, size, stride=1, groups=1, activation=None):
    layers = [nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = normed(inputs, outputs, 3, stride, activation=nn.ReLU)
        self.conv2 = normed(outputs, outputs, 3)
        self.downsample = normed(inputs, outputs, 1, stride) if stride != 1 or inputs != outputs else None

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        y += x if self.downsample is None else self.downsample(x)
        return functional.relu(y, inplace=True)


class ResNet18(nn.Module):
    def __init__(self, width=4, classes=5):
        super().__init__()
        self.stem = nn.Sequential(normed(3, width, 7, 2, activation=nn.ReLU), nn.MaxPool2d(3, 2, 1))
        layers, inputs = [], width
        for i in range(4):
            outputs = width << i
            layers += [BasicBlock(inputs, outputs, 1 if i == 0 else 2), BasicBlock(outputs, outputs, 1)]
            inputs = outputs
        self.layers, self.fc = nn.Sequential(*layers), nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.layers(self.stem(x))
        return self.fc(torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        scale = functional.relu(self.fc1(functional.adaptive_avg_pool2d(x, 1)))
        return functional.hardsigmoid(self.fc2(scale)) * x


class InvertedResidual(nn.Module):
    def __init__(self, inputs, kernel, expanded, outputs, excite, hard, stride):
        super().__init__()
        activation = nn.Hardswish if hard else nn.ReLU
        layers = [normed(inputs, expanded, 1, activation=activation)] if expanded != inputs else []
        layers.append(normed(expanded, expanded, kernel, stride, expanded, activation))
        if excite:
            layers.append(SqueezeExcitation(expanded, max(8, expanded // 4)))
        layers.append(normed(expanded, outputs, 1))
        self.block, self.residual = nn.Sequential(*layers), stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.block(x) if self.residual else self.block(x)


class MobileNetV3(nn.Module):
    """MobileNetV3 small, at a quarter of its width."""

    def __init__(self, classes=5):
        super().__init__()
        rows = [(3, 4, 4, True, False, 2), (3, 18, 6, False, False, 2), (3, 22, 6, False, False, 1), (5, 24, 10, True, True, 2),
                (5, 60, 10, True, True, 1), (5, 60, 10, True, True, 1), (5, 30, 12, True, True, 1), (5, 36, 12, True, True, 1),
                (5, 72, 24, True, True, 2), (5, 144, 24, True, True, 1), (5, 144, 24, True, True, 1)]
        layers, inputs = [normed(3, 4, 3, 2, activation=nn.Hardswish)], 4
        for kernel, expanded, outputs, excite, hard, stride in rows:
            layers.append(InvertedResidual(inputs, kernel, expanded, outputs, excite, hard, stride))
            inputs = outputs
        self.features = nn.Sequential(*layers, normed(inputs, 144, 1, activation=nn.Hardswish))
        self.classifier = nn.Sequential(nn.Linear(144, 64), nn.Hardswish(inplace=True), nn.Dropout(0.2, inplace=True), nn.Linear(64, classes))

    def forward(self, x):
        return self.classifier(torch.flatten(functional.adaptive_avg_pool2d(self.features(x), 1), 1))


class EncoderBlock(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Dropout(0.1), nn.Linear(hidden, width), nn.Dropout(0.1))

    def forward(self, x):
        y = self.ln_1(x)
        y, _ = self.attention(y, y, y, need_weights=False)
        x = x + y
        return x + self.mlp(self.ln_2(x))


class ViT(nn.Module):
    def __init__(self, image=16, patch=4, layers=3, heads=2, width=16, hidden=32, classes=5):
        super().__init__()
        self.conv_proj = nn.Conv2d(3, width, patch, patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, (image // patch) ** 2 + 1, width))
        self.layers = nn.Sequential(*[EncoderBlock(width, heads, hidden) for _ in range(layers)])
        self.ln, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, classes)

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.head(self.ln(self.layers(x))[:, 0])


class CachedAttention(nn.Module):
    """Attention to the tokens so far, whose keys and values are in buffers that it changes."""

    def __init__(self, width, heads, batch, length):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        for name in "keys", "values":
            self.register_buffer(name, torch.zeros(batch, heads, length, width // heads), persistent=False)

    def forward(self, x, at):
        b, t, width = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        self.keys[:b, :, at] = k
        self.values[:b, :, at] = v
        mask = torch.arange(self.keys.shape[2]) <= at[:, None]
        y = functional.scaled_dot_product_attention(q, self.keys[:b], self.values[:b], attn_mask=mask)
        return self.out(y.transpose(1, 2).reshape(b, t, width))


class CachedGPT(nn.Module):
    """A GPT that takes the next tokens and where they are, with weights that the embedding and the head share."""

    def __init__(self, words=13, width=8, layers=2, heads=2, batch=4, length=16):
        super().__init__()
        self.tokens, self.places = nn.Embedding(words, width), nn.Embedding(length, width)
        self.attention = nn.ModuleList(CachedAttention(width, heads, batch, length) for _ in range(layers))
        self.mlp = nn.ModuleList(nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)) for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * layers + 1))
        self.head = nn.Linear(width, words, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, ids, at):
        x = self.tokens(ids) + self.places(at)
        for i, (attention, mlp) in enumerate(zip(self.attention, self.mlp)):
            x = x + attention(self.norms[2 * i](x), at)
            x = x + mlp(self.norms[2 * i + 1](x))
        return self.head(self.norms[-1](x))
