package torch

import "github.com/wangkuiyi/gotorch/internal/option"

var (
	opLinalgQR  = NewOperator("aten::linalg_qr(Tensor A, str mode=\"reduced\") -> (Tensor Q, Tensor R)")
	opLinalgSVD = NewOperator("aten::linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)")
)

// LowRankOptions are the options of [SVDLowRank] and [PCALowRank].
type LowRankOptions struct {
	Q      *int    // somewhat more than the rank; default: 6, for PCA at most the sizes
	Niter  *int    // how often the subspace is improved; default: 2
	M      *Tensor // subtracted from a first; SVDLowRank only
	Center *bool   // false: a is centred already; PCALowRank only; default: true
}

// SVDLowRank returns an approximate singular value decomposition of matrices
// a ≈ u · diag(s) · vᴴ, or of a − M, of rank Q. It draws random numbers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.svd_lowrank.html
func SVDLowRank(a *Tensor, options ...LowRankOptions) (u, s, v *Tensor) {
	o := option.First(options)
	if o.Center != nil {
		panic(Errorf("torch.svd_lowrank", TypeError,
			"Center is an option of PCALowRank; M is what SVDLowRank subtracts"))
	}
	q, niter := 6, 2
	if o.Q != nil {
		q = *o.Q
	}
	if o.Niter != nil {
		niter = *o.Niter
	}
	d := difference{a, o.M}
	if o.M != nil {
		d.m = o.M.BroadcastTo(a.Shape()...)
	}
	flipped := a.Size(-2) < a.Size(-1)
	if flipped {
		d = d.adjoint()
	}
	basis := d.span(q, niter)
	u, s, vh := svd(d.apply(basis.MH()))
	u, v = basis.Matmul(u), vh.MH()
	if flipped {
		u, v = v, u
	}
	return u, s, v
}

// difference is a − m, which is not computed, since m may be an expanded view; m
// may be nil.
type difference struct{ a, m *Tensor }

func (d difference) adjoint() difference {
	if d.m == nil {
		return difference{a: d.a.MH()}
	}
	return difference{d.a.MH(), d.m.MH()}
}

func (d difference) matmul(x *Tensor) *Tensor {
	if d.m == nil {
		return d.a.Matmul(x)
	}
	return d.a.Matmul(x).Sub(d.m.Matmul(x))
}

// span returns q orthonormal columns that approximately span those of d.
func (d difference) span(q, niter int) *Tensor {
	a := d.a
	basis := orthonormal(d.matmul(Randn([]int{a.Size(-1), q}, TensorOptions{DType: a.DType(), Device: a.Device()})))
	for range niter {
		basis = orthonormal(d.adjoint().matmul(basis))
		basis = orthonormal(d.matmul(basis))
	}
	return basis
}

// apply multiplies from the left: x · (a − m).
func (d difference) apply(x *Tensor) *Tensor {
	if d.m == nil {
		return x.Matmul(d.a)
	}
	return x.Matmul(d.a).Sub(x.Matmul(d.m))
}

func orthonormal(x *Tensor) *Tensor {
	var c Call
	c.Tensor(x)
	r := c.Results(opLinalgQR)
	q, rest := r.Tensor(), r.Tensor()
	rest.Close()
	return q
}

func svd(x *Tensor) (u, s, vh *Tensor) {
	var c Call
	c.Tensor(x)
	c.Bool(false)
	r := c.Results(opLinalgSVD)
	return r.Tensor(), r.Tensor(), r.Tensor()
}

// PCALowRank returns an approximate principal component analysis of matrices a,
// whose rows are samples: the singular value decomposition of a with centred
// columns. The columns of v are the principal directions. It draws random numbers,
// and panics if Q or Niter is out of range.
//
// https://docs.pytorch.org/docs/stable/generated/torch.pca_lowrank.html
func PCALowRank(a *Tensor, options ...LowRankOptions) (u, s, v *Tensor) {
	const op = "torch.pca_lowrank"
	o := option.First(options)
	if o.M != nil {
		panic(Errorf(op, TypeError, "M is an option of SVDLowRank; PCALowRank subtracts the columns' means"))
	}
	least := min(a.Size(-2), a.Size(-1))
	if o.Q == nil {
		o.Q = new(min(6, least))
	} else if *o.Q < 0 || *o.Q > least {
		panic(Errorf(op, ValueError, "q(=%d) must be non-negative integer and not greater than min(m, n)=%d",
			*o.Q, least))
	}
	if o.Niter != nil && *o.Niter < 0 {
		panic(Errorf(op, ValueError, "niter(=%d) must be non-negative integer", *o.Niter))
	}
	if option.Or(o.Center, true) {
		a = a.Sub(a.MeanWith(ReduceOptions{Dim: []int{-2}, Keepdim: true}))
	}
	return SVDLowRank(a, LowRankOptions{Q: o.Q, Niter: o.Niter})
}
