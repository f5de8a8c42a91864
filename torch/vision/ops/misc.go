package ops

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// FrozenBatchNorm2d is batch normalisation whose statistics, weight and bias are fixed:
// buffers, which no training changes.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.FrozenBatchNorm2d.html
type FrozenBatchNorm2d struct {
	nn.Module
	Eps         float64       // added to variances
	Weight      *torch.Tensor `nn:",buffer"` // of as many elements as there are channels, as all are
	Bias        *torch.Tensor `nn:",buffer"`
	RunningMean *torch.Tensor `nn:",buffer"`
	RunningVar  *torch.Tensor `nn:",buffer"`
}

// FrozenBatchNorm2dOptions are the options of [NewFrozenBatchNorm2d].
type FrozenBatchNorm2dOptions struct {
	Eps *float64 // added to variances; default: 1e-5
}

// NewFrozenBatchNorm2d returns the layer for so many channels, which begins with
// statistics that change nothing. It takes the state of an nn.BatchNorm2d, too.
func NewFrozenBatchNorm2d(features int, options ...FrozenBatchNorm2dOptions) *FrozenBatchNorm2d {
	shape := []int{features}
	f := nn.Init(&FrozenBatchNorm2d{Eps: option.Or(option.First(options).Eps, 1e-5),
		Weight: torch.Ones(shape), Bias: torch.Zeros(shape), RunningMean: torch.Zeros(shape), RunningVar: torch.Ones(shape)})
	f.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) { dict.Delete(prefix + "num_batches_tracked") })
	return f
}

// Forward returns x, batch × channels × height × width, normalised.
func (f *FrozenBatchNorm2d) Forward(x *torch.Tensor) *torch.Tensor { return f.Run(x, f.forward) }

func (f *FrozenBatchNorm2d) forward(x *torch.Tensor) *torch.Tensor {
	each := func(t *torch.Tensor) *torch.Tensor { return t.Reshape(1, -1, 1, 1) }
	scale := each(f.Weight).Mul(each(f.RunningVar).Add(f.Eps).Rsqrt())
	return x.Mul(scale).Add(each(f.Bias).Sub(each(f.RunningMean).Mul(scale)))
}

// ExtraRepr returns the options as Python prints them.
func (f *FrozenBatchNorm2d) ExtraRepr() string {
	return fmt.Sprintf("%d, eps=%s", f.Weight.Size(0), python.Repr(f.Eps))
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

// SqueezeExcitationOptions are the options of [NewSqueezeExcitation].
type SqueezeExcitationOptions struct {
	Activation      func() nn.Layer // after the first layer; default: nn.NewReLU
	ScaleActivation func() nn.Layer // after the second; default: nn.NewSigmoid
}

// NewSqueezeExcitation returns the layer for so many channels, with another number of
// them between its two layers.
func NewSqueezeExcitation(inputChannels, squeezeChannels int, options ...SqueezeExcitationOptions) *SqueezeExcitation {
	const op = "ops.NewSqueezeExcitation"
	o := option.First(options)
	if o.Activation == nil {
		o.Activation = func() nn.Layer { return nn.NewReLU() }
	}
	if o.ScaleActivation == nil {
		o.ScaleActivation = func() nn.Layer { return nn.NewSigmoid() }
	}
	return nn.Init(&SqueezeExcitation{
		AvgPool:         nn.NewAdaptiveAvgPool2d(1),
		FC1:             nn.NewConv2d(inputChannels, squeezeChannels, 1),
		FC2:             nn.NewConv2d(squeezeChannels, inputChannels, 1),
		Activation:      mustMake(op, "Activation", o.Activation()),
		ScaleActivation: mustMake(op, "ScaleActivation", o.ScaleActivation()),
	})
}

// Forward returns x, batch × channels × height × width, scaled.
func (s *SqueezeExcitation) Forward(x *torch.Tensor) *torch.Tensor { return s.Run(x, s.forward) }

func (s *SqueezeExcitation) forward(x *torch.Tensor) *torch.Tensor {
	scale := s.FC2.Forward(nn.Call(s.Activation, s.FC1.Forward(s.AvgPool.Forward(x))))
	return nn.Call(s.ScaleActivation, scale).Mul(x)
}

// MLP is linear layers, each but the last with a normalisation, if there is one, an
// activation and a dropout after it.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.MLP.html
type MLP struct{ nn.Sequential }

// MLPOptions are the options of [NewMLP].
type MLPOptions struct {
	NormLayer       NormLayer       // default: none
	ActivationLayer func() nn.Layer // default: nn.NewReLU
	Inplace         bool            // of the default activation and of dropouts
	Bias            *bool           // of linear layers; default: true
	Dropout         float64         // the probability of zero
}

// NewMLP returns layers from so many features to those that hidden lists, of which
// there must be one at least.
func NewMLP(inChannels int, hiddenChannels []int, options ...MLPOptions) *MLP {
	const op = "ops.NewMLP"
	o := option.First(options)
	if len(hiddenChannels) == 0 {
		panic(torch.Errorf(op, torch.IndexError, "hiddenChannels must not be empty"))
	}
	if o.ActivationLayer == nil {
		o.ActivationLayer = func() nn.Layer { return nn.NewReLU(nn.ReLUOptions{Inplace: o.Inplace}) }
	}
	m := nn.Init(&MLP{})
	for i, channels := range hiddenChannels {
		m.Append(nn.NewLinear(inChannels, channels, nn.LinearOptions{Bias: o.Bias}))
		if i < len(hiddenChannels)-1 {
			if o.NormLayer != nil {
				m.Append(mustMake(op, "NormLayer", o.NormLayer(channels)))
			}
			m.Append(mustMake(op, "ActivationLayer", o.ActivationLayer()))
		}
		m.Append(nn.NewDropout(nn.DropoutOptions{P: &o.Dropout, Inplace: o.Inplace}))
		inChannels = channels
	}
	return m
}

// Permute is a layer that gives a view of its input with the dimensions in another
// order.
//
// https://docs.pytorch.org/vision/stable/generated/torchvision.ops.Permute.html
type Permute struct {
	nn.Module
	Dims []int // of the input, in the order of the result's
}

// NewPermute returns the layer.
func NewPermute(dims []int) *Permute { return nn.Init(&Permute{Dims: dims}) }

// Forward returns a view of x.
func (p *Permute) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *Permute) forward(x *torch.Tensor) *torch.Tensor { return x.Permute(p.Dims...) }
