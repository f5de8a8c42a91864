package nn

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// backwardHooks are the backward hooks of one call of a module. The call's inputs
// and outputs pass through a node each, at which the gradients are seen.
type backwardHooks struct {
	module      *Module
	hooks       callHooks
	inputs      []int // the places of the inputs that are tensors; nil if none requires gradients
	numInputs   int
	gradOutputs []*torch.Tensor // between the two nodes
}

// newBackwardHooks returns nil if h has no such hooks.
func newBackwardHooks(m *Module, h *callHooks) *backwardHooks {
	if len(h.backward) == 0 && len(h.backwardPre) == 0 {
		return nil
	}
	return &backwardHooks{module: m, hooks: *h}
}

// enter passes the call's inputs through the node at which a backward pass leaves
// the module.
func (b *backwardHooks) enter(inputs []*torch.Tensor) []*torch.Tensor {
	if b == nil {
		return inputs
	}
	b.numInputs = len(inputs)
	var passed []*torch.Tensor
	passed, b.inputs = observe(inputs, func(gradInputs, _ []*torch.Tensor) []*torch.Tensor {
		if b.gradOutputs == nil {
			return nil // the gradient did not come through the module's output
		}
		defer b.forget()
		all := spread(b.inputs, gradInputs, b.numInputs)
		for f := range b.hooks.backward.all() {
			if by := f(b.module.self, all, b.gradOutputs); by != nil {
				b.mustHave("hook", "grad_input", by, len(all))
				all = by
			}
		}
		return gather(b.inputs, all)
	})
	return passed
}

// leave passes the call's outputs through the node at which a backward pass enters
// the module.
func (b *backwardHooks) leave(outputs []*torch.Tensor) []*torch.Tensor {
	if b == nil {
		return outputs
	}
	n := len(outputs)
	var passed []*torch.Tensor
	var places []int
	passed, places = observe(outputs, func(_, gradOutputs []*torch.Tensor) []*torch.Tensor {
		all := spread(places, gradOutputs, n) // outputs itself would keep the graph alive
		for f := range b.hooks.backwardPre.all() {
			if by := f(b.module.self, all); by != nil {
				b.mustHave("pre hook", "grad_output", by, len(all))
				all = by
			}
		}
		b.gradOutputs = all
		if b.inputs == nil {
			b.withoutInputs()
		}
		return gather(places, all)
	})
	return passed
}

// withoutInputs calls the hooks of a module none of whose inputs requires
// gradients.
func (b *backwardHooks) withoutInputs() {
	defer b.forget()
	for f := range b.hooks.backward.all() {
		for _, grad := range f(b.module.self, make([]*torch.Tensor, b.numInputs), b.gradOutputs) {
			if grad != nil {
				panic(torch.Errorf("nn.Module", torch.RuntimeError,
					"Backward hook for Modules where no input requires gradient should always return None or None for all gradients."))
			}
		}
	}
}

func (b *backwardHooks) forget() { b.gradOutputs = nil }

func (b *backwardHooks) mustHave(hook, what string, by []*torch.Tensor, n int) {
	if len(by) != n {
		panic(torch.Errorf("nn.Module", torch.RuntimeError,
			"Backward %s returned an invalid number of %s, got %d, but expected %d", hook, what, len(by), n))
	}
}

// observe passes tensors through a node that hook is called after, and returns
// them with the places of those that are not nil. If none requires gradients, it
// returns tensors themselves and no places.
func observe(tensors []*torch.Tensor, hook func(gradInputs, gradOutputs []*torch.Tensor) []*torch.Tensor) (passed []*torch.Tensor, places []int) {
	requires := false
	for i, x := range tensors {
		if x != nil {
			places = append(places, i)
			requires = requires || x.RequiresGrad()
		}
	}
	if !requires || !torch.IsGradEnabled() {
		return tensors, nil
	}
	through := autograd.Apply(identity{}, gather(places, tensors)...)
	for _, x := range through {
		if node := x.GradFn(); node != nil {
			node.RegisterHook(hook)
			break
		}
	}
	return spread(places, through, len(tensors)), places
}

// identity is the operation whose node backward hooks are called at.
type identity struct{}

// Forward returns its inputs.
func (identity) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	var constant []*torch.Tensor
	for _, x := range inputs {
		if !x.RequiresGrad() {
			constant = append(constant, x)
		}
	}
	ctx.MarkNonDifferentiable(constant...)
	return inputs
}

// Backward returns its gradients.
func (identity) Backward(_ *autograd.Context, gradOutputs ...*torch.Tensor) []*torch.Tensor {
	return gradOutputs
}

// gather returns the tensors at places.
func gather(places []int, all []*torch.Tensor) []*torch.Tensor {
	picked := make([]*torch.Tensor, len(places))
	for i, at := range places {
		picked[i] = all[at]
	}
	return picked
}

// spread is the inverse of gather: n tensors, nil outside of places.
func spread(places []int, picked []*torch.Tensor, n int) []*torch.Tensor {
	all := make([]*torch.Tensor, n)
	for i, at := range places {
		all[at] = picked[i]
	}
	return all
}
