package parallel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/tensor/parallel"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// The network of PyTorch's tutorial of tensor parallelism, with one block.

type attention struct {
	nn.Module
	WQ, WK, WV, WO *nn.Linear
}

func newAttention(width int) *attention {
	linear := func() *nn.Linear { return nn.NewLinear(width, width, nn.LinearOptions{Bias: new(false)}) }
	return nn.Init(&attention{WQ: linear(), WK: linear(), WV: linear(), WO: linear()})
}

func (a *attention) Forward(x *torch.Tensor) *torch.Tensor { return a.Run(x, a.forward) }

// forward has as many heads as the process computes, of width 4.
func (a *attention) forward(x *torch.Tensor) *torch.Tensor {
	heads := func(y *torch.Tensor) *torch.Tensor { return y.View(x.Size(0), x.Size(1), -1, 4).Transpose(1, 2) }
	y := functional.ScaledDotProductAttention(heads(a.WQ.Forward(x)), heads(a.WK.Forward(x)), heads(a.WV.Forward(x)),
		functional.ScaledDotProductAttentionOptions{IsCausal: true})
	return a.WO.Forward(y.Transpose(1, 2).Contiguous().View(x.Size(0), x.Size(1), -1))
}

type feedForward struct {
	nn.Module
	W1, W2, W3 *nn.Linear
}

func (f *feedForward) Forward(x *torch.Tensor) *torch.Tensor {
	return f.Run(x, func(x *torch.Tensor) *torch.Tensor {
		return f.W2.Forward(functional.SiLU(f.W1.Forward(x)).Mul(f.W3.Forward(x)))
	})
}

type gpt struct {
	nn.Module
	TokEmbeddings *nn.Embedding
	AttentionNorm *nn.RMSNorm
	Attention     *attention
	FFNNorm       *nn.LayerNorm
	FeedForward   *feedForward
	Drop          *nn.Dropout
	Norm          *nn.LayerNorm
	Output        *nn.Linear
}

func newGPT(seed int64) *gpt {
	torch.ManualSeed(seed)
	const words, width, hidden = 12, 8, 16
	return nn.Init(&gpt{
		TokEmbeddings: nn.NewEmbedding(words, width, nn.EmbeddingOptions{PaddingIdx: new(7)}),
		AttentionNorm: nn.NewRMSNorm([]int{width}), Attention: newAttention(width), FFNNorm: nn.NewLayerNorm([]int{width}),
		FeedForward: nn.Init(&feedForward{W1: nn.NewLinear(width, hidden), W2: nn.NewLinear(hidden, width), W3: nn.NewLinear(width, hidden)}),
		Drop:        nn.NewDropout(nn.DropoutOptions{P: new(0.0)}), Norm: nn.NewLayerNorm([]int{width}), Output: nn.NewLinear(width, words),
	})
}

func (g *gpt) Forward(x *torch.Tensor) *torch.Tensor {
	h := g.TokEmbeddings.Forward(x)
	h = h.Add(g.Attention.Forward(g.AttentionNorm.Forward(h)))
	h = h.Add(g.Drop.Forward(g.FeedForward.Forward(g.FFNNorm.Forward(h))))
	return g.Output.Forward(g.Norm.Forward(h))
}

// gptPlan is that of the tutorial.
func gptPlan() parallel.Plan {
	sequence, whole := []*parallel.Placement{parallel.Shard(1)}, []*parallel.Placement{parallel.Replicate()}
	return parallel.Plan{
		"tok_embeddings":  parallel.RowwiseParallel{InputLayouts: parallel.Replicate(), OutputLayouts: parallel.Shard(1)},
		"attention_norm":  parallel.SequenceParallel{},
		"attention":       parallel.PrepareModuleInput{InputLayouts: sequence, DesiredInputLayouts: whole},
		"attention.wq":    parallel.ColwiseParallel{},
		"attention.wk":    parallel.ColwiseParallel{},
		"attention.wv":    parallel.ColwiseParallel{},
		"attention.wo":    parallel.RowwiseParallel{OutputLayouts: parallel.Shard(1)},
		"ffn_norm":        parallel.SequenceParallel{},
		"feed_forward":    parallel.PrepareModuleInput{InputLayouts: sequence, DesiredInputLayouts: whole},
		"feed_forward.w1": parallel.ColwiseParallel{},
		"feed_forward.w2": parallel.RowwiseParallel{OutputLayouts: parallel.Shard(1)},
		"feed_forward.w3": parallel.ColwiseParallel{},
		"drop":            parallel.SequenceParallel{},
		"norm":            parallel.SequenceParallel{},
		"output":          parallel.ColwiseParallel{InputLayouts: parallel.Shard(1), OutputLayouts: parallel.Replicate()},
	}
}

