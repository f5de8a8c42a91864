package optim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func one(v float32) *torch.Tensor { return nn.NewParameter(torch.FromSlice([]float32{v})) }

func TestAddParamGroup(t *testing.T) {
	a, b := one(0), one(0)
	optimizer := optim.NewSGD([]*torch.Tensor{a}, optim.SGDOptions{LR: 1})
	optimizer.AddParamGroup(optim.SGDGroup{Params: []*torch.Tensor{b}, Options: optim.SGDOptions{LR: 2}})
	a.Add(b).Backward()
	optimizer.Step()
	assert.Equal(t, []float64{-1, -2}, []float64{a.Item(), b.Item()})
	assert.Equal(t, []int{1}, optimizer.StateDict().ParamGroups[1]["params"])
	again := func() { optimizer.AddParamGroup(optim.SGDGroup{Params: []*torch.Tensor{b}}) }
	assert.Equal(t, "some parameters appear in more than one parameter group", torchtest.Fails(t, again).Message)
	bad := func() {
		optimizer.AddParamGroup(optim.SGDGroup{Params: []*torch.Tensor{one(1)}, Options: optim.SGDOptions{Momentum: -1}})
	}
	assert.Equal(t, "Invalid momentum value: -1", torchtest.Fails(t, bad).Message)
	assert.Len(t, optimizer.ParamGroups, 2)
}

func TestNamesOfParameters(t *testing.T) {
	optimizer := optim.NewSGDGroups(optim.SGDGroup{Params: []*torch.Tensor{one(0)}, Names: []string{"fc.weight"}})
	assert.Equal(t, []string{"fc.weight"}, optimizer.StateDict().ParamGroups[0]["param_names"])
	assert.Equal(t, "all optimizer params should be with/without names. Some param names are missing", torchtest.Fails(t, func() {
		optim.NewSGDGroups(optim.SGDGroup{Params: []*torch.Tensor{one(0), one(1)}, Names: []string{"a"}})
	}).Message)
}

func TestZeroGradFillsWithZeros(t *testing.T) {
	a, b, c := one(2), one(3), one(4)
	optimizer := optim.NewSGD([]*torch.Tensor{a, b, c}, optim.SGDOptions{})
	a.SetGrad(b.Mul(2)) // which autograd follows
	b.SetGrad(torch.Ones([]int{1}))
	optimizer.ZeroGrad(optim.ZeroGradOptions{SetToNone: new(false)})
	assert.Equal(t, []float64{0, 0}, []float64{a.Grad().Item(), b.Grad().Item()})
	assert.False(t, a.Grad().RequiresGrad())
	assert.Nil(t, c.Grad())
	optimizer.ZeroGrad()
	assert.Nil(t, a.Grad())
}

func TestGroupsAreSeenByName(t *testing.T) {
	list := func() []*torch.Tensor { return []*torch.Tensor{one(0)} }
	adam := optim.NewAdam(list(), optim.AdamOptions{LR: 0.5})
	g := adam.Groups()[0]
	assert.Equal(t, 0.5, g.LearningRate())
	g.SetLearningRate(0) // in a group, 0 is 0
	assert.Equal(t, 0.0, adam.ParamGroups[0].Options.LR)
	m, ok := g.Momentum()
	assert.True(t, ok)
	assert.Equal(t, 0.9, m)
	g.SetMomentum(0.7)
	assert.Equal(t, [2]float64{0.7, 0.999}, *adam.ParamGroups[0].Options.Betas)
	_, ok = g.Number("initial_lr")
	assert.False(t, ok)
	g.SetNumber("initial_lr", 3)
	assert.Equal(t, 3.0, adam.StateDict().ParamGroups[0]["initial_lr"])
	_, ok = g.Number("betas")
	assert.False(t, ok, "not a number")

	_, ok = optim.NewAdagrad(list(), optim.AdagradOptions{}).Groups()[0].Momentum()
	assert.False(t, ok)
	muon := optim.NewMuon([]*torch.Tensor{nn.NewParameter(torch.Zeros([]int{2, 2}))}, optim.MuonOptions{Momentum: new(0.0)})
	muon.Groups()[0].SetMomentum(0.25)
	assert.Equal(t, 0.25, *muon.ParamGroups[0].Options.Momentum)
}

