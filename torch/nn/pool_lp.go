package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// LPPoolOptions are the options of pooling by norms.
type LPPoolOptions struct {
	Stride   torch.Sizes // from window to window; default: the kernel's size
	CeilMode bool        // let windows begin in the input that end beyond it
}

// LPPoolNd is what [LPPool1d], [LPPool2d] and [LPPool3d] share: PyTorch's
// _LPPoolNd.
type LPPoolNd struct {
	Module
	NormType   torch.Number // the p of the norm
	KernelSize torch.Sizes  // of a window
	Stride     torch.Sizes  // from window to window; nil: the kernel's size
	CeilMode   bool         // let windows begin in the input that end beyond it

	p    float64
	pool poolByNorm
}

// poolByNorm is a function of package functional.
type poolByNorm func(x *torch.Tensor, p float64, kernelSize torch.Sizes, options ...functional.LPPoolOptions) *torch.Tensor

func newLPPool(name string, f poolByNorm, normType torch.Number, kernelSize torch.Sizes, options []LPPoolOptions) LPPoolNd {
	o := option.First(options)
	l := LPPoolNd{pool: f, NormType: normType, KernelSize: kernelSize, Stride: o.Stride, CeilMode: o.CeilMode, p: toFloat(name, normType)}
	if l.p == 0 {
		panic(torch.Errorf("nn."+name, torch.ValueError, "norm_type must be a non-zero value, but got %s",
			python.Repr(normType)))
	}
	return l
}

func (l *LPPoolNd) forward(x *torch.Tensor) *torch.Tensor {
	return l.pool(x, l.p, l.KernelSize, functional.LPPoolOptions{Stride: l.Stride, CeilMode: l.CeilMode})
}

// ExtraRepr returns the options as Python prints them.
func (l *LPPoolNd) ExtraRepr() string {
	return fmt.Sprintf("norm_type=%s, kernel_size=%s, stride=%s, ceil_mode=%s",
		python.Repr(l.NormType), python.Option(l.KernelSize), python.Option(l.Stride), python.Repr(l.CeilMode))
}

// LPPool1d gives the p-norms of (batch × channels × length), with or without a
// batch, in windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
type LPPool1d struct {
	LPPoolNd // NormType, KernelSize, Stride, CeilMode
}

// LPPool1dOptions are the options of [NewLPPool1d].
type LPPool1dOptions = LPPoolOptions

// NewLPPool1d returns the layer for norms of the given p. It panics if p is 0.
func NewLPPool1d(normType torch.Number, kernelSize torch.Sizes, options ...LPPool1dOptions) *LPPool1d {
	return Init(&LPPool1d{newLPPool("LPPool1d", functional.LPPool1d, normType, kernelSize, options)})
}

// Forward returns the p-norms of x, (batch ×) channels × length, in windows. It
// panics on sizes that do not fit.
func (l *LPPool1d) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

// LPPool2d gives the p-norms of (batch × channels × height × width), with or without
// a batch, in windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
type LPPool2d struct {
	LPPoolNd // NormType, KernelSize, Stride, CeilMode
}

// LPPool2dOptions are the options of [NewLPPool2d].
type LPPool2dOptions = LPPoolOptions

// NewLPPool2d returns the layer for norms of the given p. It panics if p is 0.
func NewLPPool2d(normType torch.Number, kernelSize torch.Sizes, options ...LPPool2dOptions) *LPPool2d {
	return Init(&LPPool2d{newLPPool("LPPool2d", functional.LPPool2d, normType, kernelSize, options)})
}

// Forward returns the p-norms of x, (batch ×) channels × height × width, in
// windows. It panics on sizes that do not fit.
func (l *LPPool2d) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

// LPPool3d gives the p-norms of (batch × channels × depth × height × width), with or
// without a batch, in windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
type LPPool3d struct {
	LPPoolNd // NormType, KernelSize, Stride, CeilMode
}

// LPPool3dOptions are the options of [NewLPPool3d].
type LPPool3dOptions = LPPoolOptions

// NewLPPool3d returns the layer for norms of the given p. It panics if p is 0.
func NewLPPool3d(normType torch.Number, kernelSize torch.Sizes, options ...LPPool3dOptions) *LPPool3d {
	return Init(&LPPool3d{newLPPool("LPPool3d", functional.LPPool3d, normType, kernelSize, options)})
}

// Forward returns the p-norms of x, (batch ×) channels × depth × height × width,
// in windows. It panics on sizes that do not fit.
func (l *LPPool3d) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }
