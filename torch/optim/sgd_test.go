package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by, relative to the greater of 1 and the
// golden value, on another libtorch or CPU than that of the golden file.
const tolerance = 1e-5

// run is what a training gave.
type run struct {
	Losses   torchtest.Tensor
	Params   []torchtest.Tensor
	Momentum []*torchtest.Tensor
}

// group is a parameter group: which of the net's parameters, and their options.
type group struct {
	Params  []int
	Options struct {
		LR          float64
		Momentum    float64
		Dampening   float64
		WeightDecay float64 `json:"weight_decay"`
		Nesterov    bool
		Maximize    bool
	}
}

// cases is testdata/optim.json, which scripts/golden/optim.py makes and describes.
type cases struct {
	X, Y torchtest.Tensor
	SGD  []struct {
		Name        string
		Groups      []group
		Late, Halve int
		Loop, Fused run
	}
	Errors map[string]struct{ Type, Message string }
}

func golden(t *testing.T) (c cases, exact bool) {
	t.Helper()
	header := torchtest.Golden(t, "testdata/optim.json", &c)
	return c, header.Exact()
}

// hasFused reports whether libtorch has the fused SGD, which 2.3 brought to the
// CPU.
func hasFused() bool { return !torchtest.Old() }

// assertLack checks the error of a libtorch without fused SGD.
func assertLack(t *testing.T, e *torch.Error) {
	t.Helper()
	assert.Equal(t, torch.UnsupportedError, e.Kind)
	assert.Contains(t, e.Error(), "aten::_fused_sgd_")
	assert.Contains(t, e.Error(), torch.Version())
}

func newNet() *nn.Sequential {
	torch.ManualSeed(0)
	return nn.NewSequential(nn.NewLinear(5, 8), nn.NewReLU(), nn.NewLinear(8, 3))
}

func TestSGDTrainsAsPython(t *testing.T) {
	c, exact := golden(t)
	paths := map[string]optim.SGDOptions{
		"default":     {},
		"foreach":     {Foreach: new(true)},
		"one by one":  {Foreach: new(false)},
		"fused":       {Fused: new(true)},
		"fused false": {Fused: new(false), Foreach: new(false)},
	}
	for _, g := range c.SGD {
		for path, options := range paths {
			t.Run(g.Name+"/"+path, func(t *testing.T) {
				net := newNet()
				params := net.Parameters()
				var groups []optim.SGDGroup
				for _, p := range g.Groups {
					o := options
					o.LR, o.Momentum, o.Dampening = p.Options.LR, p.Options.Momentum, p.Options.Dampening
					o.WeightDecay, o.Nesterov, o.Maximize = p.Options.WeightDecay, p.Options.Nesterov, p.Options.Maximize
					var list []*torch.Tensor
					for _, i := range p.Params {
						list = append(list, params[i])
					}
					groups = append(groups, optim.SGDGroup{Params: list, Options: o})
				}
				optimizer := optim.NewSGDGroups(groups...)
				x, y := c.X.Make(t), c.Y.Make(t)
				criterion := nn.NewCrossEntropyLoss()
				var losses []*torch.Tensor
				for step := range 20 {
					if step == g.Halve {
						for i := range optimizer.ParamGroups {
							optimizer.ParamGroups[i].Options.LR *= 0.5
						}
					}
					optimizer.ZeroGrad()
					for _, p := range optimizer.ParamGroups {
						for _, p := range p.Params {
							require.Nil(t, p.Grad())
						}
					}
					if len(g.Groups[0].Params) == 1 {
						net.ZeroGrad() // the optimizer does not know all
					}
					loss := criterion.Forward(net.Forward(x), y)
					loss.Backward()
					if step < g.Late {
						params[0].SetGrad(nil)
						params[1].SetGrad(nil)
					}
					if path == "fused" && !hasFused() {
						before := torch.ToSlice[float32](params[2])
						assertLack(t, torchtest.Fails(t, optimizer.Step))
						assert.Equal(t, before, torch.ToSlice[float32](params[2]))
						return
					}
					optimizer.Step()
					losses = append(losses, loss.Detach())
				}
				want := g.Loop
				if path == "fused" {
					want = g.Fused
				}
				want.Losses.Check(t, torch.Stack(losses, 0), exact, tolerance, "losses")
				for i, p := range params {
					want.Params[i].Check(t, p, exact, tolerance, "parameter", i)
					assert.True(t, p.IsLeaf() && p.RequiresGrad())
					if want.Momentum[i] == nil {
						assert.Nil(t, optimizer.MomentumBuffer(p), "momentum", i)
					} else {
						want.Momentum[i].Check(t, optimizer.MomentumBuffer(p), exact, tolerance, "momentum", i)
					}
				}
			})
		}
	}
}

