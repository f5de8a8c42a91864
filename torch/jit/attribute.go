package jit

import (
	"errors"

	"github.com/wangkuiyi/gotorch/torch"
)

// Method is a method of a module.
type Method struct {
	Name   string
	Schema string // such as "forward(__torch__.Net self, Tensor x) -> Tensor"
}

// Methods lists the module's methods.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.ScriptModule.html
func (m *Module) Methods() ([]Method, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	list, err := m.program.Methods(m.path)
	if err != nil {
		return nil, explain(err)
	}
	methods := make([]Method, len(list))
	for i, method := range list {
		methods[i] = Method(method)
	}
	return methods, nil
}

// Code returns the source of a method, in the Python that TorchScript understands, with
// those that it calls left out. CONSTANTS.c0 is a constant that has no text.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.ScriptModule.html#torch.jit.ScriptModule.code
func (m *Module) Code(method string) (string, error) {
	if err := m.check(); err != nil {
		return "", err
	}
	code, err := m.program.Code(m.path, method)
	return code, explain(err)
}

// Attribute is an attribute of a module that is no module itself.
type Attribute struct {
	Name string
	Type string // such as "Tensor" and "Optional[int]"
}

// Attributes lists the module's own attributes, with its parameters and buffers.
func (m *Module) Attributes() ([]Attribute, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	list, err := m.program.Modules()
	if err != nil {
		return nil, explain(err)
	}
	var attributes []Attribute
	for _, part := range list {
		for _, a := range part.Attributes {
			a.Tensor.Close() // it was another reference
			if part.Path == m.path {
				attributes = append(attributes, Attribute{a.Name, a.Type})
			}
		}
	}
	return attributes, nil
}

// Attribute returns an attribute or a constant, such as "vocabulary" or "encoder.scale", as
// [Module.Run] gives values. A tensor in it is the program's own. It fails if there is none,
// and on one that has no counterpart in Go, such as an object.
func (m *Module) Attribute(path string) (any, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.program.push(); err != nil {
		return nil, explain(err)
	}
	value, err := m.program.Get(join(m.path, path))
	if err != nil {
		return nil, explain(err)
	}
	return value, nil
}

// SetAttribute sets an attribute, to what [Module.Run] takes for its type. A parameter or
// buffer becomes the tensor itself, which nn.Module's methods then have, too. It fails if
// there is no such attribute, and if the value does not fit.
func (m *Module) SetAttribute(path string, value any) error {
	if err := m.check(); err != nil {
		return err
	}
	owner, name := split(join(m.path, path))
	for i, s := range m.program.slots {
		if s.owner.path != owner || s.name != name {
			continue
		}
		x, ok := value.(*torch.Tensor)
		if !ok && value != nil {
			return torch.Errorf("jit", torch.TypeError, "%s must be a tensor, not a %T", path, value)
		}
		if err := m.program.Set(join(m.path, path), value); err != nil {
			return explain(err)
		}
		s.owner.SwapTensor(name, x.Keep())
		m.program.slots[i].tensor = x
		return nil
	}
	return explain(m.program.Set(join(m.path, path), value))
}

// check fails where there is no program.
func (m *Module) check() error {
	if m == nil || m.program == nil {
		return errors.New("jit: there is no program: Load reads one")
	}
	return nil
}