func TestLoadStateDictErrors(t *testing.T) {
	make := func() *optim.Adam { return optim.NewAdam([]*torch.Tensor{one(1), one(2)}, optim.AdamOptions{LR: 0.25}) }
	optimizer := make()
	for _, p := range optimizer.ParamGroups[0].Params {
		p.SetGrad(torch.Ones([]int{1}))
	}
	optimizer.Step()
	change := func(f func(d *optim.StateDict)) string {
		dict := optimizer.StateDict()
		f(&dict)
		fresh := make()
		err := fresh.LoadStateDict(dict)
		require.Error(t, err)
		assert.Equal(t, 0.25, fresh.ParamGroups[0].Options.LR, "unchanged")
		assert.Empty(t, fresh.StateDict().State)
		var e *torch.Error
		require.ErrorAs(t, err, &e)
		return e.Message
	}
	assert.Equal(t, "loaded state dict has a different number of parameter groups",
		change(func(d *optim.StateDict) { d.ParamGroups = nil }))
	assert.Equal(t, "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
		change(func(d *optim.StateDict) { d.ParamGroups[0]["params"] = []int{0} }))
	assert.Equal(t, "option lr cannot be fast", change(func(d *optim.StateDict) { d.ParamGroups[0]["lr"] = "fast" }))
	assert.Equal(t, "state step cannot be <nil>", change(func(d *optim.StateDict) { delete(d.State[1], "step") }))
	assert.Equal(t, "state exp_avg is not a tensor", change(func(d *optim.StateDict) { d.State[1]["exp_avg"] = 3 }))
	closed := torch.Ones([]int{1})
	closed.Close()
	assert.Equal(t, "state exp_avg is not a tensor", change(func(d *optim.StateDict) { d.State[1]["exp_avg"] = closed }))

	assert.Equal(t, "option lr cannot be a []interface {}", change(func(d *optim.StateDict) { d.ParamGroups[0]["lr"] = []any{1} }))
	long := strings.Repeat("x", 1000)
	assert.Equal(t, "option lr cannot be "+long[:97]+"...", change(func(d *optim.StateDict) { d.ParamGroups[0]["lr"] = long }))
	assert.Equal(t, "state step cannot be a torch.Tuple", change(func(d *optim.StateDict) { d.State[1]["step"] = torch.Tuple{} }))
	assert.Equal(t, "state "+long[:97]+"... is not a tensor", change(func(d *optim.StateDict) { d.State[1][long] = 1 }))
	assert.Equal(t, "Cannot copy out of meta tensor; no data!", change(func(d *optim.StateDict) {
		d.State[1]["exp_avg"] = torch.Ones([]int{1}, torch.TensorOptions{Device: torch.Meta})
	}))
	assert.Equal(t, "state exp_avg has 1073741824 elements, its parameter 1", change(func(d *optim.StateDict) {
		d.State[1]["exp_avg"] = torch.Ones([]int{1}).Expand(1 << 30)
	}))

	lbfgs := optim.NewLBFGS([]*torch.Tensor{one(1)}, optim.LBFGSOptions{})
	assert.Error(t, lbfgs.LoadStateDict(optim.StateDict{
		ParamGroups: []map[string]any{{"params": []int{0}}}, State: map[int]map[string]any{0: {"func_evals": 1, "n_iter": 1, "d": 7}},
	}))
}

func TestLoadedStateIsACopy(t *testing.T) {
	p := one(1)
	optimizer := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 1, Momentum: 0.5})
	buffer := torch.FromSlice([]float64{4}) // becomes a Float32
	torch.Scope(func() {
		require.NoError(t, optimizer.LoadStateDict(optim.StateDict{
			State:       map[int]map[string]any{0: {"momentum_buffer": buffer}},
			ParamGroups: []map[string]any{{"params": []int{0}}},
		}))
	})
	p.SetGrad(torch.Ones([]int{1}))
	optimizer.Step() // the velocity is 2 + 1
	assert.Equal(t, -2.0, p.Item())
	assert.Equal(t, 4.0, buffer.Item())
}

