package models

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// VGG is rows of convolutions of 3 × 3 with a maximum after each, and three linear
// layers. Images have at least 32 × 32 pixels.
//
// https://docs.pytorch.org/vision/stable/models/vgg.html
type VGG struct {
	nn.Module
	Features   *nn.Sequential
	AvgPool    *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	Classifier *nn.Sequential
}

// VGGOptions are the options of [VGG]s.
type VGGOptions struct {
	NumClasses  *int     // default: 1000
	InitWeights *bool    // draw the parameters as VGG does, not as the layers do; default: true
	Dropout     *float64 // the probability of zero between linear layers; default: 0.5
}

// newVGG returns a network of five rows of so many convolutions each.
func newVGG(rows [5]int, normalized bool, options []VGGOptions) *VGG {
	o := option.First(options)
	v := &VGG{Features: nn.NewSequential(), AvgPool: nn.NewAdaptiveAvgPool2d([]int{7, 7})}
	in := 3
	for i, n := range rows {
		out := min(64<<i, 512)
		for range n {
			v.Features.Append(nn.NewConv2d(in, out, 3, nn.Conv2dOptions{Padding: 1}))
			if normalized {
				v.Features.Append(nn.NewBatchNorm2d(out))
			}
			v.Features.Append(newReLU())
			in = out
		}
		v.Features.Append(nn.NewMaxPool2d(2, nn.MaxPool2dOptions{Stride: 2}))
	}
	dropout := orP(o.Dropout, 0.5)
	v.Classifier = nn.NewSequential(
		nn.NewLinear(512*7*7, 4096), newReLU(), nn.NewDropout(dropout),
		nn.NewLinear(4096, 4096), newReLU(), nn.NewDropout(dropout),
		nn.NewLinear(4096, option.Or(o.NumClasses, 1000)),
	)
	nn.Init(v)
	if o.InitWeights == nil || *o.InitWeights {
		reset(v.Modules(), true)
	}
	return v
}

// Forward returns a score for each class, batch × classes.
func (v *VGG) Forward(x *torch.Tensor) *torch.Tensor { return v.Run(x, v.forward) }

func (v *VGG) forward(x *torch.Tensor) *torch.Tensor {
	return v.Classifier.Forward(v.AvgPool.Forward(v.Features.Forward(x)).Flatten(1))
}

var (
	rows11 = [5]int{1, 1, 2, 2, 2}
	rows13 = [5]int{2, 2, 2, 2, 2}
	rows16 = [5]int{2, 2, 3, 3, 3}
	rows19 = [5]int{2, 2, 4, 4, 4}
)

// VGG11 returns VGG-11.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg11.html
func VGG11(options ...VGGOptions) *VGG { return newVGG(rows11, false, options) }

// VGG11BN returns VGG-11 with batch normalisation.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg11_bn.html
func VGG11BN(options ...VGGOptions) *VGG { return newVGG(rows11, true, options) }

// VGG13 returns VGG-13.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg13.html
func VGG13(options ...VGGOptions) *VGG { return newVGG(rows13, false, options) }

// VGG13BN returns VGG-13 with batch normalisation.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg13_bn.html
func VGG13BN(options ...VGGOptions) *VGG { return newVGG(rows13, true, options) }

// VGG16 returns VGG-16.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg16.html
func VGG16(options ...VGGOptions) *VGG { return newVGG(rows16, false, options) }

// VGG16BN returns VGG-16 with batch normalisation.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg16_bn.html
func VGG16BN(options ...VGGOptions) *VGG { return newVGG(rows16, true, options) }

// VGG19 returns VGG-19.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg19.html
func VGG19(options ...VGGOptions) *VGG { return newVGG(rows19, false, options) }

// VGG19BN returns VGG-19 with batch normalisation.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vgg19_bn.html
func VGG19BN(options ...VGGOptions) *VGG { return newVGG(rows19, true, options) }
