package prune

import (
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// structured prunes parts along a dimension; keep returns the indices of the parts
// of x to keep, when count of size are to be pruned.
type structured struct {
	amount Amount
	dim    int
	keep   func(x *torch.Tensor, size, count int) *torch.Tensor
}

// NewRandomStructured returns the method of [RandomStructured].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomStructured.html
func NewRandomStructured(amount Amount, dim int) Method {
	mustBeAmount(amount)
	return &structured{amount, dim, func(_ *torch.Tensor, size, count int) *torch.Tensor {
		drawn := torch.Rand([]int{size})
		threshold, _ := drawn.Kthvalue(count)
		return drawn.Gt(threshold).Nonzero().View(-1)
	}}
}

// NewLnStructured returns the method of [LnStructured].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.LnStructured.html
func NewLnStructured(amount Amount, n linalg.Order, dim int) Method {
	mustBeAmount(amount)
	return &structured{amount, dim, func(x *torch.Tensor, size, count int) *torch.Tensor {
		_, indices := norms(x, n, dim).TopK(size - count)
		return indices
	}}
}

// norms returns the norm of each part of x along dim.
func norms(x *torch.Tensor, n linalg.Order, dim int) *torch.Tensor {
	var dims []int
	for d := range x.Dim() {
		if d != (dim+x.Dim())%x.Dim() {
			dims = append(dims, d)
		}
	}
	matrices := len(dims) == 2
	switch {
	case n == "nuc" && !matrices:
		dims = []int{-2, -1}
		fallthrough
	case n == "nuc" || n == "fro" && matrices:
		return linalg.MatrixNorm(x, n, torch.ReduceOptions{Dim: dims})
	case n == "fro":
		n = 2
	}
	return linalg.VectorNorm(x, linalg.VectorNormOptions{Ord: n, Dim: dims})
}

// Dim returns the dimension and the kind.
func (s *structured) Dim() (dim int, kind Kind) { return s.dim, Structured }

// ComputeMask returns the mask.
func (s *structured) ComputeMask(x, mask *torch.Tensor) *torch.Tensor {
	shape := x.Shape()
	if len(shape) <= 1 {
		panic(torch.Errorf("prune", torch.ValueError,
			"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape %s with %d dims", python.Size(shape), len(shape)))
	}
	if s.dim >= len(shape) {
		panic(torch.Errorf("prune", torch.IndexError, "Invalid index %d for tensor of size %s",
			s.dim, python.Size(shape)))
	}
	size := x.Size(s.dim)
	count := numberOf(s.amount, size)
	if count == 0 {
		return mask
	}
	kept := torch.ZerosLike(x).IndexFillInplace(s.dim, s.keep(x, size, count), 1)
	return kept.MulInplace(mask.To(kept.DType()))
}

// RandomStructured prunes parts along dim of the module's parameter of a name, drawn
// at random, and returns the module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_structured.html
func RandomStructured[M nn.AnyModule](module M, name string, amount Amount, dim int) M {
	return Apply(module, name, NewRandomStructured(amount, dim))
}

// LnStructured prunes the parts along dim that have the least norms of order n, a
// number, "fro" or "nuc", of the module's parameter of a name, and returns the
// module.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.prune.ln_structured.html
func LnStructured[M nn.AnyModule](module M, name string, amount Amount, n linalg.Order, dim int, options ...Options) M {
	return Apply(module, name, NewLnStructured(amount, n, dim), options...)
}
