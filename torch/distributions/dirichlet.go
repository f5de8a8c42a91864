package distributions

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

var (
	opSampleDirichlet = torch.NewOperator("aten::_sample_dirichlet(Tensor self, Generator? generator=None) -> Tensor")
	opDirichletGrad   = torch.NewOperator("aten::_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor")
)

// drawDirichlet draws from Dirichlet distributions, whose samples PyTorch's
// operator gives without a derivative.
type drawDirichlet struct{}

func (drawDirichlet) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	var c torch.Call
	c.Tensor(inputs[0])
	c.None()
	x := c.One(opSampleDirichlet)
	ctx.SaveForBackward(x, inputs[0])
	return []*torch.Tensor{x}
}

func (drawDirichlet) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	saved := ctx.SavedTensors()
	x, concentration, grad := saved[0], saved[1], grads[0]
	var c torch.Call
	c.Tensor(x)
	c.Tensor(concentration)
	c.Tensor(keptSum(concentration).ExpandAs(concentration))
	return []*torch.Tensor{c.One(opDirichletGrad).Mul(grad.Sub(keptSum(x.Mul(grad))))}
}

// Dirichlet is the Dirichlet distribution, of vectors of probabilities.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.dirichlet.Dirichlet
type Dirichlet struct {
	Common
	Concentration *torch.Tensor // α, in the last dimension
}

// NewDirichlet returns the distribution of concentrations. It panics with a
// ValueError if they have no dimension.
func NewDirichlet(concentration *torch.Tensor, options ...Options) *Dirichlet {
	if concentration.Dim() < 1 {
		panic(torch.Errorf("distributions.Dirichlet", torch.ValueError,
			"`concentration` parameter must be at least one-dimensional."))
	}
	shape := concentration.Shape()
	n := len(shape) - 1
	return Init(&Dirichlet{Concentration: concentration}, shape[:n], shape[n:], options...)
}

// Expand returns the distribution for a greater batch.
func (d *Dirichlet) Expand(batchShape ...int) Distribution {
	shape := slices.Concat(batchShape, d.eventShape)
	return expanded(&Dirichlet{Concentration: d.Concentration.Expand(shape...)}, d, batchShape)
}

// Traits describes the distribution.
func (d *Dirichlet) Traits() Traits {
	constraint := constraints.Independent{Base: constraints.Positive, Dims: 1}
	return Traits{
		Arguments: []Argument{{Name: "concentration", Value: d.Concentration, Constraint: constraint}},
		Support:   constraints.Simplex,
		RSample:   true,
	}
}

// RSample draws a sample that gradients flow through.
func (d *Dirichlet) RSample(sampleShape ...int) *torch.Tensor {
	concentration := d.Concentration.Expand(d.shape(sampleShape)...)
	return autograd.Apply1(autograd.OnceDifferentiable(drawDirichlet{}), concentration)
}

// LogProb returns the logarithm of the density.
func (d *Dirichlet) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.Concentration.Sub(1.0).Xlogy(value).Sum(-1).
		Add(d.Concentration.Sum(-1).Lgamma()).Sub(d.Concentration.Lgamma().Sum(-1))
}

// Mean returns the mean.
func (d *Dirichlet) Mean() *torch.Tensor { return d.Concentration.Div(keptSum(d.Concentration)) }

// Mode returns the mode.
func (d *Dirichlet) Mode() *torch.Tensor {
	excess := d.Concentration.Sub(1).Clamp(0.0, nil)
	mode := excess.Div(keptSum(excess))
	corner := d.Concentration.Lt(1).All(-1)
	n := d.Concentration.Size(-1)
	hot := functional.OneHot(mode.Index(corner).Argmax(-1), functional.OneHotOptions{NumClasses: new(n)})
	mode.At(corner).Set(hot.To(mode))
	return mode
}

// Variance returns the variance of each element.
func (d *Dirichlet) Variance() *torch.Tensor {
	total := keptSum(d.Concentration)
	return d.Concentration.Mul(total.Sub(d.Concentration)).Div(total.Pow(2).Mul(total.Add(1)))
}

// Entropy returns the entropy.
func (d *Dirichlet) Entropy() *torch.Tensor {
	k, total := d.Concentration.Size(-1), d.Concentration.Sum(-1)
	return d.Concentration.Lgamma().Sum(-1).Sub(total.Lgamma()).Sub(total.Rsub(k).Mul(total.Digamma())).
		Sub(d.Concentration.Sub(1.0).Mul(d.Concentration.Digamma()).Sum(-1))
}

// NaturalParams returns the parameters of the exponential family.
func (d *Dirichlet) NaturalParams() []*torch.Tensor { return []*torch.Tensor{d.Concentration} }

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Dirichlet) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 1)
	return params[0].Lgamma().Sum(-1).Sub(params[0].Sum(-1).Lgamma())
}

// Beta is the beta distribution, of probabilities.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.beta.Beta
type Beta struct {
	Common
	Concentration1, Concentration0 *torch.Tensor // α and β

	dirichlet *Dirichlet // of the probability and its complement
}

// NewBeta returns the distribution of two concentrations, tensors or numbers.
func NewBeta(concentration1, concentration0 torch.Operand, options ...Options) *Beta {
	alpha, beta := broadcast2(concentration1, concentration0)
	d := newBeta(NewDirichlet(torch.Stack([]*torch.Tensor{alpha, beta}, -1), options...))
	return Init(d, d.dirichlet.batchShape, nil, options...)
}

func newBeta(dirichlet *Dirichlet) *Beta {
	c := dirichlet.Concentration
	return &Beta{dirichlet: dirichlet, Concentration1: c.Select(-1, 0), Concentration0: c.Select(-1, 1)}
}

// Expand returns the distribution for a greater batch.
func (d *Beta) Expand(batchShape ...int) Distribution {
	return expanded(newBeta(d.dirichlet.Expand(batchShape...).(*Dirichlet)), d, batchShape)
}

// Traits describes the distribution.
func (d *Beta) Traits() Traits {
	arguments := positives("concentration1", d.Concentration1, "concentration0", d.Concentration0)
	return Traits{Arguments: hidden(arguments), Support: constraints.UnitInterval, RSample: true}
}

// Mean returns the mean.
func (d *Beta) Mean() *torch.Tensor {
	return d.Concentration1.Div(d.Concentration1.Add(d.Concentration0))
}

// Mode returns the mode.
func (d *Beta) Mode() *torch.Tensor { return d.dirichlet.Mode().Select(-1, 0) }

// Variance returns the variance.
func (d *Beta) Variance() *torch.Tensor {
	total := d.Concentration1.Add(d.Concentration0)
	return d.Concentration1.Mul(d.Concentration0).Div(total.Pow(2).Mul(total.Add(1)))
}

// RSample draws a sample that gradients flow through.
func (d *Beta) RSample(sampleShape ...int) *torch.Tensor {
	return d.dirichlet.RSample(sampleShape...).Select(-1, 0)
}

// LogProb returns the logarithm of the density.
func (d *Beta) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.dirichlet.LogProb(torch.Stack([]*torch.Tensor{value, value.Rsub(1.0)}, -1))
}

// Entropy returns the entropy.
func (d *Beta) Entropy() *torch.Tensor { return d.dirichlet.Entropy() }

// NaturalParams returns the parameters of the exponential family.
func (d *Beta) NaturalParams() []*torch.Tensor {
	return []*torch.Tensor{d.Concentration1, d.Concentration0}
}

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Beta) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 2)
	x, y := params[0], params[1]
	return x.Lgamma().Add(y.Lgamma()).Sub(x.Add(y).Lgamma())
}
