package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Pareto is the Pareto distribution of type 1, a power law.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.pareto.Pareto
type Pareto struct {
	TransformedDistribution
	Scale, Alpha *torch.Tensor // least value and shape
}

// NewPareto returns the distribution of a scale and a shape, tensors or numbers.
func NewPareto(scale, alpha torch.Operand, options ...Options) *Pareto {
	d := new(Pareto)
	d.Scale, d.Alpha = broadcast2(scale, alpha)
	base := NewExponential(d.Alpha, options...)
	batchShape, eventShape := d.build(base, ExpTransform{}, NewAffineTransform(0, d.Scale))
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Pareto) Expand(batchShape ...int) Distribution {
	e := &Pareto{Scale: d.Scale.Expand(batchShape...), Alpha: d.Alpha.Expand(batchShape...)}
	d.expandTo(&e.TransformedDistribution, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Pareto) Traits() Traits {
	support := constraints.GreaterThanEq{Lower: d.Scale}
	return d.traits(support, positives("alpha", d.Alpha, "scale", d.Scale)...)
}

// Mean returns the mean, infinite up to Alpha 1.
func (d *Pareto) Mean() *torch.Tensor {
	a := d.Alpha.Clamp(1, nil)
	return a.Mul(d.Scale).Div(a.Sub(1))
}

// Mode returns Scale.
func (d *Pareto) Mode() *torch.Tensor { return d.Scale }

// Variance returns the variance, infinite up to Alpha 2.
func (d *Pareto) Variance() *torch.Tensor {
	a := d.Alpha.Clamp(2, nil)
	return d.Scale.Pow(2).Mul(a).Div(a.Sub(1).Pow(2).Mul(a.Sub(2)))
}

// Entropy returns the entropy.
func (d *Pareto) Entropy() *torch.Tensor {
	return d.Scale.Div(d.Alpha).Log().Add(d.Alpha.Reciprocal().Add(1))
}

// GeneralizedPareto is the generalized Pareto distribution, that of what exceeds
// a threshold.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.generalized_pareto.GeneralizedPareto
type GeneralizedPareto struct {
	Common
	Loc, Scale, Concentration *torch.Tensor
}

// NewGeneralizedPareto returns the distribution of a threshold, a scale and a
// shape, tensors or numbers.
func NewGeneralizedPareto(loc, scale, concentration torch.Operand, options ...Options) *GeneralizedPareto {
	d := new(GeneralizedPareto)
	d.Loc, d.Scale, d.Concentration = broadcast3(loc, scale, concentration)
	return Init(d, d.Loc.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *GeneralizedPareto) Expand(batchShape ...int) Distribution {
	e := &GeneralizedPareto{
		Loc:           d.Loc.Expand(batchShape...),
		Scale:         d.Scale.Expand(batchShape...),
		Concentration: d.Concentration.Expand(batchShape...),
	}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *GeneralizedPareto) Traits() Traits {
	upper := torch.Where(d.Concentration.Lt(0), d.Loc.Sub(d.Scale.Div(d.Concentration)), math.Inf(1))
	return Traits{
		Arguments: append(locScale(d.Loc, d.Scale),
			Argument{Name: "concentration", Value: d.Concentration, Constraint: constraints.Real}),
		Support: constraints.Interval{Lower: d.Loc, Upper: upper},
		RSample: true,
	}
}

// nonzero returns where the concentration is about 0, and the concentration with 1
// there.
func (d *GeneralizedPareto) nonzero() (isZero, safe *torch.Tensor) {
	isZero = d.Concentration.IsClose(torch.ZerosLike(d.Concentration))
	return isZero, torch.Where(isZero, torch.OnesLike(d.Concentration), d.Concentration)
}

func (d *GeneralizedPareto) standardized(value *torch.Tensor) *torch.Tensor {
	return value.Sub(d.Loc).Div(d.Scale)
}

// RSample draws a sample that gradients flow through.
func (d *GeneralizedPareto) RSample(sampleShape ...int) *torch.Tensor {
	return d.ICDF(uniform01(d.shape(sampleShape), d.Loc))
}

// LogProb returns the logarithm of the density.
func (d *GeneralizedPareto) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	z := d.standardized(value)
	isZero, safe := d.nonzero()
	y := quotient(1, safe).Add(torch.OnesLike(z))
	term := torch.Where(y.Eq(0), y, y.Mul(safe.Mul(z).Log1p()))
	return d.Scale.Log().Neg().Sub(torch.Where(isZero, z, term))
}

// LogSurvivalFunction returns the logarithm of the probability of greater values.
func (d *GeneralizedPareto) LogSurvivalFunction(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	z := d.standardized(value)
	isZero, safe := d.nonzero()
	return torch.Where(isZero, z.Neg(), safe.Mul(z).Log1p().Neg().Div(safe))
}

// LogCDF returns the logarithm of CDF.
func (d *GeneralizedPareto) LogCDF(value *torch.Tensor) *torch.Tensor {
	return d.LogSurvivalFunction(value).Exp().Neg().Log1p()
}

// CDF returns the probability of values up to the given one.
func (d *GeneralizedPareto) CDF(value *torch.Tensor) *torch.Tensor { return d.LogCDF(value).Exp() }

// ICDF returns the value up to which values have the given probability.
func (d *GeneralizedPareto) ICDF(value *torch.Tensor) *torch.Tensor {
	isZero, safe := d.nonzero()
	logU := value.Neg().Log1p()
	powers := d.Loc.Add(d.Scale.Div(safe).Mul(safe.Neg().Mul(logU).Expm1()))
	return torch.Where(isZero, d.Loc.Sub(d.Scale.Mul(logU)), powers)
}

// Mean returns the mean, NaN from Concentration 1 on.
func (d *GeneralizedPareto) Mean() *torch.Tensor {
	valid := d.Concentration.Lt(1)
	safe := torch.Where(valid, d.Concentration, 0.5)
	return torch.Where(valid, d.Loc.Add(d.Scale.Div(safe.Rsub(1))), math.NaN())
}

// Mode returns Loc.
func (d *GeneralizedPareto) Mode() *torch.Tensor { return d.Loc }

// Variance returns the variance, NaN from Concentration ½ on.
func (d *GeneralizedPareto) Variance() *torch.Tensor {
	valid := d.Concentration.Lt(0.5)
	safe := torch.Where(valid, d.Concentration, 0.25)
	result := d.Scale.Pow(2).Div(safe.Rsub(1).Pow(2).Mul(safe.Mul(2).Rsub(1)))
	return torch.Where(valid, result, math.NaN())
}

// Entropy returns the entropy.
func (d *GeneralizedPareto) Entropy() *torch.Tensor {
	return d.Scale.Log().Add(d.Concentration).Add(1).BroadcastTo(d.batchShape...)
}
