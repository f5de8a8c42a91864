package torch

import (
	"cmp"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// FromSlice returns a CPU tensor with a copy of data, in row-major order. The
// dtype is that of T: float32 gives Float32, int and int64 give Int64. Without a
// shape the tensor has one dimension. It panics if the shape does not hold
// exactly len(data) elements.
//
// It does what torch.from_numpy does for NumPy's arrays, but copies.
func FromSlice[T Element](data []T, shape ...int) *Tensor {
	if shape == nil {
		shape = []int{len(data)}
	}
	n := 1
	for _, size := range shape {
		n *= max(size, -1)
	}
	if n != len(data) {
		raise("torch.FromSlice", ValueError, "shape %v is invalid for %d elements", shape, len(data))
	}
	return fromMemory("torch.FromSlice", unsafe.Pointer(unsafe.SliceData(data)),
		len(data)*int(unsafe.Sizeof(*new(T))), shape, elementType[T]())
}

func fromMemory(op string, data unsafe.Pointer, bytes int, shape []int, dtype DType) *Tensor {
	handle, scope, err := cgotorch.FromData(data, bytes, shape, dtype.scalarType())
	check(op, err)
	return newTensor(handle, scope)
}

// ToSlice returns the elements in row-major order, converted to T. It copies, and
// waits for the device. It panics for a tensor on [Meta].
func ToSlice[T Element](x *Tensor) []T {
	elements, owner := lend[T]("torch.ToSlice", x)
	defer func() { cgotorch.Free(owner[:]) }()
	return append([]T{}, elements...) // append does not write zeros first, as make does
}

// CopyToSlice is [ToSlice] into a slice of the caller's, which must have as many
// elements as x.
func CopyToSlice[T Element](data []T, x *Tensor) {
	const op = "torch.CopyToSlice"
	elements, owner := lend[T](op, x)
	defer func() { cgotorch.Free(owner[:]) }()
	if len(elements) != len(data) {
		raise(op, ValueError, "the tensor has %d elements, the slice %d", len(elements), len(data))
	}
	copy(data, elements)
}

// lend returns the elements in row-major order, converted to T, where libtorch has
// them until the owner is freed.
func lend[T Element](op string, x *Tensor) (elements []T, owner [1]cgotorch.Handle) {
	handle, data, n, err := cgotorch.Elements(x.use(op), elementType[T]().scalarType())
	x.release()
	check(op, err)
	return unsafe.Slice((*T)(data), n), [1]cgotorch.Handle{handle}
}

// NewTensor returns a tensor with the elements of a Go number or of slices of
// any depth, such as [][]float32{{1, 2}, {3, 4}}. The dtype is that of the Go
// type, as for [FromSlice], unless options give another. It panics if slices of
// one depth differ in length, or on a type that no dtype holds.
//
// https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
func NewTensor(data any, options ...TensorOptions) *Tensor {
	const op = "torch.NewTensor"
	o := First(options)
	shape, leaf := nestedShape(reflect.ValueOf(data))
	var zero any
	if leaf != nil {
		zero = reflect.Zero(leaf).Interface()
	}
	var x *Tensor
	switch zero.(type) {
	case float32:
		x = fromNested[float32](data, shape)
	case float64:
		x = fromNested[float64](data, shape)
	case int:
		x = fromNested[int](data, shape)
	case int64:
		x = fromNested[int64](data, shape)
	case int32:
		x = fromNested[int32](data, shape)
	case int16:
		x = fromNested[int16](data, shape)
	case int8:
		x = fromNested[int8](data, shape)
	case uint8:
		x = fromNested[uint8](data, shape)
	case bool:
		x = fromNested[bool](data, shape)
	case complex64:
		x = fromNested[complex64](data, shape)
	case complex128:
		x = fromNested[complex128](data, shape)
	default:
		raise(op, TypeError, "no dtype holds a %T; want a number or nested slices of numbers", data)
	}
	if device := cmp.Or(o.Device, defaultDevice()); (o.DType != 0 && o.DType != x.DType()) || device.kind != 0 {
		x = x.convert(o.DType, device, 0)
	}
	if o.PinMemory {
		x = x.PinMemory()
	}
	if o.RequiresGrad {
		x.SetRequiresGrad(true)
	}
	return x
}

// nestedShape returns the lengths of nested slices, judged by the first of each
// depth, and the type of their elements.
func nestedShape(v reflect.Value) (shape []int, leaf reflect.Type) {
	if !v.IsValid() {
		return nil, nil
	}
	t := v.Type()
	shape = []int{}
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		n := 0
		if v.IsValid() {
			n = v.Len()
		}
		shape = append(shape, n)
		if n > 0 {
			v = v.Index(0)
		} else {
			v = reflect.Value{}
		}
		t = t.Elem()
	}
	return shape, t
}

