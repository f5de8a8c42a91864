package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Categorical is the distribution of the integers from 0 to K−1 with a
// probability each.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.categorical.Categorical
type Categorical struct {
	Common
	chance
	events int // K
}

// NewCategorical returns the distribution of [Probs] or [Logits], tensors whose
// last dimension has K elements; they are normalized. It panics with a ValueError
// if they have no dimension.
func NewCategorical(p ProbsOrLogits, options ...Options) *Categorical {
	d := new(Categorical)
	v, isLogits := p.value("Categorical")
	x, ok := v.(*torch.Tensor)
	name := "probs"
	if isLogits {
		name = "logits"
	}
	if !ok || x.Dim() < 1 {
		panic(torch.Errorf("distributions.Categorical", torch.ValueError,
			"`%s` parameter must be at least one-dimensional.", name))
	}
	if isLogits {
		d.logits = x.Sub(keptLogSumExp(x))
	} else {
		d.probs = x.Div(keptSum(x))
	}
	shape := x.Shape()
	d.events = shape[len(shape)-1]
	return Init(d, shape[:len(shape)-1], nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Categorical) Expand(batchShape ...int) Distribution {
	e := &Categorical{events: d.events}
	d.expandTo(&e.chance, append(slices.Clone(batchShape), d.events))
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Categorical) Traits() Traits {
	return Traits{
		Arguments: d.arguments(constraints.Simplex, constraints.RealVector),
		Support:   constraints.IntegerInterval{Lower: 0, Upper: d.events - 1},
		Enumerate: true,
	}
}

// derived returns the parameters as those of a distribution that is made of this
// one; Python computes and checks both.
func (d *Categorical) derived() []Argument {
	return []Argument{
		{Name: "probs", Value: d.Probs(), Constraint: constraints.Simplex, Hidden: true},
		{Name: "logits", Value: d.Logits(), Constraint: constraints.RealVector, Hidden: true},
	}
}

// Mean returns NaN.
func (d *Categorical) Mean() *torch.Tensor { return d.constant(math.NaN(), d.Probs()) }

// Mode returns the likeliest integer.
func (d *Categorical) Mode() *torch.Tensor { return d.Probs().Argmax(-1) }

// Variance returns NaN.
func (d *Categorical) Variance() *torch.Tensor { return d.constant(math.NaN(), d.Probs()) }

// Sample draws a sample (Int64).
func (d *Categorical) Sample(sampleShape ...int) *torch.Tensor {
	rows := d.Probs().Reshape(-1, d.events)
	drawn := rows.Multinomial(product(sampleShape), torch.MultinomialOptions{Replacement: true})
	return drawn.T().Reshape(d.shape(sampleShape)...)
}

// LogProb returns the logarithm of the probability.
func (d *Categorical) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	both := torch.BroadcastTensors(value.To(torch.Int64).Unsqueeze(-1), d.Logits())
	return both[1].Gather(-1, both[0].Index(torch.Ellipsis, torch.To(1))).Squeeze(-1)
}

// Entropy returns the entropy.
func (d *Categorical) Entropy() *torch.Tensor {
	logits := d.Logits().Clamp(torch.Finfo(d.Logits().DType()).Min, nil)
	return logits.Mul(d.Probs()).Sum(-1).Neg()
}

// EnumerateSupport returns the integers along a new first dimension.
func (d *Categorical) EnumerateSupport(expand ...bool) *torch.Tensor {
	return d.enumerated(d.events, torch.TensorOptions{DType: torch.Int64, Device: d.param().Device()}, expand)
}

// OneHotCategorical is [Categorical] with vectors in place of the integers: a 1 at
// the integer's position, else 0.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.one_hot_categorical.OneHotCategorical
type OneHotCategorical struct {
	Common
	categorical *Categorical
}

// NewOneHotCategorical returns the distribution of [Probs] or [Logits], as
// [NewCategorical] takes them.
func NewOneHotCategorical(p ProbsOrLogits, options ...Options) *OneHotCategorical {
	d := &OneHotCategorical{categorical: NewCategorical(p)}
	return Init(d, d.categorical.batchShape, []int{d.categorical.events}, options...)
}

// Expand returns the distribution for a greater batch.
func (d *OneHotCategorical) Expand(batchShape ...int) Distribution {
	categorical := d.categorical.Expand(batchShape...).(*Categorical)
	return expanded(&OneHotCategorical{categorical: categorical}, d, batchShape)
}

// Traits describes the distribution.
func (d *OneHotCategorical) Traits() Traits {
	return Traits{Arguments: d.categorical.derived(), Support: constraints.OneHot, Enumerate: true}
}

// Probs returns the probabilities.
func (d *OneHotCategorical) Probs() *torch.Tensor { return d.categorical.Probs() }

// Logits returns the logarithms of the probabilities.
func (d *OneHotCategorical) Logits() *torch.Tensor { return d.categorical.Logits() }

// Mean returns the probabilities.
func (d *OneHotCategorical) Mean() *torch.Tensor { return d.Probs() }

// Mode returns the likeliest vector.
func (d *OneHotCategorical) Mode() *torch.Tensor { return d.oneHot(d.categorical.Mode()) }

// Variance returns p(1−p).
func (d *OneHotCategorical) Variance() *torch.Tensor { return d.Probs().Mul(d.Probs().Rsub(1)) }

func (d *OneHotCategorical) oneHot(indices *torch.Tensor) *torch.Tensor {
	n := d.categorical.events
	return functional.OneHot(indices, functional.OneHotOptions{NumClasses: &n}).To(d.Probs())
}

// Sample draws a sample.
func (d *OneHotCategorical) Sample(sampleShape ...int) *torch.Tensor {
	return d.oneHot(d.categorical.Sample(sampleShape...))
}

