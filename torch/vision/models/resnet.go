package models

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// ResNet is a residual network: blocks of convolutions, to whose results their inputs
// are added.
//
// https://docs.pytorch.org/vision/stable/models/resnet.html
type ResNet struct {
	nn.Module
	Conv1   *nn.Conv2d
	BN1     nn.Layer
	ReLU    *nn.ReLU      `nn:"relu"`
	MaxPool *nn.MaxPool2d `nn:"maxpool"`
	Layer1  *nn.Sequential
	Layer2  *nn.Sequential
	Layer3  *nn.Sequential
	Layer4  *nn.Sequential
	AvgPool *nn.AdaptiveAvgPool2d `nn:"avgpool"`
	FC      *nn.Linear
}

// ResNetOptions are the options of [ResNet]s.
type ResNetOptions struct {
	NumClasses                *int      // default: 1000
	ZeroInitResidual          bool      // begin with blocks that give their input
	Groups                    *int      // of the convolutions of 3 × 3; default: 1, or what the model says
	WidthPerGroup             *int      // channels of a group in the first layer; default: 64, or what the model says
	ReplaceStrideWithDilation [3]bool   // in the second, third and fourth layer
	NormLayer                 NormLayer // default: nn.NewBatchNorm2d
}

// BlockKind is a kind of block that [ResNet]s are made of: [BasicBlocks] or
// [Bottlenecks].
type BlockKind struct {
	expansion int // channels of the result, as a multiple
	make      func(in, planes int, o blockOptions) nn.Layer
}

// The kinds of blocks.
var (
	BasicBlocks = BlockKind{1, newBasicBlock} // two convolutions of 3 × 3: [BasicBlock]
	Bottlenecks = BlockKind{4, newBottleneck} // one of 3 × 3 between two of 1 × 1: [Bottleneck]
)

// blockOptions are what a block has besides its channels.
type blockOptions struct {
	stride, dilation int
	downsample       *nn.Sequential
	groups, width    int
	norm             NormLayer
}

// conv3x3 and conv1x1 return convolutions without bias.
func conv3x3(in, out int, stride, groups, dilation int) *nn.Conv2d {
	return nn.NewConv2d(in, out, 3, nn.Conv2dOptions{
		Stride: stride, Padding: dilation, Groups: &groups, Dilation: dilation, Bias: new(false)})
}

func conv1x1(in, out, stride int) *nn.Conv2d {
	return nn.NewConv2d(in, out, 1, nn.Conv2dOptions{Stride: stride, Bias: new(false)})
}

func newReLU() *nn.ReLU { return nn.NewReLU(nn.ReLUOptions{Inplace: true}) }

// BasicBlock is two convolutions of 3 × 3 and what goes round them.
type BasicBlock struct {
	nn.Module
	Conv1      *nn.Conv2d
	BN1        nn.Layer
	ReLU       *nn.ReLU `nn:"relu"`
	Conv2      *nn.Conv2d
	BN2        nn.Layer
	Downsample *nn.Sequential // of what goes round, or nil
}

func newBasicBlock(in, planes int, o blockOptions) nn.Layer {
	if o.groups != 1 || o.width != 64 {
		panic(torch.Errorf("models.NewResNet", torch.ValueError, "BasicBlock only supports groups=1 and base_width=64"))
	}
	if o.dilation > 1 {
		panic(torch.Errorf("models.NewResNet", torch.NotImplementedError, "Dilation > 1 not supported in BasicBlock"))
	}
	b := &BasicBlock{Downsample: o.downsample}
	b.Conv1, b.BN1 = conv3x3(in, planes, o.stride, 1, 1), o.norm(planes)
	b.ReLU = newReLU()
	b.Conv2, b.BN2 = conv3x3(planes, planes, 1, 1, 1), o.norm(planes)
	return nn.Init(b)
}

// Forward returns the block's result.
func (b *BasicBlock) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *BasicBlock) forward(x *torch.Tensor) *torch.Tensor {
	out := b.ReLU.Forward(nn.Call(b.BN1, b.Conv1.Forward(x)))
	out = nn.Call(b.BN2, b.Conv2.Forward(out))
	return b.ReLU.Forward(out.AddInplace(around(b.Downsample, x)))
}

