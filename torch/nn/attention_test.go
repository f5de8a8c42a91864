package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// attend calls a module with one tensor as query, key and value, or two or three,
// and then masks, whose names are given.
type attend struct {
	masks   []string
	options nn.MultiheadAttentionForwardOptions
	noGrad  bool
}

func (a attend) on(make func() *nn.MultiheadAttention) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		m := make()
		return m, func(in []*torch.Tensor) []*torch.Tensor {
			count := len(in) - len(a.masks)
			for i, name := range a.masks {
				if mask := in[count+i]; name == "attn_mask" {
					a.options.AttnMask = mask
				} else {
					a.options.KeyPaddingMask = mask
				}
			}
			var output, weights *torch.Tensor
			torch.SetGradEnabled(!a.noGrad, func() {
				output, weights = m.Forward(in[0], in[min(1, count-1)], in[count-1], a.options)
			})
			if weights == nil {
				return []*torch.Tensor{output}
			}
			return []*torch.Tensor{output, weights}
		}
	}
}

func TestMultiheadAttentionIsThatOfPython(t *testing.T) {
	type options = nn.MultiheadAttentionOptions
	type forward = nn.MultiheadAttentionForwardOptions
	mha := func(o ...options) func() *nn.MultiheadAttention {
		return func() *nn.MultiheadAttention { return nn.NewMultiheadAttention(4, 2, o...) }
	}
	first := mha(options{BatchFirst: true})
	masked, padded := []string{"attn_mask"}, []string{"key_padding_mask"}
	off := new(false)
	self := func(size ...int) func(o ...forward) {
		return func(o ...forward) {
			x := torch.Zeros(size)
			mha()().Forward(x, x, x, o...)
		}
	}
	x := self(3, 2, 4)
	checkModulesAndErrors(t, "testdata/attention.json.gz", map[string]maker{
		"mha":                   attend{}.on(mha()),
		"mha of key as value":   attend{}.on(mha(options{Dropout: 0.5})),
		"mha eval":              attend{}.on(mha(options{Dropout: 0.5, Bias: off})),
		"mha of other features": attend{}.on(mha(options{KDim: new(3), VDim: new(5)})),
		"mha of other keys without bias": attend{options: forward{NeedWeights: off}}.
			on(mha(options{Bias: off, KDim: new(3), BatchFirst: true})),
		"mha with more keys": attend{masks: masked, options: forward{AverageAttnWeights: off}}.
			on(mha(options{Dropout: 0.25, AddBiasKV: true, AddZeroAttn: true})),
		"mha batch first":                  attend{masks: padded}.on(mha(options{BatchFirst: true, DType: torch.Float64})),
		"mha batch first of key as value":  attend{masks: padded}.on(first),
		"mha causal":                       attend{masks: masked, options: forward{NeedWeights: off, IsCausal: true}}.on(mha()),
		"mha unbatched":                    attend{}.on(first),
		"mha fast":                         attend{noGrad: true}.on(first),
		"mha fast padded":                  attend{masks: padded, options: forward{NeedWeights: off}, noGrad: true}.on(first),
		"mha fast masked":                  attend{masks: masked, options: forward{AverageAttnWeights: off}, noGrad: true}.on(first),
		"mha fast with both masks":         attend{masks: append(masked, padded...), noGrad: true}.on(first),
		"mha slow since of two tensors":    attend{noGrad: true}.on(first),
		"mha slow since without bias":      attend{noGrad: true}.on(mha(options{Bias: off, BatchFirst: true})),
		"mha slow since masked by numbers": attend{masks: masked, noGrad: true}.on(first),
		"mha slow since heads are odd": attend{noGrad: true}.on(func() *nn.MultiheadAttention {
			return nn.NewMultiheadAttention(3, 3, options{BatchFirst: true})
		}),
	}, map[string]func(){
		"heads":      func() { nn.NewMultiheadAttention(4, 0) },
		"divisible":  func() { nn.NewMultiheadAttention(4, 3) },
		"embed":      func() { self(3, 2, 6)() },
		"dimensions": func() { self(4)() },
		"key dimensions": func() {
			mha()().Forward(torch.Zeros([]int{3, 2, 4}), torch.Zeros([]int{3, 4}), torch.Zeros([]int{3, 4}))
		},
		"padding":    func() { x(forward{KeyPaddingMask: torch.Zeros([]int{3, 2})}) },
		"mask":       func() { x(forward{AttnMask: torch.Zeros([]int{3, 4})}) },
		"mask dtype": func() { x(forward{AttnMask: torch.Zeros([]int{3, 3}, torch.TensorOptions{DType: torch.Int32})}) },
		"causal":     func() { x(forward{IsCausal: true}) },
	})
}

func TestWeightsThatAreNotNeededAreNil(t *testing.T) {
	m := nn.NewMultiheadAttention(4, 2, nn.MultiheadAttentionOptions{BatchFirst: true})
	m.Eval()
	x := torch.Randn([]int{2, 3, 4})
	o := nn.MultiheadAttentionForwardOptions{NeedWeights: new(false)}
	slow, weights := m.Forward(x, x, x, o)
	assert.Nil(t, weights)
	torch.NoGrad(func() {
		fast, weights := m.Forward(x, x, x, o)
		assert.Nil(t, weights)
		assert.True(t, fast.AllClose(slow, torch.AllCloseOptions{Atol: new(1e-6)}))
	})
}
