package models

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// ConvNeXt is a convolutional network that is built as transformers are.
//
// https://docs.pytorch.org/vision/stable/models/convnext.html
type ConvNeXt struct {
	nn.Module
	Features   *nn.Sequential
	AvgPool    *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	Classifier *nn.Sequential
}

// CNBlockConfig is a stage of a [ConvNeXt].
type CNBlockConfig struct {
	InputChannels int
	OutChannels   int // of the layer after the stage, which halves height and width; 0 for none
	NumLayers     int
}

// ConvNeXtOptions are the options of [ConvNeXt]s.
type ConvNeXtOptions struct {
	StochasticDepthProb *float64  // the probability of leaving the last block out, that of others rising to it; default: the network's own
	LayerScale          *float64  // what blocks' results are multiplied with at first; default: 1e-6
	NumClasses          *int      // default: 1000
	NormLayer           NormLayer // between stages; default: NewLayerNorm2d
}

// LayerNorm2d is layer normalisation over the channels of images.
type LayerNorm2d struct {
	nn.Module
	NormalizedShape []int
	Eps             float64
	Weight, Bias    *torch.Tensor // of as many elements as there are channels
}

// NewLayerNorm2d returns the layer for so many channels, with eps 1e-6.
func NewLayerNorm2d(channels int) *LayerNorm2d {
	shape := []int{channels}
	return nn.Init(&LayerNorm2d{NormalizedShape: shape, Eps: 1e-6, Weight: nn.NewParameter(torch.Ones(shape)), Bias: nn.NewParameter(torch.Zeros(shape))})
}

// Forward returns x, batch × channels × height × width, normalised.
func (l *LayerNorm2d) Forward(x *torch.Tensor) *torch.Tensor { return l.Run(x, l.forward) }

func (l *LayerNorm2d) forward(x *torch.Tensor) *torch.Tensor {
	x = functional.LayerNorm(x.Permute(0, 2, 3, 1), l.NormalizedShape, functional.NormOptions{Weight: l.Weight, Bias: l.Bias, Eps: &l.Eps})
	return x.Permute(0, 3, 1, 2)
}

// ExtraRepr returns the options as Python prints them.
func (l *LayerNorm2d) ExtraRepr() string {
	return fmt.Sprintf("%s, eps=%s, elementwise_affine=True, bias=True", python.Option(l.NormalizedShape), python.Repr(l.Eps))
}

// CNBlock convolves each channel by itself and mixes the channels then; the result is scaled
// and added to the input.
type CNBlock struct {
	nn.Module
	LayerScale      *torch.Tensor // channels × 1 × 1
	Block           *nn.Sequential
	StochasticDepth *ops.StochasticDepth
}

func newCNBlock(dim int, layerScale, p float64) *CNBlock {
	return nn.Init(&CNBlock{
		Block: nn.NewSequential(
			nn.NewConv2d(dim, dim, 7, nn.Conv2dOptions{Padding: 3, Groups: &dim}),
			ops.NewPermute([]int{0, 2, 3, 1}),
			nn.NewLayerNorm(dim, nn.LayerNormOptions{Eps: new(1e-6)}),
			nn.NewLinear(dim, 4*dim),
			nn.NewGELU(),
			nn.NewLinear(4*dim, dim),
			ops.NewPermute([]int{0, 3, 1, 2}),
		),
		LayerScale:      nn.NewParameter(torch.Ones([]int{dim, 1, 1}).Mul(layerScale)),
		StochasticDepth: ops.NewStochasticDepth(p, "row"),
	})
}

// Forward returns x, batch × channels × height × width, with the block's result added.
func (b *CNBlock) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *CNBlock) forward(x *torch.Tensor) *torch.Tensor {
	return b.StochasticDepth.Forward(b.LayerScale.Mul(b.Block.Forward(x))).AddInplace(x)
}

