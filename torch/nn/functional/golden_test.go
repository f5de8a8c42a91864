package functional_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

type (
	tensor  = *torch.Tensor
	tensors = []*torch.Tensor
	inputs  = map[string]tensor
)

const (
	sum  = F.ReductionSum
	none = F.ReductionNone
)

func both(a, b tensor) tensors { return tensors{a, b} }

// byHand are the functions of scripts/golden/functional.py.
var byHand = map[string]func(t inputs) tensors{
	"l1": func(t inputs) tensors {
		return tensors{F.L1Loss(t["x"], t["y"]), F.L1Loss(t["x"], t["y"], F.WeightedLossOptions{Reduction: sum}), F.L1Loss(t["x"], t["y"], F.WeightedLossOptions{Weight: t["cw"]})}
	},
	"mse": func(t inputs) tensors {
		return tensors{F.MSELoss(t["x"], t["y"]), F.MSELoss(t["x"], t["y"], F.WeightedLossOptions{Reduction: none}),
			F.MSELoss(t["x"], t["y"], F.WeightedLossOptions{Weight: t["cw"]}), F.MSELoss(t["x"], t["y"], F.WeightedLossOptions{Weight: t["cw"], Reduction: sum})}
	},
	"smooth_l1": func(t inputs) tensors {
		return tensors{F.SmoothL1Loss(t["x"], t["y"]), F.SmoothL1Loss(t["x"], t["y"], F.SmoothL1LossOptions{Beta: new(0.5), Reduction: sum}),
			F.SmoothL1Loss(t["x"], t["y"], F.SmoothL1LossOptions{Beta: new(0.0)})}
	},
	"huber": func(t inputs) tensors {
		return tensors{F.HuberLoss(t["x"], t["y"]), F.HuberLoss(t["x"], t["y"], F.HuberLossOptions{Delta: new(0.5), Reduction: none}),
			F.HuberLoss(t["x"], t["y"], F.HuberLossOptions{Weight: t["cw"]})}
	},
	"bce": func(t inputs) tensors {
		return tensors{F.BinaryCrossEntropy(t["p"], t["t"]), F.BinaryCrossEntropy(t["p"], t["t"], F.WeightedLossOptions{Weight: t["pw"], Reduction: sum})}
	},
	"bce_logits": func(t inputs) tensors {
		return tensors{F.BinaryCrossEntropyWithLogits(t["x"], t["t"]),
			F.BinaryCrossEntropyWithLogits(t["x"], t["t"], F.BinaryCrossEntropyWithLogitsOptions{Weight: t["cw"], PosWeight: t["pw"], Reduction: none})}
	},
	"kl_div": func(t inputs) tensors {
		return tensors{F.KLDiv(t["x"], t["t"]), F.KLDiv(t["x"], t["t"], F.KLDivOptions{Reduction: "batchmean"}),
			F.KLDiv(t["x"], t["y"], F.KLDivOptions{Reduction: sum, LogTarget: true})}
	},
	"nll": func(t inputs) tensors {
		x := F.LogSoftmax(t["x"], 1)
		return tensors{F.NLLLoss(x, t["class"]), F.NLLLoss(F.LogSoftmax(t["x"], 1), t["class"], F.NLLLossOptions{Weight: t["pw"], IgnoreIndex: new(3), Reduction: sum})}
	},
	"poisson_nll": func(t inputs) tensors {
		return tensors{F.PoissonNLLLoss(t["x"], t["t"]), F.PoissonNLLLoss(t["p"], t["t"].Mul(3), F.PoissonNLLLossOptions{LogInput: new(false), Full: true, Eps: new(1e-6), Reduction: sum})}
	},
	"gaussian_nll": func(t inputs) tensors {
		return tensors{F.GaussianNLLLoss(t["x"], t["y"], t["var"]), F.GaussianNLLLoss(t["x"], t["y"], t["var1"], F.GaussianNLLLossOptions{Full: true, Reduction: sum}),
			F.GaussianNLLLoss(t["x"], t["y"], t["var1"].Select(1, 0), F.GaussianNLLLossOptions{Eps: new(0.3), Reduction: none}), F.GaussianNLLLoss(t["x"], t["y"], 0.5)}
	},
	"margin_ranking": func(t inputs) tensors {
		return tensors{F.MarginRankingLoss(t["x"], t["y"], t["signs"]), F.MarginRankingLoss(t["x"], t["y"], t["signs"], F.MarginLossOptions{Margin: 0.3, Reduction: none})}
	},
	"cosine_embedding": func(t inputs) tensors {
		return tensors{F.CosineEmbeddingLoss(t["x"], t["y"], t["sign"]), F.CosineEmbeddingLoss(t["x"], t["y"], t["sign"], F.MarginLossOptions{Margin: 0.2, Reduction: none})}
	},
	"hinge_embedding": func(t inputs) tensors {
		return tensors{F.HingeEmbeddingLoss(t["x"], t["signs"]), F.HingeEmbeddingLoss(t["x"], t["signs"], F.HingeEmbeddingLossOptions{Margin: new(0.5), Reduction: sum})}
	},
	"soft_margin": func(t inputs) tensors {
		return tensors{F.SoftMarginLoss(t["x"], t["signs"]), F.SoftMarginLoss(t["x"], t["signs"], F.LossOptions{Reduction: none})}
	},
	"multilabel_margin": func(t inputs) tensors {
		return tensors{F.MultilabelMarginLoss(t["x"], t["labels"]), F.MultilabelMarginLoss(t["x"], t["labels"], F.LossOptions{Reduction: none})}
	},
	"multilabel_soft_margin": func(t inputs) tensors {
		target := t["t"].Round()
		return tensors{F.MultilabelSoftMarginLoss(t["x"], target), F.MultilabelSoftMarginLoss(t["x"], target, F.WeightedLossOptions{Weight: t["pw"], Reduction: none})}
	},
	"multi_margin": func(t inputs) tensors {
		return tensors{F.MultiMarginLoss(t["x"], t["class"]), F.MultiMarginLoss(t["x"], t["class"], F.MultiMarginLossOptions{P: new(2), Margin: new(0.5), Weight: t["pw"], Reduction: none})}
	},
	"triplet": func(t inputs) tensors {
		return tensors{F.TripletMarginLoss(t["x"], t["y"], t["z"]),
			F.TripletMarginLoss(t["x"], t["y"], t["z"], F.TripletMarginLossOptions{Margin: new(2.0), P: new(1.0), Eps: new(1e-4), Swap: true, Reduction: none})}
	},
	"triplet_distance": func(t inputs) tensors {
		greatest := func(a, b tensor) tensor { return a.Sub(b).Abs().Amax([]int{1}) }
		return tensors{F.TripletMarginWithDistanceLoss(t["x"], t["y"], t["z"]),
			F.TripletMarginWithDistanceLoss(t["x"], t["y"], t["z"], F.TripletMarginWithDistanceLossOptions{Distance: greatest, Margin: new(0.5), Swap: true, Reduction: none})}
	},
	"ctc": func(t inputs) tensors {
		return tensors{F.CTCLoss(t["logp"], t["targets"], t["ilen"], t["tlen"]), F.CTCLoss(t["logp"], t["targets"], t["ilen"], t["tlen"], F.CTCLossOptions{Reduction: none, ZeroInfinity: true})}
	},
	"linear_cross_entropy": func(t inputs) tensors {
		x := t["x"].Narrow(1, 0, 3)
		return tensors{F.LinearCrossEntropy(x, t["w"], t["class"], F.LinearCrossEntropyOptions{LinearBias: t["lb"]}),
			F.LinearCrossEntropy(t["x"].Narrow(1, 0, 3), t["w"], t["class"], F.LinearCrossEntropyOptions{CrossEntropyOptions: F.CrossEntropyOptions{Reduction: sum, LabelSmoothing: 0.1}})}
	},
	"elu": func(t inputs) tensors {
		return tensors{F.ELU(t["x"]), F.ELU(t["x"], F.ELUOptions{Alpha: new(0.5)}), F.ELUInplace(t["x"].Clone(), F.ELUOptions{Alpha: new(2.0)})}
	},
	"inplace": func(t inputs) tensors {
		return tensors{F.ReLUInplace(t["x"].Clone()), F.SELUInplace(t["x"].Clone()), F.CELUInplace(t["x"].Clone(), F.CELUOptions{Alpha: new(2.0)}),
			F.RReLUInplace(t["x"].Clone(), F.RReLUOptions{Lower: new(0.1), Upper: new(0.3), Training: true}), F.ThresholdInplace(t["x"].Clone(), 0.1, 20),
			F.LeakyReLUInplace(t["x"].Clone(), F.LeakyReLUOptions{NegativeSlope: new(0.2)}), F.HardtanhInplace(t["x"].Clone(), F.HardtanhOptions{MinVal: new(-0.5), MaxVal: new(0.7)})}
	},
	"softmaxes": func(t inputs) tensors {
		return tensors{F.Softmax(t["x"], 1), F.Softmin(t["x"], 0), F.LogSoftmax(t["x"], 1, torch.LogSoftmaxOptions{DType: torch.Float64})}
	},
	"gumbel": func(t inputs) tensors {
		return tensors{F.GumbelSoftmax(t["x"]), F.GumbelSoftmax(t["x"], F.GumbelSoftmaxOptions{Tau: new(0.5), Hard: true, Dim: new(0)})}
	},
	"soft": func(t inputs) tensors { return tensors{F.Softsign(t["x"]), F.Tanhshrink(t["x"])} },
	"dropout": func(t inputs) tensors {
		on := F.DropoutOptions{P: new(0.3), Training: new(true)}
		return tensors{F.Dropout(t["x"]), F.Dropout(t["x"], F.DropoutOptions{P: new(0.2)}), F.Dropout(t["x"], F.DropoutOptions{Training: new(false)}),
			F.AlphaDropout(t["x"], on), F.FeatureAlphaDropout(t["img"], on), F.AlphaDropout(t["x"], F.DropoutOptions{P: new(0.3)})}
	},
	"dropout_channels": func(t inputs) tensors {
		return tensors{F.Dropout1d(t["seq"]), F.Dropout1d(t["x"]), F.Dropout2d(t["img"], F.DropoutOptions{P: new(0.3)}), F.Dropout3d(t["vol"]),
			F.Dropout2d(t["img"].Clone(), F.DropoutOptions{Inplace: true})}
	},
	"batch_norm": func(t inputs) tensors {
		m, v := t["mean"].Clone(), t["varc"].Clone()
		return tensors{F.BatchNorm(t["img"], t["mean"], t["varc"], F.BatchNormOptions{Weight: t["gw"], Bias: t["gb"]}),
			F.BatchNorm(t["img"], nil, nil, F.BatchNormOptions{Training: true, Eps: new(1e-3)}),
			F.BatchNorm(t["img"], m, v, F.BatchNormOptions{Training: true, Momentum: new(0.3)}), m, v}
	},
	"instance_norm": func(t inputs) tensors {
		return tensors{F.InstanceNorm(t["img"], nil, nil), F.InstanceNorm(t["img"], t["mean"], t["varc"], F.InstanceNormOptions{Weight: t["gw"], Bias: t["gb"], UseInputStats: new(false)})}
	},
	"layer_norm": func(t inputs) tensors {
		return tensors{F.LayerNorm(t["img"], []int{5}), F.LayerNorm(t["img"], []int{5}, F.NormOptions{Weight: t["lw"], Bias: t["lb"], Eps: new(1e-3)})}
	},
	"group_norm": func(t inputs) tensors {
		return tensors{F.GroupNorm(t["img"], 3, F.NormOptions{Weight: t["gw"], Bias: t["gb"]}), F.GroupNorm(t["one"], 2, F.NormOptions{Eps: new(0.1)})}
	},
	"local_response_norm": func(t inputs) tensors {
		return tensors{F.LocalResponseNorm(t["img"], 2), F.LocalResponseNorm(t["seq"], 3, F.LocalResponseNormOptions{Alpha: new(0.1), Beta: new(0.5), K: new(2.0)}), F.LocalResponseNorm(t["vol"], 2)}
	},
	"normalize": func(t inputs) tensors {
		return tensors{F.Normalize(t["x"]), F.Normalize(t["x"], F.NormalizeOptions{P: new(1.0), Dim: new(0), Eps: new(0.1)})}
	},
	"adaptive_max_pool": func(t inputs) tensors {
		return tensors{F.AdaptiveMaxPool1d(t["seq"], 3), F.AdaptiveMaxPool2d(t["img"], []int{2, 3}), F.AdaptiveMaxPool3d(t["vol"], []int{2, 2, 1})}
	},
	"lp_pool": func(t inputs) tensors {
		return tensors{F.LPPool1d(t["seq"].Abs(), 2, 3, F.LPPoolOptions{Stride: 2}), F.LPPool2d(t["img"].Abs(), 3, []int{2, 3}, F.LPPoolOptions{CeilMode: true}),
			F.LPPool3d(t["vol"].Abs(), 1.5, 2), F.LPPool2d(t["img"], math.Inf(1), 2), F.LPPool1d(t["seq"], math.Inf(-1), 2)}
	},
	"fractional": func(t inputs) tensors {
		a := both(F.FractionalMaxPool2dWithIndices(t["img"], 2, F.FractionalMaxPoolOptions{OutputSize: []int{2, 3}}))
		return append(a, F.FractionalMaxPool2d(t["img"], 2, F.FractionalMaxPoolOptions{OutputRatio: 0.6}),
			F.FractionalMaxPool3d(t["vol"], []int{2, 2, 1}, F.FractionalMaxPoolOptions{OutputRatio: []float64{0.5, 0.5, 0.7}}))
	},
	"unpool": func(t inputs) tensors {
		const two = 2
		y, i := F.MaxPool2dWithIndices(t["img"].Narrow(3, 0, 4), two)
		y2, i2 := F.MaxPool2dWithIndices(t["img"], two)
		y1, i1 := F.MaxPool1dWithIndices(t["seq"], two)
		y3, i3 := F.MaxPool3dWithIndices(t["vol"], two, F.MaxPool3dWithIndicesOptions{Stride: 1})
		return tensors{F.MaxUnpool2d(y, i, two), F.MaxUnpool2d(y2, i2, two, F.MaxUnpoolOptions{OutputSize: []int{4, 5}}), F.MaxUnpool1d(y1, i1, two),
			F.MaxUnpool3d(y3, i3, two, F.MaxUnpoolOptions{Stride: 1})}
	},
	"pad": func(t inputs) tensors {
		return tensors{F.Pad(t["x"], []int{1, 2}), F.Pad(t["x"], []int{1, 0, 2, -1}, F.PadOptions{Value: 1.5}), F.Pad(t["seq"], []int{2, 1}, F.PadOptions{Mode: "reflect"}),
			F.Pad(t["img"], []int{1, 2, 1, 0}, F.PadOptions{Mode: "replicate"}), F.Pad(t["img"], []int{1, 2, 1, 0}, F.PadOptions{Mode: "circular"})}
	},
	"grid_sample": func(t inputs) tensors {
		return tensors{F.GridSample(t["img"], t["grid"]), F.GridSample(t["img"], t["grid"], F.GridSampleOptions{Mode: "nearest", PaddingMode: "border", AlignCorners: true}),
			F.GridSample(t["img"], t["grid"], F.GridSampleOptions{Mode: "bicubic", PaddingMode: "reflection"})}
	},
	"affine_grid": func(t inputs) tensors {
		return tensors{F.AffineGrid(t["theta"], []int{2, 1, 3, 2}), F.AffineGrid(t["theta3"], []int{1, 1, 2, 3, 2}, F.AffineGridOptions{AlignCorners: true})}
	},
	"unfold": func(t inputs) tensors {
		return tensors{F.Unfold(t["img"], 2), F.Unfold(t["img"], []int{2, 3}, F.UnfoldOptions{Dilation: []int{1, 2}, Padding: 1, Stride: []int{2, 1}}),
			F.Fold(t["cols"], []int{3, 4}, 2)}
	},
	"interpolate": func(t inputs) tensors {
		by := F.Interpolate
		return tensors{by(t["seq"], F.InterpolateOptions{Size: 5}), by(t["seq"], F.InterpolateOptions{ScaleFactor: 1.7, Mode: "linear"}),
			by(t["img"], F.InterpolateOptions{ScaleFactor: []float64{2, 0.5}}), by(t["img"], F.InterpolateOptions{Size: []int{3, 7}, Mode: "bilinear", AlignCorners: new(true)}),
			by(t["img"], F.InterpolateOptions{ScaleFactor: 1.3, Mode: "bilinear", RecomputeScaleFactor: true}),
			by(t["img"], F.InterpolateOptions{Size: []int{2, 3}, Mode: "bilinear", Antialias: true}), by(t["img"], F.InterpolateOptions{Size: []int{7, 6}, Mode: "bicubic"}),
			by(t["img"], F.InterpolateOptions{Size: []int{2, 3}, Mode: "bicubic", Antialias: true}), by(t["img"], F.InterpolateOptions{Size: []int{2, 2}, Mode: "area"}),
			by(t["img"], F.InterpolateOptions{ScaleFactor: 0.5, Mode: "area"}), by(t["img"], F.InterpolateOptions{Size: []int{3, 3}, Mode: "nearest-exact"}),
			by(t["vol"], F.InterpolateOptions{Size: []int{2, 5, 4}, Mode: "trilinear"}), by(t["vol"], F.InterpolateOptions{ScaleFactor: 2}),
			by(t["img"], F.InterpolateOptions{Size: []int{2, 3}, Mode: "lanczos", Antialias: true})}
	},
	"attention": func(t inputs) tensors {
		type options = F.MultiHeadAttentionForwardOptions
		call := func(q, k, v tensor, dropout float64, o options) tensors {
			w := t["in_w"]
			if o.UseSeparateProjWeight {
				w = nil
			}
			return both(F.MultiHeadAttentionForward(q, k, v, 4, 2, w, t["in_b"], nil, nil, false, dropout, t["out_w"], t["out_b"], o))
		}
		q, k, v := t["q"], t["k"], t["v"]
		all := call(q, k, v, 0, options{})
		all = append(all, call(q, k, v, 0, options{KeyPaddingMask: t["kmask"], AttnMask: t["amask"], AverageAttnWeights: new(false)})...)
		all = append(all, call(q, k, v, 0, options{NeedWeights: new(false), AttnMask: t["bmask"]})[0])
		all = append(all, call(q, k, v, 0.3, options{})...)
		all = append(all, both(F.MultiHeadAttentionForward(q, k, v, 4, 2, t["in_w"], t["in_b"], t["bias_k"], t["bias_v"], true, 0.3, t["out_w"], t["out_b"],
			options{Training: new(false)}))...)
		all = append(all, call(q, k, v, 0, options{UseSeparateProjWeight: true, QProjWeight: t["in_w"].Narrow(0, 0, 4),
			KProjWeight: t["in_w"].Narrow(0, 4, 4), VProjWeight: t["in_w"].Narrow(0, 8, 4)})...)
		return append(all, call(q.Select(1, 0), k.Select(1, 0), v.Select(1, 0), 0, options{})...)
	},
	"embedding": func(t inputs) tensors {
		return tensors{F.Embedding(t["idx"], t["w"]), F.Embedding(t["idx"], t["w"], F.EmbeddingOptions{PaddingIdx: new(-2)}), F.Embedding(t["idx"], t["w"], F.EmbeddingOptions{ScaleGradByFreq: true}),
			F.Embedding(t["idx"], t["w"].Detach().Clone(), F.EmbeddingOptions{MaxNorm: new(0.7), NormType: new(1.0)})}
	},
	"embedding_bag": func(t inputs) tensors {
		return tensors{F.EmbeddingBag(t["idx"], t["w"]), F.EmbeddingBag(t["flat"], t["w"], F.EmbeddingBagOptions{Offsets: t["off"], Mode: "sum"}),
			F.EmbeddingBag(t["flat"], t["w"], F.EmbeddingBagOptions{Offsets: t["offend"], Mode: "max", IncludeLastOffset: true}),
			F.EmbeddingBag(t["idx"], t["w"], F.EmbeddingBagOptions{Mode: "sum", PerSampleWeights: t["psw"]}), F.EmbeddingBag(t["idx"], t["w"], F.EmbeddingBagOptions{PaddingIdx: new(1)}),
			F.EmbeddingBag(t["idx"], t["w"].Detach().Clone(), F.EmbeddingBagOptions{MaxNorm: new(0.5)})}
	},
}

