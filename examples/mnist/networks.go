package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

// network is what training, checkpoints and pictures need of a network.
type network interface {
	tensorboard.Model
	Parameters() []*torch.Tensor
	StateDict() nn.StateDict
	LoadStateDict(dict nn.StateDict, options ...nn.LoadOptions) (nn.IncompatibleKeys, error)
	To(targets ...torch.Target)
	Eval()
}

// CNN is two convolutions, each with ReLU and pooling, and two linear layers with
// dropout between them.
type CNN struct {
	nn.Module
	Conv1, Conv2 *nn.Conv2d
	FC1, FC2     *nn.Linear
}

// NewCNN returns a network with random parameters.
func NewCNN() *CNN {
	same := nn.ConvOptions{Padding: 1}
	return nn.Init(&CNN{
		Conv1: nn.NewConv2d(1, 16, 3, same), Conv2: nn.NewConv2d(16, 32, 3, same),
		FC1: nn.NewLinear(32*7*7, 128), FC2: nn.NewLinear(128, 10),
	})
}

// Forward returns the scores of the ten classes, n × 10, of n images.
func (net *CNN) Forward(x *torch.Tensor) *torch.Tensor {
	x = functional.MaxPool2d(torch.ReLU(net.Conv1.Forward(x)), []int{2, 2})
	x = functional.MaxPool2d(torch.ReLU(net.Conv2.Forward(x)), []int{2, 2})
	x = torch.ReLU(net.FC1.Forward(torch.Flatten(x, 1)))
	x = functional.Dropout(x, functional.DropoutOptions{P: new(0.5), Training: new(net.IsTraining())})
	return net.FC2.Forward(x)
}

// networks are the values of -model.
var networks = map[string]func() network{
	"mlp": func() network { return NewNet() },
	"cnn": func() network { return NewCNN() },
}

// optimizers are the values of -optimizer, and the learning rate that goes with
// each.
var optimizers = map[string]struct {
	lr  float64
	new func(params []*torch.Tensor, lr float64) optim.Optimizer
}{
	"sgd": {0.01, func(params []*torch.Tensor, lr float64) optim.Optimizer {
		return optim.NewSGD(params, optim.SGDOptions{LR: lr, Momentum: 0.9})
	}},
	"adam": {0.001, func(params []*torch.Tensor, lr float64) optim.Optimizer {
		return optim.NewAdam(params, optim.AdamOptions{LR: lr})
	}},
	"adam-fused": {0.001, func(params []*torch.Tensor, lr float64) optim.Optimizer {
		return optim.NewAdam(params, optim.AdamOptions{LR: lr, Fused: new(true), Capturable: true})
	}},
	"adamw": {0.001, func(params []*torch.Tensor, lr float64) optim.Optimizer {
		return optim.NewAdamW(params, optim.AdamWOptions{LR: lr})
	}},
}
