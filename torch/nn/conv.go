package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// ConvNd is what [Conv1d], [Conv2d] and [Conv3d] share, and the base of
// [ConvTransposeNd]: PyTorch's _ConvNd.
type ConvNd struct {
	Module
	InChannels    int           // of the input
	OutChannels   int           // of the output
	KernelSize    []int         // of a window
	Stride        []int         // from window to window
	Padding       any           // a []int, "same" or "valid"
	Dilation      []int         // from element to element of a window
	OutputPadding []int         // of transposed convolutions
	Groups        int           // runs of channels that are convolved apart
	PaddingMode   PaddingMode   // "zeros", "reflect", "replicate" or "circular"
	Weight        *torch.Tensor // out × in÷groups × kernel, of transposed convolutions in × out÷groups × kernel
	Bias          *torch.Tensor // out, or nil

	dims       int
	transposed bool
}

// check panics on options that are not valid.
func (c *ConvNd) check(name string) {
	padding, named := c.Padding.(string)
	switch {
	case c.Groups <= 0:
		panic(torch.Errorf("nn."+name, torch.ValueError, "groups must be a positive integer"))
	case c.InChannels%c.Groups != 0:
		panic(torch.Errorf("nn."+name, torch.ValueError, "in_channels must be divisible by groups"))
	case c.OutChannels%c.Groups != 0:
		panic(torch.Errorf("nn."+name, torch.ValueError, "out_channels must be divisible by groups"))
	case named && padding != "same" && padding != "valid":
		panic(torch.Errorf("nn."+name, torch.ValueError,
			"Invalid padding string '%s', should be one of {'same', 'valid'}", padding))
	case padding == "same" && slices.ContainsFunc(c.Stride, func(s int) bool { return s != 1 }):
		panic(torch.Errorf("nn."+name, torch.ValueError, "padding='same' is not supported for strided convolutions"))
	case !slices.Contains([]PaddingMode{PaddingZeros, PaddingReflect, PaddingReplicate, PaddingCircular}, c.PaddingMode):
		panic(torch.Errorf("nn."+name, torch.ValueError,
			"padding_mode must be one of {'circular', 'reflect', 'replicate', 'zeros'}, but got padding_mode='%s'", c.PaddingMode))
	}
}

// inferred, as the number of channels in, leaves it to the first input.
const inferred = math.MinInt

// makeParameters checks the options and makes the parameters, uninitialized ones
// where the channels in are inferred.
func (c *ConvNd) makeParameters(name string, in int, bias *bool, t torch.TensorOptions) {
	if in != inferred {
		c.InChannels = in
	}
	c.check(name)
	c.Weight = NewUninitializedParameter(t)
	if option.Or(bias, true) {
		c.Bias = NewUninitializedParameter(t)
	}
	if in != inferred {
		c.initialize()
	}
}

// initialize gives the parameters their shapes, and draws them.
func (c *ConvNd) initialize() {
	shape := []int{c.OutChannels, c.InChannels / c.Groups}
	if c.transposed {
		shape = []int{c.InChannels, c.OutChannels / c.Groups}
	}
	Materialize(c.Weight, append(shape, c.KernelSize...)...)
	if c.Bias != nil {
		Materialize(c.Bias, c.OutChannels)
	}
	c.ResetParameters()
}

// ResetParameters draws weight and bias anew, unless they are uninitialized.
func (c *ConvNd) ResetParameters() {
	if IsUninitialized(c.Weight) {
		return
	}
	nninit.KaimingUniform(c.Weight, nninit.KaimingOptions{A: math.Sqrt(5)})
	if c.Bias != nil {
		bound := 0.0
		if in, _ := nninit.FanInAndFanOut(c.Weight); in > 0 {
			bound = 1 / math.Sqrt(float64(in))
		}
		nninit.Uniform(c.Bias, -bound, bound)
	}
}

// ExtraRepr returns the options as Python prints them.
func (c *ConvNd) ExtraRepr() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d, %d, kernel_size=%s, stride=%s", c.InChannels, c.OutChannels, tuple(c.KernelSize), tuple(c.Stride))
	unless := func(value int, name string, list []int) {
		if slices.ContainsFunc(list, func(v int) bool { return v != value }) {
			fmt.Fprintf(&text, ", %s=%s", name, tuple(list))
		}
	}
	if padding, ok := c.Padding.([]int); ok {
		unless(0, "padding", padding)
	} else {
		fmt.Fprintf(&text, ", padding=%s", c.Padding)
	}
	unless(1, "dilation", c.Dilation)
	unless(0, "output_padding", c.OutputPadding)
	if c.Groups != 1 {
		fmt.Fprintf(&text, ", groups=%d", c.Groups)
	}
	if c.Bias == nil {
		text.WriteString(", bias=False")
	}
	if c.PaddingMode != PaddingZeros {
		text.WriteString(", padding_mode=" + string(c.PaddingMode))
	}
	return text.String()
}

// PaddingMode says what a convolution sees beyond the edges of its input.
type PaddingMode string

// The padding modes of convolutions.
const (
	PaddingZeros     PaddingMode = "zeros"     // 0
	PaddingReflect   PaddingMode = "reflect"   // the elements in reverse, without the one at the edge
	PaddingReplicate PaddingMode = "replicate" // the element at the edge
	PaddingCircular  PaddingMode = "circular"  // the elements from the other edge
)

// ConvOptions are the options of convolutions.
type ConvOptions struct {
	Stride      torch.Sizes  // from window to window; default: 1
	Padding     any          // Sizes, "valid" for none or "same" for an output of the input's size; default: 0
	Dilation    torch.Sizes  // from element to element of a window; default: 1
	Groups      *int         // runs of channels that are convolved apart; default: 1
	Bias        *bool        // add a bias; default: true
	PaddingMode PaddingMode  // default: PaddingZeros
	Device      torch.Device // default: torch.DefaultDevice()
	DType       torch.DType  // default: Float32
}

