package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// MaxPoolOptions are the options of max pooling.
type MaxPoolOptions struct {
	Stride   torch.Sizes // from window to window; default: the kernel's size
	Padding  torch.Sizes // with −∞ at both sides; default: 0
	Dilation torch.Sizes // from element to element of a window; default: 1
	CeilMode bool        // let windows begin in the input that end beyond it
}

// MaxPoolNd is what [MaxPool1d], [MaxPool2d] and [MaxPool3d] share: PyTorch's
// _MaxPoolNd.
type MaxPoolNd struct {
	Module
	KernelSize torch.Sizes // of a window
	Stride     torch.Sizes // from window to window
	Padding    torch.Sizes // with −∞ at both sides
	Dilation   torch.Sizes // from element to element of a window
	CeilMode   bool        // let windows begin in the input that end beyond it
}

func newMaxPoolNd(kernelSize torch.Sizes, options []MaxPoolOptions) MaxPoolNd {
	o := option.First(options)
	return MaxPoolNd{KernelSize: kernelSize, Stride: orSizes(o.Stride, kernelSize), Padding: orSizes(o.Padding, 0),
		Dilation: orSizes(o.Dilation, 1), CeilMode: o.CeilMode}
}

// orSizes returns sizes, or byDefault where they are nil.
func orSizes(v, byDefault torch.Sizes) torch.Sizes {
	if v == nil {
		return byDefault
	}
	return v
}

func (p *MaxPoolNd) options() functional.MaxPool1dOptions {
	return functional.MaxPool1dOptions{Stride: p.Stride, Padding: p.Padding, Dilation: p.Dilation, CeilMode: p.CeilMode}
}

// ExtraRepr returns the options as Python prints them.
func (p *MaxPoolNd) ExtraRepr() string {
	return fmt.Sprintf("kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s",
		python.Option(p.KernelSize), python.Option(p.Stride), python.Option(p.Padding), python.Option(p.Dilation), python.Repr(p.CeilMode))
}

// MaxPool1d gives the maxima of (batch × channels × length), with or without a
// batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
type MaxPool1d struct {
	MaxPoolNd // KernelSize, Stride, Padding, Dilation, CeilMode
}

// MaxPool1dOptions are the options of [NewMaxPool1d].
type MaxPool1dOptions = MaxPoolOptions

// NewMaxPool1d returns the layer.
func NewMaxPool1d(kernelSize torch.Sizes, options ...MaxPool1dOptions) *MaxPool1d {
	return Init(&MaxPool1d{newMaxPoolNd(kernelSize, options)})
}

// Forward returns the maxima of x, (batch ×) channels × length, in windows. It
// panics on sizes that do not fit.
func (p *MaxPool1d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *MaxPool1d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.MaxPool1d(x, p.KernelSize, p.options())
}

// ForwardWithIndices also returns where in x the maxima are (Int64).
func (p *MaxPool1d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.MaxPool1dWithIndices(x, p.KernelSize, functional.MaxPool1dWithIndicesOptions(p.options()))
	})
}

// MaxPool2d gives the maxima of (batch × channels × height × width), with or without
// a batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
type MaxPool2d struct {
	MaxPoolNd // KernelSize, Stride, Padding, Dilation, CeilMode
}

// MaxPool2dOptions are the options of [NewMaxPool2d].
type MaxPool2dOptions = MaxPoolOptions

// NewMaxPool2d returns the layer.
func NewMaxPool2d(kernelSize torch.Sizes, options ...MaxPool2dOptions) *MaxPool2d {
	return Init(&MaxPool2d{newMaxPoolNd(kernelSize, options)})
}

// Forward returns the maxima of x, (batch ×) channels × height × width, in
// windows. It panics on sizes that do not fit.
func (p *MaxPool2d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *MaxPool2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.MaxPool2d(x, p.KernelSize, functional.MaxPool2dOptions(p.options()))
}

// ForwardWithIndices also returns where in a channel of x the maxima are (Int64).
func (p *MaxPool2d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.MaxPool2dWithIndices(x, p.KernelSize, functional.MaxPool2dWithIndicesOptions(p.options()))
	})
}

// MaxPool3d gives the maxima of (batch × channels × depth × height × width), with or
// without a batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
type MaxPool3d struct {
	MaxPoolNd // KernelSize, Stride, Padding, Dilation, CeilMode
}

// MaxPool3dOptions are the options of [NewMaxPool3d].
type MaxPool3dOptions = MaxPoolOptions

// NewMaxPool3d returns the layer.
func NewMaxPool3d(kernelSize torch.Sizes, options ...MaxPool3dOptions) *MaxPool3d {
	return Init(&MaxPool3d{newMaxPoolNd(kernelSize, options)})
}

// Forward returns the maxima of x, (batch ×) channels × depth × height × width, in
// windows. It panics on sizes that do not fit.
func (p *MaxPool3d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *MaxPool3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.MaxPool3d(x, p.KernelSize, functional.MaxPool3dOptions(p.options()))
}

// ForwardWithIndices also returns where in a channel of x the maxima are (Int64).
func (p *MaxPool3d) ForwardWithIndices(x *torch.Tensor) (y, indices *torch.Tensor) {
	return p.pair(x, func(x *torch.Tensor) (y, indices *torch.Tensor) {
		return functional.MaxPool3dWithIndices(x, p.KernelSize, functional.MaxPool3dWithIndicesOptions(p.options()))
	})
}

