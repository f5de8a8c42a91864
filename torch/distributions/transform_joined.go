package distributions

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// CatTransform applies transforms to the parts that a dimension is cut into.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.CatTransform
type CatTransform struct {
	identity
	turning
	Parts   []Transform
	Dim     int
	Lengths []int // of the parts along Dim
}

// NewCatTransform returns the transform of parts along a dimension. Each part has
// length 1 unless lengths are given.
func NewCatTransform(parts []Transform, dim int, lengths ...int) *CatTransform {
	if lengths == nil {
		for range parts {
			lengths = append(lengths, 1)
		}
	}
	if len(lengths) != len(parts) {
		panic(torch.Errorf("distributions.CatTransform", torch.ValueError, "lengths (%d) must match transforms (%d)",
			len(lengths), len(parts)))
	}
	return &CatTransform{Parts: checkedParts("CatTransform", parts), Dim: dim, Lengths: lengths}
}

func (t *CatTransform) parts() []Transform { return checkedParts("CatTransform", t.Parts) }

// cut returns the parts of tensors that have the size of the whole.
func (t *CatTransform) cut(x *torch.Tensor) []*torch.Tensor {
	if len(t.Lengths) != len(t.Parts) || len(t.Parts) == 0 {
		panic(torch.Errorf("distributions.CatTransform", torch.ValueError,
			"lengths (%d) must match transforms (%d), of which there must be one", len(t.Lengths), len(t.Parts)))
	}
	whole := 0
	for _, n := range t.Lengths {
		whole += n
	}
	if n := x.Size(t.Dim); n != whole {
		panic(torch.Errorf("distributions.CatTransform", torch.ValueError, "x.size(%d) = %d must equal length %d",
			t.Dim, n, whole))
	}
	return x.SplitWithSizes(t.Lengths, t.Dim)
}

// Forward applies the parts.
func (t *CatTransform) Forward(x *torch.Tensor) *torch.Tensor {
	return torch.Cat(each(t.parts(), Transform.Forward, t.cut(x)), t.Dim)
}

// Inverse applies the parts' inverses.
func (t *CatTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return torch.Cat(each(t.parts(), Transform.Inverse, t.cut(y)), t.Dim)
}

// each applies a method of transforms to a tensor each.
func each(parts []Transform, f func(Transform, *torch.Tensor) *torch.Tensor, xs []*torch.Tensor) []*torch.Tensor {
	ys := make([]*torch.Tensor, len(parts))
	for i, part := range parts {
		ys[i] = f(part, xs[i])
	}
	return ys
}

// LogAbsDetJacobian joins the parts', or adds them up if Dim is within an event.
func (t *CatTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	xs, ys := t.cut(x), t.cut(y)
	dims := t.Domain().EventDim()
	terms := make([]*torch.Tensor, len(t.Parts))
	for i, part := range t.parts() {
		terms[i] = sumRightmost(part.LogAbsDetJacobian(xs[i], ys[i]), dims-part.Domain().EventDim())
	}
	dim := t.Dim
	if dim >= 0 {
		dim -= x.Dim()
	}
	if dim += dims; dim < 0 {
		return torch.Cat(terms, dim)
	}
	total := terms[0]
	for _, term := range terms[1:] {
		total = total.Add(term)
	}
	return total
}

// Domain joins those of the parts.
func (t *CatTransform) Domain() constraints.Constraint {
	return constraints.Cat{Parts: domains(t.parts()), Dim: t.Dim, Lengths: t.Lengths}
}

// Codomain joins those of the parts.
func (t *CatTransform) Codomain() constraints.Constraint {
	return constraints.Cat{Parts: codomains(t.parts()), Dim: t.Dim, Lengths: t.Lengths}
}

func domains(parts []Transform) (list []constraints.Constraint) {
	for _, part := range parts {
		list = append(list, part.Domain())
	}
	return list
}

func codomains(parts []Transform) (list []constraints.Constraint) {
	for _, part := range parts {
		list = append(list, part.Codomain())
	}
	return list
}

