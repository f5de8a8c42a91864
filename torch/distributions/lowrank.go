package distributions

import (
	"math"
	"slices"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// LowRankMultivariateNormal is the normal distribution of vectors whose covariance
// matrix is W·Wᵀ + D, with a W of few columns and a diagonal D. It costs less than
// [MultivariateNormal].
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.lowrank_multivariate_normal.LowRankMultivariateNormal
type LowRankMultivariateNormal struct {
	Common
	Loc       *torch.Tensor
	CovFactor *torch.Tensor // W
	CovDiag   *torch.Tensor // the diagonal of D
	*lowRank
}

// lowRank is what does not change in an expanded distribution: the parameters as
// they were given, and the matrices that are computed from them.
type lowRank struct {
	w, d        *torch.Tensor
	capacitance *torch.Tensor // the Cholesky factor of 1 + Wᵀ·D⁻¹·W
	once        [3]sync.Once
	matrices    [3]*torch.Tensor // scale tril, covariance and precision, once asked for
}

// NewLowRankMultivariateNormal returns the distribution of a mean (n), W (n × m)
// and D's diagonal (n), with leading dimensions for the batch. It panics with a
// ValueError if their shapes do not fit.
func NewLowRankMultivariateNormal(loc, covFactor, covDiag *torch.Tensor, options ...Options) *LowRankMultivariateNormal {
	const name = "LowRankMultivariateNormal"
	if loc.Dim() < 1 {
		panic(torch.Errorf("distributions."+name, torch.ValueError, "loc must be at least one-dimensional."))
	}
	eventShape := last(loc.Shape(), 1)
	if covFactor.Dim() < 2 {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"cov_factor must be at least two-dimensional, with optional leading batch dimensions"))
	}
	if covFactor.Size(-2) != eventShape[0] {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"cov_factor must be a batch of matrices with shape %d x m", eventShape[0]))
	}
	if covDiag.Dim() < 1 || covDiag.Size(-1) != eventShape[0] {
		panic(torch.Errorf("distributions."+name, torch.ValueError, "cov_diag must be a batch of vectors with shape %s",
			python.Size(eventShape)))
	}
	var all []*torch.Tensor
	err := torch.Try(func() { all = torch.BroadcastTensors(loc.Unsqueeze(-1), covFactor, covDiag.Unsqueeze(-1)) })
	if err != nil {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"Incompatible batch shapes: loc %s, cov_factor %s, cov_diag %s", python.Size(loc.Shape()), python.Size(covFactor.Shape()), python.Size(covDiag.Shape())))
	}
	d := &LowRankMultivariateNormal{
		Loc: all[0].Select(-1, 0), CovFactor: all[1], CovDiag: all[2].Select(-1, 0),
		lowRank: &lowRank{w: covFactor, d: covDiag},
	}
	m := covFactor.Size(-1)
	k := addOne(d.scaled().Matmul(covFactor), m)
	d.capacitance = linalg.Cholesky(k)
	shape := d.Loc.Shape()
	return Init(d, shape[:len(shape)-1], eventShape, options...)
}

// scaled returns Wᵀ·D⁻¹.
func (l *lowRank) scaled() *torch.Tensor { return l.w.MT().Div(l.d.Unsqueeze(-2)) }

// addOne adds 1 to the diagonals of n × n matrices.
func addOne(x *torch.Tensor, n int) *torch.Tensor {
	x = x.Contiguous()
	x.View(-1, n*n).At(torch.Colon, torch.Colon.By(n+1)).Add(1)
	return x
}

// logDet returns the logarithm of the determinant of the covariance matrix.
func (l *lowRank) logDet() *torch.Tensor { return logDet(l.capacitance).Mul(2).Add(l.d.Log().Sum(-1)) }

// mahalanobis returns xᵀ·Σ⁻¹·x, by the Woodbury identity.
func (l *lowRank) mahalanobis(x *torch.Tensor) *torch.Tensor {
	projected := times(l.scaled(), x)
	return x.Pow(2).Div(l.d).Sum(-1).Sub(mahalanobis(l.capacitance, projected))
}

