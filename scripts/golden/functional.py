"""Functions of torch.nn.functional whose Go form is written by hand:
torch/nn/functional/golden_test.go has the same in Go, by name. Each is called on
fresh inputs after manual_seed(3); its outputs' sum with ups is differentiated."""

import torch
import torch.nn.functional as F

from golden.tensors import encode


def inputs():
    g = torch.Generator().manual_seed(23)

    def f(*size):
        return torch.randn(size, generator=g)

    def i(high, *size):
        return torch.randint(0, high, size, generator=g)

    return {
        "x": f(3, 4), "y": f(3, 4), "z": f(3, 4), "p": torch.rand((3, 4), generator=g), "t": torch.rand((3, 4), generator=g),
        "pw": torch.rand((4,), generator=g) + 0.5, "cw": torch.rand((3, 4), generator=g) + 0.5, "sign": torch.tensor([1.0, -1.0, 1.0]),
        "signs": torch.tensor([[1.0, -1.0, 1.0, 1.0], [-1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, 1.0]]),
        "class": torch.tensor([1, 3, 0]), "labels": torch.tensor([[3, 0, -1, 1], [1, -1, 2, 0], [0, 1, 2, 3]]),
        "logp": F.log_softmax(f(6, 2, 5), -1), "targets": torch.tensor([[1, 2, 3], [4, 1, 2]]), "ilen": torch.tensor([6, 5]), "tlen": torch.tensor([3, 2]),
        "seq": f(2, 3, 7), "img": f(2, 3, 4, 5), "vol": f(1, 2, 3, 4, 3), "one": f(1, 4, 3, 3), "theta": f(2, 2, 3), "theta3": f(1, 3, 4),
        "grid": torch.rand((2, 3, 2, 2), generator=g) * 2.4 - 1.2, "cols": f(2, 12, 6), "w": f(5, 3), "idx": i(5, 2, 4), "flat": i(5, 7),
        "off": torch.tensor([0, 3, 3]), "offend": torch.tensor([0, 3, 7]), "psw": f(2, 4), "var": torch.rand((3, 4), generator=g) + 0.1, "var1": torch.rand((3, 1), generator=g) + 0.1,
        "q": f(3, 2, 4), "k": f(5, 2, 4), "v": f(5, 2, 4), "in_w": f(12, 4), "in_b": f(12), "out_w": f(4, 4), "out_b": f(4), "bias_k": f(1, 1, 4), "bias_v": f(1, 1, 4),
        "kmask": torch.tensor([[False, False, True, False, True], [False, True, False, False, False]]), "amask": f(3, 5), "bmask": f(3, 5) > 0.8,
        "mean": f(3), "varc": torch.rand((3,), generator=g) + 0.5, "gw": f(3), "gb": f(3), "lw": f(5), "lb": f(5),
    }


GRADS = {"x", "y", "z", "p", "logp", "seq", "img", "vol", "one", "theta", "theta3", "grid", "cols", "w", "psw", "gw", "gb", "lw", "lb", "q", "k", "v", "in_w", "in_b", "out_w", "out_b", "bias_k", "bias_v"}


def pooled(t):
    return F.max_pool2d_with_indices(t["img"], 2)


def attention(t, dropout=0.0, bias_k=None, bias_v=None, add_zero_attn=False, separate=False, **options):
    if separate:
        options |= {"use_separate_proj_weight": True, "q_proj_weight": t["in_w"][:4], "k_proj_weight": t["in_w"][4:8], "v_proj_weight": t["in_w"][8:]}
    return F.multi_head_attention_forward(t["q"], t["k"], t["v"], 4, 2, None if separate else t["in_w"], t["in_b"], bias_k, bias_v, add_zero_attn,
                                          dropout, t["out_w"], t["out_b"], **options)


