package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// ConvTransposeOptions are the options of transposed convolutions. Stride, Padding
// and Dilation are those of the convolution that they are the gradient of.
type ConvTransposeOptions struct {
	Stride        torch.Sizes  // default: 1
	Padding       torch.Sizes  // default: 0
	OutputPadding torch.Sizes  // added to the output's size at one side; default: 0
	Groups        *int         // runs of channels that are convolved apart; default: 1
	Bias          *bool        // add a bias; default: true
	Dilation      torch.Sizes  // default: 1
	PaddingMode   PaddingMode  // PaddingZeros only; default: PaddingZeros
	Device        torch.Device // default: torch.DefaultDevice()
	DType         torch.DType  // default: Float32
}

// ConvTransposeNd is what [ConvTranspose1d], [ConvTranspose2d] and
// [ConvTranspose3d] share: PyTorch's _ConvTransposeNd.
type ConvTransposeNd struct {
	ConvNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, OutputPadding, Groups, PaddingMode, Weight, Bias
}

// convolveTransposed are the functions of package functional for 1, 2 and 3
// dimensions.
var convolveTransposed = [...]func(x, weight *torch.Tensor, o functional.ConvTranspose1dOptions) *torch.Tensor{
	func(x, weight *torch.Tensor, o functional.ConvTranspose1dOptions) *torch.Tensor {
		return functional.ConvTranspose1d(x, weight, o)
	},
	func(x, weight *torch.Tensor, o functional.ConvTranspose1dOptions) *torch.Tensor {
		return functional.ConvTranspose2d(x, weight, functional.ConvTranspose2dOptions(o))
	},
	func(x, weight *torch.Tensor, o functional.ConvTranspose1dOptions) *torch.Tensor {
		return functional.ConvTranspose3d(x, weight, functional.ConvTranspose3dOptions(o))
	},
}

// newTransposedConvolution returns a transposed convolution over dims dimensions.
func newTransposedConvolution(name string, dims, in, out int, kernelSize torch.Sizes, options []ConvTransposeOptions) ConvTransposeNd {
	o := option.First(options)
	op := "nn." + name
	if o.PaddingMode != "" && o.PaddingMode != PaddingZeros {
		panic(torch.Errorf("nn."+name, torch.ValueError, `Only "zeros" padding mode is supported for %s`, name))
	}
	c := ConvNd{dims: dims, OutChannels: out, KernelSize: sizes.Of(op, kernelSize, dims), Stride: sizes.Or(op, o.Stride, 1, dims),
		Padding: sizes.Or(op, o.Padding, 0, dims), Dilation: sizes.Or(op, o.Dilation, 1, dims), OutputPadding: sizes.Or(op, o.OutputPadding, 0, dims),
		Groups: option.Or(o.Groups, 1), PaddingMode: PaddingZeros, transposed: true}
	c.makeParameters(name, in, o.Bias, torch.TensorOptions{Device: o.Device, DType: o.DType})
	return ConvTransposeNd{c}
}

func (c *ConvTransposeNd) forward(x *torch.Tensor) *torch.Tensor {
	return c.transpose(x, c.OutputPadding)
}

func (c *ConvTransposeNd) transpose(x *torch.Tensor, outputPadding []int) *torch.Tensor {
	return convolveTransposed[c.dims-1](x, c.Weight, functional.ConvTranspose1dOptions{
		Bias: c.Bias, Stride: c.Stride, Padding: c.Padding, OutputPadding: outputPadding, Dilation: c.Dilation, Groups: &c.Groups})
}

// ForwardSize is Forward for an output of the given size, with or without batch
// and channels, in place of OutputPadding. It panics with the valid sizes if the
// stride does not allow for it.
func (c *ConvTransposeNd) ForwardSize(x *torch.Tensor, outputSize []int) *torch.Tensor {
	return c.Run(x, func(x *torch.Tensor) *torch.Tensor { return c.transpose(x, c.paddingFor(x, outputSize)) })
}

