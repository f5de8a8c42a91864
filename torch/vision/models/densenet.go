package models

import (
	"fmt"
	"regexp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// DenseNet is a network whose layers see the results of all layers before them in their
// block.
//
// https://docs.pytorch.org/vision/stable/models/densenet.html
type DenseNet struct {
	nn.Module
	Features   *nn.Sequential
	Classifier *nn.Linear
}

// DenseNetOptions are the options of [DenseNet]s.
type DenseNetOptions struct {
	BNSize          *int    // how many times GrowthRate channels a layer makes first; default: 4
	DropRate        float64 // the probability of zero in the result of each layer
	NumClasses      *int    // default: 1000
	MemoryEfficient bool    // compute parts again in the backward pass instead of keeping them
}

// DenseNetSize is how large a [DenseNet] is.
type DenseNetSize struct {
	GrowthRate      int    // channels that each layer adds
	BlockConfig     [4]int // layers in each block
	NumInitFeatures int    // channels of the first convolution
}

// DenseLayer makes GrowthRate channels of all that came before in its block.
type DenseLayer struct {
	nn.Module
	Norm1 *nn.BatchNorm2d
	ReLU1 *nn.ReLU
	Conv1 *nn.Conv2d
	Norm2 *nn.BatchNorm2d
	ReLU2 *nn.ReLU
	Conv2 *nn.Conv2d

	dropRate  float64
	efficient bool
}

func newDenseLayer(in, growth int, o DenseNetOptions) *DenseLayer {
	middle := option.Or(o.BNSize, 4) * growth
	return nn.Init(&DenseLayer{
		Norm1: nn.NewBatchNorm2d(in), ReLU1: newReLU(),
		Conv1: nn.NewConv2d(in, middle, 1, nn.Conv2dOptions{Bias: new(false)}),
		Norm2: nn.NewBatchNorm2d(middle), ReLU2: newReLU(),
		Conv2:    nn.NewConv2d(middle, growth, 3, nn.Conv2dOptions{Padding: 1, Bias: new(false)}),
		dropRate: o.DropRate, efficient: o.MemoryEfficient,
	})
}

// Forward returns the layer's channels, given those of all before it.
func (l *DenseLayer) Forward(inputs ...*torch.Tensor) *torch.Tensor {
	return l.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{l.forward(inputs)} }, inputs...)[0]
}

func (l *DenseLayer) forward(inputs []*torch.Tensor) *torch.Tensor {
	bottleneck := func(inputs ...*torch.Tensor) *torch.Tensor {
		return l.Conv1.Forward(l.ReLU1.Forward(l.Norm1.Forward(torch.Cat(inputs, 1))))
	}
	var x *torch.Tensor
	if l.efficient && torch.IsGradEnabled() {
		x = checkpoint.Checkpoint(bottleneck)(inputs...)
	} else {
		x = bottleneck(inputs...)
	}
	x = l.Conv2.Forward(l.ReLU2.Forward(l.Norm2.Forward(x)))
	if l.dropRate > 0 {
		x = functional.Dropout(x, functional.DropoutOptions{P: &l.dropRate, Training: new(l.IsTraining())})
	}
	return x
}

// DenseBlock is layers, denselayer1 and so on, each of which adds its channels.
type DenseBlock struct{ nn.ModuleDict[*DenseLayer] }

// Forward returns the channels of x and of all layers.
func (b *DenseBlock) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *DenseBlock) forward(x *torch.Tensor) *torch.Tensor {
	features := []*torch.Tensor{x}
	for _, layer := range b.All() {
		features = append(features, layer.Forward(features...))
	}
	return torch.Cat(features, 1)
}

// Transition makes fewer channels, and halves height and width.
type Transition struct{ nn.Sequential }

func newTransition(in, out int) *Transition {
	t := nn.Init(&Transition{})
	t.Add("norm", nn.NewBatchNorm2d(in))
	t.Add("relu", newReLU())
	t.Add("conv", nn.NewConv2d(in, out, 1, nn.Conv2dOptions{Bias: new(false)}))
	t.Add("pool", nn.NewAvgPool2d(2, nn.AvgPoolOptions{Stride: 2}))
	return t
}

