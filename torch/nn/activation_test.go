package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// overwriting is the maker of a layer that overwrites its input: of a copy here.
func overwriting[L nn.Layer](make func() L) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			x := in[0].Clone()
			return []*torch.Tensor{l.Forward(x), x}
		}
	}
}

// optional is the maker of a layer without options.
func optional[L nn.Layer, O any](make func(options ...O) L) maker {
	return layer(func() L { return make() })
}

func TestActivationsAreThoseOfPython(t *testing.T) {
	checkModules(t, "testdata/activations.json.gz", map[string]maker{
		"ReLU":        optional(nn.NewReLU),
		"ReLU6":       optional(nn.NewReLU6),
		"SELU":        optional(nn.NewSELU),
		"SiLU":        optional(nn.NewSiLU),
		"Mish":        optional(nn.NewMish),
		"Hardsigmoid": optional(nn.NewHardsigmoid),
		"Hardswish":   optional(nn.NewHardswish),
		"Hardtanh":    optional(nn.NewHardtanh),
		"LeakyReLU":   optional(nn.NewLeakyReLU),
		"PReLU":       optional(nn.NewPReLU),
		"RReLU":       optional(nn.NewRReLU),
		"ELU":         optional(nn.NewELU),
		"CELU":        optional(nn.NewCELU),
		"GELU":        optional(nn.NewGELU),
		"GLU":         optional(nn.NewGLU),
		"Softplus":    optional(nn.NewSoftplus),
		"Sigmoid":     layer(nn.NewSigmoid),
		"LogSigmoid":  layer(nn.NewLogSigmoid),
		"Tanh":        layer(nn.NewTanh),
		"Softsign":    layer(nn.NewSoftsign),
		"Tanhshrink":  layer(nn.NewTanhshrink),
		"Hardshrink":  optional(nn.NewHardshrink),
		"Softshrink":  optional(nn.NewSoftshrink),
		"Softmax":     optional(nn.NewSoftmax),
		"Softmin":     optional(nn.NewSoftmin),
		"LogSoftmax":  optional(nn.NewLogSoftmax),
		"Softmax2d":   layer(nn.NewSoftmax2d),
		"Threshold":   layer(func() *nn.Threshold { return nn.NewThreshold(0, 20) }),

		"ReLU in place":        overwriting(func() *nn.ReLU { return nn.NewReLU(nn.ReLUOptions{Inplace: true}) }),
		"ReLU6 in place":       overwriting(func() *nn.ReLU6 { return nn.NewReLU6(nn.ReLU6Options{Inplace: true}) }),
		"SELU in place":        overwriting(func() *nn.SELU { return nn.NewSELU(nn.SELUOptions{Inplace: true}) }),
		"SiLU in place":        overwriting(func() *nn.SiLU { return nn.NewSiLU(nn.SiLUOptions{Inplace: true}) }),
		"Mish in place":        overwriting(func() *nn.Mish { return nn.NewMish(nn.MishOptions{Inplace: true}) }),
		"Hardsigmoid in place": overwriting(func() *nn.Hardsigmoid { return nn.NewHardsigmoid(nn.HardsigmoidOptions{Inplace: true}) }),
		"Hardswish in place":   overwriting(func() *nn.Hardswish { return nn.NewHardswish(nn.HardswishOptions{Inplace: true}) }),
		"Hardtanh in place": overwriting(func() *nn.Hardtanh {
			return nn.NewHardtanh(nn.HardtanhOptions{MinVal: new(-0.5), MaxVal: new(1.5), Inplace: true})
		}),
		"LeakyReLU in place": overwriting(func() *nn.LeakyReLU {
			return nn.NewLeakyReLU(nn.LeakyReLUOptions{NegativeSlope: new(0.2), Inplace: true})
		}),
		"RReLU in place": overwriting(func() *nn.RReLU {
			return nn.NewRReLU(nn.RReLUOptions{Lower: new(0.25), Upper: new(0.75), Inplace: true})
		}),
		"ELU in place":  overwriting(func() *nn.ELU { return nn.NewELU(nn.ELUOptions{Alpha: new(0.5), Inplace: true}) }),
		"CELU in place": overwriting(func() *nn.CELU { return nn.NewCELU(nn.CELUOptions{Alpha: new(2.0), Inplace: true}) }),
		"Threshold in place": overwriting(func() *nn.Threshold {
			return nn.NewThreshold(0.1, -1.5, nn.ThresholdOptions{Inplace: true})
		}),

		"Hardtanh options": layer(func() *nn.Hardtanh {
			return nn.NewHardtanh(nn.HardtanhOptions{MinVal: new(-2.5), MaxVal: new(0.125)})
		}),
		"LeakyReLU options": layer(func() *nn.LeakyReLU { return nn.NewLeakyReLU(nn.LeakyReLUOptions{NegativeSlope: new(1e-5)}) }),
		"PReLU options": layer(func() *nn.PReLU {
			return nn.NewPReLU(nn.PReLUOptions{NumParameters: new(3), Init: new(0.1), DType: torch.Float64})
		}),
		"RReLU eval":         optional(nn.NewRReLU),
		"RReLU options":      layer(func() *nn.RReLU { return nn.NewRReLU(nn.RReLUOptions{Lower: new(0.1), Upper: new(0.2)}) }),
		"ELU options":        layer(func() *nn.ELU { return nn.NewELU(nn.ELUOptions{Alpha: new(2.0)}) }),
		"CELU options":       layer(func() *nn.CELU { return nn.NewCELU(nn.CELUOptions{Alpha: new(0.5)}) }),
		"GELU tanh":          layer(func() *nn.GELU { return nn.NewGELU(nn.GELUOptions{Approximate: "tanh"}) }),
		"GLU options":        layer(func() *nn.GLU { return nn.NewGLU(nn.GLUOptions{Dim: new(0)}) }),
		"Softplus options":   layer(func() *nn.Softplus { return nn.NewSoftplus(nn.SoftplusOptions{Beta: new(2.0), Threshold: new(1.0)}) }),
		"Hardshrink options": layer(func() *nn.Hardshrink { return nn.NewHardshrink(nn.HardshrinkOptions{Lambd: new(1.0)}) }),
		"Softshrink options": layer(func() *nn.Softshrink { return nn.NewSoftshrink(nn.SoftshrinkOptions{Lambd: new(0.25)}) }),
		"Softmax dim":        layer(func() *nn.Softmax { return nn.NewSoftmax(-1) }),
		"Softmin dim":        layer(func() *nn.Softmin { return nn.NewSoftmin(2) }),
		"LogSoftmax dim":     layer(func() *nn.LogSoftmax { return nn.NewLogSoftmax(0) }),

		"Softmax of three dimensions": optional(nn.NewSoftmax),
		"Softmin of four dimensions":  optional(nn.NewSoftmin),
		"LogSoftmax of one dimension": optional(nn.NewLogSoftmax),
		"Softmax2d without batch":     layer(nn.NewSoftmax2d),
	})
}

func TestActivationsPrintNumbersAsPython(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0.0", 1e6: "1000000.0", 1e16: "1e+16", -0.5: "-0.5", 1e-4: "0.0001", 1.5e-5: "1.5e-05", 1.0 / 3: "0.3333333333333333",
	} {
		assert.Equal(t, want, nn.NewHardshrink(nn.HardshrinkOptions{Lambd: &value}).ExtraRepr())
	}
}
