// Package models is torchvision's models: networks that classify images. Those that find
// things in images are in packages detection and segmentation.
//
//	net := models.ResNet18(models.ResNetOptions{NumClasses: 10})
//	scores := net.Forward(images) // batch × 3 × 224 × 224 gives batch × 10
//
// Parameters have torchvision's names and, for the same seed, its first values, so
// its checkpoints load with net.LoadStateDict. Images are batch × 3 × height × width,
// normalised as package transforms shows. There are no trained weights here.
//
// https://docs.pytorch.org/vision/stable/models.html
package models

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/vision/ops"
)

// NormLayer makes a normalisation of so many channels.
type NormLayer = ops.NormLayer

func batchNorm(channels int) nn.Layer { return nn.NewBatchNorm2d(channels) }

// mustMake returns norm, which then panics where it makes nothing.
func mustMake(norm NormLayer) NormLayer {
	return func(channels int) nn.Layer {
		layer := norm(channels)
		argument.NotNil("models.NormLayer", "the layer that NormLayer returns", layer)
		return layer
	}
}

// orP returns a probability, or its default where there is none.
func orP(p *float64, standard float64) nn.DropoutOptions {
	if p == nil {
		p = &standard
	}
	return nn.DropoutOptions{P: p}
}

// fill sets all elements of a parameter, if there is one.
func fill(x *torch.Tensor, value float64) {
	if x != nil {
		nninit.Constant(x, value)
	}
}

// drawMLP draws the parameters of the linear layers of a transformer's MLP.
func drawMLP(layers *nn.Sequential) {
	for _, layer := range layers.All() {
		if l, ok := layer.(*nn.Linear); ok {
			nninit.XavierUniform(l.Weight)
			nninit.Normal(l.Bias, 0, 1e-6)
		}
	}
}

// reset draws the parameters of convolutions, and those of linear layers if asked to,
// and makes normalisations leave their input as it is.
func reset(modules []nn.AnyModule, linear bool) {
	for _, m := range modules {
		switch m := m.(type) {
		case *nn.Conv2d:
			nninit.KaimingNormal(m.Weight, nninit.KaimingOptions{Mode: nninit.FanOut, Nonlinearity: "relu"})
			fill(m.Bias, 0)
		case *nn.BatchNorm2d:
			fill(m.Weight, 1)
			fill(m.Bias, 0)
		case *nn.GroupNorm:
			fill(m.Weight, 1)
			fill(m.Bias, 0)
		case *nn.Linear:
			if linear {
				nninit.Normal(m.Weight, 0, 0.01)
				fill(m.Bias, 0)
			}
		}
	}
}
