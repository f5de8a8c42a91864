package attention

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var opSafeSoftmax = torch.NewOperator("aten::_safe_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor")

// ScoreMod returns scores of attention anew, in the shape of score, batch × heads × queries ×
// keys. batch, head, query and key are Int64 tensors with the index of each, of 4 dimensions
// of which the others are 1: they broadcast to the shape of score, and index tensors of one's
// own. Python's function sees one score at a time; one of elementwise operations and indexes
// is written in the same way.
//
//	func(score, batch, head, query, key *torch.Tensor) *torch.Tensor {
//		return score.Add(slopes.Index(head).Mul(key.Sub(query))) // ALiBi
//	}
type ScoreMod func(score, batch, head, query, key *torch.Tensor) *torch.Tensor

// FlexAttentionOptions are the options of [FlexAttention].
type FlexAttentionOptions struct {
	ScoreMod  ScoreMod   // default: scores stay as they are
	BlockMask *BlockMask // which keys a query attends to; default: all
	Scale     *float64   // what products of queries and keys are multiplied with; default: 1/√E
	EnableGQA bool       // key and value may have fewer heads, each for as many heads of query
}

// AuxRequest says what else [FlexAttentionAux] returns.
type AuxRequest struct {
	LSE       bool // the logarithm of the sum of the exponentials of a query's scores
	MaxScores bool // the greatest score of a query
}

// AuxOutput is what an [AuxRequest] asked for, batch × heads × queries, of Float32, or of
// Float64 with queries of it; nil for what it did not ask for.
type AuxOutput struct {
	LSE, MaxScores *torch.Tensor
}

// FlexAttention returns softmax(ScoreMod(query · keyᵀ × Scale)) · value, where queries attend to
// the keys that BlockMask allows; those that may attend to none give zeros. query is batch ×
// heads × L × E, key batch × heads × S × E and value batch × heads × S × Ev; key and value of
// one batch serve all if there is a BlockMask. The result is batch × heads × L × Ev, of the
// dtype and on the device of query. Scores are computed in Float32, or in Float64 with queries
// of it.
//
// It computes what PyTorch does without torch.compile, by operators, with the whole matrix of
// scores in memory. Unlike there, gradients flow on the CPU, too, also to what ScoreMod uses.
// It panics where shapes, devices or the mask's lengths do not fit, and on a libtorch before
// 2.5.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.flex_attention
func FlexAttention(query, key, value *torch.Tensor, options ...FlexAttentionOptions) *torch.Tensor {
	output, _ := FlexAttentionAux(query, key, value, AuxRequest{}, options...)
	return output
}

// FlexAttentionAux is [FlexAttention] that also returns what request asks for, as Python's does
// with return_aux.
//
// https://docs.pytorch.org/docs/stable/nn.attention.flex_attention.html#torch.nn.attention.flex_attention.AuxRequest
func FlexAttentionAux(query, key, value *torch.Tensor, request AuxRequest, options ...FlexAttentionOptions) (output *torch.Tensor, aux AuxOutput) {
	const op = "attention.FlexAttention"
	o := option.First(options)
	checkInputs(op, query, key, value, o)
	compute := func() { output, aux = flexAttention(query, key, value, request, o) }
	if device := query.Device(); torch.IsAutocastAvailable(device) && torch.IsAutocastEnabled(device) {
		for _, x := range []**torch.Tensor{&query, &key, &value} {
			*x = (*x).To(torch.AutocastDType(device))
		}
		torch.Autocast(device, compute, torch.AutocastOptions{Enabled: new(false)})
	} else {
		compute()
	}
	return output, aux
}

