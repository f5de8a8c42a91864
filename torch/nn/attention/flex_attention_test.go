package attention_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/attention"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// flexGolden is what Python's flex_attention and biases give.
type flexGolden struct {
	Table, Documents torchtest.Tensor
	Flex             []struct {
		Mod, Mask, DType string
		Scale            *float64
		GQA              bool
		Q, K, V, Out     torchtest.Tensor
		LSE, Max         torchtest.Tensor
	}
	Masks []struct {
		Mask     string
		Sizes    [4]int
		Block    []int
		Separate bool
		Tensors  []*torchtest.Tensor
		Dense    torchtest.Tensor
		Sparsity float64
		Text     string
		Allowed  torchtest.Tensor
	}
	Biases []struct {
		Variant    attention.CausalVariant
		Sizes      [2]int
		Mask, Q, K torchtest.Tensor
		Y          torchtest.Tensor
	}
}

// mods and masks are those of the Python script.
func (g *flexGolden) mods(t *testing.T) map[string]attention.ScoreMod {
	table := g.Table.Make(t)
	return map[string]attention.ScoreMod{
		"": nil,
		"alibi": func(score, _, head, query, key *torch.Tensor) *torch.Tensor {
			return score.Add(head.Add(1).Mul(0.5).Mul(key.Sub(query)))
		},
		"softcap": func(score, _, _, _, _ *torch.Tensor) *torch.Tensor { return score.Div(2).Tanh().Mul(2) },
		"table": func(score, batch, head, query, key *torch.Tensor) *torch.Tensor {
			return score.Add(table.Index(head, query.Sub(key).Add(6)).Mul(batch.Add(1)))
		},
	}
}

func (g *flexGolden) masks(t *testing.T) map[string]attention.MaskMod {
	documents := g.Documents.Make(t)
	masks := map[string]attention.MaskMod{
		"causal": causal,
		"window": func(_, head, query, key *torch.Tensor) *torch.Tensor {
			return query.Sub(key).Abs().Le(head.Add(1))
		},
		"documents": func(_, _, query, key *torch.Tensor) *torch.Tensor {
			return documents.Index(query).Eq(documents.Index(key))
		},
		"late rows": func(batch, _, query, _ *torch.Tensor) *torch.Tensor { return query.Gt(1).BitwiseAnd(batch.Eq(0)) },
	}
	masks["both"] = attention.AndMasks(masks["causal"], masks["documents"])
	masks["either"] = attention.OrMasks(masks["late rows"], masks["documents"])
	return masks
}

func causal(_, _, query, key *torch.Tensor) *torch.Tensor { return query.Ge(key) }

// hasFlexAttention skips a test where libtorch lacks what it takes, and says so.
func hasFlexAttention(t *testing.T) {
	x := torch.Ones([]int{1, 1, 1, 1})
	if err := torch.Try(func() { attention.FlexAttention(x, x, x) }); err != nil {
		require.NotEqual(t, "2.15.0", torch.Version())
		require.ErrorIs(t, err, &torch.Error{Kind: torch.UnsupportedError})
		t.Skip("as this libtorch says: ", err)
	}
}

func TestFlexAttention(t *testing.T) {
	hasFlexAttention(t)
	var g flexGolden
	header := torchtest.Golden(t, "testdata/flex_attention.json.gz", &g)
	require.Len(t, g.Flex, 7)
	mods, masks := g.mods(t), g.masks(t)
	for _, c := range g.Flex {
		name := fmt.Sprintf("%s, %s", c.Mod, c.Mask)
		q, k, v := c.Q.Make(t), c.K.Make(t), c.V.Make(t)
		if c.DType == "bfloat16" {
			q, k, v = q.To(torch.BFloat16), k.To(torch.BFloat16), v.To(torch.BFloat16)
		}
		o := attention.FlexAttentionOptions{ScoreMod: mods[c.Mod], Scale: c.Scale, EnableGQA: c.GQA}
		if mask := masks[c.Mask]; mask != nil {
			o.BlockMask = attention.CreateBlockMask(mask, q.Size(0), q.Size(1), q.Size(2), k.Size(2),
				attention.BlockMaskOptions{Device: torch.CPU, BlockSize: 4})
		}
		y, aux := attention.FlexAttentionAux(q, k, v, attention.AuxRequest{LSE: true, MaxScores: true}, o)
		assert.Equal(t, q.DType(), y.DType(), name)
		if c.DType == "bfloat16" {
			y = y.To(torch.Float32)
		}
		c.Out.Check(t, y, header.Exact(), 1e-6, name)
		// Python divides by ln 2 and multiplies again.
		c.LSE.Check(t, aux.LSE, false, 1e-6, name+", lse")
		c.Max.Check(t, aux.MaxScores, false, 1e-6, name+", max")
		y, aux = attention.FlexAttentionAux(q, k, v, attention.AuxRequest{}, o)
		assert.Equal(t, q.DType(), y.DType(), name)
		assert.Equal(t, attention.AuxOutput{}, aux, name)
	}
}

