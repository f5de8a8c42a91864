package parallel

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// errMaxNorm refuses layers whose rows no process has whole, or not only its own.
var errMaxNorm = torch.Errorf("", torch.NotImplementedError, "an nn.Embedding with MaxNorm cannot be divided")

// divideRows gives each process some rows of a layer. It looks up indices that are among its
// own, gives zeros for the others, and all add up what they have.
func (m mover) divideRows(layer *nn.Embedding, input, output *Placement) error {
	switch {
	case layer.MaxNorm != nil:
		return errMaxNorm
	case layer.ScaleGradByFreq:
		return torch.Errorf("", torch.NotImplementedError, "the rows of an nn.Embedding with ScaleGradByFreq cannot be divided")
	}
	rows := layer.Weight.Size(0)
	if err := m.divide(layer.Weight, 0); err != nil {
		return err
	}
	length := layer.Weight.Size(0)
	begin := distributed.GetRank(m.group) * length
	if padding := layer.PaddingIdx; padding != nil {
		layer.PaddingIdx = nil
		if own := *padding - begin; own >= 0 && own < length {
			layer.PaddingIdx = &own
		}
	}
	var others *torch.Tensor // where the indices are of other processes
	layer.RegisterForwardPreHook(func(_ nn.AnyModule, inputs []*torch.Tensor) []*torch.Tensor {
		x := m.between(inputs[0], input, Replicate())
		if x.Device() == torch.CPU && x.Lt(0).LogicalOr(x.Ge(rows)).Any().Bool() { // a device would have to be waited for
			panic(torch.Errorf(op, torch.IndexError, "index out of range in self"))
		}
		x = x.Sub(begin)
		others = x.Lt(0).LogicalOr(x.Ge(length))
		return []*torch.Tensor{x.MaskedFill(others, 0)}
	})
	layer.RegisterForwardHook(func(_ nn.AnyModule, _, outputs []*torch.Tensor) []*torch.Tensor {
		y := outputs[0].MaskedFill(others.Unsqueeze(-1), 0)
		others = nil
		return []*torch.Tensor{m.fromSum(output).of(y)}
	})
	return nil
}
