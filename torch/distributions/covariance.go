package distributions

import (
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// Covariance is the spread of a distribution of several numbers, given in one of
// three ways: [CovarianceMatrix], [PrecisionMatrix] and [ScaleTril] make it.
type Covariance struct {
	form   covarianceForm
	matrix *torch.Tensor
}

type covarianceForm int

const (
	formNone covarianceForm = iota
	formCovariance
	formPrecision
	formScaleTril
)

// CovarianceMatrix is a positive definite covariance matrix Σ, or a batch of them.
func CovarianceMatrix(x *torch.Tensor) Covariance { return Covariance{formCovariance, x} }

// PrecisionMatrix is the inverse of a covariance matrix, or a batch of them.
func PrecisionMatrix(x *torch.Tensor) Covariance { return Covariance{formPrecision, x} }

// ScaleTril is a lower triangular matrix L with a positive diagonal, such that
// L·Lᵀ is the covariance matrix, or a batch of them. It is the cheapest form.
func ScaleTril(x *torch.Tensor) Covariance { return Covariance{formScaleTril, x} }

// name returns Python's name of the parameter.
func (c Covariance) name() string {
	return [...]string{"", "covariance_matrix", "precision_matrix", "scale_tril"}[c.form]
}

// tril returns the lower triangular form.
func (c Covariance) tril() *torch.Tensor {
	switch c.form {
	case formCovariance:
		return linalg.Cholesky(c.matrix)
	case formPrecision:
		// The Cholesky factor of the inverse, from that of the matrix turned around.
		l := linalg.Cholesky(c.matrix.Flip(-2, -1))
		inverse := l.Flip(-2, -1).Transpose(-2, -1)
		identity := torch.Eye(c.matrix.Size(-1), torch.EyeOptions{TensorOptions: optionsOf(c.matrix)})
		return linalg.SolveTriangular(inverse, identity, false)
	}
	return c.matrix
}

// spread is embedded by distributions of a [Covariance]. Matrices other than the
// given one are computed when they are first asked for.
type spread struct {
	mutex                            sync.Mutex
	covariance, precision, scaleTril *torch.Tensor // of the batch's shape, if they are there
	tril                             *torch.Tensor // lower triangular, of the parameter's own shape
	precisionOf                      func(tril *torch.Tensor) *torch.Tensor
	matrixSize                       []int // of the matrices
}

// setSpread sets the matrix that was given, expanded to a size.
func (s *spread) setSpread(c Covariance, size []int) {
	s.matrixSize = size
	*map[covarianceForm]**torch.Tensor{
		formCovariance: &s.covariance, formPrecision: &s.precision, formScaleTril: &s.scaleTril,
	}[c.form] = c.matrix.Expand(size...)
}

// expandTo sets to, the matrices of an expanded distribution.
func (s *spread) expandTo(to *spread, size []int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	to.tril, to.precisionOf, to.matrixSize = s.tril, s.precisionOf, size
	expand := func(x *torch.Tensor) *torch.Tensor {
		if x == nil {
			return nil
		}
		return x.Expand(size...)
	}
	to.covariance, to.precision, to.scaleTril = expand(s.covariance), expand(s.precision), expand(s.scaleTril)
}

// lazily returns the matrix that there is, or that f computes.
func (s *spread) lazily(matrix **torch.Tensor, f func() *torch.Tensor) *torch.Tensor {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if *matrix == nil {
		torch.EnableGrad(func() { *matrix = f().Expand(s.matrixSize...).Keep() })
	}
	return *matrix
}

// CovarianceMatrix returns the covariance matrices.
func (s *spread) CovarianceMatrix() *torch.Tensor {
	return s.lazily(&s.covariance, func() *torch.Tensor { return s.tril.Matmul(s.tril.MT()) })
}

// PrecisionMatrix returns the inverses of the covariance matrices.
func (s *spread) PrecisionMatrix() *torch.Tensor {
	return s.lazily(&s.precision, func() *torch.Tensor { return s.precisionOf(s.tril) })
}

// ScaleTril returns the lower triangular matrices.
func (s *spread) ScaleTril() *torch.Tensor {
	return s.lazily(&s.scaleTril, func() *torch.Tensor { return s.tril })
}

// arguments returns the matrices that are there.
func (s *spread) arguments() (list []Argument) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	add := func(form covarianceForm, x *torch.Tensor, c constraints.Constraint) {
		if x != nil {
			list = append(list, Argument{Name: Covariance{form: form}.name(), Value: x, Constraint: c})
		}
	}
	add(formCovariance, s.covariance, constraints.PositiveDefinite)
	add(formPrecision, s.precision, constraints.PositiveDefinite)
	add(formScaleTril, s.scaleTril, constraints.LowerCholesky)
	return list
}
