package nn_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

var errorKinds = map[string]torch.ErrorKind{
	"RuntimeError": torch.RuntimeError, "IndexError": torch.IndexError, "ValueError": torch.ValueError,
	"TypeError": torch.TypeError, "NotImplementedError": torch.NotImplementedError,
}

func zeros(size ...int) *torch.Tensor { return torch.Zeros(size) }

var activationErrors = map[string]func(){
	"Hardtanh limits":      func() { nn.NewHardtanh(nn.HardtanhOptions{MinVal: new(2.0), MaxVal: new(1.0)}) },
	"GELU approximate":     func() { nn.NewGELU(nn.GELUOptions{Approximate: "sigmoid"}).Forward(zeros(3)) },
	"GLU odd":              func() { nn.NewGLU().Forward(zeros(3)) },
	"Softshrink negative":  func() { nn.NewSoftshrink(nn.SoftshrinkOptions{Lambd: new(-1.0)}).Forward(zeros(3)) },
	"CELU zero":            func() { nn.NewCELU(nn.CELUOptions{Alpha: new(0.0)}).Forward(zeros(3)) },
	"PReLU channels":       func() { nn.NewPReLU(nn.PReLUOptions{NumParameters: new(2)}).Forward(zeros(4, 3)) },
	"RReLU limits":         func() { nn.NewRReLU(nn.RReLUOptions{Lower: new(1.0), Upper: new(0.0)}).Forward(zeros(3)) },
	"Softmax dim":          func() { nn.NewSoftmax(1).Forward(zeros(3)) },
	"Softmax2d dimensions": func() { nn.NewSoftmax2d().Forward(zeros(2, 3)) },
}

var normalizationErrors = map[string]func(){
	"BatchNorm1d dimensions":    func() { nn.NewBatchNorm1d(3).Forward(zeros(2, 3, 4, 4)) },
	"BatchNorm2d dimensions":    func() { nn.NewBatchNorm2d(3).Forward(zeros(1, 3)) },
	"BatchNorm3d dimensions":    func() { nn.NewBatchNorm3d(3).Forward(zeros(2, 3, 4, 4)) },
	"BatchNorm1d of one value":  func() { nn.NewBatchNorm1d(3).Forward(zeros(1, 3)) },
	"BatchNorm2d channels":      func() { nn.NewBatchNorm2d(4).Forward(zeros(2, 3, 4, 4)) },
	"SyncBatchNorm dimensions":  func() { nn.NewSyncBatchNorm(3).Forward(zeros(3)) },
	"SyncBatchNorm channels":    func() { nn.NewSyncBatchNorm(3).Forward(zeros(2, 0, 4)) },
	"InstanceNorm1d dimensions": func() { nn.NewInstanceNorm1d(3).Forward(zeros(2, 3, 4, 4)) },
	"InstanceNorm2d dimensions": func() { nn.NewInstanceNorm2d(3).Forward(zeros(1, 3)) },
	"InstanceNorm3d dimensions": func() { nn.NewInstanceNorm3d(3).Forward(zeros(1, 3)) },
	"InstanceNorm2d channels": func() {
		nn.NewInstanceNorm2d(4, nn.InstanceNormOptions{Affine: true}).Forward(zeros(2, 3, 4, 4))
	},
	"InstanceNorm2d channels without batch": func() {
		nn.NewInstanceNorm2d(4, nn.InstanceNormOptions{Affine: true}).Forward(zeros(3, 4, 4))
	},
	"InstanceNorm1d of one value":  func() { nn.NewInstanceNorm1d(3).Forward(zeros(2, 3, 1)) },
	"LayerNorm shape":              func() { nn.NewLayerNorm(5).Forward(zeros(2, 3, 4, 4)) },
	"RMSNorm shape":                func() { nn.NewRMSNorm(5).Forward(zeros(2, 3, 4, 4)) },
	"GroupNorm groups":             func() { nn.NewGroupNorm(2, 3) },
	"GroupNorm of one value":       func() { nn.NewGroupNorm(3, 3).Forward(zeros(1, 3)) },
	"LocalResponseNorm dimensions": func() { nn.NewLocalResponseNorm(2).Forward(zeros(1, 3)) },
	"CrossMapLRN2d dimensions":     func() { nn.NewCrossMapLRN2d(2).Forward(zeros(1, 3)) },
	"Dropout above":                func() { nn.NewDropout(nn.DropoutOptions{P: new(2.0)}) },
	"AlphaDropout below":           func() { nn.NewAlphaDropout(nn.DropoutOptions{P: new(-0.5)}) },
	"Dropout1d dimensions":         func() { nn.NewDropout1d().Forward(zeros(2, 3, 4, 4)) },
}

