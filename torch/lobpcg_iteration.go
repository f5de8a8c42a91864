package torch

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// lobpcg is the state of [Lobpcg]'s iteration for one matrix.
type lobpcg struct {
	a, b, ik     *Tensor // nil is the identity
	x, e         *Tensor // the approximate eigenvectors (m × n) and eigenvalues (n)
	r            *Tensor // the residuals (m × n)
	s            *Tensor // the subspace that is searched (m × 3n), of which end columns are used
	n, k, end    int
	converged    int // how many pairs are good enough, from the first
	largest      bool
	tol          float64
	aNorm, bNorm float64

	iMax, jMax                    int // of the method "ortho"
	orthoTol, dropTol, replaceTol float64
	useDrop                       bool
}

func newLobpcg(o *LobpcgOptions, a, b, x *Tensor, k int) *lobpcg {
	precision := map[DType]float64{Float32: 1.2e-07, Float64: 2.23e-16}[x.DType()]
	tol := option.Or(o.Tol, math.Sqrt(precision))
	m, n := x.Size(-2), x.Size(-1)
	return &lobpcg{
		a: a, b: b, ik: o.IK, x: x.Clone(), n: n, k: k,
		e: x.NewZeros([]int{n}), s: x.NewZeros([]int{m, 3 * n}),
		largest: option.Or(o.Largest, true), tol: tol,
		iMax: option.Or(o.OrthoIMax, 3), jMax: option.Or(o.OrthoJMax, 3), useDrop: o.OrthoUseDrop,
		orthoTol: option.Or(o.OrthoTol, tol), dropTol: option.Or(o.OrthoTolDrop, tol), replaceTol: option.Or(o.OrthoTolReplace, tol),
	}
}

// run iterates until enough pairs have converged, or niter steps are done.
func (w *lobpcg) run(niter int, basic bool) (eigenvalues, eigenvectors *Tensor) {
	scale := 1 / length(w.x)
	w.aNorm, w.bNorm = length(times(w.a, w.x))*scale, length(times(w.b, w.x))*scale
	start, step := w.startOrtho, w.stepOrtho
	if basic {
		start, step = w.startBasic, w.stepBasic
	}
	start()
	for left := niter - 1; left != 0 && w.converged < w.k; left-- {
		step()
	}
	return w.e.Narrow(0, 0, w.k), columns(w.x, 0, w.k)
}

func (w *lobpcg) startBasic() {
	ri := w.rayleighRitz(w.x)
	e, z := eigh(quadratic(quadratic(w.a, w.x), ri), w.largest)
	w.x = w.x.Matmul(ri.Matmul(z))
	w.e.CopyInplace(e)
	w.measure()
	w.begin(w.x)
	w.append(times(w.ik, w.r))
}

func (w *lobpcg) stepBasic() {
	done := w.converged
	s := columns(w.s, done, w.end).Clone()
	ri := w.rayleighRitz(s)
	e, z := eigh(quadratic(quadratic(w.a, s), ri), w.largest)
	w.improve(done, e, s.Matmul(ri.Matmul(columns(z, 0, w.n-done))))
	p := s.Matmul(ri.Matmul(columns(z, w.n, min(2*w.n-done, z.Size(-1)))))
	w.measure()
	w.begin(w.x, p)
	w.append(times(w.ik, columns(w.r, w.converged, w.n)))
}

func (w *lobpcg) startOrtho() {
	ri := w.rayleighRitz(w.x)
	_, z := eigh(quadratic(quadratic(w.a, w.x), ri), w.largest)
	w.x = w.x.Matmul(ri.Matmul(z))
	w.measure()
	w.begin(w.x)
	w.append(w.orthogonal(w.r, w.x))
}

func (w *lobpcg) stepOrtho() {
	done, n := w.converged, w.n-w.converged
	s := columns(w.s, done, w.end).Clone()
	e, z := eigh(quadratic(w.a, s), w.largest)
	w.improve(done, e, s.Matmul(columns(z, 0, n)))
	rest := columns(z, n, z.Size(-1))
	p := s.Matmul(rest.Matmul(orthonormal(rest.Narrow(0, 0, n).MT())))
	w.measure()
	w.begin(w.x, p)
	w.append(w.orthogonal(columns(w.r, w.converged, w.n), columns(w.s, 0, w.end)))
}

// improve replaces the pairs from done on.
func (w *lobpcg) improve(done int, e, x *Tensor) {
	columns(w.x, done, w.n).CopyInplace(x)
	w.e.Narrow(0, done, w.n-done).CopyInplace(e.Narrow(0, 0, w.n-done))
}

// begin makes the subspace of some directions.
func (w *lobpcg) begin(directions ...*Tensor) {
	w.end = 0
	for _, x := range directions {
		w.append(x)
	}
}

// append adds directions to the subspace.
func (w *lobpcg) append(directions *Tensor) {
	start := w.end
	w.end += directions.Size(-1)
	columns(w.s, start, w.end).CopyInplace(directions)
}

