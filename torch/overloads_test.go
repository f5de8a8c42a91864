package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// The values of this file are Python's.

func TestReductionsTakeDimensionsAndOptionsInOneWay(t *testing.T) {
	skipOlder(t)
	x := torch.NewTensor([][]int{{1, 0, 3}, {0, 0, 2}})
	check := func(shape, want []int, got *torch.Tensor) {
		t.Helper()
		assert.Equal(t, shape, got.Shape())
		assert.Equal(t, want, torch.ToSlice[int](got.Flatten().To(torch.Int64)))
	}
	keep := func(dim ...int) torch.DimOptions { return torch.DimOptions{Dim: dim, Keepdim: true} }
	check([]int{2, 1}, []int{0, 0}, x.AllWith(keep(1)))
	check([]int{1, 1}, []int{0}, x.AllWith(keep(0, 1)))
	check([]int{1, 3}, []int{1, 0, 1}, x.AnyWith(keep(0)))
	check([]int{1, 1}, []int{1}, x.AnyWith(keep()))
	check([]int{2, 3}, []int{1, 0, 1, 0, 0, 1}, x.AllWith(keep([]int{}...)))
	check([]int{3}, []int{1, 0, 1}, x.AnyWith(torch.DimOptions{Dim: []int{0}}))
	check([]int{2, 1}, []int{2, 2}, x.ArgmaxWith(keep(1)))
	check([]int{1, 1}, []int{1}, x.ArgminWith(keep()))
	check([]int{}, []int{2}, x.Argmax())

	products := x.ProdWith(torch.ReduceOptions{Dim: []int{1}, Keepdim: true, DType: torch.Float64})
	assert.Equal(t, torch.Float64, products.DType())
	check([]int{2, 1}, []int{0, 0}, products)
	assert.Equal(t, torch.Float32, x.ProdWith(torch.ReduceOptions{DType: torch.Float32}).DType())
	assert.Equal(t, torch.Int64, x.To(torch.Bool).Prod().DType())

	assert.ErrorContains(t, torchtest.Fails(t, func() { x.Argmax(0, 1) }), "takes one dimension")
	assert.ErrorContains(t, torchtest.Fails(t, func() { x.Prod(0, 1) }), "takes one dimension")
	assert.ErrorContains(t, torchtest.Fails(t, func() { x.ProdWith(torch.ReduceOptions{Keepdim: true}) }), "Keepdim needs a dimension")
}

func TestOptionsThatAreOverloads(t *testing.T) {
	skipOlder(t)
	x := torch.NewTensor([]int{2, 1, 2, 1})
	assert.Equal(t, []int{0, 2, 1, 3}, torch.ToSlice[int](x.Argsort(torch.ArgsortOptions{Stable: true, Descending: true})))
	values, indices := x.Sort(torch.SortOptions{Stable: true, Descending: true})
	assert.Equal(t, []int{2, 2, 1, 1}, torch.ToSlice[int](values))
	assert.Equal(t, []int{0, 2, 1, 3}, torch.ToSlice[int](indices))

	ones, at := torch.Ones([]int{3}), torch.NewTensor([]int{0, 0, 2})
	added := ones.Scatter(0, at, torch.NewTensor([]float32{2, 3, 4}), torch.ScatterOptions{Reduce: torch.ReducerAdd})
	assert.Equal(t, []float32{6, 1, 5}, torch.ToSlice[float32](added))
	ones.FillInplace(5).ScatterInplace(0, torch.NewTensor([]int{0, 2}), 3.0, torch.ScatterOptions{Reduce: "multiply"})
	assert.Equal(t, []float32{15, 5, 15}, torch.ToSlice[float32](ones))

	// Only CUDA has these, so what comes back is libtorch's word that it was asked.
	m, square := torch.Ones([]int{2, 2}), torch.Ones([]int{1, 2, 2})
	for op, f := range map[string]func(){
		"mm.dtype":      func() { m.Mm(m, torch.MmOptions{OutDType: torch.Float32}) },
		"bmm.dtype":     func() { square.Bmm(square, torch.BmmOptions{OutDType: torch.Float32}) },
		"addmm.dtype":   func() { m.Addmm(m, m, torch.AddmmOptions{OutDType: torch.Float32}) },
		"baddbmm.dtype": func() { square.Baddbmm(square, square, torch.BaddbmmOptions{OutDType: torch.Float32}) },
	} {
		assert.ErrorContains(t, torchtest.Fails(t, f), op)
	}
	assert.ErrorContains(t, torchtest.Fails(t, func() { m.AddmmInplace(m, m, torch.AddmmOptions{OutDType: torch.Float32}) }), "there is no OutDType in place")
}

