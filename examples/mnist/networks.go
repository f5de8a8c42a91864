package main

import (
	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
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

// networks are the values of -model.
var networks = map[string]func() network{
	"mlp": func() network { return NewNet() },
	"cnn": func() network { return digits.NewCNN() },
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