CASES = {
    "l1": lambda t: [F.l1_loss(t["x"], t["y"]), F.l1_loss(t["x"], t["y"], reduction="sum"), F.l1_loss(t["x"], t["y"], weight=t["cw"])],
    "mse": lambda t: [F.mse_loss(t["x"], t["y"]), F.mse_loss(t["x"], t["y"], reduction="none"), F.mse_loss(t["x"], t["y"], weight=t["cw"]), F.mse_loss(t["x"], t["y"], reduction="sum", weight=t["cw"])],
    "smooth_l1": lambda t: [F.smooth_l1_loss(t["x"], t["y"]), F.smooth_l1_loss(t["x"], t["y"], beta=0.5, reduction="sum"), F.smooth_l1_loss(t["x"], t["y"], beta=0.0)],
    "huber": lambda t: [F.huber_loss(t["x"], t["y"]), F.huber_loss(t["x"], t["y"], delta=0.5, reduction="none"), F.huber_loss(t["x"], t["y"], weight=t["cw"])],
    "bce": lambda t: [F.binary_cross_entropy(t["p"], t["t"]), F.binary_cross_entropy(t["p"], t["t"], weight=t["pw"], reduction="sum")],
    "bce_logits": lambda t: [F.binary_cross_entropy_with_logits(t["x"], t["t"]), F.binary_cross_entropy_with_logits(t["x"], t["t"], weight=t["cw"], pos_weight=t["pw"], reduction="none")],
    "kl_div": lambda t: [F.kl_div(t["x"], t["t"]), F.kl_div(t["x"], t["t"], reduction="batchmean"), F.kl_div(t["x"], t["y"], reduction="sum", log_target=True)],
    "nll": lambda t: [F.nll_loss(F.log_softmax(t["x"], 1), t["class"]), F.nll_loss(F.log_softmax(t["x"], 1), t["class"], weight=t["pw"], ignore_index=3, reduction="sum")],
    "poisson_nll": lambda t: [F.poisson_nll_loss(t["x"], t["t"]), F.poisson_nll_loss(t["p"], t["t"] * 3, log_input=False, full=True, eps=1e-6, reduction="sum")],
    "gaussian_nll": lambda t: [F.gaussian_nll_loss(t["x"], t["y"], t["var"]), F.gaussian_nll_loss(t["x"], t["y"], t["var1"], full=True, reduction="sum"), F.gaussian_nll_loss(t["x"], t["y"], t["var1"][:, 0], eps=0.3, reduction="none"), F.gaussian_nll_loss(t["x"], t["y"], 0.5)],
    "margin_ranking": lambda t: [F.margin_ranking_loss(t["x"], t["y"], t["signs"]), F.margin_ranking_loss(t["x"], t["y"], t["signs"], margin=0.3, reduction="none")],
    "cosine_embedding": lambda t: [F.cosine_embedding_loss(t["x"], t["y"], t["sign"]), F.cosine_embedding_loss(t["x"], t["y"], t["sign"], margin=0.2, reduction="none")],
    "hinge_embedding": lambda t: [F.hinge_embedding_loss(t["x"], t["signs"]), F.hinge_embedding_loss(t["x"], t["signs"], margin=0.5, reduction="sum")],
    "soft_margin": lambda t: [F.soft_margin_loss(t["x"], t["signs"]), F.soft_margin_loss(t["x"], t["signs"], reduction="none")],
    "multilabel_margin": lambda t: [F.multilabel_margin_loss(t["x"], t["labels"]), F.multilabel_margin_loss(t["x"], t["labels"], reduction="none")],
    "multilabel_soft_margin": lambda t: [F.multilabel_soft_margin_loss(t["x"], t["t"].round()), F.multilabel_soft_margin_loss(t["x"], t["t"].round(), weight=t["pw"], reduction="none")],
    "multi_margin": lambda t: [F.multi_margin_loss(t["x"], t["class"]), F.multi_margin_loss(t["x"], t["class"], p=2, margin=0.5, weight=t["pw"], reduction="none")],
    "triplet": lambda t: [F.triplet_margin_loss(t["x"], t["y"], t["z"]), F.triplet_margin_loss(t["x"], t["y"], t["z"], margin=2.0, p=1.0, eps=1e-4, swap=True, reduction="none")],
    "triplet_distance": lambda t: [F.triplet_margin_with_distance_loss(t["x"], t["y"], t["z"]), F.triplet_margin_with_distance_loss(t["x"], t["y"], t["z"], distance_function=lambda a, b: (a - b).abs().amax(1), margin=0.5, swap=True, reduction="none")],
    "ctc": lambda t: [F.ctc_loss(t["logp"], t["targets"], t["ilen"], t["tlen"]), F.ctc_loss(t["logp"], t["targets"], t["ilen"], t["tlen"], blank=0, reduction="none", zero_infinity=True)],
    "linear_cross_entropy": lambda t: [F.linear_cross_entropy(t["x"][:, :3], t["w"], t["class"], linear_bias=t["lb"]), F.linear_cross_entropy(t["x"][:, :3], t["w"], t["class"], reduction="sum", label_smoothing=0.1)],
    "elu": lambda t: [F.elu(t["x"]), F.elu(t["x"], 0.5), F.elu(t["x"].clone(), 2.0, inplace=True)],
    "inplace": lambda t: [F.relu(t["x"].clone(), inplace=True), F.selu(t["x"].clone(), inplace=True), F.celu(t["x"].clone(), 2.0, inplace=True), F.rrelu(t["x"].clone(), 0.1, 0.3, True, inplace=True),
                          F.threshold(t["x"].clone(), 0.1, 20, inplace=True), F.leaky_relu(t["x"].clone(), 0.2, inplace=True), F.hardtanh(t["x"].clone(), -0.5, 0.7, inplace=True)],
    "softmaxes": lambda t: [F.softmax(t["x"], 1), F.softmin(t["x"], 0), F.log_softmax(t["x"], 1, dtype=torch.float64)],
    "gumbel": lambda t: [F.gumbel_softmax(t["x"]), F.gumbel_softmax(t["x"], tau=0.5, hard=True, dim=0)],
    "soft": lambda t: [F.softsign(t["x"]), F.tanhshrink(t["x"])],
    "dropout": lambda t: [F.dropout(t["x"]), F.dropout(t["x"], 0.2), F.dropout(t["x"], training=False), F.alpha_dropout(t["x"], 0.3, training=True), F.feature_alpha_dropout(t["img"], 0.3, training=True), F.alpha_dropout(t["x"], 0.3)],
    "dropout_channels": lambda t: [F.dropout1d(t["seq"]), F.dropout1d(t["x"]), F.dropout2d(t["img"], 0.3), F.dropout3d(t["vol"]), F.dropout2d(t["img"].clone(), inplace=True)],
    "batch_norm": lambda t: [F.batch_norm(t["img"], t["mean"], t["varc"], t["gw"], t["gb"]), F.batch_norm(t["img"], None, None, training=True, eps=1e-3), (m := t["mean"].detach().clone(), v := t["varc"].detach().clone(), F.batch_norm(t["img"], m, v, training=True, momentum=0.3))[2], m, v],
    "instance_norm": lambda t: [F.instance_norm(t["img"]), F.instance_norm(t["img"], t["mean"], t["varc"], t["gw"], t["gb"], use_input_stats=False)],
    "layer_norm": lambda t: [F.layer_norm(t["img"], (5,)), F.layer_norm(t["img"], (5,), t["lw"], t["lb"], eps=1e-3)],
    "group_norm": lambda t: [F.group_norm(t["img"], 3, t["gw"], t["gb"]), F.group_norm(t["one"], 2, eps=0.1)],
    "local_response_norm": lambda t: [F.local_response_norm(t["img"], 2), F.local_response_norm(t["seq"], 3, alpha=0.1, beta=0.5, k=2.0), F.local_response_norm(t["vol"], 2)],
    "normalize": lambda t: [F.normalize(t["x"]), F.normalize(t["x"], p=1.0, dim=0, eps=0.1)],
    "adaptive_max_pool": lambda t: [F.adaptive_max_pool1d(t["seq"], 3), F.adaptive_max_pool2d(t["img"], (2, 3)), F.adaptive_max_pool3d(t["vol"], (2, 2, 1))],
    "lp_pool": lambda t: [F.lp_pool1d(t["seq"].abs(), 2.0, 3, stride=2), F.lp_pool2d(t["img"].abs(), 3.0, (2, 3), ceil_mode=True), F.lp_pool3d(t["vol"].abs(), 1.5, 2), F.lp_pool2d(t["img"], float("inf"), 2), F.lp_pool1d(t["seq"], -float("inf"), 2)],
    "fractional": lambda t: [*F.fractional_max_pool2d(t["img"], 2, output_size=(2, 3), return_indices=True), F.fractional_max_pool2d(t["img"], 2, output_ratio=(0.6, 0.6)), F.fractional_max_pool3d(t["vol"], (2, 2, 1), output_ratio=(0.5, 0.5, 0.7))],
    "unpool": lambda t: [F.max_unpool2d(*F.max_pool2d_with_indices(t["img"][..., :4], 2), 2), F.max_unpool2d(*pooled(t), 2, output_size=(4, 5)), F.max_unpool1d(*F.max_pool1d_with_indices(t["seq"], 2), 2), F.max_unpool3d(*F.max_pool3d_with_indices(t["vol"], 2, 1), 2, 1)],
    "pad": lambda t: [F.pad(t["x"], (1, 2)), F.pad(t["x"], (1, 0, 2, -1), value=1.5), F.pad(t["seq"], (2, 1), mode="reflect"), F.pad(t["img"], (1, 2, 1, 0), mode="replicate"), F.pad(t["img"], (1, 2, 1, 0), mode="circular")],
    "grid_sample": lambda t: [F.grid_sample(t["img"], t["grid"], align_corners=False), F.grid_sample(t["img"], t["grid"], mode="nearest", padding_mode="border", align_corners=True), F.grid_sample(t["img"], t["grid"], mode="bicubic", padding_mode="reflection", align_corners=False)],
    "affine_grid": lambda t: [F.affine_grid(t["theta"], (2, 1, 3, 2), align_corners=False), F.affine_grid(t["theta3"], (1, 1, 2, 3, 2), align_corners=True)],
    "unfold": lambda t: [F.unfold(t["img"], 2), F.unfold(t["img"], (2, 3), dilation=(1, 2), padding=1, stride=(2, 1)), F.fold(t["cols"], (3, 4), 2)],
    "interpolate": lambda t: [F.interpolate(t["seq"], 5), F.interpolate(t["seq"], scale_factor=1.7, mode="linear"), F.interpolate(t["img"], scale_factor=(2.0, 0.5)), F.interpolate(t["img"], (3, 7), mode="bilinear", align_corners=True),
                              F.interpolate(t["img"], scale_factor=1.3, mode="bilinear", recompute_scale_factor=True), F.interpolate(t["img"], (2, 3), mode="bilinear", antialias=True), F.interpolate(t["img"], (7, 6), mode="bicubic"),
                              F.interpolate(t["img"], (2, 3), mode="bicubic", antialias=True), F.interpolate(t["img"], (2, 2), mode="area"), F.interpolate(t["img"], scale_factor=0.5, mode="area"), F.interpolate(t["img"], (3, 3), mode="nearest-exact"),
                              F.interpolate(t["vol"], (2, 5, 4), mode="trilinear"), F.interpolate(t["vol"], scale_factor=2.0), F.interpolate(t["img"], (2, 3), mode="lanczos", antialias=True)],
    "attention": lambda t: [*attention(t), *attention(t, key_padding_mask=t["kmask"], attn_mask=t["amask"], average_attn_weights=False),
                            attention(t, need_weights=False, attn_mask=t["bmask"])[0], *attention(t, dropout=0.3), *attention(t, training=False, dropout=0.3, bias_k=t["bias_k"], bias_v=t["bias_v"], add_zero_attn=True),
                            *attention(t, separate=True), *attention({**t, "q": t["q"][:, 0], "k": t["k"][:, 0], "v": t["v"][:, 0]})],
    "embedding": lambda t: [F.embedding(t["idx"], t["w"]), F.embedding(t["idx"], t["w"], padding_idx=-2), F.embedding(t["idx"], t["w"], scale_grad_by_freq=True), F.embedding(t["idx"], t["w"].detach().clone(), max_norm=0.7, norm_type=1.0)],
    "embedding_bag": lambda t: [F.embedding_bag(t["idx"], t["w"]), F.embedding_bag(t["flat"], t["w"], t["off"], mode="sum"), F.embedding_bag(t["flat"], t["w"], t["offend"], mode="max", include_last_offset=True),
                                F.embedding_bag(t["idx"], t["w"], mode="sum", per_sample_weights=t["psw"]), F.embedding_bag(t["idx"], t["w"], padding_idx=1), F.embedding_bag(t["idx"], t["w"].detach().clone(), max_norm=0.5)],
}


def cases():
    known = inputs()
    result = []
    for name, function in CASES.items():
        fresh = {n: x.detach().clone().requires_grad_(n in GRADS) for n, x in known.items()}
        torch.manual_seed(3)
        outputs = list(function(fresh))
        g = torch.Generator().manual_seed(5)
        ups = [torch.randn(x.shape, generator=g, dtype=x.dtype) if x.requires_grad else None for x in outputs]
        total = sum((x * u).sum() for x, u in zip(outputs, ups) if u is not None)
        total.backward()
        result.append({
            "name": name,
            "outputs": [encode(x) for x in outputs],
            "ups": [None if u is None else encode(u) for u in ups],
            "grads": {n: encode(x.grad) for n, x in fresh.items() if x.grad is not None},
        })
    return {"inputs": {n: encode(x) for n, x in known.items()}, "functions": result}
