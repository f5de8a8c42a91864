// Package nninit is PyTorch's torch.nn.init: first values of parameters. Its
// functions change a tensor in place, without gradients, and return it. They draw
// the same numbers as Python's for the same seed.
package nninit

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// RandomOptions are the options of what draws numbers.
type RandomOptions struct {
	Generator *torch.Generator // default: the one that torch.ManualSeed seeds
}

// Uniform draws the elements evenly from [low, high).
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.uniform_
func Uniform(x *torch.Tensor, low, high float64, options ...RandomOptions) *torch.Tensor {
	torch.NoGrad(func() { x.UniformInplace(low, high, option.First(options).Generator) })
	return x
}

// Normal draws the elements from a normal distribution.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.normal_
func Normal(x *torch.Tensor, mean, std float64, options ...RandomOptions) *torch.Tensor {
	torch.NoGrad(func() { x.NormalInplace(mean, std, option.First(options).Generator) })
	return x
}

// Constant sets all elements to value.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.constant_
func Constant(x *torch.Tensor, value float64) *torch.Tensor {
	torch.NoGrad(func() { x.FillInplace(value) })
	return x
}

// Ones sets all elements to 1.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.ones_
func Ones(x *torch.Tensor) *torch.Tensor { return Constant(x, 1) }

// Zeros sets all elements to 0.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.zeros_
func Zeros(x *torch.Tensor) *torch.Tensor { return Constant(x, 0) }
