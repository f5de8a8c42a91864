package nn

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// StateDict holds parameters and persistent buffers by name, in PyTorch's order
// and under PyTorch's names.
type StateDict []NamedTensor

// Get returns the tensor of the given name, or nil.
func (d StateDict) Get(name string) *torch.Tensor {
	for _, n := range d {
		if n.Name == name {
			return n.Tensor
		}
	}
	return nil
}

// Names returns the names in order.
func (d StateDict) Names() []string {
	list := make([]string, len(d))
	for i, n := range d {
		list[i] = n.Name
	}
	return list
}

// StateDict returns the module's parameters and persistent buffers and those of
// the modules within it. The tensors share the module's memory and are cut off
// from autograd.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.state_dict
func (m *Module) StateDict() StateDict {
	var dict StateDict
	m.state(func(name string, x *torch.Tensor) {
		dict = append(dict, NamedTensor{name, x.Detach()})
	})
	return dict
}

// state calls visit for all that a state dict holds.
func (m *Module) state(visit func(name string, x *torch.Tensor)) {
	m.walk("", nil, func(path string, module *Module) {
		for _, s := range module.parameters {
			if *s.tensor != nil {
				visit(join(path, s.name), *s.tensor)
			}
		}
		for _, s := range module.buffers {
			if *s.tensor != nil && !s.transient {
				visit(join(path, s.name), *s.tensor)
			}
		}
	})
}

// LoadOptions are the options of [Module.LoadStateDict].
type LoadOptions struct {
	Strict *bool // refuse missing and unexpected names; default: true
}

// IncompatibleKeys says what a state dict and a module do not share.
type IncompatibleKeys struct {
	Missing    []string // the module has it, the dict not
	Unexpected []string // the dict has it, the module not
}

// LoadStateDict copies the tensors of dict into those of the module that have the
// same names, converting dtype and device. On an error, whose words are
// PyTorch's, the module is unchanged: names that differ, if strict, shapes that
// differ, tensors that are nil or closed.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
func (m *Module) LoadStateDict(dict StateDict, options ...LoadOptions) (IncompatibleKeys, error) {
	strict := len(options) == 0 || options[0].Strict == nil || *options[0].Strict
	given := map[string]*torch.Tensor{}
	for _, n := range dict {
		given[n.Name] = n.Tensor
	}
	m.walk("", nil, func(path string, module *Module) { module.materialize(path, given) })
	var keys IncompatibleKeys
	var mismatches []string
	copies := map[*torch.Tensor]*torch.Tensor{}
	m.state(func(name string, x *torch.Tensor) {
		source, ok := given[name]
		switch {
		case !ok:
			keys.Missing = append(keys.Missing, name)
		case source == nil || source.IsClosed():
			mismatches = append(mismatches, fmt.Sprintf(
				"While copying the parameter named %q, expected a tensor from the checkpoint but received one that is nil or closed.", name))
		case !sameShape(source, x):
			mismatches = append(mismatches, fmt.Sprintf(
				"size mismatch for %s: copying a param with shape torch.Size(%s) from checkpoint, the shape in current model is torch.Size(%s).",
				name, list(source.Shape()), list(x.Shape())))
		default:
			copies[x] = source
		}
	})
	m.walk("", nil, func(path string, module *Module) {
		for _, n := range dict {
			if module.lacks(path, n.Name) {
				keys.Unexpected = append(keys.Unexpected, n.Name)
			}
		}
	})
	if err := m.loadError(keys, mismatches, strict); err != nil {
		return keys, err
	}
	err := torch.Try(func() {
		torch.NoGrad(func() {
			for x, source := range copies {
				x.CopyInplace(source)
			}
		})
	})
	return keys, err
}

// lacks reports whether name, of a state dict, names a part of m, which is at
// path, that m does not have. The modules within m answer for their own parts.
func (m *Module) lacks(path, name string) bool {
	if path != "" {
		rest, ok := strings.CutPrefix(name, path)
		if ok {
			name, ok = strings.CutPrefix(rest, ".")
		}
		if !ok {
			return false
		}
	}
	part, _, deeper := strings.Cut(name, ".")
	if deeper {
		for _, c := range m.parts() {
			if c.Name == part {
				return false
			}
		}
		return true
	}
	for _, s := range m.parameters {
		if s.name == part && *s.tensor != nil {
			return false
		}
	}
	for _, s := range m.buffers {
		if s.name == part && *s.tensor != nil && !s.transient {
			return false
		}
	}
	return true
}

func (m *Module) loadError(keys IncompatibleKeys, mismatches []string, strict bool) error {
	var lines []string
	if strict && len(keys.Unexpected) > 0 {
		lines = append(lines, `Unexpected key(s) in state_dict: "`+strings.Join(keys.Unexpected, `", "`)+`". `)
	}
	if strict && len(keys.Missing) > 0 {
		lines = append([]string{`Missing key(s) in state_dict: "` + strings.Join(keys.Missing, `", "`) + `". `}, lines...)
	}
	lines = append(lines, mismatches...)
	if len(lines) == 0 {
		return nil
	}
	return &torch.Error{Op: "nn.Module.LoadStateDict", Kind: torch.RuntimeError,
		Message: "Error(s) in loading state_dict for " + typeName(m.self) + ":\n\t" + strings.Join(lines, "\n\t")}
}

func sameShape(a, b *torch.Tensor) bool { return list(a.Shape()) == list(b.Shape()) }

// list writes ints as Python does.
func list(values []int) string {
	return strings.ReplaceAll(fmt.Sprint(values), " ", ", ")
}