// around returns what is added to a block's result.
func around(downsample *nn.Sequential, x *torch.Tensor) *torch.Tensor {
	if downsample == nil {
		return x
	}
	return downsample.Forward(x)
}

// Bottleneck is a convolution of 3 × 3 between two of 1 × 1, which make fewer channels
// and then more, and what goes round them.
type Bottleneck struct {
	nn.Module
	Conv1      *nn.Conv2d
	BN1        nn.Layer
	Conv2      *nn.Conv2d
	BN2        nn.Layer
	Conv3      *nn.Conv2d
	BN3        nn.Layer
	ReLU       *nn.ReLU       `nn:"relu"`
	Downsample *nn.Sequential // of what goes round, or nil
}

func newBottleneck(in, planes int, o blockOptions) nn.Layer {
	width := planes * o.width / 64 * o.groups
	b := &Bottleneck{Downsample: o.downsample}
	b.Conv1, b.BN1 = conv1x1(in, width, 1), o.norm(width)
	b.Conv2, b.BN2 = conv3x3(width, width, o.stride, o.groups, o.dilation), o.norm(width)
	b.Conv3, b.BN3 = conv1x1(width, 4*planes, 1), o.norm(4*planes)
	b.ReLU = newReLU()
	return nn.Init(b)
}

// Forward returns the block's result.
func (b *Bottleneck) Forward(x *torch.Tensor) *torch.Tensor { return b.Run(x, b.forward) }

func (b *Bottleneck) forward(x *torch.Tensor) *torch.Tensor {
	out := b.ReLU.Forward(nn.Call(b.BN1, b.Conv1.Forward(x)))
	out = b.ReLU.Forward(nn.Call(b.BN2, b.Conv2.Forward(out)))
	out = nn.Call(b.BN3, b.Conv3.Forward(out))
	return b.ReLU.Forward(out.AddInplace(around(b.Downsample, x)))
}

// NewResNet returns a network of four layers of so many blocks each. It panics on
// blocks that have not what the options ask for.
func NewResNet(kind BlockKind, blocks [4]int, options ...ResNetOptions) *ResNet {
	if kind.make == nil {
		panic(torch.Errorf("models.NewResNet", torch.ValueError,
			"the kind of blocks must be BasicBlocks or Bottlenecks"))
	}
	o := option.First(options)
	if o.NormLayer == nil {
		o.NormLayer = batchNorm
	}
	o.NormLayer = mustMake(o.NormLayer)
	m := &maker{kind: kind, in: 64, dilation: 1, groups: option.Or(o.Groups, 1), width: option.Or(o.WidthPerGroup, 64), norm: o.NormLayer}
	r := &ResNet{
		Conv1:   nn.NewConv2d(3, 64, 7, nn.Conv2dOptions{Stride: 2, Padding: 3, Bias: new(false)}),
		BN1:     o.NormLayer(64),
		ReLU:    newReLU(),
		MaxPool: nn.NewMaxPool2d(3, nn.MaxPool2dOptions{Stride: 2, Padding: 1}),
	}
	r.Layer1 = m.layer(64, blocks[0], 1, false)
	for i, layer := range []**nn.Sequential{&r.Layer2, &r.Layer3, &r.Layer4} {
		*layer = m.layer(128<<i, blocks[i+1], 2, o.ReplaceStrideWithDilation[i])
	}
	r.AvgPool = nn.NewAdaptiveAvgPool2d([]int{1, 1})
	r.FC = nn.NewLinear(512*kind.expansion, option.Or(o.NumClasses, 1000))
	nn.Init(r)
	reset(r.Modules(), false)
	if o.ZeroInitResidual {
		for _, module := range r.Modules() {
			switch b := module.(type) {
			case *BasicBlock:
				zeroWeight(b.BN2)
			case *Bottleneck:
				zeroWeight(b.BN3)
			}
		}
	}
	return r
}

// zeroWeight makes a normalisation give 0.
func zeroWeight(norm nn.Layer) {
	switch n := norm.(type) {
	case *nn.BatchNorm2d:
		fill(n.Weight, 0)
	case *nn.GroupNorm:
		fill(n.Weight, 0)
	}
}

