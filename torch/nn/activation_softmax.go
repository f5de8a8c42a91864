package nn

import (
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// dimRepr writes the dimension of a softmax as Python prints it.
func dimRepr(dim *int) string {
	if dim == nil {
		return "dim=None"
	}
	return "dim=" + strconv.Itoa(*dim)
}

// softmaxDim returns the dimension for x.
func softmaxDim(dim *int, x *torch.Tensor) int {
	n := x.Dim()
	return option.Or(dim, pick(n == 0 || n == 1 || n == 3, 0, 1))
}

// dimOf returns the dimension that is given, or nil where there is no argument.
func dimOf(dim []int) *int {
	if dim == nil {
		return nil
	}
	if len(dim) != 1 {
		panic(torch.Errorf("nn.Softmax", torch.TypeError, "takes one dimension, or no argument, but got %d dimensions",
			len(dim)))
	}
	return &dim[0]
}

// Softmax gives exp(x) scaled to a sum of 1 along the dimension Dim.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
type Softmax struct {
	Module
	Dim *int // nil: the first for inputs of 0, 1 or 3 dimensions, the second for others
}

// NewSoftmax returns the layer. Without dim, which PyTorch advises against, it
// works along the first dimension of inputs of 0, 1 or 3 dimensions, and along
// the second of others.
func NewSoftmax(dim ...int) *Softmax { return Init(&Softmax{Dim: dimOf(dim)}) }

// Forward returns exp(x), scaled to a sum of 1 along the dimension.
func (s *Softmax) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softmax) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Softmax(x, softmaxDim(s.Dim, x))
}

// ExtraRepr returns the options as Python prints them.
func (s *Softmax) ExtraRepr() string { return dimRepr(s.Dim) }

// Softmin is [Softmax] of −x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html
type Softmin struct {
	Module
	Dim *int // nil: the first for inputs of 0, 1 or 3 dimensions, the second for others
}

// NewSoftmin returns the layer; dim is as for [NewSoftmax].
func NewSoftmin(dim ...int) *Softmin { return Init(&Softmin{Dim: dimOf(dim)}) }

// Forward returns exp(−x), scaled to a sum of 1 along the dimension.
func (s *Softmin) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softmin) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Softmin(x, softmaxDim(s.Dim, x))
}

// ExtraRepr returns the options as Python prints them.
func (s *Softmin) ExtraRepr() string { return dimRepr(s.Dim) }

// LogSoftmax gives the logarithm of [Softmax], computed without overflow.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
type LogSoftmax struct {
	Module
	Dim *int // nil: the first for inputs of 0, 1 or 3 dimensions, the second for others
}

// NewLogSoftmax returns the layer; dim is as for [NewSoftmax].
func NewLogSoftmax(dim ...int) *LogSoftmax { return Init(&LogSoftmax{Dim: dimOf(dim)}) }

// Forward returns the logarithms of what [Softmax] gives for x.
func (l *LogSoftmax) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LogSoftmax) forward(x *torch.Tensor) *torch.Tensor {
	return functional.LogSoftmax(x, softmaxDim(l.Dim, x))
}

// ExtraRepr returns the options as Python prints them.
func (l *LogSoftmax) ExtraRepr() string { return dimRepr(l.Dim) }

// Softmax2d is [Softmax] over the channels of images (… × channels × height ×
// width). It panics unless its input has 3 or 4 dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
type Softmax2d struct{ Module }

// NewSoftmax2d returns the layer.
func NewSoftmax2d() *Softmax2d { return Init(&Softmax2d{}) }

// Forward returns exp(x), scaled to a sum of 1 over the channels. It panics unless
// x has 3 or 4 dimensions.
func (s *Softmax2d) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *Softmax2d) forward(x *torch.Tensor) *torch.Tensor {
	if n := x.Dim(); n != 3 && n != 4 {
		panic(torch.Errorf("nn.Softmax2d", torch.ValueError, "Softmax2d: expected input to be 3D or 4D, got %dD instead",
			n))
	}
	return functional.Softmax(x, -3)
}
