package parallel

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/processes"
	"github.com/wangkuiyi/gotorch/torch/internal/shards"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Style says what a layer does in several processes: [ColwiseParallel], [RowwiseParallel] and
// [SequenceParallel] divide it or its input, [PrepareModuleInput], [PrepareModuleOutput] and
// [PrepareModuleInputOutput] move what goes in and out.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html
type Style interface {
	apply(module nn.AnyModule, m mover) error
}

// Plan has the styles by the paths of the layers, such as "encoder.up".
type Plan map[string]Style

// ColwiseParallel gives each process some output features of an nn.Linear, or some of the
// embedding's of an nn.Embedding.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.ColwiseParallel
type ColwiseParallel struct {
	InputLayouts  *Placement // of the input; nil is Replicate()
	OutputLayouts *Placement // of the output; nil is Shard(-1)
}

// RowwiseParallel gives each process some input features of an nn.Linear, whose bias all have,
// or some rows of an nn.Embedding: the results are added up. The input of an nn.Embedding is
// usually whole: Replicate().
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.RowwiseParallel
type RowwiseParallel struct {
	InputLayouts  *Placement // of the input; nil is Shard(-1)
	OutputLayouts *Placement // of the output; nil is Replicate()
}

// ParallelizeModule divides layers of a module among the processes of a mesh of one dimension,
// which all call it. They begin with the values of the mesh's first process, so a network
// computes what it did whole.
//
// It fails on a path without a layer, on layers that cannot be divided so, on features whose
// number is not divisible by that of the processes, and on parameters that are parts already.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.parallelize_module
func ParallelizeModule(module nn.AnyModule, mesh *distributed.DeviceMesh, plan Plan) error {
	if mesh == nil || len(mesh.GetAllGroups()) != 1 {
		return torch.Errorf(op, torch.ValueError, "the mesh must have one dimension: Slice gives that of a mesh of several")
	}
	m := mover{mesh.GetAllGroups()[0]}
	for _, path := range slices.Sorted(maps.Keys(plan)) {
		var refused error
		err := torch.Try(func() {
			torch.NoGrad(func() { refused = plan[path].apply(nn.Base(module).GetSubmodule(path), m) })
		})
		if err = cmp.Or(err, refused); err != nil {
			return m.group.WrapError("ParallelizeModule", errors.Join(errors.New(path), err))
		}
	}
	return nil
}

// divide leaves this process its part of a parameter of the first one.
func (m mover) divide(x *torch.Tensor, dim int) error {
	if x == nil {
		return nil
	}
	n, rank := distributed.GetWorldSize(m.group), distributed.GetRank(m.group)
	shape := x.Shape()
	if shards.Of(x) == nil && shape[dim]%n != 0 {
		return torch.Errorf("", torch.ValueError, "a parameter of shape %v cannot be divided along dimension %d by the %d processes", shape, dim, n)
	}
	if err := m.share(x); err != nil { // as of a part
		return err
	}
	length := shape[dim] / n
	part := x.Detach().Narrow(dim, rank*length, length).Clone(torch.CloneOptions{MemoryFormat: torch.ContiguousFormat})
	x.SetGrad(nil)
	x.SetData(part)
	shards.Note(x, &shards.Shard{Shape: shape, Dim: dim, Offset: rank * length, Group: processes.Group{ProcessGroup: m.group}})
	return nil
}

// share gives all processes a parameter of the first one.
func (m mover) share(x *torch.Tensor) error {
	if x == nil {
		return nil
	}
	if shards.Of(x) != nil {
		return torch.Errorf("", torch.ValueError, "a parameter of shape %v is a part already", x.Shape())
	}
	first, err := distributed.GetGlobalRank(m.group, 0)
	if err == nil {
		_, err = distributed.Broadcast(x.Detach(), first, distributed.Options{Group: m.group})
	}
	return err
}
