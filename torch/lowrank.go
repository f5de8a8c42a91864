package torch

var (
	opLinalgQR  = NewOperator("aten::linalg_qr(Tensor A, str mode=\"reduced\") -> (Tensor Q, Tensor R)")
	opLinalgSVD = NewOperator("aten::linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)")
)

// LowRankOptions are the options of [SVDLowRank] and [PCALowRank].
type LowRankOptions struct {
	Q        *int    // somewhat more than the rank; default: 6, for PCA at most the sizes
	Niter    *int    // how often the subspace is improved; default: 2
	M        *Tensor // subtracted from a first; SVDLowRank only
	Centered bool    // a is centred already; PCALowRank only
}

// SVDLowRank returns an approximate singular value decomposition of matrices
// a ≈ u · diag(s) · vᴴ, or of a − M, of rank Q. It draws random numbers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.svd_lowrank.html
func SVDLowRank(a *Tensor, options ...LowRankOptions) (u, s, v *Tensor) {
	o := first(options)
	q, niter := 6, 2
	if o.Q != nil {
		q = *o.Q
	}
	if o.Niter != nil {
		niter = *o.Niter
	}
	if o.M != nil {
		a = a.Sub(o.M)
	}
	flipped := a.Size(-2) < a.Size(-1)
	if flipped {
		a = a.MH()
	}
	basis := rangeOf(a, q, niter)
	u, s, vh := svd(basis.MH().Matmul(a))
	u, v = basis.Matmul(u), vh.MH()
	if flipped {
		u, v = v, u
	}
	return u, s, v
}

// rangeOf returns q orthonormal columns that approximately span those of a.
func rangeOf(a *Tensor, q, niter int) *Tensor {
	basis := orthonormal(a.Matmul(Randn([]int{a.Size(-1), q}, TensorOptions{DType: a.DType(), Device: a.Device()})))
	for range niter {
		basis = orthonormal(a.MH().Matmul(basis))
		basis = orthonormal(a.Matmul(basis))
	}
	return basis
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
	o := first(options)
	least := min(a.Size(-2), a.Size(-1))
	if o.Q == nil {
		o.Q = new(min(6, least))
	} else if *o.Q < 0 || *o.Q > least {
		raise(op, ValueError, "q(=%d) must be non-negative integer and not greater than min(m, n)=%d", *o.Q, least)
	}
	if o.Niter != nil && *o.Niter < 0 {
		raise(op, ValueError, "niter(=%d) must be non-negative integer", *o.Niter)
	}
	if !o.Centered {
		a = a.Sub(a.MeanWith(ReduceOptions{Dim: []int{-2}, Keepdim: true}))
	}
	return SVDLowRank(a, LowRankOptions{Q: o.Q, Niter: o.Niter})
}
