package optim_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
)

// capturableCase is a case of testdata/capturable.json, which
// scripts/golden/capturable.py makes and describes.
type capturableCase struct {
	Optimizer, Problem, Tensor string
	Options                    map[string]any
	Rate                       float64
	Late                       int
	Params                     torchtest.Tensor
	State                      map[string]any
}

type capturableCases struct {
	Inputs              map[string][]torchtest.Tensor
	Capturable, Numbers []capturableCase
	Errors              []struct {
		Optimizer, Message string
		Options            map[string]any
		LR                 struct{ Tensor torchtest.Tensor }
	}
}

func capturableGolden(t *testing.T) (c capturableCases, exact bool) {
	header := torchtest.Golden(t, "testdata/capturable.json", &c)
	return c, header.Exact()
}

// withRate gives all groups of an optimizer a learning rate that is a tensor.
func withRate(optimizer general, lr *torch.Tensor) {
	groups := reflect.ValueOf(optimizer).Elem().FieldByName("ParamGroups")
	for i := range groups.Len() {
		group := groups.Index(i).Elem()
		options := group.FieldByName("Options")
		group.FieldByName("LR").SetZero()
		options.FieldByName("LR").SetZero()
		options.FieldByName("LRTensor").Set(reflect.ValueOf(lr))
	}
}

// optimizer makes the optimizer of a case with further options.
func (c *capturableCase) optimizer(t *testing.T, params []*torch.Tensor, more map[string]any) general {
	indices := make([]any, len(params))
	for i := range params {
		indices[i] = i
	}
	saved := maps.Clone(c.Options)
	maps.Copy(saved, more)
	saved["params"] = indices
	optimizer := makers[c.Optimizer]([][]*torch.Tensor{params})
	require.NoError(t, optimizer.LoadStateDict(optim.StateDict{ParamGroups: []map[string]any{saved}}))
	if c.Tensor != "" {
		dtype := map[string]torch.DType{"float32": torch.Float32, "float64": torch.Float64}[c.Tensor]
		withRate(optimizer, torch.Full([]int{}, c.Rate, torch.TensorOptions{DType: dtype}))
	}
	return optimizer
}

// train takes 20 steps, with half the learning rate from the 11th on. Before step
// change it replaces the optimizer.
func (c *capturableCase) train(p problem, optimizer general, change int, replace func(general) general) general {
	for step := range 20 {
		if step == change {
			optimizer = replace(optimizer)
		}
		if step == 10 {
			for _, g := range optimizer.Groups() {
				g.SetLearningRate(g.LearningRate() / 2)
			}
		}
		torch.Scope(func() {
			for _, x := range p.params {
				x.SetGrad(nil)
			}
			p.loss()
			if step < c.Late {
				for _, x := range p.params[:len(p.params)/2] {
					x.SetGrad(nil)
				}
			}
			optimizer.(optim.Optimizer).Step()
		})
	}
	return optimizer
}

// within returns what values may differ by where they are not compared bit for
// bit, as for the other cases.
func (c *capturableCase) within(exact bool) float64 {
	switch {
	case exact:
		return 0
	case c.Optimizer == "Adadelta":
		return 1e-3
	}
	return tolerance
}

func (c *capturableCase) check(t *testing.T, p problem, optimizer general, exact bool) {
	c.Params.Check(t, flat(p.params), exact, c.within(exact), "parameters")
	got := optimizer.StateDict().State[len(p.params)-1]
	assert.Len(t, got, len(c.State))
	for name, v := range c.State {
		assertValue(t, v, got[name], c.within(exact), name)
	}
}

// TestCapturableOptimizersTrainAsPython trains as Python's foreach, one parameter
// after the other and from state dicts, too.
func TestCapturableOptimizersTrainAsPython(t *testing.T) {
	c, exact := capturableGolden(t)
	for i, g := range append(c.Capturable, c.Numbers...) {
		if g.Options["fused"] == true && !hasFused() || g.Problem == "sparse" && g.Optimizer == "SGD" && !hasFused() {
			continue
		}
		ways := map[string]map[string]any{"": {}, "resumed": {}, "switched": {}, "one by one": {"foreach": false}}
		if g.Options["capturable"] != true {
			ways = map[string]map[string]any{"": {}}
		} else if g.Options["fused"] == true {
			delete(ways, "one by one")
		}
		for way, more := range ways {
			t.Run(fmt.Sprintf("%d %s %s %s %v %s", i, g.Optimizer, g.Problem, g.Tensor, g.Options, way), func(t *testing.T) {
				p := newProblem(t, g.Problem, c.Inputs[g.Problem])
				optimizer := g.train(p, g.optimizer(t, p.params, more), 5, func(o general) general {
					switch way {
					case "resumed":
						other := g.optimizer(t, p.params, more)
						require.NoError(t, other.LoadStateDict(o.StateDict()))
						return other
					case "switched": // off and on again, which turns counters into numbers and back
						dict := o.StateDict()
						dict.ParamGroups[0]["capturable"] = false
						require.NoError(t, o.LoadStateDict(dict))
						dict = o.StateDict()
						dict.ParamGroups[0]["capturable"] = true
						require.NoError(t, o.LoadStateDict(dict))
					}
					return o
				})
				g.check(t, p, optimizer, exact)
			})
		}
	}
}

