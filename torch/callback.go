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
	return cgotorch.Register(replying(f))
}

// replying makes f a function of the seam.
func replying(f func(in *Results) callbackReply) cgotorch.Func {
	return func(raw cgotorch.Results, give func(*cgotorch.Args)) {
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
	}
}

// SavedTensorsHooks calls body, and pack with each tensor that operations in it save; see
// PushSavedTensorsHooks.
func (e exports) SavedTensorsHooks(op string, pack func(x *Tensor) packed, body func()) {
	defer e.PushSavedTensorsHooks(op, pack)()
	body()
}

type packed = internal.Packed[*Tensor]

// PushSavedTensorsHooks makes pack be called with each tensor that operations save, until
// pop. The goroutine is locked to its thread until pop, and calls both.
func (exports) PushSavedTensorsHooks(op string, pack func(x *Tensor) packed) (pop func()) {
	cgotorch.LockThread()
	id := callback(func(in []*Tensor, _ int) callbackReply {
		p := pack(in[0])
		if p.Unpack == nil {
			return callbackReply{}
		}
		unpack := replying(func(*Results) callbackReply {
			x, given := p.Unpack()
			return callbackReply{Tensors: []*Tensor{x}, Given: given}
		})
		return callbackReply{Number: int(cgotorch.RegisterUntil(unpack, p.Dropped))}
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
