package nn

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// TransformerEncoderLayerOptions are the options of [NewTransformerEncoderLayer]
// and [NewTransformerDecoderLayer].
type TransformerEncoderLayerOptions struct {
	DimFeedforward *int         // features between the two linear layers; default: 2048
	Dropout        *float64     // the probability of zero after each step; default: 0.1
	Activation     any          // "relu", "gelu", a Layer or a func(x *torch.Tensor) *torch.Tensor; default: "relu"
	LayerNormEps   *float64     // of the normalisations; default: 1e-5
	BatchFirst     bool         // input and output are batch × length × features
	NormFirst      bool         // normalise before attention and linear layers, not after
	Bias           *bool        // add biases; default: true
	Device         torch.Device // default: torch.DefaultDevice()
	DType          torch.DType  // default: Float32
}

// transformerParts makes the parts of a layer of a Transformer with model features.
type transformerParts struct {
	op    string // for errors
	model int
	TransformerEncoderLayerOptions
}

func (p *transformerParts) attention(heads int) *MultiheadAttention {
	return NewMultiheadAttention(p.model, heads, MultiheadAttentionOptions{
		Dropout: option.Or(p.Dropout, 0.1), Bias: p.Bias, BatchFirst: p.BatchFirst, Device: p.Device, DType: p.DType})
}

func (p *transformerParts) widen() *Linear {
	return NewLinear(p.model, option.Or(p.DimFeedforward, 2048), LinearOptions{Bias: p.Bias, Device: p.Device, DType: p.DType})
}

func (p *transformerParts) narrow() *Linear {
	return NewLinear(option.Or(p.DimFeedforward, 2048), p.model, LinearOptions{Bias: p.Bias, Device: p.Device, DType: p.DType})
}

func (p *transformerParts) dropout() *Dropout {
	return NewDropout(DropoutOptions{P: new(option.Or(p.Dropout, 0.1))})
}

func (p *transformerParts) norm() *LayerNorm {
	return NewLayerNorm(p.model, LayerNormOptions{Eps: p.LayerNormEps, Bias: p.Bias, Device: p.Device, DType: p.DType})
}

// fused says which activation libtorch's operator for a whole layer has.
type fused int

const (
	notFused fused = iota
	fusedReLU
	fusedGELU
)

// activation returns the option as a module, or else as a function.
func (p *transformerParts) activation() (module Layer, function func(x *torch.Tensor) *torch.Tensor, kind fused) {
	switch a := p.Activation.(type) {
	case nil:
		return nil, (*torch.Tensor).ReLU, fusedReLU
	case string:
		switch a {
		case "relu":
			return nil, (*torch.Tensor).ReLU, fusedReLU
		case "gelu":
			return nil, func(x *torch.Tensor) *torch.Tensor { return functional.GELU(x) }, fusedGELU
		}
		panic(torch.Errorf("nn."+p.op, torch.RuntimeError, "activation should be relu/gelu, not %s", a))
	case *ReLU:
		return a, nil, fusedReLU
	case *GELU:
		return a, nil, fusedGELU
	case Layer:
		return a, nil, notFused
	case func(x *torch.Tensor) *torch.Tensor:
		return nil, a, notFused
	}
	panic(torch.Errorf("nn."+p.op, torch.TypeError, "activation should be a string, a Layer or a function, not %T",
		p.Activation))
}

// activated returns what the module, or else the function, makes of x.
func activated(x *torch.Tensor, module Layer, function func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	if module != nil {
		return Call(module, x)
	}
	return function(x)
}

// residual adds what block makes of x to x, and normalises before or after.
func residual(x *torch.Tensor, norm *LayerNorm, normFirst bool, block func(x *torch.Tensor) *torch.Tensor) *torch.Tensor {
	if normFirst {
		return x.Add(block(norm.Forward(x)))
	}
	return norm.Forward(x.Add(block(x)))
}

// TransformerEncoderLayer is self-attention and two linear layers, each with a way
// around it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
type TransformerEncoderLayer struct {
	Module
	SelfAttn   *MultiheadAttention
	Linear1    *Linear
	Dropout    *Dropout
	Linear2    *Linear
	Norm1      *LayerNorm
	Norm2      *LayerNorm
	Dropout1   *Dropout
	Dropout2   *Dropout
	Activation Layer // nil where the option was not a module
	NormFirst  bool
	function   func(x *torch.Tensor) *torch.Tensor // in place of Activation
	fused      fused
}

// NewTransformerEncoderLayer returns a layer for inputs of model features with
// heads heads. It panics if model is not a multiple of heads.
func NewTransformerEncoderLayer(model, heads int, options ...TransformerEncoderLayerOptions) *TransformerEncoderLayer {
	p := transformerParts{"TransformerEncoderLayer", model, option.First(options)}
	l := &TransformerEncoderLayer{NormFirst: p.NormFirst}
	l.Activation, l.function, l.fused = p.activation()
	l.SelfAttn = p.attention(heads)
	l.Linear1, l.Linear2 = p.widen(), p.narrow()
	l.Norm1, l.Norm2 = p.norm(), p.norm()
	l.Dropout, l.Dropout1, l.Dropout2 = p.dropout(), p.dropout(), p.dropout()
	return Init(l)
}

// TransformerEncoderLayerForwardOptions are the options of
// [TransformerEncoderLayer.Forward].
type TransformerEncoderLayerForwardOptions struct {
	SrcMask           *torch.Tensor // length × length, or batch·heads × length × length: what not to look at (Bool), or numbers to add to scores
	SrcKeyPaddingMask *torch.Tensor // batch × length: what nothing looks at, as SrcMask
	IsCausal          bool          // a hint that SrcMask, which is to be given, is causal
}

// Forward returns what the layer makes of src (length × batch × features), of its
// shape. With BatchFirst the batch comes first; without a batch src has one
// dimension less. It panics on shapes that do not fit.
//
// As in Python, in evaluation mode without gradients, the heads even and the batch
// first, the layer runs in one operator, whose results are rounded otherwise.
func (l *TransformerEncoderLayer) Forward(src *torch.Tensor, options ...TransformerEncoderLayerForwardOptions) *torch.Tensor {
	o := option.First(options)
	return l.Run(src, func(src *torch.Tensor) *torch.Tensor { return l.forward(src, o) })
}

func (l *TransformerEncoderLayer) forward(src *torch.Tensor, o TransformerEncoderLayerForwardOptions) *torch.Tensor {
	o.SrcMask = additive("TransformerEncoderLayer", "src_mask", o.SrcMask, src)
	o.SrcKeyPaddingMask = additive("TransformerEncoderLayer", "src_key_padding_mask", o.SrcKeyPaddingMask, src)
	if l.fast(src) {
		return l.forwardFast(src, o.SrcMask, o.SrcKeyPaddingMask)
	}
	x := residual(src, l.Norm1, l.NormFirst, func(x *torch.Tensor) *torch.Tensor {
		return l.Dropout1.Forward(l.SelfAttn.attend(x, x, o.SrcMask, o.SrcKeyPaddingMask, o.IsCausal))
	})
	return residual(x, l.Norm2, l.NormFirst, func(x *torch.Tensor) *torch.Tensor {
		return l.Dropout2.Forward(l.Linear2.Forward(l.Dropout.Forward(activated(l.Linear1.Forward(x), l.Activation, l.function))))
	})
}
