package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

// calling is the maker of a module of one output that call calls.
func calling[M nn.AnyModule](make func() M, call func(m M, in []*torch.Tensor) *torch.Tensor) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		m := make()
		return m, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{call(m, in)} }
	}
}

// untracked is calling without gradients, as the fast path wants it.
func untracked[M nn.AnyModule](make func() M, call func(m M, in []*torch.Tensor) *torch.Tensor) maker {
	return calling(make, func(m M, in []*torch.Tensor) (y *torch.Tensor) {
		torch.NoGrad(func() { y = call(m, in) })
		return y
	})
}

type (
	layerOptions   = nn.TransformerEncoderLayerOptions
	layerForward   = nn.TransformerEncoderLayerForwardOptions
	encoderOptions = nn.TransformerEncoderOptions
	encoderForward = nn.TransformerEncoderForwardOptions
	decoderForward = nn.TransformerDecoderForwardOptions
)

func encoderLayer(heads int, o layerOptions) func() *nn.TransformerEncoderLayer {
	o.DimFeedforward = new(6)
	return func() *nn.TransformerEncoderLayer { return nn.NewTransformerEncoderLayer(4, heads, o) }
}

func decoderLayer(o nn.TransformerDecoderLayerOptions) func() *nn.TransformerDecoderLayer {
	o.DimFeedforward = new(6)
	return func() *nn.TransformerDecoderLayer { return nn.NewTransformerDecoderLayer(4, 2, o) }
}

func encoder(count int, o layerOptions, e encoderOptions) func() *nn.TransformerEncoder {
	return func() *nn.TransformerEncoder { return nn.NewTransformerEncoder(encoderLayer(2, o)(), count, e) }
}

func decoder(count int, o nn.TransformerDecoderLayerOptions, norm bool) func() *nn.TransformerDecoder {
	return func() *nn.TransformerDecoder {
		var d nn.TransformerDecoderOptions
		layer := decoderLayer(o)()
		if norm {
			d.Norm = nn.NewLayerNorm(4)
		}
		return nn.NewTransformerDecoder(layer, count, d)
	}
}

func transformer(o nn.TransformerOptions) func() *nn.Transformer {
	o.DModel, o.NHead, o.NumEncoderLayers, o.NumDecoderLayers, o.DimFeedforward = new(4), new(2), new(2), new(1), new(6)
	return func() *nn.Transformer { return nn.NewTransformer(o) }
}

// The masks that follow a module's input.
func noMask(l *nn.TransformerEncoderLayer, in []*torch.Tensor) *torch.Tensor { return l.Forward(in[0]) }

func srcMask(l *nn.TransformerEncoderLayer, in []*torch.Tensor) *torch.Tensor {
	return l.Forward(in[0], layerForward{SrcMask: in[1]})
}

func srcPadding(l *nn.TransformerEncoderLayer, in []*torch.Tensor) *torch.Tensor {
	return l.Forward(in[0], layerForward{SrcKeyPaddingMask: in[1]})
}

func unmasked(e *nn.TransformerEncoder, in []*torch.Tensor) *torch.Tensor { return e.Forward(in[0]) }

func padding(e *nn.TransformerEncoder, in []*torch.Tensor) *torch.Tensor {
	return e.Forward(in[0], encoderForward{SrcKeyPaddingMask: in[1]})
}