var (
	rows = func() *torch.Tensor { return torch.FromSlice([]int{0, 1}, 1, 2) }
	line = func() *torch.Tensor { return torch.FromSlice([]int{0, 1}) }
)

func bagOf(mode functional.BagMode) *nn.EmbeddingBag {
	return nn.NewEmbeddingBag(3, 2, nn.EmbeddingBagOptions{Mode: mode})
}

var embeddingErrors = map[string]func(){
	"Embedding padding above": func() { nn.NewEmbedding(3, 2, nn.EmbeddingOptions{PaddingIdx: new(3)}) },
	"Embedding padding below": func() { nn.NewEmbedding(3, 2, nn.EmbeddingOptions{PaddingIdx: new(-4)}) },
	"Embedding index":         func() { nn.NewEmbedding(3, 2).Forward(torch.FromSlice([]int{3})) },
	"Embedding pretrained":    func() { nn.NewEmbeddingFromPretrained(zeros(3)) },
	"EmbeddingBag padding":    func() { nn.NewEmbeddingBag(3, 2, nn.EmbeddingBagOptions{PaddingIdx: new(3)}) },
	"EmbeddingBag pretrained": func() { nn.NewEmbeddingBagFromPretrained(zeros(3)) },
	"EmbeddingBag mode":       func() { bagOf("median").Forward(rows(), nil) },
	"EmbeddingBag sparse": func() {
		nn.NewEmbeddingBag(3, 2, nn.EmbeddingBagOptions{Mode: "max", Sparse: true}).Forward(rows(), nil)
	},
	"EmbeddingBag frequency": func() {
		nn.NewEmbeddingBag(3, 2, nn.EmbeddingBagOptions{Mode: "max", ScaleGradByFreq: true}).Forward(rows(), nil)
	},
	"EmbeddingBag offsets":           func() { bagOf("").Forward(line(), nil) },
	"EmbeddingBag too many offsets":  func() { bagOf("").Forward(rows(), line()) },
	"EmbeddingBag dimensions":        func() { bagOf("").Forward(rows().Unsqueeze(0), nil) },
	"EmbeddingBag weights of a mean": func() { bagOf("").Forward(rows(), nil, zeros(1, 2)) },
	"EmbeddingBag weights shape":     func() { bagOf("sum").Forward(rows(), nil, zeros(2)) },
	"Bilinear features":              func() { nn.NewBilinear(0, 2, 3) },
	"Bilinear sizes":                 func() { nn.NewBilinear(2, 2, 3).Forward(zeros(4, 3), zeros(4, 2)) },
}

// adaptive is called with classes 0 and 1 of 5, or others.
func adaptive(x *torch.Tensor, target *torch.Tensor) func() {
	return func() { nn.NewAdaptiveLogSoftmaxWithLoss(3, 5, []int{2}).Forward(x, target) }
}

func cutoffs(cutoffs ...int) func() {
	return func() { nn.NewAdaptiveLogSoftmaxWithLoss(3, 5, cutoffs) }
}

func linearCross(x, target *torch.Tensor, o nn.LinearCrossEntropyLossOptions) func() {
	return func() { nn.NewLinearCrossEntropyLoss(3, 4, o).Forward(x, target) }
}

