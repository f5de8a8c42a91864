package nn

import (
	"errors"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// Run returns forward(x), and calls the module's hooks. The Forward methods of
// this package go through it. Those of other modules may, too: then they call their
// hooks wherever they are called, and not only through [Call]. An error that forward panics with says in which module of the
// network it happened, in the Module field of [torch.Error]. It panics where Init
// was not called.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
func (m *Module) Run(x *torch.Tensor, forward func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	defer m.blame()
	if forward == nil {
		panic(torch.Errorf("nn.Module.Run", torch.RuntimeError, "forward is nil"))
	}
	m.prepare(x)
	if m.calls == nil || m.calls.callers.claim() {
		return forward(x)
	}
	return m.calls.run(m, func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{forward(in[0])}
	}, x)[0]
}

// Run2 is [Module.Run] for modules that take two tensors, as losses do.
func (m *Module) Run2(x, y *torch.Tensor, forward func(x, y *torch.Tensor) *torch.Tensor) *torch.Tensor {
	defer m.blame()
	if forward == nil {
		panic(torch.Errorf("nn.Module.Run2", torch.RuntimeError, "forward is nil"))
	}
	m.prepare(x)
	if m.calls == nil || m.calls.callers.claim() {
		return forward(x, y)
	}
	return m.calls.run(m, func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{forward(in[0], in[1])}
	}, x, y)[0]
}

// RunAll is [Module.Run] for modules that take or give several tensors.
func (m *Module) RunAll(forward func(inputs []*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) []*torch.Tensor {
	defer m.blame()
	if forward == nil {
		panic(torch.Errorf("nn.Module.RunAll", torch.RuntimeError, "forward is nil"))
	}
	m.prepare(inputs...)
	if m.calls == nil || m.calls.callers.claim() {
		return forward(inputs)
	}
	return m.calls.run(m, forward, inputs...)
}

// prepare is what a call begins with.
func (m *Module) prepare(inputs ...*torch.Tensor) {
	if lazy, ok := m.initialized().self.(LazyModule); ok {
		if len(inputs) == 0 {
			panic(torch.Errorf("nn."+typeName(m.self), torch.TypeError,
				"initialize_parameters() missing 1 required positional argument: 'input'"))
		}
		m.infer(lazy, inputs[0])
	}
	if internals.ProfilingTensors() {
		m.tellProfiler()
	}
}

// tellProfiler tells the profiler what the module's own parameters are.
func (m *Module) tellProfiler() {
	var parameters []*torch.Tensor
	for _, slot := range m.parameters {
		if p := *slot.tensor; p != nil {
			parameters = append(parameters, p)
		}
	}
	internals.TellParameters(parameters)
}

// blame, deferred, names the module in an error that goes through it, unless a
// module within was named.
func (m *Module) blame() {
	v := recover()
	if v == nil {
		return
	}
	var e *torch.Error
	if err, ok := v.(error); ok && errors.As(err, &e) && e.Module == "" {
		e.Module = m.path()
	}
	panic(v)
}

// path returns the module's name within the network that it is part of, "" for
// the network itself.
func (m *Module) path() string {
	var names []string
	passed := map[*Module]bool{} // fields that changed may have made a circle of it
	for parent := m.parent.Value(); parent != nil && !passed[m]; parent = m.parent.Value() {
		passed[m] = true
		names = append(names, m.name)
		m = parent
	}
	slices.Reverse(names)
	return strings.Join(names, ".")
}
