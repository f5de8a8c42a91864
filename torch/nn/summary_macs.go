package nn

import "github.com/wangkuiyi/gotorch/torch"

// counted is a module that multiplies: it says how often, each time with an
// addition, in a call.
type counted interface {
	multiplications(inputs []*torch.Tensor, output *torch.Tensor) int
}

func (l *Linear) multiplications(_ []*torch.Tensor, output *torch.Tensor) int {
	return output.Numel() * l.InFeatures
}

func (b *Bilinear) multiplications(_ []*torch.Tensor, output *torch.Tensor) int {
	return output.Numel() * b.In1Features * b.In2Features
}

// Each output element of a convolution takes the weights of its channel.
func (c *ConvNd) multiplications(_ []*torch.Tensor, output *torch.Tensor) int {
	return output.Numel() * (c.Weight.Numel() / c.OutChannels)
}

// Each input element of a transposed convolution goes to the weights of its
// channel.
func (c *ConvTransposeNd) multiplications(inputs []*torch.Tensor, _ *torch.Tensor) int {
	return inputs[0].Numel() * (c.Weight.Numel() / c.InChannels)
}

// Each step of a recurrent layer takes all matrices.
func (r *RNNBase) multiplications(inputs []*torch.Tensor, _ *torch.Tensor) int {
	return inputs[0].Numel() / r.InputSize * matrixElements(&r.Module)
}

func matrixElements(m *Module) int {
	n := 0
	for _, p := range m.Parameters() {
		if p.Dim() > 1 {
			n += p.Numel()
		}
	}
	return n
}

// Attention projects queries, keys, values and outputs, and multiplies queries with
// keys and weights with values.
func (m *MultiheadAttention) multiplications(inputs []*torch.Tensor, _ *torch.Tensor) int {
	query, key, value := inputs[0], inputs[1], inputs[2]
	steps := 0 // the dimension of a sequence's steps
	if m.BatchFirst && key.Dim() == 3 {
		steps = 1
	}
	projected := 2*query.Numel()*m.EmbedDim + (key.Numel()+value.Numel())*m.EmbedDim
	return projected + 2*query.Numel()*key.Size(steps)
}

func (c *RNNCellBase) multiplications(inputs []*torch.Tensor, _ *torch.Tensor) int {
	return inputs[0].Numel() / c.InputSize * matrixElements(&c.Module)
}
