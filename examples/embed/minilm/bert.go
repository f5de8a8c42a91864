// Package minilm makes vectors of texts by MiniLM, a small BERT, for the examples that
// compare and serve them.
package minilm

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// Config is what config.json says of a BERT.
type Config struct {
	Vocabulary int     `json:"vocab_size"`
	Width      int     `json:"hidden_size"`
	Layers     int     `json:"num_hidden_layers"`
	Heads      int     `json:"num_attention_heads"`
	Inner      int     `json:"intermediate_size"`
	Positions  int     `json:"max_position_embeddings"`
	Types      int     `json:"type_vocab_size"`
	Eps        float64 `json:"layer_norm_eps"`
	Activation string  `json:"hidden_act"`
}

// check fails on what this BERT cannot be.
func (c Config) check() error {
	for name, n := range map[string]int{"vocab_size": c.Vocabulary, "hidden_size": c.Width, "num_attention_heads": c.Heads,
		"intermediate_size": c.Inner, "max_position_embeddings": c.Positions, "type_vocab_size": c.Types} {
		if n <= 0 {
			return fmt.Errorf("config.json: %s is %d", name, n)
		}
	}
	switch {
	case c.Width%c.Heads != 0:
		return fmt.Errorf("config.json: %d features are not divided by %d heads", c.Width, c.Heads)
	case c.Activation != "gelu":
		return fmt.Errorf("config.json: hidden_act is %.50q, want gelu", c.Activation)
	}
	return nil
}

// Embeddings adds up what is learned of tokens, places and kinds of texts.
type Embeddings struct {
	nn.Module
	WordEmbeddings      *nn.Embedding
	PositionEmbeddings  *nn.Embedding
	TokenTypeEmbeddings *nn.Embedding
	LayerNorm           *nn.LayerNorm `nn:"LayerNorm"`
}

// Forward returns batch × length × width of tokens, batch × length.
func (e *Embeddings) Forward(tokens *torch.Tensor) *torch.Tensor {
	places := torch.Arange(0, tokens.Size(1), 1)
	x := e.WordEmbeddings.Forward(tokens).Add(e.TokenTypeEmbeddings.Weight.Select(0, 0)) // all of one kind
	return e.LayerNorm.Forward(x.Add(e.PositionEmbeddings.Forward(places)))
}

// Attention lets each token look at all others.
type Attention struct {
	nn.Module
	Query, Key, Value *nn.Linear
	heads             int
}

// Forward returns what the tokens see in x, where mask says which are there.
func (a *Attention) Forward(x, mask *torch.Tensor) *torch.Tensor {
	split := func(l *nn.Linear) *torch.Tensor {
		return l.Forward(x).View(x.Size(0), x.Size(1), a.heads, -1).Transpose(1, 2)
	}
	y := functional.ScaledDotProductAttention(split(a.Query), split(a.Key), split(a.Value),
		functional.ScaledDotProductAttentionOptions{AttnMask: mask})
	return y.Transpose(1, 2).Flatten(2)
}

// Output adds what a part of a layer made to what it was made of.
type Output struct {
	nn.Module
	Dense     *nn.Linear
	LayerNorm *nn.LayerNorm `nn:"LayerNorm"`
}

// Forward returns the sum, normalised.
func (o *Output) Forward(made, from *torch.Tensor) *torch.Tensor {
	return o.LayerNorm.Forward(o.Dense.Forward(made).Add(from))
}

// SelfAttention is attention with a way around it.
type SelfAttention struct {
	nn.Module
	Self   *Attention
	Output *Output
}

// Intermediate is the inner layer, with more features.
type Intermediate struct {
	nn.Module
	Dense *nn.Linear
}

// Layer is one of BERT's layers.
type Layer struct {
	nn.Module
	Attention    *SelfAttention
	Intermediate *Intermediate
	Output       *Output
}

// NewLayer returns a layer with random parameters.
func NewLayer(c Config) *Layer {
	square := func() *nn.Linear { return nn.NewLinear(c.Width, c.Width) }
	output := func(in int) *Output {
		return nn.Init(&Output{Dense: nn.NewLinear(in, c.Width), LayerNorm: nn.NewLayerNorm(c.Width, nn.LayerNormOptions{Eps: &c.Eps})})
	}
	return nn.Init(&Layer{
		Attention: nn.Init(&SelfAttention{
			Self:   nn.Init(&Attention{Query: square(), Key: square(), Value: square(), heads: c.Heads}),
			Output: output(c.Width),
		}),
		Intermediate: nn.Init(&Intermediate{Dense: nn.NewLinear(c.Width, c.Inner)}),
		Output:       output(c.Inner),
	})
}

// Forward returns what the layer makes of x, batch × length × width.
func (l *Layer) Forward(x, mask *torch.Tensor) *torch.Tensor {
	x = l.Attention.Output.Forward(l.Attention.Self.Forward(x, mask), x)
	return l.Output.Forward(functional.GELU(l.Intermediate.Dense.Forward(x)), x)
}

// Encoder is the layers.
type Encoder struct {
	nn.Module
	Layer *nn.ModuleList[*Layer]
}

// BERT gives every token of a text a vector that says what it means there. Its parameters
// have the names of Hugging Face's BertModel.
type BERT struct {
	nn.Module
	Embeddings *Embeddings
	Encoder    *Encoder
}

// NewBERT returns a network with random parameters.
func NewBERT(c Config) *BERT {
	layers := nn.NewModuleList[*Layer]()
	for range c.Layers {
		layers.Append(NewLayer(c))
	}
	return nn.Init(&BERT{
		Embeddings: nn.Init(&Embeddings{
			WordEmbeddings:      nn.NewEmbedding(c.Vocabulary, c.Width),
			PositionEmbeddings:  nn.NewEmbedding(c.Positions, c.Width),
			TokenTypeEmbeddings: nn.NewEmbedding(c.Types, c.Width),
			LayerNorm:           nn.NewLayerNorm(c.Width, nn.LayerNormOptions{Eps: &c.Eps}),
		}),
		Encoder: nn.Init(&Encoder{Layer: layers}),
	})
}

// Forward returns batch × length × width of tokens, batch × length of Int64. mask, batch ×
// length of Bool, says where there are tokens.
func (b *BERT) Forward(tokens, mask *torch.Tensor) *torch.Tensor {
	x := b.Embeddings.Forward(tokens)
	mask = mask.View(mask.Size(0), 1, 1, -1) // for all heads and all who look
	for _, layer := range b.Encoder.Layer.All() {
		x = layer.Forward(x, mask)
	}
	return x
}
