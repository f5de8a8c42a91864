package metrics

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// ConfusionMatrix counts how often each class is taken for each other.
type ConfusionMatrix struct {
	classes int
	counts  []int
}

// mostClasses is how many classes a matrix may have: its counts take 8 GB then.
const mostClasses = 1 << 15

// NewConfusionMatrix returns a matrix for the classes 0 to classes-1, without
// samples.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
func NewConfusionMatrix(classes int) *ConfusionMatrix {
	if classes < 1 || classes > mostClasses {
		panic(torch.Errorf("metrics.NewConfusionMatrix", torch.ValueError, "%d classes, want 1 to %d",
			classes, mostClasses))
	}
	return &ConfusionMatrix{classes, make([]int, classes*classes)}
}

// Update takes a batch: scores, n × classes, or classes, n. It panics if a class
// is out of range.
func (c *ConfusionMatrix) Update(predicted, target *torch.Tensor) {
	const op = "ConfusionMatrix.Update"
	quietly(func() {
		predicted = labels(op, predicted, target).To(torch.Int64)
		if target.Numel() == 0 {
			return
		}
		both := torch.Stack([]*torch.Tensor{predicted, target.To(torch.Int64)}, 0)
		if least, most := both.Min().Int(), both.Max().Int(); least < 0 || most >= c.classes {
			panic(torch.Errorf("metrics."+op, torch.ValueError, "the classes are from %d to %d, want 0 to %d",
				least, most, c.classes-1))
		}
		cells := both.Select(0, 1).Mul(c.classes).Add(both.Select(0, 0))
		batch := torch.ToSlice[int](cells.Bincount(torch.BincountOptions{Minlength: len(c.counts)}))
		for i, n := range batch {
			c.counts[i] += n
		}
	})
}

// Compute returns the counts.
func (c *ConfusionMatrix) Compute() Counts {
	return slices.Collect(slices.Chunk(slices.Clone(c.counts), c.classes))
}

// Reset forgets all samples.
func (c *ConfusionMatrix) Reset() { clear(c.counts) }

// Counts are those of a confusion matrix: Counts[i][j] samples of class i were
// taken for class j.
type Counts [][]int

// Total returns the number of samples.
func (c Counts) Total() int {
	total := 0
	for _, row := range c {
		total += sum(row)
	}
	return total
}

// mustBeSquare panics unless there is a count for each class taken for each.
func (c Counts) mustBeSquare(method string) {
	for i, row := range c {
		if len(row) != len(c) {
			panic(torch.Errorf("metrics.Counts."+method, torch.ValueError,
				"row %d has %d counts, want one for each of %d classes", i, len(row), len(c)))
		}
	}
}

// Accuracy returns the share of samples that were taken for what they are, or NaN
// without samples.
func (c Counts) Accuracy() float64 {
	c.mustBeSquare("Accuracy")
	correct := 0
	for i := range c {
		correct += c[i][i]
	}
	if total := c.Total(); total > 0 {
		return ratio(correct, total)
	}
	return math.NaN()
}

// PredictedShare returns the share of samples that were taken for a class, right
// or wrong: demographic parity is that it is the same for each group.
func (c Counts) PredictedShare(class int) float64 { return ratio(c.column(class), c.Total()) }

func (c Counts) column(class int) (n int) {
	for _, row := range c {
		if class < 0 || class >= len(row) {
			panic(torch.Errorf("metrics.Counts", torch.IndexError, "class %d is out of range of %d classes",
				class, len(row)))
		}
		n += row[class]
	}
	return n
}

// ClassScores say how well a class is told from the others. A score that would be
// 0/0 is 0.
type ClassScores struct {
	Precision float64 // of what was taken for the class, how much is of it
	Recall    float64 // of the class, how much was taken for it
	F1        float64 // the harmonic mean of both
	Support   int     // samples of the class
}

// Classes returns the scores of each class.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
func (c Counts) Classes() []ClassScores {
	c.mustBeSquare("Classes")
	list := make([]ClassScores, len(c))
	for i := range c {
		correct, predicted, support := c[i][i], c.column(i), sum(c[i])
		list[i] = ClassScores{
			Precision: ratio(correct, predicted),
			Recall:    ratio(correct, support),
			F1:        ratio(2*correct, predicted+support),
			Support:   support,
		}
	}
	return list
}

// Average says how the scores of the classes make one.
type Average int

// The ways to average.
const (
	Macro    Average = iota // each class counts the same
	Weighted                // a class counts by its number of samples
	Micro                   // each sample counts the same; with one class for each sample this is the accuracy
)

// Precision returns the average precision of the classes.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_score.html
func (c Counts) Precision(average Average) float64 {
	return c.average(average, func(s ClassScores) float64 { return s.Precision })
}

// Recall returns the average recall of the classes.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.recall_score.html
func (c Counts) Recall(average Average) float64 {
	return c.average(average, func(s ClassScores) float64 { return s.Recall })
}

// F1 returns the average F1 of the classes.
//
// https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html
func (c Counts) F1(average Average) float64 {
	return c.average(average, func(s ClassScores) float64 { return s.F1 })
}

func (c Counts) average(average Average, score func(ClassScores) float64) float64 {
	if average == Micro {
		return c.Accuracy()
	}
	var values []float64
	var weights []int
	for _, class := range c.Classes() {
		values, weights = append(values, score(class)), append(weights, class.Support)
	}
	return mean(average, values, weights)
}

// mean returns the mean of values, weighted if average says so.
func mean(average Average, values []float64, weights []int) float64 {
	total, all := 0.0, 0.0
	for i, v := range values {
		weight := 1.0
		if average == Weighted {
			weight = float64(weights[i])
		}
		total, all = total+weight*v, all+weight
	}
	return total / all
}

func sum(values []int) (total int) {
	for _, v := range values {
		total += v
	}
	return total
}
