package optim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// training is what one run of a case gave.
type training struct {
	Losses, Params torchtest.Tensor
	State          map[string]any
}

// trainingCase is a case of testdata/optimizers.json, which
// scripts/golden/optimizers.py makes and describes.
type trainingCase struct {
	Optimizer, Problem string
	Groups             []struct {
		Params  []int
		Options map[string]any
	}
	Late           int
	Loop           training
	Foreach, Fused *training
	Half           *struct {
		Params torchtest.Tensor
		Dict   struct {
			State       map[string]map[string]any
			ParamGroups []map[string]any `json:"param_groups"`
		}
	}
}

type optimizerCases struct {
	Inputs    map[string][]torchtest.Tensor
	Trainings []trainingCase
	Defaults  map[string]map[string]any
	Errors    []struct {
		Optimizer     string
		Options       map[string]any
		Type, Message string
	}
}

// general is what the tests do with every optimizer.
type general interface {
	optim.Grouped
	StateDict() optim.StateDict
	LoadStateDict(optim.StateDict) error
	ZeroGrad(...optim.ZeroGradOptions)
}

// groupsOf returns groups of parameters with no options set.
func groupsOf[O any](groups [][]*torch.Tensor) (list []optim.Group[O]) {
	for _, g := range groups {
		list = append(list, optim.Group[O]{Params: g})
	}
	return list
}

var makers = map[string]func(groups [][]*torch.Tensor) general{
	"SGD":     func(g [][]*torch.Tensor) general { return optim.NewSGDGroups(groupsOf[optim.SGDOptions](g)...) },
	"Adam":    func(g [][]*torch.Tensor) general { return optim.NewAdamGroups(groupsOf[optim.AdamOptions](g)...) },
	"AdamW":   func(g [][]*torch.Tensor) general { return optim.NewAdamWGroups(groupsOf[optim.AdamWOptions](g)...) },
	"Adamax":  func(g [][]*torch.Tensor) general { return optim.NewAdamaxGroups(groupsOf[optim.AdamaxOptions](g)...) },
	"NAdam":   func(g [][]*torch.Tensor) general { return optim.NewNAdamGroups(groupsOf[optim.NAdamOptions](g)...) },
	"RAdam":   func(g [][]*torch.Tensor) general { return optim.NewRAdamGroups(groupsOf[optim.RAdamOptions](g)...) },
	"Adagrad": func(g [][]*torch.Tensor) general { return optim.NewAdagradGroups(groupsOf[optim.AdagradOptions](g)...) },
	"Adadelta": func(g [][]*torch.Tensor) general {
		return optim.NewAdadeltaGroups(groupsOf[optim.AdadeltaOptions](g)...)
	},
	"Adafactor": func(g [][]*torch.Tensor) general {
		return optim.NewAdafactorGroups(groupsOf[optim.AdafactorOptions](g)...)
	},
	"RMSprop": func(g [][]*torch.Tensor) general { return optim.NewRMSpropGroups(groupsOf[optim.RMSpropOptions](g)...) },
	"Rprop":   func(g [][]*torch.Tensor) general { return optim.NewRpropGroups(groupsOf[optim.RpropOptions](g)...) },
	"ASGD":    func(g [][]*torch.Tensor) general { return optim.NewASGDGroups(groupsOf[optim.ASGDOptions](g)...) },
	"Muon":    func(g [][]*torch.Tensor) general { return optim.NewMuonGroups(groupsOf[optim.MuonOptions](g)...) },
	"SparseAdam": func(g [][]*torch.Tensor) general {
		return optim.NewSparseAdamGroups(groupsOf[optim.SparseAdamOptions](g)...)
	},
	"LBFGS": func(g [][]*torch.Tensor) general { return optim.NewLBFGS(g[0], optim.LBFGSOptions{}) },
}

// problem is what the cases train.
type problem struct {
	params []*torch.Tensor
	loss   func() *torch.Tensor // adds up the gradients, too
}

