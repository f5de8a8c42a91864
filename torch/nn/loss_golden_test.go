package nn_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

const (
	mean = functional.ReductionMean
	sum  = functional.ReductionSum
	none = functional.ReductionNone
)

// triple is the maker of a module that makes one tensor from three.
func triple[M interface {
	nn.AnyModule
	Forward(a, b, c *torch.Tensor) *torch.Tensor
}](make func() M) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		m := make()
		return m, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{m.Forward(in[0], in[1], in[2])} }
	}
}

// lossOf and loss3Of are makers of losses with the given options.
func lossOf[O any, M interface {
	nn.AnyModule
	Forward(a, b *torch.Tensor) *torch.Tensor
}](make func(options ...O) M, options ...O) maker {
	return pair(func() M { return make(options...) })
}

func loss3Of[O any, M interface {
	nn.AnyModule
	Forward(a, b, c *torch.Tensor) *torch.Tensor
}](make func(options ...O) M, options ...O) maker {
	return triple(func() M { return make(options...) })
}

// errorLosses makes the losses of what is measured.
func errorLosses() map[string]maker {
	gaussian := func(variance torch.Operand, options ...functional.GaussianNLLLossOptions) maker {
		return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
			l := nn.NewGaussianNLLLoss(options...)
			return l, func(in []*torch.Tensor) []*torch.Tensor {
				if len(in) == 3 {
					variance = in[2]
				}
				return []*torch.Tensor{l.Forward(in[0], in[1], variance)}
			}
		}
	}
	makers := map[string]maker{
		"SmoothL1Loss beta":    lossOf(nn.NewSmoothL1Loss, functional.SmoothL1LossOptions{Beta: new(0.5)}),
		"HuberLoss delta":      lossOf(nn.NewHuberLoss, nn.HuberLossOptions{Delta: new(0.25)}),
		"KLDivLoss batchmean":  lossOf(nn.NewKLDivLoss, functional.KLDivOptions{Reduction: "batchmean"}),
		"KLDivLoss log target": lossOf(nn.NewKLDivLoss, functional.KLDivOptions{LogTarget: true}),
		"PoissonNLLLoss":       lossOf(nn.NewPoissonNLLLoss),
		"PoissonNLLLoss options": lossOf(nn.NewPoissonNLLLoss,
			functional.PoissonNLLLossOptions{LogInput: new(false), Full: true, Eps: new(0.01), Reduction: sum}),
		"GaussianNLLLoss":         gaussian(nil),
		"GaussianNLLLoss options": gaussian(nil, functional.GaussianNLLLossOptions{Full: true, Eps: new(0.3), Reduction: none}),
		"GaussianNLLLoss number":  gaussian(0.5, functional.GaussianNLLLossOptions{Reduction: sum}),
	}
	for _, r := range []functional.Reduction{mean, sum, none} {
		makers["L1Loss "+string(r)] = lossOf(nn.NewL1Loss, functional.LossOptions{Reduction: r})
		makers["MSELoss "+string(r)] = lossOf(nn.NewMSELoss, functional.LossOptions{Reduction: r})
		makers["SmoothL1Loss "+string(r)] = lossOf(nn.NewSmoothL1Loss, functional.SmoothL1LossOptions{Reduction: r})
		makers["HuberLoss "+string(r)] = lossOf(nn.NewHuberLoss, nn.HuberLossOptions{Reduction: r})
		makers["KLDivLoss "+string(r)] = lossOf(nn.NewKLDivLoss, functional.KLDivOptions{Reduction: r})
	}
	return makers
}

func classWeight() *torch.Tensor { return torch.FromSlice([]float32{0.5, 1, 2, 0.25}) }

