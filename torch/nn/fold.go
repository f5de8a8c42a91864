package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// UnfoldOptions are the options of [NewUnfold] and [NewFold].
type UnfoldOptions struct {
	Dilation torch.Sizes // from element to element of a window; default: 1
	Padding  torch.Sizes // with zeros at both sides; default: 0
	Stride   torch.Sizes // from window to window; default: 1
}

// Windows are what [Unfold] and [Fold] share: those of a convolution.
type Windows struct {
	Module
	KernelSize torch.Sizes // of a window
	Dilation   torch.Sizes // from element to element of a window
	Padding    torch.Sizes // with zeros at both sides
	Stride     torch.Sizes // from window to window
}

func newWindows(kernelSize torch.Sizes, options []UnfoldOptions) Windows {
	o := option.First(options)
	return Windows{KernelSize: kernelSize, Dilation: orSizes(o.Dilation, 1), Padding: orSizes(o.Padding, 0), Stride: orSizes(o.Stride, 1)}
}

func (w *Windows) options() functional.UnfoldOptions {
	return functional.UnfoldOptions{Dilation: w.Dilation, Padding: w.Padding, Stride: w.Stride}
}

// ExtraRepr returns the options as Python prints them.
func (w *Windows) ExtraRepr() string {
	return fmt.Sprintf("kernel_size=%s, dilation=%s, padding=%s, stride=%s",
		python.Option(w.KernelSize), python.Option(w.Dilation), python.Option(w.Padding), python.Option(w.Stride))
}

// Unfold gives the windows of (batch × channels × height × width), with or without a
// batch, as columns: batch × channels·window × windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
type Unfold struct {
	Windows // KernelSize, Dilation, Padding, Stride
}

// NewUnfold returns the layer.
func NewUnfold(kernelSize torch.Sizes, options ...UnfoldOptions) *Unfold {
	return Init(&Unfold{newWindows(kernelSize, options)})
}

// Forward returns the windows of x, (batch ×) channels × height × width, as
// columns: (batch ×) channels·window × windows.
func (u *Unfold) Forward(x *torch.Tensor) *torch.Tensor { return u.Run(x, u.forward) }

func (u *Unfold) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Unfold(x, u.KernelSize, u.options())
}

// Fold sums columns up at the places of their windows in an image of OutputSize: the
// inverse of [Unfold] but for where windows overlap.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html
type Fold struct {
	Windows    // KernelSize, Dilation, Padding, Stride
	OutputSize torch.Sizes
}

// FoldOptions are the options of [NewFold].
type FoldOptions = UnfoldOptions

// NewFold returns the layer for an output of the given height and width.
func NewFold(outputSize, kernelSize torch.Sizes, options ...FoldOptions) *Fold {
	return Init(&Fold{newWindows(kernelSize, options), outputSize})
}

// Forward returns an image of OutputSize that has the sums of the columns of x,
// (batch ×) channels·window × windows, at their places.
func (f *Fold) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

func (f *Fold) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Fold(x, f.OutputSize, f.KernelSize, f.options())
}

// ExtraRepr returns the options as Python prints them.
func (f *Fold) ExtraRepr() string {
	return "output_size=" + python.Option(f.OutputSize) + ", " + f.Windows.ExtraRepr()
}
