package fsdp

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// gathered are a unit's whole parameters, outside of any graph.
type gathered struct {
	whole    []*torch.Tensor
	storages []uint64
	versions []int // of the parts that they were gathered from
}

// coming are parameters on their way.
type coming struct {
	work     *distributed.Work
	message  *torch.Tensor // the parts of all processes
	versions []int
}

// send begins to gather the parameters, unless they are there or on their way.
func (u *Module) send() {
	if len(u.parameters) == 0 || u.coming != nil {
		return
	}
	now := versions(u.parameters)
	if u.full != nil && slices.Equal(u.full.versions, now) {
		return
	}
	u.reshard()
	torch.NoGrad(func() {
		options := torch.TensorOptions{DType: u.computeDType(), Device: u.device}
		own := torch.Zeros([]int{u.width}, options)
		defer own.Close()
		torch.Scope(func() {
			for _, p := range u.parameters {
				own.Narrow(0, p.offset, p.rows*p.row).CopyInplace(p.shard.Detach().Reshape(-1))
			}
		})
		message := torch.Empty([]int{u.size() * u.width}, options).Keep()
		work, err := distributed.AllGatherSingle(message, own, distributed.Options{Group: u.group, Async: true})
		processes.Check("fsdp.FullyShard", err)
		u.coming = &coming{work, message, now}
	})
}

// unshard gathers the parameters, unless they are there.
func (u *Module) unshard() {
	u.send()
	c := u.coming
	if c == nil {
		return
	}
	u.coming = nil
	defer c.drop()
	processes.Check("fsdp.FullyShard", c.work.Wait())
	full := &gathered{versions: c.versions}
	torch.NoGrad(func() {
		for _, p := range u.parameters {
			whole := torch.Empty(p.shape, torch.TensorOptions{DType: u.computeDType(), Device: u.device}).Keep()
			torch.Scope(func() {
				p.views(whole, c.message.View(u.size(), u.width), func(whole, message *torch.Tensor) { whole.CopyInplace(message) })
			})
			full.whole = append(full.whole, whole)
			full.storages = append(full.storages, internals.StorageID(whole))
		}
	})
	u.full = full
}

// drop frees the memory of the message.
func (c *coming) drop() {
	c.work.Close()
	c.message.Close()
}

// reshard drops the gathered parameters, and those on their way.
func (u *Module) reshard() {
	if c := u.coming; c != nil {
		u.coming = nil
		_ = c.work.Wait() // the others have begun it, too
		c.drop()
	}
	if u.full == nil {
		return
	}
	for _, x := range u.full.whole {
		x.Close()
	}
	u.full = nil
}

// pack leaves tensors to libtorch that operations save for the backward pass, but for those
// in the memory of gathered parameters, which can be gathered again.
func (u *Module) pack(x *torch.Tensor) (p internal.Packed[*torch.Tensor]) {
	defer x.Close()
	i := -1
	if u.full != nil && x.Layout() == torch.Strided {
		i = slices.Index(u.full.storages, internals.StorageID(x))
	}
	if i < 0 {
		return p
	}
	size, stride, offset, since := x.Shape(), x.Stride(), x.StorageOffset(), u.full.versions
	p.Unpack = func() (*torch.Tensor, bool) {
		if name := changed(u.parameters, since); name != "" {
			panic(torch.Errorf("fsdp.FullyShard", torch.RuntimeError, "one of the variables needed for gradient computation has been modified by an"+
				" inplace operation: the parameter %s was changed between Forward and Backward", name))
		}
		u.unshard()
		return u.full.whole[i].AsStrided(size, stride, torch.AsStridedOptions{StorageOffset: &offset}), true
	}
	return p
}
