package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// length is how many letters the network sees at once.
const length = 96

// Block is attention over the letters so far and two linear layers, each with a way
// around it.
type Block struct {
	nn.Module
	Norm1 *nn.LayerNorm
	QKV   *nn.Linear
	Proj  *nn.Linear
	Norm2 *nn.LayerNorm
	MLP   *nn.Sequential
	heads int
}

// NewBlock returns a block of width features and heads heads.
func NewBlock(width, heads int) *Block {
	return nn.Init(&Block{
		Norm1: nn.NewLayerNorm(width),
		QKV:   nn.NewLinear(width, 3*width),
		Proj:  nn.NewLinear(width, width),
		Norm2: nn.NewLayerNorm(width),
		MLP:   nn.NewSequential(nn.NewLinear(width, 4*width), nn.NewGELU(), nn.NewLinear(4*width, width)),
		heads: heads,
	})
}

func (b *Block) attend(x *torch.Tensor) *torch.Tensor {
	batch, length, width := x.Size(0), x.Size(1), x.Size(2)
	parts := b.QKV.Forward(x).Split(width, 2)
	for i, part := range parts {
		parts[i] = part.View(batch, length, b.heads, -1).Transpose(1, 2)
	}
	y := functional.ScaledDotProductAttention(parts[0], parts[1], parts[2],
		functional.ScaledDotProductAttentionOptions{IsCausal: true})
	return b.Proj.Forward(y.Transpose(1, 2).Reshape(batch, length, width))
}

// Forward returns what the block makes of x, batch × length × width.
func (b *Block) Forward(x *torch.Tensor) *torch.Tensor {
	x = x.Add(b.attend(b.Norm1.Forward(x)))
	return x.Add(b.MLP.Forward(b.Norm2.Forward(x)))
}

// GPT gives scores of the next letter after each letter.
type GPT struct {
	nn.Module
	Tokens    *nn.Embedding
	Positions *nn.Embedding
	Blocks    *nn.ModuleList[*Block]
	Norm      *nn.LayerNorm
	Head      *nn.Linear

	checkpointed bool // blocks keep their inputs only, and run again in the backward pass
}

// NewGPT returns a network for that many different letters, with random parameters.
func NewGPT(vocabulary int) *GPT {
	const width, heads, layers = 96, 4, 3
	model := &GPT{
		Tokens:    nn.NewEmbedding(vocabulary, width),
		Positions: nn.NewEmbedding(length, width),
		Blocks:    nn.NewModuleList[*Block](),
	}
	for range layers {
		model.Blocks.Append(NewBlock(width, heads))
	}
	model.Norm = nn.NewLayerNorm(width)
	model.Head = nn.NewLinear(width, vocabulary)
	return nn.Init(model)
}

// Forward returns the scores, batch × length × vocabulary, for the numbers of
// letters, batch × length.
func (model *GPT) Forward(tokens *torch.Tensor) *torch.Tensor {
	x := model.Tokens.Forward(tokens).Add(model.Positions.Forward(torch.Arange(0, tokens.Size(1), 1)))
	for _, block := range model.Blocks.All() {
		call := func(x *torch.Tensor) *torch.Tensor { return nn.Call(block, x) }
		if model.checkpointed {
			call = checkpoint.Checkpoint(call)
		}
		x = call(x)
	}
	return model.Head.Forward(model.Norm.Forward(x))
}

// Write returns tokens, 1 × any, with count more, each drawn by its probability.
func (model *GPT) Write(tokens *torch.Tensor, count int) *torch.Tensor {
	return torch.NoGradValue(func() *torch.Tensor {
		for range count {
			scores := model.Forward(tokens.Index(torch.Colon, torch.From(-length))).Index(torch.Colon, -1)
			next := torch.Multinomial(scores.Softmax(-1), 1)
			tokens = torch.Cat([]*torch.Tensor{tokens, next}, 1)
		}
		return tokens
	})
}
