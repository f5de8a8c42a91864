package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/libm"
	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// PowerTransform is y = x^Exponent, of positive numbers.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.PowerTransform
type PowerTransform struct{ Exponent *torch.Tensor }

// NewPowerTransform returns the transform of an exponent, a tensor or a number.
func NewPowerTransform(exponent torch.Operand) *PowerTransform {
	return &PowerTransform{broadcast1(exponent)}
}

// Forward returns x^Exponent.
func (t *PowerTransform) Forward(x *torch.Tensor) *torch.Tensor { return x.Pow(t.Exponent) }

// Inverse returns y^(1/Exponent).
func (t *PowerTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return y.Pow(quotient(1, t.Exponent))
}

// LogAbsDetJacobian returns log |Exponent × y ÷ x|.
func (t *PowerTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	return t.Exponent.Mul(y).Div(x).Abs().Log()
}

// Domain returns the positive numbers.
func (t *PowerTransform) Domain() constraints.Constraint { return constraints.Positive }

// Codomain returns the positive numbers.
func (t *PowerTransform) Codomain() constraints.Constraint { return constraints.Positive }

// Bijective returns true.
func (t *PowerTransform) Bijective() bool { return true }

// Sign returns the sign of the exponent, a tensor.
func (t *PowerTransform) Sign() torch.Operand { return t.Exponent.Sign() }

// ForwardShape broadcasts a shape with that of the exponent.
func (t *PowerTransform) ForwardShape(shape []int) []int {
	return torch.BroadcastShapes(shape, t.Exponent.Shape())
}

// InverseShape is the same as ForwardShape.
func (t *PowerTransform) InverseShape(shape []int) []int { return t.ForwardShape(shape) }

// Equal reports whether other is a PowerTransform of an equal exponent.
func (t *PowerTransform) Equal(other Transform) bool {
	o, ok := other.(*PowerTransform)
	return ok && o != nil && equalOperands(t.Exponent, o.Exponent)
}

// String returns Python's repr.
func (t *PowerTransform) String() string { return "PowerTransform()" }

// AffineTransform is y = Loc + Scale × x.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.AffineTransform
type AffineTransform struct {
	Loc, Scale torch.Operand
	EventDim   int // the dimensions of an event, over which derivatives are added up
}

// NewAffineTransform returns the transform of numbers or tensors, with events of
// no dimensions unless eventDim is given.
func NewAffineTransform(loc, scale torch.Operand, eventDim ...int) *AffineTransform {
	return &AffineTransform{loc, scale, option.First(eventDim)}
}

// Forward returns Loc + Scale × x.
func (t *AffineTransform) Forward(x *torch.Tensor) *torch.Tensor { return x.Mul(t.Scale).Add(t.Loc) }

// Inverse returns (y − Loc) ÷ Scale.
func (t *AffineTransform) Inverse(y *torch.Tensor) *torch.Tensor { return y.Sub(t.Loc).Div(t.Scale) }

// LogAbsDetJacobian returns log |Scale|, added up over events.
func (t *AffineTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	shape := x.Shape()
	var result *torch.Tensor
	if scale, ok := t.Scale.(*torch.Tensor); ok {
		result = scale.Abs().Log()
	} else {
		result = torch.FullLike(x, libm.Log(math.Abs(toFloat(t.Scale))))
	}
	if t.EventDim > 0 {
		size := result.Shape()
		result = result.View(append(first(size, len(size)-t.EventDim), -1)...).Sum(-1)
		shape = first(shape, len(shape)-t.EventDim)
	}
	return result.Expand(shape...)
}

// Domain returns the real numbers, or events of them.
func (t *AffineTransform) Domain() constraints.Constraint {
	return widened(constraints.Real, t.EventDim)
}

// Codomain is the same as Domain.
func (t *AffineTransform) Codomain() constraints.Constraint { return t.Domain() }

// Bijective returns true.
func (t *AffineTransform) Bijective() bool { return true }

// Sign returns the sign of Scale, an int or a tensor.
func (t *AffineTransform) Sign() torch.Operand {
	if scale, ok := t.Scale.(*torch.Tensor); ok {
		return scale.Sign()
	}
	switch scale := toFloat(t.Scale); {
	case scale > 0:
		return 1
	case scale < 0:
		return -1
	}
	return 0
}

// ForwardShape broadcasts a shape with those of Loc and Scale.
func (t *AffineTransform) ForwardShape(shape []int) []int {
	for _, v := range []torch.Operand{t.Loc, t.Scale} {
		if x, ok := v.(*torch.Tensor); ok {
			shape = torch.BroadcastShapes(shape, x.Shape())
		}
	}
	return shape
}

// InverseShape is the same as ForwardShape.
func (t *AffineTransform) InverseShape(shape []int) []int { return t.ForwardShape(shape) }

// Equal reports whether other is an AffineTransform of equal Loc and Scale.
func (t *AffineTransform) Equal(other Transform) bool {
	o, ok := other.(*AffineTransform)
	return ok && o != nil && equalOperands(t.Loc, o.Loc) && equalOperands(t.Scale, o.Scale)
}

// String returns Python's repr.
func (t *AffineTransform) String() string { return "AffineTransform()" }

// toFloat returns a number as a float64.
func toFloat(v torch.Number) float64 {
	if on, ok := number.Plain(v).(bool); ok {
		if on {
			return 1
		}
		return 0
	}
	f, ok := number.Float(v)
	if !ok {
		panic(torch.Errorf("distributions.Transform", torch.TypeError, "want a *torch.Tensor or a number, not a %T", v))
	}
	return f
}
