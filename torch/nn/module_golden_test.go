package nn_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// moduleCase is a golden case of scripts/golden/modules.py.
type moduleCase struct {
	Name  string
	Train bool
	Repr  string
	State []struct {
		Name   string
		Tensor torchtest.Tensor
	}
	Inputs, Outputs, Ups []torchtest.Tensor
	InputGrads           []*torchtest.Tensor `json:"input_grads"`
	Grads                map[string]*torchtest.Tensor
	After                map[string]torchtest.Tensor
}

// maker makes the module of a case, and gives how it is called.
type maker func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor)

// layer is the maker of a module that makes one tensor from one.
func layer[L nn.Layer](make func() L) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{l.Forward(in[0])} }
	}
}

// checkModules compares the modules that makers make, by the names of their
// cases, with a golden file of module cases: printing, initial state, outputs,
// gradients and the state after a call. Every case needs a maker, and the other
// way round.
func checkModules(t *testing.T, path string, makers map[string]maker) {
	var cases []moduleCase
	header := torchtest.Golden(t, path, &cases)
	checkCases(t, header, cases, makers)
}

// checkModulesAndErrors is checkModules for a file that has errors, too: what the
// calls, by name, are to fail with.
func checkModulesAndErrors(t *testing.T, path string, makers map[string]maker, calls map[string]func()) {
	var golden struct {
		Modules []moduleCase
		Errors  map[string]string
	}
	header := torchtest.Golden(t, path, &golden)
	checkCases(t, header, golden.Modules, makers)
	for name, want := range golden.Errors {
		t.Run("error of "+name, func(t *testing.T) {
			require.Contains(t, calls, name)
			if message := torchtest.Fails(t, calls[name]).Message; header.Torch == torch.Version() {
				assert.Equal(t, want, message)
			}
		})
	}
	assert.Len(t, calls, len(golden.Errors))
}

// older are the cases for which libtorch 1.13.1 gives something else, and why. What is
// dividedTwice is so before 2.14, too.
var older = map[string]string{
	"layer with options":         stepwise,
	"layer with a function":      stepwise,
	"decoder layer with options": stepwise,
	"decoder layer causal":       stepwise,
	"encoder with norm":          stepwise,
	"encoder causal":             stepwise,
	"decoder":                    stepwise,
	"transformer with options":   stepwise,
	"transformer masked":         stepwise,

	"CircularPad1d pair":       batched,
	"CircularPad2d":            batched,
	"CircularPad3d pairs":      batched,
	"ChannelShuffle":           "there was no gradient",
	"EmbeddingBag mean":        dividedTwice,
	"CosineSimilarity options": "eps was for the product of the norms",
}

const (
	batched      = "circular padding took batches only"
	dividedTwice = "gradients were divided by frequencies twice"
	stepwise     = "without scaled_dot_product_attention other weights are dropped, and causal masks have gradients"
)

func checkCases(t *testing.T, header torchtest.Header, cases []moduleCase, makers map[string]maker) {
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, makers, c.Name)
			why := older[c.Name]
			if why != "" && (torchtest.Old() || why == dividedTwice && torchtest.Before(2, 14)) {
				t.Skip(why)
			}
			header.Run(t, func() { c.check(t, makers[c.Name], header.Exact()) })
		})
	}
	for name := range makers {
		assert.True(t, seen[name], "no golden case %q", name)
	}
}

func (c *moduleCase) check(t *testing.T, make maker, exact bool) {
	// Gradients add up in the order in which a thread makes the nodes of the graph.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	torch.ManualSeed(0)
	module, forward := make()
	base := module.(interface {
		String() string
		Train(mode ...bool)
		StateDict() nn.StateDict
		NamedParameters() []nn.NamedTensor
	})
	base.Train(c.Train)
	assert.Equal(t, c.Repr, base.String())
	state := base.StateDict()
	names := []string{}
	for i, s := range c.State {
		names = append(names, s.Name)
		if i < len(state) && state[i].Name == s.Name {
			s.Tensor.Check(t, state[i].Tensor, exact, tolerance, "initial "+s.Name)
		}
	}
	require.Equal(t, names, state.Names())
	var inputs []*torch.Tensor
	for i, in := range c.Inputs {
		x := in.Make(t)
		if i < len(c.InputGrads) && (x.DType().IsFloatingPoint() || x.DType().IsComplex()) {
			x.SetRequiresGrad(true)
		}
		inputs = append(inputs, x)
	}
	torch.ManualSeed(1)
	outputs := forward(inputs)
	require.Len(t, outputs, len(c.Outputs))
	var roots, ups []*torch.Tensor
	for i, want := range c.Outputs {
		want.Check(t, outputs[i], exact, tolerance, "output", i)
		if outputs[i].RequiresGrad() && len(roots) < len(c.Ups) {
			roots = append(roots, outputs[i])
			ups = append(ups, c.Ups[len(ups)].Make(t))
		}
	}
	require.Len(t, roots, len(c.Ups))
	if len(roots) > 0 {
		autograd.Backward(roots, ups)
	}
	for i, want := range c.InputGrads {
		checkGrad(t, want, inputs[i], exact, "gradient of input", i)
	}
	for _, p := range base.NamedParameters() {
		if want, ok := c.Grads[p.Name]; ok {
			checkGrad(t, want, p.Tensor, exact, "gradient of", p.Name)
		}
	}
	for name, want := range c.After {
		want.Check(t, base.StateDict().Get(name), exact, tolerance, "after the call, "+name)
	}
}

func checkGrad(t *testing.T, want *torchtest.Tensor, x *torch.Tensor, exact bool, what ...any) {
	if want == nil {
		assert.Nil(t, x.Grad(), fmt.Sprintln(what...))
		return
	}
	want.Check(t, x.Grad(), exact, tolerance, what...)
}
