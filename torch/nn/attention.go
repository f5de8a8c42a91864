package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// MultiheadAttention lets each query look at all keys, several times side by side,
// and gives the values of those that it fits.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
type MultiheadAttention struct {
	Module
	EmbedDim     int
	NumHeads     int
	HeadDim      int // features of each head
	KDim         int // features of the keys
	VDim         int // features of the values
	Dropout      float64
	AddZeroAttn  bool
	BatchFirst   bool
	InProjWeight *torch.Tensor // 3·embed × embed; nil where keys or values have other features than queries
	QProjWeight  *torch.Tensor // in its place: embed × embed
	KProjWeight  *torch.Tensor // embed × features of the keys
	VProjWeight  *torch.Tensor // embed × features of the values
	InProjBias   *torch.Tensor // 3·embed, or nil
	BiasK        *torch.Tensor // 1 × 1 × embed: one more key, or nil
	BiasV        *torch.Tensor // 1 × 1 × embed: one more value, or nil
	OutProj      *NonDynamicallyQuantizableLinear
}

// NonDynamicallyQuantizableLinear is the [Linear] of [MultiheadAttention]. It has a
// name of its own, as in Python, and nothing else.
type NonDynamicallyQuantizableLinear struct {
	Linear // InFeatures, OutFeatures, Weight, Bias
}

// MultiheadAttentionOptions are the options of [NewMultiheadAttention].
type MultiheadAttentionOptions struct {
	Dropout     float64      // the probability of zero in the weights of the values
	Bias        *bool        // add biases to the projections; default: true
	AddBiasKV   bool         // add a learned key and value to those of each input
	AddZeroAttn bool         // add a key and a value of zeros
	KDim        *int         // features of the keys; default: those of the queries
	VDim        *int         // features of the values; default: those of the queries
	BatchFirst  bool         // input and output are batch × length × features
	Device      torch.Device // default: torch.DefaultDevice()
	DType       torch.DType  // default: Float32
}

// NewMultiheadAttention returns the attention of queries of embed features, by
// heads heads of embed/heads each. It panics if embed is not a multiple of heads.
func NewMultiheadAttention(embed, heads int, options ...MultiheadAttentionOptions) *MultiheadAttention {
	o := option.First(options)
	if embed <= 0 || heads <= 0 {
		panic(torch.Errorf("nn.MultiheadAttention", torch.ValueError,
			"embed_dim and num_heads must be greater than 0, got embed_dim=%d and num_heads=%d instead", embed, heads))
	}
	if embed%heads != 0 {
		panic(torch.Errorf("nn.MultiheadAttention", torch.RuntimeError, "embed_dim must be divisible by num_heads"))
	}
	parameter := func(size ...int) *torch.Tensor {
		return NewParameter(torch.Empty(size, torch.TensorOptions{Device: o.Device, DType: o.DType}))
	}
	bias := option.Or(o.Bias, true)
	m := &MultiheadAttention{EmbedDim: embed, NumHeads: heads, HeadDim: embed / heads, KDim: option.Or(o.KDim, embed), VDim: option.Or(o.VDim, embed),
		Dropout: o.Dropout, AddZeroAttn: o.AddZeroAttn, BatchFirst: o.BatchFirst}
	if m.KDim == embed && m.VDim == embed {
		m.InProjWeight = parameter(3*embed, embed)
	} else {
		m.QProjWeight, m.KProjWeight, m.VProjWeight = parameter(embed, embed), parameter(embed, m.KDim), parameter(embed, m.VDim)
	}
	if bias {
		m.InProjBias = parameter(3 * embed)
	}
	m.OutProj = Init(&NonDynamicallyQuantizableLinear{*NewLinear(embed, embed, LinearOptions{Bias: &bias, Device: o.Device, DType: o.DType})})
	if o.AddBiasKV {
		m.BiasK, m.BiasV = parameter(1, 1, embed), parameter(1, 1, embed)
	}
	for _, weight := range []*torch.Tensor{m.InProjWeight, m.QProjWeight, m.KProjWeight, m.VProjWeight} {
		if weight != nil {
			nninit.XavierUniform(weight)
		}
	}
	fill(m.InProjBias, 0)
	fill(m.OutProj.Bias, 0)
	for _, bias := range []*torch.Tensor{m.BiasK, m.BiasV} {
		if bias != nil {
			nninit.XavierNormal(bias)
		}
	}
	return Init(m)
}

