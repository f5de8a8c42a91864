// Package parallel trains a module in several processes at once, as torch.nn.parallel does
// in Python.
package parallel

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(nil)

// name is what errors call the module.
const name = "parallel.DistributedDataParallel"

// DistributedDataParallel is a module whose gradients are, after each backward pass, the
// means of those of all processes, while each computes with samples of its own. So the
// processes take the same optimizer steps, and their parameters stay equal. Gradients move
// while others are computed, several at once.
//
// It is PyTorch's own machinery, so ranks written in Python may be in the same job.
//
//	ddp, err := parallel.NewDistributedDataParallel(net)
//	...
//	loss := criterion.Forward(ddp.Forward(x), y)
//	loss.Backward()
//	optimizer.Step()
//
// Its state dict has the names of the module's with "module." before them, as in Python;
// [DistributedDataParallel.Wrapped] has its own.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
type DistributedDataParallel[M nn.AnyModule] struct {
	nn.Module
	Wrapped M `nn:"module"`

	group      *distributed.ProcessGroup
	reducer    *torch.Object
	parameters []*torch.Tensor
	names      []string
	options    Options
	hook       CommHook
	silent     bool // in NoSync
	fresh      bool // whether buffers may differ: the last pass moved gradients
	counted    bool // a backward pass has shown which parameters a static graph uses
	uneven     bool // divide gradients by how many processes have inputs, in Join
}

// Options are the options of [NewDistributedDataParallel].
type Options struct {
	Group *distributed.ProcessGroup // nil is the default group
	// BroadcastBuffers is whether each pass begins with the buffers of rank 0; nil is true.
	BroadcastBuffers *bool
	// InitSync is whether the module begins with the parameters and buffers of rank 0, after
	// a check that all have the same shapes; nil is true.
	InitSync *bool
	// BucketCapMB is how many megabytes of gradients move together; nil is 25, and 1 for
	// the first ones.
	BucketCapMB *int
	// FindUnusedParameters is for passes that do not use all parameters, which else is an
	// error in the pass after. It costs a walk through the graph.
	FindUnusedParameters bool
	// GradientAsBucketView lets gradients be a part of what moves, which saves their memory
	// once more. They must not be detached or set then.
	GradientAsBucketView bool
	// StaticGraph says that all passes use the same parameters, as often, so that the first
	// one finds those that are not used. Backward passes may then come to a parameter several
	// times. The first pass must not be in NoSync.
	StaticGraph bool
}

// NewDistributedDataParallel returns a module that trains the given one with the other
// processes of the group. All of them call it, with equal modules. Set up what requires
// gradients before, and move the module to its device. It fails where the parameters of
// the processes have other shapes or dtypes, and where none requires gradients.
func NewDistributedDataParallel[M nn.AnyModule](module M, options ...Options) (*DistributedDataParallel[M], error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if o.Group == nil {
		o.Group = distributed.DefaultGroup()
	}
	if o.Group == nil || o.Group.Object() == nil {
		_, err := distributed.Barrier(distributed.Options{Group: o.Group}) // says why
		return nil, err
	}
	d := &DistributedDataParallel[M]{Wrapped: module, group: o.Group, options: o, fresh: true}
	if err := torch.Try(func() { nn.Init(d) }); err != nil {
		return nil, err
	}
	if err := d.group.WrapError("NewDistributedDataParallel", d.begin()); err != nil {
		return nil, err
	}
	return d, nil
}

// begin makes the reducer.
func (d *DistributedDataParallel[M]) begin() error {
	for _, p := range d.NamedParameters() {
		if p.Tensor.RequiresGrad() {
			d.parameters = append(d.parameters, p.Tensor)
			d.names = append(d.names, p.Name)
		}
	}
	if len(d.parameters) == 0 {
		return torch.Errorf("", torch.RuntimeError,
			"DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient.")
	}
	if option.Or(d.options.InitSync, true) {
		if err := d.synchronize(); err != nil {
			return err
		}
	}
	return d.newReducer()
}

