package torch

import (
	"sync/atomic"
	"weak"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Hook is a function that was registered to be called in a backward pass.
type Hook struct {
	removed atomic.Bool
	undo    func()
}

// NewHook returns the handle of a hook that is kept elsewhere, as package nn keeps
// those of modules. The first Remove calls remove.
func (exports) NewHook(remove func()) *Hook { return &Hook{undo: remove} }

// Remove takes the hook away; its function is not called any more. Removing it
// again does nothing.
//
// https://docs.pytorch.org/docs/stable/notes/autograd.html#backward-hooks-execution
func (h *Hook) Remove() {
	if !h.removed.Swap(true) && h.undo != nil {
		h.undo()
	}
}

// RegisterHook makes f be called with the tensor's gradient each time that it is
// computed, before the next node of the graph and before Grad. If f returns a
// tensor, that one takes the gradient's place; it must have its shape. f must not
// change the gradient itself. Hooks run in the order in which they were
// registered, on the goroutine that called Backward or, for CUDA, on another one.
// A panic of f goes on in Backward.
//
// f should not refer to the tensor itself: neither would be freed before Remove.
// A hook must not be registered or removed while another goroutine runs the graph.
//
// If f calls runtime.Goexit, as testing's FailNow does, its goroutine ends and the
// thread with it; what libtorch was using at the time stays in memory. So it is with
// every function that libtorch calls. On a thread of libtorch's own, which is one of
// CUDA's or that of a Backward more than 60 deep in hooks, Go ends the process for it.
//
// It panics if the tensor does not require gradients.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_hook.html
func (x *Tensor) RegisterHook(f func(grad *Tensor) *Tensor) *Hook {
	const op = "torch.Tensor.RegisterHook"
	handle := x.use(op)
	defer x.release()
	h := new(Hook)
	number, err := cgotorch.AddHook(handle, callback(func(in []*Tensor, _ int) (reply callbackReply) {
		if !h.removed.Load() {
			if grad := f(in[0]); grad != nil {
				reply.Tensors = []*Tensor{grad}
			}
		}
		return reply
	}))
	check(op, err)
	h.undo = x.undoing(func(handle cgotorch.Handle) *cgotorch.Error { return cgotorch.RemoveHook(handle, number) })
	return h
}

// RegisterPostAccumulateGradHook makes f be called with the tensor each time that
// its gradient was added to Grad. An optimizer's step can be made there, and the
// gradient dropped at once. What [Tensor.RegisterHook] says of f holds here too.
//
// It panics if the tensor is not a leaf or does not require gradients, and on a
// libtorch before 2.1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html
func (x *Tensor) RegisterPostAccumulateGradHook(f func(param *Tensor)) *Hook {
	const op = "torch.Tensor.RegisterPostAccumulateGradHook"
	handle := x.use(op)
	defer x.release()
	h, self := new(Hook), weak.Make(x)
	id := callback(func(in []*Tensor, _ int) (reply callbackReply) {
		param := self.Value()
		if param == nil || !param.isOpen() {
			param = in[0]
		} else {
			in[0].Close()
		}
		if !h.removed.Load() {
			f(param)
		}
		return reply
	})
	err := cgotorch.AddAccumulatedHook(handle, id)
	check(op, err)
	h.undo = x.undoing(func(handle cgotorch.Handle) *cgotorch.Error { return cgotorch.RemoveAccumulatedHook(handle, id) })
	return h
}

// undoing returns a function that calls undo with the tensor's handle if it is still
// there. It does not keep it.
func (x *Tensor) undoing(undo func(handle cgotorch.Handle) *cgotorch.Error) func() {
	self := weak.Make(x)
	return func() {
		if x := self.Value(); x != nil && x.hold() {
			defer x.release()
			check("torch.Hook.Remove", undo(x.handle))
		}
	}
}
