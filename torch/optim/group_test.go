package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestAGroupsLearningRateOfZeroFreezes(t *testing.T) {
	frozen, trained := nn.NewParameter(torch.Ones([]int{2})), nn.NewParameter(torch.Ones([]int{2}))
	s := optim.NewSGDGroups(
		optim.SGDGroup{Params: []*torch.Tensor{frozen}, LR: new(0.0)},
		optim.SGDGroup{Params: []*torch.Tensor{trained}, Options: optim.SGDOptions{LR: 0.5}})
	step := func() {
		s.ZeroGrad()
		frozen.Add(trained).Sum().Backward()
		s.Step()
	}
	step()
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](frozen))
	assert.Equal(t, []float32{0.5, 0.5}, torch.ToSlice[float32](trained))

	g := s.ParamGroups[0]
	*g.LR = 0.25 // points to Options.LR
	assert.Equal(t, 0.25, g.Options.LR)
	g.LR = new(0.125)
	assert.Equal(t, 0.125, g.LearningRate())
	step()
	assert.Equal(t, []float32{0.875, 0.875}, torch.ToSlice[float32](frozen))
	g.SetLearningRate(0)
	assert.Equal(t, 0.0, *g.LR)
}

func TestOptionsAreVariadicAndNilIsTheDefault(t *testing.T) {
	p := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2}))}
	a := optim.NewAdam(p)
	o := &a.ParamGroups[0].Options
	assert.Equal(t, [2]float64{0.9, 0.999}, *o.Betas)
	assert.Equal(t, 1e-8, *o.Eps)
	assert.Equal(t, 1e-3, o.LR)

	o.Eps, o.Betas = nil, new([2]float64{0.5, 0.25}) // a step gives nil its default again
	p[0].Sum().Backward()
	a.Step()
	assert.Equal(t, 1e-8, *o.Eps)
	momentum, ok := a.Groups()[0].Momentum()
	assert.True(t, ok)
	assert.Equal(t, 0.5, momentum)
	a.Groups()[0].SetMomentum(0.75)
	assert.Equal(t, [2]float64{0.75, 0.25}, *o.Betas)
	assert.Equal(t, torch.Tuple{0.75, 0.25}, a.StateDict().ParamGroups[0]["betas"])

	zero := optim.NewAdam(p, optim.AdamOptions{Eps: new(0.0)})
	assert.Equal(t, 0.0, *zero.ParamGroups[0].Options.Eps)

	dict := a.StateDict()
	dict.ParamGroups[0]["eps"] = nil
	assert.ErrorContains(t, a.LoadStateDict(dict), "option eps cannot be")
	dict.ParamGroups[0]["eps"], dict.ParamGroups[0]["foreach"] = 1e-6, nil
	assert.NoError(t, a.LoadStateDict(dict))
	assert.Equal(t, 1e-6, *a.ParamGroups[0].Options.Eps)
}
