package parallel

import (
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// CommHook moves the gradients of a bucket: it begins to, and returns a function that waits
// until they are there and returns what takes their place, a tensor of as many elements,
// often the bucket's own. The backward pass goes on between the two calls. The functions to
// wait are called at its end, in the order of the buckets, which is the same on all
// processes; so may collectives be that they call in turn. Where there are several steps the
// first one alone moves while gradients are computed.
//
// Package distributed/algorithms/ddpcommhooks has those of PyTorch.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html
type CommHook func(bucket *GradBucket) (wait func() (*torch.Tensor, error), err error)

// GradBucket is the gradients of some parameters, which move together.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket
type GradBucket struct {
	buffer     *torch.Tensor
	index      int
	last       bool
	parameters []*torch.Tensor
}

// takeBucket takes a bucket of some of the parameters.
func takeBucket(r *torch.Results, parameters []*torch.Tensor) *GradBucket {
	b := &GradBucket{buffer: r.Tensor(), index: r.Int(), last: r.Bool()}
	for range r.List() {
		b.parameters = append(b.parameters, parameters[r.Int()])
	}
	return b
}

// Index returns the number of the bucket: the first one to move is 0.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.index
func (b *GradBucket) Index() int {
	b.mustBe("Index")
	return b.index
}

// IsLast reports whether no other bucket moves after this one in the pass.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.is_last
func (b *GradBucket) IsLast() bool {
	b.mustBe("IsLast")
	return b.last
}

// Buffer returns the gradients one after the other, in a tensor of one dimension. They are
// those of this process, not divided by anything. A sparse gradient is alone in its bucket, as
// it is. The hook may change it; its memory is the reducer's.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.buffer
func (b *GradBucket) Buffer() *torch.Tensor {
	b.mustBe("Buffer")
	return b.buffer
}

// mustBe panics where no reducer has made the bucket.
func (b *GradBucket) mustBe(method string) {
	if b == nil || b.buffer == nil {
		panic(torch.Errorf("parallel.GradBucket."+method, torch.ValueError, "the bucket is nil, or one that DistributedDataParallel did not make"))
	}
}

// SetBuffer puts another tensor in the place of the buffer, for a hook that is called with
// the bucket next.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.set_buffer
func (b *GradBucket) SetBuffer(x *torch.Tensor) {
	b.mustBe("SetBuffer")
	b.buffer = x
}

// Gradients returns the gradient of each parameter, a view of the buffer in the parameter's
// shape.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.gradients
func (b *GradBucket) Gradients() []*torch.Tensor {
	b.mustBe("Gradients")
	if b.buffer.Layout() != torch.Strided {
		return []*torch.Tensor{b.buffer}
	}
	list := make([]*torch.Tensor, len(b.parameters))
	offset := 0
	for i, p := range b.parameters {
		n := p.Numel()
		list[i] = b.buffer.Narrow(0, offset, n).View(p.Shape()...)
		offset += n
	}
	return list
}

// Parameters returns the parameters that the gradients are of: the module's own tensors.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.GradBucket.parameters
func (b *GradBucket) Parameters() []*torch.Tensor {
	b.mustBe("Parameters")
	return b.parameters
}

// start calls the hook, and returns a function that waits; both panic where they fail.
func (h CommHook) start(bucket *GradBucket) (wait func() *torch.Tensor) {
	finish, err := h(bucket)
	processes.Check(name, err)
	argument.NotNil(name, "the function to wait that the communication hook returned", finish)
	return func() *torch.Tensor {
		x, err := finish()
		processes.Check(name, err)
		return x
	}
}

// RegisterCommHook lets a hook move gradients, which else are added up over the processes.
// All processes call it alike, before the first backward pass, and once. The hook is called
// on the goroutine that calls Backward, in the same order on all processes; it must not call
// the module. Tensors that it keeps from pass to pass must be kept out of scopes by
// [torch.Tensor.Keep]. A panic of it, or an error that it returns, goes on in Backward, and
// the module cannot train further.
//
// It fails where there is a hook already, and after Close.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html#torch.nn.parallel.DistributedDataParallel.register_comm_hook
func (d *DistributedDataParallel[M]) RegisterCommHook(hook CommHook) error {
	argument.NotNil(name+".RegisterCommHook", "the hook", hook)
	if d.reducer.IsClosed() {
		return d.group.WrapError("RegisterCommHook", torch.Errorf("", torch.ClosedError, "the module is closed"))
	}
	parameters := d.parameters // not d, which the reducer would keep
	start := internals.CallbackOf(func(in *torch.Results) internal.CallbackReply[*torch.Tensor] {
		wait := hook.start(takeBucket(in, parameters))
		finish := internals.Callback(func([]*torch.Tensor, int) internal.CallbackReply[*torch.Tensor] {
			return internal.CallbackReply[*torch.Tensor]{Tensors: []*torch.Tensor{wait()}}
		})
		return internal.CallbackReply[*torch.Tensor]{Number: int(finish)}
	})
	err := internals.C10D("reducer.hook", func(c *torch.Call) {
		c.Object(d.reducer)
		c.Int(int(start))
	}, nil)
	if err == nil {
		d.hook = hook
	}
	return d.group.WrapError("RegisterCommHook", err)
}
