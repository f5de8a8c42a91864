// Package metrics says how good predictions are: accuracy, confusion matrices with
// precision, recall and F1, the area under the ROC curve, each also by group, for
// fairness checks.
//
// A metric takes batch after batch, on any device, and keeps counts:
//
//	accuracy := metrics.NewAccuracy()
//	for batch := range batches {
//		accuracy.Update(net.Forward(batch.Data), batch.Target)
//	}
//	fmt.Println(accuracy.Compute())
//
// PyTorch itself has no metrics. The names and values are those of scikit-learn.
package metrics

import (
	"github.com/wangkuiyi/gotorch/torch"
)

// Metric is what all metrics of this package do; T is the type of the result.
type Metric[T any] interface {
	// Update takes a batch of n samples: the predictions, and the true classes,
	// n, of integers. It panics if they do not fit each other.
	Update(predicted, target *torch.Tensor)
	// Compute returns the metric of all samples so far.
	Compute() T
	// Reset forgets all samples.
	Reset()
}

// labels returns the classes that were predicted, given them, n, or their scores,
// n × classes, of which the greatest wins.
func labels(op string, predicted, target *torch.Tensor) *torch.Tensor {
	checkSamples(op, predicted, target)
	if predicted.Dim() == 2 {
		predicted = predicted.Argmax(1)
	}
	return predicted
}

// checkSamples panics unless target is n and predicted n or n × classes.
func checkSamples(op string, predicted, target *torch.Tensor) {
	if target.Dim() != 1 || predicted.Dim() < 1 || predicted.Dim() > 2 || predicted.Size(0) != target.Size(0) {
		panic(torch.Errorf("metrics."+op, torch.ValueError,
			"want predictions (n) or scores (n, classes) and targets (n), got %v and %v", predicted.Shape(), target.Shape()))
	}
}

// quietly runs f without recording it for autograd, and frees what f made.
func quietly(f func()) { torch.Scope(func() { torch.NoGrad(f) }) }

// ratio returns a/b, or 0 where b is 0.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