// Gradients are those of functional's attention with the same mask, and reach what ScoreMod
// uses.
func TestFlexAttentionGradients(t *testing.T) {
	hasFlexAttention(t)
	torch.ManualSeed(0)
	draw := func() *torch.Tensor { return torch.Randn([]int{1, 2, 4, 8}).SetRequiresGrad(true) }
	q, k, v, slope := draw(), draw(), draw(), torch.Ones(nil).SetRequiresGrad(true)
	grads := func(y *torch.Tensor) (list []*torch.Tensor) {
		y.Square().Sum().Backward()
		for _, x := range []*torch.Tensor{q, k, v} {
			list = append(list, x.Grad())
			x.SetGrad(nil)
		}
		return list
	}
	mask := attention.CreateBlockMask(causal, 1, 1, 4, 4, attention.BlockMaskOptions{Device: torch.CPU})
	got := grads(attention.FlexAttention(q, k, v, attention.FlexAttentionOptions{BlockMask: mask,
		ScoreMod: func(score, _, _, _, _ *torch.Tensor) *torch.Tensor { return score.Mul(slope) }}))
	want := grads(functional.ScaledDotProductAttention(q, k, v, functional.ScaledDotProductAttentionOptions{IsCausal: true}))
	for i := range want {
		assert.True(t, torch.AllClose(got[i], want[i], torch.AllCloseOptions{Atol: new(1e-5)}), i)
	}
	assert.NotZero(t, slope.Grad().Item())
}

// Within autocast inputs are converted, and the rest is computed as always.
func TestFlexAttentionWithinAutocast(t *testing.T) {
	hasFlexAttention(t)
	torch.ManualSeed(0)
	x := torch.Randn([]int{1, 2, 4, 8})
	half := x.To(torch.BFloat16)
	want := attention.FlexAttention(half, half, half)
	torch.Autocast(torch.CPU, func() {
		assert.True(t, torch.Equal(want, attention.FlexAttention(x, x, x)))
	})
}

func TestBlockMasks(t *testing.T) {
	var g flexGolden
	torchtest.Golden(t, "testdata/flex_attention.json.gz", &g)
	require.Len(t, g.Masks, 4)
	masks := g.masks(t)
	for _, c := range g.Masks {
		on := attention.BlockMaskOptions{Device: torch.CPU, BlockSize: c.Block, SeparateFullBlocks: &c.Separate}
		b := attention.CreateBlockMask(masks[c.Mask], c.Sizes[0], c.Sizes[1], c.Sizes[2], c.Sizes[3], on).To(torch.CPU)
		for i, x := range []*torch.Tensor{b.KVNumBlocks, b.KVIndices, b.FullKVNumBlocks, b.FullKVIndices, b.QNumBlocks, b.QIndices, b.FullQNumBlocks, b.FullQIndices} {
			if want := c.Tensors[i]; want == nil {
				assert.Nil(t, x, "%s %d", c.Mask, i)
			} else {
				want.Check(t, x, true, 0, fmt.Sprint(c.Mask, i))
			}
		}
		c.Dense.Check(t, b.ToDense(), true, 0, c.Mask)
		assert.Equal(t, c.Sparsity, b.Sparsity(), c.Mask)
		assert.Equal(t, c.Text, b.String(), c.Mask)
		assert.Equal(t, c.Sizes[:], b.Shape())
		assert.Equal(t, c.Sizes[0]*c.Sizes[1]*c.Sizes[2]*c.Sizes[3], b.Numel())
		allowed := attention.CreateMask(masks[c.Mask], c.Sizes[0], c.Sizes[1], c.Sizes[2], c.Sizes[3], attention.MaskOptions{Device: torch.CPU})
		c.Allowed.Check(t, allowed, true, 0, c.Mask)
	}
	all := attention.BlockMaskFromKVBlocks(torch.Ones([]int{1, 1, 2}), torch.Zeros([]int{1, 1, 2, 3}), attention.KVBlocksOptions{ComputeQBlocks: new(false)})
	assert.Equal(t, []int{1, 1, 256, 384}, all.Shape())
	assert.Nil(t, all.QIndices)
	x := torch.Zeros([]int{1})
	assert.True(t, all.MaskMod(x, x, x, x).Bool())
}

