package lrscheduler_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
)

func someOptimizer() *optim.SGD {
	return optim.NewSGD([]*torch.Tensor{torch.Ones([]int{2}).SetRequiresGrad(true)}, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
}

// TestOddSchedulersAreRefused has numbers that Python divides by, and nil.
func TestOddSchedulersAreRefused(t *testing.T) {
	stepped := func(s lrscheduler.Scheduler) func() { return func() { s.Step() } }
	grown := func(make func(o *optim.SGD) lrscheduler.Scheduler) func() {
		o := someOptimizer()
		s := make(o)
		o.AddParamGroup(optim.Group[optim.SGDOptions]{Params: []*torch.Tensor{torch.Ones([]int{1})}})
		return func() { s.Step() }
	}
	half := func(int) float64 { return 0.5 }
	none := (*optim.SGD)(nil)
	const more = "the optimizer has 2 parameter groups, but had 1 when the scheduler was made"
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"StepLR of 0":            {Call: stepped(lrscheduler.NewStepLR(someOptimizer(), 0)), Kind: torch.ValueError, Words: "integer modulo by zero: step_size is 0"},
		"CosineAnnealingLR of 0": {Call: stepped(lrscheduler.NewCosineAnnealingLR(someOptimizer(), 0)), Kind: torch.ValueError, Words: "integer modulo by zero: T_max is 0"},
		"no optimizer":           {Call: func() { lrscheduler.NewStepLR(nil, 1) }, Kind: torch.TypeError, Words: "lrscheduler.NewStepLR: nil is not an Optimizer"},
		"a nil optimizer":        {Call: func() { lrscheduler.NewCyclicLR(none, 0.1, 1) }, Kind: torch.TypeError, Words: "nil is not an Optimizer"},
		"SWALR":                  {Call: func() { lrscheduler.NewSWALR(nil, 0.1) }, Kind: torch.TypeError, Words: "nil is not an Optimizer"},
		"ReduceLROnPlateau":      {Call: func() { lrscheduler.NewReduceLROnPlateau(nil) }, Kind: torch.TypeError, Words: "nil is not an Optimizer"},
		"LambdaLR":               {Call: func() { lrscheduler.NewLambdaLR(nil, half) }, Kind: torch.TypeError, Words: "nil is not an Optimizer"},
		"no function":            {Call: func() { lrscheduler.NewLambdaLR(someOptimizer(), nil) }, Kind: torch.TypeError, Words: "lr_lambda must not be nil"},
		"no function of a group": {Call: func() {
			lrscheduler.NewMultiplicativeLR(someOptimizer(), nil, lrscheduler.LambdaOptions{Lambdas: []func(int) float64{nil}})
		}, Kind: torch.TypeError, Words: "lr_lambda 0 must not be nil"},
		"no scheduler": {Call: func() {
			lrscheduler.NewSequentialLR(someOptimizer(), []lrscheduler.Scheduler{nil}, nil)
		}, Kind: torch.TypeError, Words: "scheduler 0 must not be nil"},
		"no scheduler in a chain": {Call: func() { lrscheduler.NewChainedScheduler(nil) }, Kind: torch.TypeError, Words: "scheduler 0 must not be nil"},
		"a scheduler by hand":     {Call: func() { new(lrscheduler.StepLR).Step() }, Kind: torch.ValueError, Words: "the scheduler was not made by a function such as NewStepLR"},
		"a new group of MultiplicativeLR": {Call: grown(func(o *optim.SGD) lrscheduler.Scheduler {
			return lrscheduler.NewMultiplicativeLR(o, half)
		}), Kind: torch.ValueError, Words: more},
		"a new group of CyclicLR": {Call: grown(func(o *optim.SGD) lrscheduler.Scheduler {
			return lrscheduler.NewCyclicLR(o, 0.1, 1)
		}), Kind: torch.ValueError, Words: more},
		"a new group of CosineAnnealingLR": {Call: grown(func(o *optim.SGD) lrscheduler.Scheduler {
			s := lrscheduler.NewCosineAnnealingLR(o, 1)
			s.Step()
			return s
		}), Kind: torch.ValueError, Words: more},
	})
}

// TestStateDictsOfOtherLengthsAreRefused since a scheduler has a number for each group
// or milestone.
func TestStateDictsOfOtherLengthsAreRefused(t *testing.T) {
	cyclic := lrscheduler.NewCyclicLR(someOptimizer(), 0.1, 1)
	for _, name := range []string{"base_lrs", "max_lrs", "base_momentums"} {
		err := cyclic.LoadStateDict(map[string]any{name: []any{0.1, 0.2}})
		assert.ErrorContains(t, err, name+" has 2 values, but the scheduler 1")
	}
	cyclic.Step()
	o := someOptimizer()
	sequential := lrscheduler.NewSequentialLR(o, []lrscheduler.Scheduler{lrscheduler.NewConstantLR(o), lrscheduler.NewStepLR(o, 1)}, []int{2})
	dict := sequential.StateDict()
	dict["_milestones"] = []any{0, 0}
	assert.ErrorContains(t, sequential.LoadStateDict(dict), "_milestones has 2 values, but the scheduler 1")
	step := lrscheduler.NewStepLR(someOptimizer(), 3)
	require.NoError(t, step.LoadStateDict(map[string]any{"step_size": 0}))
	assert.ErrorContains(t, torch.Try(step.Step), "integer modulo by zero: step_size is 0")
}

// TestSchedulersWithoutNumbersInTheState refuse tensors that are not numbers.
func TestSchedulersWithoutNumbersInTheState(t *testing.T) {
	s := lrscheduler.NewStepLR(someOptimizer(), 3)
	for _, x := range []*torch.Tensor{nil, torch.Ones([]int{2}), torch.Empty([]int{1}, torch.TensorOptions{Device: torch.Meta})} {
		assert.ErrorContains(t, s.LoadStateDict(map[string]any{"gamma": x}), "gamma cannot be")
	}
}
