package detection

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// TwoMLPHead is two linear layers for the features of boxes.
type TwoMLPHead struct {
	nn.Module
	FC6, FC7 *nn.Linear
}

// NewTwoMLPHead returns the layers, for so many features of a box.
func NewTwoMLPHead(inChannels, representationSize int) *TwoMLPHead {
	return nn.Init(&TwoMLPHead{FC6: nn.NewLinear(inChannels, representationSize), FC7: nn.NewLinear(representationSize, representationSize)})
}

// Forward returns boxes × representation size of x, boxes × …
func (t *TwoMLPHead) Forward(x *torch.Tensor) *torch.Tensor { return t.Run(x, t.forward) }

func (t *TwoMLPHead) forward(x *torch.Tensor) *torch.Tensor {
	return functional.ReLU(t.FC7.Forward(functional.ReLU(t.FC6.Forward(x.Flatten(1)))))
}

// FastRCNNConvFCHeadOptions are the options of [NewFastRCNNConvFCHead].
type FastRCNNConvFCHeadOptions struct {
	NormLayer ops.NormLayer // after each convolution; default: none
}

// FastRCNNConvFCHead is convolutions and linear layers for the features of boxes.
type FastRCNNConvFCHead struct{ nn.Sequential }

// NewFastRCNNConvFCHead returns layers for boxes of channels × height × width, the input
// size, with the channels of the convolutions and the features of the linear layers.
func NewFastRCNNConvFCHead(inputSize [3]int, convLayers, fcLayers []int, options ...FastRCNNConvFCHeadOptions) *FastRCNNConvFCHead {
	norm := option.First(options).NormLayer
	f := nn.Init(&FastRCNNConvFCHead{})
	before := inputSize[0]
	for _, channels := range convLayers {
		f.Append(ops.NewConv2dNormActivation(before, channels, ops.Conv2dNormActivationOptions{NormLayer: norm, NoNorm: norm == nil}))
		before = channels
	}
	f.Append(nn.NewFlatten())
	before *= inputSize[1] * inputSize[2]
	for _, features := range fcLayers {
		f.Append(nn.NewLinear(before, features), nn.NewReLU(nn.ReLUOptions{Inplace: true}))
		before = features
	}
	for _, m := range f.Modules() {
		if c, ok := m.(*nn.Conv2d); ok {
			nninit.KaimingNormal(c.Weight, nninit.KaimingOptions{Mode: nninit.FanOut, Nonlinearity: "relu"})
			if c.Bias != nil {
				nninit.Constant(c.Bias, 0)
			}
		}
	}
	return f
}

// FastRCNNPredictor is a [BoxPredictor] of two linear layers.
type FastRCNNPredictor struct {
	nn.Module
	ClsScore *nn.Linear
	BBoxPred *nn.Linear `nn:"bbox_pred"`
}

// NewFastRCNNPredictor returns a predictor of so many classes, the background among
// them.
func NewFastRCNNPredictor(inChannels, numClasses int) *FastRCNNPredictor {
	return nn.Init(&FastRCNNPredictor{ClsScore: nn.NewLinear(inChannels, numClasses), BBoxPred: nn.NewLinear(inChannels, numClasses*4)})
}

// Forward returns scores, boxes × classes, and differences, boxes × 4·classes, of x,
// boxes × features.
func (f *FastRCNNPredictor) Forward(x *torch.Tensor) (scores, differences *torch.Tensor) {
	results := f.RunAll(func(inputs []*torch.Tensor) []*torch.Tensor {
		x := inputs[0].Flatten(1)
		return []*torch.Tensor{f.ClsScore.Forward(x), f.BBoxPred.Forward(x)}
	}, x)
	return results[0], results[1]
}
