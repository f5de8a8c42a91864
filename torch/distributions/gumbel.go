package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// Gumbel is the Gumbel distribution, that of greatest values.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.gumbel.Gumbel
type Gumbel struct {
	TransformedDistribution
	Loc, Scale *torch.Tensor
}

// NewGumbel returns the distribution of a mode and a scale, tensors or numbers.
func NewGumbel(loc, scale torch.Operand, options ...Options) *Gumbel {
	d := new(Gumbel)
	d.Loc, d.Scale = broadcast2(loc, scale)
	info := torch.Finfo(d.Loc.DType())
	base := NewUniform(torch.FullLike(d.Loc, info.Tiny), torch.FullLike(d.Loc, 1-info.Eps), options...)
	batchShape, eventShape := d.build(base,
		Inv(ExpTransform{}), NewAffineTransform(0, torch.OnesLike(d.Scale).Neg()),
		Inv(ExpTransform{}), NewAffineTransform(loc, d.Scale.Neg()))
	return Init(d, batchShape, eventShape, options...)
}

// Expand returns the distribution for a greater batch.
func (d *Gumbel) Expand(batchShape ...int) Distribution {
	e := &Gumbel{Loc: d.Loc.Expand(batchShape...), Scale: d.Scale.Expand(batchShape...)}
	d.expandTo(&e.TransformedDistribution, batchShape)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *Gumbel) Traits() Traits {
	return d.traits(constraints.Real, locScale(d.Loc, d.Scale)...)
}

// LogProb returns the logarithm of the density.
func (d *Gumbel) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	y := d.Loc.Sub(value).Div(d.Scale)
	return y.Sub(y.Exp()).Sub(d.Scale.Log())
}

// Mean returns Loc + Scale × γ, γ being Euler's constant.
func (d *Gumbel) Mean() *torch.Tensor { return d.Loc.Add(d.Scale.Mul(eulerGamma)) }

// Mode returns Loc.
func (d *Gumbel) Mode() *torch.Tensor { return d.Loc }

// StdDev returns Scale × π ÷ √6.
func (d *Gumbel) StdDev() *torch.Tensor { return d.Scale.Mul(math.Pi / math.Sqrt(6)) }

// Variance returns the square of StdDev.
func (d *Gumbel) Variance() *torch.Tensor { return d.StdDev().Pow(2) }

// Entropy returns the entropy.
func (d *Gumbel) Entropy() *torch.Tensor { return d.Scale.Log().Add(1 + eulerGamma) }
