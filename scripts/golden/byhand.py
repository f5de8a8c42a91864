"""Functions of torch and torch.linalg whose Go form is written by hand:
internal/optest/byhand_test.go has the same in Go, by name. Every case is a
function of the inputs, and may use random numbers."""

import struct
import tempfile

import torch

from golden.tensors import encode


def inputs():
    g = torch.Generator().manual_seed(17)

    def f(*size):
        return torch.randn(size, generator=g)

    return {
        "f": f(2, 3), "g": f(3, 4), "v": f(5), "w": f(5), "cube": f(2, 3, 4), "square": f(3, 3), "batch": f(2, 3, 3),
        "nan": torch.tensor([[1.0, float("nan"), 3.0], [float("nan"), 5.0, -6.0]]),
        "i": torch.randint(0, 4, (2, 5), generator=g), "runs": torch.tensor([1, 1, 2, 2, 2, 3, 1]),
        "ones": torch.ones(1, 3, 1), "tall": f(8, 4), "wide": f(4, 9), "points": f(7, 2),
        "positive": torch.rand(4, generator=g) + 0.5, "dense": torch.tensor([[0.0, 1.5, 0.0], [2.0, 0.0, -3.0]]),
        "mat": f(3, 2), "tol": torch.tensor(0.5), "flat": torch.tensor([1, 5, 11]),
    }


def sparse(x):
    return [x.indices(), x.values()]


def layout(x):
    """The shape and the strides, where the values are not set."""
    return [torch.tensor(x.shape), torch.tensor(x.stride())]


def from_file():
    with tempfile.NamedTemporaryFile() as file:
        file.write(struct.pack("<4f", 1, -2.5, 3, 1e10))
        file.flush()
        return torch.from_file(file.name, size=4).clone()


