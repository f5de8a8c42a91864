package nn

import (
	"strconv"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// along is the base of layers that work along one dimension.
type along struct {
	layer
	Dim *int // nil: the first for inputs of 0, 1 or 3 dimensions, the second for others
}

func newAlong(dim []int) along {
	if dim == nil {
		return along{}
	}
	if len(dim) != 1 {
		refuse("Softmax", torch.TypeError, "takes one dimension, or no argument, but got %d dimensions", len(dim))
	}
	return along{Dim: &dim[0]}
}

// dim returns the dimension for x.
func (a *along) dim(x *torch.Tensor) int {
	n := x.Dim()
	return torch.Or(a.Dim, pick(n == 0 || n == 1 || n == 3, 0, 1))
}

// ExtraRepr returns the options as Python prints them.
func (a *along) ExtraRepr() string {
	if a.Dim == nil {
		return "dim=None"
	}
	return "dim=" + strconv.Itoa(*a.Dim)
}

// Softmax gives exp(x) scaled to a sum of 1 along the dimension Dim.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
type Softmax struct{ along }

// NewSoftmax returns the layer. Without dim, which PyTorch advises against, it
// works along the first dimension of inputs of 0, 1 or 3 dimensions, and along
// the second of others.
func NewSoftmax(dim ...int) *Softmax { return Init(&Softmax{newAlong(dim)}) }

func (s *Softmax) forward(x *torch.Tensor) *torch.Tensor { return functional.Softmax(x, s.dim(x)) }

// Softmin is [Softmax] of −x.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html
type Softmin struct{ along }

// NewSoftmin returns the layer; dim is as for [NewSoftmax].
func NewSoftmin(dim ...int) *Softmin { return Init(&Softmin{newAlong(dim)}) }

func (s *Softmin) forward(x *torch.Tensor) *torch.Tensor { return functional.Softmin(x, s.dim(x)) }

// LogSoftmax gives the logarithm of [Softmax], computed without overflow.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
type LogSoftmax struct{ along }

// NewLogSoftmax returns the layer; dim is as for [NewSoftmax].
func NewLogSoftmax(dim ...int) *LogSoftmax { return Init(&LogSoftmax{newAlong(dim)}) }

func (l *LogSoftmax) forward(x *torch.Tensor) *torch.Tensor {
	return functional.LogSoftmax(x, l.dim(x))
}

// Softmax2d is [Softmax] over the channels of images (… × channels × height ×
// width). It panics unless its input has 3 or 4 dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
type Softmax2d struct{ layer }

// NewSoftmax2d returns the layer.
func NewSoftmax2d() *Softmax2d { return Init(&Softmax2d{}) }

func (s *Softmax2d) forward(x *torch.Tensor) *torch.Tensor {
	if n := x.Dim(); n != 3 && n != 4 {
		refuse("Softmax2d", torch.ValueError, "Softmax2d: expected input to be 3D or 4D, got %dD instead", n)
	}
	return functional.Softmax(x, -3)
}
