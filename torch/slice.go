package torch

import (
	"cmp"
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
	if n := len(elements) * int(unsafe.Sizeof(*new(T))); n >= manyBytes {
		cgotorch.Copy(unsafe.Pointer(&data[0]), unsafe.Pointer(&elements[0]), n)
		return
	}
	copy(data, elements)
}

// Borrow calls f with the elements of x, in row-major order, where libtorch has them: nothing
// is copied, and what f writes changes x and all that share its memory, unseen by autograd.
// The memory stays until f returns, also when x is closed meanwhile; the slice must not be
// used afterwards. It panics unless x is a contiguous tensor on the CPU whose dtype is that of
// T; a Bool tensor's bytes are those of x.ViewDType(torch.Uint8).
//
// It does what x.numpy() does in Python, for the length of a call.
func Borrow[T Element](x *Tensor, f func(elements []T)) {
	const op = "torch.Borrow"
	if f == nil {
		panic(Errorf(op, TypeError, "the function is nil"))
	}
	dtype := elementType[T]()
	refuse := func(kind ErrorKind, format string, args ...any) { panic(Errorf(op, kind, format, args...)) }
	switch {
	case !x.Device().IsCPU():
		refuse(ValueError, "the tensor is on %v; x.To(torch.CPU) makes a copy that can be borrowed", x.Device())
	case x.DType() != dtype:
		refuse(TypeError, "the tensor's dtype is %v, but a %T is one of %v; x.To converts", x.DType(), *new(T), dtype)
	case dtype == Bool:
		refuse(TypeError, "the bytes of a tensor of torch.bool may be no bools of Go; borrow x.ViewDType(torch.Uint8) or use ToSlice")
	case x.Layout() != Strided || x.IsNested() || !x.IsContiguous() || x.IsConj() || x.IsNeg():
		refuse(ValueError, "the elements do not lie in memory in row-major order; x.Contiguous() makes a copy whose do")
	}
	elements, owner := lend[T](op, x)
	defer func() { cgotorch.Free(owner[:]) }()
	f(elements)
}

// manyBytes is from where on cgotorch.Copy is faster than copy.
const manyBytes = 256 << 10

// lend returns the elements in row-major order, converted to T, where libtorch has
// them until the owner is freed.
func lend[T Element](op string, x *Tensor) (elements []T, owner [1]cgotorch.Handle) {
	readsHost(op, x)
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
