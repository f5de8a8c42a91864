package metrics_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

// TestOddCountsAreRefused has numbers of classes that are too small or too large, and
// matrices by hand.
func TestOddCountsAreRefused(t *testing.T) {
	one := torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Int64})
	long := metrics.Counts{{1}, {2, 3}}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no classes":     {Call: func() { metrics.NewConfusionMatrix(-1) }, Kind: torch.ValueError, Words: "-1 classes, want 1 to 32768"},
		"many classes":   {Call: func() { metrics.NewConfusionMatrix(1 << 31) }, Kind: torch.ValueError, Words: "2147483648 classes, want 1 to 32768"},
		"Accuracy":       {Call: func() { long.Accuracy() }, Kind: torch.ValueError, Words: "row 0 has 1 counts, want one for each of 2 classes"},
		"F1":             {Call: func() { long.F1(metrics.Macro) }, Kind: torch.ValueError, Words: "row 0 has 1 counts"},
		"another class":  {Call: func() { metrics.Counts{{1}}.PredictedShare(1) }, Kind: torch.IndexError, Words: "class 1 is out of range of 1 classes"},
		"class -1":       {Call: func() { metrics.Counts{{1}}.PredictedShare(-1) }, Kind: torch.IndexError, Words: "class -1 is out of range of 1 classes"},
		"no metric":      {Call: func() { metrics.NewByGroup[float64](nil) }, Kind: torch.TypeError, Words: "the function must not be nil"},
		"no metric made": {Call: func() { metrics.NewByGroup(func() metrics.Metric[float64] { return nil }).Update(one, one, one) }, Kind: torch.TypeError, Words: "the metric that the function returns must not be nil"},
	})
}