func newProblem(t *testing.T, kind string, inputs []torchtest.Tensor) problem {
	x, y := inputs[0].Make(t), inputs[1].Make(t)
	if kind == "net" || kind == "double" {
		net := newNet()
		net.To(x.DType())
		criterion := nn.NewCrossEntropyLoss()
		return problem{net.Parameters(), func() *torch.Tensor {
			loss := criterion.Forward(net.Forward(x), y)
			loss.Backward()
			return loss
		}}
	}
	p := nn.NewParameter(x)
	if kind == "complex" {
		return problem{[]*torch.Tensor{p}, func() *torch.Tensor {
			d := p.Sub(y)
			a, b := d.Real(), d.Imag()
			loss := a.Mul(a).Add(b.Mul(b).Mul(2)).Sum()
			loss.Backward()
			return loss
		}}
	}
	step := 0
	return problem{[]*torch.Tensor{p}, func() *torch.Tensor {
		rows := torch.FromSlice([]int{step % 6, 3, step % 2, 3})
		d := p.Detach().Sub(y).IndexSelect(0, rows)
		p.SetGrad(torch.SparseCOOTensor(rows.Unsqueeze(0), d, torch.SparseOptions{Size: []int{6, 3}}))
		step++
		return d.Mul(d).Sum()
	}}
}

// optimizer makes the optimizer of a case; path sets options of all groups.
func (c *trainingCase) optimizer(t *testing.T, params []*torch.Tensor, path map[string]any) general {
	var groups [][]*torch.Tensor
	dict := optim.StateDict{}
	n := 0
	for _, g := range c.Groups {
		var list []*torch.Tensor
		indices := []any{}
		for _, i := range g.Params {
			list = append(list, params[i])
			indices = append(indices, n)
			n++
		}
		groups = append(groups, list)
		saved := maps.Clone(g.Options)
		maps.Copy(saved, path)
		saved["params"] = indices
		dict.ParamGroups = append(dict.ParamGroups, saved)
	}
	optimizer := makers[c.Optimizer](groups)
	require.NoError(t, optimizer.LoadStateDict(dict))
	return optimizer
}

// train runs a case from step begin on; change may replace the optimizer before a
// step.
func (c *trainingCase) train(p problem, optimizer general, begin int, change func(int, general) general) *torch.Tensor {
	steps := 20
	if c.Optimizer == "LBFGS" {
		steps = 5
	}
	var losses []*torch.Tensor
	for step := begin; step < steps; step++ {
		optimizer = change(step, optimizer)
		torch.Scope(func() {
			var loss *torch.Tensor
			switch o := optimizer.(type) {
			case *optim.LBFGS:
				loss = o.Step(func() *torch.Tensor {
					o.ZeroGrad()
					return p.loss()
				})
			case optim.Optimizer:
				for _, x := range p.params {
					x.SetGrad(nil)
				}
				loss = p.loss()
				if step < c.Late {
					for _, x := range p.params[:len(p.params)/2] {
						x.SetGrad(nil)
					}
				}
				o.Step()
			}
			losses = append(losses, loss.Detach().Keep())
		})
	}
	return torch.Stack(losses, 0)
}

func flat(params []*torch.Tensor) *torch.Tensor {
	var list []*torch.Tensor
	for _, p := range params {
		list = append(list, p.Detach().Reshape(-1))
	}
	return torch.Cat(list, 0)
}

// decoded returns a value of a golden state dict.
func decoded(t *testing.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if x, ok := v["tensor"]; ok {
			data, err := json.Marshal(x)
			require.NoError(t, err)
			var g torchtest.Tensor
			require.NoError(t, json.Unmarshal(data, &g))
			return g.Make(t)
		}
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = decoded(t, x)
		}
		return list
	}
	return v
}