var transformerMakers = map[string]maker{
	"layer": calling(encoderLayer(2, layerOptions{}), noMask),
	"layer with options": calling(encoderLayer(2, layerOptions{Dropout: new(0.5), Activation: "gelu", LayerNormEps: new(0.01),
		BatchFirst: true, NormFirst: true, Bias: new(false)}), srcPadding),
	"layer with a function": calling(encoderLayer(2, layerOptions{Activation: (*torch.Tensor).Tanh, Dropout: new(0.0)}),
		func(l *nn.TransformerEncoderLayer, in []*torch.Tensor) *torch.Tensor {
			return l.Forward(in[0], layerForward{SrcMask: in[1], IsCausal: true})
		}),
	"layer with a module": calling(func() *nn.TransformerEncoderLayer {
		prelu := nn.NewPReLU(nn.PReLUOptions{DType: torch.Float64})
		return encoderLayer(2, layerOptions{Activation: prelu, DType: torch.Float64})()
	}, noMask),
	"layer unbatched": calling(encoderLayer(2, layerOptions{BatchFirst: true, Activation: "relu"}), srcMask),
	"layer fast":      untracked(encoderLayer(2, layerOptions{BatchFirst: true}), noMask),
	"layer fast before norms": untracked(func() *nn.TransformerEncoderLayer {
		return encoderLayer(2, layerOptions{BatchFirst: true, NormFirst: true, Activation: nn.NewGELU()})()
	}, srcMask),
	"layer fast with both masks": untracked(func() *nn.TransformerEncoderLayer {
		return encoderLayer(2, layerOptions{BatchFirst: true, Activation: nn.NewReLU()})()
	}, func(l *nn.TransformerEncoderLayer, in []*torch.Tensor) *torch.Tensor {
		return l.Forward(in[0], layerForward{SrcMask: in[1], SrcKeyPaddingMask: in[2]})
	}),
	"layer slow since of its function": untracked(encoderLayer(2, layerOptions{BatchFirst: true, Activation: (*torch.Tensor).Sigmoid}), srcPadding),
	"layer slow since heads are odd":   untracked(encoderLayer(1, layerOptions{BatchFirst: true}), noMask),

	"decoder layer": calling(decoderLayer(layerOptions{}), func(l *nn.TransformerDecoderLayer, in []*torch.Tensor) *torch.Tensor {
		return l.Forward(in[0], in[1])
	}),
	"decoder layer with options": calling(decoderLayer(layerOptions{Dropout: new(0.25), Activation: "gelu", NormFirst: true,
		BatchFirst: true, Bias: new(false)}), func(l *nn.TransformerDecoderLayer, in []*torch.Tensor) *torch.Tensor {
		return l.Forward(in[0], in[1], nn.TransformerDecoderLayerForwardOptions{
			TgtMask: in[2], MemoryMask: in[3], TgtKeyPaddingMask: in[4], MemoryKeyPaddingMask: in[5]})
	}),
	"decoder layer causal": calling(func() *nn.TransformerDecoderLayer { return decoderLayer(layerOptions{Activation: nn.NewSiLU()})() },
		func(l *nn.TransformerDecoderLayer, in []*torch.Tensor) *torch.Tensor {
			return l.Forward(in[0], in[1], nn.TransformerDecoderLayerForwardOptions{
				TgtMask: in[2], MemoryMask: in[3], TgtIsCausal: true, MemoryIsCausal: true})
		}),

	"encoder":           calling(encoder(2, layerOptions{}, encoderOptions{}), unmasked),
	"encoder with norm": calling(normedEncoder, padding),
	"encoder causal": calling(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{}),
		func(e *nn.TransformerEncoder, in []*torch.Tensor) *torch.Tensor {
			return e.Forward(in[0], encoderForward{Mask: in[1]})
		}),
	"encoder fast":                              untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{}), unmasked),
	"encoder nested":                            untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{}), padding),
	"encoder nested with norm":                  untracked(normedEncoder, padding),
	"encoder not nested since not aligned":      untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{}), padding),
	"encoder not nested since not wanted":       untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{EnableNestedTensor: new(false)}), padding),
	"encoder nested without a check":            untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{MaskCheck: new(false)}), padding),
	"encoder not nested since norms come first": untracked(encoder(2, layerOptions{BatchFirst: true, NormFirst: true}, encoderOptions{}), padding),
	"encoder not nested since masked": untracked(encoder(2, layerOptions{BatchFirst: true}, encoderOptions{}),
		func(e *nn.TransformerEncoder, in []*torch.Tensor) *torch.Tensor {
			return e.Forward(in[0], encoderForward{SrcKeyPaddingMask: in[1], Mask: in[2]})
		}),

	"decoder": calling(decoder(2, layerOptions{}, true), func(d *nn.TransformerDecoder, in []*torch.Tensor) *torch.Tensor {
		return d.Forward(in[0], in[1], decoderForward{TgtMask: in[2]})
	}),
	"decoder eval": calling(decoder(2, layerOptions{BatchFirst: true}, false),
		func(d *nn.TransformerDecoder, in []*torch.Tensor) *torch.Tensor {
			return d.Forward(in[0], in[1], decoderForward{TgtMask: in[2], MemoryMask: in[3], TgtIsCausal: new(false)})
		}),

	"transformer": calling(transformer(nn.TransformerOptions{}), func(m *nn.Transformer, in []*torch.Tensor) *torch.Tensor {
		return m.Forward(in[0], in[1])
	}),
	"transformer with options": calling(transformer(nn.TransformerOptions{Dropout: new(0.2), Activation: "gelu", LayerNormEps: new(0.01),
		BatchFirst: true, NormFirst: true, Bias: new(false)}), func(m *nn.Transformer, in []*torch.Tensor) *torch.Tensor {
		return m.Forward(in[0], in[1], nn.TransformerForwardOptions{TgtMask: in[2], SrcKeyPaddingMask: in[3],
			TgtKeyPaddingMask: in[4], MemoryKeyPaddingMask: in[5]})
	}),
	"transformer masked": calling(transformer(nn.TransformerOptions{}), func(m *nn.Transformer, in []*torch.Tensor) *torch.Tensor {
		return m.Forward(in[0], in[1], nn.TransformerForwardOptions{SrcMask: in[2], TgtMask: in[3], MemoryMask: in[4],
			SrcIsCausal: new(true), TgtIsCausal: new(true), MemoryIsCausal: true})
	}),
	"transformer of one's own": calling(func() *nn.Transformer {
		o := layerOptions{Dropout: new(0.0)}
		e := encoder(1, o, encoderOptions{EnableNestedTensor: new(false)})()
		return transformer(nn.TransformerOptions{CustomEncoder: e, CustomDecoder: decoder(1, o, false)()})()
	}, func(m *nn.Transformer, in []*torch.Tensor) *torch.Tensor { return m.Forward(in[0], in[1]) }),
	"transformer eval": untracked(transformer(nn.TransformerOptions{BatchFirst: true}), func(m *nn.Transformer, in []*torch.Tensor) *torch.Tensor {
		return m.Forward(in[0], in[1], nn.TransformerForwardOptions{SrcKeyPaddingMask: in[2]})
	}),
}

