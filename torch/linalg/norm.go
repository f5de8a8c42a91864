package linalg

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Order is the order of a norm: a number, or "fro" or "nuc" for those of matrices.
type Order = any

// Norm returns the norms of x: of vectors, if Dim has one dimension or x is taken
// as flat, or of matrices. ord is a number, "fro", "nuc", or nil for the 2-norm of
// the elements as if flat.
//
// https://docs.pytorch.org/docs/stable/generated/torch.linalg.norm.html
func Norm(x *torch.Tensor, ord Order, options ...torch.ReduceOptions) *torch.Tensor {
	return norm(opLinalgNorm, opLinalgNormOrdStr, x, ord, option.First(options))
}

// MatrixNorm returns the norms of matrices, which lie in the last two dimensions
// unless Dim is set; ord is a number, "fro" or "nuc", or nil for "fro".
//
// https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
func MatrixNorm(x *torch.Tensor, ord Order, options ...torch.ReduceOptions) *torch.Tensor {
	if ord == nil {
		ord = "fro"
	}
	return norm(opLinalgMatrixNorm, opLinalgMatrixNormStrOrd, x, ord, option.First(options))
}

// norm calls byNumber, or byName if ord is a string.
func norm(byNumber, byName *torch.Operator, x *torch.Tensor, ord Order, o torch.ReduceOptions) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	op := order(&c, byNumber, byName, ord)
	c.OptionalInts(o.Dim)
	c.Bool(o.Keepdim)
	c.DType(o.DType)
	return c.One(op)
}

// order passes ord and returns the operator that takes it.
func order(c *torch.Call, byNumber, byName *torch.Operator, ord Order) *torch.Operator {
	if name, ok := ord.(string); ok {
		c.String(name)
		return byName
	}
	c.Number(ord)
	return byNumber
}

// Cond returns the condition numbers of matrices: of order ord, a number, "fro",
// "nuc", or nil for the 2-norm.
//
// https://docs.pytorch.org/docs/stable/generated/torch.linalg.cond.html
func Cond(x *torch.Tensor, ord Order) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	op := order(&c, opLinalgCond, opLinalgCondPStr, ord)
	return c.One(op)
}

// RankOptions are the options of [MatrixRank] and [Pinv]. Tolerances are numbers
// or tensors that broadcast to the batches.
type RankOptions struct {
	ATol, RTol torch.Operand // singular values below max(ATol, RTol × the greatest) count as 0
	Hermitian  bool          // x is symmetric or Hermitian, which is computed faster
}

// MatrixRank returns the numbers (Int64) of singular values that do not count as 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
func MatrixRank(x *torch.Tensor, options ...RankOptions) *torch.Tensor {
	return ranked(opLinalgMatrixRankAtolRtolFloat, opLinalgMatrixRankAtolRtolTensor, x, option.First(options))
}

// Pinv returns the pseudo-inverses of matrices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.linalg.pinv.html
func Pinv(x *torch.Tensor, options ...RankOptions) *torch.Tensor {
	return ranked(opLinalgPinvAtolRtolFloat, opLinalgPinvAtolRtolTensor, x, option.First(options))
}

// ranked calls byNumber, or byTensor if a tolerance is a tensor.
func ranked(byNumber, byTensor *torch.Operator, x *torch.Tensor, o RankOptions) *torch.Tensor {
	var c torch.Call
	op := byNumber
	if c.IsTensor(o.ATol) || c.IsTensor(o.RTol) {
		op = byTensor
	}
	c.Tensor(x)
	c.Operand(o.ATol)
	c.Operand(o.RTol)
	c.Bool(o.Hermitian)
	return c.One(op)
}
