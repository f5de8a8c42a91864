package torch_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestSlices(t *testing.T) {
	assertRoundTrip(t, torch.Float32, []float32{1, -2.5, 0})
	assertRoundTrip(t, torch.Float64, []float64{1, math.Pi, -0.5})
	assertRoundTrip(t, torch.Int64, []int{1, -2, math.MaxInt})
	assertRoundTrip(t, torch.Int64, []int64{1, -2, math.MinInt64})
	assertRoundTrip(t, torch.Int32, []int32{1, -2, 3})
	assertRoundTrip(t, torch.Int16, []int16{1, -2, 3})
	assertRoundTrip(t, torch.Int8, []int8{1, -2, 3})
	assertRoundTrip(t, torch.Uint8, []uint8{1, 200, 3})
	assertRoundTrip(t, torch.Bool, []bool{true, false, true})
	assertRoundTrip(t, torch.Complex64, []complex64{1 + 2i, -3i, 0})
	assertRoundTrip(t, torch.Complex128, []complex128{1 + 2i, -3i, 0})
}

func assertRoundTrip[T torch.Element](t *testing.T, dtype torch.DType, data []T) {
	t.Helper()
	x := torch.FromSlice(data)
	assert.Equal(t, dtype, x.DType())
	assert.Equal(t, []int{len(data)}, x.Shape())
	assert.Equal(t, data, torch.ToSlice[T](x))
	assert.Equal(t, data, torch.ToSlice[T](torch.FromSlice(data, len(data), 1)))
	assert.Equal(t, data, torch.ToSlice[T](torch.NewTensor(data)))
	assert.Empty(t, torch.ToSlice[T](torch.FromSlice([]T{}, 0, 2)))
}

func TestFromSliceCopies(t *testing.T) {
	data := []float32{1, 2}
	x := torch.FromSlice(data)
	data[0] = 9
	assert.Equal(t, []float32{1, 2}, floats(x))
	floats(x)[1] = 9
	assert.Equal(t, []float32{1, 2}, floats(x))
}

// A slice is a copy, and what was made to convert the elements is freed.
func TestToSliceCopies(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2})
	torch.ToSlice[float32](x)[0] = 9
	assert.Equal(t, []float32{1, 2}, torch.ToSlice[float32](x))

	large := torch.Ones([]int{1000, 1000})
	before := cgotorch.LiveBytes()
	for range 10 {
		_ = torch.ToSlice[float32](large)
		_ = torch.ToSlice[float64](large)
		_ = torch.ToSlice[float32](large.T())
	}
	assert.Less(t, cgotorch.LiveBytes(), before+1<<20)
	assert.ErrorIs(t, torch.Try(func() { torch.ToSlice[int]((*torch.Tensor)(nil)) }), &torch.Error{Kind: torch.TypeError})
	x.Close()
	assert.ErrorIs(t, torch.Try(func() { torch.ToSlice[int](x) }), &torch.Error{Kind: torch.ClosedError})
}

func TestToSliceConverts(t *testing.T) {
	x := torch.FromSlice([]float32{1.9, -1.9, 0}, 3)
	assert.Equal(t, []int{1, -1, 0}, torch.ToSlice[int](x))
	assert.Equal(t, []bool{true, true, false}, torch.ToSlice[bool](x))
	half := x.To(torch.BFloat16)
	assert.Equal(t, torch.BFloat16, half.DType())
	assert.Equal(t, []float32{1.8984375, -1.8984375, 0}, floats(half))
	m := torch.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	assert.Equal(t, []float32{1, 4, 2, 5, 3, 6}, floats(m.T()), "row-major, whatever the strides")
	assert.Equal(t, []complex64{1 - 1i}, torch.ToSlice[complex64](torch.FromSlice([]complex64{1 - 1i})))
}

func TestNewTensor(t *testing.T) {
	x := torch.NewTensor([][][]int32{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}})
	assert.Equal(t, []int{2, 2, 2}, x.Shape())
	assert.Equal(t, []int32{1, 2, 3, 4, 5, 6, 7, 8}, torch.ToSlice[int32](x))
	array := torch.NewTensor([2][2]float32{{1, 2}, {3, 4}})
	assert.Equal(t, []float32{1, 2, 3, 4}, floats(array))
	scalar := torch.NewTensor(2.5)
	assert.Equal(t, []int{}, scalar.Shape())
	assert.Equal(t, 2.5, scalar.Item())
	assert.Equal(t, []int{0}, torch.NewTensor([]float32{}).Shape())
	assert.Equal(t, []int{2, 0}, torch.NewTensor([][]float32{{}, {}}).Shape())
	y := torch.NewTensor([]int{1, 2}, torch.TensorOptions{DType: torch.Float64, RequiresGrad: true})
	assert.Equal(t, torch.Float64, y.DType())
	assert.True(t, y.RequiresGrad())
	assert.True(t, y.IsLeaf())
}

