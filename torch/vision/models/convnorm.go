package models

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Conv2dNormActivation is a convolution without bias, a normalisation, and, unless
// there is none, an activation.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.Conv2dNormActivation.html
type Conv2dNormActivation struct{ nn.Sequential }

// convOptions are what a [Conv2dNormActivation] has besides its channels.
type convOptions struct {
	kernel, stride, dilation, groups int // 1 where 0
	norm                             NormLayer
	activation                       func() nn.Layer // nil is none
}

func newConv2dNormActivation(in, out int, o convOptions) *Conv2dNormActivation {
	kernel, dilation, groups := cmp.Or(o.kernel, 1), cmp.Or(o.dilation, 1), cmp.Or(o.groups, 1)
	c := nn.Init(&Conv2dNormActivation{})
	c.Append(nn.NewConv2d(in, out, kernel, nn.Conv2dOptions{
		Stride: cmp.Or(o.stride, 1), Padding: (kernel - 1) / 2 * dilation, Dilation: dilation, Groups: &groups, Bias: new(false)}))
	c.Append(o.norm(out))
	if o.activation != nil {
		c.Append(o.activation())
	}
	return c
}

// SqueezeExcitation multiplies each channel with a number between 0 and 1 that the
// means of all channels give.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.SqueezeExcitation.html
type SqueezeExcitation struct {
	nn.Module
	AvgPool         *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	FC1             *nn.Conv2d
	FC2             *nn.Conv2d
	Activation      nn.Layer
	ScaleActivation nn.Layer
}

func newSqueezeExcitation(channels, squeezed int) *SqueezeExcitation {
	return nn.Init(&SqueezeExcitation{
		AvgPool: nn.NewAdaptiveAvgPool2d(1),
		FC1:     nn.NewConv2d(channels, squeezed, 1), FC2: nn.NewConv2d(squeezed, channels, 1),
		Activation: nn.NewReLU(), ScaleActivation: nn.NewHardsigmoid(),
	})
}

// Forward returns x scaled.
func (s *SqueezeExcitation) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SqueezeExcitation) forward(x *torch.Tensor) *torch.Tensor {
	scale := s.FC2.Forward(nn.Call(s.Activation, s.FC1.Forward(s.AvgPool.Forward(x))))
	return nn.Call(s.ScaleActivation, scale).Mul(x)
}