func TestCausalBiases(t *testing.T) {
	needsKernels(t)
	var g flexGolden
	header := torchtest.Golden(t, "testdata/flex_attention.json.gz", &g)
	require.Len(t, g.Biases, 4)
	for _, c := range g.Biases {
		make := map[attention.CausalVariant]func(int, int) attention.CausalBias{
			attention.UpperLeft: attention.CausalUpperLeft, attention.LowerRight: attention.CausalLowerRight}[c.Variant]
		bias := make(c.Sizes[0], c.Sizes[1])
		name := fmt.Sprint(bias)
		c.Mask.Check(t, bias.Materialize(), true, 0, name)
		q, k := c.Q.Make(t), c.K.Make(t)
		c.Y.Check(t, bias.ScaledDotProductAttention(q, k, k), header.Exact(), 1e-6, name)
	}
}

func TestImplementations(t *testing.T) {
	assert.Empty(t, attention.CurrentFlashAttentionImpl())
	var journal []string
	for _, name := range []string{"one", "two"} {
		attention.RegisterFlashAttentionImpl(name, func() func() {
			journal = append(journal, name)
			return func() { journal = append(journal, "no "+name) }
		})
	}
	assert.Equal(t, []string{"one", "two"}, attention.ListFlashAttentionImpls())
	attention.ActivateFlashAttentionImpl("one")
	assert.Equal(t, "one", attention.CurrentFlashAttentionImpl())
	attention.ActivateFlashAttentionImpl("two")
	err := torch.Try(func() { attention.ActivateFlashAttentionImpl("three") })
	assert.ErrorContains(t, err, `Unknown flash attention impl 'three'. Available implementations: ["one" "two"]`)
	assert.Equal(t, "two", attention.CurrentFlashAttentionImpl())
	attention.RestoreFlashAttentionImpl()
	attention.RestoreFlashAttentionImpl()
	assert.Empty(t, attention.CurrentFlashAttentionImpl())
	assert.Equal(t, []string{"one", "no one", "two", "no two"}, journal)
}

