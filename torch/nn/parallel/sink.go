package parallel

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// sink passes outputs on. Those that the loss does not use get no gradients, rather than
// zeros, so that the reducer sees which parameters have none.
type sink struct {
	begin func() // is called when a backward pass begins, where it is not nil
}

// Forward returns copies of its inputs.
func (sink) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	ctx.SetMaterializeGrads(false)
	outputs := make([]*torch.Tensor, len(inputs))
	for i, x := range inputs {
		outputs[i] = x.Clone()
	}
	return outputs
}

// Backward returns the gradients.
func (s sink) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	if s.begin != nil {
		s.begin()
	}
	return grads
}

// sunk returns the outputs through a sink, but for those that have no gradients.
func sunk(s sink, outputs []*torch.Tensor) []*torch.Tensor {
	var within []*torch.Tensor
	for _, x := range outputs {
		if x.RequiresGrad() {
			within = append(within, x)
		}
	}
	if len(within) == 0 {
		return outputs
	}
	passed := autograd.Apply(s, within...)
	all := make([]*torch.Tensor, len(outputs))
	for i, x := range outputs {
		all[i] = x
		if x.RequiresGrad() {
			all[i], passed = passed[0], passed[1:]
		}
	}
	return all
}
