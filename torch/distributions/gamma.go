package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/special"
)

var opStandardGamma = torch.NewOperator("aten::_standard_gamma(Tensor self, Generator? generator=None) -> Tensor")

// Gamma is the gamma distribution.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.gamma.Gamma
type Gamma struct {
	Common
	Concentration, Rate *torch.Tensor // α and β
}

// NewGamma returns the distribution of a concentration and a rate, tensors or
// numbers.
func NewGamma(concentration, rate torch.Operand, options ...Options) *Gamma {
	d := new(Gamma)
	d.Concentration, d.Rate = broadcast2(concentration, rate)
	return Init(d, d.Concentration.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Gamma) Expand(batchShape ...int) Distribution {
	e := &Gamma{Concentration: d.Concentration.Expand(batchShape...), Rate: d.Rate.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Gamma) Traits() Traits {
	arguments := positives("concentration", d.Concentration, "rate", d.Rate)
	return Traits{Arguments: arguments, Support: constraints.Nonnegative, RSample: true}
}

// positives returns two arguments that must be positive.
func positives(name1 string, value1 *torch.Tensor, name2 string, value2 *torch.Tensor) []Argument {
	return []Argument{
		{Name: name1, Value: value1, Constraint: constraints.Positive},
		{Name: name2, Value: value2, Constraint: constraints.Positive},
	}
}

// Mean returns Concentration ÷ Rate.
func (d *Gamma) Mean() *torch.Tensor { return d.Concentration.Div(d.Rate) }

// Mode returns (Concentration − 1) ÷ Rate, or 0.
func (d *Gamma) Mode() *torch.Tensor { return d.Concentration.Sub(1).Div(d.Rate).Clamp(0, nil) }

// Variance returns Concentration ÷ Rate².
func (d *Gamma) Variance() *torch.Tensor { return d.Concentration.Div(d.Rate.Pow(2)) }

// RSample draws a sample that gradients flow through.
func (d *Gamma) RSample(sampleShape ...int) *torch.Tensor {
	shape := d.shape(sampleShape)
	var c torch.Call
	c.Tensor(d.Concentration.Expand(shape...))
	c.None()
	x := c.One(opStandardGamma).Div(d.Rate.Expand(shape...))
	// Gradients need not know that no sample is 0.
	x.Detach().ClampInplace(torch.Finfo(x.DType()).Tiny, nil)
	return x
}

// LogProb returns the logarithm of the density.
func (d *Gamma) LogProb(value *torch.Tensor) *torch.Tensor {
	value = value.To(d.Rate)
	d.check(value)
	return d.Concentration.Xlogy(d.Rate).Add(d.Concentration.Sub(1).Xlogy(value)).
		Sub(d.Rate.Mul(value)).Sub(d.Concentration.Lgamma())
}

// CDF returns the probability of values up to the given one. Gradients flow to
// Rate only.
func (d *Gamma) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return special.Gammainc(d.Concentration, d.Rate.Mul(value))
}

// Entropy returns the entropy.
func (d *Gamma) Entropy() *torch.Tensor {
	return d.Concentration.Sub(d.Rate.Log()).Add(d.Concentration.Lgamma()).
		Add(d.Concentration.Rsub(1).Mul(d.Concentration.Digamma()))
}

// NaturalParams returns the parameters of the exponential family.
func (d *Gamma) NaturalParams() []*torch.Tensor {
	return []*torch.Tensor{d.Concentration.Sub(1), d.Rate.Neg()}
}

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Gamma) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 2)
	x, y := params[0], params[1]
	return x.Add(1).Lgamma().Add(x.Add(1).Mul(y.Reciprocal().Neg().Log()))
}

// Chi2 is the χ² distribution, a gamma distribution of Concentration DF ÷ 2 and
// Rate ½.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.chi2.Chi2
type Chi2 struct {
	Gamma
	DF *torch.Tensor // degrees of freedom
}

// NewChi2 returns the distribution of degrees of freedom, a tensor or a number.
func NewChi2(df torch.Operand, options ...Options) *Chi2 {
	d := new(Chi2)
	d.Concentration, d.Rate = broadcast2(broadcast1(df).Mul(0.5), 0.5)
	d.DF = d.Concentration.Mul(2)
	return Init(d, d.Concentration.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Chi2) Expand(batchShape ...int) Distribution {
	e := new(Chi2)
	e.Concentration, e.Rate = d.Concentration.Expand(batchShape...), d.Rate.Expand(batchShape...)
	e.DF = d.DF.Expand(batchShape...)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Chi2) Traits() Traits {
	t := d.Gamma.Traits()
	t.Arguments = []Argument{{Name: "df", Value: d.DF, Constraint: constraints.Positive, Hidden: true}}
	return t
}

// parent makes Chi2 a Gamma for KLDivergence.
func (d *Chi2) parent() Distribution { return &d.Gamma }

// InverseGamma is the distribution of 1 ÷ x for x of a gamma distribution.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.inverse_gamma.InverseGamma
type InverseGamma struct {
	TransformedDistribution
	Concentration, Rate *torch.Tensor // of x
}

// NewInverseGamma returns the distribution of x's concentration and rate, tensors
// or numbers.
func NewInverseGamma(concentration, rate torch.Operand, options ...Options) *InverseGamma {
	base := NewGamma(concentration, rate, options...)
	d := &InverseGamma{Concentration: base.Concentration, Rate: base.Rate}
	batchShape, eventShape := d.build(base, NewPowerTransform(base.Rate.NewOnes(nil).Neg()))
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *InverseGamma) Expand(batchShape ...int) Distribution {
	e := new(InverseGamma)
	base := d.expandTo(&e.TransformedDistribution, batchShape).(*Gamma)
	e.Concentration, e.Rate = base.Concentration, base.Rate
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *InverseGamma) Traits() Traits {
	arguments := hidden(positives("concentration", d.Concentration, "rate", d.Rate))
	return d.traits(constraints.Positive, arguments...)
}

// Mean returns the mean, infinite up to Concentration 1.
func (d *InverseGamma) Mean() *torch.Tensor {
	return torch.Where(d.Concentration.Gt(1), d.Rate.Div(d.Concentration.Sub(1)), math.Inf(1))
}

// Mode returns Rate ÷ (Concentration + 1).
func (d *InverseGamma) Mode() *torch.Tensor { return d.Rate.Div(d.Concentration.Add(1)) }

// Variance returns the variance, infinite up to Concentration 2.
func (d *InverseGamma) Variance() *torch.Tensor {
	result := d.Rate.Square().Div(d.Concentration.Sub(1).Square().Mul(d.Concentration.Sub(2)))
	return torch.Where(d.Concentration.Gt(2), result, math.Inf(1))
}

// Entropy returns the entropy.
func (d *InverseGamma) Entropy() *torch.Tensor {
	return d.Concentration.Add(d.Rate.Log()).Add(d.Concentration.Lgamma()).
		Sub(d.Concentration.Add(1).Mul(d.Concentration.Digamma()))
}