// fromNested copies nested slices of T, row by row.
func fromNested[T Element](data any, shape []int) *Tensor {
	n := 1
	for _, size := range shape {
		n *= size
	}
	flat := make([]T, 0, n)
	var walk func(v reflect.Value, depth int)
	walk = func(v reflect.Value, depth int) {
		if depth == len(shape) {
			flat = append(flat, v.Interface().(T))
			return
		}
		if v.Len() != shape[depth] {
			raise("torch.NewTensor", ValueError,
				"expected sequence of length %d at dim %d (got %d)", shape[depth], depth, v.Len())
		}
		if row, ok := v.Interface().([]T); ok {
			flat = append(flat, row...)
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), depth+1)
		}
	}
	walk(reflect.ValueOf(data), 0)
	return FromSlice(flat, shape...)
}

var opItem = NewOperator("aten::item(Tensor self) -> Scalar")

// value returns the value of a tensor of one element: an int, with 0 and 1 for
// bools, a float64 or a complex128.
func (x *Tensor) value() any {
	var c Call
	c.Tensor(x)
	results, err := c.call(opItem)
	if err != nil && err.Kind != cgotorch.KindClosed && x.IsMeta() {
		raise("torch.Tensor.Item", RuntimeError, "Item cannot be called on a meta tensor: it has no values")
	}
	c.check("", err)
	r := Results{results}
	switch r.raw.Tag() {
	case cgotorch.TagInt:
		return r.Int()
	case cgotorch.TagComplex:
		return r.raw.TakeComplex()
	case cgotorch.TagBool:
		if r.Bool() {
			return 1
		}
		return 0
	}
	return r.Float()
}

// Item returns the value of a tensor with one element as a float64; a bool is 0
// or 1. It panics if there are more elements or none, or if the value is complex.
// It waits for the device.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
func (x *Tensor) Item() float64 {
	switch v := x.value().(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	raise("torch.Tensor.Item", TypeError, "the value is complex; use Complex")
	return 0
}

// Int returns the value of a tensor with one element as an int, cutting off a
// fraction. Converting a tensor's elements is To(torch.Int32).
func (x *Tensor) Int() int {
	switch v := x.value().(type) {
	case int:
		return v
	case float64:
		return int(v)
	}
	raise("torch.Tensor.Int", TypeError, "the value is complex; use Complex")
	return 0
}

// Bool returns whether the value of a tensor with one element is not zero, as
// Python's bool(x) does.
func (x *Tensor) Bool() bool { return x.Complex() != 0 }

// Complex returns the value of a tensor with one element as a complex128.
func (x *Tensor) Complex() complex128 {
	switch v := x.value().(type) {
	case int:
		return complex(float64(v), 0)
	case float64:
		return complex(v, 0)
	default:
		return v.(complex128)
	}
}

// GoString returns the type and shape, for %#v.
func (x *Tensor) GoString() string {
	if x == nil || x.IsClosed() {
		return x.String()
	}
	return fmt.Sprintf("torch.Tensor%v{%v, %v}", x.Shape(), x.DType(), x.Device())
}
