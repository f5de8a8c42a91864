package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// MultivariateNormal is the normal distribution of vectors.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.multivariate_normal.MultivariateNormal
type MultivariateNormal struct {
	Common
	spread
	Loc *torch.Tensor
}

// NewMultivariateNormal returns the distribution of a mean and of a
// [CovarianceMatrix], a [PrecisionMatrix] or a [ScaleTril]. Leading dimensions are
// the batch. It panics with a ValueError if they have too few dimensions.
func NewMultivariateNormal(loc *torch.Tensor, covariance Covariance, options ...Options) *MultivariateNormal {
	const name = "MultivariateNormal"
	if loc.Dim() < 1 {
		panic(torch.Errorf("distributions."+name, torch.ValueError, "loc must be at least one-dimensional."))
	}
	if covariance.matrix == nil {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."))
	}
	if covariance.matrix.Dim() < 2 {
		parameter := covariance.name()
		if covariance.form == formScaleTril {
			parameter += " matrix"
		}
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"%s must be at least two-dimensional, with optional leading batch dimensions", parameter))
	}
	mean, matrix := loc.Shape(), covariance.matrix.Shape()
	n, m := len(mean)-1, len(matrix)-2
	batchShape := torch.BroadcastShapes(matrix[:m], mean[:n])
	d := &MultivariateNormal{Loc: loc.Expand(append(slices.Clone(batchShape), -1)...)}
	d.setSpread(covariance, slices.Concat(batchShape, matrix[m:]))
	d.precisionOf = func(tril *torch.Tensor) *torch.Tensor { return tril.CholeskyInverse() }
	Init(d, batchShape, mean[n:], options...)
	d.tril = covariance.tril()
	return d
}

// Expand returns the distribution for a greater batch.
func (d *MultivariateNormal) Expand(batchShape ...int) Distribution {
	shape := slices.Concat(batchShape, d.eventShape)
	e := &MultivariateNormal{Loc: d.Loc.Expand(shape...)}
	d.expandTo(&e.spread, append(shape, d.eventShape...))
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *MultivariateNormal) Traits() Traits {
	loc := Argument{Name: "loc", Value: d.Loc, Constraint: constraints.RealVector}
	return Traits{
		Arguments: append([]Argument{loc}, d.arguments()...),
		Support:   constraints.RealVector,
		RSample:   true,
	}
}

// Mean returns Loc.
func (d *MultivariateNormal) Mean() *torch.Tensor { return d.Loc }

// Mode returns Loc.
func (d *MultivariateNormal) Mode() *torch.Tensor { return d.Loc }

// Variance returns the variance of each element.
func (d *MultivariateNormal) Variance() *torch.Tensor {
	return d.tril.Pow(2).Sum(-1).Expand(d.shape(nil)...)
}

// RSample draws a sample that gradients flow through.
func (d *MultivariateNormal) RSample(sampleShape ...int) *torch.Tensor {
	return d.Loc.Add(times(d.tril, standardNormal(d.shape(sampleShape), d.Loc)))
}

// times returns the products of matrices and vectors.
func times(matrices, vectors *torch.Tensor) *torch.Tensor {
	return matrices.Matmul(vectors.Unsqueeze(-1)).Squeeze(-1)
}

// LogProb returns the logarithm of the density.
func (d *MultivariateNormal) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	m := mahalanobis(d.tril, value.Sub(d.Loc))
	return m.Add(float64(d.eventShape[0]) * math.Log(2*math.Pi)).Mul(-0.5).Sub(logDet(d.tril))
}

// Entropy returns the entropy.
func (d *MultivariateNormal) Entropy() *torch.Tensor {
	h := logDet(d.tril).Add(0.5 * float64(d.eventShape[0]) * (1.0 + math.Log(2*math.Pi)))
	if len(d.batchShape) == 0 {
		return h
	}
	return h.Expand(d.batchShape...)
}

// mahalanobis returns xᵀ·(L·Lᵀ)⁻¹·x for batches of lower triangular L and of
// vectors x. The batch of x may be greater than that of L: then each L is used for
// all of its x at once, which repeating L would not do.
func mahalanobis(l, x *torch.Tensor) *torch.Tensor {
	shape, lShape := x.Shape(), l.Shape()
	n := shape[len(shape)-1]
	batch, inner := shape[:len(shape)-1], lShape[:len(lShape)-2]
	outer := len(batch) - len(inner)
	split := slices.Clone(batch[:outer]) // each inner size as how often L is used, and L's size
	for i, size := range inner {
		if size == 0 {
			panic(torch.Errorf("distributions.MultivariateNormal", torch.ValueError,
				"integer division or modulo by zero: the batch of the distribution is empty"))
		}
		split = append(split, batch[outer+i]/size, size)
	}
	end := outer + 2*len(inner)
	order := upTo(0, outer)
	for i := outer; i < end; i += 2 {
		order = append(order, i)
	}
	for i := outer + 1; i < end; i += 2 {
		order = append(order, i)
	}
	x = x.Reshape(append(split, n)...).Permute(append(order, end)...)
	flatL := l.Reshape(-1, n, n)
	flatX := x.Reshape(-1, flatL.Size(0), n).Permute(1, 2, 0)
	m := linalg.SolveTriangular(flatL, flatX, false).Pow(2).Sum(-2).T()
	permuted := x.Shape()
	back := upTo(0, outer)
	for i := range inner {
		back = append(back, outer+i, len(batch)+i)
	}
	return m.Reshape(permuted[:len(permuted)-1]...).Permute(back...).Reshape(batch...)
}

// upTo returns the integers from start up to, but without, end.
func upTo(start, end int) []int {
	list := make([]int, 0, max(end-start, 0))
	for i := start; i < end; i++ {
		list = append(list, i)
	}
	return list
}
