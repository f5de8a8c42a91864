package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Laplace is the Laplace distribution, exponential to both sides.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.laplace.Laplace
type Laplace struct {
	Common
	Loc, Scale *torch.Tensor
}

// NewLaplace returns the distribution of a mean and a scale, tensors or numbers.
func NewLaplace(loc, scale torch.Operand, options ...Options) *Laplace {
	d := new(Laplace)
	d.Loc, d.Scale = broadcast2(loc, scale)
	return Init(d, d.Loc.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Laplace) Expand(batchShape ...int) Distribution {
	e := &Laplace{Loc: d.Loc.Expand(batchShape...), Scale: d.Scale.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Laplace) Traits() Traits {
	return Traits{Arguments: locScale(d.Loc, d.Scale), Support: constraints.Real, RSample: true}
}

// Mean returns Loc.
func (d *Laplace) Mean() *torch.Tensor { return d.Loc }

// Mode returns Loc.
func (d *Laplace) Mode() *torch.Tensor { return d.Loc }

// Variance returns 2 × Scale².
func (d *Laplace) Variance() *torch.Tensor { return d.Scale.Pow(2).Mul(2) }

// StdDev returns √2 × Scale.
func (d *Laplace) StdDev() *torch.Tensor { return d.Scale.Mul(math.Sqrt2) }

// RSample draws a sample that gradients flow through.
func (d *Laplace) RSample(sampleShape ...int) *torch.Tensor {
	eps := torch.Finfo(d.Loc.DType()).Eps
	u := torch.Empty(d.shape(sampleShape), optionsOf(d.Loc)).UniformInplace(eps-1, 1, nil)
	return d.Loc.Sub(d.Scale.Mul(u.Sign()).Mul(u.Abs().Neg().Log1p()))
}

// LogProb returns the logarithm of the density.
func (d *Laplace) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	return d.Scale.Mul(2).Log().Neg().Sub(value.Sub(d.Loc).Abs().Div(d.Scale))
}

// CDF returns the probability of values up to the given one.
func (d *Laplace) CDF(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	diff := value.Sub(d.Loc)
	return diff.Sign().Mul(0.5).Mul(diff.Abs().Neg().Div(d.Scale).Expm1()).Rsub(0.5)
}

// ICDF returns the value up to which values have the given probability.
func (d *Laplace) ICDF(value *torch.Tensor) *torch.Tensor {
	term := value.Sub(0.5)
	return d.Loc.Sub(d.Scale.Mul(term.Sign()).Mul(term.Abs().Mul(-2).Log1p()))
}

// Entropy returns the entropy.
func (d *Laplace) Entropy() *torch.Tensor { return d.Scale.Mul(2).Log().Add(1) }
