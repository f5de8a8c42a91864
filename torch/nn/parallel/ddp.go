// Package parallel trains a module in several processes at once, as torch.nn.parallel does
// in Python.
package parallel

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(nil)

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
	silent     bool // in NoSync
	fresh      bool // whether buffers may differ: the last pass moved gradients
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
	CommHook             CommHook // what moves; default: the gradients as they are
}

// CommHook says how gradients move.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html
type CommHook string

// FP16Compress moves gradients as Float16, half as much as Float32.
const FP16Compress CommHook = "fp16_compress"

const (
	megabyte       = 1 << 20
	broadcastBytes = 250 * megabyte
	firstBytes     = megabyte
	bucketMB       = 25
)

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
	bytes, first := bucketMB*megabyte, firstBytes
	if d.options.BucketCapMB != nil {
		bytes = *d.options.BucketCapMB * megabyte
		first = bytes
	}
	limits := []int{math.MaxInt64}
	if d.options.FindUnusedParameters {
		limits = []int{first, bytes}
	}
	buckets, err := d.assign(limits)
	if err != nil {
		return err
	}
	err = internals.C10D("reducer.new", func(c *torch.Call) {
		c.Tensors(d.parameters)
		c.List(len(buckets))
		for i := range buckets { // the last gradients come first
			c.Ints(buckets[len(buckets)-1-i])
		}
		c.Object(d.group.Object())
		d.passDense(c)
		c.Int(bytes)
		c.Int(first)
		c.Bool(d.options.FindUnusedParameters)
		c.Bool(d.options.GradientAsBucketView)
		c.Strings(d.names)
	}, func(r *torch.Results) { d.reducer = r.Object() })
	if err != nil || d.options.CommHook == "" {
		return err
	}
	if d.options.CommHook != FP16Compress {
		return torch.Errorf("", torch.ValueError, "there is no CommHook %q; there is %q", string(d.options.CommHook), string(FP16Compress))
	}
	const fp16 = 2 // libtorch's number
	return internals.C10D("reducer.hook", func(c *torch.Call) {
		c.Object(d.reducer)
		c.Int(fp16)
	}, nil)
}

// passDense passes for each parameter that its gradient is not sparse.
func (d *DistributedDataParallel[M]) passDense(c *torch.Call) {
	c.List(len(d.parameters))
	for range d.parameters {
		c.Bool(false)
	}
}

// synchronize checks that the modules are alike and gives all the values of rank 0.
func (d *DistributedDataParallel[M]) synchronize() error {
	err := internals.C10D("ddp.verify", func(c *torch.Call) {
		c.Object(d.group.Object())
		c.Tensors(d.parameters)
	}, nil)
	if err != nil {
		return err
	}
	return d.broadcast(append(d.Parameters(), d.Buffers()...))
}

// broadcast gives all processes the values of rank 0.
func (d *DistributedDataParallel[M]) broadcast(list []*torch.Tensor) error {
	return internals.C10D("ddp.broadcast", func(c *torch.Call) {
		c.Object(d.group.Object())
		c.Tensors(list)
		c.Int(broadcastBytes)
		c.Int(0)
	}, nil)
}

// assign puts the parameters into buckets of so many bytes.
func (d *DistributedDataParallel[M]) assign(limits []int) (buckets [][]int, err error) {
	err = internals.C10D("ddp.buckets", func(c *torch.Call) {
		c.Tensors(d.parameters)
		c.Ints(limits)
		d.passDense(c)
	}, func(r *torch.Results) {
		buckets = make([][]int, r.List())
		for i := range buckets {
			buckets[i] = make([]int, r.List())
			for k := range buckets[i] {
				buckets[i][k] = r.Int()
			}
		}
		for range r.List() { // their sizes
			r.Int()
		}
	})
	return buckets, err
}

// Forward returns what the module's Forward does, which must be that of a [nn.Layer];
// [DistributedDataParallel.Call] serves others. Every process calls it as often. It panics
// where another process is gone or does something else, with an error that names the rank.
func (d *DistributedDataParallel[M]) Forward(x *torch.Tensor) *torch.Tensor {
	layer, ok := any(d.Wrapped).(nn.Layer)
	if !ok {
		panic(torch.Errorf("parallel.DistributedDataParallel", torch.TypeError,
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
	}
	if grads {
		d.do("reducer.rebuild", nil)
	}
	if d.fresh && option.Or(d.options.BroadcastBuffers, true) {
		if buffers := d.Buffers(); len(buffers) > 0 {
			d.check(d.broadcast(buffers))
		}
	}
	outputs := forward(d.Wrapped)
	d.fresh = moves
	if !moves {
		return outputs
	}
	if d.options.FindUnusedParameters {
		d.do("reducer.backward", outputs)
		return sunk(outputs)
	}
	d.do("reducer.backward", []*torch.Tensor{})
	return outputs
}

// do calls a method of the reducer, with tensors where they are not nil.
func (d *DistributedDataParallel[M]) do(name string, list []*torch.Tensor) {
	d.check(internals.C10D(name, func(c *torch.Call) {
		c.Object(d.reducer)
		if list != nil {
			c.Tensors(list)
		}
	}, func(r *torch.Results) {
		if name == "reducer.rebuild" {
			r.Bool()
		}
	}))
}

// check panics with an error of the group.
func (d *DistributedDataParallel[M]) check(err error) {
	if err == nil {
		return
	}
	wrapped := d.group.WrapError("DistributedDataParallel", err)
	if found := unreduced.FindStringSubmatch(wrapped.Error()); found != nil {
		wrapped = fmt.Errorf("%w\n  these are: %s", wrapped, d.named(found[1]))
	}
	processes.Check("", wrapped)
}

// unreduced finds the numbers of the parameters in the reducer's error of a pass that did not
// use all.
var unreduced = regexp.MustCompile(`did not receive grad for rank \d+: ([\d ]+)`)

// named returns the names of parameters, of whose numbers it gets a list.
func (d *DistributedDataParallel[M]) named(numbers string) string {
	var names []string
	for text := range strings.FieldsSeq(numbers) {
		if i, err := strconv.Atoi(text); err == nil && i < len(d.names) {
			names = append(names, d.names[i])
		}
	}
	return strings.Join(names, ", ")
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
		panic(torch.Errorf("parallel.DistributedDataParallel.NoSync", torch.TypeError, "the function is nil"))
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

// sink passes outputs on. Those that the loss does not use get no gradients, rather than
// zeros, so that the reducer sees which parameters have none.
type sink struct{}

func (sink) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	ctx.SetMaterializeGrads(false)
	outputs := make([]*torch.Tensor, len(inputs))
	for i, x := range inputs {
		outputs[i] = x.Clone()
	}
	return outputs
}

func (sink) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor { return grads }

// sunk returns the outputs through a sink, but for those that have no gradients.
func sunk(outputs []*torch.Tensor) []*torch.Tensor {
	var within []*torch.Tensor
	for _, x := range outputs {
		if x.RequiresGrad() {
			within = append(within, x)
		}
	}
	if len(within) == 0 {
		return outputs
	}
	passed := autograd.Apply(sink{}, within...)
	all := make([]*torch.Tensor, len(outputs))
	for i, x := range outputs {
		all[i] = x
		if x.RequiresGrad() {
			all[i], passed = passed[0], passed[1:]
		}
	}
	return all
}
