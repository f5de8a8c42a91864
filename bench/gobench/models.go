package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// draw gives a model parameters that are the same in all languages, which make
// modules in other orders, and returns it.
func draw[M nn.AnyModule](model M) M {
	torch.ManualSeed(0)
	for _, p := range nn.Base(model).Parameters() {
		nninit.Uniform(p, -0.1, 0.1)
	}
	return model
}

const vocabulary, length, width, heads = 80, 96, 96, 4

// block is one of the GPT in examples/gpt.
type block struct {
	nn.Module
	Norm1, Norm2 *nn.LayerNorm
	QKV, Proj    *nn.Linear
	MLP          *nn.Sequential
}

func newBlock() *block {
	return nn.Init(&block{
		Norm1: nn.NewLayerNorm(width), Norm2: nn.NewLayerNorm(width),
		QKV: nn.NewLinear(width, 3*width), Proj: nn.NewLinear(width, width),
		MLP: nn.NewSequential(nn.NewLinear(width, 4*width), nn.NewGELU(), nn.NewLinear(4*width, width)),
	})
}

func (b *block) attend(x *torch.Tensor) *torch.Tensor {
	parts := b.QKV.Forward(x).Split(width, 2)
	for i, part := range parts {
		parts[i] = part.View(x.Size(0), x.Size(1), heads, -1).Transpose(1, 2)
	}
	y := functional.ScaledDotProductAttention(parts[0], parts[1], parts[2],
		functional.ScaledDotProductAttentionOptions{IsCausal: true})
	return b.Proj.Forward(y.Transpose(1, 2).Reshape(x.Size(0), x.Size(1), width))
}

func (b *block) Forward(x *torch.Tensor) *torch.Tensor {
	x = x.Add(b.attend(b.Norm1.Forward(x)))
	return x.Add(b.MLP.Forward(b.Norm2.Forward(x)))
}

// gpt is the network of examples/gpt.
type gpt struct {
	nn.Module
	Tokens, Positions *nn.Embedding
	Blocks            *nn.Sequential
	Norm              *nn.LayerNorm
	Head              *nn.Linear
}

func newGPT() *gpt {
	return nn.Init(&gpt{
		Tokens: nn.NewEmbedding(vocabulary, width), Positions: nn.NewEmbedding(length, width),
		Blocks: nn.NewSequential(newBlock(), newBlock(), newBlock()),
		Norm:   nn.NewLayerNorm(width), Head: nn.NewLinear(width, vocabulary),
	})
}

func (g *gpt) Forward(tokens *torch.Tensor) *torch.Tensor {
	x := g.Tokens.Forward(tokens).Add(g.Positions.Forward(torch.Arange(0, tokens.Size(1), 1)))
	return g.Head.Forward(g.Norm.Forward(g.Blocks.Forward(x)))
}

// trainGPT times a step of training; prepare makes of the step what is timed.
func trainGPT(quick bool, prepare func(step func(tensors) tensors, in tensors) func(tensors) tensors) outcome {
	model := draw(newGPT())
	optimizer := optim.NewSGD(model.Parameters(), optim.SGDOptions{LR: 0.01})
	rows := torch.Randint(0, vocabulary, []int{16, length + 1})
	in := tensors{rows.Narrow(1, 0, length), rows.Narrow(1, 1, length)}
	step := prepare(func(in tensors) tensors {
		scores := model.Forward(in[0])
		loss := functional.CrossEntropy(scores.Flatten(0, 1), in[1].Flatten(0, -1))
		optimizer.ZeroGrad()
		loss.Backward()
		optimizer.Step()
		return tensors{loss}
	}, in)
	var o outcome
	o.seconds = perCall(quick, 3, func(n int) {
		for range n {
			torch.Scope(func() { o.check = step(in)[0].Item() })
		}
	})
	return o
}

func gptEager(quick bool) outcome {
	return trainGPT(quick, func(step func(tensors) tensors, in tensors) func(tensors) tensors {
		torch.Scope(func() { step(in) }) // as capturing does
		return step
	})
}

func gptCaptured(quick bool) outcome {
	return trainGPT(quick, func(step func(tensors) tensors, in tensors) func(tensors) tensors {
		c := captured(step, in...)
		return func(in tensors) tensors { return c.Run(in...) }
	})
}

// inference is a model and what it is timed with.
type inference struct {
	model func() (model nn.AnyModule, forward func(x *torch.Tensor) *torch.Tensor)
	shape []int // of the input
	n     int   // how many calls are timed at once
}

var (
	resNet18 = inference{newResNet18, []int{1, 3, 224, 224}, 3}
	encoder  = inference{newEncoder, []int{1, 64, 256}, 50}
)

func newResNet18() (nn.AnyModule, func(x *torch.Tensor) *torch.Tensor) {
	model := models.ResNet18()
	return model, model.Forward
}

func newEncoder() (nn.AnyModule, func(x *torch.Tensor) *torch.Tensor) {
	layer := nn.NewTransformerEncoderLayer(256, 4, nn.TransformerEncoderLayerOptions{BatchFirst: true})
	model := nn.NewTransformerEncoder(layer, 2)
	return model, func(x *torch.Tensor) *torch.Tensor { return model.Forward(x) }
}

// make returns the model's forward pass and an input.
func (m inference) make() (forward func(tensors) tensors, x *torch.Tensor) {
	model, f := m.model()
	nn.Base(draw(model)).Eval()
	return func(in tensors) tensors { return tensors{f(in[0])} }, torch.Randn(m.shape)
}

// measure times a forward pass without gradients.
func (m inference) measure(quick bool, forward func(tensors) tensors, x *torch.Tensor) (o outcome) {
	in := tensors{x}
	torch.NoGrad(func() {
		o.seconds = perCall(quick, m.n, func(n int) {
			for range n {
				torch.Scope(func() { forward(in) })
			}
		})
		o.check = forward(in)[0].Abs().Sum().Item()
	})
	return o
}

func (m inference) eager(quick bool) outcome {
	forward, x := m.make()
	return m.measure(quick, forward, x)
}

func (m inference) captured(quick bool) outcome {
	forward, x := m.make()
	c := torch.NoGradValue(func() *graph.Captured { return captured(forward, x) })
	return m.measure(quick, func(in tensors) tensors { return c.Run(in...) }, x)
}
