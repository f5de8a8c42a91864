package nn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Pair and Hooked are the twins of Pair and Net in scripts/golden/module_hooks.py.
type Pair struct{ nn.Module }

// Forward returns the product and the sum.
func (p *Pair) Forward(x, y *torch.Tensor) []*torch.Tensor {
	return p.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{in[0].Mul(in[1]), in[0].Add(in[1])}
	}, x, y)
}

type Hooked struct {
	nn.Module
	FC   *nn.Linear
	Pair *Pair
}

func newHooked() *Hooked {
	return nn.Init(&Hooked{FC: nn.NewLinear(3, 3), Pair: nn.Init(&Pair{})})
}

// Forward returns what Pair makes of FC's output and y.
func (net *Hooked) Forward(x, y *torch.Tensor) []*torch.Tensor {
	return net.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		return net.Pair.Forward(net.FC.Forward(in[0]), in[1])
	}, x, y)
}

// hookRun is a call of a net whose hooks write down what they are called with.
type hookRun struct {
	net    *Hooked
	events []hookEvent
}

type hookEvent struct {
	name    string
	tensors []*torch.Tensor
}

// add registers a hook that gives its tensors times factor, unless that is 0.
func (r *hookRun) add(part, kind, name string, factor float64, options ...nn.HookOptions) *torch.Hook {
	note := func(results []*torch.Tensor, tensors ...[]*torch.Tensor) []*torch.Tensor {
		event := hookEvent{name: name}
		for _, x := range slices.Concat(tensors...) {
			if x != nil {
				x = x.Detach()
			}
			event.tensors = append(event.tensors, x)
		}
		r.events = append(r.events, event)
		if factor == 0 {
			return nil
		}
		scaled := make([]*torch.Tensor, len(results))
		for i, x := range results {
			if x != nil {
				scaled[i] = x.Mul(factor)
			}
		}
		return scaled
	}
	module := map[string]*nn.Module{"": &r.net.Module, "fc": &r.net.FC.Module, "pair": &r.net.Pair.Module}[part]
	switch kind {
	case "forward_pre":
		return module.RegisterForwardPreHook(func(_ nn.AnyModule, in []*torch.Tensor) []*torch.Tensor { return note(in, in) }, options...)
	case "forward":
		return module.RegisterForwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor { return note(out, in, out) }, options...)
	case "full_backward_pre":
		return module.RegisterFullBackwardPreHook(func(_ nn.AnyModule, out []*torch.Tensor) []*torch.Tensor { return note(out, out) }, options...)
	}
	return module.RegisterFullBackwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor { return note(in, in, out) }, options...)
}

var hookKinds = []string{"forward_pre", "forward", "full_backward_pre", "full_backward"}

// addFor registers the hooks of a golden case.
func (r *hookRun) addFor(name string) {
	for _, kind := range hookKinds {
		switch {
		case name == "order":
			r.add("fc", kind, kind+" 1", 0)
			r.add("fc", kind, kind+" 2", 0)
			r.add("fc", kind, kind+" removed", 7).Remove()
			r.add("fc", kind, kind+" first", 0, nn.HookOptions{Prepend: true})
		case strings.HasSuffix(name, " alone"):
			if words := strings.Fields(name); words[0] == kind {
				r.add(words[1], kind, kind, 3)
			}
		default:
			factor := map[string]float64{"changed": 2}[name]
			for _, part := range []string{"", "fc", "pair"} {
				r.add(part, kind, kind+" "+part, factor)
			}
		}
	}
}

type hookCase struct {
	Name   string
	X, Y   torchtest.Tensor
	Events []struct {
		Name    string
		Tensors []*torchtest.Tensor
	}
	Outputs []torchtest.Tensor
	Grads   []*torchtest.Tensor
}

func goldenHooks(t *testing.T) (runs []hookCase, errors map[string]string, exact bool) {
	var c struct {
		Runs   []hookCase
		Errors map[string]string
	}
	header := torchtest.Golden(t, "testdata/hooks.json", &c)
	return c.Runs, c.Errors, header.Exact()
}

func TestHooksAreCalledAsInPython(t *testing.T) {
	runs, _, exact := goldenHooks(t)
	for _, c := range runs {
		t.Run(c.Name, func(t *testing.T) {
			torch.ManualSeed(0)
			r := &hookRun{net: newHooked()}
			r.addFor(c.Name)
			x := c.X.Make(t).SetRequiresGrad(c.Grads[0] != nil)
			y := c.Y.Make(t).SetRequiresGrad(c.Grads[1] != nil)
			outputs := r.net.Forward(x, y)
			outputs[0].Sum().Add(outputs[1].Mul(2).Sum()).Backward()
			for i, want := range c.Outputs {
				want.Check(t, outputs[i], exact, tolerance, "output", i)
			}
			for i, leaf := range []*torch.Tensor{x, y, r.net.FC.Weight, r.net.FC.Bias} {
				checkGrad(t, c.Grads[i], leaf, exact, tolerance, "gradient", i)
			}
			require.Len(t, r.events, len(c.Events))
			for i, want := range c.Events {
				require.Equal(t, want.Name, r.events[i].name)
				require.Len(t, r.events[i].tensors, len(want.Tensors), want.Name)
				for j, x := range want.Tensors {
					if x == nil {
						assert.Nil(t, r.events[i].tensors[j], "%s, %d", want.Name, j)
						continue
					}
					x.Check(t, r.events[i].tensors[j], exact, tolerance, want.Name, j)
				}
			}
		})
	}
}