func TestFunctionsByHandAreThoseOfPython(t *testing.T) {
	var golden struct {
		Inputs    map[string]torchtest.Tensor
		Functions []struct {
			Name    string
			Outputs []torchtest.Tensor
			Ups     []*torchtest.Tensor
			Grads   map[string]torchtest.Tensor
		}
	}
	header := torchtest.Golden(t, "testdata/golden.json.gz", &golden)
	exact := header.Exact()
	const tolerance = 1e-4 // on another libtorch or CPU
	assert.Len(t, golden.Functions, len(byHand))
	for _, f := range golden.Functions {
		t.Run(f.Name, func(t *testing.T) {
			require.Contains(t, byHand, f.Name)
			in := inputs{}
			for name, x := range golden.Inputs {
				in[name] = x.Make(t)
				if _, ok := f.Grads[name]; ok {
					in[name].SetRequiresGrad(true)
				}
			}
			torch.ManualSeed(3)
			var outputs tensors
			err := torch.Try(func() { outputs = byHand[f.Name](in) })
			if err != nil && !exact {
				t.Skipf("libtorch %s lacks it: %v", torch.Version(), err)
			}
			require.NoError(t, err)
			require.Len(t, outputs, len(f.Outputs))
			var roots, ups tensors
			for i, want := range f.Outputs {
				want.Check(t, outputs[i], exact, tolerance, "output", i)
				if f.Ups[i] != nil {
					roots = append(roots, outputs[i])
					ups = append(ups, f.Ups[i].Make(t))
				}
			}
			// As Python differentiates: the sum of products.
			total := torch.Zeros(nil)
			for i, x := range roots {
				total = total.Add(x.Mul(ups[i]).Sum())
			}
			autograd.Backward(tensors{total}, nil)
			for name, want := range f.Grads {
				// Gradients of several outputs are added in whatever order the graph has.
				want.Check(t, in[name].Grad(), false, max(1e-5, tolerance*boolToFloat(!exact)), "gradient of", name)
			}
		})
	}
}

func boolToFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
