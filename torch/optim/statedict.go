package optim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
)

// StateDict is what a checkpoint keeps of an optimizer, with the structure and the
// names of Python's optimizer.state_dict(), so that either can go on where the
// other stopped.
type StateDict struct {
	// State is what is remembered of each parameter: tensors, and for some
	// optimizers numbers, by name. Its keys are the parameters' numbers, counted
	// over all groups.
	State map[int]map[string]any
	// ParamGroups are the options of each group by PyTorch's names; "params" holds
	// the parameters' numbers. Python's None is nil.
	ParamGroups []map[string]any
}

// dict returns the options of a group by PyTorch's names, without its parameters.
func (g *Group[O]) dict() map[string]any {
	dict := map[string]any{}
	for name, at := range g.fields {
		dict[name] = statedict.Get(at)
	}
	for name, v := range g.added {
		dict[name] = v
	}
	if g.Names != nil {
		dict["param_names"] = append([]string{}, g.Names...)
	}
	return dict
}

// StateDict returns what a checkpoint needs to go on. The tensors share the
// optimizer's memory: the next step changes them.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html
func (b *Base[O]) StateDict() StateDict {
	dict := StateDict{State: map[int]map[string]any{}}
	n := 0
	for _, g := range b.ParamGroups {
		group := g.dict()
		indices := make([]int, len(g.Params))
		for i, p := range g.Params {
			indices[i] = n
			if s := b.state[p]; s != nil && len(b.rule.numbers)+len(s.tensors) > 0 {
				dict.State[n] = b.pack(s)
			}
			n++
		}
		group["params"] = indices
		dict.ParamGroups = append(dict.ParamGroups, group)
	}
	return dict
}

// pack returns the state of a parameter as Python has it, where numbers are
// tensors.
func (b *Base[O]) pack(s *state) map[string]any {
	dict := map[string]any{}
	for i, n := range b.rule.numbers {
		switch {
		case s.counters != nil:
			dict[n.name] = s.counters.tensors[i].Clone()
		case n.integer:
			dict[n.name] = int(s.numbers[i])
		default:
			dict[n.name] = torch.Full([]int{}, s.numbers[i], torch.TensorOptions{DType: torch.Float32, Device: torch.CPU})
		}
	}
	for name, x := range s.tensors {
		dict[name] = x.Detach()
	}
	return dict
}

// LoadStateDict sets the options of all groups and what is remembered of the
// parameters to those of dict, whose tensors are copied and converted to the
// parameters' dtype and device, into the tensors that are there where they fit, so that
// a captured step goes on with them. Options that dict lacks stay. On an error, whose
// words are PyTorch's, the optimizer is unchanged: another number of groups or of
// parameters, values of a wrong kind, tensors that are closed, without elements on
// the device [torch.Meta], larger than the parameters or too large for memory.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.load_state_dict.html
func (b *Base[O]) LoadStateDict(dict StateDict) error {
	state := map[*torch.Tensor]*state{}
	return b.load(dict, func(p *torch.Tensor, saved map[string]any) error {
		s, err := b.unpack(p, saved)
		state[p] = s
		return err
	}, func() {
		refill(b.state, state)
		b.state = state
	})
}

// refill lets a loaded state lie where the one before does, so that a captured step, which
// has that one's tensors, goes on with what was loaded.
func refill(before, loaded map[*torch.Tensor]*state) {
	shared := map[*counters]int{} // how many parameters with the same numbers have them
	first := map[*counters]*state{}
	for p, s := range loaded {
		old := before[p]
		if old == nil {
			continue
		}
		for name, x := range s.tensors {
			if y := old.tensors[name]; y != nil && y.DType() == x.DType() && y.Device() == x.Device() && slices.Equal(y.Shape(), x.Shape()) {
				torch.NoGrad(func() { y.CopyInplace(x) })
				s.tensors[name] = y
			}
		}
		if c := old.counters; c != nil {
			if first[c] == nil {
				first[c] = s
			}
			if s.numbers == first[c].numbers {
				shared[c]++
			}
		}
	}
	for p, s := range loaded {
		if old := before[p]; old != nil && old.counters != nil && shared[old.counters] == old.counters.users {
			s.counters = old.counters
			for i, x := range s.counters.tensors {
				if x != nil {
					torch.NoGrad(func() { x.FillInplace(s.numbers[i]) })
				}
			}
		}
	}
}

