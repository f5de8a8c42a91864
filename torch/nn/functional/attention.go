package functional

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/attention"
)

// MultiHeadAttentionForwardOptions are the options of
// [MultiHeadAttentionForward].
type MultiHeadAttentionForwardOptions struct {
	Training              *bool         // drop attention weights; default: true
	KeyPaddingMask        *torch.Tensor // batch × source: keys to leave out (Bool), or numbers to add to scores
	NeedWeights           *bool         // return the weights too; default: true
	AttnMask              *torch.Tensor // target × source, or batch·heads × target × source, as KeyPaddingMask
	UseSeparateProjWeight bool          // use the next three in place of in_proj_weight
	QProjWeight           *torch.Tensor // embed × embed
	KProjWeight           *torch.Tensor // embed × features of key
	VProjWeight           *torch.Tensor // embed × features of value
	StaticK               *torch.Tensor // batch·heads × source × head: the projected keys
	StaticV               *torch.Tensor // batch·heads × source × head: the projected values
	AverageAttnWeights    *bool         // average the weights over the heads; default: true
	IsCausal              bool          // a hint that AttnMask, which is to be given, is causal
}

// MultiHeadAttentionForward returns the attention of query (target × batch ×
// embed) over key and value (source × batch × features), and its weights. The
// projections of query, key and value are stacked in inProjWeight (3·embed ×
// embed) and inProjBias (3·embed). biasK and biasV (1 × 1 × embed) are one more
// key and value, addZeroAttn adds one of zeros; any tensor from inProjWeight to
// biasV, and outProjBias, may be nil. Without a batch dimension query, key, value
// and KeyPaddingMask have one dimension less.
//
// The output has the shape of query. The weights are batch × target × source, or
// batch × heads × target × source if they are not averaged, or nil if they are
// not needed.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
func MultiHeadAttentionForward(query, key, value *torch.Tensor, embedDimToCheck, numHeads int,
	inProjWeight, inProjBias, biasK, biasV *torch.Tensor, addZeroAttn bool, dropoutP float64,
	outProjWeight, outProjBias *torch.Tensor, options ...MultiHeadAttentionForwardOptions) (output, weights *torch.Tensor) {
	o := option.First(options)
	needWeights := option.Or(o.NeedWeights, true)
	stepwise := needWeights || !opScaledDotProductAttention.Supported() // libtorch 1.13 lacks it
	batched := checkAttentionShapes(query, key, value, &o, numHeads)
	if !batched {
		query, key, value = query.Unsqueeze(1), key.Unsqueeze(1), value.Unsqueeze(1)
		if o.KeyPaddingMask != nil {
			o.KeyPaddingMask = o.KeyPaddingMask.Unsqueeze(0)
		}
	}
	shape := query.Shape()
	target, batch, embed := shape[0], shape[1], shape[2]
	padding := attention.AdditiveMask("functional."+attentionName, "key_padding_mask", o.KeyPaddingMask, query.DType())
	mask, causal := o.AttnMask, o.IsCausal
	if causal && mask == nil {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "+
			"`generate_square_subsequent_mask` to create this mask."))
	}
	if causal && padding == nil && !stepwise {
		mask = nil // the kernel has a causal mask of its own
	} else {
		mask = attention.AdditiveMask("functional."+attentionName, "attn_mask", mask, query.DType())
		causal = causal && padding == nil
	}
	if embed != embedDimToCheck {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"was expecting embedding dimension of %d, but got %d", embedDimToCheck, embed))
	}
	head := embed / numHeads
	if head*numHeads != embed {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "embed_dim %d not divisible by num_heads %d",
			embed, numHeads))
	}
	q, k, v := projectAttention(query, key, value, inProjWeight, inProjBias, &o)
	mask = checkAttentionMask(mask, target, key.Size(0), batch*numHeads)
	widen := func() { // the masks get a column for one more key
		if mask != nil {
			mask = Pad(mask, []int{0, 1})
		}
		if padding != nil {
			padding = Pad(padding, []int{0, 1})
		}
	}
	switch {
	case biasK != nil && biasV != nil:
		if o.StaticK != nil {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "bias cannot be added to static key."))
		}
		if o.StaticV != nil {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"bias cannot be added to static value."))
		}
		k = torch.Cat([]*torch.Tensor{k, biasK.Repeat(1, batch, 1)}, 0)
		v = torch.Cat([]*torch.Tensor{v, biasV.Repeat(1, batch, 1)}, 0)
		widen()
	case biasK != nil:
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "bias_k is set but bias_v is None"))
	case biasV != nil:
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "bias_v is set but bias_k is None"))
	}
	q = q.View(target, batch*numHeads, head).Transpose(0, 1)
	k = splitHeads(k, o.StaticK, "static_k", batch*numHeads, head)
	v = splitHeads(v, o.StaticV, "static_v", batch*numHeads, head)
	if addZeroAttn {
		zeros := []int{batch * numHeads, 1, head}
		k = torch.Cat([]*torch.Tensor{k, k.NewZeros(zeros)}, 1)
		v = torch.Cat([]*torch.Tensor{v, v.NewZeros(zeros)}, 1)
		widen()
	}
	source := k.Size(1)
	if padding != nil {
		if n := padding.Size(0); n != batch {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"Expected key_padded_mask.shape[0] to be %d, but got %d", batch, n))
		}
		if n := padding.Size(1); n != source {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"Expected key_padded_mask.shape[1] to be %d, but got %d", source, n))
		}
		padding = padding.View(batch, 1, 1, source).Expand(-1, numHeads, -1, -1).Reshape(batch*numHeads, 1, source)
		if mask == nil {
			mask = padding
		} else {
			mask = mask.Add(padding)
		}
	}
	if !option.Or(o.Training, true) {
		dropoutP = 0
	}
	if stepwise {
		output, weights = attend(q, k, v, mask, dropoutP)
		output = output.Transpose(0, 1).Reshape(target*batch, embed)
	}
	switch {
	case needWeights:
		weights = weights.View(batch, numHeads, target, source)
		if option.Or(o.AverageAttnWeights, true) {
			weights = weights.Mean(1)
		}
		if !batched {
			weights = weights.Squeeze(0)
		}
	case stepwise:
		weights = nil
	default:
		if mask != nil && mask.Dim() == 3 && mask.Size(0) == 1 {
			mask = mask.Unsqueeze(0)
		} else if mask != nil {
			mask = mask.View(batch, numHeads, -1, source)
		}
		output = ScaledDotProductAttention(q.View(batch, numHeads, target, head), k.View(batch, numHeads, source, head),
			v.View(batch, numHeads, source, head),
			ScaledDotProductAttentionOptions{AttnMask: mask, DropoutP: dropoutP, IsCausal: causal})
		output = output.Permute(2, 0, 1, 3).Reshape(batch*target, embed)
	}
	output = Linear(output, outProjWeight, outProjBias)
	output = output.View(target, batch, output.Size(1))
	if !batched {
		output = output.Squeeze(1)
	}
	return output, weights
}