// assertValue compares a value of a state dict with a golden one.
func assertValue(t *testing.T, want, got any, within float64, what string) {
	t.Helper()
	near := func(want, got float64) {
		t.Helper()
		if within == 0 {
			assert.Equal(t, want, got, what)
		} else {
			assert.InDelta(t, want, got, within*max(1, want), what)
		}
	}
	switch want := decoded(t, want).(type) {
	case *torch.Tensor:
		x, ok := got.(*torch.Tensor)
		if !assert.True(t, ok, "%s is %v", what, got) {
			return
		}
		assert.Equal(t, want.DType(), x.DType(), what)
		assert.Equal(t, append([]int{}, want.Shape()...), append([]int{}, x.Shape()...), what)
		b := torch.ToSlice[complex128](x)
		for i, a := range torch.ToSlice[complex128](want) {
			near(real(a), real(b[i]))
			near(imag(a), imag(b[i]))
		}
	case float64:
		switch n := got.(type) {
		case int:
			near(want, float64(n))
		case float64:
			near(want, n)
		default:
			assert.Fail(t, "not a number", "%s is %v", what, got)
		}
	default:
		assert.Equal(t, want, got, what)
	}
}

func optimizerGolden(t *testing.T) (c optimizerCases, exact bool) {
	t.Helper()
	header := torchtest.Golden(t, "testdata/optimizers.json", &c)
	return c, header.Exact()
}

func (c *trainingCase) name(i int) string {
	return fmt.Sprintf("%d %s %s %v", i, c.Optimizer, c.Problem, c.Groups)
}

// within returns what values may differ by where they are not compared bit for
// bit: on another libtorch or CPU. Adadelta starts with tiny steps. LBFGS decides
// by comparisons how many steps to take, and Muon computes in BFloat16, whose
// rounding adds up to several percent in 20 steps: they are not compared there.
func (c *trainingCase) within(t *testing.T, exact bool) float64 {
	switch {
	case exact:
		return 0
	case c.Optimizer == "LBFGS":
		t.Skip("LBFGS takes other steps after other rounding")
	case c.Optimizer == "Muon":
		t.Skip("Muon computes in BFloat16, which rounds much")
	case c.Optimizer == "Adadelta":
		return 1e-3
	}
	return tolerance
}

func keep(_ int, o general) general { return o }

func TestOptimizersTrainAsPython(t *testing.T) {
	c, exact := optimizerGolden(t)
	paths := map[string]map[string]any{
		"default": {}, "one by one": {"foreach": false}, "foreach": {"foreach": true},
		"fused": {"fused": true, "foreach": nil}, "resumed": {},
	}
	for i, g := range c.Trainings {
		if g.Problem == "sparse" && g.Optimizer != "SparseAdam" && !hasFused() {
			t.Logf("libtorch 1 has no operators on lists of sparse tensors: no %s", g.name(i))
			continue
		}
		for path, options := range paths {
			want := &g.Loop
			switch path {
			case "foreach":
				if g.Foreach != nil {
					want = g.Foreach
				}
			case "fused":
				if _, has := c.Defaults[g.Optimizer]["fused"]; !has || !hasFused() || g.Problem == "complex" || g.Problem == "sparse" || g.Late > 0 {
					continue
				}
				if g.Fused != nil {
					want = g.Fused
				}
			}
			t.Run(g.name(i)+"/"+path, func(t *testing.T) {
				p := newProblem(t, g.Problem, c.Inputs[g.Problem])
				within := g.within(t, exact)
				optimizer := g.optimizer(t, p.params, options)
				change := keep
				if path == "resumed" {
					change = func(step int, o general) general {
						if step == 3 {
							optimizer = g.optimizer(t, p.params, options)
							require.NoError(t, optimizer.LoadStateDict(o.StateDict()))
						}
						return optimizer
					}
				}
				losses := g.train(p, optimizer, 0, change)
				if want == &g.Loop {
					want.Losses.Check(t, losses, exact, within, "losses")
				}
				want.Params.Check(t, flat(p.params), exact, within, "parameters")
				g.checkState(t, optimizer, want.State, within)
			})
		}
	}
}

