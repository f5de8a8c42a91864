package segmentation

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// width is how many channels the layers of a [DeepLabHead] give.
const width = 256

// normalized adds to a row of layers a convolution without bias, a normalisation and a
// ReLU.
func normalized(row *nn.Sequential, conv *nn.Conv2d) {
	row.Append(conv, nn.NewBatchNorm2d(conv.OutChannels), nn.NewReLU())
}

// pointwise returns a convolution of 1 × 1 without bias.
func pointwise(in, out int) *nn.Conv2d {
	return nn.NewConv2d(in, out, 1, nn.Conv2dOptions{Bias: new(false)})
}

// wide returns a convolution of 3 × 3 without bias that keeps the size.
func wide(in, out, dilation int) *nn.Conv2d {
	return nn.NewConv2d(in, out, 3, nn.Conv2dOptions{Padding: dilation, Dilation: dilation, Bias: new(false)})
}

// FCNHead is a classifier of pixels: a convolution and one of 1 × 1.
type FCNHead struct{ nn.Sequential }

// NewFCNHead returns the layers, for maps of so many channels and so many classes.
func NewFCNHead(inChannels, classes int) *FCNHead {
	f := nn.Init(&FCNHead{})
	normalized(&f.Sequential, wide(inChannels, inChannels/4, 1))
	f.Append(nn.NewDropout(nn.DropoutOptions{P: new(0.1)}), nn.NewConv2d(inChannels/4, classes, 1))
	return f
}

// DeepLabHeadOptions are the options of [NewDeepLabHead].
type DeepLabHeadOptions struct {
	AtrousRates []int // how far apart the pixels are that the convolutions look at; default: 12, 24 and 36
}

// DeepLabHead is a classifier of pixels: an [ASPP], a convolution and one of 1 × 1.
type DeepLabHead struct{ nn.Sequential }

// NewDeepLabHead returns the layers, for maps of so many channels and so many classes.
func NewDeepLabHead(inChannels, numClasses int, options ...DeepLabHeadOptions) *DeepLabHead {
	rates := option.First(options).AtrousRates
	if rates == nil {
		rates = []int{12, 24, 36}
	}
	d := nn.Init(&DeepLabHead{})
	d.Append(NewASPP(inChannels, rates))
	normalized(&d.Sequential, wide(width, width, 1))
	d.Append(nn.NewConv2d(width, numClasses, 1))
	return d
}

// ASPPConv is a convolution of pixels that are apart, with a normalisation and a ReLU.
type ASPPConv struct{ nn.Sequential }

func newASPPConv(in, out, dilation int) *ASPPConv {
	a := nn.Init(&ASPPConv{})
	normalized(&a.Sequential, wide(in, out, dilation))
	return a
}

// ASPPPooling makes of the means of all pixels a map of the input's height and width.
type ASPPPooling struct{ nn.Sequential }

func newASPPPooling(in, out int) *ASPPPooling {
	a := nn.Init(&ASPPPooling{})
	a.Append(nn.NewAdaptiveAvgPool2d(1))
	normalized(&a.Sequential, pointwise(in, out))
	return a
}

// Forward returns a map of the height and width of x, batch × channels × height × width.
func (a *ASPPPooling) Forward(x *torch.Tensor) *torch.Tensor {
	return a.Run(x, func(x *torch.Tensor) *torch.Tensor {
		y := x
		for _, layer := range a.All() {
			y = nn.Call(layer, y)
		}
		return resize(y, x)
	})
}

// ASPPOptions are the options of [NewASPP].
type ASPPOptions struct {
	OutChannels *int // default: 256
}

// ASPP is atrous spatial pyramid pooling: it looks at pixels that are near, and at those
// that are further and further apart.
type ASPP struct {
	nn.Module
	Convs   *nn.ModuleList[nn.Layer]
	Project *nn.Sequential
}

// NewASPP returns the layers, for maps of so many channels.
func NewASPP(inChannels int, atrousRates []int, options ...ASPPOptions) *ASPP {
	out := option.Or(option.First(options).OutChannels, width)
	near := nn.NewSequential()
	normalized(near, pointwise(inChannels, out))
	a := &ASPP{Convs: nn.NewModuleList[nn.Layer](near), Project: nn.NewSequential()}
	for _, rate := range atrousRates {
		a.Convs.Append(newASPPConv(inChannels, out, rate))
	}
	a.Convs.Append(newASPPPooling(inChannels, out))
	normalized(a.Project, pointwise(a.Convs.Len()*out, out))
	a.Project.Append(nn.NewDropout())
	return nn.Init(a)
}

// Forward returns a map of the height and width of x, batch × channels × height × width.
func (a *ASPP) Forward(x *torch.Tensor) *torch.Tensor { return a.Run(x, a.forward) }

func (a *ASPP) forward(x *torch.Tensor) *torch.Tensor {
	views := make([]*torch.Tensor, a.Convs.Len())
	for i, conv := range a.Convs.All() {
		views[i] = nn.Call(conv, x)
	}
	return a.Project.Forward(torch.Cat(views, 1))
}
