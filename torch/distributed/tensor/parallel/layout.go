package parallel

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
)

// Placement says how a tensor lies on the processes of a mesh.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.html#torch.distributed.tensor.placement_types.Placement
type Placement struct {
	dim     int
	divided bool
}

// Replicate is the placement of a tensor that all processes have whole.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.html#torch.distributed.tensor.placement_types.Replicate
func Replicate() *Placement { return &Placement{} }

// Shard is the placement of a tensor that is divided evenly along a dimension; negative ones
// count from the last.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.html#torch.distributed.tensor.placement_types.Shard
func Shard(dim int) *Placement { return &Placement{dim, true} }

// same reports whether placements of a tensor of so many dimensions are the same.
func (p *Placement) same(other *Placement, dims int) bool {
	return p.divided == other.divided && (!p.divided || (p.dim-other.dim)%dims == 0)
}

const op = "parallel.ParallelizeModule"

// movement is an operation that moves a tensor between placements; its gradient moves back.
type movement struct {
	move, back func(x *torch.Tensor) *torch.Tensor
}

func (m movement) Forward(_ *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{m.move(inputs[0])}
}

func (m movement) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{m.back(grads[0])}
}

func (m movement) of(x *torch.Tensor) *torch.Tensor { return autograd.Apply1(m, x) }

// mover moves tensors between the processes of a group.
type mover struct{ group *distributed.ProcessGroup }

// keep returns a tensor as it is.
func (mover) keep(x *torch.Tensor) *torch.Tensor { return x }

// sum returns the sum of the tensors of all processes.
func (m mover) sum(x *torch.Tensor) *torch.Tensor {
	y := x.Clone(torch.CloneOptions{MemoryFormat: torch.ContiguousFormat})
	_, err := distributed.AllReduce(y, distributed.ReduceOptions{Group: m.group})
	processes.Check(op, err)
	return y
}

// gather returns a function that puts the parts of all processes together.
func (m mover) gather(dim int) func(x *torch.Tensor) *torch.Tensor {
	return func(x *torch.Tensor) *torch.Tensor {
		x = x.Contiguous()
		parts := make([]*torch.Tensor, distributed.GetWorldSize(m.group))
		for i := range parts {
			parts[i] = torch.EmptyLike(x)
		}
		_, err := distributed.AllGather(parts, x, distributed.Options{Group: m.group})
		processes.Check(op, err)
		return torch.Cat(parts, dim)
	}
}

// chunks returns the parts of a tensor, one for each process.
func (m mover) chunks(x *torch.Tensor, dim int) []*torch.Tensor {
	n := distributed.GetWorldSize(m.group)
	if x.Size(dim)%n != 0 {
		panic(torch.Errorf(op, torch.ValueError, "dimension %d of a tensor of shape %v is not divisible by the %d processes", dim, x.Shape(), n))
	}
	return x.Chunk(n, dim)
}

// slice returns a function that gives this process's part of a whole tensor.
func (m mover) slice(dim int) func(x *torch.Tensor) *torch.Tensor {
	return func(x *torch.Tensor) *torch.Tensor {
		return m.chunks(x, dim)[distributed.GetRank(m.group)].Contiguous()
	}
}

// sumPart returns a function that gives this process's part of the sum of all tensors.
func (m mover) sumPart(dim int) func(x *torch.Tensor) *torch.Tensor {
	return func(x *torch.Tensor) *torch.Tensor {
		parts := m.chunks(x, dim)
		for i, part := range parts {
			parts[i] = part.Contiguous()
		}
		own := torch.EmptyLike(parts[0])
		_, err := distributed.ReduceScatter(own, parts, distributed.ReduceOptions{Group: m.group})
		processes.Check(op, err)
		return own
	}
}

// toWhole moves the input of a layer that takes it whole, and whose processes each have a part
// of its gradient's sum.
func (m mover) toWhole(from *Placement) movement {
	if from.divided {
		return movement{m.gather(from.dim), m.sumPart(from.dim)}
	}
	return movement{m.keep, m.sum}
}

// fromSum moves the output of a layer whose processes each have a part of the sum.
func (m mover) fromSum(to *Placement) movement {
	if to.divided {
		return movement{m.sumPart(to.dim), m.gather(to.dim)}
	}
	return movement{m.sum, m.keep}
}

// between moves a tensor that is whole or divided.
func (m mover) between(x *torch.Tensor, from, to *Placement) *torch.Tensor {
	switch {
	case from.same(to, x.Dim()):
		return x
	case !to.divided:
		return movement{m.gather(from.dim), m.slice(from.dim)}.of(x)
	case !from.divided:
		return movement{m.slice(to.dim), m.gather(to.dim)}.of(x)
	}
	return m.between(m.between(x, from, Replicate()), Replicate(), to)
}
