package parallel

import (
	"cmp"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func (s ColwiseParallel) apply(module nn.AnyModule, m mover) error {
	input, output := cmp.Or(s.InputLayouts, Replicate()), cmp.Or(s.OutputLayouts, Shard(-1))
	var err error
	switch layer := module.(type) {
	case *nn.Linear:
		err = cmp.Or(m.divide(layer.Weight, 0), m.divide(layer.Bias, 0))
	case *nn.Embedding:
		if layer.MaxNorm != nil {
			return errMaxNorm
		}
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
	input, output := cmp.Or(s.InputLayouts, Shard(-1)), cmp.Or(s.OutputLayouts, Replicate())
	switch layer := module.(type) {
	case *nn.Linear:
		return m.divideInputs(layer, input, output)
	case *nn.Embedding:
		return m.divideRows(layer, input, output)
	}
	return torch.Errorf("", torch.NotImplementedError, "RowwiseParallel currently only support nn.Linear and nn.Embedding!")
}

// divideInputs gives each process some input features of a layer.
func (m mover) divideInputs(layer *nn.Linear, input, output *Placement) error {
	if err := cmp.Or(m.divide(layer.Weight, 1), m.share(layer.Bias)); err != nil {
		return err
	}
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
