package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Approximation says how [GELU] finds the normal distribution function.
type Approximation string

// The approximations of GELU.
const (
	ApproximateNone Approximation = "none" // exactly
	ApproximateTanh Approximation = "tanh" // by a hyperbolic tangent
)

// ELUOptions are the options of [ELU].
type ELUOptions struct {
	Alpha *float64 // default: 1
}

// ELU returns x where it is positive and Alpha × (exp(x) − 1) elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
func ELU(x *torch.Tensor, options ...ELUOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.Number(option.Or(option.First(options).Alpha, 1))
	return c.One(opElu)
}

// ELUInplace is [ELU] that writes its result into x and returns x.
func ELUInplace(x *torch.Tensor, options ...ELUOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.Number(option.Or(option.First(options).Alpha, 1))
	c.Do(opEluInplace)
	return x
}

// ReLUInplace is [ReLU] that writes its result into x and returns x.
func ReLUInplace(x *torch.Tensor) *torch.Tensor { return x.ReLUInplace() }

// SELUInplace is [SELU] that writes its result into x and returns x.
func SELUInplace(x *torch.Tensor) *torch.Tensor { return x.SELUInplace() }

// CELUInplace is [CELU] that writes its result into x and returns x.
func CELUInplace(x *torch.Tensor, options ...CELUOptions) *torch.Tensor {
	return x.CELUInplace(options...)
}

// RReLUInplace is [RReLU] that writes its result into x and returns x.
func RReLUInplace(x *torch.Tensor, options ...RReLUOptions) *torch.Tensor {
	return x.RReLUInplace(options...)
}

// ThresholdInplace is [Threshold] that writes its result into x and returns x.
func ThresholdInplace(x *torch.Tensor, threshold, value torch.Number) *torch.Tensor {
	return x.ThresholdInplace(threshold, value)
}

// LeakyReLUInplace is [LeakyReLU] that writes its result into x and returns x.
func LeakyReLUInplace(x *torch.Tensor, options ...LeakyReLUOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.OptionalFloat(option.First(options).NegativeSlope)
	c.Do(opLeakyReluInplace)
	return x
}

// HardtanhInplace is [Hardtanh] that writes its result into x and returns x.
func HardtanhInplace(x *torch.Tensor, options ...HardtanhOptions) *torch.Tensor {
	o := option.First(options)
	var c torch.Call
	c.Tensor(x)
	c.OptionalFloat(o.MinVal)
	c.OptionalFloat(o.MaxVal)
	c.Do(opHardtanhInplace)
	return x
}

// HardsigmoidInplace is [Hardsigmoid] that writes its result into x and returns x.
func HardsigmoidInplace(x *torch.Tensor) *torch.Tensor { return overwrite(opHardsigmoidInplace, x) }

// HardswishInplace is [Hardswish] that writes its result into x and returns x.
func HardswishInplace(x *torch.Tensor) *torch.Tensor { return overwrite(opHardswishInplace, x) }

// SiLUInplace is [SiLU] that writes its result into x and returns x.
func SiLUInplace(x *torch.Tensor) *torch.Tensor { return overwrite(opSiluInplace, x) }

// MishInplace is [Mish] that writes its result into x and returns x.
func MishInplace(x *torch.Tensor) *torch.Tensor { return overwrite(opMishInplace, x) }

// overwrite calls an operator that changes x and takes nothing else.
func overwrite(op *torch.Operator, x *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	c.Do(op)
	return x
}

// Softmax returns exp(x) scaled to a sum of 1 along dim.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
func Softmax(x *torch.Tensor, dim int, options ...torch.SoftmaxOptions) *torch.Tensor {
	return x.Softmax(dim, options...)
}

// Softmin is [Softmax] of −x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
func Softmin(x *torch.Tensor, dim int, options ...torch.SoftmaxOptions) *torch.Tensor {
	return x.Neg().Softmax(dim, options...)
}

// LogSoftmax returns the logarithm of [Softmax], computed without overflow.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
func LogSoftmax(x *torch.Tensor, dim int, options ...torch.LogSoftmaxOptions) *torch.Tensor {
	return x.LogSoftmax(dim, options...)
}

// GumbelSoftmaxOptions are the options of [GumbelSoftmax].
type GumbelSoftmaxOptions struct {
	Tau  *float64 // the temperature; default: 1
	Hard bool     // give one-hot vectors, with the gradients of the soft ones
	Dim  *int     // default: −1
}

// GumbelSoftmax returns samples of the Gumbel-softmax distribution of logits.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
func GumbelSoftmax(logits *torch.Tensor, options ...GumbelSoftmaxOptions) *torch.Tensor {
	o := option.First(options)
	dim := option.Or(o.Dim, -1)
	noise := torch.EmptyLike(logits).ExponentialInplace().Log().Neg()
	soft := logits.Add(noise).Div(option.Or(o.Tau, 1)).Softmax(dim)
	if !o.Hard {
		return soft
	}
	_, index := soft.MaxDim(dim, torch.MaxDimOptions{Keepdim: true})
	hard := torch.ZerosLike(logits).ScatterInplace(dim, index, 1.0)
	return hard.Sub(soft.Detach()).Add(soft)
}

// Softsign returns x ÷ (1 + |x|), elementwise.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
func Softsign(x *torch.Tensor) *torch.Tensor { return x.Div(x.Abs().Add(1)) }

// Tanhshrink returns x − tanh(x), elementwise.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
func Tanhshrink(x *torch.Tensor) *torch.Tensor { return x.Sub(x.Tanh()) }
