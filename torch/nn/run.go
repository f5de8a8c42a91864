package nn

import (
	"errors"

	"github.com/wangkuiyi/gotorch/torch"
)

// Run returns forward(x). The Forward methods of this package go through it, and
// those of other modules should: an error that forward panics with then says in
// which module of the network it happened, in the Module field of [torch.Error].
func (m *Module) Run(x *torch.Tensor, forward func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	defer m.blame()
	m.infer(x)
	return forward(x)
}

// Run2 is [Module.Run] for modules that take two tensors, as losses do.
func (m *Module) Run2(x, y *torch.Tensor, forward func(x, y *torch.Tensor) *torch.Tensor) *torch.Tensor {
	defer m.blame()
	m.infer(x)
	return forward(x, y)
}

// RunAll is [Module.Run] for modules that take or give several tensors.
func (m *Module) RunAll(forward func(inputs []*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) []*torch.Tensor {
	defer m.blame()
	m.infer(inputs[0])
	return forward(inputs)
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
	parent := m.parent.Value()
	if parent == nil {
		return ""
	}
	return join(parent.path(), m.name)
}
