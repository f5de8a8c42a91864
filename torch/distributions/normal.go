package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Normal is the normal (Gaussian) distribution.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.normal.Normal
type Normal struct {
	Common
	Loc, Scale *torch.Tensor // mean and standard deviation
}

// NewNormal returns the distribution of a mean and a standard deviation, tensors
// or numbers.
func NewNormal(loc, scale torch.Operand, options ...Options) *Normal {
	d := new(Normal)
	d.Loc, d.Scale = broadcast2(loc, scale)
	return Init(d, d.Loc.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Normal) Expand(batchShape ...int) Distribution {
	e := &Normal{Loc: d.Loc.Expand(batchShape...), Scale: d.Scale.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Normal) Traits() Traits {
	return Traits{Arguments: locScale(d.Loc, d.Scale), Support: constraints.Real, RSample: true}
}

// locScale returns the arguments of the many distributions with these two.
func locScale(loc, scale *torch.Tensor) []Argument {
	return []Argument{
		{Name: "loc", Value: loc, Constraint: constraints.Real},
		{Name: "scale", Value: scale, Constraint: constraints.Positive},
	}
}

// Mean returns Loc.
func (d *Normal) Mean() *torch.Tensor { return d.Loc }

// Mode returns Loc.
func (d *Normal) Mode() *torch.Tensor { return d.Loc }

// StdDev returns Scale.
func (d *Normal) StdDev() *torch.Tensor { return d.Scale }

// Variance returns Scale².
func (d *Normal) Variance() *torch.Tensor { return d.Scale.Pow(2) }

// Sample draws a sample.
func (d *Normal) Sample(sampleShape ...int) (x *torch.Tensor) {
	shape := d.shape(sampleShape)
	torch.NoGrad(func() { x = torch.Normal(d.Loc.Expand(shape...), d.Scale.Expand(shape...)) })
	return x
}

// RSample draws a sample that gradients flow through.
func (d *Normal) RSample(sampleShape ...int) *torch.Tensor {
	return d.Loc.Add(standardNormal(d.shape(sampleShape), d.Loc).Mul(d.Scale))
}

// LogProb returns the logarithm of the density.
func (d *Normal) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	variance := d.Scale.Pow(2)
	return value.Sub(d.Loc).Pow(2).Neg().Div(variance.Mul(2)).Sub(d.Scale.Log()).Sub(math.Log(math.Sqrt(2 * math.Pi)))
}

// CDF returns the probability of values up to the given one.
func (d *Normal) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return value.Sub(d.Loc).Mul(d.Scale.Reciprocal()).Div(math.Sqrt2).Erf().Add(1).Mul(0.5)
}

// ICDF returns the value up to which values have the given probability.
func (d *Normal) ICDF(value *torch.Tensor) *torch.Tensor {
	return d.Loc.Add(d.Scale.Mul(value.Mul(2).Sub(1).Erfinv()).Mul(math.Sqrt2))
}

// Entropy returns the entropy.
func (d *Normal) Entropy() *torch.Tensor {
	return d.Scale.Log().Add(0.5 + 0.5*math.Log(2*math.Pi))
}

// NaturalParams returns the parameters of the exponential family.
func (d *Normal) NaturalParams() []*torch.Tensor {
	return []*torch.Tensor{d.Loc.Div(d.Scale.Pow(2)), d.Scale.Pow(2).Reciprocal().Mul(-0.5)}
}

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Normal) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 2)
	x, y := params[0], params[1]
	return x.Pow(2).Mul(-0.25).Div(y).Add(quotient(-math.Pi, y).Log().Mul(0.5))
}

// LogNormal is the distribution of exp(x) for normal x.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.log_normal.LogNormal
type LogNormal struct {
	TransformedDistribution
	Loc, Scale *torch.Tensor // mean and standard deviation of the logarithm
}

