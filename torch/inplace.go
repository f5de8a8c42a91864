package torch

import "github.com/wangkuiyi/gotorch/internal/option"

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
	hasEffect("torch.Tensor.SetData", x)
	var c Call
	c.Tensor(x)
	c.Tensor(data)
	c.Do(opSetData)
}