// maker makes the layers of a [ResNet], one after the other.
type maker struct {
	kind          BlockKind
	in            int // channels of what comes next
	dilation      int
	groups, width int
	norm          NormLayer
}

// layer returns a row of blocks.
func (m *maker) layer(planes, blocks, stride int, dilate bool) *nn.Sequential {
	o := blockOptions{stride: stride, dilation: m.dilation, groups: m.groups, width: m.width, norm: m.norm}
	if dilate {
		m.dilation *= stride
		o.stride = 1
	}
	out := planes * m.kind.expansion
	if o.stride != 1 || m.in != out {
		o.downsample = nn.NewSequential(conv1x1(m.in, out, o.stride), m.norm(out))
	}
	layer := nn.NewSequential(m.kind.make(m.in, planes, o))
	m.in = out
	o.stride, o.dilation, o.downsample = 1, m.dilation, nil
	for range blocks - 1 {
		layer.Append(m.kind.make(m.in, planes, o))
	}
	return layer
}

// Forward returns a score for each class, batch × classes.
func (r *ResNet) Forward(x *torch.Tensor) *torch.Tensor { return r.Run(x, r.forward) }

func (r *ResNet) forward(x *torch.Tensor) *torch.Tensor {
	x = r.MaxPool.Forward(r.ReLU.Forward(nn.Call(r.BN1, r.Conv1.Forward(x))))
	for _, layer := range []*nn.Sequential{r.Layer1, r.Layer2, r.Layer3, r.Layer4} {
		x = layer.Forward(x)
	}
	return r.FC.Forward(r.AvgPool.Forward(x).Flatten(1))
}

// ResNet18 returns ResNet-18.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnet18.html
func ResNet18(options ...ResNetOptions) *ResNet {
	return NewResNet(BasicBlocks, [4]int{2, 2, 2, 2}, options...)
}

// ResNet34 returns ResNet-34.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnet34.html
func ResNet34(options ...ResNetOptions) *ResNet {
	return NewResNet(BasicBlocks, [4]int{3, 4, 6, 3}, options...)
}

// ResNet50 returns ResNet-50.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnet50.html
func ResNet50(options ...ResNetOptions) *ResNet {
	return NewResNet(Bottlenecks, [4]int{3, 4, 6, 3}, options...)
}

// ResNet101 returns ResNet-101.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnet101.html
func ResNet101(options ...ResNetOptions) *ResNet {
	return NewResNet(Bottlenecks, [4]int{3, 4, 23, 3}, options...)
}

// ResNet152 returns ResNet-152.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnet152.html
func ResNet152(options ...ResNetOptions) *ResNet {
	return NewResNet(Bottlenecks, [4]int{3, 8, 36, 3}, options...)
}

// grouped returns the options with the groups and width that a model has.
func grouped(options []ResNetOptions, groups, width int) ResNetOptions {
	o := option.First(options)
	o.Groups, o.WidthPerGroup = new(option.Or(o.Groups, groups)), new(option.Or(o.WidthPerGroup, width))
	return o
}

// ResNeXt50x32x4d returns ResNeXt-50 of 32 groups of 4 channels.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnext50_32x4d.html
func ResNeXt50x32x4d(options ...ResNetOptions) *ResNet { return ResNet50(grouped(options, 32, 4)) }

// ResNeXt101x32x8d returns ResNeXt-101 of 32 groups of 8 channels.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnext101_32x8d.html
func ResNeXt101x32x8d(options ...ResNetOptions) *ResNet { return ResNet101(grouped(options, 32, 8)) }

// ResNeXt101x64x4d returns ResNeXt-101 of 64 groups of 4 channels.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.resnext101_64x4d.html
func ResNeXt101x64x4d(options ...ResNetOptions) *ResNet { return ResNet101(grouped(options, 64, 4)) }

// WideResNet50x2 returns ResNet-50 with twice the channels within its blocks.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.wide_resnet50_2.html
func WideResNet50x2(options ...ResNetOptions) *ResNet { return ResNet50(grouped(options, 1, 128)) }

// WideResNet101x2 returns ResNet-101 with twice the channels within its blocks.
//
// https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.wide_resnet101_2.html
func WideResNet101x2(options ...ResNetOptions) *ResNet { return ResNet101(grouped(options, 1, 128)) }
