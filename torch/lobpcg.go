package torch

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
)

var (
	opLinalgEigh            = NewOperator("aten::linalg_eigh(Tensor self, str UPLO=\"L\") -> (Tensor eigenvalues, Tensor eigenvectors)")
	opLinalgCholesky        = NewOperator("aten::linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor")
	opLinalgSolveTriangular = NewOperator("aten::linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor")
)

// LobpcgOptions are the options of [Lobpcg].
type LobpcgOptions struct {
	K       *int         // how many pairs are wanted; default: the columns of X, or 1
	B       *Tensor      // of the generalized problem, positive definite; default: the identity
	X       *Tensor      // approximate eigenvectors to start from; default: random ones
	N       *int         // how many eigenvectors are improved at once, without X; default: K
	IK      *Tensor      // the preconditioner; default: the identity
	Niter   *int         // the greatest number of steps, negative for any; default: 1000
	Tol     *float64     // of the residuals' lengths, relative; default: the root of the dtype's precision
	Largest *bool        // the largest eigenvalues, or the smallest; default: true
	Method  LobpcgMethod // default: LobpcgOrtho

	// Of the method "ortho": how often it tries to make a basis orthogonal, and how well.
	OrthoIMax, OrthoJMax                    *int     // default: 3
	OrthoTol, OrthoTolDrop, OrthoTolReplace *float64 // default: Tol
	OrthoUseDrop                            bool
}

// Lobpcg returns the K largest or smallest eigenvalues (K) of symmetric positive
// definite matrices a (m × m, with leading dimensions for a batch), and their
// eigenvectors (m × K), by the locally optimal block preconditioned conjugate
// gradient method. a may be sparse. Gradients flow to a dense a, if B is nil.
//
// It panics with a ValueError if m is smaller than 3 times the number of
// eigenvectors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.lobpcg.html
func Lobpcg(a *Tensor, options ...LobpcgOptions) (eigenvalues, eigenvectors *Tensor) {
	o := option.First(options)
	if !IsGradEnabled() || !a.RequiresGrad() && (o.B == nil || !o.B.RequiresGrad()) {
		return o.solve(a)
	}
	if o.B != nil {
		panic(Errorf("torch.Lobpcg", ValueError, "lobpcg.backward does not support backward with B != I yet."))
	}
	if a.Layout() != Strided {
		panic(Errorf("torch.Lobpcg", ValueError,
			"lobpcg.backward does not support sparse input yet. Note that lobpcg.forward does though."))
	}
	a = a.Add(a.MT()).Div(2)
	NoGrad(func() { eigenvalues, eigenvectors = o.solve(a.Detach()) })
	return eigenDerivative(a, eigenvalues, eigenvectors, option.Or(o.Largest, true))
}

// eigenDerivative returns eigenvalues and eigenvectors as functions of a, by first
// order perturbation theory: the values stay, and the derivatives are those of
// exact eigenpairs.
func eigenDerivative(a, eigenvalues, eigenvectors *Tensor, largest bool) (*Tensor, *Tensor) {
	var all, basis *Tensor
	NoGrad(func() { all, basis = eigh(a.Detach(), largest) })
	change := a.Sub(a.Detach()).Matmul(eigenvectors) // 0, but for its derivative
	gaps := eigenvalues.Unsqueeze(-2).Sub(all.Unsqueeze(-1))
	gaps.Diagonal(DiagonalOptions{Dim1: -2, Dim2: new(-1)}).FillInplace(math.Inf(1))
	return eigenvalues.Add(eigenvectors.Mul(change).Sum(-2)),
		eigenvectors.Add(basis.Matmul(basis.MT().Matmul(change).Div(gaps)))
}

// solve is Lobpcg without gradients.
func (o *LobpcgOptions) solve(a *Tensor) (eigenvalues, eigenvectors *Tensor) {
	const op = "torch.Lobpcg"
	shape := a.Shape()
	dims := len(shape) - 2
	if dims < 0 || shape[dims] != shape[dims+1] {
		panic(Errorf(op, RuntimeError, "A must be square, got shape %v", shape))
	}
	m, n, k := shape[dims], option.Or(o.K, 1), option.Or(o.K, 1)
	if o.X != nil {
		n = o.X.Size(-1)
		k = option.Or(o.K, n)
	} else {
		n = option.Or(o.N, n)
	}
	if m < 3*n {
		panic(Errorf(op, ValueError, "LOBPCG algorithm is not applicable when the number of A rows (=%d) is smaller than"+
			" 3 x the number of requested eigenpairs (=%d)", m, n))
	}
	start := func() *Tensor { return Randn([]int{m, n}, TensorOptions{DType: a.DType(), Device: a.Device()}) }
	if dims == 0 {
		x := o.X
		if x == nil {
			x = start()
		}
		return newLobpcg(o, a, o.B, x, k).run(option.Or(o.Niter, 1000), o.Method == LobpcgBasic)
	}
	batch := func(x *Tensor) *Tensor {
		if x == nil {
			return nil
		}
		return x.Reshape(-1, x.Size(-2), x.Size(-1))
	}
	as, bs, xs := batch(a), batch(o.B), batch(o.X)
	var values, vectors []*Tensor
	for i := range as.Size(0) {
		var b, x *Tensor
		if bs != nil {
			b = bs.Select(0, i)
		}
		if xs != nil {
			x = xs.Select(0, i)
		} else {
			x = start()
		}
		e, v := newLobpcg(o, as.Select(0, i), b, x, k).run(option.Or(o.Niter, 1000), o.Method == LobpcgBasic)
		values, vectors = append(values, e), append(vectors, v)
	}
	return Stack(values, 0).Reshape(append(shape[:dims:dims], k)...),
		Stack(vectors, 0).Reshape(append(shape[:dims:dims], m, k)...)
}
