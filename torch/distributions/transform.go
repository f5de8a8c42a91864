package distributions

import (
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Transform is a function of tensors whose change of volume is known, from which
// [TransformedDistribution] makes distributions of others. Those without
// parameters are values, such as ExpTransform{}.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.transforms
type Transform interface {
	// Forward returns y = f(x), Python's call.
	Forward(x *torch.Tensor) *torch.Tensor
	// Inverse returns x with y = f(x), or one of them if f is not bijective.
	Inverse(y *torch.Tensor) *torch.Tensor
	// LogAbsDetJacobian returns log |dy/dx|, over events, for x and its y.
	LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor
	// Domain and Codomain return what x and y must satisfy.
	Domain() constraints.Constraint
	Codomain() constraints.Constraint
	// Bijective reports whether each y has one x.
	Bijective() bool
	// Sign returns the sign of the derivative, an int or a tensor. It panics with a
	// NotImplementedError where the transform is not monotone.
	Sign() torch.Operand
	// ForwardShape and InverseShape return the shape of y for that of x, and back.
	ForwardShape(shape []int) []int
	InverseShape(shape []int) []int
	// String returns Python's repr.
	String() string
}

// identity is embedded by transforms that keep the shape, which is most of them.
type identity struct{}

func (identity) ForwardShape(shape []int) []int { return shape }
func (identity) InverseShape(shape []int) []int { return shape }

// increasing is embedded by bijective ones of positive derivative.
type increasing struct{ identity }

func (increasing) Bijective() bool     { return true }
func (increasing) Sign() torch.Operand { return 1 }

// turning is embedded by those that are not monotone.
type turning struct{}

func (turning) Sign() torch.Operand {
	panic(torch.Errorf("distributions.Transform.Sign", torch.NotImplementedError, "the transform is not monotone"))
}

// folding is embedded by those that are not bijective, and have no derivative of
// their own.
type folding struct{ turning }

func (folding) Bijective() bool { return false }

func (folding) LogAbsDetJacobian(_, _ *torch.Tensor) *torch.Tensor {
	panic(torch.Errorf("distributions.Transform.LogAbsDetJacobian", torch.NotImplementedError,
		"the transform is not bijective"))
}

// equal reports whether two transforms are the same function, as far as one sees.
func equal(a, b Transform) bool {
	a, b = uncached(a), uncached(b)
	if a, ok := a.(interface{ Equal(other Transform) bool }); ok {
		return a.Equal(b)
	}
	return a == b
}

// equalOperands reports whether two parameters are.
func equalOperands(a, b torch.Operand) bool {
	x, isTensor := a.(*torch.Tensor)
	if isTensor {
		return x.Eq(b).All().Bool()
	}
	if y, ok := b.(*torch.Tensor); ok {
		return y.Eq(a).All().Bool()
	}
	return toFloat(a) == toFloat(b)
}

// Inv returns the inverse of t as a transform, Python's t.inv.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.Transform.inv
func Inv(t Transform) Transform {
	argument.NotNil("distributions.Inv", "the transform", t)
	switch t := t.(type) {
	case inverse:
		return t.of
	case *ComposeTransform:
		parts := make([]Transform, len(t.Parts))
		for i, part := range t.parts() {
			parts[len(parts)-1-i] = Inv(part)
		}
		return NewComposeTransform(parts...)
	}
	return inverse{t}
}

// inverse is the inverse of a transform.
type inverse struct{ of Transform }

func (t inverse) Forward(x *torch.Tensor) *torch.Tensor { return t.of.Inverse(x) }
func (t inverse) Inverse(y *torch.Tensor) *torch.Tensor { return t.of.Forward(y) }
func (t inverse) Domain() constraints.Constraint        { return t.of.Codomain() }
func (t inverse) Codomain() constraints.Constraint      { return t.of.Domain() }
func (t inverse) Bijective() bool                       { return t.of.Bijective() }
func (t inverse) Sign() torch.Operand                   { return t.of.Sign() }
func (t inverse) ForwardShape(shape []int) []int        { return t.of.InverseShape(shape) }
func (t inverse) InverseShape(shape []int) []int        { return t.of.ForwardShape(shape) }
func (t inverse) String() string                        { return "_InverseTransform(" + t.of.String() + ")" }

func (t inverse) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	return t.of.LogAbsDetJacobian(y, x).Neg()
}

func (t inverse) Equal(other Transform) bool {
	o, ok := other.(inverse)
	return ok && equal(t.of, o.of)
}

// WithCache returns t with a memory of one call: the inverse of its last result,
// that very tensor, is what it was made from, without being computed. This saves
// time and digits when the probability of a sample is asked for.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.Transform
func WithCache(t Transform) Transform {
	argument.NotNil("distributions.WithCache", "the transform", t)
	if _, ok := t.(*cached); ok {
		return t
	}
	return &cached{Transform: t}
}

// cached is a transform with the last x and y.
type cached struct {
	Transform
	mutex sync.Mutex
	x, y  *torch.Tensor
}

func (t *cached) Forward(x *torch.Tensor) *torch.Tensor {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if x != t.x || t.y == nil || t.y.IsClosed() {
		t.x, t.y = x, t.Transform.Forward(x)
	}
	return t.y
}

func (t *cached) Inverse(y *torch.Tensor) *torch.Tensor {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if y != t.y || t.x == nil || t.x.IsClosed() {
		t.x, t.y = t.Transform.Inverse(y), y
	}
	return t.x
}

func uncached(t Transform) Transform {
	if c, ok := t.(*cached); ok {
		return c.Transform
	}
	return t
}
