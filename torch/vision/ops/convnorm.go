package ops

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/sizes"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// NormLayer makes a normalisation of so many channels.
type NormLayer = func(channels int) nn.Layer

// mustMake returns what a function of an option makes, which must not be nothing.
func mustMake(op, name string, layer nn.Layer) nn.Layer {
	argument.NotNil(op, "the layer that "+name+" returns", layer)
	return layer
}

// Conv2dNormActivationOptions are the options of [NewConv2dNormActivation] and
// [NewConv3dNormActivation].
type Conv2dNormActivationOptions struct {
	KernelSize      torch.Sizes     // default: 3
	Stride          torch.Sizes     // default: 1
	Padding         any             // an int, a []int, "same" or "valid"; default: what keeps the size, with a stride of 1 and odd kernels
	Groups          *int            // runs of channels that are convolved apart; default: 1
	NormLayer       NormLayer       // default: nn.NewBatchNorm2d, or nn.NewBatchNorm3d
	NoNorm          bool            // leave the normalisation out: Python's norm_layer=None
	ActivationLayer func() nn.Layer // default: nn.NewReLU
	NoActivation    bool            // leave the activation out: Python's activation_layer=None
	Dilation        torch.Sizes     // default: 1
	Inplace         *bool           // of the default activation; default: true
	Bias            *bool           // of the convolution; default: true without a normalisation
}

// Conv3dNormActivationOptions are the options of [NewConv3dNormActivation].
type Conv3dNormActivationOptions = Conv2dNormActivationOptions

// Conv2dNormActivation is a convolution, a normalisation and an activation, one after
// the other.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.Conv2dNormActivation.html
type Conv2dNormActivation struct {
	nn.Sequential
	OutChannels int
}

// NewConv2dNormActivation returns the layers, for batch × in × height × width. It panics
// on options that exclude each other.
func NewConv2dNormActivation(in, out int, options ...Conv2dNormActivationOptions) *Conv2dNormActivation {
	c := nn.Init(&Conv2dNormActivation{OutChannels: out})
	o := option.First(options)
	o.prepare("ops.NewConv2dNormActivation", 2, func(channels int) nn.Layer { return nn.NewBatchNorm2d(channels) })
	c.Append(nn.NewConv2d(in, out, o.KernelSize, o.convolution()))
	c.Append(o.following("ops.NewConv2dNormActivation", out)...)
	return c
}

// Conv3dNormActivation is [Conv2dNormActivation] over three dimensions.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.Conv3dNormActivation.html
type Conv3dNormActivation struct {
	nn.Sequential
	OutChannels int
}

// NewConv3dNormActivation returns the layers, for batch × in × depth × height × width. It
// panics on options that exclude each other.
func NewConv3dNormActivation(in, out int, options ...Conv3dNormActivationOptions) *Conv3dNormActivation {
	c := nn.Init(&Conv3dNormActivation{OutChannels: out})
	o := option.First(options)
	o.prepare("ops.NewConv3dNormActivation", 3, func(channels int) nn.Layer { return nn.NewBatchNorm3d(channels) })
	c.Append(nn.NewConv3d(in, out, o.KernelSize, o.convolution()))
	c.Append(o.following("ops.NewConv3dNormActivation", out)...)
	return c
}

// prepare checks the options and sets defaults.
func (o *Conv2dNormActivationOptions) prepare(op string, dims int, norm NormLayer) {
	refuse := func(words string) { panic(torch.Errorf(op, torch.TypeError, "%s", words)) }
	switch {
	case o.NoNorm && o.NormLayer != nil:
		refuse("NoNorm leaves out the NormLayer that is given")
	case o.NoActivation && o.ActivationLayer != nil:
		refuse("NoActivation leaves out the ActivationLayer that is given")
	case o.Inplace != nil && (o.NoActivation || o.ActivationLayer != nil):
		refuse("Inplace is for the default activation: ActivationLayer makes one in place or not")
	}
	if o.KernelSize == nil {
		o.KernelSize = 3
	}
	if o.NormLayer == nil {
		o.NormLayer = norm
	}
	if o.Padding == nil {
		o.Padding = same(op, o.KernelSize, o.Dilation, dims)
	}
}

// same returns the padding that keeps the size.
func same(op string, kernel, dilation torch.Sizes, dims int) []int {
	kernels, dilations := sizes.Of(op, kernel, dims), sizes.Or(op, dilation, 1, dims)
	padding := make([]int, dims)
	for d := range padding {
		padding[d] = (sizes.At(op, "kernelSize", kernels, d) - 1) / 2 * sizes.At(op, "dilation", dilations, d)
	}
	return padding
}

// convolution returns the options of the convolution.
func (o *Conv2dNormActivationOptions) convolution() nn.ConvOptions {
	return nn.ConvOptions{Stride: o.Stride, Padding: o.Padding, Dilation: o.Dilation, Groups: o.Groups,
		Bias: new(option.Or(o.Bias, o.NoNorm))}
}

// following returns the layers after the convolution.
func (o *Conv2dNormActivationOptions) following(op string, channels int) []nn.Layer {
	var layers []nn.Layer
	if !o.NoNorm {
		layers = append(layers, mustMake(op, "NormLayer", o.NormLayer(channels)))
	}
	switch {
	case o.NoActivation:
	case o.ActivationLayer != nil:
		layers = append(layers, mustMake(op, "ActivationLayer", o.ActivationLayer()))
	default:
		layers = append(layers, nn.NewReLU(nn.ReLUOptions{Inplace: option.Or(o.Inplace, true)}))
	}
	return layers
}
