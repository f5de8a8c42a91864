package nninit

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// FanInAndFanOut returns how many inputs and outputs an element of a layer with
// weights x has. It panics if x has fewer than two dimensions.
func FanInAndFanOut(x *torch.Tensor) (in, out int) {
	shape := x.Shape()
	if len(shape) < 2 {
		panic(torch.Errorf("nninit.FanInAndFanOut", torch.ValueError,
			"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"))
	}
	field := 1
	for _, size := range shape[2:] {
		field *= size
	}
	return shape[1] * field, shape[0] * field
}

// Nonlinearity is what follows a layer.
type Nonlinearity string

// The nonlinearities. [CalculateGain] takes the names of convolutions too, such as
// "conv2d", which count as NonlinearityLinear.
const (
	NonlinearityLinear    Nonlinearity = "linear" // none
	NonlinearitySigmoid   Nonlinearity = "sigmoid"
	NonlinearityTanh      Nonlinearity = "tanh"
	NonlinearityReLU      Nonlinearity = "relu"
	NonlinearityLeakyReLU Nonlinearity = "leaky_relu"
	NonlinearitySELU      Nonlinearity = "selu"
)

// FanMode says which pass through a layer keeps its variance.
type FanMode string

// The modes of Kaiming's initialization.
const (
	FanIn  FanMode = "fan_in"  // the forward pass
	FanOut FanMode = "fan_out" // the backward pass
)

// CalculateGain returns the factor that PyTorch recommends for the standard
// deviation of weights before a nonlinearity; a is the slope of
// NonlinearityLeakyReLU. It
// panics on a name that it does not know.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
func CalculateGain(nonlinearity Nonlinearity, a float64) float64 {
	switch nonlinearity {
	case NonlinearityLinear, "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", NonlinearitySigmoid:
		return 1
	case NonlinearityTanh:
		return 5.0 / 3
	case NonlinearityReLU:
		return math.Sqrt(2)
	case NonlinearityLeakyReLU:
		return math.Sqrt(2 / (1 + float64(a*a)))
	case NonlinearitySELU:
		return 0.75
	}
	panic(torch.Errorf("nninit.CalculateGain", torch.ValueError, "Unsupported nonlinearity %s", nonlinearity))
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
	o := option.First(options)
	bound := math.Sqrt(3) * o.std(x)
	return Uniform(x, -bound, bound, RandomOptions{o.Generator})
}

// XavierNormal draws the elements from a normal distribution around 0 with the
// standard deviation gain · √(2 / (inputs + outputs)) of a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
func XavierNormal(x *torch.Tensor, options ...XavierOptions) *torch.Tensor {
	o := option.First(options)
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
	Mode         FanMode          // which pass keeps its variance; default: FanIn, the forward one
	Nonlinearity Nonlinearity     // what follows, for CalculateGain; default: NonlinearityLeakyReLU
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
	o := option.First(options)
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
	o := option.First(options)
	return Normal(x, 0, o.std(x), RandomOptions{o.Generator})
}

func (o KaimingOptions) std(x *torch.Tensor) float64 {
	fan, fanOut := FanInAndFanOut(x)
	switch cmp.Or(o.Mode, FanIn) {
	case FanIn:
	case FanOut:
		fan = fanOut
	default:
		panic(torch.Errorf("nninit.Kaiming", torch.ValueError,
			"Mode %s not supported, please use one of ['fan_in', 'fan_out']", o.Mode))
	}
	return CalculateGain(cmp.Or(o.Nonlinearity, NonlinearityLeakyReLU), o.A) / math.Sqrt(float64(fan))
}
