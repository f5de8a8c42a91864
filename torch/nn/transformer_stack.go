package nn

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// TransformerEncoder is several layers, one after the other.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
type TransformerEncoder struct {
	Module
	Layers    *ModuleList[*TransformerEncoderLayer]
	Norm      Layer // of the output, or nil
	MaskCheck bool
	useNested bool
}

// TransformerEncoderOptions are the options of [NewTransformerEncoder].
type TransformerEncoderOptions struct {
	Norm               Layer // normalises the output
	EnableNestedTensor *bool // leave out padding in evaluation mode; default: true
	MaskCheck          *bool // leave out padding only where all of it is at the end; default: true
}

// NewTransformerEncoder returns count copies of the layer in a row, which begin with
// equal parameters.
func NewTransformerEncoder(layer *TransformerEncoderLayer, count int, options ...TransformerEncoderOptions) *TransformerEncoder {
	argument.NotNil("nn.NewTransformerEncoder", "the layer", layer)
	o := option.First(options)
	return Init(&TransformerEncoder{Layers: copies(layer, count), Norm: o.Norm, MaskCheck: option.Or(o.MaskCheck, true),
		useNested: option.Or(o.EnableNestedTensor, true) && layer.isFusable() && !layer.NormFirst})
}

// copies returns a list of deep copies.
func copies[M AnyModule](module M, count int) *ModuleList[M] {
	list := NewModuleList[M]()
	for range count {
		list.Append(DeepCopy(module))
	}
	return list
}

// TransformerEncoderForwardOptions are the options of [TransformerEncoder.Forward].
type TransformerEncoderForwardOptions struct {
	Mask              *torch.Tensor // length × length, or batch·heads × length × length: what not to look at (Bool), or numbers to add to scores
	SrcKeyPaddingMask *torch.Tensor // batch × length: what nothing looks at, as Mask
	IsCausal          *bool         // whether Mask is causal; default: it is compared with a causal one
}

// Forward returns what the layers make of src (length × batch × features), of its
// shape. With BatchFirst the batch comes first; without a batch src has one
// dimension less. It panics on shapes that do not fit.
//
// As in Python, in evaluation mode without gradients padding at the end may be left
// out of all computation; the output is zeros there, unless a Norm follows.
func (e *TransformerEncoder) Forward(src *torch.Tensor, options ...TransformerEncoderForwardOptions) *torch.Tensor {
	o := option.First(options)
	return e.Run(src, func(src *torch.Tensor) *torch.Tensor { return e.forward(src, &o) })
}

func (e *TransformerEncoder) forward(src *torch.Tensor, o *TransformerEncoderForwardOptions) *torch.Tensor {
	mask := additive("TransformerEncoder", "mask", o.Mask, src)
	padding := additive("TransformerEncoder", "src_key_padding_mask", o.SrcKeyPaddingMask, src)
	causal := isCausal(mask, o.IsCausal, length(src, e.Layers.At(0).SelfAttn))
	x := src
	if nested := e.nested(src, mask, padding); nested != nil {
		for _, layer := range e.Layers.All() {
			nested = layer.Run(nested, func(x *torch.Tensor) *torch.Tensor { return layer.forwardFast(x, nil, nil) })
		}
		x = nested.ToPaddedTensor(0, torch.ToPaddedTensorOptions{OutputSize: src.Shape()})
	} else {
		for _, layer := range e.Layers.All() {
			x = layer.Forward(x, TransformerEncoderLayerForwardOptions{SrcMask: mask, SrcKeyPaddingMask: padding, IsCausal: causal})
		}
	}
	return normalized(x, e.Norm)
}

// length returns the number of positions of x.
func length(x *torch.Tensor, attention *MultiheadAttention) int {
	if attention.BatchFirst && x.Dim() == 3 {
		return x.Size(1)
	}
	return x.Size(0)
}

// isCausal returns the hint, or else whether the mask is a causal one.
func isCausal(mask *torch.Tensor, hint *bool, length int) bool {
	if hint != nil || mask == nil {
		return hint != nil && *hint
	}
	causal := GenerateSquareSubsequentMask(length, torch.TensorOptions{Device: mask.Device(), DType: mask.DType()})
	return slices.Equal(mask.Shape(), causal.Shape()) && mask.Equal(causal)
}

func normalized(x *torch.Tensor, norm Layer) *torch.Tensor {
	if norm == nil {
		return x
	}
	return Call(norm, x)
}

// TransformerDecoder is several layers, one after the other, which all look at what
// an encoder gave.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
type TransformerDecoder struct {
	Module
	Layers *ModuleList[*TransformerDecoderLayer]
	Norm   Layer // of the output, or nil
}

// TransformerDecoderOptions are the options of [NewTransformerDecoder].
type TransformerDecoderOptions struct {
	Norm Layer // normalises the output
}

// NewTransformerDecoder returns count copies of the layer in a row, which begin with
// equal parameters.
func NewTransformerDecoder(layer *TransformerDecoderLayer, count int, options ...TransformerDecoderOptions) *TransformerDecoder {
	argument.NotNil("nn.NewTransformerDecoder", "the layer", layer)
	return Init(&TransformerDecoder{Layers: copies(layer, count), Norm: option.First(options).Norm})
}

// TransformerDecoderForwardOptions are the options of [TransformerDecoder.Forward].
// Masks are Bools, true for what not to look at, or numbers to add to scores.
type TransformerDecoderForwardOptions struct {
	TgtMask              *torch.Tensor // target × target, or batch·heads × target × target
	MemoryMask           *torch.Tensor // target × source, or batch·heads × target × source
	TgtKeyPaddingMask    *torch.Tensor // batch × target
	MemoryKeyPaddingMask *torch.Tensor // batch × source
	TgtIsCausal          *bool         // whether TgtMask is causal; default: it is compared with a causal one
	MemoryIsCausal       bool          // a hint that MemoryMask, which is to be given, is causal
}

// Forward returns what the layers make of tgt (target × batch × features) and
// memory (source × batch × features), of the shape of tgt. With BatchFirst the
// batch comes first; without a batch both have one dimension less. It panics on
// shapes that do not fit.
func (d *TransformerDecoder) Forward(tgt, memory *torch.Tensor, options ...TransformerDecoderForwardOptions) *torch.Tensor {
	o := option.First(options)
	return d.Run2(tgt, memory, func(tgt, memory *torch.Tensor) *torch.Tensor { return d.forward(tgt, memory, &o) })
}

func (d *TransformerDecoder) forward(x, memory *torch.Tensor, o *TransformerDecoderForwardOptions) *torch.Tensor {
	causal := isCausal(o.TgtMask, o.TgtIsCausal, length(x, d.Layers.At(0).SelfAttn))
	for _, layer := range d.Layers.All() {
		x = layer.Forward(x, memory, TransformerDecoderLayerForwardOptions{
			TgtMask: o.TgtMask, MemoryMask: o.MemoryMask, TgtKeyPaddingMask: o.TgtKeyPaddingMask,
			MemoryKeyPaddingMask: o.MemoryKeyPaddingMask, TgtIsCausal: causal, MemoryIsCausal: o.MemoryIsCausal})
	}
	return normalized(x, d.Norm)
}