// classLosses makes the losses of what is classified.
func classLosses() map[string]maker {
	linear := func(classes int, o nn.LinearCrossEntropyLossOptions) maker {
		return pair(func() *nn.LinearCrossEntropyLoss { return nn.NewLinearCrossEntropyLoss(4, classes, o) })
	}
	cross := func() functional.CrossEntropyOptions {
		return functional.CrossEntropyOptions{Weight: classWeight(), IgnoreIndex: new(0), Reduction: sum, LabelSmoothing: 0.1}
	}
	return map[string]maker{
		"CrossEntropyLoss":         lossOf(nn.NewCrossEntropyLoss),
		"CrossEntropyLoss options": lossOf(nn.NewCrossEntropyLoss, cross()),
		"NLLLoss":                  lossOf(nn.NewNLLLoss),
		"NLLLoss options": lossOf(nn.NewNLLLoss,
			functional.NLLLossOptions{Weight: classWeight(), IgnoreIndex: new(1), Reduction: sum}),
		"NLLLoss of an image": lossOf(nn.NewNLLLoss, functional.NLLLossOptions{Reduction: none}),
		"NLLLoss2d":           lossOf(nn.NewNLLLoss2d),
		"BCELoss":             lossOf(nn.NewBCELoss),
		"BCELoss options":     lossOf(nn.NewBCELoss, functional.WeightedLossOptions{Weight: classWeight(), Reduction: sum}),
		"BCEWithLogitsLoss":   lossOf(nn.NewBCEWithLogitsLoss),
		"BCEWithLogitsLoss options": lossOf(nn.NewBCEWithLogitsLoss, functional.BinaryCrossEntropyWithLogitsOptions{
			Weight: classWeight(), PosWeight: classWeight().Mul(2), Reduction: none}),
		"MultiLabelSoftMarginLoss": lossOf(nn.NewMultiLabelSoftMarginLoss),
		"MultiLabelSoftMarginLoss options": lossOf(nn.NewMultiLabelSoftMarginLoss,
			functional.WeightedLossOptions{Weight: classWeight(), Reduction: sum}),
		"LinearCrossEntropyLoss":         linear(5, nn.LinearCrossEntropyLossOptions{}),
		"LinearCrossEntropyLoss options": linear(4, nn.LinearCrossEntropyLossOptions{Bias: true, CrossEntropyOptions: cross()}),
		"LinearCrossEntropyLoss features": linear(3, nn.LinearCrossEntropyLossOptions{
			OutFeatures: []int{2}, Bias: true, DType: torch.Float64}),
		"LinearCrossEntropyLoss chunks": linear(5, nn.LinearCrossEntropyLossOptions{
			Chunking: &functional.LinearCrossEntropyChunking{BatchChunkSize: 2, AccPolicy: "accurate", AccDType: torch.Float32}}),
		"LinearCrossEntropyLoss probabilities": linear(4, nn.LinearCrossEntropyLossOptions{
			CrossEntropyOptions: functional.CrossEntropyOptions{Reduction: none}}),
	}
}

// marginLosses makes the losses with a margin.
func marginLosses() map[string]maker {
	soft := func(options ...functional.LossOptions) maker {
		return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
			l := nn.NewSoftMarginLoss(options...)
			return l, func(in []*torch.Tensor) []*torch.Tensor {
				return []*torch.Tensor{l.Forward(in[0], in[1].Detach())} // its target cannot have a gradient
			}
		}
	}
	farthest := func(a, b *torch.Tensor) *torch.Tensor { return a.Sub(b).Abs().Amax([]int{1}) }
	return map[string]maker{
		"HingeEmbeddingLoss": lossOf(nn.NewHingeEmbeddingLoss),
		"HingeEmbeddingLoss options": lossOf(nn.NewHingeEmbeddingLoss,
			functional.HingeEmbeddingLossOptions{Margin: new(0.25), Reduction: sum}),
		"SoftMarginLoss":            soft(),
		"SoftMarginLoss none":       soft(functional.LossOptions{Reduction: none}),
		"MultiLabelMarginLoss":      lossOf(nn.NewMultiLabelMarginLoss),
		"MultiLabelMarginLoss none": lossOf(nn.NewMultiLabelMarginLoss, functional.LossOptions{Reduction: none}),
		"MultiMarginLoss":           lossOf(nn.NewMultiMarginLoss),
		"MultiMarginLoss options": lossOf(nn.NewMultiMarginLoss,
			functional.MultiMarginLossOptions{P: new(2), Margin: new(0.5), Weight: classWeight(), Reduction: sum}),
		"CosineEmbeddingLoss":         loss3Of(nn.NewCosineEmbeddingLoss),
		"CosineEmbeddingLoss options": loss3Of(nn.NewCosineEmbeddingLoss, functional.MarginLossOptions{Margin: 0.5, Reduction: none}),
		"MarginRankingLoss":           loss3Of(nn.NewMarginRankingLoss),
		"MarginRankingLoss options":   loss3Of(nn.NewMarginRankingLoss, functional.MarginLossOptions{Margin: 0.5, Reduction: sum}),
		"TripletMarginLoss":           loss3Of(nn.NewTripletMarginLoss),
		"TripletMarginLoss options": loss3Of(nn.NewTripletMarginLoss, functional.TripletMarginLossOptions{
			Margin: new(2.0), P: new(1.0), Eps: new(0.01), Swap: true, Reduction: none}),
		"TripletMarginWithDistanceLoss": loss3Of(nn.NewTripletMarginWithDistanceLoss),
		"TripletMarginWithDistanceLoss options": loss3Of(nn.NewTripletMarginWithDistanceLoss,
			functional.TripletMarginWithDistanceLossOptions{Distance: farthest, Margin: new(0.5), Swap: true, Reduction: sum}),
	}
}

