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

// Style says how a layer is divided: [ColwiseParallel] or [RowwiseParallel].
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

// RowwiseParallel gives each process some input features of an nn.Linear, whose bias all have:
// the results are added up.
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
	switch {
	case shards.Of(x) != nil:
		return torch.Errorf("", torch.ValueError, "a parameter of shape %v is a part already", shape)
	case shape[dim]%n != 0:
		return torch.Errorf("", torch.ValueError, "a parameter of shape %v cannot be divided along dimension %d by the %d processes", shape, dim, n)
	}
	if err := m.share(x); err != nil {
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
	first, err := distributed.GetGlobalRank(m.group, 0)
	if err == nil {
		_, err = distributed.Broadcast(x.Detach(), first, distributed.Options{Group: m.group})
	}
	return err
}

func (s ColwiseParallel) apply(module nn.AnyModule, m mover) error {
	input, output := cmp.Or(s.InputLayouts, Replicate()), cmp.Or(s.OutputLayouts, Shard(-1))
	var err error
	switch layer := module.(type) {
	case *nn.Linear:
		err = cmp.Or(m.divide(layer.Weight, 0), m.divide(layer.Bias, 0))
	case *nn.Embedding:
		err = m.divide(layer.Weight, 1)
	default:
		err = torch.Errorf("", torch.NotImplementedError, "ColwiseParallel currently only support nn.Linear and nn.Embedding!")
	}
	if err != nil {
		return err
	}
	base := nn.Base(module)
	base.RegisterForwardPreHook(func(_ nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor {
		if !inputs[0].IsFloatingPoint() { // numbers of embeddings have no gradients
			return []*torch.Tensor{m.between(inputs[0], input, Replicate())}
		}
		return []*torch.Tensor{m.toWhole(input).of(inputs[0])}
	})
	base.RegisterForwardHook(func(_ nn.AnyModule, _, outputs []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{m.between(outputs[0], Shard(-1), output)}
	})
	return nil
}

func (s RowwiseParallel) apply(module nn.AnyModule, m mover) error {
	layer, ok := module.(*nn.Linear)
	if !ok {
		return torch.Errorf("", torch.NotImplementedError, "RowwiseParallel is for nn.Linear, not for a %T", module)
	}
	if err := cmp.Or(m.divide(layer.Weight, 1), m.share(layer.Bias)); err != nil {
		return err
	}
	input, output := cmp.Or(s.InputLayouts, Shard(-1)), cmp.Or(s.OutputLayouts, Replicate())
	var bias *torch.Tensor // while the parts are computed, to which it may be added only once
	layer.RegisterForwardPreHook(func(_ nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor {
		x := m.between(inputs[0], input, Shard(-1))
		bias, layer.Bias = layer.Bias, nil
		return []*torch.Tensor{x}
	})
	layer.RegisterForwardHook(func(_ nn.AnyModule, _, outputs []*torch.Tensor) []*torch.Tensor {
		if layer.Bias == nil {
			layer.Bias, bias = bias, nil
		}
		if outputs == nil {
			return nil
		}
		y := m.fromSum(output).of(outputs[0])
		if layer.Bias != nil {
			y = y.Add(m.biasFor(layer.Bias, output, y.Dim()))
		}
		return []*torch.Tensor{y}
	}, nn.HookOptions{AlwaysCall: true})
	return nil
}

// biasFor returns what is added to an output that lies so, and whose gradient is the bias's.
func (m mover) biasFor(bias *torch.Tensor, output *Placement, dims int) *torch.Tensor {
	switch {
	case !output.divided:
		return bias
	case output.same(Shard(-1), dims):
		return m.between(bias, Replicate(), Shard(0))
	}
	return m.toWhole(Replicate()).of(bias) // each process has a part of the gradient's sum
}
