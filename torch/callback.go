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
	return cgotorch.Register(func(raw cgotorch.Results, give func(*cgotorch.Args)) {
		in := Results{raw}
		tensors := in.Tensors()
		reply := f(tensors, in.Int())
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

// SavedTensorsHooks calls body, and pack with each tensor that operations in it save. Its
// result is called whenever the tensor is wanted, and says whether the tensor that it
// gives is to be closed when libtorch has it.
func (exports) SavedTensorsHooks(op string, pack func(x *Tensor) (unpack func() (x *Tensor, given bool)), body func()) {
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	id := callback(func(in []*Tensor, _ int) callbackReply {
		unpack := pack(in[0])
		return callbackReply{Number: int(callback(func([]*Tensor, int) callbackReply {
			x, given := unpack()
			return callbackReply{Tensors: []*Tensor{x}, Given: given}
		}))}
	})
	check(op, cgotorch.PushSavedHooks(id))
	defer cgotorch.PopSavedHooks()
	body()
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
