package nninit

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// FanInAndFanOut returns how many inputs and outputs an element of a layer with
// weights x has. It panics if x has fewer than two dimensions.
func FanInAndFanOut(x *torch.Tensor) (in, out int) {
	shape := x.Shape()
	if len(shape) < 2 {
		fail("FanInAndFanOut", "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
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
	fail("CalculateGain", "Unsupported nonlinearity %s", nonlinearity)
	return 0
}

// XavierOptions are the options of [XavierUniform] and [XavierNormal].
type XavierOptions struct {
	Gain      *float64         // a factor, such as CalculateGain gives; default: 1
	Generator *torch.Generator // default: the one that torch.ManualSeed seeds
}

// XavierUniform draws the elements evenly from (−b, b) with b = gain · √(6 / (inputs
// + outputs)) of a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
func XavierUniform(x *torch.Tensor, options ...XavierOptions) *torch.Tensor {
	o := torch.First(options)
	bound := math.Sqrt(3) * o.std(x)
	return Uniform(x, -bound, bound, RandomOptions{o.Generator})
}

// XavierNormal draws the elements from a normal distribution around 0 with the
// standard deviation gain · √(2 / (inputs + outputs)) of a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
func XavierNormal(x *torch.Tensor, options ...XavierOptions) *torch.Tensor {
	o := torch.First(options)
	return Normal(x, 0, o.std(x), RandomOptions{o.Generator})
}

func (o XavierOptions) std(x *torch.Tensor) float64 {
	gain := 1.0
	if o.Gain != nil {
		gain = *o.Gain
	}
	in, out := FanInAndFanOut(x)
	return gain * math.Sqrt(2/float64(in+out))
}

// KaimingOptions are the options of [KaimingUniform] and [KaimingNormal].
type KaimingOptions struct {
	A            float64          // the negative slope of the leaky ReLU that follows
	FanOut       bool             // keep the variance of the backward pass, not the forward one
	Nonlinearity string           // what follows, for CalculateGain; default: "leaky_relu"
	Generator    *torch.Generator // default: the one that torch.ManualSeed seeds
}

// KaimingUniform draws the elements evenly from (−b, b) with b = gain · √(3/fan),
// which keeps the variance through a layer of weights x. It panics if x has fewer
// than two dimensions or on a nonlinearity that it does not know.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
func KaimingUniform(x *torch.Tensor, options ...KaimingOptions) *torch.Tensor {
	if x.Numel() == 0 {
		return x
	}
	o := torch.First(options)
	bound := math.Sqrt(3) * o.std(x)
	return Uniform(x, -bound, bound, RandomOptions{o.Generator})
}

// KaimingNormal is [KaimingUniform] with a normal distribution around 0 of the
// standard deviation gain / √fan.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
func KaimingNormal(x *torch.Tensor, options ...KaimingOptions) *torch.Tensor {
	if x.Numel() == 0 {
		return x
	}
	o := torch.First(options)
	return Normal(x, 0, o.std(x), RandomOptions{o.Generator})
}

func (o KaimingOptions) std(x *torch.Tensor) float64 {
	if o.Nonlinearity == "" {
		o.Nonlinearity = "leaky_relu"
	}
	fan, fanOut := FanInAndFanOut(x)
	if o.FanOut {
		fan = fanOut
	}
	return CalculateGain(o.Nonlinearity, o.A) / math.Sqrt(float64(fan))
}
