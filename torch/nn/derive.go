package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// derived is a tensor that is computed from others before each call.
type derived struct {
	slot
	compute func(module AnyModule) *torch.Tensor
}

// Derive makes the module's parameter or buffer of a name a tensor that compute
// gives from others, as pruning and parametrizations do. It is not a parameter or a
// buffer any more, and is computed anew at the beginning of each [Module.Run] and
// [Call]; until then it is value. A copy of the module calls compute with itself. It panics if
// there is no such tensor.
func (m *Module) Derive(name string, value *torch.Tensor, compute func(module AnyModule) *torch.Tensor) {
	argument.NotNil("nn.Module.Derive", "compute", compute)
	d := &derived{m.take(name), compute}
	*d.tensor = value
	calls := m.hooked()
	calls.derived = append(slices.Clone(calls.derived), d)
}

// IsDerived reports whether the module has a derived tensor of a name.
func (m *Module) IsDerived(name string) bool { return m.derivedOf(name) != nil }

// Restore makes a derived tensor a parameter or a buffer again, as it was before:
// x. It panics if there is no such derived tensor.
func (m *Module) Restore(name string, x *torch.Tensor) {
	d := m.derivedOf(name)
	if d == nil {
		m.hasNo(name)
	}
	m.calls.derived = slices.DeleteFunc(slices.Clone(m.calls.derived), func(other *derived) bool { return other == d })
	*d.tensor = x
	m.add(d.slot)
}

func (d *derived) refresh(m *Module) { *d.tensor = d.compute(m.self) }

// refreshDerived computes the module's derived tensors, for a caller that uses them
// without calling the module.
func (m *Module) refreshDerived() {
	for _, d := range m.derived() {
		d.refresh(m)
	}
}

func (m *Module) derivedOf(name string) *derived {
	for _, d := range m.derived() {
		if d.name == name {
			return d
		}
	}
	return nil
}

// derived returns the module's derived tensors.
func (m *Module) derived() []*derived {
	if m.calls == nil {
		return nil
	}
	return m.calls.derived
}

// take takes the place of a parameter or a buffer out of the module.
func (m *Module) take(name string) slot {
	found := m.slot(name)
	if found == nil {
		m.hasNo(name)
	}
	taken := *found
	list := &m.parameters
	if taken.buffer {
		list = &m.buffers
	}
	*list = slices.DeleteFunc(slices.Clone(*list), func(s slot) bool { return s.name == name })
	return taken
}