// Forward returns what the module's Forward does, which must be that of a [nn.Layer];
// [DistributedDataParallel.Call] serves others. Every process calls it as often. It panics
// where another process is gone or does something else, with an error that names the rank.
func (d *DistributedDataParallel[M]) Forward(x *torch.Tensor) *torch.Tensor {
	layer, ok := any(d.Wrapped).(nn.Layer)
	if !ok {
		panic(torch.Errorf(name, torch.TypeError,
			"a %T has no Forward(*torch.Tensor) *torch.Tensor: use Call, which calls what it has", d.Wrapped))
	}
	return d.Run(x, func(x *torch.Tensor) *torch.Tensor {
		return d.Call(func(M) []*torch.Tensor { return []*torch.Tensor{nn.Call(layer, x)} })[0]
	})
}

// Call calls forward, which runs the module and returns all outputs that have gradients.
// It returns them.
//
//	outputs := ddp.Call(func(net *Net) []*torch.Tensor {
//		scores, state := net.Forward(x, h)
//		return []*torch.Tensor{scores, state}
//	})
func (d *DistributedDataParallel[M]) Call(forward func(module M) []*torch.Tensor) []*torch.Tensor {
	grads := torch.IsGradEnabled()
	moves := grads && !d.silent
	if moves {
		d.do("reducer.forward", nil)
	} else if grads && d.options.StaticGraph && !d.counted {
		panic(torch.Errorf(name, torch.RuntimeError, "with StaticGraph the first backward pass must move gradients: call NoSync from the second one on"))
	}
	d.notifyJoin()
	if grads {
		d.do("reducer.rebuild", nil)
	}
	joining := algorithms.Joining(d)
	if d.sendsBuffers() {
		src := 0
		if joining {
			src = d.commonRank(true)
		}
		d.check(d.broadcast(d.Buffers(), src))
	}
	if joining {
		d.announce(!d.silent)
	}
	outputs := forward(d.Wrapped)
	d.fresh = moves
	switch {
	case !moves:
		return outputs
	case d.options.StaticGraph:
		d.do("reducer.backward", []*torch.Tensor{})
		if d.counted {
			return outputs
		}
		return sunk(sink{d.count}, outputs)
	case d.options.FindUnusedParameters:
		d.do("reducer.backward", outputs)
		return sunk(sink{}, outputs)
	}
	d.do("reducer.backward", []*torch.Tensor{})
	return outputs
}

// sendsBuffers reports whether a pass begins with the buffers of one process.
func (d *DistributedDataParallel[M]) sendsBuffers() bool {
	return d.fresh && option.Or(d.options.BroadcastBuffers, true) && len(d.Buffers()) > 0
}

// count lets the backward pass that runs end with the first reduction of a static graph, which
// knows then which parameters it uses.
func (d *DistributedDataParallel[M]) count() {
	if !d.counted {
		d.counted = true
		d.do("reducer.delay", nil)
	}
}

// NoSync calls f, in which backward passes leave gradients as they are: they add up within
// this process. The first pass after it moves the sums. So several small batches make a
// large one:
//
//	ddp.NoSync(func() { loss(ddp, first).Backward() })
//	loss(ddp, second).Backward()
//
// Forward, too, must be called within f.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html#torch.nn.parallel.DistributedDataParallel.no_sync
func (d *DistributedDataParallel[M]) NoSync(f func()) {
	if f == nil {
		panic(torch.Errorf(name+".NoSync", torch.TypeError, "the function is nil"))
	}
	before := d.silent
	d.silent = true
	defer func() { d.silent = before }()
	f()
}

// Close lets go of the module, which trains on without the others, and ends what moves its
// gradients. The garbage collector does, too.
func (d *DistributedDataParallel[M]) Close() {
	if d.reducer.IsClosed() {
		return
	}
	d.do("reducer.remove", nil)
	d.reducer.Close()
}
