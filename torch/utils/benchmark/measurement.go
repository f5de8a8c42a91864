package benchmark

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Bounds of what is said of a measurement.
const (
	mostFigures     = 4
	leastConfidence = 25e-9 // seconds
	iqrWarning      = 0.1   // of the median
	iqrGrossWarning = 0.25
	confidenceZ     = 1.645
)

// TaskSpec says what was measured.
type TaskSpec struct {
	Stmt        string // what the statement is called
	Label       string // what is compared, the title of a table
	SubLabel    string // a row
	Description string // a column
	Env         string // what the program ran with, such as a version
	NumThreads  int    // how many threads an operator used
}

// Title returns the label, or else the statement, with the sub-label.
func (s TaskSpec) Title() string {
	title := s.Label
	if title == "" {
		title = s.Stmt
	}
	if s.SubLabel != "" {
		title += ": " + s.SubLabel
	}
	return title
}

// rowName is what a row of a table is called.
func (s TaskSpec) rowName() string {
	switch {
	case s.SubLabel != "":
		return s.SubLabel
	case s.Stmt != "":
		return s.Stmt
	}
	return "[Unknown]"
}

// Measurement is how long runs of a statement took. All times are in seconds: a run may be
// shorter than a nanosecond.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Measurement
type Measurement struct {
	TaskSpec
	NumberPerRun int       // how often the statement ran for each of RawTimes
	RawTimes     []float64 // what so many runs took together
}

// Times returns how long a run took, for each of RawTimes.
func (m *Measurement) Times() []float64 {
	list := make([]float64, len(m.RawTimes))
	for i, t := range m.RawTimes {
		list[i] = t / float64(m.NumberPerRun)
	}
	return list
}

// sorted returns the Times sorted.
func (m *Measurement) sorted() []float64 { return slices.Sorted(slices.Values(m.Times())) }

// quantile returns what a share of sorted values is below, in proportion between two.
func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := share * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// Median returns the median of a run, NaN where there are no times.
func (m *Measurement) Median() float64 { return quantile(m.sorted(), 0.5) }

// Mean returns the mean of a run.
func (m *Measurement) Mean() float64 {
	sum := 0.0
	for _, t := range m.Times() {
		sum += t
	}
	return sum / float64(len(m.RawTimes))
}

// IQR returns the interquartile range: between what a quarter and three quarters
// of the runs are below.
func (m *Measurement) IQR() float64 {
	times := m.sorted()
	return quantile(times, 0.75) - quantile(times, 0.25)
}

// MeetsConfidence reports whether the interquartile range is below a share of the median.
func (m *Measurement) MeetsConfidence(threshold float64) bool { return m.IQR()/m.Median() < threshold }

// SignificantFigures returns how many digits of the median mean something, 1 to 4: an
// estimate by the spread of the middle half.
func (m *Measurement) SignificantFigures() int {
	times := m.sorted()
	n := len(times)
	if n == 0 {
		return 1
	}
	middle := times[n/4 : (3*n+3)/4]
	mean, variance := 0.0, 0.0
	for _, t := range middle {
		mean += t / float64(len(middle))
	}
	for _, t := range middle {
		variance += (t - mean) * (t - mean) / float64(len(middle))
	}
	confidence := max(confidenceZ*math.Sqrt(variance/float64(len(middle))), leastConfidence)
	figures := math.Floor(log10(quantile(times, 0.5) / confidence))
	return int(min(max(figures, 1), mostFigures))
}

// Warnings returns what is to be said of a spread that is large, or nil.
func (m *Measurement) Warnings() []string {
	if len(m.RawTimes) == 0 || m.MeetsConfidence(iqrWarning) {
		return nil
	}
	advice := "This could indicate system fluctuation."
	if !m.MeetsConfidence(iqrGrossWarning) {
		advice = "This suggests significant environmental influence."
	}
	return []string{fmt.Sprintf("  WARNING: Interquartile range is %.1f%% of the median measurement.\n           %s",
		m.IQR()/m.Median()*100, advice)}
}

// String returns the measurement as PyTorch prints it, but for the address of an object
// that Python's first line has.
func (m *Measurement) String() string {
	times := m.sorted()
	unit, scale := SelectUnit(m.Median())
	lines := []string{"<benchmark.Measurement>", m.Title()}
	if m.Description != "" {
		lines = append(lines, m.Description)
	}
	several := len(times) > 1
	median, kind, plural := "", ",", ""
	if several {
		median, kind, plural = "Median: ", "per measurement,", "s"
	}
	lines = append(lines, fmt.Sprintf("  %s%.2f %s", median, m.Median()/scale, unit))
	if len(times) >= 4 {
		lines = append(lines, fmt.Sprintf("  IQR:    %.2f %s (%.2f to %.2f)", m.IQR()/scale, unit,
			quantile(times, 0.25)/scale, quantile(times, 0.75)/scale))
	}
	threads := ""
	if m.NumThreads > 1 {
		threads = "s"
	}
	lines = append(lines, fmt.Sprintf("  %d measurement%s, %d runs %s %d thread%s", len(times), plural, m.NumberPerRun, kind,
		m.NumThreads, threads))
	return strings.Join(append(lines, m.Warnings()...), "\n")
}

// Merge joins measurements of the same task, in the order of their first ones. What it
// returns has one run for each time. It panics on a measurement that is nil.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#torch.utils.benchmark.Measurement.merge
func Merge(measurements ...*Measurement) []*Measurement {
	var merged []*Measurement
	groups := map[TaskSpec]*Measurement{}
	for _, m := range measurements {
		argument.NotNil("benchmark.Merge", "a measurement", m)
		group := groups[m.TaskSpec]
		if group == nil {
			group = &Measurement{TaskSpec: m.TaskSpec, NumberPerRun: 1}
			groups[m.TaskSpec] = group
			merged = append(merged, group)
		}
		group.RawTimes = append(group.RawTimes, m.Times()...)
	}
	return merged
}

// log10 is as exact as PyTorch's, which computes it in float32: that of 1000 is 3.
func log10(x float64) float64 { return float64(float32(math.Log10(float64(float32(x))))) }

// SelectUnit returns the unit in which to print a time, and how many seconds it has.
//
// https://docs.pytorch.org/docs/stable/benchmark_utils.html#module-torch.utils.benchmark.utils.common
func SelectUnit(seconds float64) (name string, scale float64) {
	switch math.Floor(log10(seconds) / 3) {
	case -3:
		return "ns", 1e-9
	case -2:
		return "us", 1e-6
	case -1:
		return "ms", 1e-3
	}
	return "s", 1
}

// TrimSigfig rounds x to n significant figures, in float32.
func TrimSigfig(x float64, n int) float64 {
	scale := math.Pow(10, math.Ceil(log10(math.Abs(x)))-float64(n))
	return float64(float32(math.RoundToEven(float64(float32(x/scale)))) * float32(scale))
}