// checkState compares what is remembered of the last parameter.
func (c *trainingCase) checkState(t *testing.T, optimizer general, want map[string]any, within float64) {
	last := -1
	for _, g := range c.Groups {
		last += len(g.Params)
	}
	if c.Optimizer == "LBFGS" {
		last = 0
	}
	got := optimizer.StateDict().State[last]
	if c.Optimizer != "LBFGS" {
		assert.Len(t, got, len(want))
	}
	for name, v := range want {
		assertValue(t, v, got[name], within, name)
	}
}

func TestOptimizersGoOnFromPythonsStateDict(t *testing.T) {
	c, exact := optimizerGolden(t)
	seen := map[string]bool{}
	for i, g := range c.Trainings {
		if g.Half == nil {
			continue
		}
		seen[g.Optimizer] = true
		t.Run(g.name(i), func(t *testing.T) {
			within := g.within(t, exact)
			p := newProblem(t, g.Problem, c.Inputs[g.Problem])
			params, offset := g.Half.Params.Make(t), 0
			torch.NoGrad(func() {
				for _, x := range p.params {
					x.CopyInplace(params.Narrow(0, offset, x.Numel()).View(x.Shape()...))
					offset += x.Numel()
				}
			})
			dict := optim.StateDict{ParamGroups: g.Half.Dict.ParamGroups, State: map[int]map[string]any{}}
			for n, state := range g.Half.Dict.State {
				index, err := strconv.Atoi(n)
				require.NoError(t, err)
				dict.State[index] = map[string]any{}
				for name, v := range state {
					dict.State[index][name] = decoded(t, v)
				}
			}
			optimizer := g.optimizer(t, p.params, nil)
			require.NoError(t, optimizer.LoadStateDict(dict))
			begin := 10
			if g.Optimizer == "LBFGS" {
				begin = 2
			}
			if g.Problem == "sparse" {
				for range begin {
					p.loss() // goes on to the next rows
				}
			}
			g.train(p, optimizer, begin, keep)
			g.Loop.Params.Check(t, flat(p.params), exact, within, "parameters")
			g.checkState(t, optimizer, g.Loop.State, within)
		})
	}
	assert.Len(t, seen, len(makers))
}

func TestDefaultOptionsArePythons(t *testing.T) {
	c, _ := optimizerGolden(t)
	assert.Len(t, c.Defaults, len(makers))
	for name, want := range c.Defaults {
		optimizer := makers[name]([][]*torch.Tensor{{nn.NewParameter(torch.Ones([]int{2, 2}))}})
		dict := optimizer.StateDict()
		require.Len(t, dict.ParamGroups, 1)
		assert.Empty(t, dict.State)
		data, err := json.Marshal(dict.ParamGroups[0])
		require.NoError(t, err)
		var got map[string]any
		require.NoError(t, json.Unmarshal(data, &got))
		assert.Equal(t, want, got, name)
	}
}

func TestErrorsOfOptionsArePythons(t *testing.T) {
	c, _ := optimizerGolden(t)
	list := []*torch.Tensor{nn.NewParameter(torch.Ones([]int{2, 2}))}
	for _, want := range c.Errors {
		e := torchtest.Fails(t, func() { makeWith(t, want.Optimizer, list, want.Options) })
		message := strings.ReplaceAll(want.Message, ".0", "") // Go prints 1.0 as 1
		assert.Equal(t, message, strings.ReplaceAll(e.Message, ".0", ""), "%s %v", want.Optimizer, want.Options)
		assert.Equal(t, want.Type == "RuntimeError", e.Kind == torch.RuntimeError)
		assert.Equal(t, "optim.New"+want.Optimizer, e.Op)
	}
}
