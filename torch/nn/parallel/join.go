package parallel

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Join calls f, which trains on this process's inputs, of which others may have more or fewer:
// it is [algorithms.Join] of the module alone. Afterwards all have the parameters and buffers
// of a process that had inputs to the end.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html#torch.nn.parallel.DistributedDataParallel.join
func (d *DistributedDataParallel[M]) Join(f func(), options ...algorithms.JoinOptions) error {
	return algorithms.Join([]algorithms.Joinable{d}, f, options...)
}

// JoinDevice returns the device of the parameters.
func (d *DistributedDataParallel[M]) JoinDevice() torch.Device { return d.parameters[0].Device() }

// JoinProcessGroup returns the processes that train together.
func (d *DistributedDataParallel[M]) JoinProcessGroup() *distributed.ProcessGroup { return d.group }

// JoinHook returns what stands in for the collectives of a forward and a backward pass. The
// parameters' gradients are then those of the other processes, so that an optimizer that is
// divided among them can step its part. It panics with StaticGraph, whose first pass nobody
// can stand in for.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html#torch.nn.parallel.DistributedDataParallel.join_hook
func (d *DistributedDataParallel[M]) JoinHook(options algorithms.JoinOptions) algorithms.JoinHook {
	if d.options.StaticGraph {
		panic(torch.Errorf(name+".Join", torch.NotImplementedError, "uneven inputs do not go with StaticGraph: use FindUnusedParameters"))
	}
	d.uneven = !option.Or(options.DivideByInitialWorldSize, true)
	return joinHook[M]{d}
}

// joinHook stands in for the passes of a process.
type joinHook[M nn.AnyModule] struct{ d *DistributedDataParallel[M] }

// MainHook stands in for a pass.
func (h joinHook[M]) MainHook() error { return h.try(h.d.standIn) }

// PostHook gives all processes the module of one that had inputs to the end.
func (h joinHook[M]) PostHook(isLastJoiner bool) error {
	return h.try(func() {
		d := h.d
		list := d.Parameters()
		if option.Or(d.options.BroadcastBuffers, true) {
			list = append(list, d.Buffers()...)
		}
		d.check(d.broadcast(list, d.commonRank(isLastJoiner)))
	})
}

func (joinHook[M]) try(f func()) error {
	return torch.Try(func() { torch.NoGrad(func() { torch.Scope(f) }) })
}

// notifyJoin says within Join that this process has inputs yet.
func (d *DistributedDataParallel[M]) notifyJoin() {
	work, err := algorithms.NotifyJoinContext(d)
	d.check(err)
	if work == nil {
		return
	}
	defer work.Close()
	d.check(internals.C10D("reducer.joined", func(c *torch.Call) {
		c.Object(d.reducer)
		c.Object(work.Object())
		c.Bool(!d.uneven)
	}, nil))
}

// combine returns what the numbers of all processes make together.
func (d *DistributedDataParallel[M]) combine(own int, dtype torch.DType, how distributed.ReduceOp) int {
	x := torch.Full([]int{1}, own, torch.TensorOptions{DType: dtype, Device: d.JoinDevice()})
	defer x.Close()
	_, err := distributed.AllReduce(x, distributed.ReduceOptions{Group: d.group, Op: how})
	d.check(err)
	return int(x.Item())
}

// commonRank returns the greatest rank among the processes that call it with true.
func (d *DistributedDataParallel[M]) commonRank(candidate bool) int {
	rank := -1
	if candidate {
		rank = distributed.GetRank(d.group)
	}
	return d.combine(rank, torch.Int64, distributed.Max)
}

// announce says whether this process moves gradients in the pass, and reports whether any does.
func (d *DistributedDataParallel[M]) announce(moves bool) bool {
	own := 0
	if moves {
		own = 1
	}
	return d.combine(own, torch.Float32, distributed.Sum) != 0
}

// standIn calls the collectives of a pass, with zeros for gradients.
func (d *DistributedDataParallel[M]) standIn() {
	d.do("reducer.rebuild", nil)
	if d.sendsBuffers() {
		d.check(d.broadcast(d.Buffers(), d.commonRank(false)))
	}
	d.fresh = d.announce(false)
	if !d.fresh {
		return
	}
	hook := d.hook
	if hook == nil {
		hook = d.sum
	}
	var buckets []*GradBucket
	d.check(internals.C10D("reducer.zeros", func(c *torch.Call) { c.Object(d.reducer) }, func(r *torch.Results) {
		for range r.List() {
			buckets = append(buckets, takeBucket(r, d.parameters))
		}
	}))
	waits := make([]func() *torch.Tensor, len(buckets))
	for i, b := range buckets {
		waits[i] = hook.start(b)
	}
	for i, b := range buckets {
		b.buffer = waits[i]()
	}
	used := d.usedByOthers()
	for _, b := range buckets {
		b.setGrads(used)
	}
	d.do("reducer.push", nil)
}

// sum is the hook where there is none: others have divided their gradients.
func (d *DistributedDataParallel[M]) sum(b *GradBucket) (func() (*torch.Tensor, error), error) {
	work, err := distributed.AllReduce(b.buffer, distributed.ReduceOptions{Group: d.group, Async: true})
	return func() (*torch.Tensor, error) { defer work.Close(); return b.buffer, work.Wait() }, err
}

// usedByOthers returns which parameters some process uses, or nil for all.
func (d *DistributedDataParallel[M]) usedByOthers() map[*torch.Tensor]bool {
	if !d.options.FindUnusedParameters {
		return nil
	}
	var counts *torch.Tensor
	d.check(internals.C10D("reducer.used", func(c *torch.Call) { c.Object(d.reducer) }, func(r *torch.Results) { counts = r.Tensor() }))
	counts = torch.ZerosLike(counts)
	_, err := distributed.AllReduce(counts, distributed.ReduceOptions{Group: d.group})
	d.check(err)
	used := map[*torch.Tensor]bool{}
	for i, n := range torch.ToSlice[int32](counts.To(torch.CPU)) {
		used[d.parameters[i]] = n > 0
	}
	return used
}

// setGrads gives the parameters that are used, or all for nil, the bucket's gradients.
func (b *GradBucket) setGrads(used map[*torch.Tensor]bool) {
	if b.buffer.Layout() != torch.Strided {
		b.parameters[0].SetGrad(b.buffer.Clone())
		return
	}
	offset := 0
	for _, p := range b.parameters {
		if used == nil || used[p] {
			grad := torch.EmptyLike(p) // its strides are those that the gradient has in the buffer
			grad.CopyInplace(b.buffer.AsStrided(grad.Shape(), grad.Stride(), torch.AsStridedOptions{StorageOffset: new(b.buffer.StorageOffset() + offset)}))
			p.SetGrad(grad)
		}
		offset += p.Numel()
	}
}
