package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Bernoulli is the distribution of 1 with a probability, else 0.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.bernoulli.Bernoulli
type Bernoulli struct {
	Common
	chance
}

// NewBernoulli returns the distribution of [Probs] or [Logits], tensors or numbers.
func NewBernoulli(p ProbsOrLogits, options ...Options) *Bernoulli {
	d := new(Bernoulli)
	v, isLogits := p.value("Bernoulli")
	d.setBinary(broadcast1(v), isLogits)
	return Init(d, d.param().Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Bernoulli) Expand(batchShape ...int) Distribution {
	e := new(Bernoulli)
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Bernoulli) Traits() Traits {
	return Traits{
		Arguments: d.arguments(constraints.UnitInterval, constraints.Real),
		Support:   constraints.Boolean,
		Enumerate: true,
	}
}

// Mean returns the probabilities.
func (d *Bernoulli) Mean() *torch.Tensor { return d.Probs() }

// Mode returns the likelier value, NaN where both are equally likely.
func (d *Bernoulli) Mode() *torch.Tensor {
	p := d.Probs()
	return toNaN(p.Ge(0.5).To(p), p.Eq(0.5))
}

// Variance returns p(1−p).
func (d *Bernoulli) Variance() *torch.Tensor { return d.Probs().Mul(d.Probs().Rsub(1)) }

// Sample draws a sample.
func (d *Bernoulli) Sample(sampleShape ...int) (x *torch.Tensor) {
	shape := d.shape(sampleShape)
	torch.NoGrad(func() { x = torch.Bernoulli(d.Probs().Expand(shape...)) })
	return x
}

// LogProb returns the logarithm of the probability.
func (d *Bernoulli) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	logits, value := broadcast2(d.Logits(), value)
	return crossEntropy(logits, value).Neg()
}

// crossEntropy returns binary cross entropies.
func crossEntropy(logits, probs *torch.Tensor) *torch.Tensor {
	return functional.BinaryCrossEntropyWithLogits(logits, probs,
		functional.BinaryCrossEntropyWithLogitsOptions{Reduction: functional.ReductionNone})
}

// Entropy returns the entropy.
func (d *Bernoulli) Entropy() *torch.Tensor { return crossEntropy(d.Logits(), d.Probs()) }

// EnumerateSupport returns 0 and 1 along a new first dimension.
func (d *Bernoulli) EnumerateSupport(expand ...bool) *torch.Tensor {
	return d.enumerated(2, optionsOf(d.param()), expand)
}

// NaturalParams returns the parameters of the exponential family.
func (d *Bernoulli) NaturalParams() []*torch.Tensor { return []*torch.Tensor{d.Probs().Logit()} }

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Bernoulli) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 1)
	return params[0].Exp().Log1p()
}

// Geometric is the distribution of the number of failures before a success.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.geometric.Geometric
type Geometric struct {
	Common
	chance
}

// NewGeometric returns the distribution of a success's [Probs] or [Logits], tensors
// or numbers. It panics with a ValueError on probabilities of 0.
func NewGeometric(p ProbsOrLogits, options ...Options) *Geometric {
	d := new(Geometric)
	v, isLogits := p.value("Geometric")
	d.setBinary(broadcast1(v), isLogits)
	Init(d, d.param().Shape(), nil, options...)
	if d.validate && !isLogits {
		d.checkPositive()
	}
	return d
}

func (d *Geometric) checkPositive() {
	if p := d.Probs(); !p.Gt(0).All().Bool() {
		panic(torch.Errorf("distributions."+nameOf(d.self), torch.ValueError, "Expected parameter probs (Tensor of shape %s) of distribution %v "+
			"to be positive but found invalid values:\n%v", python.Repr(python.TupleOf(p.Shape())), d, p.Data().Index(p.Le(0))))
	}
}

// Expand returns the distribution for a greater batch.
func (d *Geometric) Expand(batchShape ...int) Distribution {
	e := new(Geometric)
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Geometric) Traits() Traits {
	return Traits{
		Arguments: d.arguments(constraints.UnitInterval, constraints.Real),
		Support:   constraints.NonnegativeInteger,
	}
}

