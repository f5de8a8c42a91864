package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Binomial is the distribution of the number of successes in TotalCount trials.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.binomial.Binomial
type Binomial struct {
	Common
	chance
	TotalCount *torch.Tensor
}

// NewBinomial returns the distribution of a number of trials and the [Probs] or
// [Logits] of a success, tensors or numbers.
func NewBinomial(totalCount torch.Operand, p ProbsOrLogits, options ...Options) *Binomial {
	d := new(Binomial)
	d.TotalCount = d.setCounted("Binomial", totalCount, p)
	return Init(d, d.TotalCount.Shape(), nil, options...)
}

// setCounted sets the parameter of a binary distribution with counts, and returns
// those, of its dtype.
func (c *chance) setCounted(name string, totalCount torch.Operand, p ProbsOrLogits) *torch.Tensor {
	v, isLogits := p.value(name)
	count, x := broadcast2(totalCount, v)
	c.setBinary(x, isLogits)
	return count.TypeAs(x)
}

// Expand returns the distribution for a greater batch.
func (d *Binomial) Expand(batchShape ...int) Distribution {
	e := &Binomial{TotalCount: d.TotalCount.Expand(batchShape...)}
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Binomial) Traits() Traits {
	count := Argument{Name: "total_count", Value: d.TotalCount, Constraint: constraints.NonnegativeInteger}
	return Traits{
		Arguments: append([]Argument{count}, d.arguments(constraints.UnitInterval, constraints.Real)...),
		Support:   constraints.IntegerInterval{Lower: 0, Upper: d.TotalCount},
		Enumerate: true,
	}
}

// Mean returns TotalCount × p.
func (d *Binomial) Mean() *torch.Tensor { return d.TotalCount.Mul(d.Probs()) }

// Mode returns the mode.
func (d *Binomial) Mode() *torch.Tensor {
	return d.TotalCount.Add(1).Mul(d.Probs()).Floor().Clamp(nil, d.TotalCount)
}

// Variance returns TotalCount × p(1−p).
func (d *Binomial) Variance() *torch.Tensor { return d.Mean().Mul(d.Probs().Rsub(1)) }

// Sample draws a sample.
func (d *Binomial) Sample(sampleShape ...int) (x *torch.Tensor) {
	shape := d.shape(sampleShape)
	torch.NoGrad(func() { x = torch.Binomial(d.TotalCount.Expand(shape...), d.Probs().Expand(shape...)) })
	return x
}

// LogProb returns the logarithm of the probability.
func (d *Binomial) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	n, logits := d.TotalCount, d.Logits()
	all, successes := n.Add(1).Lgamma(), value.Add(1).Lgamma()
	failures := n.Sub(value).Add(1).Lgamma()
	// The positive part of the logits, with a derivative at 0.
	positive := logits.Clamp(0, nil).Add(logits).Sub(logits.Clamp(nil, 0)).Div(2)
	norm := n.Mul(positive).Add(n.Mul(logits.Abs().Neg().Exp().Log1p())).Sub(all)
	return value.Mul(logits).Sub(successes).Sub(failures).Sub(norm)
}

// Entropy returns the entropy. It panics with a NotImplementedError if TotalCount
// differs within the batch.
func (d *Binomial) Entropy() *torch.Tensor {
	d.count("entropy")
	log := d.LogProb(d.EnumerateSupport(false))
	return log.Exp().Mul(log).Sum(0).Neg()
}

// EnumerateSupport returns the numbers up to TotalCount along a new first
// dimension. It panics with a NotImplementedError if TotalCount differs within the
// batch.
func (d *Binomial) EnumerateSupport(expand ...bool) *torch.Tensor {
	return d.enumerated(1+d.count("enumerate_support"), optionsOf(d.param()), expand)
}

// count returns TotalCount if it is the same for all of the batch.
func (d *Binomial) count(method string) int {
	n := d.TotalCount.Max()
	if !d.TotalCount.Min().Eq(n).Bool() {
		panic(torch.Errorf("distributions."+nameOf(d.self), torch.NotImplementedError,
			"Inhomogeneous total count not supported by `%s`.", method))
	}
	return int(n.Item())
}

// NegativeBinomial is the distribution of the number of successes before
// TotalCount failures.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.negative_binomial.NegativeBinomial
type NegativeBinomial struct {
	Common
	chance
	TotalCount *torch.Tensor
}