func TestSpacedNumbersOfTensors(t *testing.T) {
	skipOlder(t)
	check := func(want []float32, got *torch.Tensor) {
		t.Helper()
		assert.InDeltaSlice(t, want, torch.ToSlice[float32](got), 1e-5)
	}
	zero, two := torch.NewTensor(float32(0)), torch.NewTensor(float32(2))
	check([]float32{0, 1, 2}, torch.Linspace(zero, two, 3))
	check([]float32{0, 1, 2}, torch.Linspace(0, two, 3))
	check([]float32{0, 1, 2}, torch.Linspace(zero, 2, 3))
	check([]float32{1, 10, 100}, torch.Logspace(zero, 2, 3))
	check([]float32{1, 10, 100}, torch.Logspace(0, two, 3))
	check([]float32{1, 2, 4, 8}, torch.Logspace(0, 3, 4, torch.LogspaceOptions{Base: new(2.0)}))
}

func TestMemoryFormatIsRefusedWhereThereIsNone(t *testing.T) {
	skipOlder(t)
	last := torch.TensorOptions{MemoryFormat: torch.ChannelsLast}
	x := torch.Ones([]int{1, 2, 3, 4})
	drawn := last
	drawn.Generator = torch.NewGenerator()
	for name, y := range map[string]*torch.Tensor{
		"Empty": torch.Empty([]int{1, 2, 3, 4}, last), "EmptyLike": torch.EmptyLike(x, last), "ZerosLike": torch.ZerosLike(x, last),
		"OnesLike": torch.OnesLike(x, last), "FullLike": torch.FullLike(x, 2, last), "RandLike": torch.RandLike(x, last),
		"RandintLike": torch.RandintLike(x, 0, 3, last), "RandnLike": torch.RandnLike(x, drawn),
	} {
		assert.Equal(t, []int{24, 1, 8, 2}, y.Stride(), name)
	}
	for _, f := range []func(){
		func() { torch.Zeros([]int{2}, last) }, func() { torch.Rand([]int{2}, last) }, func() { x.NewOnes([]int{2}, last) },
	} {
		assert.ErrorContains(t, torchtest.Fails(t, f), "it has no MemoryFormat")
	}
}

func TestCopiesThatAreAskedFor(t *testing.T) {
	x := torch.Ones([]int{2})
	same, other := x.To(torch.Float32), x.To(torch.Float32, torch.ToOptions{Copy: true, NonBlocking: true})
	x.FillInplace(3)
	assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](same))
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](other))
	x.CopyInplace(torch.NewTensor([]int{1, 2}), torch.CopyOptions{NonBlocking: true})
	assert.Equal(t, []float32{1, 2}, torch.ToSlice[float32](x))
}

func TestEinsumTakesAPath(t *testing.T) {
	ones := torch.Ones([]int{2, 2})
	operands := []*torch.Tensor{ones.Mul(2), ones.Mul(3), ones}
	x := torch.EinsumWith("ij,jk,kl->il", operands, torch.EinsumOptions{Path: [][2]int{{1, 2}, {0, 1}}})
	assert.Equal(t, []float32{24, 24, 24, 24}, torch.ToSlice[float32](x.Flatten()))
	short := func() { torch.EinsumWith("ij,jk,kl->il", operands, torch.EinsumOptions{Path: [][2]int{{0, 1}}}) }
	assert.ErrorContains(t, torchtest.Fails(t, short), "path")
	assert.Equal(t, 2, torch.Eye(2).ToSparse().NNZ())
}

// skipOlder skips tests of overloads that libtorch 2 brought.
func skipOlder(t *testing.T) {
	t.Helper()
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks the overloads")
	}
}
