package nn

import (
	"reflect"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// GetSubmodule returns the module of a path such as "encoder.layers.0"; "" is this
// one. It panics if there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.get_submodule
func (m *Module) GetSubmodule(path string) AnyModule {
	module := m.initialized()
	if path == "" {
		return module.self
	}
	for name := range strings.SplitSeq(path, ".") {
		c := module.child(name)
		switch {
		case c == nil && module.slot(name) == nil:
			module.hasNo(name)
		case c == nil || c.get() == nil:
			panic(torch.Errorf("nn.Module", torch.RuntimeError, "`%s` is not an nn.Module", name))
		}
		module = c.get().base()
	}
	return module.self
}

// SetSubmodule replaces the module of a path, or adds it where the module around it
// has none of that name. It panics if there is no such module around it, and if the
// module is the wrong one for a struct's field.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.set_submodule
func (m *Module) SetSubmodule(path string, module AnyModule) {
	if path == "" {
		panic(torch.Errorf("nn.Module", torch.ValueError, "Cannot set the submodule without a target name!"))
	}
	around, name := m.split(path)
	c := around.child(name)
	switch {
	case c == nil && around.slot(name) != nil:
		panic(torch.Errorf("nn.Module", torch.RuntimeError, "`%s` is not an nn.Module", name))
	case c == nil:
		around.RegisterModule(name, module)
	case !c.field.IsValid():
		*c = around.adopted(child{name: name, module: module})
	case argument.IsNil(module):
		c.field.SetZero()
	case !reflect.TypeOf(module).AssignableTo(c.field.Type()):
		panic(torch.Errorf("nn.Module", torch.TypeError, "%s is a %v, which a %T is not", path, c.field.Type(), module))
	default:
		around.adopted(child{name: name, module: module})
		c.field.Set(reflect.ValueOf(module))
	}
}

// GetParameter returns the parameter of a path such as "encoder.fc1.weight". It
// panics if there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.get_parameter
func (m *Module) GetParameter(path string) *torch.Tensor {
	return m.get(path, false, "an nn.Parameter")
}

// GetBuffer returns the buffer of a path such as "encoder.norm.running_mean". It
// panics if there is none.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.get_buffer
func (m *Module) GetBuffer(path string) *torch.Tensor { return m.get(path, true, "a buffer") }

func (m *Module) get(path string, buffer bool, what string) *torch.Tensor {
	module, name := m.split(path)
	s := module.slot(name)
	switch {
	case s == nil && module.child(name) == nil:
		module.hasNo(name)
	case s == nil || s.buffer != buffer || *s.tensor == nil:
		panic(torch.Errorf("nn.Module", torch.RuntimeError, "`%s` is not %s", name, what))
	}
	return *s.tensor
}

// split returns the module that a path's last name is in, and that name.
func (m *Module) split(path string) (*Module, string) {
	dot := strings.LastIndex(path, ".")
	return m.GetSubmodule(path[:max(dot, 0)]).base(), path[dot+1:]
}

func (m *Module) hasNo(name string) {
	panic(torch.Errorf("nn.Module", torch.RuntimeError, "%s has no attribute `%s`", typeName(m.self), name))
}

// child returns the child of a name, or nil.
func (m *Module) child(name string) *child {
	for i := range m.children {
		if m.children[i].name == name {
			return &m.children[i]
		}
	}
	return nil
}

// slot returns where the parameter or buffer of a name is, or nil.
func (m *Module) slot(name string) *slot {
	for _, list := range [][]slot{m.parameters, m.buffers} {
		for i := range list {
			if list[i].name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// Unregister takes a parameter, a buffer or a module that is no field out of the
// module. It panics if there is none of that name.
func (m *Module) Unregister(name string) {
	if m.child(name) == nil {
		m.take(name)
		return
	}
	m.children = slices.DeleteFunc(slices.Clone(m.children), func(c child) bool { return c.name == name })
}

// GetTensor returns the parameter, the buffer or the derived tensor of a path such
// as "encoder.fc1.weight"; a derived one is computed anew. It panics if there is
// none.
func (m *Module) GetTensor(path string) *torch.Tensor {
	module, name := m.split(path)
	if d := module.derivedOf(name); d != nil {
		d.refresh(module)
		return *d.tensor
	}
	s := module.slot(name)
	if s == nil {
		module.hasNo(name)
	}
	return *s.tensor
}

// SwapTensor puts x in the place of the parameter or buffer of a path and returns
// the one that was there. Unlike parameters, x may be a part of a graph. It panics
// if there is no such place.
func (m *Module) SwapTensor(path string, x *torch.Tensor) *torch.Tensor {
	module, name := m.split(path)
	s := module.slot(name)
	if s == nil {
		module.hasNo(name)
	}
	before := *s.tensor
	*s.tensor = x
	return before
}