func TestBackwardHooksRefuseInPythonsWords(t *testing.T) {
	_, errors, _ := goldenHooks(t)
	two := []*torch.Tensor{torch.Ones([]int{1}), torch.Ones([]int{1})}
	run := func(grad bool, register func(m *nn.Module)) string {
		net := newHooked()
		register(&net.FC.Module)
		x := torch.Ones([]int{2, 3}).SetRequiresGrad(grad)
		return torchtest.Fails(t, func() { net.Forward(x, torch.Ones([]int{2, 3}))[0].Sum().Backward() }).Message
	}
	assert.Equal(t, errors["inputs"], run(true, func(m *nn.Module) {
		m.RegisterFullBackwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { return two })
	}))
	assert.Equal(t, errors["outputs"], run(true, func(m *nn.Module) {
		m.RegisterFullBackwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor { return two })
	}))
	assert.Equal(t, errors["no input"], run(false, func(m *nn.Module) {
		m.RegisterFullBackwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { return two[:1] })
	}))
}

func TestForwardHooksRefuseOtherNumbers(t *testing.T) {
	net := newHooked()
	x := torch.Ones([]int{2, 3})
	h := net.FC.RegisterForwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{x, x} })
	e := torchtest.Fails(t, func() { net.Forward(x, x) })
	assert.Equal(t, "fc: nn.Module: a forward pre-hook returned 2 tensors, but there are 1", e.Error())
	h.Remove()
	net.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{} })
	e = torchtest.Fails(t, func() { net.Forward(x, x) })
	assert.Equal(t, "nn.Module: a forward hook returned 0 tensors, but there are 2", e.Error())
}

func TestForwardHooksThatAreAlwaysCalled(t *testing.T) {
	l := nn.NewLinear(3, 2)
	var called []string
	hook := func(name string, options ...nn.HookOptions) {
		l.RegisterForwardHook(func(module nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor {
			assert.Same(t, l, module)
			assert.Len(t, in, 1)
			if len(out) == 0 {
				name += " after a panic"
			}
			called = append(called, name)
			if name == "broken after a panic" {
				panic("of the hook")
			}
			return nil
		}, options...)
	}
	always := nn.HookOptions{AlwaysCall: true}
	hook("usual")
	hook("broken", always)
	hook("always", always)
	l.Forward(torch.Ones([]int{1, 3}))
	assert.Equal(t, []string{"usual", "broken", "always"}, called)
	called = nil
	e := torchtest.Fails(t, func() { l.Forward(torch.Ones([]int{1, 4})) })
	assert.Contains(t, e.Message, "mat1 and mat2 shapes cannot be multiplied")
	assert.Equal(t, []string{"broken after a panic", "always after a panic"}, called)
}

func TestHooksCanChangeHooks(t *testing.T) {
	r := nn.NewReLU()
	x := torch.Ones([]int{1})
	count := 0
	var h *torch.Hook
	h = r.RegisterForwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor {
		count++
		h.Remove()
		r.RegisterForwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor {
			count += 10
			return nil
		})
		return nil
	})
	r.Forward(x)
	assert.Equal(t, 1, count, "a hook that is added meanwhile waits for the next call")
	r.Forward(x)
	assert.Equal(t, 11, count)
	h.Remove()
}

func TestBackwardHooksNeedGradients(t *testing.T) {
	l := nn.NewLinear(2, 2)
	called := false
	l.RegisterFullBackwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
		called = true
		return nil
	})
	torch.NoGrad(func() {
		assert.False(t, l.Forward(torch.Ones([]int{1, 2})).RequiresGrad())
	})
	assert.False(t, called)
	y := l.Forward(torch.Ones([]int{1, 2}))
	assert.True(t, y.RequiresGrad())
	y.Sum().Backward()
	assert.True(t, called)
}

func TestModulesWithoutHooksCostNoMemory(t *testing.T) {
	m := nn.Init(&Pair{})
	x := torch.Ones([]int{1})
	one := []*torch.Tensor{x}
	f := func(x *torch.Tensor) *torch.Tensor { return x }
	f2 := func(x, _ *torch.Tensor) *torch.Tensor { return x }
	all := func([]*torch.Tensor) []*torch.Tensor { return one }
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Run(x, f) }))
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Run2(x, x, f2) }))
	m.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { return nil }).Remove()
	assert.NotPanics(t, func() { m.RunAll(all, x, x) })
}

func BenchmarkRun(b *testing.B) {
	m := nn.Init(&Pair{})
	f := func(x *torch.Tensor) *torch.Tensor { return x }
	x := torch.Ones([]int{1})
	for b.Loop() {
		m.Run(x, f)
	}
}

func TestForgettingInitSaysSoInACall(t *testing.T) {
	const want = "nn.Module: the module was not initialized: make it with nn.Init(&T{...})"
	x := torch.Ones([]int{1})
	assert.Equal(t, want, torchtest.Fails(t, func() { (&Pair{}).Forward(x, x) }).Error())
	assert.Equal(t, want, torchtest.Fails(t, func() { (&nn.Linear{}).Forward(x) }).Error())
	assert.Equal(t, want, torchtest.Fails(t, func() {
		(&Pair{}).RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { return nil })
	}).Error())
}
