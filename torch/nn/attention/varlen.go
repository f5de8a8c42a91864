package attention

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var opFlashAttention = torch.NewOperator("aten::_flash_attention_forward(Tensor query, Tensor key, Tensor value, Tensor? cum_seq_q, Tensor? cum_seq_k, " +
	"SymInt max_q, SymInt max_k, float dropout_p, bool is_causal, bool return_debug_mask, *, float? scale=None, SymInt? window_size_left=None, " +
	"SymInt? window_size_right=None, Tensor? seqused_k=None, Tensor? alibi_slopes=None, Tensor? block_table=None, int? num_splits=None) -> " +
	"(Tensor output, Tensor softmax_logsumexp, Tensor rng_state, Tensor unused, Tensor debug_attn_mask)")

// VarlenOptions are the options of [VarlenAttn].
type VarlenOptions struct {
	Scale      *float64      // what products of queries and keys are multiplied with, above 0; default: 1/√D
	WindowSize *[2]int       // how many keys before and after its own place a query attends to, −1 for all; default: all
	EnableGQA  bool          // key and value may have fewer heads, each for as many heads of query
	SeqUsedK   *torch.Tensor // how many keys of each sequence there are, N, Int32; for inference
	BlockTable *torch.Tensor // which pages of key and value a sequence has, N × pages, Int32; CUDA only, for inference
	NumSplits  *int          // in how many parts keys are taken on CUDA; 1 gives the same bits for each batch
}

// VarlenAttn returns the attention of N sequences that lie one after the other: query is T ×
// heads × D, key and value S × heads × D, where sequence i has the queries from cuSeqQ[i] up to,
// but without, cuSeqQ[i+1] and the keys so of cuSeqK. Both are Int32 and of N + 1 elements. maxQ
// and maxK are the lengths of the longest sequences. WindowSize {−1, 0} is causal attention;
// the last query of a sequence is at the place of its last key.
//
// The output is T × heads × D, lse the logarithm of the sums of the exponentials of scores, heads
// × T, Float32. On CUDA flash attention computes it, in Float16 or BFloat16, which has not been
// run yet; on other devices, where PyTorch has it not, operators compute one sequence after the
// other.
//
// https://docs.pytorch.org/docs/stable/nn.attention.varlen.html
func VarlenAttn(query, key, value, cuSeqQ, cuSeqK *torch.Tensor, maxQ, maxK int, options ...VarlenOptions) (output, lse *torch.Tensor) {
	const op = "attention.VarlenAttn"
	o := option.First(options)
	refuse := func(format string, args ...any) { panic(torch.Errorf(op, torch.ValueError, format, args...)) }
	dims := 3 // of key and value
	if o.BlockTable != nil {
		dims = 4
	}
	if query.Dim() != 3 || key.Dim() != dims || value.Dim() != dims {
		refuse("want query of 3 dimensions, and key and value of %d, got %d, %d and %d", dims, query.Dim(), key.Dim(), value.Dim())
	}
	heads, shared := query.Size(1), key.Size(-2)
	if !o.EnableGQA && heads != shared {
		refuse("Expect query and key/value to have the same number of heads but got Hq=%d and Hkv=%d. Try setting enable_gqa=True for GQA.", heads, shared)
	}
	if shared == 0 || heads%shared != 0 {
		refuse("Expect number of query heads to be a multiple of kv heads for GQA but got Hq=%d and Hkv=%d.", heads, shared)
	}
	if o.Scale != nil && !(*o.Scale > 0) {
		refuse("scale must be greater than 0, got %v", *o.Scale)
	}
	window := option.Or(o.WindowSize, [2]int{-1, -1})
	if !query.Device().IsCUDA() {
		if o.BlockTable != nil {
			panic(torch.Errorf(op, torch.NotImplementedError, "BlockTable is for CUDA, not for %s", query.Device()))
		}
		return varlen(op, query, key, value, cuSeqQ, cuSeqK, window, o)
	}
	var c torch.Call
	for _, x := range []*torch.Tensor{query, key, value, cuSeqQ, cuSeqK} {
		c.Tensor(x)
	}
	c.Int(maxQ)
	c.Int(maxK)
	c.Float(0)
	c.Bool(window == [2]int{-1, 0})
	c.Bool(false)
	c.OptionalFloat(o.Scale)
	c.Int(window[0])
	c.Int(window[1])
	c.Tensor(o.SeqUsedK)
	c.None()
	c.Tensor(o.BlockTable)
	c.OptionalInt(o.NumSplits)
	r := c.Results(opFlashAttention)
	output, lse = r.Tensor(), r.Tensor()
	for range 3 {
		r.Tensor().Close()
	}
	return output, lse
}

