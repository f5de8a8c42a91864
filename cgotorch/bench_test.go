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

var opAdd = cgotorch.NewOp("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")

func add(x, y cgotorch.Handle) (cgotorch.Handle, *cgotorch.Error) {
	var a cgotorch.Args
	a.Tensor(x)
	a.Tensor(y)
	a.Int(1)
	h, _, err := opAdd.Call1(&a, 0)
	return h, err
}

// BenchmarkCall calls an operator of two small tensors and frees its result.
func BenchmarkCall(b *testing.B) {
	x := ones(b, 16)
	for b.Loop() {
		h, err := add(x, x)
		if err != nil {
			b.Fatal(err.Message)
		}
		cgotorch.Free([]cgotorch.Handle{h})
	}
}

// BenchmarkFreeLater frees results in batches, as finalizers do.
func BenchmarkFreeLater(b *testing.B) {
	x := ones(b, 16)
	for b.Loop() {
		h, err := add(x, x)
		if err != nil {
			b.Fatal(err.Message)
		}
		cgotorch.FreeLater(h)
	}
	cgotorch.Flush()
}

// BenchmarkRefused calls an operator with tensors that do not fit.
func BenchmarkRefused(b *testing.B) {
	x, y := ones(b, 16), ones(b, 3)
	for b.Loop() {
		if _, err := add(x, y); err == nil {
			b.Fatal("it fits")
		}
	}
}
