package mistakes

import (
	"context"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

type state struct{ hidden *torch.Tensor }

func leaving(x *torch.Tensor, fc *nn.Linear, s *state, loader *data.DataLoader[data.Sample]) []*torch.Tensor {
	var y *torch.Tensor
	torch.Scope(func() {
		y = fc.Forward(x) // want "y is closed when the Scope ends, and used after it"
	})
	var all []*torch.Tensor
	for range 3 {
		torch.Scope(func() {
			all = append(all, x.Add(1)) // want "all is closed when the Scope ends"
		})
	}
	h := torch.Zeros([]int{2})
	for range 3 {
		torch.Scope(func() {
			h = torch.Tanh(fc.Forward(h)) // want "h is closed when the Scope ends"
		})
	}
	torch.Scope(func() {
		s.hidden = x.Mul(2) // want "s.hidden is closed when the Scope ends"
	})
	_ = torch.Scoped(func() *nn.Linear { return nn.NewLinear(1, 2) }) // want `Scoped panics on a \*nn.Linear`
	var last *torch.Tensor
	var inputs []*torch.Tensor
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			return nil
		}
		last = batch.Data                   // want "last is the data loader's, which closes it at the next turn"
		inputs = append(inputs, batch.Data) // want "inputs is the data loader's"
	}
	inputs = append(inputs, last)
	return append(append(all, y.Add(s.hidden)), inputs...)
}
