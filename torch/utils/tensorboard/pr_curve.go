package tensorboard

import (
	"math"
	"slices"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// PRCurveOptions are the options of [SummaryWriter.AddPRCurve].
type PRCurveOptions struct {
	WallTime      time.Time     // when it happened; default: now
	NumThresholds *int          // the points of the curve, at most 127; default: 127
	Weights       *torch.Tensor // how much each element counts; default: 1
}

// AddPRCurve adds how precision depends on recall, at thresholds from 0 to 1. Labels
// say which elements are true, as bools or 0 and 1, and predictions with what
// probability each was said to be; those outside 0 to 1 are not counted. It panics if
// labels and predictions differ in shape.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_pr_curve
func (w *SummaryWriter) AddPRCurve(tag string, labels, predictions *torch.Tensor, step int, options ...PRCurveOptions) {
	const op = "SummaryWriter.AddPRCurve"
	o := option.First(options)
	thresholds := numThresholds(op, o.NumThresholds)
	var right, wrong []float64
	torch.Scope(func() {
		torch.NoGrad(func() { right, wrong = countPR(op, thresholds, labels, predictions, o.Weights) })
	})
	w.addPRCurve(o.WallTime, tag, step, thresholds, prCurve(right, wrong))
}

// PRCurveRawOptions are the options of [SummaryWriter.AddPRCurveRaw].
type PRCurveRawOptions struct {
	WallTime      time.Time // when it happened; default: now
	NumThresholds *int      // the points of the curve, at most 127; default: 127
}

// AddPRCurveRaw adds a curve of which all is known, such as one of data that are too
// many for AddPRCurve. Each tensor has one dimension and an element for each threshold,
// from 0 to 1. It panics if their shapes differ.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html
func (w *SummaryWriter) AddPRCurveRaw(tag string, truePositiveCounts, falsePositiveCounts, trueNegativeCounts,
	falseNegativeCounts, precision, recall *torch.Tensor, step int, options ...PRCurveRawOptions) {
	const op = "SummaryWriter.AddPRCurveRaw"
	o := option.First(options)
	thresholds := numThresholds(op, o.NumThresholds)
	var rows [][]float64
	for _, x := range []*torch.Tensor{truePositiveCounts, falsePositiveCounts, trueNegativeCounts,
		falseNegativeCounts, precision, recall} {
		if x.Dim() != 1 || x.Numel() != recall.Numel() {
			panic(torch.Errorf("tensorboard."+op, torch.ValueError,
				"want tensors of one dimension and the same shape, not of the shapes %v and %v", x.Shape(), recall.Shape()))
		}
		rows = append(rows, torch.ToSlice[float64](x))
	}
	w.addPRCurve(o.WallTime, tag, step, thresholds, rows)
}

// numThresholds returns how many thresholds there are. TensorBoard knows no more
// than 127.
func numThresholds(op string, wanted *int) int {
	const most = 127
	n := option.Or(wanted, most)
	if n < 1 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "want a positive number of thresholds, not %d", n))
	}
	return min(n, most)
}

func (w *SummaryWriter) addPRCurve(at time.Time, tag string, step, thresholds int, rows [][]float64) {
	w.add(EventOptions{at}.time(), step, bytes(1, tag),
		tensor(typeFloat, []int{len(rows), len(rows[0])}, floats(5, slices.Concat(rows...))),
		plugin("pr_curves", integer(2, thresholds)))
}

// countPR returns the weights of what is true and of what is not, by the last threshold
// that the prediction reaches.
func countPR(op string, thresholds int, labels, predictions, weights *torch.Tensor) (right, wrong []float64) {
	positive := labels.To(torch.Float64)
	negative := positive.Neg().Add(1)
	if weights != nil {
		positive, negative = positive.Mul(weights), negative.Mul(weights)
	}
	if !slices.Equal(positive.Shape(), predictions.Shape()) {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"labels and their weights have the shape %v, predictions %v", positive.Shape(), predictions.Shape()))
	}
	positives, negatives := torch.ToSlice[float64](positive), torch.ToSlice[float64](negative)
	right, wrong = make([]float64, thresholds), make([]float64, thresholds)
	last := float64(thresholds - 1)
	for i, v := range torch.ToSlice[float64](times(predictions, last)) {
		threshold := math.Floor(v)
		if threshold >= 0 && threshold <= last {
			right[int(threshold)] += positives[i]
			wrong[int(threshold)] += negatives[i]
		}
	}
	return right, wrong
}

// times multiplies and rounds as NumPy does, which makes bfloat16 float16. Older versions
// of libtorch do not multiply these.
func times(x *torch.Tensor, factor float64) *torch.Tensor {
	if d := x.DType(); d == torch.Float16 || d == torch.BFloat16 {
		return x.To(torch.Float16).To(torch.Float32).Mul(factor).To(torch.Float16)
	}
	return x.Mul(factor)
}

// prCurve returns, for each threshold, the true and false positives, the true and false
// negatives, precision and recall.
func prCurve(right, wrong []float64) [][]float64 {
	const least = 1e-7 // what is divided by, so that it is not 0
	rows := make([][]float64, 6)
	for i := range rows {
		rows[i] = make([]float64, len(right))
	}
	tp, fp, tn, fn, precision, recall := rows[0], rows[1], rows[2], rows[3], rows[4], rows[5]
	rights, wrongs := 0.0, 0.0
	for i := range slices.Backward(right) {
		rights, wrongs = rights+right[i], wrongs+wrong[i]
		tp[i], fp[i] = rights, wrongs
	}
	for i := range right {
		tn[i], fn[i] = wrongs-fp[i], rights-tp[i]
		precision[i] = tp[i] / max(least, tp[i]+fp[i])
		recall[i] = tp[i] / max(least, tp[i]+fn[i])
	}
	return rows
}