// MaxUnpoolOptions are the options of the inverses of max pooling, those of the
// pooling.
type MaxUnpoolOptions struct {
	Stride  torch.Sizes // default: the kernel's size
	Padding torch.Sizes // default: 0
}

// MaxUnpoolNd is what [MaxUnpool1d], [MaxUnpool2d] and [MaxUnpool3d] share:
// PyTorch's _MaxUnpoolNd.
type MaxUnpoolNd struct {
	Module
	KernelSize []int // of a window
	Stride     []int // from window to window
	Padding    []int // at both sides, of the pooling

	unpool unpool
}

// unpool is a function of package functional.
type unpool func(x, indices *torch.Tensor, kernelSize torch.Sizes, options ...functional.MaxUnpoolOptions) *torch.Tensor

func newMaxUnpoolNd(name string, dims int, f unpool, kernelSize torch.Sizes, options []MaxUnpoolOptions) MaxUnpoolNd {
	o := option.First(options)
	op := "nn." + name
	return MaxUnpoolNd{unpool: f, KernelSize: sizes.Of(op, kernelSize, dims), Stride: sizes.Of(op, orSizes(o.Stride, kernelSize), dims),
		Padding: sizes.Or(op, o.Padding, 0, dims)}
}

// ForwardSize is Forward for an output of the given size, with or without batch and
// channels. It panics with the valid sizes if the pooling could not have had it.
func (u *MaxUnpoolNd) ForwardSize(x, indices *torch.Tensor, outputSize []int) *torch.Tensor {
	return u.Run2(x, indices, func(x, indices *torch.Tensor) *torch.Tensor {
		return u.unpool(x, indices, u.KernelSize, functional.MaxUnpoolOptions{Stride: u.Stride, Padding: u.Padding, OutputSize: outputSize})
	})
}

// ExtraRepr returns the options as Python prints them.
func (u *MaxUnpoolNd) ExtraRepr() string {
	return fmt.Sprintf("kernel_size=%s, stride=%s, padding=%s", tuple(u.KernelSize), tuple(u.Stride), tuple(u.Padding))
}

// MaxUnpool1d is the inverse of [MaxPool1d], but for the elements that it dropped.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
type MaxUnpool1d struct {
	MaxUnpoolNd // KernelSize, Stride, Padding
}

// MaxUnpool1dOptions are the options of [NewMaxUnpool1d].
type MaxUnpool1dOptions = MaxUnpoolOptions

// NewMaxUnpool1d returns the layer.
func NewMaxUnpool1d(kernelSize torch.Sizes, options ...MaxUnpool1dOptions) *MaxUnpool1d {
	return Init(&MaxUnpool1d{newMaxUnpoolNd("MaxUnpool1d", 1, functional.MaxUnpool1d, kernelSize, options)})
}

// Forward returns x at the indices that the pooling gave with it, and 0 elsewhere,
// in a tensor of the least size that the pooling may have had.
func (u *MaxUnpool1d) Forward(x, indices *torch.Tensor) *torch.Tensor {
	return u.ForwardSize(x, indices, nil)
}

// MaxUnpool2d is the inverse of [MaxPool2d], but for the elements that it dropped.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
type MaxUnpool2d struct {
	MaxUnpoolNd // KernelSize, Stride, Padding
}

// MaxUnpool2dOptions are the options of [NewMaxUnpool2d].
type MaxUnpool2dOptions = MaxUnpoolOptions

// NewMaxUnpool2d returns the layer.
func NewMaxUnpool2d(kernelSize torch.Sizes, options ...MaxUnpool2dOptions) *MaxUnpool2d {
	return Init(&MaxUnpool2d{newMaxUnpoolNd("MaxUnpool2d", 2, functional.MaxUnpool2d, kernelSize, options)})
}

// Forward returns x at the indices that the pooling gave with it, and 0 elsewhere,
// in a tensor of the least size that the pooling may have had.
func (u *MaxUnpool2d) Forward(x, indices *torch.Tensor) *torch.Tensor {
	return u.ForwardSize(x, indices, nil)
}

// MaxUnpool3d is the inverse of [MaxPool3d], but for the elements that it dropped.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
type MaxUnpool3d struct {
	MaxUnpoolNd // KernelSize, Stride, Padding
}

// MaxUnpool3dOptions are the options of [NewMaxUnpool3d].
type MaxUnpool3dOptions = MaxUnpoolOptions

// NewMaxUnpool3d returns the layer.
func NewMaxUnpool3d(kernelSize torch.Sizes, options ...MaxUnpool3dOptions) *MaxUnpool3d {
	return Init(&MaxUnpool3d{newMaxUnpoolNd("MaxUnpool3d", 3, functional.MaxUnpool3d, kernelSize, options)})
}

// Forward returns x at the indices that the pooling gave with it, and 0 elsewhere,
// in a tensor of the least size that the pooling may have had.
func (u *MaxUnpool3d) Forward(x, indices *torch.Tensor) *torch.Tensor {
	return u.ForwardSize(x, indices, nil)
}