// Expand returns the distribution for a greater batch.
func (d *LowRankMultivariateNormal) Expand(batchShape ...int) Distribution {
	shape := slices.Concat(batchShape, d.eventShape)
	e := &LowRankMultivariateNormal{Loc: d.Loc.Expand(shape...), CovDiag: d.CovDiag.Expand(shape...), lowRank: d.lowRank}
	e.CovFactor = d.CovFactor.Expand(append(shape, d.CovFactor.Size(-1))...)
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *LowRankMultivariateNormal) Traits() Traits {
	return Traits{
		Arguments: []Argument{
			{Name: "loc", Value: d.Loc, Constraint: constraints.RealVector},
			{Name: "cov_factor", Value: d.CovFactor, Constraint: realMatrix},
			{Name: "cov_diag", Value: d.CovDiag, Constraint: constraints.Independent{Base: constraints.Positive, Dims: 1}},
		},
		Support: constraints.RealVector,
		RSample: true,
	}
}

// Mean returns Loc.
func (d *LowRankMultivariateNormal) Mean() *torch.Tensor { return d.Loc }

// Mode returns Loc.
func (d *LowRankMultivariateNormal) Mode() *torch.Tensor { return d.Loc }

// Variance returns the variance of each element.
func (d *LowRankMultivariateNormal) Variance() *torch.Tensor {
	return d.w.Pow(2).Sum(-1).Add(d.d).Expand(d.shape(nil)...)
}

// matrix returns the i-th matrix that is computed when it is first asked for, for
// the whole batch.
func (d *LowRankMultivariateNormal) matrix(i int, f func() *torch.Tensor) *torch.Tensor {
	d.once[i].Do(func() { torch.EnableGrad(func() { d.matrices[i] = f().Keep() }) })
	return d.matrices[i].Expand(append(d.shape(nil), d.eventShape...)...)
}

// ScaleTril returns the Cholesky factor of the covariance matrix.
func (d *LowRankMultivariateNormal) ScaleTril() *torch.Tensor {
	return d.matrix(0, func() *torch.Tensor {
		root := d.d.Sqrt().Unsqueeze(-1)
		w := d.w.Div(root)
		return root.Mul(linalg.Cholesky(addOne(w.Matmul(w.MT()), d.eventShape[0])))
	})
}

// CovarianceMatrix returns the covariance matrix.
func (d *LowRankMultivariateNormal) CovarianceMatrix() *torch.Tensor {
	return d.matrix(1, func() *torch.Tensor { return d.w.Matmul(d.w.MT()).Add(d.d.DiagEmbed()) })
}

// PrecisionMatrix returns the inverse of the covariance matrix.
func (d *LowRankMultivariateNormal) PrecisionMatrix() *torch.Tensor {
	return d.matrix(2, func() *torch.Tensor {
		a := linalg.SolveTriangular(d.capacitance, d.scaled(), false)
		return d.d.Reciprocal().DiagEmbed().Sub(a.MT().Matmul(a))
	})
}

// RSample draws a sample that gradients flow through.
func (d *LowRankMultivariateNormal) RSample(sampleShape ...int) *torch.Tensor {
	shape := d.shape(sampleShape)
	wShape := append(slices.Clone(shape[:len(shape)-1]), d.CovFactor.Size(-1))
	epsW := standardNormal(wShape, d.Loc)
	epsD := standardNormal(shape, d.Loc)
	return d.Loc.Add(times(d.w, epsW)).Add(d.d.Sqrt().Mul(epsD))
}

// LogProb returns the logarithm of the density.
func (d *LowRankMultivariateNormal) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	m := d.mahalanobis(value.Sub(d.Loc))
	return d.logDet().Add(float64(d.eventShape[0]) * math.Log(2*math.Pi)).Add(m).Mul(-0.5)
}

// Entropy returns the entropy.
func (d *LowRankMultivariateNormal) Entropy() *torch.Tensor {
	h := d.logDet().Add(float64(d.eventShape[0]) * (1.0 + math.Log(2*math.Pi))).Mul(0.5)
	if len(d.batchShape) == 0 {
		return h
	}
	return h.Expand(d.batchShape...)
}
