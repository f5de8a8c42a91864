package nninit

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// Eye makes x, which has two dimensions, the identity matrix: a linear layer keeps
// as many inputs as it has outputs. It panics on other dimensions.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.eye_
func Eye(x *torch.Tensor) *torch.Tensor {
	if x.Dim() != 2 {
		panic(torch.Errorf("nninit.Eye", torch.ValueError, "Only tensors with 2 dimensions are supported"))
	}
	torch.NoGrad(func() { x.ZeroInplace().Diagonal().FillInplace(1) })
	return x
}

// DiracOptions are the options of [Dirac].
type DiracOptions struct {
	Groups *int // of the convolution; default: 1
}

// Dirac makes x the weights of a convolution that keeps as many of its input's
// channels as it has outputs, in each group. It panics unless x has three to five
// dimensions, the first one divisible by the groups.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
func Dirac(x *torch.Tensor, options ...DiracOptions) *torch.Tensor {
	shape, groups := x.Shape(), 1
	if g := option.First(options).Groups; g != nil {
		groups = *g
	}
	if len(shape) < 3 || len(shape) > 5 {
		panic(torch.Errorf("nninit.Dirac", torch.ValueError, "Only tensors with 3, 4, or 5 dimensions are supported"))
	}
	if groups <= 0 || shape[0]%groups != 0 {
		panic(torch.Errorf("nninit.Dirac", torch.ValueError, "dim 0 must be divisible by groups"))
	}
	torch.NoGrad(func() {
		torch.Scope(func() {
			middle := x.ZeroInplace()
			for d := len(shape) - 1; d > 1; d-- {
				middle = middle.Select(d, shape[d]/2)
			}
			for _, group := range middle.Chunk(groups, 0) {
				group.Diagonal().FillInplace(1)
			}
		})
	})
	return x
}

// OrthogonalOptions are the options of [Orthogonal].
type OrthogonalOptions struct {
	Gain      *float64         // a factor, such as CalculateGain gives; default: 1
	Generator *torch.Generator // default: the one that torch.ManualSeed seeds
}

// Orthogonal makes x a matrix whose rows, or columns if they are fewer, are
// orthogonal and of norm gain. The dimensions after the first count as one. It
// panics if there are fewer than two.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.orthogonal_
func Orthogonal(x *torch.Tensor, options ...OrthogonalOptions) *torch.Tensor {
	if x.Dim() < 2 {
		panic(torch.Errorf("nninit.Orthogonal", torch.ValueError,
			"Only tensors with 2 or more dimensions are supported"))
	}
	if x.Numel() == 0 || x.IsMeta() {
		return x
	}
	o := option.First(options)
	rows := x.Size(0)
	columns := x.Numel() / rows
	torch.NoGrad(func() {
		torch.Scope(func() {
			drawn := x.NewEmpty([]int{rows, columns}).NormalInplace(0, 1, o.Generator)
			if rows < columns {
				drawn = drawn.T()
			}
			q, r := linalg.QR(drawn)
			q = q.Mul(r.Diagonal().Sign()) // any matrix is as likely as any other
			if rows < columns {
				q = q.T()
			}
			x.ViewAs(q).CopyInplace(q)
			x.MulInplace(option.Or(o.Gain, 1))
		})
	})
	return x
}

// SparseOptions are the options of [Sparse].
type SparseOptions struct {
	Std       *float64         // the standard deviation of the others; default: 0.01
	Generator *torch.Generator // for the values, not for which are zeros
}

// Sparse draws the elements of x, a matrix, from a normal distribution around 0,
// and sets the given share of each column, which is rounded up, to zero. It panics
// unless x has two dimensions.
//
// https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
func Sparse(x *torch.Tensor, sparsity float64, options ...SparseOptions) *torch.Tensor {
	if x.Dim() != 2 {
		panic(torch.Errorf("nninit.Sparse", torch.ValueError, "Only tensors with 2 dimensions are supported"))
	}
	if x.IsMeta() {
		return x
	}
	o := option.First(options)
	rows, columns := x.Size(0), x.Size(1)
	zeros := min(int(math.Ceil(sparsity*float64(rows))), rows)
	Normal(x, 0, option.Or(o.Std, 0.01), RandomOptions{o.Generator})
	torch.NoGrad(func() {
		torch.Scope(func() {
			for column := range columns {
				chosen := torch.Randperm(rows).Narrow(0, 0, zeros)
				x.Select(1, column).IndexFillInplace(0, chosen, 0)
			}
		})
	})
	return x
}