CASES = {
    "sum": lambda t: t["cube"].sum((0, 2)), "sum_keepdim": lambda t: t["cube"].sum(1, keepdim=True, dtype=torch.float64),
    "nansum": lambda t: [t["nan"].nansum(), t["nan"].nansum(1), t["nan"].nansum(0, keepdim=True, dtype=torch.float64)],
    "nanmean": lambda t: [t["nan"].nanmean(), t["nan"].nanmean(0)],
    "count_nonzero": lambda t: [t["dense"].count_nonzero(), t["dense"].count_nonzero((0,)), t["cube"].count_nonzero((0, 1))],
    "all_dims": lambda t: [t["dense"].all((0, 1)), t["dense"].any((0, 1)), t["dense"].any(0), t["dense"].all()],
    "median": lambda t: [t["v"].median(), t["nan"].nanmedian(), t["nan"].median()],
    "std_mean": lambda t: [*torch.std_mean(t["cube"]), *torch.std_mean(t["cube"], (0, 2), correction=0, keepdim=True)],
    "var_mean": lambda t: [*torch.var_mean(t["cube"]), *torch.var_mean(t["cube"], 1)],
    "norm": lambda t: [torch.norm(t["f"]), torch.norm(t["f"], 1), torch.norm(t["cube"], 3, (0, 1)), torch.norm(t["f"], float("inf"), 1, True)],
    "unique": lambda t: torch.unique(t["i"], return_inverse=True, return_counts=True),
    "unique_values": lambda t: torch.unique(t["i"]),
    "unique_dim": lambda t: torch.unique(t["i"], return_counts=True, dim=1),
    "unique_consecutive": lambda t: torch.unique_consecutive(t["runs"], return_inverse=True, return_counts=True),
    "trapezoid": lambda t: [torch.trapezoid(t["cube"]), torch.trapezoid(t["v"], t["w"]), torch.trapezoid(t["f"], dx=0.5, dim=0)],
    "cumulative_trapezoid": lambda t: [torch.cumulative_trapezoid(t["v"]), torch.cumulative_trapezoid(t["v"], t["w"])],
    "gradient": lambda t: [*torch.gradient(t["g"]), *torch.gradient(t["g"], spacing=2.0, dim=1, edge_order=2),
                           *torch.gradient(t["g"], spacing=[1.0, 3.0]), *torch.gradient(t["v"], spacing=(t["w"].sort()[0],))],
    "histogramdd": lambda t: [(r := torch.histogramdd(t["points"], [2, 3]))[0], *r[1],
                              (s := torch.histogramdd(t["points"], [2, 2], range=[-1.0, 1.0, -2.0, 2.0], density=True))[0], *s[1]],
    "einsum": lambda t: [torch.einsum("ij,jk->ik", t["f"], t["g"]), torch.einsum("bij->bji", t["batch"]), torch.einsum("i,i", t["v"], t["w"]),
                         torch.einsum("...ij,...jk->...ik", t["batch"], t["square"]), torch.einsum("ii->i", t["square"])],
    "tensordot": lambda t: [torch.tensordot(t["f"], t["g"], 1), torch.tensordot(t["v"], t["w"], 0)],
    "meshgrid": lambda t: [*torch.meshgrid(t["v"], t["positive"], indexing="ij"), *torch.meshgrid(t["v"], t["positive"], indexing="xy")],
    "unravel_index": lambda t: torch.unravel_index(t["flat"], (2, 3, 2)),
    "windows": lambda t: [torch.bartlett_window(6), torch.blackman_window(6), torch.hann_window(6), torch.hann_window(6, periodic=False),
                          torch.hamming_window(6), torch.hamming_window(5, False, 0.5, 0.4), torch.kaiser_window(6),
                          torch.kaiser_window(5, True, 3.0, dtype=torch.float64)],
    "svd_lowrank": lambda t: [x.abs() for x in torch.svd_lowrank(t["tall"], q=3)] + [x.abs() for x in torch.svd_lowrank(t["wide"], q=2, niter=1, M=t["wide"].mean(0, keepdim=True).expand(4, 9))],
    "pca_lowrank": lambda t: [x.abs() for x in torch.pca_lowrank(t["tall"])] + [x.abs() for x in torch.pca_lowrank(t["tall"], q=2, center=False)],
    "normal": lambda t: [torch.normal(t["v"], t["positive"].mean()), torch.normal(t["v"], 2.0), torch.normal(1.0, t["positive"]), torch.normal(0.5, 2.0, (2, 3))],
    "randint_like": lambda t: [torch.randint_like(t["i"], 2, 9), torch.randint_like(t["f"], 0, 5, dtype=torch.int32)],
    "squeeze": lambda t: [t["ones"].squeeze((0, 2)), t["ones"].squeeze(0), t["ones"].squeeze(), t["ones"].clone().squeeze_((0,)), t["ones"].clone().squeeze_()],
    "view_dtype": lambda t: [t["f"].view(torch.int32), t["g"].view(torch.int16)],
    "round_to": lambda t: [(t["f"] * 100).round(decimals=1), (t["f"] * 100).round(decimals=-1)],
    "where_nonzero": lambda t: torch.where(t["dense"] != 0),
    "divide": lambda t: [torch.divide(t["i"], 2), torch.div(t["i"], 2, rounding_mode="floor"), t["f"].clone().div_(3, rounding_mode="trunc")],
    "where_numbers": lambda t: [torch.where(t["dense"] > 0, t["f"], 2.5), torch.where(t["dense"] > 0, 1, t["i"][:, :3])],
    "pow_left": lambda t: [torch.pow(2, t["f"]), torch.bitwise_and(3, t["i"]), torch.remainder(7, t["i"] + 1)],
    "linalg_norm": lambda t: [torch.linalg.norm(t["square"]), torch.linalg.norm(t["square"], 1), torch.linalg.norm(t["square"], "fro"),
                              torch.linalg.norm(t["batch"], "nuc", dim=(1, 2)), torch.linalg.norm(t["f"], 2, dim=1, keepdim=True)],
    "linalg_matrix_norm": lambda t: [torch.linalg.matrix_norm(t["batch"], "fro"), torch.linalg.matrix_norm(t["batch"], 2, keepdim=True), torch.linalg.matrix_norm(t["square"], float("-inf"))],
    "linalg_cond": lambda t: [torch.linalg.cond(t["square"]), torch.linalg.cond(t["square"], "fro"), torch.linalg.cond(t["batch"], 1)],
    "linalg_rank": lambda t: [torch.linalg.matrix_rank(t["batch"]), torch.linalg.matrix_rank(t["mat"], atol=0.5), torch.linalg.matrix_rank(t["mat"], rtol=t["tol"])],
    "linalg_pinv": lambda t: [torch.linalg.pinv(t["mat"]), torch.linalg.pinv(t["mat"], rtol=0.5), torch.linalg.pinv(t["square"] + t["square"].mT, atol=t["tol"], hermitian=True)],
    "sparse_coo": lambda t: sparse(torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 0]], [3.0, 4.0, 5.0], (2, 3)).coalesce()) + [torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 0]], [3.0, 4.0, 5.0], (2, 3)).to_dense()],
    "sparse_csr": lambda t: [(x := torch.sparse_csr_tensor([0, 1, 3], [2, 0, 1], [1.0, 2.0, 3.0], (2, 3))).to_dense(), x.crow_indices(), x.col_indices(), x.values(), x @ t["g"]],
    "to_sparse": lambda t: sparse(t["dense"].to_sparse()) + [t["dense"].to_sparse_csr().crow_indices(), t["dense"].to_sparse_csc().ccol_indices(),
                                                           t["dense"].to_sparse_csc().row_indices(), t["dense"].to_sparse().to_dense(),
                                                           torch.mm(t["dense"].to_sparse(), t["g"])],
    "sparse_ops": lambda t: [torch.smm(t["dense"].to_sparse(), t["g"]).to_dense(), torch.hspmm(t["dense"].to_sparse(), t["g"]).to_dense(),
                             t["f"].sparse_mask(t["dense"].to_sparse().coalesce()).to_dense(), torch.sparse.sum(t["dense"].to_sparse())],
    "quantize": lambda t: [(q := torch.quantize_per_tensor(t["f"], 0.1, 10, torch.quint8)).int_repr(), q.dequantize(), torch.tensor([q.q_scale()], dtype=torch.float64), torch.tensor([q.q_zero_point()])],
    "quantize_channel": lambda t: [(q := torch.quantize_per_channel(t["f"], torch.tensor([0.1, 0.2]), torch.tensor([0, 5]), 0, torch.qint8)).int_repr(), q.dequantize(),
                                   q.q_per_channel_scales(), q.q_per_channel_zero_points(), torch.tensor([q.q_per_channel_axis()])],
    "sparse_compressed": lambda t: [(r := t["dense"].to_sparse_csr()).crow_indices(), torch.crow_indices_copy(r), torch.col_indices_copy(r), r.values(), torch.values_copy(r),
                                    (c := t["dense"].to_sparse_csc()).ccol_indices(), torch.ccol_indices_copy(c), torch.row_indices_copy(c), c.values()],
    "sparse_blocks": lambda t: [(r := t["tall"].to_sparse_bsr((2, 2))).crow_indices(), r.col_indices(), r.values(),
                                (c := t["tall"].to_sparse_bsc((4, 1))).ccol_indices(), c.row_indices(), c.values()],
    "sparse_parts": lambda t: [*sparse(x := t["dense"].to_sparse(1)),
                               torch.tensor([x.sparse_dim(), x.dense_dim(), x._nnz()]), torch.tensor(x.is_coalesced())],
    "sparse_resize": lambda t: [(x := t["dense"].to_sparse()).sparse_resize_((3, 4), 2, 0).to_dense(), x.sparse_resize_and_clear_((2, 2), 2, 0).to_dense(),
                                torch.resize_as_sparse_(torch.zeros(1, 1).to_sparse(), t["dense"].to_sparse()).to_dense()],
    "sspaddmm": lambda t: [torch.sspaddmm(x := t["g"][:2].to_sparse(), t["dense"].to_sparse(), t["g"]).to_dense(),
                           torch.sspaddmm(x, t["dense"].to_sparse(), t["g"], beta=0.5, alpha=2).to_dense()],
    "mkldnn": lambda t: t["f"].to_mkldnn().to_dense(),
    "quantize_parameters": lambda t: [torch.quantize_per_tensor(t["f"], torch.tensor(0.1), torch.tensor(10), torch.quint8).int_repr(),
                                      (q := torch.quantize_per_tensor_dynamic(t["g"], torch.qint8, False)).int_repr(), torch.tensor([q.q_scale()], dtype=torch.float64)],
    "quantized_layers": lambda t: [torch.quantized_max_pool1d(q := torch.quantize_per_tensor(t["batch"], 0.05, 60, torch.quint8), [2], [1]).int_repr(),
                                   torch.quantized_max_pool2d(i := q.unsqueeze(0), [2, 2], [1, 1]).int_repr(),
                                   torch.quantized_batch_norm(i, t["v"][:2], t["w"][:2], t["v"][2:4], t["positive"][:2], 1e-5, 0.1, 20).int_repr()],
    "empty": lambda t: layout(torch.empty_permuted((2, 3, 4), (2, 0, 1))) + layout(torch.empty_strided((2, 3), (1, 2))) + layout(t["f"].new_empty((3, 4)))
                       + layout(t["f"].new_empty_strided((2, 2), (1, 3))),
    "from_file": lambda t: from_file(),
    "hash": lambda t: [torch.hash_tensor(t["i"]).view(torch.int64), torch.hash_tensor(t["f"], 1, keepdim=True).view(torch.int64)],
    "nested": lambda t: [torch.nested.to_padded_tensor(torch.nested.nested_tensor([t["v"], t["positive"]]), 0.5)],
    "promotion": lambda t: [t["i"] + 1.5, t["f"] * 2, t["i"] * t["i"].to(torch.uint8), t["f"].to(torch.float16).add(1).float(), t["f"].to(torch.bfloat16).mul(t["f"][0]).float(),
                            t["i"].to(torch.bool) + 1, t["f"] + 1j],
}


def cases():
    known = inputs()
    result = []
    for name, function in CASES.items():
        torch.manual_seed(3)
        out = function(known)
        outs = list(out) if isinstance(out, (tuple, list)) else [out]
        result.append({"name": name, "outputs": [encode(x) for x in outs]})
    return {"inputs": {n: encode(x) for n, x in known.items()}, "functions": result}
