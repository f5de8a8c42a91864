package tensorboard_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestPRCurves(t *testing.T) {
	const n = 41
	labels := torch.Arange(0, n, 1).Remainder(3).Eq(0)
	predictions := torch.Arange(0, n, 1).To(torch.Float32).Mul(7).Remainder(n).Div(n - 5).Sub(1.0 / 16)
	weights := torch.Arange(0, n, 1).To(torch.Float64).Div(8)
	raw := torch.NewTensor([][]float64{{9, 5, 0}, {8, 4, 0}, {0, 4, 8}, {0, 4, 9}, {0.5, 0.25, 1}, {1, 0.1, 0}}).Unbind(0)

	curve := func(predictions *torch.Tensor, o tensorboard.PRCurveOptions) func(w *tensorboard.SummaryWriter) {
		o.WallTime = when
		return func(w *tensorboard.SummaryWriter) { w.AddPRCurve("c", labels, predictions, 3, o) }
	}
	rawCurve := func(o tensorboard.PRCurveRawOptions) func(w *tensorboard.SummaryWriter) {
		o.WallTime = when
		return func(w *tensorboard.SummaryWriter) {
			w.AddPRCurveRaw("c", raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], 3, o)
		}
	}
	checkRecords(t, readGolden(t).Records["pr_curves"], map[string]func(w *tensorboard.SummaryWriter){
		"default": curve(predictions, tensorboard.PRCurveOptions{}),
		"half":    curve(predictions.To(torch.Float16), tensorboard.PRCurveOptions{}),
		"brain":   curve(predictions.To(torch.BFloat16), tensorboard.PRCurveOptions{}),
		"double":  curve(predictions.To(torch.Float64), tensorboard.PRCurveOptions{}),
		"integers": func(w *tensorboard.SummaryWriter) {
			w.AddPRCurve("c", labels.To(torch.Int64), predictions.Gt(0.5).To(torch.Int64), 3, tensorboard.PRCurveOptions{WallTime: when})
		},
		"none": func(w *tensorboard.SummaryWriter) {
			w.AddPRCurve("c", labels.Narrow(0, 0, 0), predictions.Narrow(0, 0, 0), 3, tensorboard.PRCurveOptions{WallTime: when})
		},
		"coarse":     curve(predictions, tensorboard.PRCurveOptions{NumThresholds: new(5)}),
		"one":        curve(predictions, tensorboard.PRCurveOptions{NumThresholds: new(1)}),
		"too many":   curve(predictions, tensorboard.PRCurveOptions{NumThresholds: new(200)}),
		"weighted":   curve(predictions, tensorboard.PRCurveOptions{NumThresholds: new(9), Weights: weights}),
		"raw":        rawCurve(tensorboard.PRCurveRawOptions{}),
		"raw coarse": rawCurve(tensorboard.PRCurveRawOptions{NumThresholds: new(3)}),
	})
}

func TestPRCurvesRefuse(t *testing.T) {
	w := newWriter(t)
	x, y := torch.Zeros([]int{3}), torch.Zeros([]int{4})
	checkRefuses(t, w, map[string]func(){
		"labels and their weights have the shape [3], predictions [4]": func() { w.AddPRCurve("c", x, y, 0) },
		"want a positive number of thresholds, not -1": func() {
			w.AddPRCurve("c", x, x, 0, tensorboard.PRCurveOptions{NumThresholds: new(-1)})
		},
		"not of the shapes [4] and [3]": func() { w.AddPRCurveRaw("c", x, x, y, x, x, x, 0) },
		"not of the shapes [] and []": func() {
			z := torch.Zeros(nil)
			w.AddPRCurveRaw("c", z, z, z, z, z, z, 0)
		},
	})
}
