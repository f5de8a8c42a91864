package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// LKJCholesky is the distribution of the Cholesky factors of correlation matrices
// whose density is a power of their determinant, after Lewandowski, Kurowicka and
// Joe.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.lkj_cholesky.LKJCholesky
type LKJCholesky struct {
	Common
	Dim           int
	Concentration *torch.Tensor // 1 makes all matrices equally likely

	beta *Beta
}

// NewLKJCholesky returns the distribution of matrices of dim rows with a
// concentration, a tensor or a number. It panics with a ValueError on a dim below 2.
func NewLKJCholesky(dim int, concentration torch.Operand, options ...Options) *LKJCholesky {
	if dim < 2 {
		panic(torch.Errorf("distributions.LKJCholesky", torch.ValueError,
			"Expected dim to be an integer greater than or equal to 2. Found dim=%d.", dim))
	}
	d := &LKJCholesky{Dim: dim, Concentration: broadcast1(concentration)}
	marginal := d.Concentration.Add(0.5 * float64(dim-2))
	offset := torch.Arange(0, dim-1, 1, optionsOf(d.Concentration))
	offset = torch.Cat([]*torch.Tensor{offset.NewZeros([]int{1}), offset}, 0)
	d.beta = NewBeta(offset.Add(0.5), marginal.Unsqueeze(-1).Sub(offset.Mul(0.5)))
	return Init(d, d.Concentration.Shape(), []int{dim, dim}, options...)
}

// Expand returns the distribution for a greater batch.
func (d *LKJCholesky) Expand(batchShape ...int) Distribution {
	e := &LKJCholesky{Dim: d.Dim, Concentration: d.Concentration.Expand(batchShape...)}
	e.beta = d.beta.Expand(append(slices.Clone(batchShape), d.Dim)...).(*Beta)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *LKJCholesky) Traits() Traits {
	return Traits{
		Arguments: []Argument{{Name: "concentration", Value: d.Concentration, Constraint: constraints.Positive}},
		Support:   constraints.CorrCholesky,
	}
}

// Sample draws a sample, by the "onion" method.
func (d *LKJCholesky) Sample(sampleShape ...int) *torch.Tensor {
	y := d.beta.Sample(sampleShape...).Unsqueeze(-1)
	normal := belowDiagonal(torch.Randn(d.shape(sampleShape), optionsOf(y)))
	sphere := normal.Div(normal.Norm(nil, torch.ReduceOptions{Dim: []int{-1}, Keepdim: true}))
	sphere.Select(-2, 0).FillInplace(0.0)
	w := y.Sqrt().Mul(sphere)
	rest := w.Pow(2).Sum(-1).Rsub(1).Clamp(torch.Finfo(w.DType()).Tiny, nil).Sqrt()
	return w.Add(rest.DiagEmbed())
}

// LogProb returns the logarithm of the density.
func (d *LKJCholesky) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	diag := diagonal(value).Index(torch.Ellipsis, torch.From(1))
	order := torch.Arange(2, d.Dim+1, 1, torch.TensorOptions{Device: value.Device()})
	order = d.Concentration.Sub(1).Mul(2).Unsqueeze(-1).Add(d.Dim).Sub(order)
	dm1 := float64(d.Dim - 1)
	alpha := d.Concentration.Add(0.5 * dm1)
	norm := alpha.Sub(0.5).Mvlgamma(d.Dim - 1).Add(0.5 * dm1 * math.Log(math.Pi)).Sub(alpha.Lgamma().Mul(dm1))
	return order.Mul(diag.Log()).Sum(-1).Sub(norm)
}