// varlen computes one sequence after the other.
func varlen(op string, query, key, value, cuSeqQ, cuSeqK *torch.Tensor, window [2]int, o VarlenOptions) (output, lse *torch.Tensor) {
	queries, keys := ends(op, "cuSeqQ", cuSeqQ, query.Size(0)), ends(op, "cuSeqK", cuSeqK, key.Size(0))
	if len(queries) != len(keys) {
		panic(torch.Errorf(op, torch.ValueError, "cuSeqQ and cuSeqK must have as many elements, but have %d and %d", len(queries), len(keys)))
	}
	var used []int64
	if o.SeqUsedK != nil {
		if used = torch.ToSlice[int64](o.SeqUsedK.To(torch.Int64)); len(used) != len(keys)-1 {
			panic(torch.Errorf(op, torch.ValueError, "SeqUsedK must have an element for each of %d sequences, but has %d", len(keys)-1, len(used)))
		}
	}
	var outputs, sums []*torch.Tensor
	for i := range len(queries) - 1 {
		n, m := queries[i+1]-queries[i], keys[i+1]-keys[i]
		if used != nil {
			m = min(m, int(used[i]))
		}
		part := func(x *torch.Tensor, start, length int) *torch.Tensor { // 1 × heads × length × D
			return x.Narrow(0, start, length).Transpose(0, 1).Unsqueeze(0)
		}
		y, aux := flexAttention(part(query, queries[i], n), part(key, keys[i], m), part(value, keys[i], m), AuxRequest{LSE: true},
			FlexAttentionOptions{Scale: o.Scale, BlockMask: &BlockMask{MaskMod: within(window, m-n)}})
		outputs, sums = append(outputs, y.Squeeze(0).Transpose(0, 1)), append(sums, aux.LSE.Squeeze(0))
	}
	return torch.Cat(outputs, 0), torch.Cat(sums, -1)
}

// ends returns where sequences end that begin at 0 and fill so many elements.
func ends(op, name string, x *torch.Tensor, total int) []int {
	list := torch.ToSlice[int64](x.To(torch.Int64))
	if len(list) < 2 || list[0] != 0 || int(list[len(list)-1]) > total {
		panic(torch.Errorf(op, torch.ValueError, "%s must go from 0 to at most %d, but is %v", name, total, list))
	}
	places := make([]int, len(list))
	for i, end := range list {
		if i > 0 && end < list[i-1] {
			panic(torch.Errorf(op, torch.ValueError, "%s must not fall, but is %v", name, list))
		}
		places[i] = int(end)
	}
	return places
}

// within returns the mask of a window, where the place of a query among the keys is so many
// after its index. nil allows all.
func within(window [2]int, shift int) MaskMod {
	if window == [2]int{-1, -1} {
		return nil
	}
	return func(batch, head, query, key *torch.Tensor) *torch.Tensor {
		allowed, after := NoopMask(batch, head, query, key), key.Sub(query.Add(shift))
		if window[0] >= 0 {
			allowed = allowed.BitwiseAnd(after.Ge(-window[0]))
		}
		if window[1] >= 0 {
			allowed = allowed.BitwiseAnd(after.Le(window[1]))
		}
		return allowed
	}
}
