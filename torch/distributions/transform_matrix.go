package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// LowerCholeskyTransform maps matrices to lower triangular ones with a positive
// diagonal. It is not bijective.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.LowerCholeskyTransform
type LowerCholeskyTransform struct {
	identity
	folding
}

// Forward takes the lower triangle of x, with exp of its diagonal.
func (LowerCholeskyTransform) Forward(x *torch.Tensor) *torch.Tensor {
	return belowDiagonal(x).Add(diagonal(x).Exp().DiagEmbed())
}

// Inverse takes the lower triangle of y, with log of its diagonal.
func (LowerCholeskyTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return belowDiagonal(y).Add(diagonal(y).Log().DiagEmbed())
}

func belowDiagonal(x *torch.Tensor) *torch.Tensor { return x.Tril(torch.TrilOptions{Diagonal: -1}) }

// Domain returns the real matrices.
func (LowerCholeskyTransform) Domain() constraints.Constraint { return realMatrix }

// Codomain returns the lower triangular matrices with a positive diagonal.
func (LowerCholeskyTransform) Codomain() constraints.Constraint { return constraints.LowerCholesky }

// String returns Python's repr.
func (LowerCholeskyTransform) String() string { return "LowerCholeskyTransform()" }

var realMatrix = constraints.Independent{Base: constraints.Real, Dims: 2}

// PositiveDefiniteTransform maps matrices to positive definite ones. It is not
// bijective.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.PositiveDefiniteTransform
type PositiveDefiniteTransform struct {
	identity
	folding
}

// Forward returns L·Lᵀ for the L that [LowerCholeskyTransform] makes of x.
func (PositiveDefiniteTransform) Forward(x *torch.Tensor) *torch.Tensor {
	l := LowerCholeskyTransform{}.Forward(x)
	return l.Matmul(l.MT())
}

// Inverse returns what Forward makes y of.
func (PositiveDefiniteTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return LowerCholeskyTransform{}.Inverse(linalg.Cholesky(y))
}

// Domain returns the real matrices.
func (PositiveDefiniteTransform) Domain() constraints.Constraint { return realMatrix }

// Codomain returns the positive definite matrices.
func (PositiveDefiniteTransform) Codomain() constraints.Constraint {
	return constraints.PositiveDefinite
}

// String returns Python's repr.
func (PositiveDefiniteTransform) String() string { return "PositiveDefiniteTransform()" }

// CorrCholeskyTransform maps vectors of D(D−1)/2 numbers to the Cholesky factors of
// D × D correlation matrices.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.CorrCholeskyTransform
type CorrCholeskyTransform struct{ turning }

// Forward returns the factors.
func (CorrCholeskyTransform) Forward(x *torch.Tensor) *torch.Tensor {
	eps := torch.Finfo(x.DType()).Eps
	r := vecToTril(x.Tanh().Clamp(-1+eps, 1-eps), -1)
	left := r.Pow(2).Rsub(1).Sqrt().Cumprod(-1)
	r = r.Add(torch.Eye(r.Size(-1), torch.EyeOptions{TensorOptions: optionsOf(r)}))
	return r.Mul(padOne(butLast(left), 1, 0))
}

// Inverse returns the vectors.
func (CorrCholeskyTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	left := padOne(butLast(y.Mul(y).Cumsum(-1).Rsub(1)), 1, 0)
	t := trilToVec(y, -1).Div(trilToVec(left, -1).Sqrt())
	return t.Log1p().Sub(t.Neg().Log1p()).Div(2)
}

// LogAbsDetJacobian returns the logarithm of the change of volume.
func (CorrCholeskyTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	left := trilToVec(y.Mul(y).Cumsum(-1).Rsub(1), -2)
	sticks := left.Log().Sum(-1).Mul(0.5)
	tanh := x.Add(functional.Softplus(x.Mul(-2))).Sub(math.Ln2).Sum(-1).Mul(-2)
	return sticks.Add(tanh)
}

// Domain returns the real vectors.
func (CorrCholeskyTransform) Domain() constraints.Constraint { return constraints.RealVector }

// Codomain returns the factors of correlation matrices.
func (CorrCholeskyTransform) Codomain() constraints.Constraint { return constraints.CorrCholesky }

// Bijective returns true.
func (CorrCholeskyTransform) Bijective() bool { return true }

// ForwardShape returns a shape that ends in D, D. It panics with a ValueError if
// the last size is no D(D−1)/2.
func (CorrCholeskyTransform) ForwardShape(shape []int) []int {
	checkDims("CorrCholeskyTransform", len(shape), 1)
	n := shape[len(shape)-1]
	d := int(math.RoundToEven(math.Sqrt(0.25+2*float64(n)) + 0.5))
	if d*(d-1)/2 != n {
		panic(torch.Errorf("distributions.CorrCholeskyTransform", torch.ValueError,
			"Input is not a flattened lower-diagonal number"))
	}
	return append(slices.Clone(shape[:len(shape)-1]), d, d)
}

// InverseShape returns a shape that ends in D(D−1)/2. It panics with a ValueError
// if the last two sizes differ.
func (CorrCholeskyTransform) InverseShape(shape []int) []int {
	checkDims("CorrCholeskyTransform", len(shape), 2)
	d := shape[len(shape)-1]
	if shape[len(shape)-2] != d {
		panic(torch.Errorf("distributions.CorrCholeskyTransform", torch.ValueError, "Input is not square"))
	}
	return append(slices.Clone(shape[:len(shape)-2]), d*(d-1)/2)
}

// String returns Python's repr.
func (CorrCholeskyTransform) String() string { return "CorrCholeskyTransform()" }

// trilMask returns where the lower triangle of an n × n matrix is.
func trilMask(n, diag int, device torch.Device) *torch.Tensor {
	i := torch.Arange(0, n, 1, torch.TensorOptions{Device: device})
	return i.Lt(i.View(-1, 1).Add(diag + 1))
}

// trilToVec returns the lower triangles of matrices as vectors.
func trilToVec(x *torch.Tensor, diag int) *torch.Tensor {
	return x.Index(torch.Ellipsis, trilMask(x.Size(-1), diag, x.Device()))
}

// vecToTril returns the matrices, zero elsewhere, that have vectors as their lower
// triangles.
func vecToTril(x *torch.Tensor, diag int) *torch.Tensor {
	shape, k := x.Shape(), float64(1+2*diag)
	if len(shape) == 0 {
		panic(torch.Errorf("distributions.vec_to_tril_matrix", torch.IndexError,
			"tuple index out of range: the input has no dimensions"))
	}
	length := shape[len(shape)-1]
	n := (-k + math.Sqrt(k*k+float64(8*length)+4*math.Abs(float64(diag))*float64(diag+1))) / 2
	side := math.RoundToEven(n)
	if side-n > torch.Finfo(x.DType()).Eps {
		panic(torch.Errorf("distributions.vec_to_tril_matrix", torch.ValueError, "The size of last dimension is %d which cannot be expressed as "+
			"the lower triangular part of a square D x D matrix.", length))
	}
	matrix := x.NewZeros(append(shape[:len(shape)-1], int(side), int(side)))
	matrix.At(torch.Ellipsis, trilMask(int(side), diag, x.Device())).Set(x)
	return matrix
}
