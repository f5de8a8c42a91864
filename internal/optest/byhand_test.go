package optest_test

import (
	"encoding/binary"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

type (
	tensor  = *torch.Tensor
	tensors = []*torch.Tensor
)

// join puts the results of functions that give several behind each other.
func join(lists ...tensors) (all tensors) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func two(a, b tensor) tensors      { return tensors{a, b} }
func three(a, b, c tensor) tensors { return tensors{a, b, c} }

func given(list tensors) (some tensors) {
	for _, x := range list {
		if x != nil {
			some = append(some, x)
		}
	}
	return some
}

func abs(list tensors) tensors {
	for i, x := range list {
		list[i] = x.Abs()
	}
	return list
}

func histogram(h tensor, edges tensors) tensors { return append(tensors{h}, edges...) }

// layout gives the shape and the strides of a tensor whose values are not set.
func layout(x tensor) tensors { return two(torch.NewTensor(x.Shape()), torch.NewTensor(x.Stride())) }

func fromFile() tensor {
	file, err := os.CreateTemp("", "gotorch")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	err = errors.Join(binary.Write(file, binary.LittleEndian, []float32{1, -2.5, 3, 1e10}), file.Close())
	if err != nil {
		panic(err)
	}
	return torch.FromFile(file.Name(), torch.FromFileOptions{Size: 4}).Clone()
}

// byHand are the functions of scripts/golden/byhand.py.
var byHand = map[string]func(t map[string]tensor) tensors{
	"sum": func(t map[string]tensor) tensors { return tensors{t["cube"].Sum(0, 2)} },
	"sum_keepdim": func(t map[string]tensor) tensors {
		return tensors{t["cube"].SumWith(torch.ReduceOptions{Dim: []int{1}, Keepdim: true, DType: torch.Float64})}
	},
	"nansum": func(t map[string]tensor) tensors {
		x := t["nan"]
		return tensors{x.NanSum(), torch.NanSum(x, 1), x.NanSumWith(torch.ReduceOptions{Dim: []int{0}, Keepdim: true, DType: torch.Float64})}
	},
	"nanmean": func(t map[string]tensor) tensors { return tensors{t["nan"].NanMean(), torch.NanMean(t["nan"], 0)} },
	"count_nonzero": func(t map[string]tensor) tensors {
		return tensors{t["dense"].CountNonzero(), torch.CountNonzero(t["dense"], 0), t["cube"].CountNonzero(0, 1)}
	},
	"all_dims": func(t map[string]tensor) tensors {
		x := t["dense"]
		return tensors{torch.All(x, 0, 1), torch.Any(x, 0, 1), x.Any(0), x.All()}
	},
	"median": func(t map[string]tensor) tensors {
		return tensors{torch.Median(t["v"]), torch.NanMedian(t["nan"]), t["nan"].Median()}
	},
	"std_mean": func(t map[string]tensor) tensors {
		return join(two(torch.StdMean(t["cube"])),
			two(torch.StdMeanWith(t["cube"], torch.VarOptions{Dim: []int{0, 2}, Correction: 0, Keepdim: true})))
	},
	"var_mean": func(t map[string]tensor) tensors {
		return join(two(torch.VarMean(t["cube"])), two(torch.VarMean(t["cube"], 1)))
	},
	"norm": func(t map[string]tensor) tensors {
		return tensors{torch.Norm(t["f"], nil), t["f"].Norm(1), t["cube"].Norm(3, torch.ReduceOptions{Dim: []int{0, 1}}),
			t["f"].Norm(infinity, torch.ReduceOptions{Dim: []int{1}, Keepdim: true})}
	},
	"unique": func(t map[string]tensor) tensors {
		return three(torch.Unique(t["i"], torch.UniqueOptions{ReturnInverse: true, ReturnCounts: true}))
	},
	"unique_values": func(t map[string]tensor) tensors { return given(three(t["i"].Unique())) },
	"unique_dim": func(t map[string]tensor) tensors {
		return given(three(t["i"].Unique(torch.UniqueOptions{ReturnCounts: true, Dim: new(1)})))
	},
	"unique_consecutive": func(t map[string]tensor) tensors {
		return three(torch.UniqueConsecutive(t["runs"], torch.UniqueConsecutiveOptions{ReturnInverse: true, ReturnCounts: true}))
	},
	"trapezoid": func(t map[string]tensor) tensors {
		return tensors{torch.Trapezoid(t["cube"]), torch.Trapz(t["v"], torch.TrapezoidOptions{X: t["w"]}),
			torch.Trapezoid(t["f"], torch.TrapezoidOptions{Dx: 0.5, Dim: new(0)})}
	},
	"cumulative_trapezoid": func(t map[string]tensor) tensors {
		return tensors{torch.CumulativeTrapezoid(t["v"]), torch.CumulativeTrapezoid(t["v"], torch.TrapezoidOptions{X: t["w"]})}
	},
	"gradient": func(t map[string]tensor) tensors {
		sorted, _ := t["w"].Sort()
		return join(torch.Gradient(t["g"]),
			torch.Gradient(t["g"], torch.GradientOptions{Spacing: []torch.Number{2.0}, Dim: []int{1}, EdgeOrder: new(2)}),
			torch.Gradient(t["g"], torch.GradientOptions{Spacing: []torch.Number{1.0, 3.0}}),
			torch.Gradient(t["v"], torch.GradientOptions{Coordinates: tensors{sorted}}))
	},
	"histogramdd": func(t map[string]tensor) tensors {
		return join(histogram(torch.HistogramDD(t["points"], []int{2, 3})),
			histogram(torch.HistogramDD(t["points"], []int{2, 2}, torch.HistogramDDOptions{Range: []float64{-1, 1, -2, 2}, Density: true})))
	},
	"einsum": func(t map[string]tensor) tensors {
		return tensors{torch.Einsum("ij,jk->ik", t["f"], t["g"]), torch.Einsum("bij->bji", t["batch"]), torch.Einsum("i,i", t["v"], t["w"]),
			torch.Einsum("...ij,...jk->...ik", t["batch"], t["square"]), torch.Einsum("ii->i", t["square"])}
	},
	"tensordot": func(t map[string]tensor) tensors {
		return tensors{torch.Tensordot(t["f"], t["g"], 1), torch.Tensordot(t["v"], t["w"], 0)}
	},
	"meshgrid": func(t map[string]tensor) tensors {
		list := tensors{t["v"], t["positive"]}
		return join(torch.Meshgrid(list), torch.Meshgrid(list, torch.MeshgridOptions{Indexing: "xy"}))
	},
	"unravel_index": func(t map[string]tensor) tensors { return torch.UnravelIndex(t["flat"], []int{2, 3, 2}) },
	"windows": func(map[string]tensor) tensors {
		symmetric := torch.WindowOptions{Periodic: new(false)}
		double := torch.TensorOptions{DType: torch.Float64}
		return tensors{torch.BartlettWindow(6), torch.BlackmanWindow(6), torch.HannWindow(6), torch.HannWindow(6, symmetric),
			torch.HammingWindow(6),
			torch.HammingWindow(5, torch.HammingOptions{Periodic: new(false), Alpha: new(0.5), Beta: new(0.4)}), torch.KaiserWindow(6),
			torch.KaiserWindow(5, torch.KaiserOptions{Beta: new(3.0), TensorOptions: double})}
	},
	"svd_lowrank": func(t map[string]tensor) tensors {
		mean := t["wide"].MeanWith(torch.ReduceOptions{Dim: []int{0}, Keepdim: true}).Expand(4, 9)
		return join(abs(three(torch.SVDLowRank(t["tall"], torch.LowRankOptions{Q: new(3)}))),
			abs(three(torch.SVDLowRank(t["wide"], torch.LowRankOptions{Q: new(2), Niter: new(1), M: mean}))))
	},
	"pca_lowrank": func(t map[string]tensor) tensors {
		return join(abs(three(torch.PCALowRank(t["tall"]))),
			abs(three(torch.PCALowRank(t["tall"], torch.LowRankOptions{Q: new(2), Center: new(false)}))))
	},
	"normal": func(t map[string]tensor) tensors {
		return tensors{torch.Normal(t["v"], t["positive"].Mean()), torch.Normal(t["v"], 2.0), torch.Normal(1.0, t["positive"]),
			torch.Normal(0.5, 2.0, torch.NormalOptions{Size: []int{2, 3}})}
	},
	"randint_like": func(t map[string]tensor) tensors {
		return tensors{torch.RandintLike(t["i"], 2, 9), torch.RandintLike(t["f"], 0, 5, torch.TensorOptions{DType: torch.Int32})}
	},
	"squeeze": func(t map[string]tensor) tensors {
		x := t["ones"]
		return tensors{x.Squeeze(0, 2), torch.Squeeze(x, 0), x.Squeeze(), x.Clone().SqueezeInplace(0), x.Clone().SqueezeInplace()}
	},
	"view_dtype": func(t map[string]tensor) tensors {
		return tensors{t["f"].ViewDType(torch.Int32), t["g"].ViewDType(torch.Int16)}
	},
	"round_to": func(t map[string]tensor) tensors {
		x := t["f"].Mul(100)
		return tensors{torch.RoundTo(x, 1), x.RoundToInplace(-1)}
	},
	"where_nonzero": func(t map[string]tensor) tensors { return torch.WhereNonzero(t["dense"].Ne(0)) },
	"divide": func(t map[string]tensor) tensors {
		return tensors{torch.Divide(t["i"], 2), t["i"].Divide(2, torch.DivOptions{RoundingMode: "floor"}),
			t["f"].Clone().DivideInplace(3, torch.DivOptions{RoundingMode: "trunc"})}
	},
	"where_numbers": func(t map[string]tensor) tensors {
		positive := t["dense"].Gt(0)
		return tensors{torch.Where(positive, t["f"], 2.5), torch.Where(positive, 1, t["i"].Narrow(1, 0, 3))}
	},
	"pow_left": func(t map[string]tensor) tensors {
		return tensors{torch.Pow(2, t["f"]), torch.BitwiseAnd(3, t["i"]), torch.Remainder(7, t["i"].Add(1))}
	},
	"linalg_norm": func(t map[string]tensor) tensors {
		x := t["square"]
		return tensors{linalg.Norm(x, nil), linalg.Norm(x, 1), linalg.Norm(x, "fro"),
			linalg.Norm(t["batch"], "nuc", torch.ReduceOptions{Dim: []int{1, 2}}),
			linalg.Norm(t["f"], 2, torch.ReduceOptions{Dim: []int{1}, Keepdim: true})}
	},
	"linalg_matrix_norm": func(t map[string]tensor) tensors {
		return tensors{linalg.MatrixNorm(t["batch"], "fro"), linalg.MatrixNorm(t["batch"], 2, torch.ReduceOptions{Keepdim: true}),
			linalg.MatrixNorm(t["square"], -infinity)}
	},
	"linalg_cond": func(t map[string]tensor) tensors {
		return tensors{linalg.Cond(t["square"], nil), linalg.Cond(t["square"], "fro"), linalg.Cond(t["batch"], 1)}
	},
	"linalg_rank": func(t map[string]tensor) tensors {
		return tensors{linalg.MatrixRank(t["batch"]), linalg.MatrixRank(t["mat"], linalg.RankOptions{ATol: 0.5}),
			linalg.MatrixRank(t["mat"], linalg.RankOptions{RTol: t["tol"]})}
	},
	"linalg_pinv": func(t map[string]tensor) tensors {
		symmetric := t["square"].Add(t["square"].MT())
		return tensors{linalg.Pinv(t["mat"]), linalg.Pinv(t["mat"], linalg.RankOptions{RTol: 0.5}),
			linalg.Pinv(symmetric, linalg.RankOptions{ATol: t["tol"], Hermitian: true})}
	},
	"sparse_coo": func(map[string]tensor) tensors {
		x := torch.SparseCOOTensor(torch.NewTensor([][]int{{0, 1, 1}, {2, 0, 0}}), torch.NewTensor([]float32{3, 4, 5}),
			torch.SparseOptions{Size: []int{2, 3}})
		y := x.Coalesce()
		return tensors{y.Indices(), y.Values(), x.ToDense()}
	},
	"sparse_csr": func(t map[string]tensor) tensors {
		x := torch.SparseCSRTensor(torch.NewTensor([]int{0, 1, 3}), torch.NewTensor([]int{2, 0, 1}), torch.NewTensor([]float32{1, 2, 3}),
			torch.SparseOptions{Size: []int{2, 3}})
		return tensors{x.ToDense(), x.CrowIndices(), x.ColIndices(), x.Values(), x.Matmul(t["g"])}
	},
	"to_sparse": func(t map[string]tensor) tensors {
		x := t["dense"].ToSparse()
		columns := t["dense"].ToSparseCSC()
		return tensors{x.Indices(), x.Values(), t["dense"].ToSparseCSR().CrowIndices(), columns.CcolIndices(), columns.RowIndices(),
			x.ToDense(), torch.Mm(x, t["g"])}
	},
	"sparse_ops": func(t map[string]tensor) tensors {
		x := t["dense"].ToSparse()
		return tensors{torch.Smm(x, t["g"]).ToDense(), torch.Hspmm(x, t["g"]).ToDense(), t["f"].SparseMask(x.Coalesce()).ToDense(), x.Sum()}
	},
	"quantize": func(t map[string]tensor) tensors {
		q := torch.QuantizePerTensor(t["f"], 0.1, 10, torch.QUint8)
		return tensors{q.IntRepr(), q.Dequantize(), torch.NewTensor([]float64{q.QScale()}), torch.NewTensor([]int{q.QZeroPoint()})}
	},
	"quantize_channel": func(t map[string]tensor) tensors {
		q := torch.QuantizePerChannel(t["f"], torch.NewTensor([]float32{0.1, 0.2}), torch.NewTensor([]int{0, 5}), 0, torch.QInt8)
		return tensors{q.IntRepr(), q.Dequantize(), q.QPerChannelScales(), q.QPerChannelZeroPoints(), torch.NewTensor([]int{q.QPerChannelAxis()})}
	},
	"sparse_compressed": func(t map[string]tensor) tensors {
		r, c := t["dense"].ToSparseCSR(), t["dense"].ToSparseCSC()
		return tensors{r.CrowIndices(), torch.CrowIndicesCopy(r), torch.ColIndicesCopy(r), r.Values(), torch.ValuesCopy(r),
			c.CcolIndices(), torch.CcolIndicesCopy(c), torch.RowIndicesCopy(c), c.Values()}
	},
	"sparse_blocks": func(t map[string]tensor) tensors {
		r, c := t["tall"].ToSparseBSR([]int{2, 2}), t["tall"].ToSparseBSC([]int{4, 1})
		return tensors{r.CrowIndices(), r.ColIndices(), r.Values(), c.CcolIndices(), c.RowIndices(), c.Values()}
	},
	"sparse_parts": func(t map[string]tensor) tensors {
		x := t["dense"].ToSparseDim(1)
		return tensors{x.Indices(), x.Values(), torch.NewTensor([]int{x.SparseDim(), x.DenseDim(), x.NNZ()}), torch.NewTensor(x.IsCoalesced())}
	},
	"sparse_resize": func(t map[string]tensor) tensors {
		x := t["dense"].ToSparse()
		return tensors{x.SparseResizeInplace([]int{3, 4}, 2, 0).ToDense(), x.SparseResizeAndClearInplace([]int{2, 2}, 2, 0).ToDense(),
			torch.Zeros([]int{1, 1}).ToSparse().ResizeAsSparseInplace(t["dense"].ToSparse()).ToDense()}
	},
	"sspaddmm": func(t map[string]tensor) tensors {
		x, y := t["g"].Narrow(0, 0, 2).ToSparse(), t["dense"].ToSparse()
		return tensors{x.Sspaddmm(y, t["g"]).ToDense(), torch.Sspaddmm(x, y, t["g"], torch.SspaddmmOptions{Beta: 0.5, Alpha: 2}).ToDense()}
	},
	"mkldnn": func(t map[string]tensor) tensors { return tensors{t["f"].ToMkldnn().ToDense()} },
	"quantize_parameters": func(t map[string]tensor) tensors {
		q := torch.QuantizePerTensorDynamic(t["g"], torch.QInt8, false)
		return tensors{torch.QuantizePerTensorTensor(t["f"], torch.NewTensor(float32(0.1)), torch.NewTensor(10), torch.QUint8).IntRepr(),
			q.IntRepr(), torch.NewTensor([]float64{q.QScale()})}
	},
	"quantized_layers": func(t map[string]tensor) tensors {
		q := torch.QuantizePerTensor(t["batch"], 0.05, 60, torch.QUint8)
		images := q.Unsqueeze(0)
		return tensors{torch.QuantizedMaxPool1d(q, 2, torch.QuantizedMaxPool1dOptions{Stride: 1}).IntRepr(),
			torch.QuantizedMaxPool2d(images, []int{2, 2}, torch.QuantizedMaxPool2dOptions{Stride: []int{1, 1}}).IntRepr(),
			torch.QuantizedBatchNorm(images, t["v"].Narrow(0, 0, 2), t["w"].Narrow(0, 0, 2), t["v"].Narrow(0, 2, 2), t["positive"].Narrow(0, 0, 2),
				1e-5, 0.1, 20).IntRepr()}
	},
	"empty": func(t map[string]tensor) tensors {
		return join(layout(torch.EmptyPermuted([]int{2, 3, 4}, []int{2, 0, 1})), layout(torch.EmptyStrided([]int{2, 3}, []int{1, 2})),
			layout(t["f"].NewEmpty([]int{3, 4})), layout(t["f"].NewEmptyStrided([]int{2, 2}, []int{1, 3})))
	},
	"from_file": func(map[string]tensor) tensors { return tensors{fromFile()} },
	"hash": func(t map[string]tensor) tensors {
		return tensors{t["i"].HashTensor().ViewDType(torch.Int64),
			torch.HashTensor(t["f"], torch.HashTensorOptions{Dim: []int{1}, Keepdim: true}).ViewDType(torch.Int64)}
	},
	"nested": func(t map[string]tensor) tensors {
		return tensors{torch.NestedTensor(tensors{t["v"], t["positive"]}).ToPaddedTensor(0.5)}
	},
	"promotion": func(t map[string]tensor) tensors {
		f, i := t["f"], t["i"]
		return tensors{i.Add(1.5), f.Mul(2), i.Mul(i.To(torch.Uint8)), f.To(torch.Float16).Add(1).To(torch.Float32),
			f.To(torch.BFloat16).Mul(f.Select(0, 0)).To(torch.Float32), i.To(torch.Bool).Add(1), f.Add(1i)}
	},
}

func TestFunctionsByHandAreThoseOfPython(t *testing.T) {
	var golden struct {
		Inputs    map[string]torchtest.Tensor
		Functions []struct {
			Name    string
			Outputs []torchtest.Tensor
		}
	}
	header := torchtest.Golden(t, "testdata/byhand.json", &golden)
	assert.Len(t, golden.Functions, len(byHand))
	for _, f := range golden.Functions {
		t.Run(f.Name, func(t *testing.T) {
			require.Contains(t, byHand, f.Name)
			inputs := map[string]tensor{}
			for name, x := range golden.Inputs {
				inputs[name] = x.Make(t)
			}
			torch.ManualSeed(3)
			var outputs tensors
			err := torch.Try(func() { outputs = byHand[f.Name](inputs) })
			if lacks(err, header) {
				t.Skipf("libtorch %s lacks it: %v", torch.Version(), err)
			}
			require.NoError(t, err)
			require.Len(t, outputs, len(f.Outputs))
			for i, want := range f.Outputs {
				want.Check(t, outputs[i], header.Exact(), tolerance, "output", i)
			}
		})
	}
}