// TestCapturableStepIsNearTheOther compares with steps that count in Go: in single
// precision the tensors' corrections differ in their last bits.
func TestCapturableStepIsNearTheOther(t *testing.T) {
	c, _ := capturableGolden(t)
	for _, g := range c.Capturable {
		if g.Options["fused"] == true {
			continue
		}
		p, q := newProblem(t, g.Problem, c.Inputs[g.Problem]), newProblem(t, g.Problem, c.Inputs[g.Problem])
		g.train(p, g.optimizer(t, p.params, nil), -1, nil)
		g.train(q, g.optimizer(t, q.params, map[string]any{"capturable": false, "foreach": nil}), -1, nil)
		a, b := torch.ToSlice[complex128](flat(p.params)), torch.ToSlice[complex128](flat(q.params))
		for i := range a {
			assert.InDelta(t, real(a[i]), real(b[i]), 2e-4, "%s %s %v", g.Optimizer, g.Problem, g.Options)
			assert.InDelta(t, imag(a[i]), imag(b[i]), 2e-4, "%s %s %v", g.Optimizer, g.Problem, g.Options)
		}
	}
}

func TestErrorsOfTensorRatesArePythons(t *testing.T) {
	c, _ := capturableGolden(t)
	p := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2}))}
	for _, want := range c.Errors {
		lr := want.LR.Tensor.Make(t)
		foreach, _ := want.Options["foreach"].(bool)
		e := torchtest.Fails(t, func() {
			switch want.Optimizer {
			case "SGD":
				optim.NewSGD(p, optim.SGDOptions{LRTensor: lr})
			case "Adam":
				optim.NewAdam(p, optim.AdamOptions{LRTensor: lr, Foreach: &foreach})
			case "AdamW":
				optim.NewAdamW(p, optim.AdamWOptions{LRTensor: lr, Foreach: &foreach})
			case "NAdam":
				optim.NewNAdam(p, optim.NAdamOptions{LRTensor: lr})
			case "RAdam":
				optim.NewRAdam(p, optim.RAdamOptions{LRTensor: lr})
			case "Adamax":
				optim.NewAdamax(p, optim.AdamaxOptions{LRTensor: lr})
			case "Adadelta":
				optim.NewAdadelta(p, optim.AdadeltaOptions{LRTensor: lr})
			case "RMSprop":
				optim.NewRMSprop(p, optim.RMSpropOptions{LRTensor: lr})
			case "Rprop":
				optim.NewRprop(p, optim.RpropOptions{LRTensor: lr})
			case "ASGD":
				optim.NewASGD(p, optim.ASGDOptions{LRTensor: lr})
			case "Adagrad":
				optim.NewAdagrad(p, optim.AdagradOptions{LRTensor: lr})
			case "Adafactor":
				optim.NewAdafactor(p, optim.AdafactorOptions{LRTensor: lr})
			case "SparseAdam":
				optim.NewSparseAdam(p, optim.SparseAdamOptions{LRTensor: lr})
			case "LBFGS":
				optim.NewLBFGS(p, optim.LBFGSOptions{LRTensor: lr})
			}
		})
		assert.Equal(t, want.Message, e.Message, want.Optimizer)
		assert.Equal(t, torch.ValueError, e.Kind)
	}
}

func TestSchedulersFillATensorRate(t *testing.T) {
	p, q := nn.NewParameter(torch.Ones([]int{3})), nn.NewParameter(torch.Ones([]int{3}))
	lr := torch.Full([]int{1}, 0.5, torch.TensorOptions{DType: torch.Float64})
	tensor := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LRTensor: lr})
	number := optim.NewSGD([]*torch.Tensor{q}, optim.SGDOptions{LR: 0.5})
	a := lrscheduler.NewCosineAnnealingLR(tensor, 5)
	b := lrscheduler.NewCosineAnnealingLR(number, 5)
	for range 7 {
		for _, x := range []*torch.Tensor{p, q} {
			x.SetGrad(torch.FromSlice([]float32{1, 2, 3}))
		}
		tensor.Step()
		number.Step()
		a.Step()
		b.Step()
		assert.Equal(t, b.GetLastLR(), a.GetLastLR())
		assert.Equal(t, b.GetLastLR()[0], lr.Item())
		assert.True(t, torch.Equal(p.Detach(), q.Detach()))
	}
	assert.NotEqual(t, 0.5, lr.Item())

	group := tensor.ParamGroups[0]
	group.SetNumber("lr", 0.25)
	assert.Equal(t, 0.25, lr.Item())
	dict := tensor.StateDict()
	saved, ok := dict.ParamGroups[0]["lr"].(*torch.Tensor)
	require.True(t, ok)
	assert.Equal(t, []int{1}, saved.Shape())
	dict.ParamGroups[0]["lr"] = 0.125
	require.NoError(t, tensor.LoadStateDict(dict))
	assert.Equal(t, 0.125, lr.Item())
	delete(dict.ParamGroups[0], "lr")
	require.NoError(t, tensor.LoadStateDict(dict))
	assert.Equal(t, 0.125, lr.Item())
	require.NoError(t, number.LoadStateDict(tensor.StateDict()))
	assert.Equal(t, 0.125, number.ParamGroups[0].LearningRate())
}

