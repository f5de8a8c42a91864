// Package nninit is PyTorch's torch.nn.init: first values of parameters. Its
// functions change a tensor in place, without gradients, and return it. They draw
// the same numbers as Python's for the same seed.
package nninit

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// Uniform draws the elements evenly from [low, high).
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.uniform_
func Uniform(x *torch.Tensor, low, high float64) *torch.Tensor {
	torch.NoGrad(func() { x.UniformInplace(low, high, nil) })
	return x
}

// KaimingOptions are the options of [KaimingUniform].
type KaimingOptions struct {
	A            float64 // the negative slope of the leaky ReLU that follows
	FanOut       bool    // keep the variance of the backward pass, not the forward one
	Nonlinearity string  // what follows, for CalculateGain; default: "leaky_relu"
}

// KaimingUniform draws the elements evenly from (−b, b) with b = gain · √(3/fan),
// which keeps the variance through a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
func KaimingUniform(x *torch.Tensor, options ...KaimingOptions) *torch.Tensor {
	var o KaimingOptions
	if len(options) > 0 {
		o = options[0]
	}
	if o.Nonlinearity == "" {
		o.Nonlinearity = "leaky_relu"
	}
	if x.Numel() == 0 {
		return x
	}
	fan, fanOut := FanInAndFanOut(x)
	if o.FanOut {
		fan = fanOut
	}
	std := CalculateGain(o.Nonlinearity, o.A) / math.Sqrt(float64(fan))
	bound := math.Sqrt(3) * std
	return Uniform(x, -bound, bound)
}

// FanInAndFanOut returns how many inputs and outputs an element of a layer with
// weights x has. It panics if x has fewer than two dimensions.
func FanInAndFanOut(x *torch.Tensor) (in, out int) {
	shape := x.Shape()
	if len(shape) < 2 {
		panic(&torch.Error{Op: "nninit.FanInAndFanOut", Kind: torch.ValueError,
			Message: "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"})
	}
	field := 1
	for _, size := range shape[2:] {
		field *= size
	}
	return shape[1] * field, shape[0] * field
}

// CalculateGain returns the factor that PyTorch recommends for the standard
// deviation of weights before a nonlinearity; a is the slope of "leaky_relu". It
// panics on a name that it does not know.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
func CalculateGain(nonlinearity string, a float64) float64 {
	switch nonlinearity {
	case "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid":
		return 1
	case "tanh":
		return 5.0 / 3
	case "relu":
		return math.Sqrt(2)
	case "leaky_relu":
		return math.Sqrt(2 / (1 + a*a))
	case "selu":
		return 0.75
	}
	panic(&torch.Error{Op: "nninit.CalculateGain", Kind: torch.ValueError,
		Message: "Unsupported nonlinearity " + nonlinearity})
}