const attentionName = "MultiHeadAttentionForward"

// attend returns softmax(q · kᵀ ÷ √head + mask) · v and the softmax.
func attend(q, k, v, mask *torch.Tensor, dropoutP float64) (output, weights *torch.Tensor) {
	q = q.Mul(math.Sqrt(1 / float64(q.Size(2))))
	if mask != nil {
		weights = mask.Baddbmm(q, k.Transpose(-2, -1))
	} else {
		weights = q.Bmm(k.Transpose(-2, -1))
	}
	weights = weights.Softmax(-1)
	if dropoutP > 0 {
		weights = Dropout(weights, DropoutOptions{P: &dropoutP})
	}
	return weights.Bmm(v), weights
}

// splitHeads returns x (length × batch × embed) as batch·heads × length × head, or
// static, which has that form already.
func splitHeads(x, static *torch.Tensor, name string, heads, head int) *torch.Tensor {
	if static == nil {
		return x.View(x.Size(0), heads, head).Transpose(0, 1)
	}
	if n := static.Size(0); n != heads {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "expecting %s.size(0) of %d, but got %d",
			name, heads, n))
	}
	if n := static.Size(2); n != head {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError, "expecting %s.size(2) of %d, but got %d",
			name, head, n))
	}
	return static
}

// checkAttentionShapes checks numbers of dimensions, and reports whether there is
// one for a batch.
func checkAttentionShapes(query, key, value *torch.Tensor, o *MultiHeadAttentionForwardOptions, numHeads int) bool {
	dim := query.Dim()
	kind := "batched (3-D)"
	switch dim {
	case 3:
	case 2:
		kind = "unbatched (2-D)"
	default:
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"query should be unbatched 2D or batched 3D tensor but received %d-D query tensor", dim))
	}
	if key.Dim() != dim || value.Dim() != dim {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"For %s `query`, expected `key` and `value` to be %d-D but found %d-D and %d-D tensors respectively", kind, dim, key.Dim(), value.Dim()))
	}
	if mask := o.KeyPaddingMask; mask != nil && mask.Dim() != dim-1 {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"For %s `query`, expected `key_padding_mask` to be `None` or %d-D but found %d-D tensor instead", kind, dim-1, mask.Dim()))
	}
	if mask := o.AttnMask; mask != nil {
		if d := mask.Dim(); d != 2 && d != 3 {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"For %s `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found %d-D tensor instead", kind, d))
		}
		want := []int{numHeads, query.Size(0), key.Size(0)}
		if dim == 2 && mask.Dim() == 3 && !slices.Equal(mask.Shape(), want) {
			panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
				"Expected `attn_mask` shape to be %s but got %s", tuple(want...), size(mask.Shape())))
		}
	}
	return dim == 3
}

// checkAttentionMask checks the shape of a mask and returns it with three
// dimensions.
func checkAttentionMask(mask *torch.Tensor, target, source, heads int) *torch.Tensor {
	if mask == nil {
		return nil
	}
	want := []int{heads, target, source}
	if mask.Dim() == 2 {
		want = want[1:]
	}
	if !slices.Equal(mask.Shape(), want) {
		panic(torch.Errorf("functional."+attentionName, torch.RuntimeError,
			"The shape of the %dD attn_mask is %s, but should be %s.", mask.Dim(), size(mask.Shape()), tuple(want...)))
	}
	if mask.Dim() == 2 {
		mask = mask.Unsqueeze(0)
	}
	return mask
}
