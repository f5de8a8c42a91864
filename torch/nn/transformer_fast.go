package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

var (
	opEncoderLayer    = torch.NewOperator("aten::_transformer_encoder_layer_fwd(Tensor src, int embed_dim, int num_heads, Tensor qkv_weight, Tensor qkv_bias, Tensor proj_weight, Tensor proj_bias, bool use_gelu, bool norm_first, float eps, Tensor norm_weight_1, Tensor norm_bias_1, Tensor norm_weight_2, Tensor norm_bias_2, Tensor ffn_weight_1, Tensor ffn_bias_1, Tensor ffn_weight_2, Tensor ffn_bias_2, Tensor? mask=None, int? mask_type=None) -> Tensor")
	opNestedFromMask  = torch.NewOperator("aten::_nested_tensor_from_mask(Tensor t, Tensor mask, bool mask_check=True) -> Tensor")
	opMaskLeftAligned = torch.NewOperator("aten::_nested_tensor_from_mask_left_aligned(Tensor t, Tensor mask) -> bool")
)

// fast reports whether Python would run the layer in one operator.
func (l *TransformerEncoderLayer) fast(src *torch.Tensor) bool {
	if src.Dim() != 3 || l.IsTraining() || !l.isFusable() || slices.ContainsFunc(l.Modules(), hasForwardHooks) {
		return false
	}
	for _, module := range l.Modules() {
		module.base().refreshDerived() // the operator does not call the modules
	}
	return fusable(append(l.weights(), src)...)
}

func hasForwardHooks(module AnyModule) bool {
	calls := module.base().calls
	return calls != nil && len(calls.forward)+len(calls.forwardPre)+len(calls.derived) > 0
}

// isFusable reports whether libtorch's operator for a layer can do what this one
// does.
func (l *TransformerEncoderLayer) isFusable() bool {
	return l.SelfAttn.isFusable() && l.fused != notFused && l.Norm1.Eps == l.Norm2.Eps
}

// weights returns the parameters of attention, then those that the operator takes
// after its options.
func (l *TransformerEncoderLayer) weights() []*torch.Tensor {
	return []*torch.Tensor{
		l.SelfAttn.InProjWeight, l.SelfAttn.InProjBias, l.SelfAttn.OutProj.Weight, l.SelfAttn.OutProj.Bias,
		l.Norm1.Weight, l.Norm1.Bias, l.Norm2.Weight, l.Norm2.Bias,
		l.Linear1.Weight, l.Linear1.Bias, l.Linear2.Weight, l.Linear2.Bias,
	}
}

// forwardFast returns what the layer makes of src, which may be a nested tensor if
// there are no masks.
func (l *TransformerEncoderLayer) forwardFast(src, srcMask, padding *torch.Tensor) *torch.Tensor {
	mask := l.SelfAttn.mergeMasks(src, srcMask, padding)
	weights := l.weights()
	var c torch.Call
	c.Tensor(src)
	c.Int(l.SelfAttn.EmbedDim)
	c.Int(l.SelfAttn.NumHeads)
	for _, weight := range weights[:4] {
		c.Tensor(weight)
	}
	c.Bool(l.fused == fusedGELU)
	c.Bool(l.NormFirst)
	c.Float(l.Norm1.Eps)
	for _, weight := range weights[4:] {
		c.Tensor(weight)
	}
	c.Tensor(mask.tensor)
	c.OptionalInt(mask.kind)
	return c.One(opEncoderLayer)
}

// nested returns src (batch × length × features) without its padding, as a nested
// tensor, or nil where Python would not do so. Masks are to be added to scores.
func (e *TransformerEncoder) nested(src, mask, padding *torch.Tensor) *torch.Tensor {
	if !e.useNested || mask != nil || padding == nil {
		return nil
	}
	for _, l := range e.Layers.All() {
		if !l.fast(src) {
			return nil
		}
	}
	kept := padding.LogicalNot()
	if e.MaskCheck && !leftAligned(src, kept) {
		return nil
	}
	var c torch.Call
	c.Tensor(src)
	c.Tensor(kept)
	c.Bool(false)
	return c.One(opNestedFromMask)
}

// leftAligned reports whether what is kept of src comes before all else.
func leftAligned(src, kept *torch.Tensor) bool {
	var c torch.Call
	c.Tensor(src)
	c.Tensor(kept)
	results := c.Results(opMaskLeftAligned)
	return results.Bool()
}
