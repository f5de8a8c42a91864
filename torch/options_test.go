package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// seeded returns options with a generator of Python's torch.Generator().manual_seed(5).
func seeded() torch.TensorOptions {
	return torch.TensorOptions{Generator: torch.NewGenerator().ManualSeed(5)}
}

func TestRandomFunctionsUseTheGenerator(t *testing.T) {
	if torch.Version() != "2.15.0" {
		t.Skip("older libtorches have no generator for rand_like")
	}
	x := torch.Zeros([]int{2})
	assert.Equal(t, "tensor([0.8303, 0.1261])", torch.RandLike(x, seeded()).String())
	assert.Equal(t, "tensor([-0.4868, -0.6038])", torch.RandnLike(x, seeded()).String())
	assert.Equal(t, "tensor([1., 4.])", torch.RandintLike(x, 0, 10, seeded()).String())
	double := seededDouble()
	y := torch.RandnLike(x, double)
	assert.Equal(t, torch.Float64, y.DType())
	assert.True(t, y.RequiresGrad())

	m := torch.FromSlice([]float32{1, 2})
	assert.Equal(t, "tensor([0.5132, 0.7924])", torch.Normal(m, m, torch.NormalOptions{TensorOptions: seeded()}).String())
	assert.Equal(t, "tensor([0.5132, 1.3962])", torch.Normal(m, 1, torch.NormalOptions{TensorOptions: seeded()}).String())
	assert.Equal(t, "tensor([-0.4868, -1.2076])", torch.Normal(0, m, torch.NormalOptions{TensorOptions: seeded()}).String())
	assert.Equal(t, "tensor([-0.4868, -0.6038], dtype=torch.float64, requires_grad=True)",
		torch.Normal(0, 1, torch.NormalOptions{Size: []int{2}, TensorOptions: seededDouble()}).String())
}

func seededDouble() torch.TensorOptions {
	o := seeded()
	o.DType, o.RequiresGrad = torch.Float64, true
	return o
}

func TestSparseDType(t *testing.T) {
	i, at := torch.FromSlice([]int{0, 1}), torch.FromSlice([]int{0, 1, 2})
	v := torch.FromSlice([]float32{1.5, 2})
	block := torch.FromSlice([]float32{1.5, 2}, 2, 1, 1)
	of := func(d torch.DType) torch.SparseOptions {
		return torch.SparseOptions{TensorOptions: torch.TensorOptions{DType: d}}
	}
	compressed := of(torch.Float64)
	compressed.Layout = torch.SparseCSR
	for name, x := range map[string]*torch.Tensor{
		"COO":        torch.SparseCOOTensor(i.Unsqueeze(0), v, of(torch.Float64)),
		"CSR":        torch.SparseCSRTensor(at, i, v, of(torch.Float64)),
		"CSC":        torch.SparseCSCTensor(at, i, v, of(torch.Float64)),
		"BSR":        torch.SparseBSRTensor(at, i, block, of(torch.Float64)),
		"BSC":        torch.SparseBSCTensor(at, i, block, of(torch.Float64)),
		"compressed": torch.SparseCompressedTensor(at, i, v, compressed),
	} {
		assert.Equal(t, torch.Float64, x.DType(), name)
		assert.InDelta(t, 3.5, x.ToDense().Sum().Item(), 0, name)
	}
	whole := torch.SparseCOOTensor(i.Unsqueeze(0), v, of(torch.Int32))
	assert.Equal(t, []int32{1, 2}, torch.ToSlice[int32](whole.ToDense()))

	leaf := torch.FromSlice([]float32{1, 2}).SetRequiresGrad(true)
	torch.SparseCOOTensor(i.Unsqueeze(0), leaf, of(torch.Float64)).ToDense().Sum().Backward()
	assert.Equal(t, []float32{1, 1}, floats(leaf.Grad()), "gradients flow through the conversion")
}

