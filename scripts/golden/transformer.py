"""Golden cases of Transformer and its parts: torch/nn/testdata/transformer.json.gz.
torch/nn/transformer_test.go has the same modules in Go, by name."""

import torch
from torch import nn

from .errors import errors
from .modules import case


def masked(count, *names, grad=True, **options):
    """Calls a module with count inputs and then masks, whose names are given."""

    def call(module, *inputs):
        with torch.set_grad_enabled(grad):
            return module(*inputs[:count], **dict(zip(names, inputs[count:])), **options)

    return call


def cases():
    g = torch.Generator().manual_seed(47)
    x = torch.randn(3, 2, 4, generator=g)
    memory = torch.randn(5, 2, 4, generator=g)
    first, memory_first = x.transpose(0, 1).contiguous(), memory.transpose(0, 1).contiguous()
    end = torch.tensor([[False, False, True], [False, False, False]])
    start = torch.tensor([[True, False, False], [False, False, True]])
    memory_end = torch.tensor([[False, False, False, True, True], [False] * 5])
    causal = nn.Transformer.generate_square_subsequent_mask(3)
    memory_mask = torch.randn(3, 5, generator=g)
    pairs = torch.tensor([[False, True, False], [False, False, True], [True, False, False]])

    def layer(heads=2, **options):
        return nn.TransformerEncoderLayer(4, heads, 6, **options)

    def decoder_layer(**options):
        return nn.TransformerDecoderLayer(4, 2, 6, **options)

    def encoder(norm=None, layer=layer, nested=True, check=True, **options):
        return lambda: nn.TransformerEncoder(layer(batch_first=True, **options), 2, norm, nested, check)

    def transformer(**options):
        return lambda: nn.Transformer(4, 2, 2, 1, 6, **options)

    def fast(name, make, *inputs, names=(), **options):
        return case(name, make, *inputs, train=False, backward=False, call=masked(1, *names, grad=False, **options))

    def custom():
        return nn.Transformer(
            4, 2, num_encoder_layers=1, dim_feedforward=6, dropout=0.0,
            custom_encoder=nn.TransformerEncoder(layer(dropout=0.0), 1, enable_nested_tensor=False),
            custom_decoder=nn.TransformerDecoder(decoder_layer(dropout=0.0), 1))

    zeros = torch.zeros
    net = nn.Transformer(4, 2, 1, 1, 6)
    return {
        "modules": [
            case("layer", lambda: layer(), x),
            case("layer with options", lambda: layer(dropout=0.5, activation="gelu", layer_norm_eps=0.01, batch_first=True, norm_first=True, bias=False),
                 first, end, call=masked(1, "src_key_padding_mask")),
            case("layer with a function", lambda: layer(activation=torch.tanh, dropout=0.0), x, causal,
                 call=masked(1, "src_mask", is_causal=True)),
            case("layer with a module", lambda: layer(activation=nn.PReLU(dtype=torch.float64), dtype=torch.float64), x.double()),
            case("layer unbatched", lambda: layer(batch_first=True), x[:, 0], pairs, call=masked(1, "src_mask"), train=False),
            fast("layer fast", lambda: layer(batch_first=True), first),
            fast("layer fast before norms", lambda: layer(batch_first=True, norm_first=True, activation=nn.GELU()), first, pairs, names=["src_mask"]),
            fast("layer fast with both masks", lambda: layer(batch_first=True, activation=nn.ReLU()), first, pairs, end,
                 names=["src_mask", "src_key_padding_mask"]),
            fast("layer slow since of its function", lambda: layer(batch_first=True, activation=torch.sigmoid), first, end,
                 names=["src_key_padding_mask"]),
            fast("layer slow since heads are odd", lambda: layer(heads=1, batch_first=True), first),
            case("decoder layer", decoder_layer, x, memory),
            case("decoder layer with options", lambda: decoder_layer(dropout=0.25, activation="gelu", norm_first=True, batch_first=True, bias=False),
                 first, memory_first, causal, memory_mask, end, memory_end.float(),
                 call=masked(2, "tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask")),
            case("decoder layer causal", lambda: decoder_layer(activation=nn.SiLU()), x, memory[:3], causal, causal, train=False,
                 call=masked(2, "tgt_mask", "memory_mask", tgt_is_causal=True, memory_is_causal=True)),
            case("encoder", lambda: nn.TransformerEncoder(layer(), 2, enable_nested_tensor=False), x),
            case("encoder with norm", encoder(nn.LayerNorm(4)), first, end, call=masked(1, "src_key_padding_mask")),
            case("encoder causal", encoder(), first, causal, call=masked(1, "mask"), train=False),
            fast("encoder fast", encoder(), first),
            fast("encoder nested", encoder(), first, end, names=["src_key_padding_mask"]),
            fast("encoder nested with norm", encoder(nn.LayerNorm(4)), first, end, names=["src_key_padding_mask"]),
            fast("encoder not nested since not aligned", encoder(), first, start, names=["src_key_padding_mask"]),
            fast("encoder not nested since not wanted", encoder(nested=False), first, end, names=["src_key_padding_mask"]),
            fast("encoder not nested since masked", encoder(), first, end, pairs, names=["src_key_padding_mask", "mask"]),
            fast("encoder nested without a check", encoder(check=False), first, end, names=["src_key_padding_mask"]),
            fast("encoder not nested since norms come first", encoder(norm_first=True, nested=False), first, end, names=["src_key_padding_mask"]),
            case("decoder", lambda: nn.TransformerDecoder(decoder_layer(), 2, nn.LayerNorm(4)), x, memory, causal, call=masked(2, "tgt_mask")),
            case("decoder eval", lambda: nn.TransformerDecoder(decoder_layer(batch_first=True), 2), first, memory_first, pairs, memory_mask, train=False,
                 call=masked(2, "tgt_mask", "memory_mask", tgt_is_causal=False)),
            case("transformer", transformer(), memory, x),
            case("transformer with options", transformer(dropout=0.2, activation="gelu", layer_norm_eps=0.01, batch_first=True, norm_first=True, bias=False),
                 memory_first, first, causal, memory_end, end, memory_end,
                 call=masked(2, "tgt_mask", "src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask")),
            case("transformer masked", transformer(), x, x, causal, causal, causal, train=False,
                 call=masked(2, "src_mask", "tgt_mask", "memory_mask", src_is_causal=True, tgt_is_causal=True, memory_is_causal=True)),
            case("transformer of one's own", custom, memory, x),
            case("transformer eval", transformer(batch_first=True), memory_first, first, memory_end, train=False,
                 call=masked(2, "src_key_padding_mask", grad=False), backward=False),
        ],
        "errors": errors({
            "activation": lambda: layer(activation="tanh"),
            "divisible": lambda: layer(heads=3),
            "dropout": lambda: layer(dropout=1.5),
            "batch": lambda: net(zeros(3, 2, 4), zeros(3, 1, 4)),
            "features": lambda: net(zeros(3, 2, 4), zeros(3, 2, 5)),
            "mask dtype": lambda: layer()(x, torch.zeros(3, 3).int()),
            "mask of encoder": lambda: net.encoder(x, src_key_padding_mask=zeros(2, 3).int()),
            "mask shape": lambda: decoder_layer()(x, memory, memory_mask=zeros(3, 3)),
        }),
    }