func TestItems(t *testing.T) {
	assert.Equal(t, 3.0, torch.NewTensor(3).Item())
	assert.Equal(t, 1.0, torch.NewTensor(true).Item())
	assert.Equal(t, 3, torch.NewTensor(3.9).Int())
	assert.Equal(t, math.MaxInt, torch.NewTensor(math.MaxInt).Int())
	assert.Equal(t, 2-1i, torch.NewTensor(2-1i).Complex())
	assert.Equal(t, complex(3, 0), torch.NewTensor([]float32{3}).Complex())
	assert.True(t, torch.NewTensor(0.5).Bool())
	assert.False(t, torch.NewTensor([]int{0}).Bool())
	assert.ErrorContains(t, torch.Try(func() { torch.NewTensor(1i).Item() }), "use Complex")
	assert.ErrorContains(t, torch.Try(func() { torch.NewTensor(1i).Int() }), "use Complex")
}

func TestQueries(t *testing.T) {
	x := torch.Zeros([]int{2, 3, 4}, torch.TensorOptions{DType: torch.Float64})
	assert.Equal(t, []int{2, 3, 4}, x.Shape())
	assert.Equal(t, []int{12, 4, 1}, x.Stride())
	assert.Equal(t, 3, x.Dim())
	assert.Equal(t, 24, x.Numel())
	assert.Equal(t, 8, x.ElementSize())
	assert.Equal(t, 4, x.Size(-1))
	assert.Equal(t, torch.CPU, x.Device())
	assert.True(t, x.IsContiguous())
	view := x.Select(1, 2)
	assert.Equal(t, 8, view.StorageOffset())
	assert.False(t, view.IsContiguous())
	deep := torch.Ones([]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3})
	assert.Equal(t, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3}, deep.Shape())
	assert.Equal(t, 3, deep.Size(11))
	assert.Equal(t, []int{6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 3, 1}, deep.Stride())
}

func TestManyArguments(t *testing.T) {
	var parts []*torch.Tensor
	for i := range 200 { // more than a call holds on the stack
		parts = append(parts, torch.Full([]int{1}, i))
	}
	joined := torch.Cat(parts, 0)
	assert.Equal(t, 199*200/2, joined.Sum().Int())
	back := joined.Unbind(0) // more than come back on the stack
	require.Len(t, back, 200)
	assert.Equal(t, 150, back[150].Int())
}

func TestGenerator(t *testing.T) {
	g := torch.NewGenerator()
	assert.Equal(t, int64(5), g.ManualSeed(5).InitialSeed())
	state := g.State()
	o := torch.TensorOptions{Generator: g}
	first := floats(torch.Rand([]int{3}, o))
	assert.NotEqual(t, first, floats(torch.Rand([]int{3}, o)))
	g.SetState(state)
	assert.Equal(t, first, floats(torch.Rand([]int{3}, o)))
	assert.Equal(t, torch.CPU.Type(), g.Device().Type())
	assert.Equal(t, int64(3), torch.ManualSeed(3).InitialSeed())
	assert.Error(t, torch.Try(func() { g.SetState(nil) }))
}

func TestThreads(t *testing.T) {
	before := torch.NumThreads()
	torch.SetNumThreads(1)
	assert.Equal(t, 1, torch.NumThreads())
	torch.SetNumThreads(before)
	assert.Error(t, torch.Try(func() { torch.SetNumThreads(0) }))
}

func TestWithNumThreads(t *testing.T) {
	defer torch.SetNumThreads(torch.NumThreads())
	torch.SetNumThreads(3)
	ask, answer := make(chan bool), make(chan int)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for range ask {
			answer <- torch.NumThreads()
		}
	}()
	defer close(ask)
	elsewhere := func() int { ask <- true; return <-answer }
	assert.Equal(t, 3, elsewhere())
	torch.WithNumThreads(1, func() {
		assert.Equal(t, 1, torch.NumThreads())
		assert.Equal(t, 3, elsewhere(), "the number is the goroutine's own")
		torch.WithNumThreads(2, func() { assert.Equal(t, 2, torch.NumThreads()) })
		assert.Equal(t, 1, torch.NumThreads())
	})
	assert.Equal(t, 3, torch.NumThreads())
	assert.Panics(t, func() { torch.WithNumThreads(2, func() { panic("f") }) })
	assert.Equal(t, 3, torch.NumThreads(), "also after a panic")
	assert.ErrorContains(t, torch.Try(func() { torch.WithNumThreads(0, func() {}) }), "expected a positive number of threads, got 0")

	torch.SetNumThreads(2)
	assert.Equal(t, 2, elsewhere(), "a thread of the system that has computed before")
	torch.WithNumThreads(1, func() {
		set := make(chan bool)
		go func() { torch.SetNumThreads(4); close(set) }()
		<-set
		torch.Ones([]int{2}).Add(1)
		assert.Equal(t, 1, torch.NumThreads(), "whatever others may use")
		assert.Equal(t, 4, elsewhere())
	})
	assert.Equal(t, 4, torch.NumThreads(), "what was said meanwhile")
}

func TestNestedTensorsSayWhatTheyAre(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks operators of nested tensors")
	}
	x := torch.NestedTensor([]*torch.Tensor{torch.Ones([]int{2, 3}), torch.Ones([]int{1, 3})})
	assert.Equal(t, 3, x.Dim())
	assert.Equal(t, torch.Float32, x.DType())
	assert.Equal(t, torch.CPU, x.Device())
	assert.Equal(t, []int{-1, -1, -1}, x.Shape())
	assert.Equal(t, 9, x.Numel())
	assert.Equal(t, []int{2, 2, 3}, x.ToPaddedTensor(0).Shape())
}
