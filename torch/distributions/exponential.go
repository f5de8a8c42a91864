package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Exponential is the distribution of times between events of a constant rate.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.exponential.Exponential
type Exponential struct {
	Common
	Rate *torch.Tensor
}

// NewExponential returns the distribution of a rate, a tensor or a number.
func NewExponential(rate torch.Operand, options ...Options) *Exponential {
	d := &Exponential{Rate: broadcast1(rate)}
	return Init(d, d.Rate.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Exponential) Expand(batchShape ...int) Distribution {
	return expanded(&Exponential{Rate: d.Rate.Expand(batchShape...)}, d, batchShape)
}

// Traits describes the distribution.
func (d *Exponential) Traits() Traits {
	return Traits{
		Arguments: []Argument{{Name: "rate", Value: d.Rate, Constraint: constraints.Positive}},
		Support:   constraints.Nonnegative,
		RSample:   true,
	}
}

// Mean returns 1 ÷ Rate.
func (d *Exponential) Mean() *torch.Tensor { return d.Rate.Reciprocal() }

// Mode returns 0.
func (d *Exponential) Mode() *torch.Tensor { return torch.ZerosLike(d.Rate) }

// StdDev returns 1 ÷ Rate.
func (d *Exponential) StdDev() *torch.Tensor { return d.Rate.Reciprocal() }

// Variance returns 1 ÷ Rate².
func (d *Exponential) Variance() *torch.Tensor { return d.Rate.Pow(-2) }

// RSample draws a sample that gradients flow through.
func (d *Exponential) RSample(sampleShape ...int) *torch.Tensor {
	return torch.Empty(d.shape(sampleShape), optionsOf(d.Rate)).ExponentialInplace().Div(d.Rate)
}

// LogProb returns the logarithm of the density.
func (d *Exponential) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.Rate.Log().Sub(d.Rate.Mul(value))
}

// CDF returns the probability of values up to the given one.
func (d *Exponential) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.Rate.Neg().Mul(value).Exp().Rsub(1)
}

// ICDF returns the value up to which values have the given probability.
func (d *Exponential) ICDF(value *torch.Tensor) *torch.Tensor {
	return value.Neg().Log1p().Neg().Div(d.Rate)
}

// Entropy returns 1 − log(Rate).
func (d *Exponential) Entropy() *torch.Tensor { return d.Rate.Log().Rsub(1.0) }

// NaturalParams returns the parameters of the exponential family.
func (d *Exponential) NaturalParams() []*torch.Tensor { return []*torch.Tensor{d.Rate.Neg()} }

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Exponential) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 1)
	return params[0].Neg().Log().Neg()
}
