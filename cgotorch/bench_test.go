package cgotorch_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// ones makes a tensor of n floats that lives as long as the benchmark.
func ones(b *testing.B, n int) cgotorch.Handle {
	b.Helper()
	data := make([]float32, n)
	for i := range data {
		data[i] = 1
	}
	h, _, err := cgotorch.FromData(unsafe.Pointer(unsafe.SliceData(data)), 4*n, []int{n}, 6)
	require.Nil(b, err)
	b.Cleanup(func() { cgotorch.Free([]cgotorch.Handle{h}) })
	return h
}

// BenchmarkCall calls an operator of two small tensors and frees its result.
func BenchmarkCall(b *testing.B) {
	add := cgotorch.NewOp("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
	x := ones(b, 16)
	for b.Loop() {
		var a cgotorch.Args
		a.Tensor(x)
		a.Tensor(x)
		a.Int(1)
		h, _, err := add.Call1(&a, 0)
		if err != nil {
			b.Fatal(err.Message)
		}
		cgotorch.Free([]cgotorch.Handle{h})
	}
}

// BenchmarkFreeLater frees results in batches, as finalizers do.
func BenchmarkFreeLater(b *testing.B) {
	add := cgotorch.NewOp("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
	x := ones(b, 16)
	for b.Loop() {
		var a cgotorch.Args
		a.Tensor(x)
		a.Tensor(x)
		a.Int(1)
		h, _, err := add.Call1(&a, 0)
		if err != nil {
			b.Fatal(err.Message)
		}
		cgotorch.FreeLater(h)
	}
	cgotorch.Flush()
}

// BenchmarkRefused calls an operator with tensors that do not fit.
func BenchmarkRefused(b *testing.B) {
	add := cgotorch.NewOp("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
	x, y := ones(b, 16), ones(b, 3)
	for b.Loop() {
		var a cgotorch.Args
		a.Tensor(x)
		a.Tensor(y)
		a.Int(1)
		if _, _, err := add.Call1(&a, 0); err == nil {
			b.Fatal("it fits")
		}
	}
}
