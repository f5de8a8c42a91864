package distributions

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ComposeTransform applies transforms one after another.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.ComposeTransform
type ComposeTransform struct{ Parts []Transform }

// NewComposeTransform returns the transform that applies parts in order. Without
// parts it is the identity.
func NewComposeTransform(parts ...Transform) *ComposeTransform {
	return &ComposeTransform{checkedParts("ComposeTransform", parts)}
}

func (t *ComposeTransform) parts() []Transform { return checkedParts("ComposeTransform", t.Parts) }

// checkedParts returns parts, and panics if one is nil.
func checkedParts(name string, parts []Transform) []Transform {
	for i, part := range parts {
		if argument.IsNil(part) {
			panic(torch.Errorf("distributions."+name, torch.ValueError,
				"transforms must be a Transform or a list of Transforms, but part %d is nil", i))
		}
	}
	return parts
}

// IdentityTransform returns the transform that changes nothing.
//
// https://docs.pytorch.org/docs/stable/distributions.html#module-torch.distributions.transforms
func IdentityTransform() *ComposeTransform { return NewComposeTransform() }

// Forward applies the parts.
func (t *ComposeTransform) Forward(x *torch.Tensor) *torch.Tensor {
	for _, part := range t.parts() {
		x = part.Forward(x)
	}
	return x
}

// Inverse applies the parts' inverses from the last.
func (t *ComposeTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	for i := len(t.Parts) - 1; i >= 0; i-- {
		y = t.parts()[i].Inverse(y)
	}
	return y
}

// Domain returns that of the first part, for events large enough for all.
func (t *ComposeTransform) Domain() constraints.Constraint {
	if len(t.Parts) == 0 {
		return constraints.Real
	}
	dims := t.parts()[len(t.Parts)-1].Codomain().EventDim()
	for i := len(t.Parts) - 1; i >= 0; i-- {
		domain := t.parts()[i].Domain().EventDim()
		dims = max(dims+domain-t.parts()[i].Codomain().EventDim(), domain)
	}
	return widened(t.parts()[0].Domain(), dims)
}

// Codomain returns that of the last part, for events large enough for all.
func (t *ComposeTransform) Codomain() constraints.Constraint {
	if len(t.Parts) == 0 {
		return constraints.Real
	}
	dims := t.parts()[0].Domain().EventDim()
	for _, part := range t.parts() {
		codomain := part.Codomain().EventDim()
		dims = max(dims+codomain-part.Domain().EventDim(), codomain)
	}
	return widened(t.parts()[len(t.Parts)-1].Codomain(), dims)
}

// widened returns a constraint on events of so many dimensions.
func widened(c constraints.Constraint, dims int) constraints.Constraint {
	if more := dims - c.EventDim(); more > 0 {
		return constraints.Independent{Base: c, Dims: more}
	}
	return c
}

// Bijective reports whether all parts are.
func (t *ComposeTransform) Bijective() bool { return allBijective(t.parts()) }

func allBijective(parts []Transform) bool {
	for _, part := range parts {
		if !part.Bijective() {
			return false
		}
	}
	return true
}

// Sign returns the product of the parts' signs.
func (t *ComposeTransform) Sign() torch.Operand { return signOf(t.parts()) }

func signOf(parts []Transform) torch.Operand {
	var sign torch.Operand = 1
	for _, part := range parts {
		s := part.Sign()
		x, xIsTensor := sign.(*torch.Tensor)
		y, yIsTensor := s.(*torch.Tensor)
		switch {
		case xIsTensor:
			sign = x.Mul(s)
		case yIsTensor:
			sign = y.Mul(sign)
		default:
			sign = int(toFloat(sign) * toFloat(s))
		}
	}
	return sign
}

// LogAbsDetJacobian returns the sum of the parts'.
func (t *ComposeTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	if len(t.Parts) == 0 {
		return torch.ZerosLike(x)
	}
	dims := t.Domain().EventDim()
	var total *torch.Tensor
	for i, part := range t.parts() {
		next := y
		if i < len(t.Parts)-1 {
			next = part.Forward(x)
		}
		term := sumRightmost(part.LogAbsDetJacobian(x, next), dims-part.Domain().EventDim())
		if total == nil {
			total = term
		} else {
			total = total.Add(term)
		}
		dims += part.Codomain().EventDim() - part.Domain().EventDim()
		x = next
	}
	return total
}

// ForwardShape returns the shape of the result.
func (t *ComposeTransform) ForwardShape(shape []int) []int {
	for _, part := range t.parts() {
		shape = part.ForwardShape(shape)
	}
	return shape
}

// InverseShape returns the shape of the argument.
func (t *ComposeTransform) InverseShape(shape []int) []int {
	for i := len(t.Parts) - 1; i >= 0; i-- {
		shape = t.parts()[i].InverseShape(shape)
	}
	return shape
}

// Equal reports whether other is a composition of equal parts.
func (t *ComposeTransform) Equal(other Transform) bool {
	o, ok := other.(*ComposeTransform)
	return ok && o != nil && equalParts(t.parts(), o.parts())
}

func equalParts(a, b []Transform) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// String returns Python's repr.
func (t *ComposeTransform) String() string {
	list := make([]string, len(t.Parts))
	for i, part := range t.parts() {
		list[i] = part.String()
	}
	return "ComposeTransform(\n    " + strings.Join(list, ",\n    ") + "\n)"
}

// IndependentTransform takes the last Dims dimensions of another transform as one
// event, over which derivatives are added up.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.IndependentTransform
type IndependentTransform struct {
	Transform
	Dims int
}

// NewIndependentTransform returns t with so many more dimensions in an event.
func NewIndependentTransform(t Transform, reinterpretedBatchNdims int) *IndependentTransform {
	argument.NotNil("distributions.IndependentTransform", "the transform", t)
	return &IndependentTransform{t, reinterpretedBatchNdims}
}

// Domain returns that of the transform, of events.
func (t *IndependentTransform) Domain() constraints.Constraint {
	return constraints.Independent{Base: t.Transform.Domain(), Dims: t.Dims}
}

// Codomain returns that of the transform, of events.
func (t *IndependentTransform) Codomain() constraints.Constraint {
	return constraints.Independent{Base: t.Transform.Codomain(), Dims: t.Dims}
}

// Forward is the transform's. It panics with a ValueError if x is smaller than an
// event.
func (t *IndependentTransform) Forward(x *torch.Tensor) *torch.Tensor {
	checkDims("IndependentTransform", x.Dim(), t.Domain().EventDim())
	return t.Transform.Forward(x)
}

// Inverse is the transform's. It panics with a ValueError if y is smaller than an
// event.
func (t *IndependentTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	checkDims("IndependentTransform", y.Dim(), t.Codomain().EventDim())
	return t.Transform.Inverse(y)
}

// LogAbsDetJacobian adds up the transform's over events.
func (t *IndependentTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	return sumRightmost(t.Transform.LogAbsDetJacobian(x, y), t.Dims)
}

// String returns Python's repr.
func (t *IndependentTransform) String() string {
	return fmt.Sprintf("IndependentTransform(%v, %d)", t.Transform, t.Dims)
}

func checkDims(name string, got, want int) {
	if got < want {
		panic(torch.Errorf("distributions."+name, torch.ValueError, "Too few dimensions on input"))
	}
}