// convolve are the functions of package functional for 1, 2 and 3 dimensions.
var convolve = [...]func(x, weight *torch.Tensor, o functional.Conv1dOptions) *torch.Tensor{
	func(x, weight *torch.Tensor, o functional.Conv1dOptions) *torch.Tensor {
		return functional.Conv1d(x, weight, o)
	},
	func(x, weight *torch.Tensor, o functional.Conv1dOptions) *torch.Tensor {
		return functional.Conv2d(x, weight, functional.Conv2dOptions(o))
	},
	func(x, weight *torch.Tensor, o functional.Conv1dOptions) *torch.Tensor {
		return functional.Conv3d(x, weight, functional.Conv3dOptions(o))
	},
}

// newConvolution returns a convolution over dims dimensions.
func newConvolution(name string, dims, in, out int, kernelSize torch.Sizes, options []ConvOptions) ConvNd {
	o := option.First(options)
	op := "nn." + name
	c := ConvNd{dims: dims, OutChannels: out, KernelSize: sizes.Of(op, kernelSize, dims), Stride: sizes.Or(op, o.Stride, 1, dims),
		Padding: o.Padding, Dilation: sizes.Or(op, o.Dilation, 1, dims), OutputPadding: make([]int, dims), Groups: option.Or(o.Groups, 1),
		PaddingMode: cmp.Or(o.PaddingMode, PaddingZeros)}
	if _, named := o.Padding.(string); !named {
		c.Padding = sizes.Or(op, o.Padding, 0, dims)
	}
	c.makeParameters(name, in, o.Bias, torch.TensorOptions{Device: o.Device, DType: o.DType})
	return c
}

func (c *ConvNd) forward(x *torch.Tensor) *torch.Tensor {
	padding := c.Padding
	if c.PaddingMode != PaddingZeros {
		x = functional.Pad(x, c.widths(), functional.PadOptions{Mode: torch.PadMode(c.PaddingMode)})
		padding = 0
	}
	return convolve[c.dims-1](x, c.Weight, functional.Conv1dOptions{
		Bias: c.Bias, Stride: c.Stride, Padding: padding, Dilation: c.Dilation, Groups: &c.Groups})
}

// widths returns the padding before and after, for the last dimension first. "same"
// pads by one more after than before where the total is odd.
func (c *ConvNd) widths() []int {
	var list []int
	op := "nn." + typeName(c.self)
	for d := len(c.KernelSize) - 1; d >= 0; d-- {
		var before, after int
		if padding, ok := c.Padding.([]int); ok {
			before = sizes.At(op, "padding", padding, d)
			after = before
		} else if c.Padding == "same" {
			total := sizes.At(op, "dilation", c.Dilation, d) * (c.KernelSize[d] - 1)
			before, after = total/2, total-total/2
		}
		list = append(list, before, after)
	}
	return list
}

// Conv1d is a convolution over (batch × channels × length), with or without a
// batch. Weight is out × in÷groups × kernel, Bias has out elements or is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
type Conv1d struct {
	ConvNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, Groups, PaddingMode, Weight, Bias
}

// Conv1dOptions are the options of [NewConv1d].
type Conv1dOptions = ConvOptions

// NewConv1d returns a layer from in to out channels. Weight and bias are drawn
// evenly from (−√k, √k), k being groups ÷ (in × the kernel's elements), in that
// order. It panics on options that are not valid.
func NewConv1d(in, out int, kernelSize torch.Sizes, options ...Conv1dOptions) *Conv1d {
	return Init(&Conv1d{newConvolution("Conv1d", 1, in, out, kernelSize, options)})
}

// Forward returns the convolution of x, (batch ×) in × length: (batch ×) out ×
// length. It panics where the channels or the length of x do not fit.
func (c *Conv1d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// Conv2d is a convolution over (batch × channels × height × width), with or without
// a batch. Weight is out × in÷groups × kernel, Bias has out elements or is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
type Conv2d struct {
	ConvNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, Groups, PaddingMode, Weight, Bias
}

// Conv2dOptions are the options of [NewConv2d].
type Conv2dOptions = ConvOptions

// NewConv2d is [NewConv1d] over two dimensions.
func NewConv2d(in, out int, kernelSize torch.Sizes, options ...Conv2dOptions) *Conv2d {
	return Init(&Conv2d{newConvolution("Conv2d", 2, in, out, kernelSize, options)})
}

// Forward returns the convolution of x, (batch ×) in × height × width: (batch ×)
// out × height × width. It panics where the channels or the size of x do not fit.
func (c *Conv2d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// Conv3d is a convolution over (batch × channels × depth × height × width), with or
// without a batch. Weight is out × in÷groups × kernel, Bias has out elements or is
// nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
type Conv3d struct {
	ConvNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, Groups, PaddingMode, Weight, Bias
}

// Conv3dOptions are the options of [NewConv3d].
type Conv3dOptions = ConvOptions

// NewConv3d is [NewConv1d] over three dimensions.
func NewConv3d(in, out int, kernelSize torch.Sizes, options ...Conv3dOptions) *Conv3d {
	return Init(&Conv3d{newConvolution("Conv3d", 3, in, out, kernelSize, options)})
}

// Forward returns the convolution of x, (batch ×) in × depth × height × width:
// (batch ×) out × depth × height × width. It panics where the channels or the size
// of x do not fit.
func (c *Conv3d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }
