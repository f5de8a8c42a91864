package models

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// EfficientNet is a network whose depth, width and image size are scaled together.
//
// https://docs.pytorch.org/vision/stable/models/efficientnet.html
type EfficientNet struct {
	nn.Module
	Features   *nn.Sequential
	AvgPool    *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	Classifier *nn.Sequential
}

// MBConvConfig is a stage of an [EfficientNet].
type MBConvConfig struct {
	Fused                      bool // of [FusedMBConv]s instead of [MBConv]s
	ExpandRatio                float64
	Kernel, Stride             int // the stride is of the first block
	InputChannels, OutChannels int
	NumLayers                  int
}

// EfficientNetOptions are the options of [EfficientNet]s.
type EfficientNetOptions struct {
	Dropout             *float64  // the probability of zero before the last layer; default: the network's own, else 0
	StochasticDepthProb *float64  // the probability of leaving a block out rises to this one; default: 0.2
	NumClasses          *int      // default: 1000
	NormLayer           NormLayer // default: nn.NewBatchNorm2d, with the network's own options
	LastChannel         *int      // of the last convolution; default: the network's own, else four times those before it
}

// mbConv is what blocks are made of.
type mbConv struct {
	nn.Module
	Block           *nn.Sequential
	StochasticDepth *ops.StochasticDepth
	OutChannels     int

	added bool // the input is added
}

// MBConv makes more channels, convolves each by itself, weighs them, and makes fewer of them
// again.
type MBConv struct {
	mbConv // Block, StochasticDepth, OutChannels
}

// FusedMBConv is an [MBConv] whose first two convolutions are one.
type FusedMBConv struct {
	mbConv // Block, StochasticDepth, OutChannels
}

func newSiLU() nn.Layer { return nn.NewSiLU(nn.SiLUOptions{Inplace: true}) }

// newMBConv returns a block of a stage.
func newMBConv(c MBConvConfig, p float64, norm NormLayer) nn.Layer {
	if c.Stride != 1 && c.Stride != 2 {
		panic(torch.Errorf("models.NewEfficientNet", torch.ValueError, "illegal stride value %d, want 1 or 2", c.Stride))
	}
	layers := nn.NewSequential()
	add := func(in, out, kernel, stride, groups int, activation bool) {
		o := ops.Conv2dNormActivationOptions{KernelSize: kernel, Stride: stride, Groups: &groups, NormLayer: norm, NoActivation: !activation}
		if activation {
			o.ActivationLayer = newSiLU
		}
		layers.Append(ops.NewConv2dNormActivation(in, out, o))
	}
	expanded := divisible(float64(c.InputChannels) * c.ExpandRatio)
	expands := expanded != c.InputChannels
	switch {
	case c.Fused && expands:
		add(c.InputChannels, expanded, c.Kernel, c.Stride, 1, true)
		add(expanded, c.OutChannels, 1, 1, 1, false)
	case c.Fused:
		add(c.InputChannels, c.OutChannels, c.Kernel, c.Stride, 1, true)
	default:
		if expands {
			add(c.InputChannels, expanded, 1, 1, 1, true)
		}
		add(expanded, expanded, c.Kernel, c.Stride, expanded, true)
		layers.Append(ops.NewSqueezeExcitation(expanded, max(1, c.InputChannels/4), ops.SqueezeExcitationOptions{Activation: newSiLU}))
		add(expanded, c.OutChannels, 1, 1, 1, false)
	}
	block := mbConv{Block: layers, StochasticDepth: ops.NewStochasticDepth(p, "row"), OutChannels: c.OutChannels,
		added: c.Stride == 1 && c.InputChannels == c.OutChannels}
	if c.Fused {
		return nn.Init(&FusedMBConv{block})
	}
	return nn.Init(&MBConv{block})
}

// Forward returns the block's result, with x added if their shapes are the same.
func (b *mbConv) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *mbConv) forward(x *torch.Tensor) *torch.Tensor {
	y := b.Block.Forward(x)
	if b.added {
		y = b.StochasticDepth.Forward(y).AddInplace(x)
	}
	return y
}

