package parallel

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// PrepareModuleInput moves the inputs of a module, which must be called with its hooks: those
// of package nn are, and others by nn.Call, or by a Forward that goes through Run. A nil
// placement leaves an input as it is. So layers within a module share one that is moved once.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.PrepareModuleInput
type PrepareModuleInput struct {
	InputLayouts        []*Placement // how each input comes
	DesiredInputLayouts []*Placement // how the module gets it
}

// PrepareModuleOutput moves the outputs of a module, as [PrepareModuleInput] does its inputs.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.PrepareModuleOutput
type PrepareModuleOutput struct {
	OutputLayouts        []*Placement // how the module gives each output
	DesiredOutputLayouts []*Placement // how it goes on
}

// PrepareModuleInputOutput moves the inputs and the outputs of a module.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.PrepareModuleInputOutput
type PrepareModuleInputOutput struct {
	PrepareModuleInput
	PrepareModuleOutput
}

func (s PrepareModuleInput) apply(module nn.AnyModule, m mover) error {
	move, err := m.moves("input", s.InputLayouts, s.DesiredInputLayouts)
	if err != nil {
		return err
	}
	nn.Base(module).RegisterForwardPreHook(func(_ nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor { return move(inputs) })
	return nil
}

func (s PrepareModuleOutput) apply(module nn.AnyModule, m mover) error {
	move, err := m.moves("output", s.OutputLayouts, s.DesiredOutputLayouts)
	if err != nil {
		return err
	}
	nn.Base(module).RegisterForwardHook(func(_ nn.AnyModule, _, outputs []*torch.Tensor) []*torch.Tensor { return move(outputs) })
	return nil
}

func (s PrepareModuleInputOutput) apply(module nn.AnyModule, m mover) error {
	if err := s.PrepareModuleInput.apply(module, m); err != nil {
		return err
	}
	return s.PrepareModuleOutput.apply(module, m)
}

// moves returns a function that moves each tensor of a list between placements. It fails
// unless there are as many of both.
func (m mover) moves(what string, from, to []*Placement) (func(list []*torch.Tensor) []*torch.Tensor, error) {
	if len(from) != len(to) {
		return nil, torch.Errorf("", torch.ValueError, "%[1]s_layouts and desired_%[1]s_layouts should have same length!", what)
	}
	for i := range from {
		if (from[i] == nil) != (to[i] == nil) {
			return nil, torch.Errorf("", torch.ValueError, "%s %d has one placement: it needs both, or none", what, i)
		}
	}
	return func(list []*torch.Tensor) []*torch.Tensor {
		if len(list) != len(from) {
			panic(torch.Errorf(op, torch.ValueError, "module %[1]ss and %[1]s_layouts should have same length!", what))
		}
		moved := make([]*torch.Tensor, len(list))
		for i, x := range list {
			moved[i] = x
			if from[i] != nil {
				moved[i] = m.between(x, from[i], to[i])
			}
		}
		return moved
	}, nil
}
