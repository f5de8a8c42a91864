package attention_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/attention"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Sequences in a row give what each gives by itself.
func TestVarlenAttn(t *testing.T) {
	hasFlexAttention(t)
	torch.ManualSeed(0)
	q, k := torch.Randn([]int{7, 4, 8}).SetRequiresGrad(true), torch.Randn([]int{9, 2, 8})
	cuQ, cuK := torch.NewTensor([]int32{0, 3, 7}), torch.NewTensor([]int32{0, 4, 9})
	alone := func(x *torch.Tensor, start, end int) *torch.Tensor {
		return x.Narrow(0, start, end-start).Transpose(0, 1).Unsqueeze(0)
	}
	for name, c := range map[string]struct {
		options attention.VarlenOptions
		bias    func(n, m int) attention.CausalBias
	}{
		"full":   {attention.VarlenOptions{EnableGQA: true, Scale: new(0.5)}, nil},
		"causal": {attention.VarlenOptions{EnableGQA: true, Scale: new(0.5), WindowSize: &[2]int{-1, 0}}, attention.CausalLowerRight},
	} {
		y, lse := attention.VarlenAttn(q, k, k, cuQ, cuK, 4, 5, c.options)
		assert.Equal(t, []int{7, 4, 8}, y.Shape(), name)
		assert.Equal(t, []int{4, 7}, lse.Shape(), name)
		for _, at := range [][4]int{{0, 3, 0, 4}, {3, 7, 4, 9}} {
			query, key := alone(q, at[0], at[1]), alone(k, at[2], at[3])
			o := functional.ScaledDotProductAttentionOptions{Scale: new(0.5), EnableGqa: true}
			if c.bias != nil {
				o.AttnMask = c.bias(at[1]-at[0], at[3]-at[2]).Materialize()
			}
			want := functional.ScaledDotProductAttention(query, key, key, o)
			assert.True(t, torch.AllClose(want, alone(y, at[0], at[1]), torch.AllCloseOptions{Atol: new(1e-6)}), name)
		}
	}

	// A window of one key, and sequences of which not all keys count.
	y, lse := attention.VarlenAttn(q, q, q, cuQ, cuQ, 4, 4, attention.VarlenOptions{WindowSize: &[2]int{0, 0}})
	assert.True(t, torch.AllClose(q, y))
	own := q.Square().Sum(-1).Div(math.Sqrt(8)).T()
	assert.True(t, torch.AllClose(own, lse, torch.AllCloseOptions{Atol: new(1e-5)}))
	y, _ = attention.VarlenAttn(q, q, q, cuQ, cuQ, 4, 4, attention.VarlenOptions{SeqUsedK: torch.NewTensor([]int32{1, 4})})
	assert.True(t, torch.AllClose(q.Narrow(0, 0, 1).Expand(3, 4, 8), y.Narrow(0, 0, 3)))

	y.Sum().Backward()
	assert.Equal(t, q.Shape(), q.Grad().Shape())
}

func TestVarlenAttnRefuses(t *testing.T) {
	q, k := torch.Ones([]int{2, 3, 4}), torch.Ones([]int{2, 2, 4})
	call := func(query, key, cuQ, cuK *torch.Tensor, o attention.VarlenOptions) func() {
		return func() { attention.VarlenAttn(query, key, key, cuQ, cuK, 2, 2, o) }
	}
	whole := torch.NewTensor([]int32{0, 2})
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"heads":        {Call: call(q, k, whole, whole, attention.VarlenOptions{}), Kind: torch.ValueError, Words: "got Hq=3 and Hkv=2. Try setting enable_gqa=True"},
		"shared heads": {Call: call(q, k, whole, whole, attention.VarlenOptions{EnableGQA: true}), Kind: torch.ValueError, Words: "multiple of kv heads for GQA but got Hq=3 and Hkv=2."},
		"scale":        {Call: call(q, q, whole, whole, attention.VarlenOptions{Scale: new(math.NaN())}), Kind: torch.ValueError, Words: "scale must be greater than 0, got NaN"},
		"pages":        {Call: call(q, q.Unsqueeze(0), whole, whole, attention.VarlenOptions{BlockTable: whole}), Kind: torch.NotImplementedError, Words: "BlockTable is for CUDA, not for cpu"},
		"too many":     {Call: call(q, q, torch.NewTensor([]int32{0, 3}), whole, attention.VarlenOptions{}), Kind: torch.ValueError, Words: "cuSeqQ must go from 0 to at most 2, but is [0 3]"},
		"falling":      {Call: call(q, q, whole, torch.NewTensor([]int32{0, 2, 1}), attention.VarlenOptions{}), Kind: torch.ValueError, Words: "cuSeqK must not fall, but is [0 2 1]"},
		"other lengths": {Call: call(q, q, whole, torch.NewTensor([]int32{0, 1, 2}), attention.VarlenOptions{}), Kind: torch.ValueError,
			Words: "must have as many elements, but have 2 and 3"},
		"dimensions": {Call: call(q, q.Unsqueeze(0), whole, whole, attention.VarlenOptions{}), Kind: torch.ValueError,
			Words: "want query of 3 dimensions, and key and value of 3, got 3, 4 and 4"},
		"used": {Call: call(q, q, whole, whole, attention.VarlenOptions{SeqUsedK: whole}), Kind: torch.ValueError, Words: "for each of 1 sequences, but has 2"},
	})
}
