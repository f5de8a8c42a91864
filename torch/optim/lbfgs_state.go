package optim

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
)

// StateDict returns what a checkpoint needs to go on; PyTorch keeps it with the
// first parameter. The tensors share the optimizer's memory: the next step changes
// them.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html
func (l *LBFGS) StateDict() StateDict {
	dict := l.Base.StateDict()
	s := &l.memory
	if s.evaluations == 0 {
		return dict
	}
	saved := map[string]any{"func_evals": s.evaluations, "n_iter": s.iterations}
	if s.direction != nil {
		saved["d"] = s.direction.Detach()
		saved["t"] = s.t.value(s.direction)
		saved["H_diag"] = s.diagonal.value(s.direction)
		saved["prev_flat_grad"] = s.grad.Detach()
		saved["prev_loss"] = s.loss
		changes, steps, ro := []any{}, []any{}, []any{}
		for i := range s.changes {
			changes = append(changes, s.changes[i].Detach())
			steps = append(steps, s.steps[i].Detach())
			ro = append(ro, s.ro[i].value(s.direction))
		}
		saved["old_dirs"], saved["old_stps"], saved["ro"] = changes, steps, ro
	}
	dict.State[0] = saved
	return dict
}

// LoadStateDict is [Base.LoadStateDict] for what LBFGS remembers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.load_state_dict.html
func (l *LBFGS) LoadStateDict(dict StateDict) error {
	var memory lbfgsState
	return l.load(dict, func(p *torch.Tensor, saved map[string]any) error {
		if !memory.unpack(p, saved) {
			return l.loadError("the state is not one of LBFGS")
		}
		return nil
	}, func() { l.memory = memory })
}

// unpack reads the state of a state dict and reports whether it is whole.
func (s *lbfgsState) unpack(p *torch.Tensor, saved map[string]any) bool {
	ok := true
	number := func(name string) scalar {
		v, is := toScalar(saved[name])
		ok = ok && is
		return v
	}
	tensor := func(v any) *torch.Tensor {
		x, is := v.(*torch.Tensor)
		if !is || x == nil || x.IsClosed() {
			ok = false
			return nil
		}
		return adopt(p, x)
	}
	list := func(name string) []any {
		v, is := statedict.List(saved[name])
		ok = ok && is
		return v
	}
	s.evaluations, s.iterations = int(number("func_evals").v), int(number("n_iter").v)
	if saved["d"] == nil {
		return ok
	}
	s.direction, s.grad = tensor(saved["d"]), tensor(saved["prev_flat_grad"])
	s.t, s.diagonal, s.loss = number("t"), number("H_diag"), number("prev_loss").v
	for _, v := range list("old_dirs") {
		s.changes = append(s.changes, tensor(v))
	}
	for _, v := range list("old_stps") {
		s.steps = append(s.steps, tensor(v))
	}
	for _, v := range list("ro") {
		x, is := toScalar(v)
		ok = ok && is
		s.ro = append(s.ro, x)
	}
	return ok && len(s.changes) == len(s.steps) && len(s.steps) == len(s.ro)
}