// What cannot be used is refused, not dropped.
func TestOptionsThatCannotBeUsed(t *testing.T) {
	x, m := torch.Ones([]int{2, 2}), torch.FromSlice([]float32{1, 2})
	normal := func(o torch.NormalOptions) func() { return func() { torch.Normal(m, 1, o) } }
	const numbersOnly = "are for means and deviations that are numbers"
	draws := "Generator is an option of functions that draw random numbers"
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Normal's size":     {Call: normal(torch.NormalOptions{Size: []int{2}}), Kind: torch.TypeError, Words: numbersOnly},
		"Normal's dtype":    {Call: normal(torch.NormalOptions{TensorOptions: torch.TensorOptions{DType: torch.Float64}}), Kind: torch.TypeError, Words: numbersOnly},
		"Normal's device":   {Call: normal(torch.NormalOptions{TensorOptions: torch.TensorOptions{Device: torch.CPU}}), Kind: torch.TypeError, Words: numbersOnly},
		"Normal's gradient": {Call: normal(torch.NormalOptions{TensorOptions: torch.TensorOptions{RequiresGrad: true}}), Kind: torch.TypeError, Words: numbersOnly},
		"Zeros":             {Call: func() { torch.Zeros([]int{2}, seeded()) }, Kind: torch.TypeError, Words: draws},
		"ZerosLike":         {Call: func() { torch.ZerosLike(x, seeded()) }, Kind: torch.TypeError, Words: draws},
		"Eye":               {Call: func() { torch.Eye(2, torch.EyeOptions{TensorOptions: seeded()}) }, Kind: torch.TypeError, Words: draws},
		"HannWindow":        {Call: func() { torch.HannWindow(2, torch.WindowOptions{TensorOptions: seeded()}) }, Kind: torch.TypeError, Words: draws},
		"sparse": {Call: func() {
			torch.SparseCOOTensor(torch.FromSlice([]int{0, 1}, 1, 2), m, torch.SparseOptions{TensorOptions: seeded()})
		}, Kind: torch.TypeError, Words: draws},
		"NewTensor":          {Call: func() { torch.NewTensor(1, seeded()) }, Kind: torch.TypeError, Words: "takes no Generator"},
		"NewTensor's layout": {Call: func() { torch.NewTensor(1, torch.TensorOptions{Layout: torch.SparseCOO}) }, Kind: torch.TypeError, Words: "no Layout but Strided"},
		"SVDLowRank":         {Call: func() { torch.SVDLowRank(x, torch.LowRankOptions{Center: new(false)}) }, Kind: torch.TypeError, Words: "Center is an option of PCALowRank"},
		"PCALowRank":         {Call: func() { torch.PCALowRank(x, torch.LowRankOptions{M: x}) }, Kind: torch.TypeError, Words: "M is an option of SVDLowRank"},
		"Trapezoid":          {Call: func() { torch.Trapezoid(m, torch.TrapezoidOptions{X: m, Dx: 2}) }, Kind: torch.TypeError, Words: "want one of them"},
		"Gradient": {Call: func() {
			torch.Gradient(m, torch.GradientOptions{Spacing: []torch.Number{2}, Coordinates: []*torch.Tensor{m}})
		}, Kind: torch.TypeError, Words: "want one of them"},
	})
}

func TestUnravelIndexDividesInInt64(t *testing.T) {
	for _, x := range []*torch.Tensor{
		torch.FromSlice([]int8{36, 0, 84, 108}), torch.FromSlice([]int16{36, 0, 84, 108}), torch.FromSlice([]int32{36, 0, 84, 108}),
		torch.FromSlice([]int{36, 0, 84, 108}), torch.FromSlice([]uint8{36, 0, 84, 108}),
	} {
		for _, shape := range [][]int{{4, 300}, {2, 256}} {
			list := torch.UnravelIndex(x, shape)
			assert.Len(t, list, 2)
			assert.Equal(t, torch.Int64, list[0].DType())
			assert.Equal(t, []int{0, 0, 0, 0}, torch.ToSlice[int](list[0]), "%v %v", x.DType(), shape)
			assert.Equal(t, []int{36, 0, 84, 108}, torch.ToSlice[int](list[1]), "%v %v", x.DType(), shape)
		}
	}
	large := torch.UnravelIndex(torch.FromSlice([]int32{1<<31 - 1}), []int{65536, 65536})
	assert.Equal(t, 32767, large[0].Int())
	assert.Equal(t, 65535, large[1].Int())
	assert.Empty(t, torch.UnravelIndex(torch.FromSlice([]int{700}), nil))
	assert.Len(t, torch.UnravelIndex(torch.FromSlice([]int{}), []int{0, 256}), 2)
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"bools":    {Call: func() { torch.UnravelIndex(torch.FromSlice([]bool{true}), []int{2}) }, Kind: torch.TypeError, Words: "expected 'indices' to be integer dtype, but got torch.bool"},
		"negative": {Call: func() { torch.UnravelIndex(torch.FromSlice([]int{1}), []int{5, -1}) }, Kind: torch.ValueError, Words: "(5, -1)"},
		"zero":     {Call: func() { torch.UnravelIndex(torch.FromSlice([]int{1}), []int{0, 1}) }, Kind: torch.ValueError, Words: "(0, 1)"},
		"too many": {Call: func() { torch.UnravelIndex(torch.FromSlice([]int{1}), []int{2, 1 << 40, 1 << 40}) }, Kind: torch.ValueError, Words: "cannot be counted by an int"},
	})
}