// checkGPT trains the network beside one process.
func checkGPT(t *testing.T, mesh *distributed.DeviceMesh, rank int) {
	whole, parts := newGPT(1), newGPT(int64(1+rank))
	require.NoError(t, parallel.ParallelizeModule(parts, mesh, gptPlan()))
	assert.Equal(t, []int{6, 8}, parts.TokEmbeddings.Weight.Shape())
	norm := parts.FFNNorm.Weight
	one, all := optim.NewSGD(whole.Parameters(), optim.SGDOptions{LR: 0.5}), optim.NewSGD(parts.Parameters(), optim.SGDOptions{LR: 0.5})
	x := torch.FromSlice([]int64{0, 5, 6, 11, 7, 7, 2, 3}).View(2, 4)
	y := torch.FromSlice([]int64{1, 2, 3, 4, 5, 6, 7, 8})
	for range 3 {
		loss := func(n *gpt) *torch.Tensor { return functional.CrossEntropy(n.Forward(x).View(8, 12), y) }
		one.ZeroGrad()
		all.ZeroGrad()
		want, got := loss(whole), loss(parts)
		assert.InDelta(t, want.Item(), got.Item(), 1e-5)
		want.Backward()
		got.Backward()
		assert.Same(t, norm, parts.FFNNorm.Weight)
		near(t, whole.FFNNorm.Weight.Grad(), norm.Grad())
		near(t, whole.AttentionNorm.Weight.Grad(), parts.AttentionNorm.Weight.Grad())
		near(t, whole.TokEmbeddings.Weight.Grad().Narrow(0, 6*rank, 6), parts.TokEmbeddings.Weight.Grad())
		assert.InDelta(t, utils.ClipGradNorm(whole.Parameters(), 1).Item(), utils.ClipGradNorm(parts.Parameters(), 1).Item(), 1e-5)
		one.Step()
		all.Step()
	}
	near(t, whole.Attention.WV.Weight.Narrow(0, 4*rank, 4), parts.Attention.WV.Weight)
	near(t, whole.FeedForward.W2.Bias, parts.FeedForward.W2.Bias)
	near(t, whole.Norm.Bias, parts.Norm.Bias)
	assert.ErrorContains(t, torch.Try(func() { parts.Forward(x.Add(1)) }), "index out of range in self")
}

// checkPrepare moves inputs and outputs.
func checkPrepare(t *testing.T, mesh *distributed.DeviceMesh, rank int) {
	rows, whole := []*parallel.Placement{parallel.Shard(0)}, []*parallel.Placement{parallel.Replicate()}
	net := nn.NewSequential(nn.NewSoftmax(0))
	require.NoError(t, parallel.ParallelizeModule(net, mesh, parallel.Plan{"0": parallel.PrepareModuleInputOutput{
		PrepareModuleInput:  parallel.PrepareModuleInput{InputLayouts: rows, DesiredInputLayouts: whole},
		PrepareModuleOutput: parallel.PrepareModuleOutput{OutputLayouts: whole, DesiredOutputLayouts: rows},
	}}))
	x := torch.FromSlice([]float32{1, 5, -2, 3}).View(4, 1)
	near(t, x.Softmax(0).Narrow(0, 2*rank, 2), net.Forward(x.Narrow(0, 2*rank, 2)))
	for want, style := range map[string]parallel.Style{
		"input_layouts and desired_input_layouts should have same length!":   parallel.PrepareModuleInput{InputLayouts: rows},
		"output_layouts and desired_output_layouts should have same length!": parallel.PrepareModuleOutput{DesiredOutputLayouts: rows},
		"input 0 has one placement":                                          parallel.PrepareModuleInput{InputLayouts: rows, DesiredInputLayouts: []*parallel.Placement{nil}},
	} {
		assert.ErrorContains(t, parallel.ParallelizeModule(net, mesh, parallel.Plan{"0": style}), want)
	}
	two := nn.NewSequential(nn.NewReLU())
	require.NoError(t, parallel.ParallelizeModule(two, mesh, parallel.Plan{"0": parallel.PrepareModuleInput{
		InputLayouts: append(rows, nil), DesiredInputLayouts: append(rows, nil)}}))
	assert.ErrorContains(t, torch.Try(func() { two.Forward(x) }), "module inputs and input_layouts should have same length!")
}
