package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/backends"
	"github.com/wangkuiyi/gotorch/torch/internal/attention"
)

var opNativeAttention = torch.NewOperator("aten::_native_multi_head_attention(Tensor query, Tensor key, Tensor value, int embed_dim, int num_head, Tensor qkv_weight, Tensor qkv_bias, Tensor proj_weight, Tensor proj_bias, Tensor? mask=None, bool need_weights=True, bool average_attn_weights=True, int? mask_type=None) -> (Tensor, Tensor)")

// fast reports whether Python would run the attention in one operator.
func (m *MultiheadAttention) fast(query, key, value *torch.Tensor, o *MultiheadAttentionForwardOptions) bool {
	for _, mask := range []*torch.Tensor{o.KeyPaddingMask, o.AttnMask} {
		if mask != nil && mask.DType().IsFloatingPoint() {
			return false
		}
	}
	return query.Dim() == 3 && query == key && key == value && !m.IsTraining() && m.isFusable() && m.BiasK == nil && m.BiasV == nil && !m.AddZeroAttn &&
		query.DType() == m.InProjWeight.DType() && query.DType() == m.InProjBias.DType() &&
		fusable(query, m.InProjWeight, m.InProjBias, m.OutProj.Weight, m.OutProj.Bias)
}

// isFusable reports whether libtorch's operators that do all at once can do what the
// module does.
func (m *MultiheadAttention) isFusable() bool {
	return m.BatchFirst && m.NumHeads%2 == 0 && m.InProjWeight != nil && m.InProjBias != nil
}

// additive returns a mask for x as numbers to add to scores.
func additive(op, name string, mask, x *torch.Tensor) *torch.Tensor {
	return attention.AdditiveMask("nn."+op, name, mask, x.DType())
}

// fusable reports whether operators that do all at once, without gradients, can take
// the tensors.
func fusable(tensors ...*torch.Tensor) bool {
	tracked := torch.IsGradEnabled() && slices.ContainsFunc(tensors, (*torch.Tensor).RequiresGrad)
	return backends.MHAFastpath.Get() && !tracked && !torch.IsAutocastEnabled(torch.CUDA(0))
}

func (m *MultiheadAttention) forwardFast(x *torch.Tensor, o *MultiheadAttentionForwardOptions) (output, weights *torch.Tensor) {
	mask := m.mergeMasks(x, additive("MultiheadAttention", "attn_mask", o.AttnMask, x),
		additive("MultiheadAttention", "key_padding_mask", o.KeyPaddingMask, x))
	needWeights := option.Or(o.NeedWeights, true)
	var c torch.Call
	c.Tensor(x)
	c.Tensor(x)
	c.Tensor(x)
	c.Int(m.EmbedDim)
	c.Int(m.NumHeads)
	c.Tensor(m.InProjWeight)
	c.Tensor(m.InProjBias)
	c.Tensor(m.OutProj.Weight)
	c.Tensor(m.OutProj.Bias)
	c.Tensor(mask.tensor)
	c.Bool(needWeights)
	c.Bool(option.Or(o.AverageAttnWeights, true))
	c.OptionalInt(mask.kind)
	results := c.Results(opNativeAttention)
	output, weights = results.Tensor(), results.Tensor()
	return output, weights
}

// mergedMask is one mask of several, as the fast operators take it.
type mergedMask struct {
	tensor *torch.Tensor
	kind   *int // 1: batch × source; 2: batch × heads × target × source; nil: there is none
}

// mergeMasks returns the sum of masks for x (batch × length × embed), which may be
// nil.
func (m *MultiheadAttention) mergeMasks(x, mask, padding *torch.Tensor) mergedMask {
	if mask == nil && padding == nil {
		return mergedMask{}
	}
	if mask == nil {
		return mergedMask{padding, new(1)}
	}
	batch, length := x.Size(0), x.Size(1)
	if mask.Dim() == 3 {
		mask = mask.View(batch, -1, length, length)
	} else {
		mask = mask.View(1, 1, length, length).Expand(batch, m.NumHeads, -1, -1)
	}
	if padding != nil {
		mask = mask.Add(padding.View(batch, 1, 1, length).Expand(-1, m.NumHeads, -1, -1))
	}
	return mergedMask{mask, new(2)}
}