func TestOptionErrorsArePythons(t *testing.T) {
	c, _ := golden(t)
	p := nn.NewParameter(torch.Ones([]int{2}))
	list := []*torch.Tensor{p}
	sgd := func(o optim.SGDOptions) func() { return func() { optim.NewSGD(list, o) } }
	calls := map[string]func(){
		"lr":                        sgd(optim.SGDOptions{LR: -0.1}),
		"momentum":                  sgd(optim.SGDOptions{Momentum: -0.5}),
		"weight decay":              sgd(optim.SGDOptions{WeightDecay: -1e-7}),
		"nesterov without momentum": sgd(optim.SGDOptions{Nesterov: true}),
		"nesterov with dampening":   sgd(optim.SGDOptions{Nesterov: true, Momentum: 0.9, Dampening: 0.1}),
		"foreach and fused":         sgd(optim.SGDOptions{Foreach: new(true), Fused: new(true)}),
		"no parameters":             func() { optim.NewSGD(nil, optim.SGDOptions{}) },
		"not a leaf":                func() { optim.NewSGD([]*torch.Tensor{p.Mul(2)}, optim.SGDOptions{}) },
		"in two groups":             func() { optim.NewSGDGroups(optim.SGDGroup{Params: list}, optim.SGDGroup{Params: list}) },
	}
	kinds := map[string]torch.ErrorKind{"ValueError": torch.ValueError, "RuntimeError": torch.RuntimeError}
	assert.Len(t, calls, len(c.Errors))
	for name, want := range c.Errors {
		e := torchtest.Fails(t, calls[name])
		assert.Equal(t, want.Message, e.Message, name)
		assert.Equal(t, kinds[want.Type], e.Kind, name)
		assert.Equal(t, "optim.NewSGD", e.Op, name)
	}
	assert.Equal(t, "optimizer got an empty parameter list", torchtest.Fails(t, func() { optim.NewSGDGroups() }).Message)
	assert.Equal(t, "parameter 1 is nil", torchtest.Fails(t, func() { optim.NewSGD([]*torch.Tensor{p, nil}, optim.SGDOptions{}) }).Message)
	assert.Equal(t, "parameter 1 appears twice in its group",
		torchtest.Fails(t, func() { optim.NewSGD([]*torch.Tensor{p, p}, optim.SGDOptions{}) }).Message)
	p.Close()
	assert.Equal(t, torch.ClosedError, torchtest.Fails(t, func() { optim.NewSGD(list, optim.SGDOptions{}) }).Kind)
}

func TestParametersAndMomentumOutliveScopes(t *testing.T) {
	for name, options := range map[string]optim.SGDOptions{
		"default":    {LR: 0.1, Momentum: 0.5},
		"one by one": {LR: 0.1, Momentum: 0.5, Foreach: new(false)},
		"fused":      {LR: 0.1, Momentum: 0.5, Fused: new(true)},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "fused" && !hasFused() {
				return
			}
			var w *torch.Tensor
			var optimizer *optim.SGD
			torch.Scope(func() {
				w = nn.NewParameter(torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Float64}))
				optimizer = optim.NewSGD([]*torch.Tensor{w}, options)
			})
			live := torchtest.Settled()
			for range 3 {
				torch.Scope(func() {
					optimizer.ZeroGrad()
					w.Sum().Backward()
					optimizer.Step()
				})
			}
			// The velocities are 1, 1.5 and 1.75.
			assert.InDelta(t, -0.425, w.Item(), 1e-12)
			assert.Equal(t, live+1, torchtest.LiveTensors(), "only the momentum stays")
		})
	}
}

func TestGroupOfTwoDTypes(t *testing.T) {
	for name, options := range map[string]optim.SGDOptions{
		"foreach": {LR: 0.5, Momentum: 0.5},
		"fused":   {LR: 0.5, Momentum: 0.5, Fused: new(true)},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "fused" && !hasFused() {
				return
			}
			a := nn.NewParameter(torch.FromSlice([]float32{1, 2}))
			b := nn.NewParameter(torch.FromSlice([]float64{3}))
			unused := nn.NewParameter(torch.FromSlice([]float64{4}))
			optimizer := optim.NewSGD([]*torch.Tensor{a, b, unused}, options)
			for range 2 {
				optimizer.ZeroGrad()
				a.Sum().Backward()
				b.Sum().Backward()
				optimizer.Step()
			}
			// The velocities are 1 and 1.5.
			assert.Equal(t, []float32{-0.25, 0.75}, torch.ToSlice[float32](a))
			assert.Equal(t, []float64{1.75}, torch.ToSlice[float64](b))
			assert.Equal(t, 4.0, unused.Item())
		})
	}
}

func TestStepWithoutGradients(t *testing.T) {
	p := nn.NewParameter(torch.Ones([]int{2}))
	optimizer := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 1, Momentum: 0.9, WeightDecay: 0.1})
	optimizer.Step()
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](p))
	p.Close()
	assert.Equal(t, torch.ClosedError, torchtest.Fails(t, optimizer.Step).Kind)
}

func TestMomentumIsACopyOfTheGradient(t *testing.T) {
	p := nn.NewParameter(torch.Zeros([]int{1}))
	optimizer := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 1, Momentum: 0.5})
	p.SetGrad(torch.Ones([]int{1}))
	optimizer.Step()
	p.Grad().FillInplace(8)
	assert.Equal(t, -1.0, p.Item())
	optimizer.Step() // the velocity is 0.5 + 8
	assert.Equal(t, -9.5, p.Item())
	assert.Equal(t, 8.0, p.Grad().Item(), "a step leaves the gradient alone")
}

func TestFailedFusedStepLeavesNoMomentum(t *testing.T) {
	if hasFused() {
		t.Skip("this libtorch has the fused SGD")
	}
	p := nn.NewParameter(torch.Zeros([]int{1}))
	optimizer := optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 1, Momentum: 0.5, Fused: new(true)})
	p.SetGrad(torch.Ones([]int{1}))
	assertLack(t, torchtest.Fails(t, optimizer.Step))
	optimizer.ParamGroups[0].Options.Fused = nil
	optimizer.Step()
	assert.Equal(t, -1.0, p.Item())
}
