package parallel

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// SequenceParallel lets each process compute a part of the sequence: of an nn.LayerNorm, an
// nn.RMSNorm, an nn.Dropout, or another module that computes each element of the sequence by
// itself. All processes have its parameters, whose gradients are the sums over the parts. Its
// input and its output are this process's parts, along whatever dimension: those of layers
// with Shard(1) as a rule. An nn.Dropout draws from this process's generator.
//
// https://docs.pytorch.org/docs/stable/distributed.tensor.parallel.html#torch.distributed.tensor.parallel.SequenceParallel
type SequenceParallel struct{}

func (SequenceParallel) apply(module nn.AnyModule, m mover) error {
	base := nn.Base(module)
	list := base.NamedParameters()
	for _, p := range list {
		if err := m.share(p.Tensor); err != nil {
			return err
		}
	}
	var own []*torch.Tensor // the parameters, while others stand in for them
	base.RegisterForwardPreHook(func(nn.AnyModule, []*torch.Tensor) []*torch.Tensor {
		own = own[:0]
		for _, p := range list {
			whole := base.SwapTensor(p.Name, nil)
			own = append(own, whole)
			base.SwapTensor(p.Name, m.toWhole(Replicate()).of(whole))
		}
		return nil
	})
	base.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
		for i, x := range own {
			base.SwapTensor(list[i].Name, x)
		}
		own = nil
		return nil
	}, nn.HookOptions{AlwaysCall: true})
	return nil
}