// NewConvNeXt returns a network of stages. It panics unless they have two blocks or more.
//
// https://docs.pytorch.org/vision/stable/models/convnext.html
func NewConvNeXt(stages []CNBlockConfig, options ...ConvNeXtOptions) *ConvNeXt {
	const op = "models.NewConvNeXt"
	o := option.First(options)
	norm := o.NormLayer
	if norm == nil {
		norm = func(channels int) nn.Layer { return NewLayerNorm2d(channels) }
	}
	norm = mustMake(norm)
	total := 0
	for _, s := range stages {
		total += s.NumLayers
	}
	if len(stages) == 0 || total < 2 {
		panic(torch.Errorf(op, torch.ValueError, "want stages with two blocks or more, got %d stages with %d", len(stages), total))
	}
	first, last := stages[0], stages[len(stages)-1]
	n := &ConvNeXt{Features: nn.NewSequential(ops.NewConv2dNormActivation(3, first.InputChannels, ops.Conv2dNormActivationOptions{
		KernelSize: 4, Stride: 4, Padding: 0, NormLayer: norm, NoActivation: true, Bias: new(true)}))}
	block := 0
	for _, s := range stages {
		stage := nn.NewSequential()
		for range s.NumLayers {
			p := option.Or(o.StochasticDepthProb, 0) * float64(block) / float64(total-1)
			stage.Append(newCNBlock(s.InputChannels, option.Or(o.LayerScale, 1e-6), p))
			block++
		}
		n.Features.Append(stage)
		if s.OutChannels > 0 {
			n.Features.Append(nn.NewSequential(norm(s.InputChannels), nn.NewConv2d(s.InputChannels, s.OutChannels, 2, nn.Conv2dOptions{Stride: 2})))
		}
	}
	channels := last.OutChannels
	if channels == 0 {
		channels = last.InputChannels
	}
	n.AvgPool = nn.NewAdaptiveAvgPool2d(1)
	n.Classifier = nn.NewSequential(norm(channels), nn.NewFlatten(), nn.NewLinear(channels, option.Or(o.NumClasses, 1000)))
	nn.Init(n)
	for _, m := range n.Modules() {
		switch m := m.(type) {
		case *nn.Conv2d:
			nninit.TruncNormal(m.Weight, nninit.TruncNormalOptions{Std: new(0.02)})
			fill(m.Bias, 0)
		case *nn.Linear:
			nninit.TruncNormal(m.Weight, nninit.TruncNormalOptions{Std: new(0.02)})
			fill(m.Bias, 0)
		}
	}
	return n
}

// Forward returns a score for each class, batch × classes.
func (n *ConvNeXt) Forward(x *torch.Tensor) *torch.Tensor { return n.Run(x, n.forward) }

func (n *ConvNeXt) forward(x *torch.Tensor) *torch.Tensor {
	return n.Classifier.Forward(n.AvgPool.Forward(n.Features.Forward(x)))
}

// newConvNeXt returns a network of four stages, each of twice the channels of the one before.
func newConvNeXt(channels, third int, p float64, options []ConvNeXtOptions) *ConvNeXt {
	o := option.First(options)
	o.StochasticDepthProb = new(option.Or(o.StochasticDepthProb, p))
	return NewConvNeXt([]CNBlockConfig{
		{channels, 2 * channels, 3}, {2 * channels, 4 * channels, 3}, {4 * channels, 8 * channels, third}, {8 * channels, 0, 3},
	}, o)
}

// ConvNeXtTiny returns the tiny ConvNeXt.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.convnext_tiny.html
func ConvNeXtTiny(options ...ConvNeXtOptions) *ConvNeXt { return newConvNeXt(96, 9, 0.1, options) }

// ConvNeXtSmall returns the small ConvNeXt.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.convnext_small.html
func ConvNeXtSmall(options ...ConvNeXtOptions) *ConvNeXt { return newConvNeXt(96, 27, 0.4, options) }

// ConvNeXtBase returns the base ConvNeXt.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.convnext_base.html
func ConvNeXtBase(options ...ConvNeXtOptions) *ConvNeXt { return newConvNeXt(128, 27, 0.5, options) }

// ConvNeXtLarge returns the large ConvNeXt.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.convnext_large.html
func ConvNeXtLarge(options ...ConvNeXtOptions) *ConvNeXt { return newConvNeXt(192, 27, 0.5, options) }
