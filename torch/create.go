package torch

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// TensorOptions are what functions that make a tensor take. The zero value gives
// PyTorch's defaults.
type TensorOptions struct {
	DType        DType      // default: Float32, or what the function says
	Device       Device     // default: DefaultDevice(), or that of the tensor that another one is made from
	Layout       Layout     // default: Strided
	RequiresGrad bool       // record operations on the tensor
	PinMemory    bool       // page-locked memory, for fast copies to CUDA
	Generator    *Generator // of random numbers; default: the device's

	// MemoryFormat is how elements lie in memory, of Empty and of what is made like
	// another tensor; others refuse it. Default: Contiguous, or as the other tensor.
	MemoryFormat MemoryFormat
}

var (
	opEmpty  = NewOperator("aten::empty.memory_format(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opZeros  = NewOperator("aten::zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opOnes   = NewOperator("aten::ones(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opFull   = NewOperator("aten::full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opEye    = NewOperator("aten::eye.m(SymInt n, SymInt m, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")
	opArange = NewOperator("aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor")

	opEmptyLike = NewOperator("aten::empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opZerosLike = NewOperator("aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opOnesLike  = NewOperator("aten::ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
	opFullLike  = NewOperator("aten::full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor")
)

// sized makes the call of an operator that takes a size and tensor options.
func sized(op *Operator, size []int, options []TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Ints(size)
	c.Factory(&o)
	return c.New(op, &o)
}

// makeLike makes the call of an operator that takes a tensor and tensor options.
func makeLike(op *Operator, x *Tensor, options []TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	c.likeOptions(&o)
	return c.New(op, &o)
}

// Empty returns a tensor of the given size whose elements are not set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.empty.html
func Empty(size []int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Ints(size)
	c.optionsOn(cmp.Or(o.Device, defaultDevice()), &o)
	c.MemoryFormat(o.MemoryFormat)
	return c.New(opEmpty, &o)
}

// Zeros returns a tensor of the given size, filled with 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.zeros.html
func Zeros(size []int, options ...TensorOptions) *Tensor { return sized(opZeros, size, options) }

// Ones returns a tensor of the given size, filled with 1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.ones.html
func Ones(size []int, options ...TensorOptions) *Tensor { return sized(opOnes, size, options) }

// Full returns a tensor of the given size, filled with value. The dtype is that
// of the value: Int64 for a Go integer, Float32 for a float, Complex64, Bool.
//
// https://docs.pytorch.org/docs/stable/generated/torch.full.html
func Full(size []int, value Number, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Ints(size)
	c.Number(value)
	c.Factory(&o)
	return c.New(opFull, &o)
}

// Eye returns the n × n matrix with ones on the diagonal; columns, if given, is
// its number of columns.
//
// https://docs.pytorch.org/docs/stable/generated/torch.eye.html
func Eye(n int, options ...EyeOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Int(n)
	if o.M != nil {
		c.Int(*o.M)
	} else {
		c.Int(n)
	}
	c.Factory(&o.TensorOptions)
	return c.New(opEye, &o.TensorOptions)
}

// EyeOptions are the options of [Eye].
type EyeOptions struct {
	M *int // the number of columns; default: that of rows
	TensorOptions
}

// Arange returns the numbers from start up to, but without, end in steps of step,
// in one dimension. With Go integers the dtype is Int64, with a float Float32.
//
// https://docs.pytorch.org/docs/stable/generated/torch.arange.html
func Arange(start, end, step Number, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Number(start)
	c.Number(end)
	c.Number(step)
	c.Factory(&o)
	return c.New(opArange, &o)
}

// Linspace returns steps numbers from start to end, both included, evenly spaced,
// in one dimension. start and end are numbers or tensors without dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.linspace.html
func Linspace(start, end Operand, steps int, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Operand(start)
	c.Operand(end)
	c.Int(steps)
	c.Factory(&o)
	return c.New(spaced(linspaces, start, end), &o)
}

// LogspaceOptions are the options of [Logspace].
type LogspaceOptions struct {
	Base *float64 // default: 10
	TensorOptions
}

// Logspace returns steps numbers from base to the power of start to base to the
// power of end, evenly spaced on a logarithmic scale. start and end are numbers or
// tensors without dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.logspace.html
func Logspace(start, end Operand, steps int, options ...LogspaceOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Operand(start)
	c.Operand(end)
	c.Int(steps)
	c.OptionalFloat(o.Base)
	c.Factory(&o.TensorOptions)
	return c.New(spaced(logspaces, start, end), &o.TensorOptions)
}

// spaced returns the operator for the kinds of start and end.
func spaced(ops [2][2]*Operator, start, end Operand) *Operator {
	tensor := func(v Operand) int {
		if _, ok := v.(*Tensor); ok {
			return 1
		}
		return 0
	}
	return ops[tensor(start)][tensor(end)]
}

// linspaces and logspaces are the operators of numbers and of tensors, of start and
// of end.
var (
	linspaces = [2][2]*Operator{{opLinspace, opLinspaceScalarTensor}, {opLinspaceTensorScalar, opLinspaceTensorTensor}}
	logspaces = [2][2]*Operator{{opLogspace, opLogspaceScalarTensor}, {opLogspaceTensorScalar, opLogspaceTensorTensor}}
)

// EmptyLike returns a tensor of x's size, dtype and device, unless options give
// others, whose elements are not set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.empty_like.html
func EmptyLike(x *Tensor, options ...TensorOptions) *Tensor { return makeLike(opEmptyLike, x, options) }

// ZerosLike is [Zeros] with x's size, dtype and device, unless options give others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.zeros_like.html
func ZerosLike(x *Tensor, options ...TensorOptions) *Tensor { return makeLike(opZerosLike, x, options) }

// OnesLike is [Ones] with x's size, dtype and device, unless options give others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.ones_like.html
func OnesLike(x *Tensor, options ...TensorOptions) *Tensor { return makeLike(opOnesLike, x, options) }

// FullLike is [Full] with x's size, dtype and device, unless options give others.
//
// https://docs.pytorch.org/docs/stable/generated/torch.full_like.html
func FullLike(x *Tensor, value Number, options ...TensorOptions) *Tensor {
	o := option.First(options)
	var c Call
	c.Tensor(x)
	c.Number(value)
	c.likeOptions(&o)
	return c.New(opFullLike, &o)
}