// LogProb returns the logarithm of the probability.
func (d *OneHotCategorical) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	_, indices := value.MaxDim(-1)
	return d.categorical.LogProb(indices)
}

// Entropy returns the entropy.
func (d *OneHotCategorical) Entropy() *torch.Tensor { return d.categorical.Entropy() }

// EnumerateSupport returns the vectors along a new first dimension.
func (d *OneHotCategorical) EnumerateSupport(expand ...bool) *torch.Tensor {
	n := d.categorical.events
	values := torch.Eye(n, torch.EyeOptions{TensorOptions: optionsOf(d.categorical.param())})
	values = values.View(slices.Concat([]int{n}, ones(len(d.batchShape)), []int{n})...)
	if wantsExpand(expand) {
		values = values.Expand(slices.Concat([]int{n}, d.batchShape, []int{n})...)
	}
	return values
}

// OneHotCategoricalStraightThrough is [OneHotCategorical] with an RSample that
// gives the gradients of samples to the probabilities as they are.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.one_hot_categorical.OneHotCategoricalStraightThrough
type OneHotCategoricalStraightThrough struct{ OneHotCategorical }

// NewOneHotCategoricalStraightThrough returns the distribution of [Probs] or
// [Logits], as [NewCategorical] takes them.
func NewOneHotCategoricalStraightThrough(p ProbsOrLogits, options ...Options) *OneHotCategoricalStraightThrough {
	d := new(OneHotCategoricalStraightThrough)
	d.categorical = NewCategorical(p)
	return Init(d, d.categorical.batchShape, []int{d.categorical.events}, options...)
}

// Expand returns the distribution for a greater batch.
func (d *OneHotCategoricalStraightThrough) Expand(batchShape ...int) Distribution {
	e := new(OneHotCategoricalStraightThrough)
	e.categorical = d.categorical.Expand(batchShape...).(*Categorical)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *OneHotCategoricalStraightThrough) Traits() Traits {
	t := d.OneHotCategorical.Traits()
	t.RSample = true
	return t
}

// RSample draws a sample that gradients flow through.
func (d *OneHotCategoricalStraightThrough) RSample(sampleShape ...int) *torch.Tensor {
	probs := d.Probs()
	return d.Sample(sampleShape...).Add(probs.Sub(probs.Detach()))
}

// parent makes it an OneHotCategorical for KLDivergence.
func (d *OneHotCategoricalStraightThrough) parent() Distribution { return &d.OneHotCategorical }

// Multinomial is the distribution of how often each of K outcomes comes in
// TotalCount trials.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.multinomial.Multinomial
type Multinomial struct {
	Common
	TotalCount int

	categorical *Categorical // of one trial
	binomial    *Binomial    // of each outcome
}

// NewMultinomial returns the distribution of a number of trials and the [Probs] or
// [Logits] of their outcomes, as [NewCategorical] takes them.
func NewMultinomial(totalCount int, p ProbsOrLogits, options ...Options) *Multinomial {
	d := &Multinomial{TotalCount: totalCount, categorical: NewCategorical(p)}
	d.binomial = NewBinomial(totalCount, Probs(d.categorical.Probs()))
	return Init(d, d.categorical.batchShape, []int{d.categorical.events}, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Multinomial) Expand(batchShape ...int) Distribution {
	e := &Multinomial{
		TotalCount:  d.TotalCount,
		categorical: d.categorical.Expand(batchShape...).(*Categorical),
		binomial:    d.binomial.Expand(slices.Concat(batchShape, d.eventShape)...).(*Binomial),
	}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Multinomial) Traits() Traits {
	return Traits{Arguments: d.categorical.derived(), Support: constraints.Multinomial{Upper: d.TotalCount}}
}

// Probs returns the probabilities.
func (d *Multinomial) Probs() *torch.Tensor { return d.categorical.Probs() }

// Logits returns the logarithms of the probabilities.
func (d *Multinomial) Logits() *torch.Tensor { return d.categorical.Logits() }

// Mean returns TotalCount × p.
func (d *Multinomial) Mean() *torch.Tensor { return d.Probs().Mul(d.TotalCount) }

// Variance returns TotalCount × p(1−p).
func (d *Multinomial) Variance() *torch.Tensor { return d.Mean().Mul(d.Probs().Rsub(1)) }

// Sample draws a sample.
func (d *Multinomial) Sample(sampleShape ...int) *torch.Tensor {
	trials := d.categorical.Sample(slices.Concat([]int{d.TotalCount}, sampleShape)...).Movedim(0, -1)
	counts := trials.NewZeros(d.shape(sampleShape))
	return counts.ScatterAddInplace(-1, trials, torch.OnesLike(trials)).TypeAs(d.Probs())
}

// LogProb returns the logarithm of the probability.
func (d *Multinomial) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	logits, value := broadcast2(d.Logits(), value)
	logits = set(contiguous(logits), value.Eq(0).BitwiseAnd(logits.Eq(math.Inf(-1))), 0)
	orders := value.Sum(-1).Add(1).Lgamma().Sub(value.Add(1).Lgamma().Sum(-1))
	return orders.Add(logits.Mul(value).Sum(-1))
}

// Entropy returns the entropy.
func (d *Multinomial) Entropy() *torch.Tensor {
	n := torch.NewTensor(d.TotalCount, optionsOf(d.Probs()))
	term1 := n.Mul(d.categorical.Entropy()).Sub(n.Add(1).Lgamma())
	support := d.binomial.EnumerateSupport(false).Index(torch.From(1))
	weights := support.Add(1).Lgamma()
	return term1.Add(d.binomial.LogProb(support).Exp().Mul(weights).Sum(0, -1))
}