func TestTensorRateAndNumberExcludeEachOther(t *testing.T) {
	p := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2}))}
	lr := torch.Full([]int{}, 0.1)
	e := torchtest.Fails(t, func() { optim.NewSGD(p, optim.SGDOptions{LR: 0.1, LRTensor: lr}) })
	assert.Equal(t, "LR and LRTensor are both given", e.Message)
	e = torchtest.Fails(t, func() {
		optim.NewSGDGroups(optim.SGDGroup{Params: p, LR: new(0.0), Options: optim.SGDOptions{LRTensor: lr}})
	})
	assert.Equal(t, "LR and LRTensor are both given", e.Message)
	s := optim.NewSGD(p, optim.SGDOptions{LRTensor: lr})
	assert.Nil(t, s.ParamGroups[0].LR)
	s.ParamGroups[0].Options.LR = 0.3
	e = torchtest.Fails(t, s.Step)
	assert.Equal(t, "the learning rate is LRTensor: change it by SetLearningRate, or set LRTensor to nil", e.Message)
	s.ParamGroups[0].Options.LRTensor = nil
	s.Step()
	assert.Equal(t, 0.3, s.ParamGroups[0].LearningRate())
}

// TestCapturableParametersShareTheirCounters checks that parameters which stay
// behind keep their own count.
func TestCapturableParametersShareTheirCounters(t *testing.T) {
	params := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2})), nn.NewParameter(torch.Ones([]int{2})), nn.NewParameter(torch.Ones([]int{2}))}
	a := optim.NewAdam(params, optim.AdamOptions{Capturable: true})
	step := func(grads ...int) {
		for _, p := range params {
			p.SetGrad(nil)
		}
		for _, i := range grads {
			params[i].SetGrad(torch.Ones([]int{2}))
		}
		a.Step()
	}
	counts := func() (list []float64) {
		state := a.StateDict().State
		for i := range params {
			list = append(list, state[i]["step"].(*torch.Tensor).Item())
		}
		return list
	}
	step(0, 1, 2)
	step(0, 1, 2)
	assert.Equal(t, []float64{2, 2, 2}, counts())
	step(1)
	assert.Equal(t, []float64{2, 3, 2}, counts())
	step(0, 1)
	assert.Equal(t, []float64{3, 4, 2}, counts())
	step(0, 1, 2)
	assert.Equal(t, []float64{4, 5, 3}, counts())
}

func TestCaptureRefusesStepsThatCountInGo(t *testing.T) {
	made := func() *torch.Tensor {
		p := nn.NewParameter(torch.Ones([]int{2}))
		p.SetGrad(torch.Ones([]int{2}))
		return p
	}
	p := made()
	message := func(f func()) (message string) {
		optim.AsIfCapturing(func() { message = torchtest.Fails(t, f).Message })
		return message
	}
	adam := optim.NewAdam([]*torch.Tensor{p})
	adam.Step()
	before := p.Detach().Clone()
	assert.Equal(t, "a step of Adam cannot be captured: it depends on numbers that change from step to step; "+
		"set its option Capturable", message(adam.Step))
	adam.ParamGroups[0].Options.Capturable = true
	first := "the first step of a parameter cannot be captured: take one before, which makes what is remembered of it"
	assert.Equal(t, first, message(adam.Step))
	assert.True(t, torch.Equal(before, p.Detach()))
	adam.Step()
	optim.AsIfCapturing(adam.Step)
	assert.Equal(t, 3.0, adam.StateDict().State[0]["step"].(*torch.Tensor).Item())

	q := made()
	sgd := optim.NewSGD([]*torch.Tensor{q}, optim.SGDOptions{LR: 0.5, Momentum: 0.9})
	assert.Equal(t, first, message(sgd.Step))
	sgd.Step()
	optim.AsIfCapturing(sgd.Step)
	sgd.ParamGroups[0].SetLearningRate(0.5)
	e := torchtest.Fails(t, func() { sgd.ParamGroups[0].SetLearningRate(0.25) })
	assert.Equal(t, "a captured step has the learning rate 0.5 as a number: give it as LRTensor", e.Message)
}
