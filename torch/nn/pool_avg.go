package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// AvgPool1dOptions are the options of [NewAvgPool1d].
type AvgPool1dOptions struct {
	Stride          torch.Sizes // from window to window; default: the kernel's size
	Padding         torch.Sizes // with zeros at both sides; default: 0
	CeilMode        bool        // let windows begin in the input that end beyond it
	CountIncludePad *bool       // count the zeros of the padding; default: true
}

// AvgPoolOptions are the options of [NewAvgPool2d] and [NewAvgPool3d].
type AvgPoolOptions struct {
	Stride          torch.Sizes // from window to window; default: the kernel's size
	Padding         torch.Sizes // with zeros at both sides; default: 0
	CeilMode        bool        // let windows begin in the input that end beyond it
	CountIncludePad *bool       // count the zeros of the padding; default: true
	DivisorOverride *int        // divide by this, not by the size of a window
}

// AvgPoolNd is what [AvgPool1d], [AvgPool2d] and [AvgPool3d] share: PyTorch's
// _AvgPoolNd.
type AvgPoolNd struct {
	Module
	KernelSize      torch.Sizes // of a window
	Stride          torch.Sizes // from window to window
	Padding         torch.Sizes // with zeros at both sides
	CeilMode        bool        // let windows begin in the input that end beyond it
	CountIncludePad bool        // count the zeros of the padding
	DivisorOverride *int        // divide by this, not by the size of a window, or nil
}

func newAvgPoolNd(kernelSize torch.Sizes, o AvgPoolOptions) AvgPoolNd {
	return AvgPoolNd{KernelSize: kernelSize, Stride: orSizes(o.Stride, kernelSize), Padding: orSizes(o.Padding, 0), CeilMode: o.CeilMode,
		CountIncludePad: option.Or(o.CountIncludePad, true), DivisorOverride: o.DivisorOverride}
}

func (p *AvgPoolNd) options() functional.AvgPool2dOptions {
	return functional.AvgPool2dOptions{Stride: p.Stride, Padding: p.Padding, CeilMode: p.CeilMode,
		CountIncludePad: &p.CountIncludePad, DivisorOverride: p.DivisorOverride}
}

// ExtraRepr returns the options as Python prints them.
func (p *AvgPoolNd) ExtraRepr() string {
	return fmt.Sprintf("kernel_size=%s, stride=%s, padding=%s", python.Option(p.KernelSize), python.Option(p.Stride), python.Option(p.Padding))
}

// AvgPool1d gives the averages of (batch × channels × length), with or without a
// batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
type AvgPool1d struct {
	AvgPoolNd // KernelSize, Stride, Padding, CeilMode, CountIncludePad, DivisorOverride
}

// NewAvgPool1d returns the layer.
func NewAvgPool1d(kernelSize torch.Sizes, options ...AvgPool1dOptions) *AvgPool1d {
	const op = "nn.AvgPool1d"
	o := option.First(options)
	return Init(&AvgPool1d{newAvgPoolNd(sizes.Of(op, kernelSize, 1), AvgPoolOptions{
		Stride: sizes.Of(op, orSizes(o.Stride, kernelSize), 1), Padding: sizes.Or(op, o.Padding, 0, 1),
		CeilMode: o.CeilMode, CountIncludePad: o.CountIncludePad})})
}

// Forward returns the averages of x, (batch ×) channels × length, in windows. It
// panics on sizes that do not fit.
func (p *AvgPool1d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AvgPool1d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AvgPool1d(x, p.KernelSize, functional.AvgPool1dOptions{
		Stride: p.Stride, Padding: p.Padding, CeilMode: p.CeilMode, CountIncludePad: &p.CountIncludePad})
}

// AvgPool2d gives the averages of (batch × channels × height × width), with or
// without a batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
type AvgPool2d struct {
	AvgPoolNd // KernelSize, Stride, Padding, CeilMode, CountIncludePad, DivisorOverride
}

// AvgPool2dOptions are the options of [NewAvgPool2d].
type AvgPool2dOptions = AvgPoolOptions

// NewAvgPool2d returns the layer.
func NewAvgPool2d(kernelSize torch.Sizes, options ...AvgPool2dOptions) *AvgPool2d {
	return Init(&AvgPool2d{newAvgPoolNd(kernelSize, option.First(options))})
}

// Forward returns the averages of x, (batch ×) channels × height × width, in
// windows. It panics on sizes that do not fit.
func (p *AvgPool2d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AvgPool2d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AvgPool2d(x, p.KernelSize, p.options())
}

// AvgPool3d gives the averages of (batch × channels × depth × height × width), with
// or without a batch, in windows. Its Forward panics on sizes that do not fit.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
type AvgPool3d struct {
	AvgPoolNd // KernelSize, Stride, Padding, CeilMode, CountIncludePad, DivisorOverride
}

// AvgPool3dOptions are the options of [NewAvgPool3d].
type AvgPool3dOptions = AvgPoolOptions

// NewAvgPool3d returns the layer.
func NewAvgPool3d(kernelSize torch.Sizes, options ...AvgPool3dOptions) *AvgPool3d {
	return Init(&AvgPool3d{newAvgPoolNd(kernelSize, option.First(options))})
}

// Forward returns the averages of x, (batch ×) channels × depth × height × width,
// in windows. It panics on sizes that do not fit.
func (p *AvgPool3d) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *AvgPool3d) forward(x *torch.Tensor) *torch.Tensor {
	return functional.AvgPool3d(x, p.KernelSize, functional.AvgPool3dOptions(p.options()))
}