// Bijective reports whether all parts are.
func (t *CatTransform) Bijective() bool { return allBijective(t.parts()) }

// String returns Python's repr.
func (t *CatTransform) String() string { return "CatTransform()" }

// StackTransform applies a transform to each position of a dimension.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.StackTransform
type StackTransform struct {
	identity
	turning
	Parts []Transform
	Dim   int
}

// NewStackTransform returns the transform of the positions of a dimension.
func NewStackTransform(parts []Transform, dim int) *StackTransform {
	return &StackTransform{Parts: checkedParts("StackTransform", parts), Dim: dim}
}

func (t *StackTransform) parts() []Transform { return checkedParts("StackTransform", t.Parts) }

func (t *StackTransform) cut(x *torch.Tensor) []*torch.Tensor {
	if n := x.Size(t.Dim); n != len(t.Parts) {
		panic(torch.Errorf("distributions.StackTransform", torch.ValueError,
			"x.size(%d) = %d must equal len(transforms) %d", t.Dim, n, len(t.Parts)))
	}
	return x.Unbind(t.Dim)
}

// Forward applies the parts.
func (t *StackTransform) Forward(x *torch.Tensor) *torch.Tensor {
	return torch.Stack(each(t.parts(), Transform.Forward, t.cut(x)), t.Dim)
}

// Inverse applies the parts' inverses.
func (t *StackTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return torch.Stack(each(t.parts(), Transform.Inverse, t.cut(y)), t.Dim)
}

// LogAbsDetJacobian stacks the parts'.
func (t *StackTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	xs, ys := t.cut(x), t.cut(y)
	terms := make([]*torch.Tensor, len(t.Parts))
	for i, part := range t.parts() {
		terms[i] = part.LogAbsDetJacobian(xs[i], ys[i])
	}
	return torch.Stack(terms, t.Dim)
}

// Domain stacks those of the parts.
func (t *StackTransform) Domain() constraints.Constraint {
	return constraints.Stack{Parts: domains(t.parts()), Dim: t.Dim}
}

// Codomain stacks those of the parts.
func (t *StackTransform) Codomain() constraints.Constraint {
	return constraints.Stack{Parts: codomains(t.parts()), Dim: t.Dim}
}

// Bijective reports whether all parts are.
func (t *StackTransform) Bijective() bool { return allBijective(t.parts()) }

// String returns Python's repr.
func (t *StackTransform) String() string { return "StackTransform()" }

// CumulativeDistributionTransform maps numbers to the probabilities of a
// distribution up to them.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.CumulativeDistributionTransform
type CumulativeDistributionTransform struct {
	increasing
	Distribution Distribution
}

// NewCumulativeDistributionTransform returns the transform of a distribution of
// numbers.
func NewCumulativeDistributionTransform(d Distribution) *CumulativeDistributionTransform {
	argument.NotNil("distributions.CumulativeDistributionTransform", "the distribution", d)
	return &CumulativeDistributionTransform{Distribution: d}
}

// distribution returns the distribution, and panics if it is nil.
func (t *CumulativeDistributionTransform) distribution() Distribution {
	argument.NotNil("distributions.CumulativeDistributionTransform", "the distribution", t.Distribution)
	return t.Distribution
}

// Forward returns the distribution's CDF.
func (t *CumulativeDistributionTransform) Forward(x *torch.Tensor) *torch.Tensor {
	return t.distribution().CDF(x)
}

// Inverse returns the distribution's ICDF.
func (t *CumulativeDistributionTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return t.distribution().ICDF(y)
}

// LogAbsDetJacobian returns the distribution's LogProb.
func (t *CumulativeDistributionTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	return t.distribution().LogProb(x)
}

// Domain returns the distribution's support.
func (t *CumulativeDistributionTransform) Domain() constraints.Constraint {
	return t.distribution().Support()
}

// Codomain returns the numbers from 0 to 1.
func (t *CumulativeDistributionTransform) Codomain() constraints.Constraint {
	return constraints.UnitInterval
}

// String returns Python's repr.
func (t *CumulativeDistributionTransform) String() string {
	return "CumulativeDistributionTransform()"
}
