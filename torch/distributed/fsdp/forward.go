package fsdp

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// run is what the units of a network share, from the outermost one's Forward on: a forward
// pass, and the backward pass after it.
type run struct {
	root   *Module
	units  []*Module
	depth  int                             // of calls of Forward of units
	leaves map[*torch.Tensor]*torch.Tensor // the parts as the units' graphs have them, by the parts
	order  []*Module                       // in which units' Forward ended
	moving *reduction                      // the message on its way
}

// begin makes the unit, or that around it whose Forward this is in, the root of a pass.
func (u *Module) startRun() *run {
	if u.run != nil && u.run.depth > 0 {
		return u.run
	}
	r := u.run
	if r == nil || r.root != u || !r.whole() {
		r = &run{root: u, units: u.within(nil)}
		for _, unit := range r.units {
			unit.run = r
		}
	}
	r.reset()
	if torch.IsGradEnabled() {
		r.collect()
	}
	return r
}

// whole reports whether the units are still in this run alone.
func (r *run) whole() bool {
	for _, unit := range r.units {
		if unit.run != r {
			return false
		}
	}
	return true
}

// reset forgets what a pass left that failed, or whose backward pass did not come.
func (r *run) reset() {
	if r.moving != nil {
		_ = r.moving.work.Wait() // the others have begun it, too
		r.moving.drop()
		r.moving = nil
	}
	r.order = nil
	for _, unit := range r.units {
		closeAll(unit.reduced)
		unit.reduced = nil
	}
}

func closeAll(list []*torch.Tensor) {
	for _, x := range list {
		x.Close()
	}
}

// enter is called before the module's Forward.
func (u *Module) enter(module nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor {
	if module != u.module {
		panic(torch.Errorf("fsdp.FullyShard", torch.RuntimeError, "FSDP does not support deepcopy: this is a copy of a module that is fully sharded"))
	}
	r := u.startRun()
	r.depth++
	u.depth++
	if u.depth > 1 {
		return nil // it is within its own Forward
	}
	u.unshard()
	for _, next := range u.forwardNext {
		next.send()
	}
	if len(u.parameters) > 0 {
		u.fill()
		u.pops = append(u.pops, internals.PushSavedTensorsHooks("fsdp.FullyShard", u.pack))
	}
	policy := u.options.MixedPrecision
	if policy.ParamDType == 0 || !option.Or(policy.CastForwardInputs, true) {
		return nil
	}
	return converted(inputs, policy.ParamDType)
}

// fill puts the whole parameters into the modules, as parts of the graph.
func (u *Module) fill() {
	if !torch.IsGradEnabled() {
		u.open = make([]*torch.Tensor, len(u.parameters))
		for i, whole := range u.full.whole {
			u.open[i] = whole.Detach()
		}
	} else {
		leaves := make([]*torch.Tensor, len(u.parameters))
		for i, p := range u.parameters {
			leaves[i] = p.shard
			if leaf := u.run.leaves[p.shard]; leaf != nil {
				leaves[i] = leaf
			}
		}
		f := &gather{unit: u, run: u.run}
		u.open = autograd.Apply(f, leaves...)
		closeAll(f.whole)
		f.whole = nil
	}
	for i, p := range u.parameters {
		for _, place := range p.places {
			place.fill(u.open[i])
		}
	}
}

// leave is called after the module's Forward, with nil outputs where it failed.
func (u *Module) leave(_ nn.AnyModule, _, outputs []*torch.Tensor) []*torch.Tensor {
	if u.depth == 0 {
		return nil // enter was not reached
	}
	r := u.run
	r.depth--
	u.depth--
	if u.depth > 0 {
		return nil
	}
	for _, pop := range u.pops {
		pop()
	}
	u.pops = nil
	if u.open != nil {
		for _, p := range u.parameters {
			for _, place := range p.places {
				place.fill(p.shard)
			}
		}
		closeAll(u.open)
		u.open = nil
	}
	if r.depth == 0 {
		for _, leaf := range r.leaves {
			leaf.Close() // graphs have them
		}
		r.leaves = nil
	}
	grads := torch.IsGradEnabled()
	if !grads || outputs == nil || option.Or(u.options.ReshardAfterForward, u != r.root) {
		u.reshard()
	}
	var changed []*torch.Tensor
	if dtype := u.options.MixedPrecision.OutputDType; dtype != 0 && outputs != nil {
		changed = converted(outputs, dtype)
		outputs = changed
	}
	if grads && len(u.parameters) > 0 {
		place := len(r.order)
		r.order = append(r.order, u)
		for _, x := range outputs {
			if x != nil && x.RequiresGrad() {
				x.RegisterHook(func(grad *torch.Tensor) *torch.Tensor {
					grad.Close()
					u.prepareBackward(r, place)
					return nil
				})
			}
		}
	}
	return changed
}

// prepareBackward gathers the parameters for the unit's part of a backward pass, and begins to
// gather those of the unit after it there.
func (u *Module) prepareBackward(r *run, place int) {
	u.unshard()
	if u.backwardNext != nil {
		for _, next := range u.backwardNext {
			next.send()
		}
		return
	}
	for place--; place >= 0 && place < len(r.order); place-- {
		if next := r.order[place]; next != u {
			next.send()
			return
		}
	}
}

// mustBeOpen is called before the Forward of modules that have the unit's parameters.
func (u *Module) mustBeOpen(module nn.AnyModule, _ []*torch.Tensor) []*torch.Tensor {
	if u.open == nil {
		panic(torch.Errorf("fsdp.FullyShard", torch.RuntimeError, "the parameters of this %T are divided: the unit that they are of, a %T, must be called"+
			" with its hooks, by nn.Call, its fsdp.Module's Forward, or a Forward that goes through Run", module, u.module))
	}
	return nil
}

// converted returns floating-point tensors as those of a dtype.
func converted(list []*torch.Tensor, dtype torch.DType) []*torch.Tensor {
	all := make([]*torch.Tensor, len(list))
	for i, x := range list {
		all[i] = x
		if x != nil && x.IsFloatingPoint() && x.DType() != dtype {
			all[i] = x.To(dtype)
		}
	}
	return all
}