// NewLogNormal returns the distribution of the logarithm's mean and standard
// deviation, tensors or numbers.
func NewLogNormal(loc, scale torch.Operand, options ...Options) *LogNormal {
	base := NewNormal(loc, scale, options...)
	d := &LogNormal{Loc: base.Loc, Scale: base.Scale}
	batchShape, eventShape := d.build(base, ExpTransform{})
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *LogNormal) Expand(batchShape ...int) Distribution {
	e := new(LogNormal)
	base := d.expandTo(&e.TransformedDistribution, batchShape).(*Normal)
	e.Loc, e.Scale = base.Loc, base.Scale
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *LogNormal) Traits() Traits {
	return d.traits(constraints.Positive, hidden(locScale(d.Loc, d.Scale))...)
}

// hidden marks arguments that String leaves out.
func hidden(list []Argument) []Argument {
	for i := range list {
		list[i].Hidden = true
	}
	return list
}

// Mean returns exp(Loc + Scale² ÷ 2).
func (d *LogNormal) Mean() *torch.Tensor { return d.Loc.Add(d.Scale.Pow(2).Div(2)).Exp() }

// Mode returns exp(Loc − Scale²).
func (d *LogNormal) Mode() *torch.Tensor { return d.Loc.Sub(d.Scale.Square()).Exp() }

// Variance returns the variance.
func (d *LogNormal) Variance() *torch.Tensor {
	square := d.Scale.Pow(2)
	return square.Expm1().Mul(d.Loc.Mul(2).Add(square).Exp())
}

// Entropy returns the entropy.
func (d *LogNormal) Entropy() *torch.Tensor { return d.BaseDist.Entropy().Add(d.Loc) }

// HalfNormal is the distribution of |x| for normal x of mean 0.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.half_normal.HalfNormal
type HalfNormal struct {
	folded
	Scale *torch.Tensor // of x
}

// NewHalfNormal returns the distribution of x's standard deviation, a tensor or a
// number.
func NewHalfNormal(scale torch.Operand, options ...Options) *HalfNormal {
	base := NewNormal(0, scale, Options{ValidateArgs: new(false)})
	d := &HalfNormal{Scale: base.Scale}
	batchShape, eventShape := d.build(base, AbsTransform{})
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *HalfNormal) Expand(batchShape ...int) Distribution {
	e := new(HalfNormal)
	e.Scale = d.expandTo(&e.TransformedDistribution, batchShape).(*Normal).Scale
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *HalfNormal) Traits() Traits { return d.traits(d.Scale) }

// Mean returns Scale × √(2/π).
func (d *HalfNormal) Mean() *torch.Tensor { return d.Scale.Mul(math.Sqrt(2 / math.Pi)) }

// Mode returns 0.
func (d *HalfNormal) Mode() *torch.Tensor { return torch.ZerosLike(d.Scale) }

// Variance returns Scale² × (1 − 2/π).
func (d *HalfNormal) Variance() *torch.Tensor {
	share := 2 / math.Pi // rounded before it is subtracted, as in Python: Go's constants are exact
	return d.Scale.Pow(2).Mul(1 - share)
}

// folded is the distribution of |x| for an x symmetric about 0, which HalfNormal
// and HalfCauchy share.
type folded struct{ TransformedDistribution }

func (d *folded) traits(scale *torch.Tensor) Traits {
	return d.TransformedDistribution.traits(constraints.Nonnegative,
		Argument{Name: "scale", Value: scale, Constraint: constraints.Positive, Hidden: true})
}

// LogProb returns the logarithm of the density, −∞ for negative values.
func (d *folded) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return torch.Where(value.Ge(0), d.BaseDist.LogProb(value).Add(math.Ln2), math.Inf(-1))
}

// CDF returns the probability of values up to the given one.
func (d *folded) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.BaseDist.CDF(value).Mul(2).Sub(1)
}

// ICDF returns the value up to which values have the given probability.
func (d *folded) ICDF(value *torch.Tensor) *torch.Tensor {
	return d.BaseDist.ICDF(value.Add(1).Div(2))
}

// Entropy returns the entropy.
func (d *folded) Entropy() *torch.Tensor { return d.BaseDist.Entropy().Sub(math.Ln2) }
