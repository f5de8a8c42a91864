package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
)

// Through is [Call.Results] for a function of the seam that is no operator; op
// names it in errors.
func (exports) Through(c *Call, op string, f func(*cgotorch.Args) (cgotorch.Results, *cgotorch.Error)) Results {
	return c.through(op, f)
}

func (c *Call) through(op string, f func(*cgotorch.Args) (cgotorch.Results, *cgotorch.Error)) Results {
	c.hold()
	defer c.release()
	results, err := f(&c.args)
	c.check(op, err)
	r := Results{results}
	if cgotorch.Warned() {
		r.warnBefore()
	}
	return r
}

type callbackReply = internal.CallbackReply[*Tensor]

// Callback makes f a function that libtorch may call, with tensors, nil for None,
// and an int. Libtorch gets its number, and f is dropped when libtorch drops that.
// A panic of f goes on in the call that libtorch is in.
func (exports) Callback(f func(in []*Tensor, number int) callbackReply) cgotorch.FuncID {
	return callback(f)
}

func callback(f func(in []*Tensor, number int) callbackReply) cgotorch.FuncID {
	return callbackOf(func(in *Results) callbackReply {
		tensors := in.Tensors()
		return f(tensors, in.Int())
	})
}

// CallbackOf is Callback for a function that gets other values, and takes them all.
func (exports) CallbackOf(f func(in *Results) callbackReply) cgotorch.FuncID { return callbackOf(f) }

func callbackOf(f func(in *Results) callbackReply) cgotorch.FuncID {
	return cgotorch.Register(func(raw cgotorch.Results, give func(*cgotorch.Args)) {
		reply := f(&Results{raw})
		var c Call
		c.Tensors(reply.Tensors)
		c.Int(reply.Number)
		c.String(reply.Text)
		c.hold()
		defer c.release()
		give(&c.args)
		if reply.Given {
			for _, x := range reply.Tensors {
				if x != nil {
					x.Close()
				}
			}
		}
	})
}

// SavedTensorsHooks calls body, and pack with each tensor that operations in it save; see
// PushSavedTensorsHooks.
func (e exports) SavedTensorsHooks(op string, pack func(x *Tensor) (unpack func() (x *Tensor, given bool)), body func()) {
	defer e.PushSavedTensorsHooks(op, pack)()
	body()
}

// PushSavedTensorsHooks makes pack be called with each tensor that operations save, until
// pop. Its result is called whenever the tensor is wanted, and says whether the tensor that
// it gives is to be closed when libtorch has it; a nil one leaves the tensor to libtorch, as
// if there were no hooks. The goroutine is locked to its thread until pop, and calls both.
func (exports) PushSavedTensorsHooks(op string, pack func(x *Tensor) (unpack func() (x *Tensor, given bool))) (pop func()) {
	cgotorch.LockThread()
	id := callback(func(in []*Tensor, _ int) callbackReply {
		unpack := pack(in[0])
		if unpack == nil {
			return callbackReply{}
		}
		return callbackReply{Number: int(callback(func([]*Tensor, int) callbackReply {
			x, given := unpack()
			return callbackReply{Tensors: []*Tensor{x}, Given: given}
		}))}
	})
	if err := cgotorch.PushSavedHooks(id); err != nil {
		cgotorch.UnlockThread()
		check(op, err)
	}
	return func() {
		cgotorch.PopSavedHooks()
		cgotorch.UnlockThread()
	}
}

// SetForwardGradEnabled calls f with forward gradients on or off; f runs in this
// goroutine, which is locked to its thread meanwhile.
func (exports) SetForwardGradEnabled(enabled bool, f func()) {
	mustCall("torch.SetForwardGradEnabled", f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	before := cgotorch.SetForwardGradEnabled(enabled)
	defer cgotorch.SetForwardGradEnabled(before)
	f()
}
