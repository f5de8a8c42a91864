package serve

import (
	"fmt"
	"math"
	"runtime"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Array is a tensor as requests and responses have it: its elements are in Go's memory,
// row-major and little-endian, so that nothing is to be closed.
type Array struct {
	Name  string
	DType torch.DType
	Shape []int
	Data  []byte
}

// NewArray returns a copy of a tensor of any device.
func NewArray(name string, x *torch.Tensor) Array {
	argument.NotNil("serve.NewArray", "the tensor", x)
	a := Array{Name: name, DType: x.DType(), Shape: x.Shape()}
	torch.Scope(func() {
		y := x.Detach().To(torch.CPU).Contiguous()
		a.Data = append([]byte{}, elements(y)...)
		runtime.KeepAlive(y)
	})
	return a
}

// Tensor returns a tensor with a copy of the elements, on the CPU. It panics with a
// *[torch.Error] if there are more or fewer of them than the shape says.
func (a Array) Tensor() *torch.Tensor {
	n, err := a.bytes()
	if err == nil && n != len(a.Data) {
		err = fmt.Errorf("the shape %v of %v takes %d bytes, and %d are given", a.Shape, a.DType, n, len(a.Data))
	}
	if err != nil {
		panic(torch.Errorf("serve.Array.Tensor", torch.ValueError, "%s", err.Error()))
	}
	x := torch.Empty(a.Shape, torch.TensorOptions{DType: a.DType, Device: torch.CPU})
	copy(elements(x), a.Data)
	runtime.KeepAlive(x)
	return x
}

// elements returns the memory of the elements of a contiguous tensor on the CPU.
func elements(x *torch.Tensor) []byte {
	n := x.Numel() * x.ElementSize()
	if n == 0 {
		return nil
	}
	start := x.StorageOffset() * x.ElementSize()
	return internals.Memory(x)[start : start+n]
}

// bytes returns how many bytes the elements take.
func (a Array) bytes() (int, error) {
	size := a.DType.ItemSize()
	if size == 0 {
		return 0, fmt.Errorf("the dtype %v has no elements of their own", a.DType)
	}
	n := int64(size)
	for _, length := range a.Shape {
		if length < 0 {
			return 0, fmt.Errorf("the shape %v has a size below 0", a.Shape)
		}
	}
	for _, length := range a.Shape {
		if length == 0 {
			return 0, nil
		}
		if n > math.MaxInt64/int64(length) {
			return 0, fmt.Errorf("the shape %v has too many elements", a.Shape)
		}
		n *= int64(length)
	}
	return int(n), nil
}
