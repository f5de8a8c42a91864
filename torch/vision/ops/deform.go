package ops

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/functional"
)

// DeformConv2dOptions are the options of [NewDeformConv2d]. Lists are of height and
// width.
type DeformConv2dOptions struct {
	Stride   torch.Sizes // from window to window; default: 1
	Padding  torch.Sizes // zeros around the input; default: 0
	Dilation torch.Sizes // from element to element of a window; default: 1
	Groups   *int        // runs of channels that are convolved apart; default: 1
	Bias     *bool       // add a bias; default: true
}

// DeformConv2d is [functional.DeformConv2d] with a weight and a bias of its own.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.DeformConv2d.html
type DeformConv2d struct {
	nn.Module
	InChannels  int           // of the input
	OutChannels int           // of the output
	KernelSize  []int         // of a window
	Stride      []int         // from window to window
	Padding     []int         // zeros around the input
	Dilation    []int         // from element to element of a window
	Groups      int           // runs of channels that are convolved apart
	Weight      *torch.Tensor // out × in÷groups × kernel
	Bias        *torch.Tensor // out, or nil
}

// NewDeformConv2d returns a layer from in to out channels, whose parameters are drawn as
// those of nn.NewConv2d are. It panics where groups do not divide the channels.
func NewDeformConv2d(in, out int, kernelSize torch.Sizes, options ...DeformConv2dOptions) *DeformConv2d {
	const op = "ops.NewDeformConv2d"
	o := option.First(options)
	d := &DeformConv2d{InChannels: in, OutChannels: out, KernelSize: sizes.Of(op, kernelSize, 2), Stride: sizes.Or(op, o.Stride, 1, 2),
		Padding: sizes.Or(op, o.Padding, 0, 2), Dilation: sizes.Or(op, o.Dilation, 1, 2), Groups: option.Or(o.Groups, 1)}
	switch {
	case d.Groups <= 0:
		panic(torch.Errorf(op, torch.ValueError, "groups must be a positive integer"))
	case in%d.Groups != 0:
		panic(torch.Errorf(op, torch.ValueError, "in_channels must be divisible by groups"))
	case out%d.Groups != 0:
		panic(torch.Errorf(op, torch.ValueError, "out_channels must be divisible by groups"))
	}
	height, width := sizes.At(op, "kernelSize", d.KernelSize, 0), sizes.At(op, "kernelSize", d.KernelSize, 1)
	d.Weight = nn.NewParameter(torch.Empty([]int{out, in / d.Groups, height, width}))
	if option.Or(o.Bias, true) {
		d.Bias = nn.NewParameter(torch.Empty([]int{out}))
	}
	d.ResetParameters()
	return nn.Init(d)
}

// ResetParameters draws weight and bias anew.
func (d *DeformConv2d) ResetParameters() {
	nninit.KaimingUniform(d.Weight, nninit.KaimingOptions{A: math.Sqrt(5)})
	if d.Bias != nil {
		in, _ := nninit.FanInAndFanOut(d.Weight)
		bound := 1 / math.Sqrt(float64(in))
		nninit.Uniform(d.Bias, -bound, bound)
	}
}

// DeformConv2dForwardOptions are the options of [DeformConv2d.Forward].
type DeformConv2dForwardOptions struct {
	Mask *torch.Tensor // a factor for each element of each window; see functional.DeformConv2dOptions
}

// Forward returns the convolution of x, batch × in × height × width, by offsets: batch ×
// out × height × width. It panics where torchvision's library is not installed.
func (d *DeformConv2d) Forward(x, offset *torch.Tensor, options ...DeformConv2dForwardOptions) *torch.Tensor {
	return d.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{functional.DeformConv2d(inputs[0], inputs[1], d.Weight, functional.DeformConv2dOptions{
			Bias: d.Bias, Stride: d.Stride, Padding: d.Padding, Dilation: d.Dilation, Mask: inputs[2]})}
	}, x, offset, option.First(options).Mask)[0]
}

// ExtraRepr returns the options as Python prints them.
func (d *DeformConv2d) ExtraRepr() string {
	tuple := func(list []int) string { return python.Repr(python.TupleOf(list)) }
	var text strings.Builder
	fmt.Fprintf(&text, "%d, %d, kernel_size=%s, stride=%s", d.InChannels, d.OutChannels, tuple(d.KernelSize), tuple(d.Stride))
	if !slices.Equal(d.Padding, []int{0, 0}) {
		text.WriteString(", padding=" + tuple(d.Padding))
	}
	if !slices.Equal(d.Dilation, []int{1, 1}) {
		text.WriteString(", dilation=" + tuple(d.Dilation))
	}
	if d.Groups != 1 {
		fmt.Fprintf(&text, ", groups=%d", d.Groups)
	}
	if d.Bias == nil {
		text.WriteString(", bias=False")
	}
	return text.String()
}
