package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// linked is a module that can hold itself.
type linked struct {
	nn.Module
	FC   *nn.Linear
	Next *linked
	List *nn.Sequential
}

func (l *linked) Forward(x *torch.Tensor) *torch.Tensor { return l.FC.Forward(x) }

// TestModulesThatHoldThemselves are RecursionErrors in Python.
func TestModulesThatHoldThemselves(t *testing.T) {
	own := nn.Init(&linked{FC: nn.NewLinear(1, 1)})
	own.Next = own
	list := nn.Init(&linked{FC: nn.NewLinear(1, 1), List: nn.NewSequential(nn.NewReLU())})
	mid := nn.Init(&linked{})
	list.List.Append(mid)
	mid.Next = list
	net := nn.NewSequential(nn.NewReLU())
	deep := nn.Init(&linked{FC: nn.NewLinear(1, 1)})
	net.Append(deep)
	deep.Next = nn.Init(&linked{FC: nn.NewLinear(1, 1)})
	deep.Next.Next = deep
	for name, c := range map[string]struct {
		*nn.Module
		words []string
	}{
		"own field":   {&own.Module, []string{`"next" is the linked "" around it`}},
		"a container": {&list.Module, []string{`"list.1.next" is the linked "" around it`}},
		"deep":        {&net.Module, []string{`"1.next.next" is the linked "1" around it`}},
	} {
		dict := nn.StateDict{{Name: "fc.weight", Tensor: torch.Ones([]int{1, 1})}}
		for what, f := range map[string]func(){
			"String":               func() { _ = c.String() },
			"Apply":                func() { c.Apply(func(nn.AnyModule) {}) },
			"StateDict":            func() { c.StateDict() },
			"LoadStateDict":        func() { given(c.LoadStateDict(dict)) },
			"Train":                func() { c.Train() },
			"Eval":                 func() { c.Eval() },
			"To":                   func() { c.To(torch.Float64) },
			"ToEmpty":              func() { c.ToEmpty(torch.CPU) },
			"Parameters":           func() { c.Parameters() },
			"Buffers":              func() { c.Buffers() },
			"Modules":              func() { c.Modules() },
			"NamedTensors":         func() { c.NamedTensors() },
			"ZeroGrad":             func() { c.ZeroGrad() },
			"Init around it":       func() { nn.Init(&within{Part: nn.Base(c.Module).Modules()[0]}) },
			"Append":               func() { nn.NewModuleList[nn.AnyModule](c.Module) },
			"ParamCount":           func() { nn.ParamCount(c.Module) },
			"SummaryOf":            func() { nn.SummaryOf(c.Module, func() {}) },
			"ConvertSyncBatchNorm": func() { nn.ConvertSyncBatchNorm(c.Module) },
		} {
			e := torchtest.Fails(t, f)
			assert.Equal(t, torch.RuntimeError, e.Kind, "%s: %s", name, what)
			for _, word := range append(c.words, "a module cannot hold itself", `nn:"-"`) {
				assert.Contains(t, e.Message, word, "%s: %s", name, what)
			}
		}
	}
}

func TestSetSubmoduleRefusesCircles(t *testing.T) {
	l := nn.Init(&linked{})
	assert.Contains(t, torchtest.Fails(t, func() { l.SetSubmodule("next", l) }).Message, "would hold itself")
	assert.Nil(t, l.Next)
	assert.Equal(t, []string{""}, moduleNames(l.NamedModules()))
}

// TestPathsOfModulesThatMoved has two modules each of which was within the other.
func TestPathsOfModulesThatMoved(t *testing.T) {
	a, b := nn.Init(&linked{FC: nn.NewLinear(1, 1)}), nn.Init(&linked{FC: nn.NewLinear(1, 1)})
	b.SetSubmodule("next", a)
	b.Next = nil
	a.SetSubmodule("next", b)
	e := torchtest.Fails(t, func() { a.FC.Forward(torch.Ones([]int{2})) })
	assert.Contains(t, e.Module, "fc")
}
