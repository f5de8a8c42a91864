package distributed

import (
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Work is a collective that was begun with the option Async, or a message on its way. The
// tensors that it was given must not be used until Wait has returned. libtorch keeps
// their memory as long as it needs it.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Work
type Work struct {
	object *torch.Object
	group  *ProcessGroup
	op     string
}

// Wait waits until the work is done and returns why it failed, if it did. Other goroutines
// go on meanwhile. A collective fails by itself when the timeout of its group is over, or
// its own; a message also when the one given here is. Where it fails for want of time, or
// since a process is gone, gloo ends the connections: later collectives of the group fail
// at once, and the processes must begin again.
func (w *Work) Wait(timeout ...time.Duration) error {
	limit, err := option.AtMostOne(timeout)
	if err != nil {
		return err
	}
	done := true
	err = w.call("work.wait", func(c *torch.Call) { c.Int(milliseconds(limit)) },
		func(r *torch.Results) { done = r.Bool() })
	if err == nil && !done {
		err = refusal(torch.RuntimeError, "the work was aborted")
	}
	if err != nil {
		return w.group.fail(w.op, err)
	}
	w.group.peers.learn()
	return nil
}

// IsCompleted reports whether the work is done, well or not; Wait says which.
func (w *Work) IsCompleted() bool {
	var done bool
	if err := w.call("work.completed", nil, func(r *torch.Results) { done = r.Bool() }); err != nil {
		panic(w.group.fail(w.op, err))
	}
	return done
}

// source returns the rank in the group that a message came from.
func (w *Work) source() (rank int, err error) {
	err = w.call("work.source", nil, func(r *torch.Results) { rank = r.Int() })
	return rank, w.group.fail(w.op, err)
}

// Object returns what libtorch's functions take for the work, of the class c10d.Work.
func (w *Work) Object() *torch.Object { return w.object }

// Close lets go of the work, which goes on. The garbage collector does, too.
func (w *Work) Close() { w.object.Close() }

func (w *Work) call(name string, pass func(c *torch.Call), take func(r *torch.Results)) error {
	return method(name, func(c *torch.Call) {
		c.Object(w.object)
		if pass != nil {
			pass(c)
		}
	}, take)
}

// Options are the options of collectives.
type Options struct {
	Group *ProcessGroup // nil is the default group
	// Async begins the collective and returns a [Work] to wait for; without it the Work is
	// nil.
	Async bool
	// Timeout is how long the collective may take; that of the group where it is 0.
	Timeout time.Duration
}

// ReduceOptions are the options of collectives that add up, or do something else with the
// elements of all ranks.
type ReduceOptions struct {
	Op    ReduceOp // default: Sum
	Group *ProcessGroup
	// Async and Timeout are as in [Options].
	Async   bool
	Timeout time.Duration
}

func (o ReduceOptions) plain() Options { return Options{o.Group, o.Async, o.Timeout} }

// collective begins a collective, and waits for it unless it is to be async. pass passes the
// arguments of the operator but for the last two.
func collective(op string, o Options, operator *torch.Operator, pass func(c *torch.Call, g *ProcessGroup) error) (*Work, error) {
	g, err := member(op, o.Group)
	if err != nil {
		return nil, err
	}
	if o.Timeout < 0 {
		return nil, g.fail(op, refusal(torch.ValueError, "the timeout %v is negative", o.Timeout))
	}
	w, err := g.start(op, operator, func(c *torch.Call) error {
		if err := pass(c, g); err != nil {
			return err
		}
		c.Bool(o.Async)
		if o.Timeout > 0 {
			c.Int(milliseconds(o.Timeout))
		}
		return nil
	})
	if err != nil || o.Async {
		return w, err
	}
	defer w.Close()
	return nil, w.Wait()
}

// start calls an operator that gives a Work.
func (g *ProcessGroup) start(op string, operator *torch.Operator, pass func(c *torch.Call) error) (*Work, error) {
	var object *torch.Object
	var refused error
	err := torch.Try(func() {
		if internals.Capturing() {
			panic(torch.Errorf(op, torch.RuntimeError, "collectives cannot be captured: call them between captured steps"))
		}
		var c torch.Call
		c.NoGrad()
		if refused = pass(&c); refused == nil {
			object = internals.Object(&c, operator)
		}
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, g.fail(op, err)
	}
	return &Work{object, g, op}, nil
}

// realView returns what moves for a tensor: of a complex one its real and imaginary parts,
// in the same memory. It panics if the tensor is not contiguous, of which gloo would move
// the memory between its elements.
func realView(x *torch.Tensor) *torch.Tensor {
	if x != nil && x.Layout() == torch.Strided && !x.IsContiguous() {
		panic(torch.Errorf("", torch.ValueError, "the tensor is not contiguous: x.Contiguous() makes a copy that is"))
	}
	if x != nil && x.DType().IsComplex() {
		return torch.ViewAsReal(x)
	}
	return x
}

func realViews(list []*torch.Tensor) []*torch.Tensor {
	views := make([]*torch.Tensor, len(list))
	for i, x := range list {
		views[i] = realView(x)
	}
	return views
}
