package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// trained returns optimizers that have taken a step with two parameters.
func trained() []optim.Optimizer {
	params := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2})), nn.NewParameter(torch.Ones([]int{1, 2}))}
	loss := func() *torch.Tensor {
		for _, p := range params {
			p.SetGrad(torch.Ones(p.Shape()))
		}
		return params[0].Detach().Sum()
	}
	adam := optim.NewAdam(params, optim.AdamOptions{AMSGrad: true})
	sgd := optim.NewSGD(params, optim.SGDOptions{LR: 1, Momentum: 0.5})
	loss()
	adam.Step()
	sgd.Step()
	return []optim.Optimizer{adam, sgd}
}

// FuzzLoadStateDict loads any pickle into optimizers, which are to be of use after
// it, whether it was an error or not.
func FuzzLoadStateDict(f *testing.F) {
	var storages [][]byte
	for _, o := range trained() {
		data, content := torchtest.Saved(f, o.StateDict())
		f.Add(data)
		storages = append(storages, content...)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		torch.Scope(func() {
			r := torchtest.Archive(t, data, storages...)
			var dict optim.StateDict
			for _, o := range trained() {
				hostile.Read(t, int(r.Size()), func() {
					value, err := torch.LoadFrom(r, r.Size())
					if err == nil {
						dict, err = torch.As[optim.StateDict](value)
					}
					if err == nil {
						err = o.LoadStateDict(dict)
					}
					if err != nil {
						assert.Less(t, len(err.Error()), 10_000)
					}
				})
				_ = o.StateDict()
				_ = torch.Try(o.(interface{ Step() }).Step) // a state of another shape is found out here
			}
		})
	})
}