// flexAttention computes what was checked.
func flexAttention(query, key, value *torch.Tensor, request AuxRequest, o FlexAttentionOptions) (output *torch.Tensor, aux AuxOutput) {
	if shared := query.Size(1) / key.Size(1); shared > 1 {
		dim := torch.RepeatInterleaveOptions{Dim: new(1)}
		key, value = key.RepeatInterleave(shared, dim), value.RepeatInterleave(shared, dim)
	}
	precision := torch.Float32
	if query.DType() == torch.Float64 {
		precision = torch.Float64
	}
	scale := option.Or(o.Scale, 1/math.Sqrt(float64(query.Size(-1))))
	scores := query.To(precision).Matmul(key.To(precision).Transpose(-2, -1)).Mul(scale)
	b, h, q, k := indices(scores.Size(0), scores.Size(1), scores.Size(2), scores.Size(3), query.Device())
	masked := scores
	if o.ScoreMod != nil {
		masked = o.ScoreMod(scores, b, h, q, k)
	}
	if o.BlockMask != nil && o.BlockMask.MaskMod != nil {
		masked = torch.Where(o.BlockMask.MaskMod(b, h, q, k), masked, torch.Full(nil, math.Inf(-1), torch.TensorOptions{DType: precision, Device: query.Device()}))
	}
	if request.LSE {
		aux.LSE = masked.LogSumExp([]int{-1})
	}
	if request.MaxScores {
		aux.MaxScores, _ = masked.MaxDim(-1)
	}
	var c torch.Call
	c.Tensor(masked)
	c.Int(-1)
	c.None()
	return c.One(opSafeSoftmax).To(query.DType()).Matmul(value.To(query.DType())), aux
}

// indices returns the indices of batches, heads, queries and keys, of 4 dimensions each.
func indices(batches, heads, queries, keys int, device torch.Device) (b, h, q, k *torch.Tensor) {
	line := func(n int, shape ...int) *torch.Tensor {
		return torch.Arange(0, n, 1, torch.TensorOptions{Device: device}).View(shape...)
	}
	return line(batches, -1, 1, 1, 1), line(heads, -1, 1, 1), line(queries, -1, 1), line(keys, -1)
}

// checkInputs panics where the inputs do not fit, with PyTorch's words.
func checkInputs(op string, query, key, value *torch.Tensor, o FlexAttentionOptions) {
	refuse := func(format string, args ...any) { panic(torch.Errorf(op, torch.ValueError, format, args...)) }
	if query.Device() != key.Device() || query.Device() != value.Device() {
		refuse("Expected query, key, and value to have the same device type, but got query.device: %s, key.device: %s, and value.device: %s instead.",
			query.Device(), key.Device(), value.Device())
	}
	if query.Dim() != 4 || key.Dim() != 4 || value.Dim() != 4 {
		panic(torch.Errorf(op, torch.NotImplementedError, "NYI: query, key, and value must be 4D tensors"))
	}
	if query.Size(-1) != key.Size(-1) {
		refuse("Expect query and key/value to have the same embedding dimension but got E=%d and E=%d.", query.Size(-1), key.Size(-1))
	}
	heads, shared := query.Size(1), key.Size(1)
	if heads != shared && !o.EnableGQA {
		refuse("Expect query and key/value to have the same number of heads but got Hq=%d and Hkv=%d. Try setting enable_gqa=True for GQA.", heads, shared)
	}
	if shared == 0 || heads%shared != 0 {
		refuse("Expect number of query heads to be a multiple of kv heads for GQA but got Hq=%d and Hkv=%d.", heads, shared)
	}
	batch, keyBatch := query.Size(0), key.Size(0)
	if o.BlockMask != nil {
		o.BlockMask.mustBeWhole()
	}
	switch mask := o.BlockMask; {
	case mask == nil && batch != keyBatch:
		refuse("Expect query and key/value to have the same batch size, or non-none block_mask, but got block_mask=None, Bq=%d, and Bkv=%d.", batch, keyBatch)
	case mask == nil:
	case batch != keyBatch && mask.KVNumBlocks.Size(0) != batch:
		refuse("Expect query and key/value to have the same batch size, or block_mask and query to have the same batch size, "+
			"but got Bq=%d, Bkv=%d, B_block_mask=%d.", batch, keyBatch, mask.KVNumBlocks.Size(0))
	case batch != keyBatch && keyBatch != 1:
		panic(torch.Errorf(op, torch.RuntimeError, "Bq and Bkv must broadcast. Got Bq=%d and Bkv=%d", batch, keyBatch))
	default:
		mask.check(op, query.Size(-2), key.Size(-2), query.Device())
	}
}
