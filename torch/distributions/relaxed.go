package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// LogitRelaxedBernoulli is [RelaxedBernoulli] before the sigmoid.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.relaxed_bernoulli.LogitRelaxedBernoulli
type LogitRelaxedBernoulli struct {
	Common
	chance
	Temperature *torch.Tensor
}

// NewLogitRelaxedBernoulli returns the distribution of a temperature and of [Probs]
// or [Logits], tensors or numbers.
func NewLogitRelaxedBernoulli(temperature torch.Operand, p ProbsOrLogits, options ...Options) *LogitRelaxedBernoulli {
	d := &LogitRelaxedBernoulli{Temperature: broadcast1(temperature)}
	v, isLogits := p.value("LogitRelaxedBernoulli")
	d.setBinary(broadcast1(v), isLogits)
	return Init(d, d.param().Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *LogitRelaxedBernoulli) Expand(batchShape ...int) Distribution {
	e := &LogitRelaxedBernoulli{Temperature: d.Temperature}
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution. As in Python it does not say that it has an
// RSample.
func (d *LogitRelaxedBernoulli) Traits() Traits {
	return Traits{
		Arguments: d.arguments(constraints.UnitInterval, constraints.Real),
		Support:   constraints.Real,
	}
}

// RSample draws a sample that gradients flow through.
func (d *LogitRelaxedBernoulli) RSample(sampleShape ...int) *torch.Tensor {
	shape := d.shape(sampleShape)
	probs := clampProbs(d.Probs().Expand(shape...))
	u := clampProbs(uniform01(shape, probs))
	return u.Log().Sub(u.Neg().Log1p()).Add(probs.Log()).Sub(probs.Neg().Log1p()).Div(d.Temperature)
}

// LogProb returns the logarithm of the density.
func (d *LogitRelaxedBernoulli) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	logits, value := broadcast2(d.Logits(), value)
	diff := logits.Sub(value.Mul(d.Temperature))
	return d.Temperature.Log().Add(diff).Sub(diff.Exp().Log1p().Mul(2))
}

// RelaxedBernoulli is a continuous relaxation of [Bernoulli], with samples that
// gradients flow through: numbers between 0 and 1, nearer to them the lower the
// temperature.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.relaxed_bernoulli.RelaxedBernoulli
type RelaxedBernoulli struct{ TransformedDistribution }

// NewRelaxedBernoulli returns the distribution of a temperature and of [Probs] or
// [Logits], tensors or numbers.
func NewRelaxedBernoulli(temperature torch.Operand, p ProbsOrLogits, options ...Options) *RelaxedBernoulli {
	d := new(RelaxedBernoulli)
	batchShape, eventShape := d.build(NewLogitRelaxedBernoulli(temperature, p), SigmoidTransform{})
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *RelaxedBernoulli) Expand(batchShape ...int) Distribution {
	e := new(RelaxedBernoulli)
	d.expandTo(&e.TransformedDistribution, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *RelaxedBernoulli) Traits() Traits {
	return Traits{
		Arguments: []Argument{
			{Name: "probs", Value: d.Probs(), Constraint: constraints.UnitInterval, Hidden: true},
			{Name: "logits", Value: d.Logits(), Constraint: constraints.Real, Hidden: true},
		},
		Support: constraints.UnitInterval,
		RSample: true,
	}
}

func (d *RelaxedBernoulli) logit() *LogitRelaxedBernoulli { return d.BaseDist.(*LogitRelaxedBernoulli) }

// Temperature returns the temperature.
func (d *RelaxedBernoulli) Temperature() *torch.Tensor { return d.logit().Temperature }

// Probs returns the probabilities.
func (d *RelaxedBernoulli) Probs() *torch.Tensor { return d.logit().Probs() }

// Logits returns the logarithms of the odds.
func (d *RelaxedBernoulli) Logits() *torch.Tensor { return d.logit().Logits() }

// ExpRelaxedCategorical is [RelaxedOneHotCategorical] before the exponential.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.relaxed_categorical.ExpRelaxedCategorical
type ExpRelaxedCategorical struct {
	Common
	Temperature *torch.Tensor
	categorical *Categorical
}

// NewExpRelaxedCategorical returns the distribution of a temperature, a tensor or a
// number, and of [Probs] or [Logits], as [NewCategorical] takes them.
func NewExpRelaxedCategorical(temperature torch.Operand, p ProbsOrLogits, options ...Options) *ExpRelaxedCategorical {
	d := &ExpRelaxedCategorical{Temperature: broadcast1(temperature), categorical: NewCategorical(p)}
	return Init(d, d.categorical.batchShape, []int{d.categorical.events}, options...)
}

// Expand returns the distribution for a greater batch.
func (d *ExpRelaxedCategorical) Expand(batchShape ...int) Distribution {
	categorical := d.categorical.Expand(batchShape...).(*Categorical)
	return expanded(&ExpRelaxedCategorical{Temperature: d.Temperature, categorical: categorical}, d, batchShape)
}

// Traits describes the distribution.
func (d *ExpRelaxedCategorical) Traits() Traits {
	return Traits{Arguments: d.categorical.derived(), Support: constraints.RealVector, RSample: true}
}

// Probs returns the probabilities.
func (d *ExpRelaxedCategorical) Probs() *torch.Tensor { return d.categorical.Probs() }

// Logits returns the logarithms of the probabilities.
func (d *ExpRelaxedCategorical) Logits() *torch.Tensor { return d.categorical.Logits() }

// RSample draws a sample that gradients flow through.
func (d *ExpRelaxedCategorical) RSample(sampleShape ...int) *torch.Tensor {
	u := clampProbs(uniform01(d.shape(sampleShape), d.Logits()))
	gumbels := u.Log().Neg().Log().Neg()
	scores := d.Logits().Add(gumbels).Div(d.Temperature)
	return scores.Sub(keptLogSumExp(scores))
}

// LogProb returns the logarithm of the density.
func (d *ExpRelaxedCategorical) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	k := d.categorical.events
	logits, value := broadcast2(d.Logits(), value)
	scale := torch.FullLike(d.Temperature, float64(k)).Lgamma().Sub(d.Temperature.Log().Mul(-(k - 1)))
	score := logits.Sub(value.Mul(d.Temperature))
	return score.Sub(keptLogSumExp(score)).Sum(-1).Add(scale)
}

// RelaxedOneHotCategorical is a continuous relaxation of [OneHotCategorical], with
// samples that gradients flow through: vectors of probabilities, nearer to one-hot
// ones the lower the temperature.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.relaxed_categorical.RelaxedOneHotCategorical
type RelaxedOneHotCategorical struct{ TransformedDistribution }

// NewRelaxedOneHotCategorical returns the distribution of a temperature, a tensor
// or a number, and of [Probs] or [Logits], as [NewCategorical] takes them.
func NewRelaxedOneHotCategorical(temperature torch.Operand, p ProbsOrLogits, options ...Options) *RelaxedOneHotCategorical {
	d := new(RelaxedOneHotCategorical)
	batchShape, eventShape := d.build(NewExpRelaxedCategorical(temperature, p, options...), ExpTransform{})
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *RelaxedOneHotCategorical) Expand(batchShape ...int) Distribution {
	e := new(RelaxedOneHotCategorical)
	d.expandTo(&e.TransformedDistribution, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *RelaxedOneHotCategorical) Traits() Traits {
	return d.traits(constraints.Simplex, d.exp().categorical.derived()...)
}

func (d *RelaxedOneHotCategorical) exp() *ExpRelaxedCategorical {
	return d.BaseDist.(*ExpRelaxedCategorical)
}

// Temperature returns the temperature.
func (d *RelaxedOneHotCategorical) Temperature() *torch.Tensor { return d.exp().Temperature }

// Probs returns the probabilities.
func (d *RelaxedOneHotCategorical) Probs() *torch.Tensor { return d.exp().Probs() }

// Logits returns the logarithms of the probabilities.
func (d *RelaxedOneHotCategorical) Logits() *torch.Tensor { return d.exp().Logits() }
