package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// TestLoadStateDictReturnsErrors of tensors that cannot be copied: without values, or
// with more than there is memory for.
func TestLoadStateDictReturnsErrors(t *testing.T) {
	parameter := func() []*torch.Tensor { return []*torch.Tensor{torch.Ones([]int{2}).SetRequiresGrad(true)} }
	meta := torch.Empty([]int{2}, torch.TensorOptions{Device: torch.Meta})
	huge := torch.Zeros([]int{1}).Expand(1 << 50)
	for _, c := range []struct {
		x            *torch.Tensor
		words, lbfgs string
	}{
		{meta, "Cannot copy out of meta tensor; no data!", "Cannot copy out of meta tensor; no data!"},
		{huge, "has 1125899906842624 elements, its parameter 2", "allocate"},
	} {
		x := c.x
		sgd := optim.NewSGD(parameter(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		dict := sgd.StateDict()
		dict.State[0] = map[string]any{"momentum_buffer": x}
		err := sgd.LoadStateDict(dict)
		assert.ErrorContains(t, err, "optim.SGD.LoadStateDict: ")
		assert.ErrorContains(t, err, c.words)
		assert.Empty(t, sgd.StateDict().State, "the optimizer is unchanged")

		lbfgs := optim.NewLBFGS(parameter(), optim.LBFGSOptions{})
		dict = lbfgs.StateDict()
		dict.State[0] = map[string]any{"func_evals": 1, "n_iter": 1, "d": x}
		assert.ErrorContains(t, lbfgs.LoadStateDict(dict), c.lbfgs)
	}
	adam := optim.NewAdam(parameter(), optim.AdamOptions{})
	dict := adam.StateDict()
	dict.State[0] = map[string]any{"step": torch.Empty(nil, torch.TensorOptions{Device: torch.Meta})}
	assert.ErrorContains(t, adam.LoadStateDict(dict), "state step cannot be")
}

// TestOddOptimizersAreRefused has nil, and optimizers that nothing made.
func TestOddOptimizersAreRefused(t *testing.T) {
	parameters := []*torch.Tensor{torch.Ones([]int{2}).SetRequiresGrad(true)}
	lbfgs := optim.NewLBFGS(parameters, optim.LBFGSOptions{})
	average := optim.NewAveragedModel(nn.NewLinear(1, 1))
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no closure":          {Call: func() { lbfgs.Step(nil) }, Kind: torch.TypeError, Words: "the closure must not be nil"},
		"Base.Step":           {Call: func() { lbfgs.Base.Step() }, Kind: torch.RuntimeError, Words: "the optimizer's Step needs a closure"},
		"Step by hand":        {Call: func() { new(optim.SGD).Step() }, Kind: torch.RuntimeError, Words: "the optimizer was not made by a function such as NewSGD"},
		"a group by hand":     {Call: func() { new(optim.SGD).AddParamGroup(optim.Group[optim.SGDOptions]{}) }, Kind: torch.RuntimeError, Words: "the optimizer was not made"},
		"UpdateBN":            {Call: func() { optim.UpdateBN(nil, func() {}) }, Kind: torch.TypeError, Words: "the model must not be nil"},
		"UpdateBN of nothing": {Call: func() { optim.UpdateBN(nn.NewLinear(1, 1), nil) }, Kind: torch.TypeError, Words: "forward must not be nil"},
		"no model":            {Call: func() { optim.NewAveragedModel[*nn.Linear](nil) }, Kind: torch.TypeError, Words: "the model must not be nil"},
		"no model to add":     {Call: func() { average.UpdateParameters(nil) }, Kind: torch.TypeError, Words: "the model must not be nil"},
		"a model of one more": {Call: func() {
			optim.NewAveragedModel[optim.Model](nn.NewLinear(1, 1, nn.LinearOptions{Bias: new(false)})).UpdateParameters(nn.NewLinear(1, 1))
		}, Kind: torch.ValueError, Words: "the model has 2 tensors, and the average 1"},
		"an average of others": {Call: func() { optim.SWA()(parameters, nil, 1) }, Kind: torch.ValueError, Words: "the model has 0 tensors, and the average 1"},
	})
	var group optim.Group[optim.SGDOptions]
	group.SetNumber("initial_lr", 2)
	lr, _ := group.Number("initial_lr")
	assert.Equal(t, 2.0, lr)
	optim.EMA(0.5)(nil, nil, 1)
}
