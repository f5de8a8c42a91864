package jit

import (
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// script is a program of TorchScript as package torch has it.
type script = internal.Script[*torch.Tensor]

// program is a program, and what Go's modules had of it when they were last compared.
type program struct {
	script
	mutex sync.Mutex // what follows
	slots []slot
	modes []mode
}

// slot is a parameter or a buffer of a module.
type slot struct {
	owner  *Module
	name   string
	tensor *torch.Tensor
}

// mode is whether a module is in training mode.
type mode struct {
	module   *Module
	training bool
}

// newModule returns the module that a program is.
func newModule(s script) (*Module, error) {
	p := &program{script: s}
	list, err := s.Modules()
	if err != nil {
		return nil, err
	}
	byID, byPath := map[int]*Module{}, map[string]*Module{}
	tensors := map[uint64]*torch.Tensor{}
	err = torch.Try(func() {
		for _, part := range list {
			m := byID[part.ID]
			if m == nil {
				m = nn.Init(&Module{program: p, path: part.Path})
				byID[part.ID] = m
				p.fill(m, part, tensors)
			}
			byPath[part.Path] = m
			if part.Path != "" {
				owner, name := split(part.Path)
				if around := byPath[owner]; !around.has(name) {
					around.RegisterModule(name, m)
				}
			}
		}
	})
	return byPath[""], err
}

// split returns the path of the module that a name belongs to, and that name.
func split(path string) (owner, name string) {
	dot := strings.LastIndexByte(path, '.')
	return path[:max(dot, 0)], path[dot+1:]
}

// has reports whether a module has a child of a name.
func (m *Module) has(name string) bool {
	for _, child := range m.NamedChildren() {
		if child.Name == name {
			return true
		}
	}
	return false
}

// fill registers the parameters and buffers of a module. Tensors that are one in the
// program are one in Go.
func (p *program) fill(m *Module, part internal.ScriptModule[*torch.Tensor], tensors map[uint64]*torch.Tensor) {
	if part.Training != nil {
		nn.Base(m).Train(*part.Training) // it has no children yet
		p.modes = append(p.modes, mode{m, *part.Training})
	}
	for _, a := range part.Attributes {
		x := a.Tensor
		if x != nil {
			key := internals.TensorKey(x)
			if known := tensors[key]; known != nil {
				x.Close()
				x = known
			}
			tensors[key] = x
		}
		switch {
		case a.Buffer:
			m.RegisterBuffer(a.Name, x, true)
		case a.Parameter && x == nil:
			m.RegisterParameter(a.Name, nil)
		case a.Parameter:
			register(m, a.Name, x)
		default:
			continue
		}
		p.slots = append(p.slots, slot{m, a.Name, x})
	}
}

// register registers a parameter, which need not be trained.
func register(m *Module, name string, x *torch.Tensor) {
	if trained := x.RequiresGrad(); trained || !x.DType().IsFloatingPoint() && !x.DType().IsComplex() {
		if !trained { // integers are no parameters
			m.RegisterBuffer(name, x, true)
			return
		}
		m.RegisterParameter(name, x)
		return
	}
	x.SetRequiresGrad(true)
	m.RegisterParameter(name, x)
	x.SetRequiresGrad(false)
}

// push lets the program have what was changed in Go: another mode, and other tensors.
func (p *program) push() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for i, mode := range p.modes {
		if training := mode.module.IsTraining(); training != mode.training {
			if err := p.Set(join(mode.module.path, "training"), training); err != nil {
				return err
			}
			p.modes[i].training = training
		}
	}
	for i, s := range p.slots {
		if x := s.owner.GetTensor(s.name); x != s.tensor {
			if err := p.Set(join(s.owner.path, s.name), x); err != nil {
				return err
			}
			p.slots[i].tensor = x
		}
	}
	return nil
}

// pull lets Go have what the program has changed.
func (p *program) pull() error {
	list, err := p.Modules()
	if err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	at := 0
	seen := map[int]bool{}
	for _, part := range list {
		if seen[part.ID] {
			continue
		}
		seen[part.ID] = true
		for _, a := range part.Attributes {
			if !a.Parameter && !a.Buffer {
				continue
			}
			s := &p.slots[at]
			at++
			x := a.Tensor
			if x != nil && s.tensor != nil && internals.TensorKey(x) == internals.TensorKey(s.tensor) {
				x.Close()
				continue
			}
			if x != s.tensor {
				s.owner.SwapTensor(s.name, x.Keep())
				s.tensor = x
			}
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
