package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// UnfoldOptions are the options of [NewUnfold] and [NewFold].
type UnfoldOptions struct {
	Dilation torch.Sizes // from element to element of a window; default: 1
	Padding  torch.Sizes // with zeros at both sides; default: 0
	Stride   torch.Sizes // from window to window; default: 1
}

// windows are what Unfold and Fold share.
type windows struct {
	layer
	KernelSize torch.Sizes
	Dilation   torch.Sizes
	Padding    torch.Sizes
	Stride     torch.Sizes
}

func newWindows(kernelSize torch.Sizes, options []UnfoldOptions) windows {
	o := torch.First(options)
	return windows{KernelSize: kernelSize, Dilation: orSizes(o.Dilation, 1), Padding: orSizes(o.Padding, 0), Stride: orSizes(o.Stride, 1)}
}

func (w *windows) options() functional.UnfoldOptions {
	return functional.UnfoldOptions{Dilation: w.Dilation, Padding: w.Padding, Stride: w.Stride}
}

// ExtraRepr returns the options as Python prints them.
func (w *windows) ExtraRepr() string {
	return fmt.Sprintf("kernel_size=%s, dilation=%s, padding=%s, stride=%s",
		pythonOption(w.KernelSize), pythonOption(w.Dilation), pythonOption(w.Padding), pythonOption(w.Stride))
}

// Unfold gives the windows of (batch × channels × height × width), with or without a
// batch, as columns: batch × channels·window × windows.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
type Unfold struct{ windows }

// NewUnfold returns the layer.
func NewUnfold(kernelSize torch.Sizes, options ...UnfoldOptions) *Unfold {
	return Init(&Unfold{newWindows(kernelSize, options)})
}

func (u *Unfold) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Unfold(x, u.KernelSize, u.options())
}

// Fold sums columns up at the places of their windows in an image of OutputSize: the
// inverse of [Unfold] but for where windows overlap.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html
type Fold struct {
	windows
	OutputSize torch.Sizes
}

// FoldOptions are the options of [NewFold].
type FoldOptions = UnfoldOptions

// NewFold returns the layer for an output of the given height and width.
func NewFold(outputSize, kernelSize torch.Sizes, options ...FoldOptions) *Fold {
	return Init(&Fold{newWindows(kernelSize, options), outputSize})
}

func (f *Fold) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Fold(x, f.OutputSize, f.KernelSize, f.options())
}

// ExtraRepr returns the options as Python prints them.
func (f *Fold) ExtraRepr() string {
	return "output_size=" + pythonOption(f.OutputSize) + ", " + f.windows.ExtraRepr()
}
