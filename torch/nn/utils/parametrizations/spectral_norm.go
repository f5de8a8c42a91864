package parametrizations

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

// SpectralNormOptions are the options of [SpectralNorm].
type SpectralNormOptions struct {
	Name             string   // of the tensor; default: "weight"
	NPowerIterations *int     // steps towards the norm at each forward in training mode; default: 1
	Eps              *float64 // the least norm of a vector to divide by; default: 1e-12
	Dim              *int     // the dimension of the outputs; default: 0, for transposed convolutions 1
}

// SpectralNorm divides the module's weight by its spectral norm, the greatest
// singular value of the weight as a matrix, and returns the module. The norm is
// found step by step, from random vectors that become buffers. A weight of one
// dimension is divided by its norm.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
func SpectralNorm[M nn.AnyModule](module M, options ...SpectralNormOptions) M {
	o := option.First(options)
	name := nameOr(o.Name)
	weight := tensorOf("SpectralNorm", module, name)
	s := &spectralNorm{iterations: 1, eps: 1e-12}
	switch nn.AnyModule(module).(type) {
	case *nn.ConvTranspose1d, *nn.ConvTranspose2d, *nn.ConvTranspose3d:
		s.dim = 1
	}
	if o.NPowerIterations != nil {
		s.iterations = *o.NPowerIterations
	}
	if o.Eps != nil {
		s.eps = *o.Eps
	}
	if o.Dim != nil {
		s.dim = *o.Dim
	}
	s.start(weight)
	return parametrize.RegisterParametrization(module, name, nn.Init(s))
}

type spectralNorm struct {
	nn.Module
	U          *torch.Tensor `nn:"_u,buffer"` // the singular vectors of the norm, or nil
	V          *torch.Tensor `nn:"_v,buffer"`
	dim        int
	iterations int
	eps        float64
}

// GetName returns the name that Python prints.
func (*spectralNorm) GetName() string { return "_SpectralNorm" }

// start draws the vectors for a weight.
func (s *spectralNorm) start(weight *torch.Tensor) {
	const op = "SpectralNorm"
	dims := weight.Dim()
	if s.dim >= dims || s.dim < -dims {
		panic(torch.Errorf("parametrizations."+op, torch.IndexError,
			"Dimension out of range (expected to be in range of [-%d, %d] but got %d)", dims, dims-1, s.dim))
	}
	if s.iterations <= 0 {
		panic(torch.Errorf("parametrizations."+op, torch.ValueError,
			"Expected n_power_iterations to be positive, but got n_power_iterations=%d", s.iterations))
	}
	s.dim = (s.dim + dims) % dims
	if dims == 1 {
		return
	}
	torch.NoGrad(func() {
		matrix := s.matrix(weight)
		like := torch.TensorOptions{DType: weight.DType(), Device: weight.Device()}
		u := torch.Empty([]int{matrix.Size(0)}, like).NormalInplace(0, 1, nil)
		v := torch.Empty([]int{matrix.Size(1)}, like).NormalInplace(0, 1, nil)
		s.U, s.V = s.unit(u), s.unit(v)
		s.iterate(matrix, 15)
	})
}

// matrix returns a weight with the dimension of the outputs first and all others in
// one.
func (s *spectralNorm) matrix(weight *torch.Tensor) *torch.Tensor {
	if s.dim != 0 {
		order := []int{s.dim}
		for d := range weight.Dim() {
			if d != s.dim {
				order = append(order, d)
			}
		}
		weight = weight.Permute(order...)
	}
	return torch.Flatten(weight, 1)
}

func (s *spectralNorm) unit(x *torch.Tensor) *torch.Tensor {
	return functional.Normalize(x, functional.NormalizeOptions{Dim: new(0), Eps: &s.eps})
}

// iterate brings the vectors closer to the singular ones.
func (s *spectralNorm) iterate(matrix *torch.Tensor, times int) {
	torch.NoGrad(func() {
		for range times {
			s.U.CopyInplace(s.unit(matrix.Mv(s.V)))
			s.V.CopyInplace(s.unit(matrix.MH().Mv(s.U)))
		}
	})
}

// Forward returns the weight divided by its norm.
func (s *spectralNorm) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *spectralNorm) forward(weight *torch.Tensor) *torch.Tensor {
	if weight.Dim() == 1 {
		return s.unit(weight)
	}
	matrix := s.matrix(weight)
	if s.IsTraining() {
		s.iterate(matrix, s.iterations)
	}
	// The vectors change at the next forward; the gradient needs these.
	u, v := s.U.Clone(), s.V.Clone()
	return weight.Div(u.Vdot(matrix.Mv(v)))
}

// RightInverse returns x.
func (*spectralNorm) RightInverse(x *torch.Tensor) *torch.Tensor { return x }