// Mean returns 1 ÷ p − 1.
func (d *Geometric) Mean() *torch.Tensor { return quotient(1, d.Probs()).Sub(1) }

// Mode returns 0.
func (d *Geometric) Mode() *torch.Tensor { return torch.ZerosLike(d.Probs()) }

// Variance returns (1 ÷ p − 1) ÷ p.
func (d *Geometric) Variance() *torch.Tensor { return d.Mean().Div(d.Probs()) }

// Sample draws a sample.
func (d *Geometric) Sample(sampleShape ...int) (x *torch.Tensor) {
	p, shape := d.Probs(), d.shape(sampleShape)
	torch.NoGrad(func() {
		u := torch.Empty(shape, optionsOf(p)).UniformInplace(torch.Finfo(p.DType()).Tiny, 1, nil)
		x = u.Log().Div(p.Neg().Log1p()).Floor()
	})
	return x
}

// LogProb returns the logarithm of the probability.
func (d *Geometric) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	value, p := broadcast2(value, d.Probs())
	p = set(contiguous(p), p.Eq(1).BitwiseAnd(value.Eq(0)), 0)
	return value.Mul(p.Neg().Log1p()).Add(d.Probs().Log())
}

// Entropy returns the entropy.
func (d *Geometric) Entropy() *torch.Tensor {
	return crossEntropy(d.Logits(), d.Probs()).Div(d.Probs())
}

// ContinuousBernoulli is the distribution of numbers from 0 to 1 whose density is
// that of Bernoulli, normalized.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.continuous_bernoulli.ContinuousBernoulli
type ContinuousBernoulli struct {
	Common
	chance
	lims [2]float64
}

// ContinuousBernoulliOptions are the options of [NewContinuousBernoulli].
type ContinuousBernoulliOptions struct {
	Lims *[2]float64 // probabilities between these are treated by series; default: 0.499, 0.501
	Options
}

// NewContinuousBernoulli returns the distribution of [Probs] or [Logits], tensors
// or numbers.
func NewContinuousBernoulli(p ProbsOrLogits, options ...ContinuousBernoulliOptions) *ContinuousBernoulli {
	o := option.First(options)
	d := &ContinuousBernoulli{lims: option.Or(o.Lims, [2]float64{0.499, 0.501})}
	d.clamped = true
	v, isLogits := p.value("ContinuousBernoulli")
	x := broadcast1(v)
	if !isLogits {
		if o.ValidateArgs != nil && !constraints.UnitInterval.Check(x).All().Bool() {
			panic(torch.Errorf("distributions.ContinuousBernoulli", torch.ValueError,
				"The parameter probs has invalid values"))
		}
		x = clampProbs(x)
	}
	d.setBinary(x, isLogits)
	return Init(d, x.Shape(), nil, o.Options)
}

// Expand returns the distribution for a greater batch.
func (d *ContinuousBernoulli) Expand(batchShape ...int) Distribution {
	e := &ContinuousBernoulli{lims: d.lims}
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *ContinuousBernoulli) Traits() Traits {
	return Traits{
		Arguments: d.arguments(constraints.UnitInterval, constraints.Real),
		Support:   constraints.UnitInterval,
		RSample:   true,
	}
}

// stable returns where formulas have no singularity, which is at ½.
func (d *ContinuousBernoulli) stable() *torch.Tensor {
	return d.Probs().Le(d.lims[0]).LogicalOr(d.Probs().Gt(d.lims[1]))
}

// cut returns the probabilities with a stable one in place of others.
func (d *ContinuousBernoulli) cut() *torch.Tensor {
	return torch.Where(d.stable(), d.Probs(), torch.OnesLike(d.Probs()).Mul(d.lims[0]))
}

