package nn

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// Encoder is a module that can be the encoder of a [Transformer].
type Encoder interface {
	AnyModule
	Forward(src *torch.Tensor, options ...TransformerEncoderForwardOptions) *torch.Tensor
}

// Decoder is a module that can be the decoder of a [Transformer].
type Decoder interface {
	AnyModule
	Forward(tgt, memory *torch.Tensor, options ...TransformerDecoderForwardOptions) *torch.Tensor
}

// Transformer is an encoder and a decoder, as in "Attention Is All You Need".
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html
type Transformer struct {
	Module
	Encoder    Encoder
	Decoder    Decoder
	DModel     int
	NHead      int
	BatchFirst bool
}

// TransformerOptions are the options of [NewTransformer].
type TransformerOptions struct {
	DModel           *int         // features of inputs and output; default: 512
	NHead            *int         // default: 8
	NumEncoderLayers *int         // default: 6
	NumDecoderLayers *int         // default: 6
	DimFeedforward   *int         // features between the two linear layers; default: 2048
	Dropout          *float64     // the probability of zero after each step; default: 0.1
	Activation       any          // as TransformerEncoderLayerOptions has it; default: "relu"
	CustomEncoder    Encoder      // in place of a TransformerEncoder
	CustomDecoder    Decoder      // in place of a TransformerDecoder
	LayerNormEps     *float64     // of the normalisations; default: 1e-5
	BatchFirst       bool         // inputs and output are batch × length × features
	NormFirst        bool         // normalise before attention and linear layers, not after
	Bias             *bool        // add biases; default: true
	Device           torch.Device // default: torch.DefaultDevice()
	DType            torch.DType  // default: Float32
}

// NewTransformer returns the network. All its parameters of more than one dimension
// are drawn as [nninit.XavierUniform] does. It panics if DModel is not a multiple of
// NHead.
func NewTransformer(options ...TransformerOptions) *Transformer {
	o := option.First(options)
	t := &Transformer{Encoder: o.CustomEncoder, Decoder: o.CustomDecoder, DModel: option.Or(o.DModel, 512), NHead: option.Or(o.NHead, 8), BatchFirst: o.BatchFirst}
	layer := TransformerEncoderLayerOptions{DimFeedforward: o.DimFeedforward, Dropout: o.Dropout, Activation: o.Activation,
		LayerNormEps: o.LayerNormEps, BatchFirst: o.BatchFirst, NormFirst: o.NormFirst, Bias: o.Bias, Device: o.Device, DType: o.DType}
	parts := transformerParts{"Transformer", t.DModel, layer}
	if t.Encoder == nil {
		t.Encoder = NewTransformerEncoder(NewTransformerEncoderLayer(t.DModel, t.NHead, layer), option.Or(o.NumEncoderLayers, 6),
			TransformerEncoderOptions{Norm: parts.norm()})
	}
	if t.Decoder == nil {
		t.Decoder = NewTransformerDecoder(NewTransformerDecoderLayer(t.DModel, t.NHead, layer), option.Or(o.NumDecoderLayers, 6),
			TransformerDecoderOptions{Norm: parts.norm()})
	}
	for _, p := range Init(t).Parameters() {
		if p.Dim() > 1 {
			nninit.XavierUniform(p)
		}
	}
	return t
}

// TransformerForwardOptions are the options of [Transformer.Forward]. Masks are
// Bools, true for what not to look at, or numbers to add to scores.
type TransformerForwardOptions struct {
	SrcMask              *torch.Tensor // source × source, or batch·heads × source × source
	TgtMask              *torch.Tensor // target × target, or batch·heads × target × target
	MemoryMask           *torch.Tensor // target × source, or batch·heads × target × source
	SrcKeyPaddingMask    *torch.Tensor // batch × source
	TgtKeyPaddingMask    *torch.Tensor // batch × target
	MemoryKeyPaddingMask *torch.Tensor // batch × source
	SrcIsCausal          *bool         // whether SrcMask is causal; default: it is compared with a causal one
	TgtIsCausal          *bool         // whether TgtMask is causal; default: it is compared with a causal one
	MemoryIsCausal       bool          // a hint that MemoryMask, which is to be given, is causal
}

// Forward encodes src (source × batch × features) and decodes it along tgt (target ×
// batch × features). The output has the shape of tgt. With BatchFirst the batch
// comes first; without a batch all have one dimension less. It panics on shapes that
// do not fit.
func (t *Transformer) Forward(src, tgt *torch.Tensor, options ...TransformerForwardOptions) *torch.Tensor {
	o := option.First(options)
	return t.Run2(src, tgt, func(src, tgt *torch.Tensor) *torch.Tensor { return t.forward(src, tgt, &o) })
}

func (t *Transformer) forward(src, tgt *torch.Tensor, o *TransformerForwardOptions) *torch.Tensor {
	batchDim := 1
	if t.BatchFirst {
		batchDim = 0
	}
	if src.Dim() == 3 && src.Size(batchDim) != tgt.Size(batchDim) {
		panic(torch.Errorf("nn.Transformer", torch.RuntimeError, "the batch number of src and tgt must be equal"))
	}
	if src.Size(-1) != t.DModel || tgt.Size(-1) != t.DModel {
		panic(torch.Errorf("nn.Transformer", torch.RuntimeError,
			"the feature number of src and tgt must be equal to d_model"))
	}
	memory := CallAll(t.Encoder, func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{t.Encoder.Forward(in[0], TransformerEncoderForwardOptions{
			Mask: o.SrcMask, SrcKeyPaddingMask: o.SrcKeyPaddingMask, IsCausal: o.SrcIsCausal})}
	}, src)[0]
	return CallAll(t.Decoder, func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{t.Decoder.Forward(in[0], in[1], TransformerDecoderForwardOptions{
			TgtMask: o.TgtMask, MemoryMask: o.MemoryMask, TgtKeyPaddingMask: o.TgtKeyPaddingMask,
			MemoryKeyPaddingMask: o.MemoryKeyPaddingMask, TgtIsCausal: o.TgtIsCausal, MemoryIsCausal: o.MemoryIsCausal})}
	}, tgt, memory)[0]
}

// GenerateSquareSubsequentMask returns a causal mask, size × size: −∞ above the
// diagonal, so that no position looks at a later one, and 0 elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html#torch.nn.Transformer.generate_square_subsequent_mask
func GenerateSquareSubsequentMask(size int, options ...torch.TensorOptions) *torch.Tensor {
	return torch.Full([]int{size, size}, math.Inf(-1), options...).Triu(torch.TriuOptions{Diagonal: 1})
}
