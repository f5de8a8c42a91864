package distributions

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// SoftmaxTransform is y = softmax(x) of the last dimension, with x = log(y) as
// inverse. It is not bijective; [StickBreakingTransform] is.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.SoftmaxTransform
type SoftmaxTransform struct{ folding }

// Forward returns the softmax.
func (SoftmaxTransform) Forward(x *torch.Tensor) *torch.Tensor {
	greatest, _ := x.MaxDim(-1, torch.MaxDimOptions{Keepdim: true})
	probs := x.Sub(greatest).Exp()
	return probs.Div(keptSum(probs))
}

// Inverse returns log(y).
func (SoftmaxTransform) Inverse(y *torch.Tensor) *torch.Tensor { return y.Log() }

// Domain returns the real vectors.
func (SoftmaxTransform) Domain() constraints.Constraint { return constraints.RealVector }

// Codomain returns the simplex.
func (SoftmaxTransform) Codomain() constraints.Constraint { return constraints.Simplex }

// ForwardShape returns the shape. It panics with a ValueError if it is empty.
func (SoftmaxTransform) ForwardShape(shape []int) []int {
	checkDims("SoftmaxTransform", len(shape), 1)
	return shape
}

// InverseShape is the same as ForwardShape.
func (t SoftmaxTransform) InverseShape(shape []int) []int { return t.ForwardShape(shape) }

// String returns Python's repr.
func (SoftmaxTransform) String() string { return "SoftmaxTransform()" }

// StickBreakingTransform maps vectors to probabilities, one more, by breaking off a
// part of what is left of a stick for each.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.StickBreakingTransform
type StickBreakingTransform struct{ turning }

// countdown returns from, from−1, …, in n elements like x.
func countdown(from, n int, x *torch.Tensor) *torch.Tensor {
	return x.NewOnes([]int{n}).Cumsum(-1).Rsub(from)
}

// padOne returns x with ones before and after, in the last dimension.
func padOne(x *torch.Tensor, before, after int) *torch.Tensor {
	return functional.Pad(x, []int{before, after}, functional.PadOptions{Value: 1})
}

// butLast returns a view of x without the last elements of the last dimension.
func butLast(x *torch.Tensor) *torch.Tensor { return x.Index(torch.Ellipsis, torch.To(-1)) }

// Forward returns the probabilities.
func (StickBreakingTransform) Forward(x *torch.Tensor) *torch.Tensor {
	n := x.Size(-1)
	z := clipped(x.Sub(countdown(n+1, n, x).Log()).Sigmoid())
	left := z.Rsub(1).Cumprod(-1)
	return padOne(z, 0, 1).Mul(padOne(left, 1, 0))
}

// Inverse returns the vector of some probabilities.
func (StickBreakingTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	parts := butLast(y)
	offset := countdown(y.Size(-1), parts.Size(-1), y)
	left := parts.Cumsum(-1).Rsub(1).Clamp(torch.Finfo(y.DType()).Tiny, nil)
	return parts.Log().Sub(left.Log()).Add(offset.Log())
}

// LogAbsDetJacobian returns the logarithm of the change of volume.
func (StickBreakingTransform) LogAbsDetJacobian(x, y *torch.Tensor) *torch.Tensor {
	n := x.Size(-1)
	x = x.Sub(countdown(n+1, n, x).Log())
	return x.Neg().Add(functional.LogSigmoid(x)).Add(butLast(y).Log()).Sum(-1)
}

// Domain returns the real vectors.
func (StickBreakingTransform) Domain() constraints.Constraint { return constraints.RealVector }

// Codomain returns the simplex.
func (StickBreakingTransform) Codomain() constraints.Constraint { return constraints.Simplex }

// Bijective returns true.
func (StickBreakingTransform) Bijective() bool { return true }

// ForwardShape returns the shape with one more at the end.
func (StickBreakingTransform) ForwardShape(shape []int) []int { return stretched(shape, 1) }

// InverseShape returns the shape with one less at the end.
func (StickBreakingTransform) InverseShape(shape []int) []int { return stretched(shape, -1) }

func stretched(shape []int, by int) []int {
	checkDims("StickBreakingTransform", len(shape), 1)
	shape = slices.Clone(shape)
	shape[len(shape)-1] += by
	return shape
}

// String returns Python's repr.
func (StickBreakingTransform) String() string { return "StickBreakingTransform()" }

// ReshapeTransform gives the last dimensions another shape.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.transforms.ReshapeTransform
type ReshapeTransform struct {
	turning
	InShape, OutShape []int
}

// NewReshapeTransform returns the transform between two shapes. It panics with a
// ValueError if they differ in the number of elements.
func NewReshapeTransform(inShape, outShape []int) *ReshapeTransform {
	if product(inShape) != product(outShape) {
		panic(torch.Errorf("distributions.ReshapeTransform", torch.ValueError,
			"in_shape, out_shape have different numbers of elements"))
	}
	return &ReshapeTransform{InShape: inShape, OutShape: outShape}
}

func product(sizes []int) int {
	n := 1
	for _, size := range sizes {
		n *= size
	}
	return n
}

// Forward returns x in the other shape.
func (t *ReshapeTransform) Forward(x *torch.Tensor) *torch.Tensor {
	return x.Reshape(t.ForwardShape(x.Shape())...)
}

// Inverse returns y in the shape of x.
func (t *ReshapeTransform) Inverse(y *torch.Tensor) *torch.Tensor {
	return y.Reshape(t.InverseShape(y.Shape())...)
}

// LogAbsDetJacobian returns zeros.
func (t *ReshapeTransform) LogAbsDetJacobian(x, _ *torch.Tensor) *torch.Tensor {
	shape := x.Shape()
	return x.NewZeros(first(shape, len(shape)-len(t.InShape)))
}

// Domain returns events of numbers, of as many dimensions as InShape.
func (t *ReshapeTransform) Domain() constraints.Constraint {
	return constraints.Independent{Base: constraints.Real, Dims: len(t.InShape)}
}

// Codomain returns events of numbers, of as many dimensions as OutShape.
func (t *ReshapeTransform) Codomain() constraints.Constraint {
	return constraints.Independent{Base: constraints.Real, Dims: len(t.OutShape)}
}

// Bijective returns true.
func (t *ReshapeTransform) Bijective() bool { return true }

// ForwardShape returns the shape of the result. It panics with a ValueError if the
// shape does not end in InShape.
func (t *ReshapeTransform) ForwardShape(shape []int) []int {
	return reshaped(shape, t.InShape, t.OutShape)
}

// InverseShape returns the shape of the argument. It panics with a ValueError if
// the shape does not end in OutShape.
func (t *ReshapeTransform) InverseShape(shape []int) []int {
	return reshaped(shape, t.OutShape, t.InShape)
}

func reshaped(shape, from, to []int) []int {
	checkDims("ReshapeTransform", len(shape), len(from))
	cut := len(shape) - len(from)
	if !slices.Equal(shape[cut:], from) {
		panic(torch.Errorf("distributions.ReshapeTransform", torch.ValueError, "Shape mismatch: expected %s but got %s",
			python.Size(shape[cut:]), python.Size(from)))
	}
	return slices.Concat(shape[:cut], to)
}

// String returns Python's repr.
func (t *ReshapeTransform) String() string { return "ReshapeTransform()" }