// normedEncoder makes its parts in the order of the script.
func normedEncoder() *nn.TransformerEncoder {
	return encoder(2, layerOptions{BatchFirst: true}, encoderOptions{Norm: nn.NewLayerNorm(4)})()
}

func TestTransformersAreThoseOfPython(t *testing.T) {
	zeros := func(size ...int) *torch.Tensor { return torch.Zeros(size) }
	ints := func(size ...int) *torch.Tensor { return torch.Zeros(size, torch.TensorOptions{DType: torch.Int32}) }
	net := transformer(nn.TransformerOptions{})()
	checkModulesAndErrors(t, "testdata/transformer.json.gz", transformerMakers, map[string]func(){
		"activation":      func() { encoderLayer(2, layerOptions{Activation: "tanh"})() },
		"divisible":       func() { encoderLayer(3, layerOptions{})() },
		"dropout":         func() { encoderLayer(2, layerOptions{Dropout: new(1.5)})() },
		"batch":           func() { net.Forward(zeros(3, 2, 4), zeros(3, 1, 4)) },
		"features":        func() { net.Forward(zeros(3, 2, 4), zeros(3, 2, 5)) },
		"mask dtype":      func() { encoderLayer(2, layerOptions{})().Forward(zeros(3, 2, 4), layerForward{SrcMask: ints(3, 3)}) },
		"mask of encoder": func() { net.Encoder.Forward(zeros(3, 2, 4), encoderForward{SrcKeyPaddingMask: ints(2, 3)}) },
		"mask shape": func() {
			decoderLayer(layerOptions{})().Forward(zeros(3, 2, 4), zeros(5, 2, 4), nn.TransformerDecoderLayerForwardOptions{MemoryMask: zeros(3, 3)})
		},
	})
}

func TestLayersBeginEqualAndGoTheirOwnWay(t *testing.T) {
	prelu := nn.NewPReLU()
	layer := encoderLayer(2, layerOptions{Activation: prelu})()
	layer.Eval()
	e := nn.NewTransformerEncoder(layer, 2)
	a, b := e.Layers.At(0), e.Layers.At(1)
	for i, p := range a.Parameters() {
		assert.True(t, p.Equal(b.Parameters()[i]))
		assert.NotSame(t, p, b.Parameters()[i])
		assert.NotSame(t, p, layer.Parameters()[i])
		assert.True(t, p.IsLeaf() && p.RequiresGrad())
	}
	assert.False(t, a.IsTraining())
	torch.NoGrad(func() { a.Activation.(*nn.PReLU).Weight.FillInplace(7) })
	assert.Equal(t, 0.25, b.Activation.(*nn.PReLU).Weight.Item())
	assert.Equal(t, 0.25, prelu.Weight.Item())
}

func TestAnActivationIsOneOfFourKinds(t *testing.T) {
	e := torchtest.Fails(t, func() { encoderLayer(2, layerOptions{Activation: 5})() })
	assert.Equal(t, torch.TypeError, e.Kind)
	assert.Equal(t, "activation should be a string, a Layer or a function, not int", e.Message)
}

func TestHooksWithinALayerAreCalledInEvaluation(t *testing.T) {
	layer := encoderLayer(2, layerOptions{BatchFirst: true})()
	layer.Eval()
	calls := 0
	hook := layer.Linear1.RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
		calls++
		return nil
	})
	torch.NoGrad(func() {
		layer.Forward(torch.Ones([]int{2, 3, 4}))
		hook.Remove()
		layer.Forward(torch.Ones([]int{2, 3, 4}))
	})
	assert.Equal(t, 1, calls)
}

func TestTheFastPathSeesParametrizedWeights(t *testing.T) {
	layer := encoderLayer(2, layerOptions{BatchFirst: true})()
	layer.Eval()
	x := torch.Rand([]int{2, 3, 4})
	torch.NoGrad(func() {
		plain := layer.Forward(x)
		parametrize.RegisterParametrization(layer.Linear1, "weight", newDouble())
		assert.False(t, layer.Forward(x).Equal(plain))
		layer.Linear1.GetParameter("parametrizations.weight.original").MulInplace(0.5)
		assert.True(t, layer.Forward(x).Equal(plain))
	})
}
