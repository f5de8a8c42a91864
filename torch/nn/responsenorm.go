package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// LocalResponseNormOptions are the options of [NewLocalResponseNorm] and
// [NewCrossMapLRN2d].
type LocalResponseNormOptions struct {
	Alpha *float64 // default: 1e-4
	Beta  *float64 // default: 0.75
	K     *float64 // default: 1
}

// ResponseNorm is what [LocalResponseNorm] and [CrossMapLRN2d] share.
type ResponseNorm struct {
	Module
	Size           int // channels of a window
	Alpha, Beta, K float64
}

func newResponseNorm(size int, options []LocalResponseNormOptions) ResponseNorm {
	o := option.First(options)
	return ResponseNorm{Size: size, Alpha: option.Or(o.Alpha, 1e-4), Beta: option.Or(o.Beta, 0.75), K: option.Or(o.K, 1)}
}

// LocalResponseNorm divides each element of its input, batch × channels × …, by
// (K + Alpha × the mean square of Size neighbouring channels) to the power of
// Beta. It panics on inputs of fewer than 3 dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
type LocalResponseNorm struct {
	ResponseNorm // Size, Alpha, Beta, K
}

// NewLocalResponseNorm returns the layer for windows of size channels.
func NewLocalResponseNorm(size int, options ...LocalResponseNormOptions) *LocalResponseNorm {
	return Init(&LocalResponseNorm{newResponseNorm(size, options)})
}

// Forward returns x, batch × channels × …, divided by what the neighbouring
// channels make. It panics on inputs of fewer dimensions.
func (l *LocalResponseNorm) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LocalResponseNorm) forward(x *torch.Tensor) *torch.Tensor {
	return functional.LocalResponseNorm(x, l.Size, functional.LocalResponseNormOptions{Alpha: &l.Alpha, Beta: &l.Beta, K: &l.K})
}

// ExtraRepr returns the options as Python prints them.
func (l *LocalResponseNorm) ExtraRepr() string {
	return fmt.Sprintf("%d, alpha=%s, beta=%s, k=%s", l.Size, python.Repr(l.Alpha), python.Repr(l.Beta), python.Repr(l.K))
}

// CrossMapLRN2d is [LocalResponseNorm] of images (batch × channels × height ×
// width) as LuaTorch computed it, with a running sum over the channels. It panics
// on inputs of other dimensions.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossMapLRN2d.html
type CrossMapLRN2d struct {
	ResponseNorm // Size, Alpha, Beta, K
}

// NewCrossMapLRN2d returns the layer for windows of size channels.
func NewCrossMapLRN2d(size int, options ...LocalResponseNormOptions) *CrossMapLRN2d {
	return Init(&CrossMapLRN2d{newResponseNorm(size, options)})
}

// Forward returns x, batch × channels × height × width, divided by what the
// neighbouring channels make. It panics on inputs of other dimensions.
func (l *CrossMapLRN2d) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *CrossMapLRN2d) forward(x *torch.Tensor) *torch.Tensor {
	if n := x.Dim(); n != 4 {
		panic(torch.Errorf("nn.CrossMapLRN2d", torch.ValueError,
			"CrossMapLRN2d: Expected input to be 4D, got %dD instead.", n))
	}
	return autograd.Apply1(&crossMapLRN{l.Size, l.Alpha, l.Beta, l.K}, x)
}

// ExtraRepr returns the options as Python prints them. K is an int there unless
// it is given.
func (l *CrossMapLRN2d) ExtraRepr() string {
	k := python.Repr(l.K)
	if l.K == 1 {
		k = "1"
	}
	return fmt.Sprintf("%d, alpha=%s, beta=%s, k=%s", l.Size, python.Repr(l.Alpha), python.Repr(l.Beta), k)
}

// crossMapLRN is the function of CrossMapLRN2d, with the sums of PyTorch's in
// their order.
type crossMapLRN struct {
	size           int
	alpha, beta, k float64
}

// Forward returns x ÷ scaleᵝ, scale being k + alpha × the mean of the squares in
// the window around each channel.
func (f *crossMapLRN) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	x := inputs[0]
	squares, scale := x.Pow(2), torch.EmptyLike(x)
	channels, half := x.Size(1), (f.size-1)/2+1
	sum := scale.Select(1, 0).ZeroInplace()
	for c := range min(half, channels) {
		sum.AddInplace(squares.Select(1, c))
	}
	for c := 1; c < channels; c++ {
		sum := scale.Select(1, c).CopyInplace(scale.Select(1, c-1))
		if c < channels-half+1 {
			sum.AddInplace(squares.Select(1, c+half-1))
		}
		if c > half {
			sum.SubInplace(squares.Select(1, c-half))
		}
	}
	scale.MulInplace(f.alpha / float64(f.size)).AddInplace(f.k)
	y := scale.Pow(-f.beta).MulInplace(x)
	ctx.Value = scale
	ctx.SaveForBackward(x, y)
	return []*torch.Tensor{y}
}

// Backward returns the gradient of x.
func (f *crossMapLRN) Backward(ctx *autograd.Context, ups ...*torch.Tensor) []*torch.Tensor {
	saved, scale, up := ctx.SavedTensors(), ctx.Value.(*torch.Tensor), ups[0]
	x, y := saved[0], saved[1]
	channels := x.Size(1)
	ratios := torch.Zeros([]int{channels + f.size - 1, x.Size(2), x.Size(3)}, torch.TensorOptions{DType: x.DType(), Device: x.Device()})
	center := ratios.Narrow(0, int(float64(f.size)-float64(f.size-1)/2), channels)
	grad := scale.Pow(-f.beta).MulInplace(up)
	for n := range x.Size(0) {
		center.CopyInplace(up.Select(0, n).Mul(y.Select(0, n))).DivInplace(scale.Select(0, n))
		sum := ratios.Narrow(0, 0, f.size-1).Sum(0)
		for c := range channels {
			sum.AddInplace(ratios.Select(0, c+f.size-1))
			grad.Select(0, n).Select(0, c).AddcmulInplace(x.Select(0, n).Select(0, c), sum,
				torch.AddcmulOptions{Value: -2 * f.alpha * f.beta / float64(f.size)})
			sum.SubInplace(ratios.Select(0, c))
		}
	}
	return []*torch.Tensor{grad}
}
