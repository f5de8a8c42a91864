package nninit

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// XavierOptions are the options of [XavierUniform] and [XavierNormal].
type XavierOptions struct {
	Gain *float64 // a factor, such as CalculateGain gives; default: 1
}

// XavierUniform draws the elements evenly from (−b, b) with b = gain · √(6 / (inputs
// + outputs)) of a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
func XavierUniform(x *torch.Tensor, options ...XavierOptions) *torch.Tensor {
	bound := math.Sqrt(3) * xavierStd(x, options)
	return Uniform(x, -bound, bound)
}

// XavierNormal draws the elements from a normal distribution around 0 with the
// standard deviation gain · √(2 / (inputs + outputs)) of a layer of weights x.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
func XavierNormal(x *torch.Tensor, options ...XavierOptions) *torch.Tensor {
	return Normal(x, 0, xavierStd(x, options))
}

func xavierStd(x *torch.Tensor, options []XavierOptions) float64 {
	gain := 1.0
	if g := torch.First(options).Gain; g != nil {
		gain = *g
	}
	in, out := FanInAndFanOut(x)
	return gain * math.Sqrt(2/float64(in+out))
}

// Normal draws the elements from a normal distribution.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.normal_
func Normal(x *torch.Tensor, mean, std float64) *torch.Tensor {
	torch.NoGrad(func() { x.NormalInplace(mean, std, nil) })
	return x
}