// NewEfficientNet returns a network of stages. It panics without any, and on strides other
// than 1 and 2.
//
// https://docs.pytorch.org/vision/stable/models/efficientnet.html
func NewEfficientNet(stages []MBConvConfig, options ...EfficientNetOptions) *EfficientNet {
	o := option.First(options)
	if len(stages) == 0 {
		panic(torch.Errorf("models.NewEfficientNet", torch.ValueError, "The stages should not be empty"))
	}
	norm := o.NormLayer
	if norm == nil {
		norm = batchNorm
	}
	norm = mustMake(norm)
	activated := func(in, out, kernel, stride int) nn.Layer {
		return ops.NewConv2dNormActivation(in, out, ops.Conv2dNormActivationOptions{KernelSize: kernel, Stride: stride, NormLayer: norm, ActivationLayer: newSiLU})
	}
	total := 0
	for _, s := range stages {
		total += s.NumLayers
	}
	n := &EfficientNet{Features: nn.NewSequential(activated(3, stages[0].InputChannels, 3, 2))}
	block := 0
	for _, s := range stages {
		stage := nn.NewSequential()
		for i := range s.NumLayers {
			if i > 0 {
				s.InputChannels, s.Stride = s.OutChannels, 1
			}
			stage.Append(newMBConv(s, option.Or(o.StochasticDepthProb, 0.2)*float64(block)/float64(total), norm))
			block++
		}
		n.Features.Append(stage)
	}
	in := stages[len(stages)-1].OutChannels
	last := option.Or(o.LastChannel, 4*in)
	n.Features.Append(activated(in, last, 1, 1))
	n.AvgPool = nn.NewAdaptiveAvgPool2d(1)
	n.Classifier = nn.NewSequential(nn.NewDropout(nn.DropoutOptions{P: new(option.Or(o.Dropout, 0)), Inplace: true}),
		nn.NewLinear(last, option.Or(o.NumClasses, 1000)))
	nn.Init(n)
	for _, m := range n.Modules() {
		if linear, ok := m.(*nn.Linear); ok {
			bound := 1 / math.Sqrt(float64(linear.OutFeatures))
			nninit.Uniform(linear.Weight, -bound, bound)
			fill(linear.Bias, 0)
			continue
		}
		reset([]nn.AnyModule{m}, false)
	}
	return n
}

// Forward returns a score for each class, batch × classes.
func (n *EfficientNet) Forward(x *torch.Tensor) *torch.Tensor { return n.Run(x, n.forward) }

func (n *EfficientNet) forward(x *torch.Tensor) *torch.Tensor {
	return n.Classifier.Forward(n.AvgPool.Forward(n.Features.Forward(x)).Flatten(1))
}

// newEfficientNet returns a network with defaults of its own.
func newEfficientNet(stages []MBConvConfig, dropout float64, lastChannel *int, norm nn.BatchNormOptions, options []EfficientNetOptions) *EfficientNet {
	o := option.First(options)
	o.Dropout = new(option.Or(o.Dropout, dropout))
	if o.LastChannel == nil {
		o.LastChannel = lastChannel
	}
	if o.NormLayer == nil {
		o.NormLayer = func(channels int) nn.Layer { return nn.NewBatchNorm2d(channels, norm) }
	}
	return NewEfficientNet(stages, o)
}

// newEfficientNetB returns a network of the first version, of so many times the channels and
// the blocks of the smallest one.
func newEfficientNetB(width, depth, dropout float64, norm nn.BatchNormOptions, options []EfficientNetOptions) *EfficientNet {
	stages := []MBConvConfig{
		{false, 1, 3, 1, 32, 16, 1},
		{false, 6, 3, 2, 16, 24, 2},
		{false, 6, 5, 2, 24, 40, 2},
		{false, 6, 3, 2, 40, 80, 3},
		{false, 6, 5, 1, 80, 112, 3},
		{false, 6, 5, 2, 112, 192, 4},
		{false, 6, 3, 1, 192, 320, 1},
	}
	for i := range stages {
		s := &stages[i]
		s.InputChannels, s.OutChannels = divisible(float64(s.InputChannels)*width), divisible(float64(s.OutChannels)*width)
		s.NumLayers = int(math.Ceil(float64(s.NumLayers) * depth))
	}
	return newEfficientNet(stages, dropout, nil, norm, options)
}

// slowNorm is the normalisation of the largest networks of the first version.
var slowNorm = nn.BatchNormOptions{Eps: new(0.001), Momentum: new(0.01)}

// EfficientNetB0 returns the smallest EfficientNet, for images of 224 × 224.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b0.html
func EfficientNetB0(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1, 1, 0.2, nn.BatchNormOptions{}, options)
}

// EfficientNetB1 returns the EfficientNet for images of 240 × 240.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b1.html
func EfficientNetB1(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1, 1.1, 0.2, nn.BatchNormOptions{}, options)
}

// EfficientNetB2 returns the EfficientNet for images of 288 × 288.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b2.html
func EfficientNetB2(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1.1, 1.2, 0.3, nn.BatchNormOptions{}, options)
}

// EfficientNetB3 returns the EfficientNet for images of 300 × 300.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b3.html
func EfficientNetB3(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1.2, 1.4, 0.3, nn.BatchNormOptions{}, options)
}

// EfficientNetB4 returns the EfficientNet for images of 380 × 380.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b4.html
func EfficientNetB4(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1.4, 1.8, 0.4, nn.BatchNormOptions{}, options)
}

// EfficientNetB5 returns the EfficientNet for images of 456 × 456.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b5.html
func EfficientNetB5(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1.6, 2.2, 0.4, slowNorm, options)
}

// EfficientNetB6 returns the EfficientNet for images of 528 × 528.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b6.html
func EfficientNetB6(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(1.8, 2.6, 0.5, slowNorm, options)
}

// EfficientNetB7 returns the EfficientNet for images of 600 × 600.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_b7.html
func EfficientNetB7(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetB(2, 3.1, 0.5, slowNorm, options)
}

// newEfficientNetV2 returns a network of the second version.
func newEfficientNetV2(stages []MBConvConfig, dropout float64, options []EfficientNetOptions) *EfficientNet {
	return newEfficientNet(stages, dropout, new(1280), nn.BatchNormOptions{Eps: new(0.001)}, options)
}

// EfficientNetV2S returns the small EfficientNet of the second version, for images of 384 × 384.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_v2_s.html
func EfficientNetV2S(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetV2([]MBConvConfig{
		{true, 1, 3, 1, 24, 24, 2},
		{true, 4, 3, 2, 24, 48, 4},
		{true, 4, 3, 2, 48, 64, 4},
		{false, 4, 3, 2, 64, 128, 6},
		{false, 6, 3, 1, 128, 160, 9},
		{false, 6, 3, 2, 160, 256, 15},
	}, 0.2, options)
}

// EfficientNetV2M returns the medium EfficientNet of the second version, for images of 480 × 480.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_v2_m.html
func EfficientNetV2M(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetV2([]MBConvConfig{
		{true, 1, 3, 1, 24, 24, 3},
		{true, 4, 3, 2, 24, 48, 5},
		{true, 4, 3, 2, 48, 80, 5},
		{false, 4, 3, 2, 80, 160, 7},
		{false, 6, 3, 1, 160, 176, 14},
		{false, 6, 3, 2, 176, 304, 18},
		{false, 6, 3, 1, 304, 512, 5},
	}, 0.3, options)
}

// EfficientNetV2L returns the large EfficientNet of the second version, for images of 480 × 480.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.efficientnet_v2_l.html
func EfficientNetV2L(options ...EfficientNetOptions) *EfficientNet {
	return newEfficientNetV2([]MBConvConfig{
		{true, 1, 3, 1, 32, 32, 4},
		{true, 4, 3, 2, 32, 64, 7},
		{true, 4, 3, 2, 64, 96, 7},
		{false, 4, 3, 2, 96, 192, 10},
		{false, 6, 3, 1, 192, 224, 19},
		{false, 6, 3, 2, 224, 384, 25},
		{false, 6, 3, 1, 384, 640, 7},
	}, 0.4, options)
}