func TestFlexAttentionRefuses(t *testing.T) {
	x := func(shape ...int) *torch.Tensor { return torch.Ones(shape) }
	mask := func(batches, queries int) attention.FlexAttentionOptions {
		return attention.FlexAttentionOptions{BlockMask: attention.CreateBlockMask(causal, batches, 1, queries, 2, attention.BlockMaskOptions{Device: torch.CPU})}
	}
	one := x(1, 1, 2, 4)
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"dimensions": {Call: func() { attention.FlexAttention(x(2, 4), one, one) }, Kind: torch.NotImplementedError, Words: "must be 4D tensors"},
		"features": {Call: func() { attention.FlexAttention(one, x(1, 1, 2, 3), one) }, Kind: torch.ValueError,
			Words: "Expect query and key/value to have the same embedding dimension but got E=4 and E=3."},
		"heads": {Call: func() { attention.FlexAttention(x(1, 2, 2, 4), one, one) }, Kind: torch.ValueError,
			Words: "got Hq=2 and Hkv=1. Try setting enable_gqa=True for GQA."},
		"shared heads": {Call: func() {
			attention.FlexAttention(x(1, 3, 2, 4), x(1, 2, 2, 4), x(1, 2, 2, 4), attention.FlexAttentionOptions{EnableGQA: true})
		}, Kind: torch.ValueError, Words: "got Hq=3 and Hkv=2."},
		"batches": {Call: func() { attention.FlexAttention(x(2, 1, 2, 4), one, one) }, Kind: torch.ValueError, Words: "got block_mask=None, Bq=2, and Bkv=1."},
		"batches of the mask": {Call: func() { attention.FlexAttention(x(2, 1, 2, 4), one, one, mask(1, 2)) }, Kind: torch.ValueError,
			Words: "got Bq=2, Bkv=1, B_block_mask=1."},
		"batches of keys": {Call: func() { attention.FlexAttention(x(3, 1, 2, 4), x(2, 1, 2, 4), x(2, 1, 2, 4), mask(3, 2)) }, Kind: torch.RuntimeError,
			Words: "Bq and Bkv must broadcast. Got Bq=3 and Bkv=2"},
		"zero mask": {Call: func() {
			attention.FlexAttention(one, one, one, attention.FlexAttentionOptions{BlockMask: &attention.BlockMask{}})
		}, Kind: torch.TypeError, Words: "the mask is none that CreateBlockMask"},
		"small mask":  {Call: func() { attention.FlexAttention(one, one, one, mask(1, 1)) }, Kind: torch.RuntimeError, Words: "for a smaller length"},
		"large mask":  {Call: func() { attention.FlexAttention(one, one, one, mask(1, 3)) }, Kind: torch.RuntimeError, Words: "for a larger length"},
		"block size":  {Call: func() { attention.CreateBlockMask(causal, 1, 1, 2, 2, attention.BlockMaskOptions{BlockSize: []int{1}}) }, Kind: torch.ValueError, Words: "BlockSize must be"},
		"no mask":     {Call: func() { attention.CreateMask(nil, 1, 1, 2, 2) }, Kind: torch.TypeError, Words: "mask must not be nil"},
		"one of none": {Call: func() { attention.OrMasks(causal, nil) }, Kind: torch.TypeError, Words: "mask 1 must not be nil"},
		"numbers":     {Call: func() { attention.CreateMask(func(b, _, _, _ *torch.Tensor) *torch.Tensor { return b }, 1, 1, 2, 2) }, Kind: torch.TypeError, Words: "mask.dtype must be torch.bool"},
		"half of blocks": {Call: func() {
			attention.BlockMaskFromKVBlocks(x(1, 1, 1), x(1, 1, 1, 1), attention.KVBlocksOptions{FullKVIndices: one})
		}, Kind: torch.ValueError,
			Words: "must be both provided or omitted"},
		"flat blocks": {Call: func() { attention.BlockMaskFromKVBlocks(x(1), x(1, 1)) }, Kind: torch.RuntimeError, Words: "want kvNumBlocks of 3 dimensions"},
		"bias and causal": {Call: func() {
			attention.CausalUpperLeft(2, 2).ScaledDotProductAttention(one, one, one, functional.ScaledDotProductAttentionOptions{IsCausal: true})
		}, Kind: torch.ValueError, Words: "CausalBias should not be used with causal=True"},
		"bias and mask": {Call: func() {
			attention.CausalUpperLeft(2, 2).ScaledDotProductAttention(one, one, one, functional.ScaledDotProductAttentionOptions{AttnMask: one})
		}, Kind: torch.ValueError, Words: "leave AttnMask out"},
		"variant":           {Call: func() { attention.CausalBias{}.Materialize() }, Kind: torch.ValueError, Words: "must be a CausalVariant"},
		"no implementation": {Call: func() { attention.RegisterFlashAttentionImpl("x", nil) }, Kind: torch.TypeError, Words: "implementation must not be nil"},
	})
}

// Of two documents in a row each word attends to the words before it in its own.
func TestFlexAttentionWithinDocuments(t *testing.T) {
	hasFlexAttention(t)
	documents := torch.NewTensor([]int64{0, 0, 1, 1})
	mask := attention.CreateBlockMask(func(_, _, query, key *torch.Tensor) *torch.Tensor {
		return query.Ge(key).LogicalAnd(documents.Index(query).Eq(documents.Index(key)))
	}, 1, 1, 4, 4, attention.BlockMaskOptions{Device: torch.CPU, BlockSize: 2})
	q, v := torch.Zeros([]int{1, 1, 4, 8}), torch.NewTensor([]float32{1, 3, 5, 7}).View(1, 1, 4, 1)
	y := attention.FlexAttention(q, q, v, attention.FlexAttentionOptions{BlockMask: mask})
	assert.Equal(t, []float32{1, 2, 5, 6}, torch.ToSlice[float32](y))
}

func ExampleCreateBlockMask() {
	documents := torch.NewTensor([]int64{0, 0, 1, 1})
	mask := attention.CreateBlockMask(func(_, _, query, key *torch.Tensor) *torch.Tensor {
		return query.Ge(key).LogicalAnd(documents.Index(query).Eq(documents.Index(key)))
	}, 1, 1, 4, 4, attention.BlockMaskOptions{Device: torch.CPU, BlockSize: 2})
	// y := attention.FlexAttention(q, k, v, attention.FlexAttentionOptions{BlockMask: mask})
	fmt.Println(mask.Sparsity(), "% of the blocks are left out")
	// Output:
	// 50 % of the blocks are left out
}
