package torch

// DivOptions are the options of [Tensor.Div].
type DivOptions struct {
	RoundingMode string // "trunc" rounds towards 0, "floor" down; default: "" does not round
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
	mode := first(options).RoundingMode
	if mode != "" {
		c.String(mode)
	}
	return c, mode != ""
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
	if isTensor(value) {
		c.Do(opFillTensorInplace)
	} else {
		c.Do(opFillScalarInplace)
	}
	return x
}

// CopyInplace sets the elements to those of src, which broadcasts to x's shape
// and is converted to its dtype and device, and returns x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.copy_.html
func (x *Tensor) CopyInplace(src *Tensor) *Tensor {
	var c Call
	c.Tensor(x)
	c.Tensor(src)
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