// logNorm returns the logarithm of what the density is multiplied by.
func (d *ContinuousBernoulli) logNorm() *torch.Tensor {
	cut := d.cut()
	below := torch.Where(cut.Le(0.5), cut, torch.ZerosLike(cut))
	above := torch.Where(cut.Ge(0.5), cut, torch.OnesLike(cut))
	odds := cut.Neg().Log1p().Sub(cut.Log()).Abs().Log()
	norm := odds.Sub(torch.Where(cut.Le(0.5), below.Mul(-2.0).Log1p(), above.Mul(2.0).Sub(1.0).Log()))
	x := d.Probs().Sub(0.5).Pow(2)
	series := x.Mul(104.0 / 45.0).Add(4.0 / 3.0).Mul(x).Add(math.Ln2)
	return torch.Where(d.stable(), norm, series)
}

// Mean returns the mean.
func (d *ContinuousBernoulli) Mean() *torch.Tensor {
	cut := d.cut()
	mean := cut.Div(cut.Mul(2.0).Sub(1.0)).Add(quotient(1, cut.Neg().Log1p().Sub(cut.Log())))
	x := d.Probs().Sub(0.5)
	series := x.Pow(2).Mul(16.0 / 45.0).Add(1.0 / 3.0).Mul(x).Add(0.5)
	return torch.Where(d.stable(), mean, series)
}

// Variance returns the variance.
func (d *ContinuousBernoulli) Variance() *torch.Tensor {
	cut := d.cut()
	variance := cut.Mul(cut.Sub(1.0)).Div(cut.Mul(2.0).Rsub(1.0).Pow(2)).
		Add(quotient(1, cut.Neg().Log1p().Sub(cut.Log()).Pow(2)))
	x := d.Probs().Sub(0.5).Pow(2)
	series := x.Mul(128.0 / 945.0).Rsub(1.0 / 15.0).Mul(x).Rsub(1.0 / 12.0)
	return torch.Where(d.stable(), variance, series)
}

// RSample draws a sample that gradients flow through.
func (d *ContinuousBernoulli) RSample(sampleShape ...int) *torch.Tensor {
	return d.ICDF(uniform01(d.shape(sampleShape), d.Probs()))
}

// LogProb returns the logarithm of the density.
func (d *ContinuousBernoulli) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	logits, value := broadcast2(d.Logits(), value)
	return crossEntropy(logits, value).Neg().Add(d.logNorm())
}

// CDF returns the probability of values up to the given one.
func (d *ContinuousBernoulli) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	cut := d.cut()
	powers := cut.Pow(value).Mul(cut.Rsub(1.0).Pow(value.Rsub(1.0)))
	inner := torch.Where(d.stable(), powers.Add(cut).Sub(1.0).Div(cut.Mul(2.0).Sub(1.0)), value)
	return torch.Where(value.Le(0.0), torch.ZerosLike(value),
		torch.Where(value.Ge(1.0), torch.OnesLike(value), inner))
}

// ICDF returns the value up to which values have the given probability.
func (d *ContinuousBernoulli) ICDF(value *torch.Tensor) *torch.Tensor {
	cut := d.cut()
	part := cut.Neg().Add(value.Mul(cut.Mul(2.0).Sub(1.0))).Log1p().Sub(cut.Neg().Log1p())
	return torch.Where(d.stable(), part.Div(cut.Log().Sub(cut.Neg().Log1p())), value)
}

// Entropy returns the entropy.
func (d *ContinuousBernoulli) Entropy() *torch.Tensor {
	log0, log1 := d.Probs().Neg().Log1p(), d.Probs().Log()
	return d.Mean().Mul(log0.Sub(log1)).Sub(d.logNorm()).Sub(log0)
}

// NaturalParams returns the parameters of the exponential family.
func (d *ContinuousBernoulli) NaturalParams() []*torch.Tensor { return []*torch.Tensor{d.Logits()} }

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *ContinuousBernoulli) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 1)
	x := params[0]
	stable := x.Le(d.lims[0] - 0.5).LogicalOr(x.Gt(d.lims[1] - 0.5))
	cut := torch.Where(stable, x, torch.OnesLike(x).Mul(d.lims[0]-0.5))
	norm := cut.Expm1().Abs().Log().Sub(cut.Abs().Log())
	series := x.Mul(0.5).Add(x.Pow(2).Div(24.0)).Sub(x.Pow(4).Div(2880.0))
	return torch.Where(stable, norm, series)
}
