package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// ExpTransform is y = exp(x).
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.ExpTransform
type ExpTransform struct{ increasing }

// Forward returns exp(x).
func (ExpTransform) Forward(x *torch.Tensor) *torch.Tensor { return x.Exp() }

// Inverse returns log(y).
func (ExpTransform) Inverse(y *torch.Tensor) *torch.Tensor { return y.Log() }

// LogAbsDetJacobian returns x.
func (ExpTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor { return x }

// Domain returns the real numbers.
func (ExpTransform) Domain() constraints.Constraint { return constraints.Real }

// Codomain returns the positive numbers.
func (ExpTransform) Codomain() constraints.Constraint { return constraints.Positive }

// String returns Python's repr.
func (ExpTransform) String() string { return "ExpTransform()" }

// SigmoidTransform is y = 1 ÷ (1 + exp(−x)), kept away from 0 and 1.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.SigmoidTransform
type SigmoidTransform struct{ increasing }

// Forward returns the sigmoid of x.
func (SigmoidTransform) Forward(x *torch.Tensor) *torch.Tensor { return clipped(x.Sigmoid()) }

// Inverse returns log(y ÷ (1−y)).
func (SigmoidTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	y = clipped(y)
	return y.Log().Sub(y.Neg().Log1p())
}

// clipped keeps probabilities within the open interval from 0 to 1.
func clipped(y *torch.Tensor) *torch.Tensor {
	info := torch.Finfo(y.DType())
	return y.Clamp(info.Tiny, 1-info.Eps)
}

// LogAbsDetJacobian returns log(y(1−y)).
func (SigmoidTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	return functional.Softplus(x.Neg()).Neg().Sub(functional.Softplus(x))
}

// Domain returns the real numbers.
func (SigmoidTransform) Domain() constraints.Constraint { return constraints.Real }

// Codomain returns the numbers from 0 to 1.
func (SigmoidTransform) Codomain() constraints.Constraint { return constraints.UnitInterval }

// String returns Python's repr.
func (SigmoidTransform) String() string { return "SigmoidTransform()" }

// SoftplusTransform is y = log(1 + exp(x)), and x itself above 20.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.SoftplusTransform
type SoftplusTransform struct{ increasing }

// Forward returns log(1 + exp(x)).
func (SoftplusTransform) Forward(x *torch.Tensor) *torch.Tensor { return functional.Softplus(x) }

// Inverse returns log(exp(y) − 1).
func (SoftplusTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return y.Neg().Expm1().Neg().Log().Add(y)
}

// LogAbsDetJacobian returns the logarithm of the sigmoid of x.
func (SoftplusTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	return functional.Softplus(x.Neg()).Neg()
}

// Domain returns the real numbers.
func (SoftplusTransform) Domain() constraints.Constraint { return constraints.Real }

// Codomain returns the positive numbers.
func (SoftplusTransform) Codomain() constraints.Constraint { return constraints.Positive }

// String returns Python's repr.
func (SoftplusTransform) String() string { return "SoftplusTransform()" }

// TanhTransform is y = tanh(x).
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.TanhTransform
type TanhTransform struct{ increasing }

// Forward returns tanh(x).
func (TanhTransform) Forward(x *torch.Tensor) *torch.Tensor { return x.Tanh() }

// Inverse returns artanh(y), infinite at −1 and 1; [WithCache] avoids that.
func (TanhTransform) Inverse(y *torch.Tensor) *torch.Tensor { return y.Atanh() }

// LogAbsDetJacobian returns log(1 − tanh²(x)), in a way that keeps its digits.
func (TanhTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	return x.Rsub(math.Ln2).Sub(functional.Softplus(x.Mul(-2.0))).Mul(2.0)
}

// Domain returns the real numbers.
func (TanhTransform) Domain() constraints.Constraint { return constraints.Real }

// Codomain returns the numbers from −1 to 1.
func (TanhTransform) Codomain() constraints.Constraint {
	return constraints.Interval{Lower: -1.0, Upper: 1.0}
}

// String returns Python's repr.
func (TanhTransform) String() string { return "TanhTransform()" }

// AbsTransform is y = |x|, which is not bijective.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.AbsTransform
type AbsTransform struct {
	identity
	folding
}

// Forward returns |x|.
func (AbsTransform) Forward(x *torch.Tensor) *torch.Tensor { return x.Abs() }

// Inverse returns y.
func (AbsTransform) Inverse(y *torch.Tensor) *torch.Tensor { return y }

// Domain returns the real numbers.
func (AbsTransform) Domain() constraints.Constraint { return constraints.Real }

// Codomain returns the positive numbers.
func (AbsTransform) Codomain() constraints.Constraint { return constraints.Positive }

// String returns Python's repr.
func (AbsTransform) String() string { return "AbsTransform()" }