// paddingFor returns the output padding for an output of the given size.
func (c *ConvTransposeNd) paddingFor(x *torch.Tensor, size []int) []int {
	dims := c.dims
	others := 1
	if x.Dim() == dims+2 {
		others = 2
	}
	if len(size) == others+dims {
		size = size[others:]
	}
	if len(size) != dims {
		panic(torch.Errorf("nn."+typeName(c.self), torch.ValueError,
			"ConvTranspose%dD: for %dD input, output_size must have %d or %d elements (got %d)", dims, x.Dim(), dims, others+dims, len(size)))
	}
	least, most, padding := make([]int, dims), make([]int, dims), make([]int, dims)
	valid := true
	op := "nn." + typeName(c.self)
	was := sizes.Of(op, c.Padding, dims)
	for d := range dims {
		stride, kernel := sizes.At(op, "stride", c.Stride, d), sizes.At(op, "kernel_size", c.KernelSize, d)
		least[d] = (x.Size(others+d)-1)*stride - 2*sizes.At(op, "padding", was, d) + sizes.At(op, "dilation", c.Dilation, d)*(kernel-1) + 1
		most[d] = least[d] + stride - 1
		padding[d] = size[d] - least[d]
		valid = valid && least[d] <= size[d] && size[d] <= most[d]
	}
	if !valid {
		panic(torch.Errorf("nn."+typeName(c.self), torch.ValueError,
			"requested an output size of %s, but valid sizes range from %s to %s (for an input of torch.Size(%s))", list(size), list(least), list(most), list(sizes.After(x.Shape(), 2))))
	}
	return padding
}

// ConvTranspose1d is a transposed convolution over (batch × channels × length), with
// or without a batch. Weight is in × out÷groups × kernel, Bias has out elements or
// is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
type ConvTranspose1d struct {
	ConvTransposeNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, OutputPadding, Groups, PaddingMode, Weight, Bias
}

// ConvTranspose1dOptions are the options of [NewConvTranspose1d].
type ConvTranspose1dOptions = ConvTransposeOptions

// NewConvTranspose1d returns a layer from in to out channels. Weight and bias are
// drawn evenly from (−√k, √k), k being groups ÷ (out × the kernel's elements), in
// that order. It panics on options that are not valid.
func NewConvTranspose1d(in, out int, kernelSize torch.Sizes, options ...ConvTranspose1dOptions) *ConvTranspose1d {
	return Init(&ConvTranspose1d{newTransposedConvolution("ConvTranspose1d", 1, in, out, kernelSize, options)})
}

// Forward returns the transposed convolution of x, (batch ×) in × length: (batch
// ×) out × length. It panics where the channels of x do not fit.
func (c *ConvTranspose1d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// ConvTranspose2d is a transposed convolution over (batch × channels × height ×
// width), with or without a batch. Weight is in × out÷groups × kernel, Bias has out
// elements or is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
type ConvTranspose2d struct {
	ConvTransposeNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, OutputPadding, Groups, PaddingMode, Weight, Bias
}

// ConvTranspose2dOptions are the options of [NewConvTranspose2d].
type ConvTranspose2dOptions = ConvTransposeOptions

// NewConvTranspose2d is [NewConvTranspose1d] over two dimensions.
func NewConvTranspose2d(in, out int, kernelSize torch.Sizes, options ...ConvTranspose2dOptions) *ConvTranspose2d {
	return Init(&ConvTranspose2d{newTransposedConvolution("ConvTranspose2d", 2, in, out, kernelSize, options)})
}

// Forward returns the transposed convolution of x, (batch ×) in × height × width:
// (batch ×) out × height × width. It panics where the channels of x do not fit.
func (c *ConvTranspose2d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

// ConvTranspose3d is a transposed convolution over (batch × channels × depth ×
// height × width), with or without a batch. Weight is in × out÷groups × kernel, Bias
// has out elements or is nil.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
type ConvTranspose3d struct {
	ConvTransposeNd // InChannels, OutChannels, KernelSize, Stride, Padding, Dilation, OutputPadding, Groups, PaddingMode, Weight, Bias
}

// ConvTranspose3dOptions are the options of [NewConvTranspose3d].
type ConvTranspose3dOptions = ConvTransposeOptions

// NewConvTranspose3d is [NewConvTranspose1d] over three dimensions.
func NewConvTranspose3d(in, out int, kernelSize torch.Sizes, options ...ConvTranspose3dOptions) *ConvTranspose3d {
	return Init(&ConvTranspose3d{newTransposedConvolution("ConvTranspose3d", 3, in, out, kernelSize, options)})
}

// Forward returns the transposed convolution of x, (batch ×) in × depth × height ×
// width: (batch ×) out × depth × height × width. It panics where the channels of x
// do not fit.
func (c *ConvTranspose3d) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }
