package models

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// MobileNetV3 is a network for small machines: convolutions of each channel by itself,
// between others that mix the channels.
//
// https://docs.pytorch.org/vision/stable/models/mobilenetv3.html
type MobileNetV3 struct {
	nn.Module
	Features   *nn.Sequential
	AvgPool    *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	Classifier *nn.Sequential
}

// MobileNetV3Options are the options of [MobileNetV3]s.
type MobileNetV3Options struct {
	NumClasses  *int      // default: 1000
	Dropout     *float64  // the probability of zero before the last layer; default: 0.2
	WidthMult   *float64  // a factor for the number of channels; default: 1
	ReducedTail bool      // half the channels in the last layers
	Dilated     bool      // the last layers keep height and width, and look further
	NormLayer   NormLayer // default: nn.NewBatchNorm2d, with eps 0.001 and momentum 0.01
}

// residual is one [InvertedResidual], before WidthMult is applied.
type residual struct {
	in, kernel, expanded, out int
	squeeze, hard             bool // has a SqueezeExcitation; has Hardswish for ReLU
	stride, dilation          int
}

// InvertedResidual makes more channels, convolves each by itself, and makes fewer of
// them again.
type InvertedResidual struct {
	nn.Module
	Block       *nn.Sequential
	OutChannels int

	added  bool // the input is added
	halves bool // height and width, or would without dilation
}

func newHardswish() nn.Layer { return nn.NewHardswish(nn.HardswishOptions{Inplace: true}) }

// divisible returns a number of channels that 8 divides, at most a tenth less than v.
func divisible(v float64) int {
	n := max(8, int(v+4)/8*8)
	if float64(n) < 0.9*v {
		n += 8
	}
	return n
}

func newInvertedResidual(r residual, norm NormLayer) *InvertedResidual {
	activation := func() nn.Layer { return newReLU() }
	if r.hard {
		activation = newHardswish
	}
	b := nn.NewSequential()
	if r.expanded != r.in {
		b.Append(ops.NewConv2dNormActivation(r.in, r.expanded, ops.Conv2dNormActivationOptions{
			KernelSize: 1, NormLayer: norm, ActivationLayer: activation}))
	}
	stride := r.stride
	if r.dilation > 1 {
		stride = 1
	}
	b.Append(ops.NewConv2dNormActivation(r.expanded, r.expanded, ops.Conv2dNormActivationOptions{
		KernelSize: r.kernel, Stride: stride, Dilation: r.dilation, Groups: &r.expanded, NormLayer: norm, ActivationLayer: activation}))
	if r.squeeze {
		b.Append(ops.NewSqueezeExcitation(r.expanded, divisible(float64(r.expanded/4)), ops.SqueezeExcitationOptions{
			ScaleActivation: func() nn.Layer { return nn.NewHardsigmoid() }}))
	}
	b.Append(ops.NewConv2dNormActivation(r.expanded, r.out, ops.Conv2dNormActivationOptions{KernelSize: 1, NormLayer: norm, NoActivation: true}))
	return nn.Init(&InvertedResidual{Block: b, OutChannels: r.out, added: r.stride == 1 && r.in == r.out, halves: r.stride > 1})
}

// Forward returns the block's result.
func (r *InvertedResidual) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

func (r *InvertedResidual) forward(x *torch.Tensor) *torch.Tensor {
	result := r.Block.Forward(x)
	if r.added {
		result.AddInplace(x)
	}
	return result
}