// measure computes the residuals and counts the pairs that have converged.
func (w *lobpcg) measure() {
	w.r = times(w.a, w.x).Sub(times(w.b, w.x).Mul(w.e))
	scale := w.e.Abs().Mul(w.bNorm).Add(w.aNorm)
	relative := lengths(w.r).Div(lengths(w.x).Mul(scale))
	count := 0
	for _, ok := range ToSlice[bool](relative.Lt(w.tol)) {
		if !ok {
			break
		}
		count++
	}
	if count < w.converged {
		panic(Errorf("torch.Lobpcg", RuntimeError, "the number of converged eigenpairs (was %d, got %d) cannot decrease",
			w.converged, count))
	}
	w.converged = count
}

// rayleighRitz returns the transform that makes the columns of s B-orthonormal.
func (w *lobpcg) rayleighRitz(s *Tensor) *Tensor {
	sbs := quadratic(w.b, s)
	row := sbs.Diagonal().Pow(-0.5)
	var c Call
	c.Tensor(sbs.Mul(row).Mul(row.Unsqueeze(-1)))
	c.Bool(true)
	r := c.One(opLinalgCholesky)
	var solve Call
	solve.Tensor(r)
	solve.Tensor(row.DiagEmbed())
	solve.Bool(true)
	solve.Bool(false)
	solve.Default()
	return solve.One(opLinalgSolveTriangular)
}

// orthogonal makes u B-orthonormal, and B-orthogonal to v.
func (w *lobpcg) orthogonal(u, v *Tensor) *Tensor {
	bvNorm := length(times(w.b, v))
	vbu := v.MT().Matmul(times(w.b, u))
	for range w.iMax {
		u = u.Sub(v.Matmul(vbu))
		var bu *Tensor
		drop, tau := false, w.dropTol
		for range w.jMax {
			if w.useDrop {
				u = w.svqb(u, drop, tau)
				drop, tau = true, w.replaceTol
			} else {
				u = w.svqb(u, false, w.replaceTol)
			}
			if u.Numel() == 0 {
				return u
			}
			bu = times(w.b, u)
			ubu := u.MT().Matmul(bu)
			rest := ubu.Sub(Eye(ubu.Size(-1), EyeOptions{TensorOptions: TensorOptions{DType: u.DType(), Device: u.Device()}}))
			if length(rest)/(length(bu)*length(u)) < w.orthoTol {
				break
			}
		}
		vbu = v.MT().Matmul(bu)
		if length(vbu)/(bvNorm*length(u)) < w.orthoTol {
			break
		}
		if u.Size(-2) < u.Size(-1)+v.Size(-1) {
			panic(Errorf("torch.Lobpcg", ValueError,
				"Overdetermined shape of U: #B-cols(=%d) >= #U-cols(=%d) + #V-cols(=%d) must hold", u.Size(-2), u.Size(-1), v.Size(-1)))
		}
	}
	return u
}

// svqb makes u B-orthonormal by the eigenvectors of UᵀBU; directions whose
// eigenvalues are below tau, relative to the greatest, are dropped or kept with
// that.
func (w *lobpcg) svqb(u *Tensor, drop bool, tau float64) *Tensor {
	if u.Numel() == 0 {
		return u
	}
	ubu := quadratic(w.b, u)
	if nonzero := ubu.Diagonal().Ne(0); !nonzero.All().Bool() {
		u = u.Index(Colon, nonzero)
		return w.svqb(u, drop, tau)
	}
	scale := ubu.Diagonal().Pow(-0.5).Unsqueeze(-1)
	e, z := eigh(ubu.Mul(scale).Mul(scale.MT()), false)
	least := e.Abs().Max().Mul(tau)
	if drop {
		keep := e.Gt(least)
		e, z = e.Index(keep), z.Index(Colon, keep)
	} else {
		e = Where(e.Lt(least), least, e)
	}
	return u.Mul(scale.MT()).Matmul(z.Mul(e.Pow(-0.5)))
}

// times returns a · x; a nil a is the identity.
func times(a, x *Tensor) *Tensor {
	if a == nil {
		return x
	}
	return a.Matmul(x)
}

// quadratic returns sᵀ · a · s.
func quadratic(a, s *Tensor) *Tensor { return s.MT().Matmul(times(a, s)) }

// eigh returns eigenvalues and eigenvectors of a symmetric matrix, of which the
// upper triangle is read, from the smallest or the largest on.
func eigh(a *Tensor, largest bool) (eigenvalues, eigenvectors *Tensor) {
	var c Call
	c.Tensor(a)
	c.String("U")
	r := c.Results(opLinalgEigh)
	eigenvalues, eigenvectors = r.Tensor(), r.Tensor()
	if largest {
		return eigenvalues.Flip(-1), eigenvectors.Flip(-1)
	}
	return eigenvalues, eigenvectors
}

// columns returns a view of the columns from start up to, but without, end.
func columns(x *Tensor, start, end int) *Tensor { return x.Narrow(-1, start, end-start) }

// length is that of x as one vector, and lengths are those of its columns.
func length(x *Tensor) float64 { return x.Norm(nil).Item() }

func lengths(x *Tensor) *Tensor { return x.Norm(nil, ReduceOptions{Dim: []int{0}}) }
