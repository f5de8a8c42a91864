package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Weibull is the two-parameter Weibull distribution.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.weibull.Weibull
type Weibull struct {
	TransformedDistribution
	Scale, Concentration *torch.Tensor
	reciprocal           *torch.Tensor // of Concentration
}

// NewWeibull returns the distribution of a scale and a concentration, tensors or
// numbers.
func NewWeibull(scale, concentration torch.Operand, options ...Options) *Weibull {
	d := new(Weibull)
	d.Scale, d.Concentration = broadcast2(scale, concentration)
	d.reciprocal = d.Concentration.Reciprocal()
	batchShape, eventShape := d.build(NewExponential(torch.OnesLike(d.Scale), options...), d.steps()...)
	return Init(d, batchShape, eventShape, options...)
}

// steps returns the transforms from an exponential distribution of rate 1.
func (d *Weibull) steps() []Transform {
	return []Transform{NewPowerTransform(d.reciprocal), NewAffineTransform(0, d.Scale)}
}

// Expand returns the distribution for a greater batch.
func (d *Weibull) Expand(batchShape ...int) Distribution {
	e := &Weibull{Scale: d.Scale.Expand(batchShape...), Concentration: d.Concentration.Expand(batchShape...)}
	e.reciprocal = e.Concentration.Reciprocal()
	e.build(d.BaseDist.Expand(batchShape...), e.steps()...)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Weibull) Traits() Traits {
	return d.traits(constraints.Positive, positives("scale", d.Scale, "concentration", d.Concentration)...)
}

// Mean returns the mean.
func (d *Weibull) Mean() *torch.Tensor {
	return d.Scale.Mul(d.reciprocal.Add(1).Lgamma().Exp())
}

// Mode returns the mode.
func (d *Weibull) Mode() *torch.Tensor {
	return d.Scale.Mul(d.Concentration.Sub(1).Div(d.Concentration).Pow(d.Concentration.Reciprocal()))
}

// Variance returns the variance.
func (d *Weibull) Variance() *torch.Tensor {
	square := d.reciprocal.Mul(2).Add(1).Lgamma().Exp()
	return d.Scale.Pow(2).Mul(square.Sub(d.reciprocal.Add(1).Lgamma().Mul(2).Exp()))
}

// Entropy returns the entropy.
func (d *Weibull) Entropy() *torch.Tensor {
	return d.reciprocal.Rsub(1).Mul(eulerGamma).Add(d.Scale.Mul(d.reciprocal).Log()).Add(1)
}

// Kumaraswamy is the Kumaraswamy distribution, which resembles [Beta].
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.kumaraswamy.Kumaraswamy
type Kumaraswamy struct {
	TransformedDistribution
	Concentration1, Concentration0 *torch.Tensor // a and b
}

// NewKumaraswamy returns the distribution of two concentrations, tensors or
// numbers.
func NewKumaraswamy(concentration1, concentration0 torch.Operand, options ...Options) *Kumaraswamy {
	d := new(Kumaraswamy)
	d.Concentration1, d.Concentration0 = broadcast2(concentration1, concentration0)
	base := NewUniform(torch.FullLike(d.Concentration0, 0), torch.FullLike(d.Concentration0, 1), options...)
	batchShape, eventShape := d.build(base, NewPowerTransform(d.Concentration0.Reciprocal()),
		NewAffineTransform(1.0, -1.0), NewPowerTransform(d.Concentration1.Reciprocal()))
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Kumaraswamy) Expand(batchShape ...int) Distribution {
	e := &Kumaraswamy{
		Concentration1: d.Concentration1.Expand(batchShape...),
		Concentration0: d.Concentration0.Expand(batchShape...),
	}
	d.expandTo(&e.TransformedDistribution, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Kumaraswamy) Traits() Traits {
	arguments := positives("concentration1", d.Concentration1, "concentration0", d.Concentration0)
	return d.traits(constraints.UnitInterval, arguments...)
}

// moment returns the mean of the n-th power.
func (d *Kumaraswamy) moment(n float64) *torch.Tensor {
	arg, b := quotient(n, d.Concentration1).Add(1), d.Concentration0
	return b.Mul(arg.Lgamma().Add(b.Lgamma()).Sub(arg.Add(b).Lgamma()).Exp())
}

// Mean returns the mean.
func (d *Kumaraswamy) Mean() *torch.Tensor { return d.moment(1) }

// Mode returns the mode, NaN if a concentration is below 1.
func (d *Kumaraswamy) Mode() *torch.Tensor {
	a, b := d.Concentration1, d.Concentration0
	log := b.Reciprocal().Mul(b.Neg().Log1p()).Sub(b.Neg().Mul(a).Log1p())
	return toNaN(log, b.Lt(1).BitwiseOr(a.Lt(1))).Exp()
}

// Variance returns the variance.
func (d *Kumaraswamy) Variance() *torch.Tensor { return d.moment(2).Sub(d.Mean().Pow(2)) }

// Entropy returns the entropy.
func (d *Kumaraswamy) Entropy() *torch.Tensor {
	t1 := d.Concentration1.Reciprocal().Rsub(1)
	t0 := d.Concentration0.Reciprocal().Rsub(1)
	h0 := d.Concentration0.Add(1).Digamma().Add(eulerGamma)
	return t0.Add(t1.Mul(h0)).Sub(d.Concentration1.Log()).Sub(d.Concentration0.Log())
}
