package constraints

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// vector and matrix are embedded by constraints on them.
type vector struct{}

func (vector) EventDim() int    { return 1 }
func (vector) IsDiscrete() bool { return false }

type matrix struct{}

func (matrix) EventDim() int    { return 2 }
func (matrix) IsDiscrete() bool { return false }

type simplex struct{ vector }

func (simplex) Check(value *torch.Tensor) *torch.Tensor {
	return value.Ge(0).All(-1).BitwiseAnd(value.Sum(-1).Sub(1).Abs().Lt(1e-6))
}

func (simplex) String() string { return "Simplex()" }

type oneHot struct{ vector }

func (oneHot) IsDiscrete() bool { return true }

func (oneHot) Check(value *torch.Tensor) *torch.Tensor {
	return Boolean.Check(value).All(-1).BitwiseAnd(value.Sum(-1).Eq(1))
}

func (oneHot) String() string { return "OneHot()" }

// Multinomial are the vectors of nonnegative numbers whose sum is at most Upper.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
type Multinomial struct {
	vector
	Upper torch.Operand
}

// IsDiscrete returns true.
func (Multinomial) IsDiscrete() bool { return true }

// Check returns where the vectors in the last dimension are valid.
func (c Multinomial) Check(value *torch.Tensor) *torch.Tensor {
	return value.Ge(0).All(-1).BitwiseAnd(value.Sum(-1).Le(c.Upper))
}

// String returns Python's repr.
func (Multinomial) String() string { return "Multinomial()" }

type lowerTriangular struct{ matrix }

func (lowerTriangular) Check(value *torch.Tensor) *torch.Tensor {
	shape := value.Shape()
	equal := value.Tril().Eq(value)
	return equal.View(append(shape[:len(shape)-2], -1)...).All(-1)
}

func (lowerTriangular) String() string { return "LowerTriangular()" }

type lowerCholesky struct{ matrix }

func (lowerCholesky) Check(value *torch.Tensor) *torch.Tensor {
	diagonal := value.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)})
	return LowerTriangular.Check(value).BitwiseAnd(diagonal.Gt(0).All(-1))
}

func (lowerCholesky) String() string { return "LowerCholesky()" }

type corrCholesky struct{ matrix }

func (corrCholesky) Check(value *torch.Tensor) *torch.Tensor {
	tolerance := torch.Finfo(value.DType()).Eps * float64(value.Size(-1)) * 10
	length := linalg.VectorNorm(value.Detach(), linalg.VectorNormOptions{Dim: []int{-1}})
	return LowerCholesky.Check(value).BitwiseAnd(length.Sub(1).Abs().Le(tolerance).All(-1))
}

func (corrCholesky) String() string { return "CorrCholesky()" }

type square struct{ matrix }

func (square) Check(value *torch.Tensor) *torch.Tensor {
	equal := value.Size(-2) == value.Size(-1)
	return torch.Full(value.Shape()[:value.Dim()-2], equal, torch.TensorOptions{DType: torch.Bool, Device: value.Device()})
}

func (square) String() string { return "Square()" }

type symmetric struct{ matrix }

func (symmetric) Check(value *torch.Tensor) *torch.Tensor {
	if ok := Square.Check(value); !ok.All().Bool() {
		return ok
	}
	return value.IsClose(value.MT(), torch.IsCloseOptions{Atol: new(1e-6)}).All(-2).All(-1)
}

func (symmetric) String() string { return "Symmetric()" }

type positiveSemidefinite struct{ matrix }

func (positiveSemidefinite) Check(value *torch.Tensor) *torch.Tensor {
	if ok := Symmetric.Check(value); !ok.All().Bool() {
		return ok
	}
	return linalg.Eigvalsh(value).Ge(0).All(-1)
}

func (positiveSemidefinite) String() string { return "PositiveSemidefinite()" }

type positiveDefinite struct{ matrix }

func (positiveDefinite) Check(value *torch.Tensor) *torch.Tensor {
	if ok := Symmetric.Check(value); !ok.All().Bool() {
		return ok
	}
	_, info := linalg.CholeskyEx(value)
	return info.Eq(0)
}

func (positiveDefinite) String() string { return "PositiveDefinite()" }

// flattened returns a check's result with the dimensions from dim on made one.
func flattened(ok *torch.Tensor, dim int) *torch.Tensor {
	shape := ok.Shape()
	return ok.Reshape(append(shape[:min(max(dim, 0), len(shape))], -1)...)
}