func TestGradientsThatAnOptimizerRefuses(t *testing.T) {
	table := nn.NewParameter(torch.Zeros([]int{2, 2}))
	list := []*torch.Tensor{table}
	table.SetGrad(torch.Ones([]int{2, 2}).ToSparse())
	assert.Equal(t, "Adam does not support sparse gradients, please consider SparseAdam instead",
		torchtest.Fails(t, optim.NewAdam(list, optim.AdamOptions{}).Step).Message)
	assert.Equal(t, "weight_decay option is not compatible with sparse gradients",
		torchtest.Fails(t, optim.NewAdagrad(list, optim.AdagradOptions{WeightDecay: 1}).Step).Message)
	table.SetGrad(torch.Ones([]int{2, 2}))
	assert.Equal(t, "SparseAdam does not support dense gradients, please consider Adam instead",
		torchtest.Fails(t, optim.NewSparseAdam(list, optim.SparseAdamOptions{}).Step).Message)

	complex := nn.NewParameter(torch.Zeros([]int{2, 2}, torch.TensorOptions{DType: torch.Complex64}))
	list = []*torch.Tensor{complex}
	complex.SetGrad(torch.OnesLike(complex))
	assert.Equal(t, "Adafactor does not support complex parameters",
		torchtest.Fails(t, optim.NewAdafactor(list, optim.AdafactorOptions{}).Step).Message)
	assert.Equal(t, "Muon does not support complex parameters", torchtest.Fails(t, optim.NewMuon(list, optim.MuonOptions{}).Step).Message)
	assert.Contains(t, torchtest.Fails(t, optim.NewAdam(list, optim.AdamOptions{Fused: new(true)}).Step).Message,
		"`fused=True` requires all the params to be floating point Tensors")
	assert.Equal(t, "Complex params at indices [[0, 0]]: SparseAdam does not support complex parameters",
		torchtest.Fails(t, func() { optim.NewSparseAdam(list, optim.SparseAdamOptions{}) }).Message)
	assert.Equal(t, "Muon only supports 2D parameters whereas we found a parameter with size: torch.Size([1])",
		torchtest.Fails(t, func() { optim.NewMuon([]*torch.Tensor{one(1)}, optim.MuonOptions{}) }).Message)
}

func TestLBFGSRefuses(t *testing.T) {
	p := one(1)
	loss := func() *torch.Tensor { return p.Square().Sum() }
	optimizer := optim.NewLBFGS([]*torch.Tensor{p}, optim.LBFGSOptions{LineSearchFn: "armijo"})
	assert.Equal(t, "only 'strong_wolfe' is supported", torchtest.Fails(t, func() { optimizer.Step(loss) }).Message)
	optimizer.AddParamGroup(optim.Group[optim.LBFGSOptions]{Params: []*torch.Tensor{one(1)}})
	assert.Equal(t, "Expected exactly one param_group, but got 2", torchtest.Fails(t, func() { optimizer.Step(loss) }).Message)
}

// A step frees what it makes on the way, and what it remembers outlives scopes.
func TestStepsKeepOnlyTheState(t *testing.T) {
	for name, make := range makers {
		if name == "SparseAdam" || name == "LBFGS" {
			continue
		}
		p := nn.NewParameter(torch.Ones([]int{3, 2}))
		optimizer := make([][]*torch.Tensor{{p}}).(optim.Optimizer)
		p.SetGrad(torch.Ones([]int{3, 2}))
		torch.Scope(optimizer.Step)
		t.Run(name, func(t *testing.T) {
			torchtest.Leaks(t, func() {
				for range 3 {
					optimizer.Step()
				}
			})
		})
	}
}

func TestLoopsWithoutOperators(t *testing.T) {
	x := []*torch.Tensor{torch.FromSlice([]float32{1, 4}), torch.FromSlice([]float32{6})}
	y := []*torch.Tensor{torch.FromSlice([]float32{3, 2}), torch.FromSlice([]float32{2})}
	optim.LoopsWithoutOperators(x, y)
	for _, list := range [][]*torch.Tensor{x, y} {
		assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](list[0]))
		assert.Equal(t, []float32{4}, torch.ToSlice[float32](list[1]))
	}
}
