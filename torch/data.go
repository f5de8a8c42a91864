package torch

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// FromSlice returns a CPU tensor with a copy of data, in row-major order. The
// dtype is that of T: float32 gives Float32, int and int64 give Int64, uint Uint64.
// Few operators take unsigned integers of more than 8 bits. Without a
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
		panic(Errorf("torch.FromSlice", ValueError, "shape %v is invalid for %d elements", shape, len(data)))
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
		panic(Errorf(op, ValueError, "the tensor has %d elements, the slice %d", len(elements), len(data)))
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
	o := option.First(options)
	if o.Generator != nil || o.Layout > Strided {
		panic(Errorf(op, TypeError, "takes no Generator, and no Layout but Strided"))
	}
	x := fromNested(op, data)
	if device := cmp.Or(o.Device, defaultDevice()); (o.DType != 0 && o.DType != x.DType()) || device.kind != 0 {
		x = x.convert(o.DType, device, o.MemoryFormat, ToOptions{})
	}
	if o.PinMemory {
		x = x.PinMemory()
	}
	if o.RequiresGrad {
		x.SetRequiresGrad(true)
	}
	return x
}

// fromNested returns a tensor of a number or of nested slices or arrays of numbers.
func fromNested(op string, data any) *Tensor {
	v := reflect.ValueOf(data)
	shape, leaf := nestedShape(v)
	if leaf == nil {
		panic(Errorf(op, TypeError, "no dtype holds a %T; want a number or nested slices of numbers", data))
	}
	n := 1
	for _, size := range shape {
		n *= size
	}
	flat := reflect.MakeSlice(reflect.SliceOf(leaf), n, n)
	if len(shape) == 0 {
		flat.Index(0).Set(v)
	} else {
		copyNested(op, flat, v, shape, 0)
	}
	return fromMemory(op, flat.UnsafePointer(), n*int(leaf.Size()), shape, kindType(leaf.Kind()))
}

// nestedShape returns the lengths of nested slices, judged by the first of each
// depth, and the type of their elements, nil if no dtype holds it.
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
	if kindType(t.Kind()) == 0 || t == reflect.TypeFor[DType]() {
		return nil, nil
	}
	return shape, t
}

// copyNested copies nested slices of the given shape from depth on into the first
// elements of flat, and returns the others.
func copyNested(op string, flat, v reflect.Value, shape []int, depth int) reflect.Value {
	if v.Len() != shape[depth] {
		panic(Errorf(op, ValueError, "expected sequence of length %d at dim %d (got %d)", shape[depth], depth, v.Len()))
	}
	if depth == len(shape)-1 {
		return flat.Slice(reflect.Copy(flat, v), flat.Len())
	}
	for i := range v.Len() {
		flat = copyNested(op, flat, v.Index(i), shape, depth+1)
	}
	return flat
}

var opItem = NewOperator("aten::item(Tensor self) -> Scalar")

// value returns the value of a tensor of one element: an int, with 0 and 1 for
// bools, a uint64 above the ints, a float64 or a complex128. method is for errors.
func (x *Tensor) value(method string) any {
	var c Call
	c.Tensor(x)
	results, err := c.call(opItem)
	if err != nil && err.Kind != cgotorch.KindClosed && x.IsMeta() {
		panic(Errorf("torch.Tensor."+method, RuntimeError, "%s cannot be called on a meta tensor: it has no values",
			method))
	}
	c.check("", err)
	r := Results{results}
	switch r.raw.Tag() {
	case cgotorch.TagInt:
		return r.Int()
	case cgotorch.TagUint:
		return r.raw.TakeUint()
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
	switch v := x.value("Item").(type) {
	case int:
		return float64(v)
	case uint64:
		return float64(v)
	case float64:
		return v
	}
	panic(Errorf("torch.Tensor.Item", TypeError, "the value is complex; use Complex"))
}

// Int returns the value of a tensor with one element as an int, cutting off a
// fraction, as Python's int(x) does. It panics if the value is NaN, infinite, complex
// or not one of int's. Converting a tensor's elements is To(torch.Int32).
func (x *Tensor) Int() int {
	const op = "torch.Tensor.Int"
	switch v := x.value("Int").(type) {
	case int:
		return v
	case uint64:
		panic(Errorf(op, ValueError, "%d is too large for an int", v))
	case float64:
		switch {
		case math.IsNaN(v):
			panic(Errorf(op, ValueError, "cannot convert float NaN to integer"))
		case math.IsInf(v, 0):
			panic(Errorf(op, ValueError, "cannot convert float infinity to integer"))
		case v < math.MinInt || v >= -math.MinInt:
			panic(Errorf(op, ValueError, "%g is too large for an int; use Item", v))
		}
		return int(v)
	}
	panic(Errorf(op, TypeError, "the value is complex; use Complex"))
}

// Bool returns whether the value of a tensor with one element is not zero, as
// Python's bool(x) does.
func (x *Tensor) Bool() bool { return x.Complex() != 0 }

// Complex returns the value of a tensor with one element as a complex128.
func (x *Tensor) Complex() complex128 {
	switch v := x.value("Complex").(type) {
	case int:
		return complex(float64(v), 0)
	case uint64:
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
