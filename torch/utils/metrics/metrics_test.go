package metrics_test

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// golden is what scikit-learn says of some predictions.
type golden struct {
	Scores, Probabilities, Target, Group torchtest.Tensor

	Confusion                    metrics.Counts
	Accuracy, Top2               float64
	Precision, Recall, F1, AUROC map[string]float64
	Classes                      []metrics.ClassScores
	ByGroup                      map[string]struct{ Accuracy, AUROC float64 } `json:"by_group"`
}

func readGolden(t *testing.T) golden {
	var cases []golden
	torchtest.Golden(t, "testdata/metrics.json", &cases)
	require.Len(t, cases, 1)
	return cases[0]
}

// update feeds a metric with two batches.
func update[T any](m metrics.Metric[T], predicted, target *torch.Tensor) {
	const first = 25
	m.Update(predicted.Narrow(0, 0, first), target.Narrow(0, 0, first))
	m.Update(predicted.Narrow(0, first, predicted.Size(0)-first), target.Narrow(0, first, target.Size(0)-first))
}

// rounding is for sums in another order than scikit-learn's.
const rounding = 1e-12

func TestAccuracy(t *testing.T) {
	g := readGolden(t)
	scores, target := g.Scores.Make(t), g.Target.Make(t)
	a := metrics.NewAccuracy()
	assert.True(t, math.IsNaN(a.Compute()))
	update(a, scores, target)
	assert.Equal(t, g.Accuracy, a.Compute())
	a.Reset()
	update(a, scores.Argmax(1), target)
	assert.Equal(t, g.Accuracy, a.Compute())

	top := metrics.NewAccuracy(metrics.AccuracyOptions{TopK: new(2)})
	update(top, scores, target)
	assert.Equal(t, g.Top2, top.Compute())
	all := metrics.NewAccuracy(metrics.AccuracyOptions{TopK: new(9)})
	update(all, scores, target)
	assert.Equal(t, 1.0, all.Compute())
}

func TestConfusionMatrix(t *testing.T) {
	g := readGolden(t)
	m := metrics.NewConfusionMatrix(4)
	update(m, g.Scores.Make(t), g.Target.Make(t))
	c := m.Compute()
	assert.Equal(t, g.Confusion, c)
	assert.Equal(t, 60, c.Total())
	assert.Equal(t, g.Accuracy, c.Accuracy())
	assert.Equal(t, g.Classes, c.Classes())
	averages := map[string]metrics.Average{"macro": metrics.Macro, "weighted": metrics.Weighted, "micro": metrics.Micro}
	for name, average := range averages {
		assert.InDelta(t, g.Precision[name], c.Precision(average), rounding, name)
		assert.InDelta(t, g.Recall[name], c.Recall(average), rounding, name)
		assert.InDelta(t, g.F1[name], c.F1(average), rounding, name)
	}
	assert.Zero(t, c.PredictedShare(3), "the class is never predicted")
	assert.InDelta(t, 1, c.PredictedShare(0)+c.PredictedShare(1)+c.PredictedShare(2), rounding)

	m.Update(torch.Zeros([]int{0}), torch.Zeros([]int{0}))
	assert.Equal(t, c, m.Compute(), "an empty batch")
	m.Reset()
	assert.True(t, math.IsNaN(m.Compute().Accuracy()))
	assert.Equal(t, 60, c.Total(), "the result is the caller's")
}

func TestAUROC(t *testing.T) {
	g := readGolden(t)
	target := g.Target.Make(t)
	binary := metrics.NewAUROC()
	update(binary, g.Scores.Make(t).Select(1, 1), target.Eq(1))
	assert.InDelta(t, g.AUROC["binary"], binary.Compute(), rounding)
	for name, average := range map[string]metrics.Average{"macro": metrics.Macro, "weighted": metrics.Weighted} {
		a := metrics.NewAUROC(metrics.AUROCOptions{Average: average})
		update(a, g.Probabilities.Make(t), target)
		assert.InDelta(t, g.AUROC[name], a.Compute(), rounding, name)
	}

	binary.Reset()
	assert.True(t, math.IsNaN(metrics.NewAUROC().Compute()))
	binary.Update(torch.NewTensor([]float64{1, 2}), torch.NewTensor([]int{1, 1}))
	assert.True(t, math.IsNaN(binary.Compute()), "one class only")
}

func TestByGroup(t *testing.T) {
	g := readGolden(t)
	scores, target, group := g.Scores.Make(t), g.Target.Make(t), g.Group.Make(t)
	accuracy := metrics.NewByGroup(func() metrics.Metric[float64] { return metrics.NewAccuracy() })
	auroc := metrics.NewByGroup(func() metrics.Metric[float64] { return metrics.NewAUROC() })
	for start := 0; start < 60; start += 20 {
		accuracy.Update(scores.Narrow(0, start, 20), target.Narrow(0, start, 20), group.Narrow(0, start, 20))
		auroc.Update(scores.Select(1, 1).Narrow(0, start, 20), target.Eq(1).Narrow(0, start, 20), group.Narrow(0, start, 20))
	}
	a, roc := accuracy.Compute(), auroc.Compute()
	assert.ElementsMatch(t, []int{0, 10, 20}, slices.Collect(maps.Keys(a)))
	for name, want := range g.ByGroup {
		number, err := strconv.Atoi(name)
		require.NoError(t, err)
		assert.Equal(t, want.Accuracy, a[number], name)
		assert.InDelta(t, want.AUROC, roc[number], rounding, name)
	}
	accuracy.Reset()
	assert.Empty(t, accuracy.Compute())
}

func TestGap(t *testing.T) {
	assert.Equal(t, 0.5, metrics.Gap(map[int]float64{0: 0.25, 3: 0.75, 5: 0.5}))
	assert.Zero(t, metrics.Gap(nil))
}

func TestRefuses(t *testing.T) {
	two, three := torch.Zeros([]int{2}), torch.Zeros([]int{3})
	for want, f := range map[string]func(){
		"want predictions (n) or scores (n, classes) and targets (n), got [2] and [3]": func() { metrics.NewAccuracy().Update(two, three) },
		"TopK is -1": func() { metrics.NewAccuracy(metrics.AccuracyOptions{TopK: new(-1)}) },
		"scores (n, classes) are needed, not [2]": func() {
			metrics.NewAccuracy(metrics.AccuracyOptions{TopK: new(2)}).Update(two, two)
		},
		"0 classes": func() { metrics.NewConfusionMatrix(0) },
		"the classes are from 0 to 5, want 0 to 4": func() {
			metrics.NewConfusionMatrix(5).Update(two, two.Add(5))
		},
		"the average is Micro":                   func() { metrics.NewAUROC(metrics.AUROCOptions{Average: metrics.Micro}) },
		"a target is the class 2, want 0 to 1":   func() { metrics.NewAUROC().Update(two, two.Add(2)) },
		"a score is NaN":                         func() { metrics.NewAUROC().Update(two.Log().Sub(two.Log()), two) },
		"a group for each of 2 samples, got [3]": func() { metrics.NewByGroup(newAccuracy).Update(two, two, three) },
		"there are scores of 3 classes, and were 1 before": func() {
			a := metrics.NewAUROC()
			a.Update(two, two)
			a.Update(torch.Zeros([]int{2, 3}), two)
		},
	} {
		assert.ErrorContains(t, torch.Try(f), want)
	}
}

func newAccuracy() metrics.Metric[float64] { return metrics.NewAccuracy() }