// load checks dict and gives what it remembers of each parameter to visit. If all
// is well it sets the options and calls commit.
func (b *Base[O]) load(dict StateDict, visit func(p *torch.Tensor, saved map[string]any) error, commit func()) error {
	if len(dict.ParamGroups) != len(b.ParamGroups) {
		return b.loadError("loaded state dict has a different number of parameter groups")
	}
	groups := make([]*Group[O], len(b.ParamGroups))
	var err error
	var unusable *torch.Error // a tensor that has no values, or too many
	if errors.As(torch.Try(func() { err = b.check(dict, groups, visit) }), &unusable) {
		return torch.Errorf("optim."+b.rule.name+".LoadStateDict", unusable.Kind, "%s", unusable.Message)
	}
	if err != nil {
		return err
	}
	for i, g := range b.ParamGroups {
		g.Options, g.added = groups[i].Options, groups[i].added
		if lr := groups[i].LR; *g.rate.tensor == nil {
			g.LR = g.rate.number
		} else if lr != nil {
			g.rate.fill(*lr)
		}
	}
	commit()
	return nil
}

// check is what load does before it changes anything. The loaded groups go to groups.
func (b *Base[O]) check(dict StateDict, groups []*Group[O], visit func(p *torch.Tensor, saved map[string]any) error) error {
	for i, g := range b.ParamGroups {
		saved := dict.ParamGroups[i]
		params, ok := statedict.Ints(saved["params"])
		if !ok || len(params) != len(g.Params) {
			return b.loadError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
		}
		loaded, err := b.loadGroup(g, saved)
		if err != nil {
			return err
		}
		groups[i] = loaded
		for j, p := range g.Params {
			if saved, ok := dict.State[params[j]]; ok {
				if err := visit(p, saved); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// loadGroup returns a copy of g with the options of a state dict.
func (b *Base[O]) loadGroup(g *Group[O], saved map[string]any) (*Group[O], error) {
	loaded := &Group[O]{Params: g.Params, Options: g.Options, added: maps.Clone(g.added)}
	loaded.fields = b.rule.fields(&loaded.Options)
	for name, v := range saved {
		if at, ok := loaded.fields[name]; ok {
			ok := statedict.Set(at, v)
			if v == nil { // only where None is not filled in
				b.rule.fill(&loaded.Options)
				ok = ok && statedict.Get(at) == nil
			}
			if !ok {
				return nil, b.loadError(fmt.Sprintf("option %s cannot be %s", name, brief.Value(v)))
			}
		} else if number, ok := statedict.Float(v); ok {
			loaded.added[name] = number
		}
	}
	if r := loaded.fields["lr"].(rate); *r.tensor != nil && saved["lr"] != nil {
		loaded.LR, *r.number = new(*r.number), 0
	}
	return loaded, nil
}

// unpack returns the state of a parameter of a state dict.
func (b *Base[O]) unpack(p *torch.Tensor, saved map[string]any) (*state, error) {
	s := &state{tensors: map[string]*torch.Tensor{}}
	numbers := map[string]bool{}
	for i, n := range b.rule.numbers {
		var ok bool
		if s.numbers[i], ok = statedict.Float(saved[n.name]); !ok {
			return nil, b.loadError(fmt.Sprintf("state %s cannot be %s", n.name, brief.Value(saved[n.name])))
		}
		numbers[n.name] = true
	}
	for name, v := range saved {
		if numbers[name] || v == nil {
			continue
		}
		x, ok := v.(*torch.Tensor)
		if !ok || x == nil || x.IsClosed() {
			return nil, b.loadError(fmt.Sprintf("state %s is not a tensor", brief.Text(name)))
		}
		if n := x.Numel(); n > max(1, p.Numel()) { // as a view it may be on a few bytes
			return nil, b.loadError(fmt.Sprintf("state %s has %d elements, its parameter %d", brief.Text(name), n, p.Numel()))
		}
		s.tensors[name] = adopt(p, x)
	}
	return s, nil
}

// adopt returns a copy of x with the dtype, if that is floating-point, and the
// device of p.
func adopt(p, x *torch.Tensor) (copied *torch.Tensor) {
	torch.NoGrad(func() {
		copied = x.Detach()
		if p.DType().IsFloatingPoint() {
			copied = copied.To(p.DType())
		}
		copied = copied.To(p.Device()).Clone().Keep()
	})
	return copied
}

func (b *Base[O]) loadError(message string) error {
	return torch.Errorf("optim."+b.rule.name+".LoadStateDict", torch.ValueError, "%s", message)
}