// oldName is a name in older checkpoints, such as those that torchvision downloads.
var oldName = regexp.MustCompile(`^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$`)

// NewDenseNet returns a network of a size. It loads checkpoints with torchvision's older
// names, too.
//
// https://docs.pytorch.org/vision/stable/models/densenet.html
func NewDenseNet(size DenseNetSize, options ...DenseNetOptions) *DenseNet {
	o := option.First(options)
	channels := size.NumInitFeatures
	n := &DenseNet{Features: nn.NewSequential()}
	n.Features.Add("conv0", nn.NewConv2d(3, channels, 7, nn.Conv2dOptions{Stride: 2, Padding: 3, Bias: new(false)}))
	n.Features.Add("norm0", nn.NewBatchNorm2d(channels))
	n.Features.Add("relu0", newReLU())
	n.Features.Add("pool0", nn.NewMaxPool2d(3, nn.MaxPoolOptions{Stride: 2, Padding: 1}))
	for i, layers := range size.BlockConfig {
		block := nn.Init(&DenseBlock{})
		for k := range layers {
			block.Set(fmt.Sprintf("denselayer%d", k+1), newDenseLayer(channels+k*size.GrowthRate, size.GrowthRate, o))
		}
		n.Features.Add(fmt.Sprintf("denseblock%d", i+1), block)
		channels += layers * size.GrowthRate
		if i < len(size.BlockConfig)-1 {
			n.Features.Add(fmt.Sprintf("transition%d", i+1), newTransition(channels, channels/2))
			channels /= 2
		}
	}
	n.Features.Add("norm5", nn.NewBatchNorm2d(channels))
	n.Classifier = nn.NewLinear(channels, option.Or(o.NumClasses, 1000))
	nn.Init(n)
	for _, m := range n.Modules() {
		switch m := m.(type) {
		case *nn.Conv2d:
			nninit.KaimingNormal(m.Weight)
		case *nn.BatchNorm2d:
			fill(m.Weight, 1)
			fill(m.Bias, 0)
		case *nn.Linear:
			fill(m.Bias, 0)
		}
	}
	n.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, _ string) {
		for i, x := range *dict {
			(*dict)[i].Name = oldName.ReplaceAllString(x.Name, "$1$2")
		}
	})
	return n
}

// Forward returns a score for each class, batch × classes.
func (n *DenseNet) Forward(x *torch.Tensor) *torch.Tensor { return n.Run(x, n.forward) }

func (n *DenseNet) forward(x *torch.Tensor) *torch.Tensor {
	return n.Classifier.Forward(functional.AdaptiveAvgPool2d(n.Features.Forward(x).ReLUInplace(), 1).Flatten(1))
}

// DenseNet121 returns the DenseNet of 121 layers.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.densenet121.html
func DenseNet121(options ...DenseNetOptions) *DenseNet {
	return NewDenseNet(DenseNetSize{32, [4]int{6, 12, 24, 16}, 64}, options...)
}

// DenseNet161 returns the DenseNet of 161 layers, whose blocks are wider.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.densenet161.html
func DenseNet161(options ...DenseNetOptions) *DenseNet {
	return NewDenseNet(DenseNetSize{48, [4]int{6, 12, 36, 24}, 96}, options...)
}

// DenseNet169 returns the DenseNet of 169 layers.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.densenet169.html
func DenseNet169(options ...DenseNetOptions) *DenseNet {
	return NewDenseNet(DenseNetSize{32, [4]int{6, 12, 32, 32}, 64}, options...)
}

// DenseNet201 returns the DenseNet of 201 layers.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.densenet201.html
func DenseNet201(options ...DenseNetOptions) *DenseNet {
	return NewDenseNet(DenseNetSize{32, [4]int{6, 12, 48, 32}, 64}, options...)
}
