package parametrizations

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

// OrthogonalOptions are the options of [Orthogonal].
type OrthogonalOptions struct {
	Name              string // of the tensor; default: "weight"
	OrthogonalMap     string // "matrix_exp", "cayley" or "householder"; default: "matrix_exp" for square or complex matrices, else "householder"
	UseTrivialization *bool  // multiply with a fixed orthogonal matrix; default: true
}

// Orthogonal makes the columns of the module's weight orthonormal, or its rows
// where it is wider than high, and returns the module. The weight is a matrix or a
// batch of such. With the fixed matrix a weight can be assigned, and an orthonormal
// one stays.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
func Orthogonal[M nn.AnyModule](module M, options ...OrthogonalOptions) M {
	const op = "Orthogonal"
	o := option.First(options)
	name := nameOr(o.Name)
	weight := tensorOf(op, module, name)
	if weight.Dim() < 2 {
		panic(torch.Errorf("parametrizations."+op, torch.ValueError,
			"Expected a matrix or batch of matrices. Got a tensor of %d dimensions.", weight.Dim()))
	}
	isComplex := weight.DType().IsComplex()
	q := &orthogonal{shape: weight.Shape(), method: o.OrthogonalMap, fixed: o.UseTrivialization == nil || *o.UseTrivialization}
	switch {
	case q.method == "" && (weight.Size(-2) == weight.Size(-1) || isComplex):
		q.method = "matrix_exp"
	case q.method == "":
		q.method = "householder"
	case q.method != "matrix_exp" && q.method != "cayley" && q.method != "householder":
		panic(torch.Errorf("parametrizations."+op, torch.ValueError,
			`orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: %s`, q.method))
	case q.method == "householder" && isComplex:
		panic(torch.Errorf("parametrizations."+op, torch.ValueError,
			"The householder parametrization does not support complex tensors."))
	}
	return parametrize.RegisterParametrization(module, name, nn.Init(q), parametrize.Options{Unsafe: true})
}

type orthogonal struct {
	nn.Module
	Base   *torch.Tensor `nn:",buffer"` // the fixed matrix, or nil
	shape  []int
	method string
	fixed  bool
}

// GetName returns the name that Python prints.
func (*orthogonal) GetName() string { return "_Orthogonal" }

// Forward returns a matrix with orthonormal columns or rows.
func (q *orthogonal) Forward(x *torch.Tensor) *torch.Tensor { return q.Run(x, q.forward) }

func (q *orthogonal) forward(x *torch.Tensor) *torch.Tensor {
	wide := x.Size(-2) < x.Size(-1)
	if wide {
		x = x.MT()
	}
	if q.method == "householder" {
		x = householder(x)
	} else {
		x = q.ofSkewSymmetric(x)
	}
	if q.fixed {
		x = q.Base.Matmul(x)
	}
	if wide {
		x = x.MT()
	}
	return x
}

// ofSkewSymmetric returns an orthogonal matrix's first columns: that of the
// skew-symmetric matrix whose lower half is x.
func (q *orthogonal) ofSkewSymmetric(x *torch.Tensor) *torch.Tensor {
	n, k := x.Size(-2), x.Size(-1)
	x = x.Tril()
	if n != k {
		shape := slices.Concat(x.Shape()[:x.Dim()-2], []int{-1, -1})
		x = torch.Cat([]*torch.Tensor{x, x.NewZeros([]int{n, n - k}).Expand(shape...)}, -1)
	}
	a := x.Sub(x.MH())
	if q.method == "matrix_exp" {
		x = a.MatrixExp()
	} else {
		id := torch.Eye(n, torch.EyeOptions{TensorOptions: torch.TensorOptions{DType: a.DType(), Device: a.Device()}})
		x = linalg.Solve(id.Add(a, torch.AddOptions{Alpha: -0.5}), id.Add(a, torch.AddOptions{Alpha: 0.5}))
	}
	if n != k {
		x = x.Narrow(-1, 0, k)
	}
	return x
}

// householder returns the product of the reflections that the columns of x, below
// its diagonal, give.
func householder(x *torch.Tensor) *torch.Tensor {
	a := x.Tril(torch.TrilOptions{Diagonal: -1})
	tau := a.Mul(a).Sum(-2).Add(1).Reciprocal().Mul(2)
	signs := x.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)}).To(torch.Int32).Unsqueeze(-2)
	return linalg.HouseholderProduct(a, tau).Mul(signs)
}

// RightInverse returns what Forward makes q of. With a fixed matrix, that becomes
// an orthogonal one that x is a part of, if x is orthonormal, or close to it.
func (q *orthogonal) RightInverse(x *torch.Tensor) (y *torch.Tensor) {
	if size := python.Size(x.Shape()); size != python.Size(q.shape) {
		panic(torch.Errorf("parametrizations.Orthogonal", torch.ValueError,
			"Expected a matrix or batch of matrices of shape %s. Got a tensor of shape %s.", python.Size(q.shape), size))
	}
	torch.NoGrad(func() {
		if q.fixed {
			q.Base = completed(x).Keep()
			y = torch.ZerosLike(x)
			y.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)}).FillInplace(-1)
		} else {
			y = q.reflections(x)
		}
	})
	return y
}

// completed returns an orthogonal matrix that begins with the columns of x, or its
// rows where it is wider than high.
func completed(x *torch.Tensor) *torch.Tensor {
	if x.Size(-2) < x.Size(-1) {
		x = x.MT()
	}
	n, k := x.Size(-2), x.Size(-1)
	if n != k {
		shape := slices.Concat(x.Shape()[:x.Dim()-2], []int{n, n - k})
		noise := torch.Randn(shape, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
		return orthonormalized(torch.Cat([]*torch.Tensor{x, noise}, -1))
	}
	if isOrthogonal(x) {
		return x.Clone()
	}
	return orthonormalized(x)
}

// orthonormalized returns orthonormal columns that span the same as those of x.
func orthonormalized(x *torch.Tensor) *torch.Tensor {
	a, tau := x.Geqrf()
	signs := a.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)}).Sgn().Unsqueeze(-2)
	return linalg.HouseholderProduct(a, tau).MulInplace(signs)
}

func isOrthogonal(x *torch.Tensor) bool {
	epsilon := map[torch.DType]float64{torch.Float64: 0x1p-52, torch.Complex128: 0x1p-52}[x.DType()]
	if epsilon == 0 {
		epsilon = 0x1p-23
	}
	id := torch.Eye(x.Size(-1), torch.EyeOptions{TensorOptions: torch.TensorOptions{DType: x.DType(), Device: x.Device()}})
	return x.MH().Matmul(x).AllClose(id, torch.AllCloseOptions{Atol: new(10 * float64(x.Size(-2)) * epsilon)})
}

// reflections returns the Householder reflections that give x.
func (q *orthogonal) reflections(x *torch.Tensor) *torch.Tensor {
	if q.method != "householder" {
		panic(torch.Errorf("parametrizations.Orthogonal", torch.NotImplementedError,
			"It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False."))
	}
	wide := x.Size(-2) < x.Size(-1)
	if wide {
		x = x.MT()
	}
	a, tau := x.Geqrf()
	diagonal := a.Diagonal(torch.DiagonalOptions{Dim1: -2, Dim2: new(-1)})
	signs := diagonal.Sign()
	diagonal.CopyInplace(torch.Where(tau.Eq(0), signs.Neg(), signs))
	if wide {
		return a.MT()
	}
	return a
}
