package metrics

import (
	"cmp"
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// AUROC is the area under the receiver operating characteristic curve: how
// probable it is that a sample of a class has a greater score for it than a sample
// that is not of the class, equal scores counting half. It keeps the scores of all
// samples.
type AUROC struct {
	average Average
	scores  [][]float64 // of each class, or of class 1 only
	targets []int
}

// AUROCOptions are the options of [NewAUROC].
type AUROCOptions struct {
	Average Average // how the areas of several classes make one, Macro or Weighted; default: Macro
}

// NewAUROC returns an area of no samples.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
func NewAUROC(options ...AUROCOptions) *AUROC {
	a := &AUROC{average: option.First(options).Average}
	if a.average == Micro {
		panic(torch.Errorf("metrics.NewAUROC", torch.ValueError, "the average is Micro, want Macro or Weighted"))
	}
	return a
}

// Update takes a batch: the scores of class 1, n, where there are the classes 0
// and 1, else those of all classes, n × classes. It panics if a class is out of
// range, if a score is NaN, and if a batch has another number of classes than the
// last.
func (a *AUROC) Update(scores, target *torch.Tensor) {
	const op = "AUROC.Update"
	checkSamples(op, scores, target)
	columns, classes := 1, 2
	if scores.Dim() == 2 {
		columns, classes = scores.Size(1), scores.Size(1)
	}
	if a.scores == nil {
		a.scores = make([][]float64, columns)
	}
	if columns != len(a.scores) {
		panic(torch.Errorf("metrics."+op, torch.ValueError, "there are scores of %d classes, and were %d before",
			columns, len(a.scores)))
	}
	classesOf := torch.ToSlice[int](target)
	for _, class := range classesOf {
		if class < 0 || class >= classes {
			panic(torch.Errorf("metrics."+op, torch.ValueError, "a target is the class %d, want 0 to %d",
				class, classes-1))
		}
	}
	values := torch.ToSlice[float64](scores)
	if slices.ContainsFunc(values, math.IsNaN) {
		panic(torch.Errorf("metrics."+op, torch.ValueError, "a score is NaN"))
	}
	for i, score := range values {
		a.scores[i%columns] = append(a.scores[i%columns], score)
	}
	a.targets = append(a.targets, classesOf...)
}

// Compute returns the area, from 0 to 1; of several classes the average of each
// against the rest. It is NaN where a class has no samples, or all.
func (a *AUROC) Compute() float64 {
	if len(a.scores) == 1 {
		return area(a.scores[0], a.targets, 1)
	}
	areas := make([]float64, len(a.scores))
	for class, scores := range a.scores {
		areas[class] = area(scores, a.targets, class)
	}
	return mean(a.average, areas, a.support())
}

// support counts the samples of each class.
func (a *AUROC) support() []int {
	counts := make([]int, len(a.scores))
	for _, class := range a.targets {
		counts[class]++
	}
	return counts
}

// Reset forgets all samples.
func (a *AUROC) Reset() { a.scores, a.targets = nil, nil }

// area is the Mann-Whitney statistic of the scores of a class against the rest.
func area(scores []float64, targets []int, class int) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(scores[i], scores[j]) })
	var positives, negatives, wins float64
	for len(order) > 0 {
		var up, down float64 // of those with the same score
		same := scores[order[0]]
		for len(order) > 0 && scores[order[0]] == same {
			if targets[order[0]] == class {
				up++
			} else {
				down++
			}
			order = order[1:]
		}
		wins += up * (negatives + down/2)
		positives, negatives = positives+up, negatives+down
	}
	if positives == 0 || negatives == 0 {
		return math.NaN()
	}
	return wins / (positives * negatives)
}
