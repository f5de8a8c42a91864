package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Uniform is the distribution of numbers drawn evenly from [Low, High).
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.uniform.Uniform
type Uniform struct {
	Common
	Low, High *torch.Tensor
}

// NewUniform returns the distribution between two bounds, tensors or numbers.
func NewUniform(low, high torch.Operand, options ...Options) *Uniform {
	d := new(Uniform)
	d.Low, d.High = broadcast2(low, high)
	return Init(d, d.Low.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Uniform) Expand(batchShape ...int) Distribution {
	e := &Uniform{Low: d.Low.Expand(batchShape...), High: d.High.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Uniform) Traits() Traits {
	return Traits{
		Arguments: []Argument{
			{Name: "low", Value: d.Low, Constraint: constraints.LessThan{Upper: d.High}},
			{Name: "high", Value: d.High, Constraint: constraints.GreaterThan{Lower: d.Low}},
		},
		Support: constraints.Interval{Lower: d.Low, Upper: d.High},
		RSample: true,
	}
}

// Mean returns the middle.
func (d *Uniform) Mean() *torch.Tensor { return d.High.Add(d.Low).Div(2) }

// Mode returns NaN.
func (d *Uniform) Mode() *torch.Tensor { return d.High.Mul(math.NaN()) }

// StdDev returns (High − Low) ÷ √12.
func (d *Uniform) StdDev() *torch.Tensor { return d.width().Div(math.Sqrt(12)) }

// Variance returns (High − Low)² ÷ 12.
func (d *Uniform) Variance() *torch.Tensor { return d.width().Pow(2).Div(12) }

func (d *Uniform) width() *torch.Tensor { return d.High.Sub(d.Low) }

// RSample draws a sample that gradients flow through.
func (d *Uniform) RSample(sampleShape ...int) *torch.Tensor {
	return d.Low.Add(uniform01(d.shape(sampleShape), d.Low).Mul(d.width()))
}

// LogProb returns the logarithm of the density.
func (d *Uniform) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	within := d.Low.Le(value).TypeAs(d.Low).Mul(d.High.Gt(value).TypeAs(d.Low))
	return within.Log().Sub(d.width().Log())
}

// CDF returns the probability of values up to the given one.
func (d *Uniform) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return value.Sub(d.Low).Div(d.width()).Clamp(0, 1)
}

// ICDF returns the value up to which values have the given probability.
func (d *Uniform) ICDF(value *torch.Tensor) *torch.Tensor { return value.Mul(d.width()).Add(d.Low) }

// Entropy returns the entropy.
func (d *Uniform) Entropy() *torch.Tensor { return d.width().Log() }