// TestEmptyDimensions has Python's dim=() beside no dim at all.
func TestEmptyDimensions(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks the operators that take lists of dimensions")
	}
	x := torch.FromSlice([]float32{1, 0, 0, 3}, 2, 2)
	empty := []int{}
	each := []bool{true, false, false, true}
	assert.Equal(t, each, torch.ToSlice[bool](x.All(empty...)))
	assert.Equal(t, each, torch.ToSlice[bool](x.Any(empty...)))
	assert.Equal(t, []int{2, 2}, torch.Any(x, empty...).Shape())
	assert.False(t, x.All().Bool())
	assert.True(t, x.Any([]int(nil)...).Bool(), "nil is no argument")

	ones := torch.Ones([]int{2, 1, 3})
	assert.Equal(t, []int{2, 1, 3}, ones.Squeeze(empty...).Shape())
	assert.Equal(t, []int{2, 3}, ones.Squeeze().Shape())
	assert.Equal(t, []int{2, 1, 3}, ones.Clone().SqueezeInplace(empty...).Shape())
	assert.Equal(t, []int{2, 3}, ones.Clone().SqueezeInplace().Shape())

	for name, y := range map[string]*torch.Tensor{
		"sum": x.Sum(empty...), "mean": x.Mean(empty...).Mul(4), "nansum": x.NanSum(empty...), "nanmean": x.NanMean(empty...).Mul(4),
		"var": x.Var(empty...).Add(2), "std": x.Std(empty...).Square().Add(2), "count": x.CountNonzero(empty...).Mul(2),
		"amax": x.Amax(empty).Add(1), "to size": x.SumToSize(empty...),
	} {
		assert.Empty(t, y.Shape(), name)
		assert.InDelta(t, 4, y.Item(), 1e-6, name)
	}
	assert.Equal(t, []int{1, 1}, x.SumWith(torch.ReduceOptions{Dim: empty, Keepdim: true}).Shape())
	variance, mean := torch.VarMean(x, empty...)
	assert.Empty(t, variance.Shape())
	assert.InDelta(t, 1, mean.Item(), 0)
	assert.True(t, x.Flip(empty...).Equal(x))
	assert.True(t, x.Tile(empty...).Equal(x))
	scalar := torch.Ones(nil)
	assert.Empty(t, scalar.View(empty...).Shape())
	assert.Empty(t, scalar.Permute(empty...).Shape())
	assert.Empty(t, scalar.Expand(empty...).Shape())
	assert.Empty(t, scalar.Repeat(empty...).Shape())
	assert.Empty(t, torch.FromSlice([]int{5}, empty...).Shape())

	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Prod":    {Call: func() { x.Prod(empty...) }, Kind: torch.TypeError, Words: "takes one dimension, or no argument for all of them, but got 0 dimensions"},
		"Argmax":  {Call: func() { x.Argmax(empty...) }, Kind: torch.TypeError, Words: "but got 0 dimensions"},
		"Argmin":  {Call: func() { x.Argmin(empty...) }, Kind: torch.TypeError, Words: "but got 0 dimensions"},
		"Permute": {Call: func() { x.Permute(empty...) }, Kind: torch.RuntimeError, Words: "number of dimensions"},
		"Expand":  {Call: func() { x.Expand(empty...) }, Kind: torch.RuntimeError, Words: "number of sizes provided (0)"},
		"Repeat":  {Call: func() { x.Repeat(empty...) }, Kind: torch.RuntimeError, Words: "can not be smaller"},
		"View":    {Call: func() { x.View(empty...) }, Kind: torch.RuntimeError, Words: "shape '[]' is invalid"},
	})
}
