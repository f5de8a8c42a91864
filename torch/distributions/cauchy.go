package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Cauchy is the Cauchy (Lorentz) distribution, that of the ratio of two normal
// numbers. It has neither mean nor variance.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.cauchy.Cauchy
type Cauchy struct {
	Common
	Loc, Scale *torch.Tensor // median, and half the width at half the height
}

// NewCauchy returns the distribution of a median and a scale, tensors or numbers.
func NewCauchy(loc, scale torch.Operand, options ...Options) *Cauchy {
	d := new(Cauchy)
	d.Loc, d.Scale = broadcast2(loc, scale)
	return Init(d, d.Loc.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Cauchy) Expand(batchShape ...int) Distribution {
	e := &Cauchy{Loc: d.Loc.Expand(batchShape...), Scale: d.Scale.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Cauchy) Traits() Traits {
	return Traits{Arguments: locScale(d.Loc, d.Scale), Support: constraints.Real, RSample: true}
}

// Mean returns NaN.
func (d *Cauchy) Mean() *torch.Tensor { return d.constant(math.NaN(), d.Loc) }

// Mode returns Loc.
func (d *Cauchy) Mode() *torch.Tensor { return d.Loc }

// Variance returns infinity.
func (d *Cauchy) Variance() *torch.Tensor { return d.constant(math.Inf(1), d.Loc) }

// RSample draws a sample that gradients flow through.
func (d *Cauchy) RSample(sampleShape ...int) *torch.Tensor {
	eps := torch.Empty(d.shape(sampleShape), optionsOf(d.Loc)).CauchyInplace()
	return d.Loc.Add(eps.Mul(d.Scale))
}

// LogProb returns the logarithm of the density.
func (d *Cauchy) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.Scale.Log().Rsub(-math.Log(math.Pi)).Sub(value.Sub(d.Loc).Div(d.Scale).Pow(2).Log1p())
}

// CDF returns the probability of values up to the given one.
func (d *Cauchy) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return value.Sub(d.Loc).Div(d.Scale).Atan().Div(math.Pi).Add(0.5)
}

// ICDF returns the value up to which values have the given probability.
func (d *Cauchy) ICDF(value *torch.Tensor) *torch.Tensor {
	return value.Sub(0.5).Mul(math.Pi).Tan().Mul(d.Scale).Add(d.Loc)
}

// Entropy returns the entropy.
func (d *Cauchy) Entropy() *torch.Tensor { return d.Scale.Log().Add(math.Log(4 * math.Pi)) }

// HalfCauchy is the distribution of |x| for x of a Cauchy distribution about 0.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.half_cauchy.HalfCauchy
type HalfCauchy struct {
	folded
	Scale *torch.Tensor // of x
}

// NewHalfCauchy returns the distribution of x's scale, a tensor or a number.
func NewHalfCauchy(scale torch.Operand, options ...Options) *HalfCauchy {
	base := NewCauchy(0, scale, Options{ValidateArgs: new(false)})
	d := &HalfCauchy{Scale: base.Scale}
	batchShape, eventShape := d.build(base, AbsTransform{})
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *HalfCauchy) Expand(batchShape ...int) Distribution {
	e := new(HalfCauchy)
	e.Scale = d.expandTo(&e.TransformedDistribution, batchShape).(*Cauchy).Scale
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *HalfCauchy) Traits() Traits { return d.traits(d.Scale) }

// Mean returns infinity.
func (d *HalfCauchy) Mean() *torch.Tensor { return d.constant(math.Inf(1), d.Scale) }

// Mode returns 0.
func (d *HalfCauchy) Mode() *torch.Tensor { return torch.ZerosLike(d.Scale) }

// Variance returns infinity.
func (d *HalfCauchy) Variance() *torch.Tensor { return d.BaseDist.Variance() }
