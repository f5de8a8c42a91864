package metrics

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Accuracy is the share of samples whose class is predicted.
type Accuracy struct {
	topK           int
	correct, total int
}

// AccuracyOptions are the options of [NewAccuracy].
type AccuracyOptions struct {
	TopK *int // the class must be among so many that have the greatest scores; default: 1
}

// NewAccuracy returns an accuracy of no samples.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.top_k_accuracy_score.html
func NewAccuracy(options ...AccuracyOptions) *Accuracy {
	k := option.Or(option.First(options).TopK, 1)
	if k < 1 {
		panic(torch.Errorf("metrics.NewAccuracy", torch.ValueError, "TopK is %d, want 1 or more", k))
	}
	return &Accuracy{topK: k}
}

// Update takes a batch: scores, n × classes, or, for the top 1, classes, n.
func (a *Accuracy) Update(predicted, target *torch.Tensor) {
	const op = "Accuracy.Update"
	quietly(func() {
		if a.topK == 1 {
			predicted = labels(op, predicted, target)
		} else {
			checkSamples(op, predicted, target)
			if predicted.Dim() != 2 {
				panic(torch.Errorf("metrics."+op, torch.ValueError,
					"the top %d of classes are asked for, and scores (n, classes) are needed, not %v", a.topK, predicted.Shape()))
			}
			_, predicted = predicted.TopK(min(a.topK, predicted.Size(1)))
			target = target.Unsqueeze(1)
		}
		a.correct += predicted.Eq(target).Sum().Int()
		a.total += target.Size(0)
	})
}

// Compute returns the accuracy, from 0 to 1, or NaN without samples.
func (a *Accuracy) Compute() float64 {
	if a.total == 0 {
		return math.NaN()
	}
	return ratio(a.correct, a.total)
}

// Reset forgets all samples.
func (a *Accuracy) Reset() { a.correct, a.total = 0, 0 }
