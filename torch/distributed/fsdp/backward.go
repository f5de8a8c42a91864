package fsdp

import (
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// A unit's graph begins with two nodes: the parts of all units pass through one of class
// collection, made first, which a backward pass so comes to last; those of a unit then
// become whole in one of class gather. In a backward pass that begins to move the whole
// gradients, and the collection gives what came to the parts.

// collect makes the collection of a pass.
func (r *run) collect() {
	r.leaves = map[*torch.Tensor]*torch.Tensor{}
	var f collection
	var list []*torch.Tensor
	for _, unit := range r.units {
		for i, p := range unit.parameters {
			if p.shard.RequiresGrad() {
				list = append(list, p.shard)
				f.from = append(f.from, source{unit, i})
			}
		}
	}
	if len(list) == 0 {
		return
	}
	f.run = r
	for i, leaf := range autograd.Apply(f, list...) {
		r.leaves[list[i]] = leaf.Keep()
	}
}

// collection passes the parts on.
type collection struct {
	run  *run
	from []source
}

// source is a parameter of a unit, by its number.
type source struct {
	unit *Module
	at   int
}

// GivesGradients says that nobody needs the results after libtorch.
func (collection) GivesGradients(*internal.NotForPublicUse) {}

// Forward returns its inputs.
func (collection) Forward(ctx *autograd.Context, parts ...*torch.Tensor) []*torch.Tensor {
	ctx.SetMaterializeGrads(false)
	return parts
}

// Backward returns the gradients of the parts.
func (f collection) Backward(*autograd.Context, ...*torch.Tensor) []*torch.Tensor {
	f.run.finish()
	grads := make([]*torch.Tensor, len(f.from))
	for i, s := range f.from {
		if s.unit.reduced != nil {
			grads[i], s.unit.reduced[s.at] = s.unit.reduced[s.at], nil
		}
		if !s.unit.stays {
			s.unit.reshard()
		}
	}
	return grads
}

// gather makes the parameters of a unit whole.
type gather struct {
	unit  *Module
	run   *run
	whole []*torch.Tensor // what Forward returned
}

// Forward returns the gathered parameters.
func (f *gather) Forward(ctx *autograd.Context, parts ...*torch.Tensor) []*torch.Tensor {
	ctx.SetMaterializeGrads(false)
	var constant []*torch.Tensor
	f.whole = make([]*torch.Tensor, len(parts))
	for i, whole := range f.unit.full.whole {
		f.whole[i] = whole.Detach()
		if !parts[i].RequiresGrad() {
			constant = append(constant, f.whole[i])
		}
	}
	ctx.MarkNonDifferentiable(constant...)
	return f.whole
}

// Backward begins to move the gradients.
func (f *gather) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	if torch.IsGradEnabled() {
		panic(torch.Errorf("fsdp.FullyShard", torch.NotImplementedError, "gradients of gradients do not go through divided parameters: CreateGraph must be false"))
	}
	u := f.unit
	if !u.stays {
		u.reshard()
	}
	torch.Scope(func() {
		u.addUnreduced(grads)
		if !u.silent {
			f.run.finish()
			f.run.moving = u.reduce()
		}
	})
	return make([]*torch.Tensor, len(grads))
}

// addUnreduced takes over whole gradients.
func (u *Module) addUnreduced(grads []*torch.Tensor) {
	if u.unreduced == nil {
		u.unreduced = make([]*torch.Tensor, len(u.parameters))
	}
	for i, grad := range grads {
		if grad == nil {
			continue
		}
		if grad.Layout() != torch.Strided {
			panic(torch.Errorf("fsdp.FullyShard", torch.NotImplementedError, "the gradient of %s is sparse: it cannot be divided", u.parameters[i].name))
		}
		if sum := u.unreduced[i]; sum != nil {
			sum.AddInplace(grad)
			grad.Close()
			continue
		}
		if u.silent && grad.DType() != u.reduceDType() {
			own := grad.To(u.reduceDType())
			grad.Close()
			grad = own
		}
		u.unreduced[i] = grad.Keep()
	}
}

// reduction is the gradients of a unit on their way.
type reduction struct {
	unit  *Module
	work  *distributed.Work
	input *torch.Tensor // for each process: the gradients, and for each whether there is one
	own   *torch.Tensor // this process's part of the sums
}

// reduce begins to move the gradients of a unit, and forgets them.
func (u *Module) reduce() *reduction {
	n := u.width + len(u.parameters)
	options := torch.TensorOptions{DType: u.reduceDType(), Device: u.device}
	r := &reduction{unit: u, input: torch.Zeros([]int{u.size() * n}, options).Keep(), own: torch.Empty([]int{n}, options).Keep()}
	message := r.input.View(u.size(), n) // a row for each process
	for i, p := range u.parameters {
		grad := u.unreduced[i]
		if grad == nil {
			continue
		}
		p.views(grad, message, func(grad, message *torch.Tensor) { message.CopyInplace(grad) })
		message.Narrow(1, u.width+i, 1).FillInplace(1)
		grad.Close()
	}
	u.unreduced = nil
	if before, _ := u.divisors(); before != 1 {
		message.Narrow(1, 0, u.width).DivInplace(before)
	}
	work, err := distributed.ReduceScatterSingle(r.own, r.input, distributed.ReduceOptions{Group: u.group, Async: true})
	processes.Check("fsdp.FullyShard", err)
	r.work = work
	return r
}

// divisors returns what gradients are divided by before and after they are added up: Float16,
// whose range is small, half and half.
func (u *Module) divisors() (before, after float64) {
	factor := u.divisor
	if factor == 0 {
		factor = float64(u.size())
		if u.replicas != nil {
			factor *= float64(distributed.GetWorldSize(u.replicas))
		}
	}
	if u.reduceDType() != torch.Float16 {
		return 1, factor
	}
	before = 1
	for q := factor / before; q == float64(int(q)) && q > before; q = factor / before {
		before *= 2
	}
	return before, factor / before
}

// finish waits for the message on its way, and adds what came to the unit's gradients.
func (r *run) finish() {
	m := r.moving
	if m == nil {
		return
	}
	r.moving = nil
	defer m.drop()
	processes.Check("fsdp.FullyShard", m.work.Wait())
	u := m.unit
	torch.NoGrad(func() {
		torch.Scope(func() {
			if u.replicas != nil {
				_, err := distributed.AllReduce(m.own, distributed.ReduceOptions{Group: u.replicas})
				processes.Check("fsdp.FullyShard", err)
			}
			used := torch.ToSlice[float32](m.own.Narrow(0, u.width, len(u.parameters)).To(torch.CPU, torch.Float32))
			_, after := u.divisors()
			m.own.Narrow(0, 0, u.width).DivInplace(after)
			if u.reduced == nil {
				u.reduced = make([]*torch.Tensor, len(u.parameters))
			}
			for i, p := range u.parameters {
				if used[i] == 0 {
					continue
				}
				grad := m.own.Narrow(0, p.offset, p.rows*p.row).View(p.own()...).To(u.home, u.dtype)
				if sum := u.reduced[i]; sum != nil {
					sum.AddInplace(grad)
				} else {
					u.reduced[i] = grad.Keep()
				}
			}
		})
	})
}

// drop frees the memory of the message.
func (m *reduction) drop() {
	m.work.Close()
	m.input.Close()
	m.own.Close()
}