func lossErrors() map[string]func() {
	x := torch.Full([]int{2, 3}, 0.5)
	y, target := zeros(3), line()
	type options = nn.LinearCrossEntropyLossOptions
	median := functional.LossOptions{Reduction: "median"}
	weighted := functional.WeightedLossOptions{Reduction: "median"}
	smoothing := functional.CrossEntropyOptions{LabelSmoothing: 1.5}
	return map[string]func(){
		"L1Loss reduction":       func() { nn.NewL1Loss(median).Forward(x, x) },
		"MSELoss reduction":      func() { nn.NewMSELoss(median).Forward(x, x) },
		"SmoothL1Loss reduction": func() { nn.NewSmoothL1Loss(functional.SmoothL1LossOptions{Reduction: "median"}).Forward(x, x) },
		"HuberLoss reduction":    func() { nn.NewHuberLoss(nn.HuberLossOptions{Reduction: "median"}).Forward(x, x) },
		"KLDivLoss reduction":    func() { nn.NewKLDivLoss(functional.KLDivOptions{Reduction: "median"}).Forward(x, x) },
		"PoissonNLLLoss reduction": func() {
			nn.NewPoissonNLLLoss(functional.PoissonNLLLossOptions{Reduction: "median"}).Forward(x, x)
		},
		"BCELoss reduction": func() { nn.NewBCELoss(weighted).Forward(x, x) },
		"BCEWithLogitsLoss reduction": func() {
			nn.NewBCEWithLogitsLoss(functional.BinaryCrossEntropyWithLogitsOptions{Reduction: "median"}).Forward(x, x)
		},
		"HingeEmbeddingLoss reduction": func() {
			nn.NewHingeEmbeddingLoss(functional.HingeEmbeddingLossOptions{Reduction: "median"}).Forward(x, x)
		},
		"SoftMarginLoss reduction": func() { nn.NewSoftMarginLoss(median).Forward(x, x) },
		"BCELoss sizes":            func() { nn.NewBCELoss().Forward(x, y) },
		"BCELoss range":            func() { nn.NewBCELoss().Forward(x.Mul(4), x) },
		"BCEWithLogitsLoss sizes":  func() { nn.NewBCEWithLogitsLoss().Forward(x, y) },
		"NLLLoss class":            func() { nn.NewNLLLoss().Forward(x, target.Add(2)) },
		"GaussianNLLLoss variance": func() { nn.NewGaussianNLLLoss().Forward(x, x, x.Neg()) },
		"GaussianNLLLoss size":     func() { nn.NewGaussianNLLLoss().Forward(x, x, zeros(4)) },
		"HuberLoss delta":          func() { nn.NewHuberLoss(nn.HuberLossOptions{Delta: new(-1.0)}).Forward(x, x) },
		"SmoothL1Loss beta": func() {
			nn.NewSmoothL1Loss(functional.SmoothL1LossOptions{Beta: new(-1.0)}).Forward(x, x)
		},
		"MultiMarginLoss power":        func() { nn.NewMultiMarginLoss(functional.MultiMarginLossOptions{P: new(3)}) },
		"MultiMarginLoss weight":       func() { nn.NewMultiMarginLoss(functional.MultiMarginLossOptions{Weight: x}) },
		"MarginRankingLoss dimensions": func() { nn.NewMarginRankingLoss().Forward(x, x, y) },
		"TripletMarginLoss margin": func() {
			nn.NewTripletMarginLoss(functional.TripletMarginLossOptions{Margin: new(-0.5)})
		},
		"TripletMarginWithDistanceLoss margin": func() {
			nn.NewTripletMarginWithDistanceLoss(functional.TripletMarginWithDistanceLossOptions{Margin: new(-0.5)})
		},
		"TripletMarginWithDistanceLoss dimensions": func() { nn.NewTripletMarginWithDistanceLoss().Forward(x, x, y) },

		"LinearCrossEntropyLoss weight": linearCross(x, target,
			options{CrossEntropyOptions: functional.CrossEntropyOptions{Weight: zeros(3)}}),
		"LinearCrossEntropyLoss smoothing":     linearCross(x, target, options{CrossEntropyOptions: smoothing}),
		"LinearCrossEntropyLoss dimensions":    linearCross(x.Unsqueeze(0), target, options{}),
		"LinearCrossEntropyLoss features":      linearCross(zeros(2, 5), target, options{}),
		"LinearCrossEntropyLoss without batch": linearCross(y, target, options{OutFeatures: []int{2}}),
		"LinearCrossEntropyLoss ignored probabilities": linearCross(x, zeros(2, 4),
			options{CrossEntropyOptions: functional.CrossEntropyOptions{IgnoreIndex: new(1)}}),

		"AdaptiveLogSoftmaxWithLoss no cutoffs":        cutoffs(),
		"AdaptiveLogSoftmaxWithLoss cutoffs":           cutoffs(2, 2),
		"AdaptiveLogSoftmaxWithLoss last cutoff":       cutoffs(5),
		"AdaptiveLogSoftmaxWithLoss targets":           adaptive(x, target.Add(4)),
		"AdaptiveLogSoftmaxWithLoss batch":             adaptive(x, target.Narrow(0, 0, 1)),
		"AdaptiveLogSoftmaxWithLoss input":             adaptive(zeros(2), target),
		"AdaptiveLogSoftmaxWithLoss no batch":          adaptive(x, target.Select(0, 0)),
		"AdaptiveLogSoftmaxWithLoss target dimensions": adaptive(x, target.Unsqueeze(0)),
	}
}

func TestModulesRefuseInPythonsWords(t *testing.T) {
	var cases []struct{ Name, Kind, Message string }
	header := torchtest.Golden(t, "testdata/errors.json", &cases)
	calls := map[string]func(){}
	for _, part := range []map[string]func(){activationErrors, normalizationErrors, embeddingErrors, lossErrors()} {
		maps.Copy(calls, part)
	}
	require.Len(t, calls, len(cases))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, calls, c.Name)
			e := torchtest.Fails(t, calls[c.Name])
			if header.Torch == torch.Version() {
				assert.Equal(t, c.Message, e.Message)
				assert.Equal(t, errorKinds[c.Kind], e.Kind)
			}
		})
	}
}