// NewNegativeBinomial returns the distribution of a number of failures, not
// necessarily a whole one, and the [Probs] or [Logits] of a success, tensors or
// numbers.
func NewNegativeBinomial(totalCount torch.Operand, p ProbsOrLogits, options ...Options) *NegativeBinomial {
	d := new(NegativeBinomial)
	d.TotalCount = d.setCounted("NegativeBinomial", totalCount, p)
	return Init(d, d.TotalCount.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *NegativeBinomial) Expand(batchShape ...int) Distribution {
	e := &NegativeBinomial{TotalCount: d.TotalCount.Expand(batchShape...)}
	d.expandTo(&e.chance, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *NegativeBinomial) Traits() Traits {
	count := Argument{Name: "total_count", Value: d.TotalCount, Constraint: constraints.GreaterThanEq{Lower: 0}}
	probs := constraints.HalfOpenInterval{Lower: 0.0, Upper: 1.0}
	return Traits{
		Arguments: append([]Argument{count}, d.arguments(probs, constraints.Real)...),
		Support:   constraints.NonnegativeInteger,
	}
}

// Mean returns TotalCount × p ÷ (1−p).
func (d *NegativeBinomial) Mean() *torch.Tensor { return d.TotalCount.Mul(d.Logits().Exp()) }

// Mode returns the mode.
func (d *NegativeBinomial) Mode() *torch.Tensor {
	return d.TotalCount.Sub(1).Mul(d.Logits().Exp()).Floor().Clamp(0.0, nil)
}

// Variance returns the variance.
func (d *NegativeBinomial) Variance() *torch.Tensor {
	return d.Mean().Div(d.Logits().Neg().Sigmoid())
}

// Sample draws a sample.
func (d *NegativeBinomial) Sample(sampleShape ...int) (x *torch.Tensor) {
	torch.NoGrad(func() {
		rate := NewGamma(d.TotalCount, d.Logits().Neg().Exp(), Options{ValidateArgs: new(false)})
		x = torch.Poisson(rate.Sample(sampleShape...))
	})
	return x
}

// LogProb returns the logarithm of the probability.
func (d *NegativeBinomial) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	n, logits := d.TotalCount, d.Logits()
	log := n.Mul(functional.LogSigmoid(logits.Neg())).Add(value.Mul(functional.LogSigmoid(logits)))
	norm := n.Add(value).Lgamma().Neg().Add(value.Add(1.0).Lgamma()).Add(n.Lgamma())
	return log.Sub(norm.MaskedFill(n.Add(value).Eq(0.0), 0.0))
}

// Poisson is the distribution of the number of events of a constant rate.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.poisson.Poisson
type Poisson struct {
	Common
	Rate *torch.Tensor
}

// NewPoisson returns the distribution of a rate, a tensor or a number.
func NewPoisson(rate torch.Operand, options ...Options) *Poisson {
	d := &Poisson{Rate: broadcast1(rate)}
	return Init(d, d.Rate.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Poisson) Expand(batchShape ...int) Distribution {
	return expanded(&Poisson{Rate: d.Rate.Expand(batchShape...)}, d, batchShape)
}

// Traits describes the distribution.
func (d *Poisson) Traits() Traits {
	return Traits{
		Arguments: []Argument{{Name: "rate", Value: d.Rate, Constraint: constraints.Nonnegative}},
		Support:   constraints.NonnegativeInteger,
	}
}

// Mean returns Rate.
func (d *Poisson) Mean() *torch.Tensor { return d.Rate }

// Mode returns the whole part of Rate.
func (d *Poisson) Mode() *torch.Tensor { return d.Rate.Floor() }

// Variance returns Rate.
func (d *Poisson) Variance() *torch.Tensor { return d.Rate }

// Sample draws a sample.
func (d *Poisson) Sample(sampleShape ...int) (x *torch.Tensor) {
	shape := d.shape(sampleShape)
	torch.NoGrad(func() { x = torch.Poisson(d.Rate.Expand(shape...)) })
	return x
}

// LogProb returns the logarithm of the probability.
func (d *Poisson) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	rate, value := broadcast2(d.Rate, value)
	return value.Xlogy(rate).Sub(rate).Sub(value.Add(1).Lgamma())
}

// NaturalParams returns the parameters of the exponential family.
func (d *Poisson) NaturalParams() []*torch.Tensor { return []*torch.Tensor{d.Rate.Log()} }

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Poisson) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 1)
	return params[0].Exp()
}
