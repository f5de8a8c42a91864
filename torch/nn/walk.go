package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// NamedTensor is a parameter or a buffer with its name, such as "fc1.weight".
type NamedTensor struct {
	Name   string
	Tensor *torch.Tensor
}

// NamedModule is a module with its name, such as "encoder.fc1".
type NamedModule struct {
	Name   string
	Module AnyModule
}

// step is a module that a walk over a network came to, and its way there.
type step struct {
	module *Module
	name   string // within the module around it
	path   string // from where the walk began, such as "encoder.fc1"
	from   *step  // the module around it; nil where the walk began
}

// start begins a walk at m.
func (m *Module) start() *step { return &step{module: m.initialized()} }

// prefix returns what the names of the module's tensors begin with.
func (s *step) prefix() string {
	if s.from == nil {
		return ""
	}
	return s.path + "."
}

// within returns the steps to the modules directly within this one, as often as they
// occur. All walks go by it: it panics where a module holds itself, which in Python is
// a RecursionError.
func (s *step) within() []*step {
	var list []*step
	for _, c := range s.module.parts() {
		next := &step{c.Module.base(), c.Name, join(s.path, c.Name), s}
		for on := s; on != nil; on = on.from {
			if on.module == next.module {
				panic(torch.Errorf("nn.Module", torch.RuntimeError,
					"a module cannot hold itself, but %q is the %s %q around it: tag the field `nn:\"-\"` to leave it out", next.path, typeName(on.module.self), on.path))
			}
		}
		next.module.initialized()
		list = append(list, next)
	}
	return list
}

// distinct is within without those that occurred before.
func (s *step) distinct() []*step {
	var list []*step
	seen := map[*Module]bool{}
	for _, next := range s.within() {
		if !seen[next.module] {
			seen[next.module] = true
			list = append(list, next)
		}
	}
	return list
}

// NamedChildren returns the modules directly within this one, each once, in order.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_children
func (m *Module) NamedChildren() []NamedModule {
	var list []NamedModule
	for _, next := range m.start().distinct() {
		list = append(list, NamedModule{next.name, next.module.self})
	}
	return list
}

// parts returns the modules directly within m, as often as they occur.
func (m *Module) parts() []NamedModule {
	var list []NamedModule
	for _, c := range m.initialized().children {
		if module := c.get(); module != nil {
			base := module.base()
			base.mustBeOf(module)
			if base.self != nil {
				module = base.self // what a lazy module became
			}
			list = append(list, NamedModule{c.name, module})
		}
	}
	return list
}

// Children is [Module.NamedChildren] without the names.
func (m *Module) Children() []AnyModule { return modulesOf(m.NamedChildren()) }

// NamedModules returns this module, named "", and all within it, each once, every
// module before those within it. As all that goes through a network, it panics where
// a module holds itself, with its path.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_modules
func (m *Module) NamedModules() []NamedModule {
	var list []NamedModule
	m.start().walk(map[*Module]bool{}, func(path string, module *Module) {
		list = append(list, NamedModule{path, module.self})
	})
	return list
}

// Modules is [Module.NamedModules] without the names.
func (m *Module) Modules() []AnyModule { return modulesOf(m.NamedModules()) }

func modulesOf(named []NamedModule) []AnyModule {
	list := make([]AnyModule, len(named))
	for i, n := range named {
		list[i] = n.Module
	}
	return list
}

// walk calls visit for the module and every one within it that is not in seen. A nil
// seen visits modules as often as they occur, as state dicts do.
func (s *step) walk(seen map[*Module]bool, visit func(path string, module *Module)) {
	if seen[s.module] {
		return
	}
	if seen != nil {
		seen[s.module] = true
	}
	visit(s.path, s.module)
	for _, next := range s.within() {
		next.walk(seen, visit)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// tensors returns what pick gives for every module, each tensor once.
func (m *Module) tensors(pick func(*Module) []slot) []NamedTensor {
	var list []NamedTensor
	seen := map[*torch.Tensor]bool{}
	m.start().walk(map[*Module]bool{}, func(path string, module *Module) {
		for _, s := range pick(module) {
			if x := *s.tensor; x != nil && !seen[x] {
				seen[x] = true
				list = append(list, NamedTensor{join(path, s.name), x})
			}
		}
	})
	return list
}

// NamedParameters returns all parameters of the module and those within it, each
// once, in the order of PyTorch.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_parameters
func (m *Module) NamedParameters() []NamedTensor {
	return m.tensors(func(module *Module) []slot { return module.parameters })
}

// Parameters is [Module.NamedParameters] without the names: what an optimizer
// takes.
func (m *Module) Parameters() []*torch.Tensor { return tensorsOf(m.NamedParameters()) }

// NamedBuffers returns all buffers of the module and those within it, each once.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_buffers
func (m *Module) NamedBuffers() []NamedTensor {
	return m.tensors(func(module *Module) []slot { return module.buffers })
}

// Buffers is [Module.NamedBuffers] without the names.
func (m *Module) Buffers() []*torch.Tensor { return tensorsOf(m.NamedBuffers()) }

// NamedTensors returns all parameters and buffers of the module and those within
// it, under each of their names.
func (m *Module) NamedTensors() []NamedTensor {
	var list []NamedTensor
	m.start().walk(nil, func(path string, module *Module) {
		for _, s := range slices.Concat(module.parameters, module.buffers) {
			if *s.tensor != nil {
				list = append(list, NamedTensor{join(path, s.name), *s.tensor})
			}
		}
	})
	return list
}

func tensorsOf(named []NamedTensor) []*torch.Tensor {
	list := make([]*torch.Tensor, len(named))
	for i, n := range named {
		list[i] = n.Tensor
	}
	return list
}
