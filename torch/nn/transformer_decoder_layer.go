package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// TransformerDecoderLayer is self-attention, attention over what an encoder gave,
// and two linear layers, each with a way around it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
type TransformerDecoderLayer struct {
	Module
	SelfAttn      *MultiheadAttention
	MultiheadAttn *MultiheadAttention
	Linear1       *Linear
	Dropout       *Dropout
	Linear2       *Linear
	Norm1         *LayerNorm
	Norm2         *LayerNorm
	Norm3         *LayerNorm
	Dropout1      *Dropout
	Dropout2      *Dropout
	Dropout3      *Dropout
	Activation    Layer // nil where the option was not a module
	NormFirst     bool
	function      func(x *torch.Tensor) *torch.Tensor // in place of Activation
}

// TransformerDecoderLayerOptions are the options of [NewTransformerDecoderLayer].
type TransformerDecoderLayerOptions = TransformerEncoderLayerOptions

// NewTransformerDecoderLayer returns a layer for inputs of model features with
// heads heads. It panics if model is not a multiple of heads.
func NewTransformerDecoderLayer(model, heads int, options ...TransformerDecoderLayerOptions) *TransformerDecoderLayer {
	p := transformerParts{"TransformerDecoderLayer", model, option.First(options)}
	l := &TransformerDecoderLayer{NormFirst: p.NormFirst}
	l.Activation, l.function, _ = p.activation()
	l.SelfAttn, l.MultiheadAttn = p.attention(heads), p.attention(heads)
	l.Linear1, l.Linear2 = p.widen(), p.narrow()
	l.Norm1, l.Norm2, l.Norm3 = p.norm(), p.norm(), p.norm()
	l.Dropout, l.Dropout1, l.Dropout2, l.Dropout3 = p.dropout(), p.dropout(), p.dropout(), p.dropout()
	return Init(l)
}

// TransformerDecoderLayerForwardOptions are the options of
// [TransformerDecoderLayer.Forward]. Masks are Bools, true for what not to look
// at, or numbers to add to scores.
type TransformerDecoderLayerForwardOptions struct {
	TgtMask              *torch.Tensor // target × target, or batch·heads × target × target
	MemoryMask           *torch.Tensor // target × source, or batch·heads × target × source
	TgtKeyPaddingMask    *torch.Tensor // batch × target
	MemoryKeyPaddingMask *torch.Tensor // batch × source
	TgtIsCausal          bool          // a hint that TgtMask, which is to be given, is causal
	MemoryIsCausal       bool          // a hint that MemoryMask, which is to be given, is causal
}

// Forward returns what the layer makes of tgt (target × batch × features) and
// memory (source × batch × features), of the shape of tgt. With BatchFirst the
// batch comes first; without a batch both have one dimension less. It panics on
// shapes that do not fit.
func (l *TransformerDecoderLayer) Forward(tgt, memory *torch.Tensor, options ...TransformerDecoderLayerForwardOptions) *torch.Tensor {
	o := option.First(options)
	return l.Run2(tgt, memory, func(tgt, memory *torch.Tensor) *torch.Tensor { return l.forward(tgt, memory, &o) })
}

func (l *TransformerDecoderLayer) forward(tgt, memory *torch.Tensor, o *TransformerDecoderLayerForwardOptions) *torch.Tensor {
	x := residual(tgt, l.Norm1, l.NormFirst, func(x *torch.Tensor) *torch.Tensor {
		return l.Dropout1.Forward(l.SelfAttn.attend(x, x, o.TgtMask, o.TgtKeyPaddingMask, o.TgtIsCausal))
	})
	x = residual(x, l.Norm2, l.NormFirst, func(x *torch.Tensor) *torch.Tensor {
		return l.Dropout2.Forward(l.MultiheadAttn.attend(x, memory, o.MemoryMask, o.MemoryKeyPaddingMask, o.MemoryIsCausal))
	})
	return residual(x, l.Norm3, l.NormFirst, func(x *torch.Tensor) *torch.Tensor {
		return l.Dropout3.Forward(l.Linear2.Forward(l.Dropout.Forward(activated(l.Linear1.Forward(x), l.Activation, l.function))))
	})
}
