package functional

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

// DeformConv2dOptions are the options of [DeformConv2d]. Lists are of height and width.
type DeformConv2dOptions struct {
	Bias     *torch.Tensor // added to each channel of the result
	Stride   torch.Sizes   // from window to window; default: 1
	Padding  torch.Sizes   // zeros around x; default: 0
	Dilation torch.Sizes   // from element to element of a window; default: 1
	Mask     *torch.Tensor // a factor for each element of each window, batch × groups·kernel height·kernel width × the result's height × width
}

// DeformConv2d returns a convolution of x, batch × in × height × width, whose windows'
// elements are moved by offsets: batch × out × height × width. weight is out × in÷groups
// × kernel height × kernel width; offset is batch × 2·groups·kernel height·kernel width ×
// the result's height × width, the pixels down and right of each element. Where there are
// fewer groups of offsets than channels, channels share them. Gradients flow to all
// tensors. It panics on shapes that do not fit, and where torchvision's library is not
// installed.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.deform_conv2d.html
func DeformConv2d(x, offset, weight *torch.Tensor, options ...DeformConv2dOptions) *torch.Tensor {
	const op = "functional.DeformConv2d"
	o := option.First(options)
	if x.Dim() != 4 || offset.Dim() != 4 || weight.Dim() != 4 {
		panic(torch.Errorf(op, torch.ValueError, "x, offset and weight should be 4 dimensional. Got %d, %d and %d dimensions.",
			x.Dim(), offset.Dim(), weight.Dim()))
	}
	like := torch.TensorOptions{DType: x.DType(), Device: x.Device()}
	mask, bias := o.Mask, o.Bias
	if mask == nil {
		mask = torch.Zeros([]int{x.Size(0), 1}, like)
	}
	if bias == nil {
		bias = torch.Zeros([]int{weight.Size(0)}, like)
	}
	window := 2 * weight.Size(2) * weight.Size(3)
	if window == 0 || offset.Size(1) < window || weight.Size(1) == 0 {
		panic(torch.Errorf(op, torch.RuntimeError, "the shape of the offset tensor at dimension 1 is not valid. It should be a multiple of"+
			" 2 * weight.size[2] * weight.size[3].\nGot offset.shape[1]=%d, while 2 * weight.size[2] * weight.size[3]=%d", offset.Size(1), window))
	}
	d := kernels.DeformConv2d{Stride: pair(op, "stride", o.Stride, 1), Padding: pair(op, "padding", o.Padding, 0),
		Dilation: pair(op, "dilation", o.Dilation, 1), Groups: x.Size(1) / weight.Size(1), OffsetGroups: offset.Size(1) / window, UseMask: o.Mask != nil}
	return d.Call(x, weight, offset, mask, bias)
}

// pair returns an option as a list of two.
func pair(op, name string, v torch.Sizes, byDefault int) []int {
	list := sizes.Or(op, v, byDefault, 2)
	sizes.At(op, name, list, 1)
	return list
}