// sequenceLosses makes CTCLoss and AdaptiveLogSoftmaxWithLoss.
func sequenceLosses() map[string]maker {
	ctc := func(options ...functional.CTCLossOptions) maker {
		return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
			l := nn.NewCTCLoss(options...)
			return l, func(in []*torch.Tensor) []*torch.Tensor {
				return []*torch.Tensor{l.Forward(in[0], in[1], in[2], in[3])}
			}
		}
	}
	adaptive := func(options ...nn.AdaptiveLogSoftmaxOptions) maker {
		return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
			a := nn.NewAdaptiveLogSoftmaxWithLoss(8, 10, []int{2, 5}, options...)
			return a, func(in []*torch.Tensor) []*torch.Tensor {
				if len(in) == 1 {
					return []*torch.Tensor{a.LogProb(in[0]), a.Predict(in[0])}
				}
				output, loss := a.Forward(in[0], in[1])
				return []*torch.Tensor{output, loss}
			}
		}
	}
	options := nn.AdaptiveLogSoftmaxOptions{DivValue: new(2.0), HeadBias: true}
	return map[string]maker{
		"CTCLoss":                                  ctc(),
		"CTCLoss options":                          ctc(functional.CTCLossOptions{Blank: 2, Reduction: none, ZeroInfinity: true}),
		"CTCLoss sum":                              ctc(functional.CTCLossOptions{Reduction: sum}),
		"AdaptiveLogSoftmaxWithLoss":               adaptive(),
		"AdaptiveLogSoftmaxWithLoss options":       adaptive(options),
		"AdaptiveLogSoftmaxWithLoss without batch": adaptive(options),
		"AdaptiveLogSoftmaxWithLoss frequent":      adaptive(options),
		"AdaptiveLogSoftmaxWithLoss probabilities": adaptive(options),
	}
}

func TestLossesAreThoseOfPython(t *testing.T) {
	makers := errorLosses()
	maps.Copy(makers, classLosses())
	maps.Copy(makers, marginLosses())
	maps.Copy(makers, sequenceLosses())
	checkModules(t, "testdata/losses.json.gz", makers)
}

func TestAdaptiveLogSoftmaxIsResetAsMade(t *testing.T) {
	torch.ManualSeed(3)
	a := nn.NewAdaptiveLogSoftmaxWithLoss(8, 10, []int{2, 5})
	before := a.Tail.At(1).At(1).(*nn.Linear).Weight.Clone()
	torch.ManualSeed(3)
	a.ResetParameters()
	assert.Equal(t, torch.ToSlice[float32](before), torch.ToSlice[float32](a.Tail.At(1).At(1).(*nn.Linear).Weight))
}