// newMobileNetV3 returns a network whose tail, the last three residuals, is adapted to
// the options.
func newMobileNetV3(residuals []residual, last int, options []MobileNetV3Options) *MobileNetV3 {
	o := option.First(options)
	widthMult := option.Or(o.WidthMult, 1)
	norm := o.NormLayer
	if norm == nil {
		norm = func(channels int) nn.Layer {
			return nn.NewBatchNorm2d(channels, nn.BatchNormOptions{Eps: new(0.001), Momentum: new(0.01)})
		}
	}
	norm = mustMake(norm)
	tail := len(residuals) - 3
	residuals = append([]residual{}, residuals...)
	if o.ReducedTail {
		last /= 2
		residuals[tail].out /= 2
		for i := tail + 1; i < len(residuals); i++ {
			r := &residuals[i]
			r.in, r.expanded, r.out = r.in/2, r.expanded/2, r.out/2
		}
	}
	if o.Dilated {
		for i := tail; i < len(residuals); i++ {
			residuals[i].dilation = 2
		}
	}
	adjust := func(channels int) int { return divisible(float64(channels) * widthMult) }
	in := adjust(residuals[0].in)
	m := &MobileNetV3{Features: nn.NewSequential(ops.NewConv2dNormActivation(3, in, ops.Conv2dNormActivationOptions{
		Stride: 2, NormLayer: norm, ActivationLayer: newHardswish}))}
	for _, r := range residuals {
		r.in, r.expanded, r.out = adjust(r.in), adjust(r.expanded), adjust(r.out)
		m.Features.Append(newInvertedResidual(r, norm))
		in = r.out
	}
	m.Features.Append(ops.NewConv2dNormActivation(in, 6*in, ops.Conv2dNormActivationOptions{
		KernelSize: 1, NormLayer: norm, ActivationLayer: newHardswish}))
	m.AvgPool = nn.NewAdaptiveAvgPool2d(1)
	dropout := orP(o.Dropout, 0.2)
	dropout.Inplace = true
	last = adjust(last)
	m.Classifier = nn.NewSequential(nn.NewLinear(6*in, last), newHardswish(), nn.NewDropout(dropout), nn.NewLinear(last, option.Or(o.NumClasses, 1000)))
	nn.Init(m)
	reset(m.Modules(), true)
	return m
}

// Forward returns a score for each class, batch × classes.
func (m *MobileNetV3) Forward(x *torch.Tensor) *torch.Tensor { return m.Run(x, m.forward) }

func (m *MobileNetV3) forward(x *torch.Tensor) *torch.Tensor {
	return m.Classifier.Forward(m.AvgPool.Forward(m.Features.Forward(x)).Flatten(1))
}

// Stage is a layer of [MobileNetV3.Features] whose result others may take: the first, the
// last, and those that halve height and width.
type Stage struct {
	Index       int // in Features
	OutChannels int
}

// Stages returns the stages in order.
func (m *MobileNetV3) Stages() []Stage {
	var stages []Stage
	for i, layer := range m.Features.All() {
		switch l := layer.(type) {
		case *ops.Conv2dNormActivation:
			stages = append(stages, Stage{i, l.OutChannels})
		case *InvertedResidual:
			if l.halves {
				stages = append(stages, Stage{i, l.OutChannels})
			}
		}
	}
	return stages
}

// MobileNetV3Large returns the large MobileNetV3.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.mobilenet_v3_large.html
func MobileNetV3Large(options ...MobileNetV3Options) *MobileNetV3 {
	return newMobileNetV3([]residual{
		{16, 3, 16, 16, false, false, 1, 1},
		{16, 3, 64, 24, false, false, 2, 1},
		{24, 3, 72, 24, false, false, 1, 1},
		{24, 5, 72, 40, true, false, 2, 1},
		{40, 5, 120, 40, true, false, 1, 1},
		{40, 5, 120, 40, true, false, 1, 1},
		{40, 3, 240, 80, false, true, 2, 1},
		{80, 3, 200, 80, false, true, 1, 1},
		{80, 3, 184, 80, false, true, 1, 1},
		{80, 3, 184, 80, false, true, 1, 1},
		{80, 3, 480, 112, true, true, 1, 1},
		{112, 3, 672, 112, true, true, 1, 1},
		{112, 5, 672, 160, true, true, 2, 1},
		{160, 5, 960, 160, true, true, 1, 1},
		{160, 5, 960, 160, true, true, 1, 1},
	}, 1280, options)
}

// MobileNetV3Small returns the small MobileNetV3.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.mobilenet_v3_small.html
func MobileNetV3Small(options ...MobileNetV3Options) *MobileNetV3 {
	return newMobileNetV3([]residual{
		{16, 3, 16, 16, true, false, 2, 1},
		{16, 3, 72, 24, false, false, 2, 1},
		{24, 3, 88, 24, false, false, 1, 1},
		{24, 5, 96, 40, true, true, 2, 1},
		{40, 5, 240, 40, true, true, 1, 1},
		{40, 5, 240, 40, true, true, 1, 1},
		{40, 5, 120, 48, true, true, 1, 1},
		{48, 5, 144, 48, true, true, 1, 1},
		{48, 5, 288, 96, true, true, 2, 1},
		{96, 5, 576, 96, true, true, 1, 1},
		{96, 5, 576, 96, true, true, 1, 1},
	}, 1024, options)
}
