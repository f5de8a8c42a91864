package main

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// step is what all layers need to know of the tokens that are read at once.
type step struct {
	cache    *Cache
	cos, sin *torch.Tensor // tokens × head
	mask     *torch.Tensor // which tokens each may look at, tokens × all so far; nil for all
}

// Attention is grouped-query attention with rotary embeddings: several heads of queries
// share a head of keys and values.
type Attention struct {
	nn.Module
	QProj, KProj, VProj, OProj *nn.Linear
	layer, headDim             int
}

// NewAttention returns the attention of a layer.
func NewAttention(c Config, layer int) *Attention {
	o := nn.LinearOptions{Bias: new(c.AttentionBias)}
	return nn.Init(&Attention{
		QProj: nn.NewLinear(c.Width, c.Heads*c.HeadDim, o),
		KProj: nn.NewLinear(c.Width, c.KVHeads*c.HeadDim, o),
		VProj: nn.NewLinear(c.Width, c.KVHeads*c.HeadDim, o),
		OProj: nn.NewLinear(c.Heads*c.HeadDim, c.Width, o),
		layer: layer, headDim: c.HeadDim,
	})
}

// rotate turns the pairs of elements of x, one of each half, by angles.
func rotate(x, cos, sin *torch.Tensor) *torch.Tensor {
	halves := x.Chunk(2, -1)
	half := torch.Cat([]*torch.Tensor{halves[1].Neg(), halves[0]}, -1)
	return x.Mul(cos).Add(half.Mul(sin))
}

// Forward returns what the tokens x, 1 × tokens × width, find in all so far.
func (a *Attention) Forward(x *torch.Tensor, s step) *torch.Tensor {
	n := x.Size(1)
	heads := func(project *nn.Linear) *torch.Tensor {
		return project.Forward(x).View(1, n, -1, a.headDim).Transpose(1, 2)
	}
	q := rotate(heads(a.QProj), s.cos, s.sin)
	k := rotate(heads(a.KProj), s.cos, s.sin)
	keys, values := s.cache.Put(a.layer, k, heads(a.VProj))
	y := functional.ScaledDotProductAttention(q, keys, values, functional.ScaledDotProductAttentionOptions{AttnMask: s.mask, EnableGqa: true})
	return a.OProj.Forward(y.Transpose(1, 2).Reshape(1, n, -1))
}

// MLP is SwiGLU: a linear layer whose outputs others open and close.
type MLP struct {
	nn.Module
	GateProj, UpProj, DownProj *nn.Linear
}

// NewMLP returns the MLP of a layer.
func NewMLP(c Config) *MLP {
	o := nn.LinearOptions{Bias: new(c.MLPBias)}
	return nn.Init(&MLP{GateProj: nn.NewLinear(c.Width, c.Inner, o), UpProj: nn.NewLinear(c.Width, c.Inner, o), DownProj: nn.NewLinear(c.Inner, c.Width, o)})
}

// Forward keeps the shape.
func (m *MLP) Forward(x *torch.Tensor) *torch.Tensor {
	return m.DownProj.Forward(functional.SiLU(m.GateProj.Forward(x)).Mul(m.UpProj.Forward(x)))
}

// Layer is attention and an MLP, each with a way around it.
type Layer struct {
	nn.Module
	SelfAttn               *Attention
	MLP                    *MLP
	InputLayernorm         *nn.RMSNorm
	PostAttentionLayernorm *nn.RMSNorm
}

// NewLayer returns layer number i.
func NewLayer(c Config, i int) *Layer {
	return nn.Init(&Layer{SelfAttn: NewAttention(c, i), MLP: NewMLP(c), InputLayernorm: newNorm(c), PostAttentionLayernorm: newNorm(c)})
}

func newNorm(c Config) *nn.RMSNorm {
	return nn.NewRMSNorm(c.Width, nn.RMSNormOptions{Eps: new(c.Eps)})
}

// Forward keeps the shape.
func (l *Layer) Forward(x *torch.Tensor, s step) *torch.Tensor {
	x = x.Add(l.SelfAttn.Forward(l.InputLayernorm.Forward(x), s))
	return x.Add(l.MLP.Forward(l.PostAttentionLayernorm.Forward(x)))
}

// Decoder has all layers.
type Decoder struct {
	nn.Module
	EmbedTokens *nn.Embedding
	Layers      *nn.ModuleList[*Layer]
	Norm        *nn.RMSNorm
}

// Llama gives scores of the next token. Its tensors have the names that they have on
// Hugging Face.
type Llama struct {
	nn.Module
	Model  *Decoder
	LMHead *nn.Linear
}

// NewLlama returns a model with random parameters.
func NewLlama(c Config) *Llama {
	layers := nn.NewModuleList[*Layer]()
	for i := range c.Layers {
		layers.Append(NewLayer(c, i))
	}
	return nn.Init(&Llama{
		Model:  nn.Init(&Decoder{EmbedTokens: nn.NewEmbedding(c.Vocabulary, c.Width), Layers: layers, Norm: newNorm(c)}),
		LMHead: nn.NewLinear(c.Width, c.Vocabulary, nn.LinearOptions{Bias: new(false)}),
	})
}

// Forward reads tokens that follow those of the cache, and returns the scores of what
// comes after the last of them, one for each token of the vocabulary.
func (l *Llama) Forward(tokens []int, cache *Cache) *torch.Tensor {
	s := cache.begin(len(tokens))
	x := l.Model.EmbedTokens.Forward(torch.FromSlice(tokens, 1, len(tokens)))
	for _, layer := range l.Model.Layers.All() {
		x = layer.Forward(x, s)
	}
	cache.Length += len(tokens)
	return l.LMHead.Forward(l.Model.Norm.Forward(x.Index(torch.Colon, -1))).Squeeze(0)
}
