package torch

import "github.com/wangkuiyi/gotorch/internal/option"

// DivOptions are the options of [Tensor.Div].
type DivOptions struct {
	RoundingMode RoundingMode // RoundTrunc or RoundFloor; default: "" does not round
}

// Div returns x ÷ other, elementwise; integers are divided as floating-point
// numbers unless a rounding mode is given.
//
// https://docs.pytorch.org/docs/stable/generated/torch.div.html
func (x *Tensor) Div(other Operand, options ...DivOptions) *Tensor {
	c, rounds := divCall(x, other, options)
	if rounds {
		return c.One(opDivTensorMode)
	}
	return c.One(opDivTensor)
}

// Divide is [Tensor.Div] by another name.
func (x *Tensor) Divide(other Operand, options ...DivOptions) *Tensor {
	return x.Div(other, options...)
}

// Div is [Tensor.Div] as a function.
func Div(x *Tensor, other Operand, options ...DivOptions) *Tensor { return x.Div(other, options...) }

// DivInplace is [Tensor.Div] that writes its result into x and returns x.
func (x *Tensor) DivInplace(other Operand, options ...DivOptions) *Tensor {
	c, rounds := divCall(x, other, options)
	if rounds {
		c.Do(opDivTensorModeInplace)
	} else {
		c.Do(opDivTensorInplace)
	}
	return x
}

func divCall(x *Tensor, other Operand, options []DivOptions) (c Call, rounds bool) {
	c.Tensor(x)
	c.Operand(other)
	mode := option.First(options).RoundingMode
	if mode != "" {
		c.String(string(mode))
	}
	return c, mode != ""
}

// DivideInplace is [Tensor.DivInplace] by another name.
func (x *Tensor) DivideInplace(other Operand, options ...DivOptions) *Tensor {
	return x.DivInplace(other, options...)
}

// Divide is [Div] by another name.
func Divide(x *Tensor, other Operand, options ...DivOptions) *Tensor { return x.Div(other, options...) }

// RoundTo returns x rounded to decimals places, halves to the even digit; negative
// decimals round to tens and so on.
//
// https://docs.pytorch.org/docs/stable/generated/torch.round.html
func (x *Tensor) RoundTo(decimals int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Int(decimals)
	return c.One(opRoundDecimals)
}

// RoundTo is [Tensor.RoundTo] as a function.
func RoundTo(x *Tensor, decimals int) *Tensor { return x.RoundTo(decimals) }

// RoundToInplace is [Tensor.RoundTo] that writes its result into x and returns x.
func (x *Tensor) RoundToInplace(decimals int) *Tensor {
	var c Call
	c.Tensor(x)
	c.Int(decimals)
	c.Do(opRoundDecimalsInplace)
	return x
}

// SetInplace makes x another reference to source's elements: storage, offset,
// sizes and strides, and returns x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.set_.html
func (x *Tensor) SetInplace(source *Tensor) *Tensor {
	var c Call
	c.Tensor(x)
	c.Tensor(source)
	c.Do(opSetSourceTensorInplace)
	return x
}

// WhereNonzero returns the indices (Int64) of the nonzero elements of condition, a
// tensor for each dimension, as Python's where with one argument does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.where.html
func WhereNonzero(condition *Tensor) []*Tensor {
	var c Call
	c.Tensor(condition)
	r := c.Results(opWhere)
	return r.Tensors()
}

// ZeroInplace sets all elements to 0 and returns x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.zero_.html
func (x *Tensor) ZeroInplace() *Tensor {
	var c Call
	c.Tensor(x)
	c.Do(opZeroInplace)
	return x
}

// FillInplace sets all elements to value, a number or a tensor of one element,
// and returns x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
func (x *Tensor) FillInplace(value Operand) *Tensor {
	var c Call
	c.Tensor(x)
	c.Operand(value)
	if c.IsTensor(value) {
		c.Do(opFillTensorInplace)
	} else {
		c.Do(opFillScalarInplace)
	}
	return x
}

// CopyOptions are the options of [Tensor.CopyInplace].
type CopyOptions struct {
	NonBlocking bool // do not wait for a copy between page-locked memory and CUDA
}

// CopyInplace sets the elements to those of src, which broadcasts to x's shape
// and is converted to its dtype and device, and returns x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.copy_.html
func (x *Tensor) CopyInplace(src *Tensor, options ...CopyOptions) *Tensor {
	var c Call
	c.Tensor(x)
	c.Tensor(src)
	c.Bool(option.First(options).NonBlocking)
	c.Do(opCopyInplace)
	return x
}

// UniformInplace sets the elements to numbers drawn evenly from [from, to) and
// returns x. A nil generator is the device's default one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
func (x *Tensor) UniformInplace(from, to float64, generator *Generator) *Tensor {
	var c Call
	c.Tensor(x)
	c.Float(from)
	c.Float(to)
	c.Generator(generator)
	c.Do(opUniformInplace)
	return x
}

// NormalInplace sets the elements to numbers drawn from the normal distribution
// of the given mean and standard deviation and returns x. A nil generator is the
// device's default one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
func (x *Tensor) NormalInplace(mean, std float64, generator *Generator) *Tensor {
	var c Call
	c.Tensor(x)
	c.Float(mean)
	c.Float(std)
	c.Generator(generator)
	c.Do(opNormalInplace)
	return x
}

// SetData makes x a reference to data's elements, as assigning Python's x.data
// does. Views of x keep the old ones. It panics if x and data cannot stand for
// each other.
func (x *Tensor) SetData(data *Tensor) {
	var c Call
	c.Tensor(x)
	c.Tensor(data)
	c.Do(opSetData)
}
