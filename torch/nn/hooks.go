package nn

import (
	"iter"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// callHooks are what [Module.Run] and [Call] call besides forward, each kind in the
// order in which its hooks run.
type callHooks struct {
	forwardPre  hookList[func(module AnyModule, inputs []*torch.Tensor) []*torch.Tensor]
	forward     hookList[func(module AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor]
	backwardPre hookList[func(module AnyModule, gradOutputs []*torch.Tensor) []*torch.Tensor]
	backward    hookList[func(module AnyModule, gradInputs, gradOutputs []*torch.Tensor) []*torch.Tensor]
	derived     []*derived // computed before the hooks run
	callers     *callers
}

// HookOptions are the options of the methods of [Module] that register hooks.
type HookOptions struct {
	Prepend    bool // run before the hooks that are there already
	AlwaysCall bool // forward hooks only: run even if forward panics
}

// hookList holds functions. A change makes a new list, so that hooks can be
// registered and removed by hooks.
type hookList[F any] []*hook[F]

type hook[F any] struct {
	f          F
	alwaysCall bool
	removed    bool
}

// add adds f and returns its handle.
func (l *hookList[F]) add(f F, options []HookOptions) *torch.Hook {
	argument.NotNil("nn.Module", "a hook", f)
	o := option.First(options)
	h := &hook[F]{f: f, alwaysCall: o.AlwaysCall}
	if o.Prepend {
		*l = slices.Concat([]*hook[F]{h}, *l)
	} else {
		*l = slices.Concat(*l, []*hook[F]{h})
	}
	return internals.NewHook(func() {
		*h = hook[F]{removed: true} // a graph may refer to h
		*l = slices.DeleteFunc(slices.Clone(*l), func(other *hook[F]) bool { return other == h })
	})
}

// all returns the functions that are not removed meanwhile.
func (l hookList[F]) all() iter.Seq[F] {
	return func(yield func(F) bool) {
		for _, h := range l {
			if !h.removed && !yield(h.f) {
				return
			}
		}
	}
}

// clone returns the same functions as hooks of their own.
func (l hookList[F]) clone() hookList[F] {
	c := make(hookList[F], len(l))
	for i, h := range l {
		own := *h
		c[i] = &own
	}
	return c
}

// clone returns the hooks of a copy of the module, without the derived tensors.
func (h *callHooks) clone() *callHooks {
	if h == nil {
		return nil
	}
	return &callHooks{h.forwardPre.clone(), h.forward.clone(), h.backwardPre.clone(), h.backward.clone(), nil, new(callers)}
}

// hooked returns the module's hooks, for one to be added.
func (m *Module) hooked() *callHooks {
	if m.initialized().calls == nil {
		m.calls = &callHooks{callers: new(callers)}
	}
	return m.calls
}

// RegisterForwardPreHook makes f be called before each forward, with its inputs.
// If f returns tensors, as many as there are, they take the places of the inputs.
//
// Hooks of calls are called, once a call, by the Forward of the modules of this
// package, by every Forward that goes through [Module.Run], and by [Call] and
// [CallAll] for any other; containers such as [Sequential] call their modules so. A
// Forward that just computes calls none where it is called directly.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_forward_pre_hook
func (m *Module) RegisterForwardPreHook(f func(module AnyModule, inputs []*torch.Tensor) []*torch.Tensor, options ...HookOptions) *torch.Hook {
	return m.hooked().forwardPre.add(f, options)
}

// RegisterForwardHook makes f be called after each forward, with its inputs and
// outputs. If f returns tensors, as many as there are outputs, they take their
// places. With AlwaysCall it is also called where forward, or a hook before it,
// panics: with nil outputs, and a panic of its own is dropped for the first one.
// [Module.RegisterForwardPreHook] says what calls it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_forward_hook
func (m *Module) RegisterForwardHook(f func(module AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor, options ...HookOptions) *torch.Hook {
	return m.hooked().forward.add(f, options)
}

// RegisterFullBackwardPreHook makes f be called in a backward pass, before the
// module's part of it, with the gradients of the outputs. A gradient is nil where
// there is none. If f returns gradients, as many as there are, they take their
// places; f must not change them in place, nor keep tensors with a graph: they
// would keep each other until Remove. It is for graphs of calls that call hooks, as
// [Module.RegisterForwardPreHook] says, after it was registered.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_pre_hook
func (m *Module) RegisterFullBackwardPreHook(f func(module AnyModule, gradOutputs []*torch.Tensor) []*torch.Tensor, options ...HookOptions) *torch.Hook {
	return m.hooked().backwardPre.add(f, options)
}

// RegisterFullBackwardHook makes f be called in a backward pass, after the
// module's part of it, with the gradients of the inputs and of the outputs. A
// gradient is nil where there is none. If f returns gradients, as many as there
// are inputs, they take the places of the former; f must not change them in place,
// nor keep tensors with a graph: they would keep each other until Remove.
//
// Where no input requires gradients, f is called with nil ones for them before the
// module's part, and must not return any. With backward hooks a module's inputs
// and outputs cannot be changed in place. It is for graphs of calls that call hooks,
// as [Module.RegisterForwardPreHook] says, after it was registered.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook
func (m *Module) RegisterFullBackwardHook(f func(module AnyModule, gradInputs, gradOutputs []*torch.Tensor) []*torch.Tensor, options ...HookOptions) *torch.Hook {
	return m.hooked().backward.add(f, options)
}

// run calls forward and the hooks.
func (h *callHooks) run(m *Module, forward func([]*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) (outputs []*torch.Tensor) {
	after, called, finished := h.forward, 0, false
	defer func() {
		if finished {
			return
		}
		for _, hook := range after[called:] {
			if hook.alwaysCall {
				quietly(func() { hook.f(m.self, inputs, nil) })
			}
		}
	}()
	m.refreshDerived()
	backward := newBackwardHooks(m, h)
	for f := range h.forwardPre.all() {
		inputs = replaced("a forward pre-hook", inputs, f(m.self, inputs))
	}
	inputs = backward.enter(inputs)
	outputs = forward(inputs)
	for i, hook := range after {
		if called = i + 1; !hook.removed {
			outputs = replaced("a forward hook", outputs, hook.f(m.self, inputs, outputs))
		}
	}
	outputs = backward.leave(outputs)
	finished = true
	return outputs
}

// quietly calls f and drops what it panics with.
func quietly(f func()) {
	defer func() { _ = recover() }()
	f()
}

// replaced returns by, which whose hook returned, in place of tensors, or tensors
// if it is nil.
func replaced(whose string, tensors, by []*torch.Tensor) []*torch.Tensor {
	if by == nil {
		return tensors
	}
	if len(by) != len(tensors) {
		panic(torch.Errorf("nn.Module", torch.RuntimeError, "%s returned %d tensors, but there are %d",
			whose, len(by), len(tensors)))
	}
	return by
}