// MultiheadAttentionForwardOptions are the options of
// [MultiheadAttention.Forward].
type MultiheadAttentionForwardOptions struct {
	KeyPaddingMask     *torch.Tensor // batch × source: keys to leave out (Bool), or numbers to add to scores
	NeedWeights        *bool         // return the weights too; default: true
	AttnMask           *torch.Tensor // target × source, or batch·heads × target × source, as KeyPaddingMask
	AverageAttnWeights *bool         // average the weights over the heads; default: true
	IsCausal           bool          // a hint that AttnMask, which is to be given, is causal
}

// Forward returns the attention of query (target × batch × embed) over key and
// value (source × batch × features), and its weights. The output has the shape of
// query. The weights are batch × target × source, or batch × heads × target ×
// source if they are not averaged, or nil if they are not needed. With BatchFirst
// the batch comes first in query, key, value and output; without a batch all have
// one dimension less. It panics on shapes that do not fit.
//
// As in Python, in evaluation mode self-attention without gradients, its heads even
// and its batch first, runs in one operator, whose results are rounded otherwise.
func (m *MultiheadAttention) Forward(query, key, value *torch.Tensor, options ...MultiheadAttentionForwardOptions) (output, weights *torch.Tensor) {
	o := option.First(options)
	results := m.RunAll(func(in []*torch.Tensor) []*torch.Tensor {
		output, weights := m.forward(in[0], in[1], in[2], &o)
		return []*torch.Tensor{output, weights}
	}, query, key, value)
	return results[0], results[1]
}

func (m *MultiheadAttention) forward(query, key, value *torch.Tensor, o *MultiheadAttentionForwardOptions) (output, weights *torch.Tensor) {
	m.OutProj.refreshDerived()
	if m.fast(query, key, value, o) {
		return m.forwardFast(query, o)
	}
	transposed := m.BatchFirst && query.Dim() == 3
	if transposed {
		query, key, value = transposeAll(query, key, value)
	}
	output, weights = functional.MultiHeadAttentionForward(query, key, value, m.EmbedDim, m.NumHeads, m.InProjWeight, m.InProjBias,
		m.BiasK, m.BiasV, m.AddZeroAttn, m.Dropout, m.OutProj.Weight, m.OutProj.Bias,
		functional.MultiHeadAttentionForwardOptions{
			Training: new(m.IsTraining()), KeyPaddingMask: o.KeyPaddingMask, NeedWeights: o.NeedWeights, AttnMask: o.AttnMask,
			UseSeparateProjWeight: m.InProjWeight == nil, QProjWeight: m.QProjWeight, KProjWeight: m.KProjWeight, VProjWeight: m.VProjWeight,
			AverageAttnWeights: o.AverageAttnWeights, IsCausal: o.IsCausal,
		})
	if transposed {
		output = output.Transpose(0, 1)
	}
	return output, weights
}

// attend returns the attention of x attend memory, without its weights.
func (m *MultiheadAttention) attend(x, memory, mask, padding *torch.Tensor, causal bool) *torch.Tensor {
	output, _ := m.Forward(x, memory, memory, MultiheadAttentionForwardOptions{
		AttnMask: mask, KeyPaddingMask: padding, NeedWeights: new(false), IsCausal: causal})
	return output
}

// transposeAll swaps the first two dimensions; what are the same tensors stay so,
// since they are projected together.
func transposeAll(query, key, value *torch.Tensor) (q, k, v *torch.Tensor) {
	q, k, v = query.Transpose(0, 1), key.Transpose(0, 1), value.Transpose(0, 1)
	if key == value {
		v = k
	}
	if query == key && key == value {
		q = k
	}
	return q, k, v
}
