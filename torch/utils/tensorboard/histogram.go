package tensorboard

import (
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// HistogramOptions are the options of [SummaryWriter.AddHistogram].
type HistogramOptions struct {
	WallTime time.Time // when it happened; default: now
	Bins     []float64 // the edges of the bins, ascending; default: TensorFlow's, each 10 % wider than the last
	MaxBins  *int      // join bins if there are more than so many; default: no limit
}

// AddHistogram adds how the elements of a tensor of real numbers are spread. Those
// outside the bins are not counted. It panics if no element is in a bin.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_histogram
func (w *SummaryWriter) AddHistogram(tag string, values *torch.Tensor, step int, options ...HistogramOptions) {
	const op = "SummaryWriter.AddHistogram"
	o := option.First(options)
	elements := torch.ToSlice[float64](values)
	if len(elements) == 0 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "The input has no element."))
	}
	edges := o.Bins
	if edges == nil {
		edges = defaultBins()
	}
	if len(edges) < 2 || !slices.IsSorted(edges) {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"`bins` must increase monotonically, and there must be 2 or more"))
	}
	edges, counts := joined(edges, histogram(elements, edges), option.Or(o.MaxBins, 0))
	edges, counts = support(edges, counts)
	if len(counts) == 0 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "The histogram is empty: no element is in a bin."))
	}
	sum, squares := 0.0, 0.0
	for _, v := range elements {
		sum += v
		squares += v * v
	}
	w.add(EventOptions{o.WallTime}.time(), step, bytes(1, tag), message(5,
		double(1, slices.Min(elements)), double(2, slices.Max(elements)), double(3, float64(len(elements))),
		double(4, sum), double(5, squares), doubles(6, edges), doubles(7, counts)))
}

// defaultBins returns TensorFlow's edges.
var defaultBins = sync.OnceValue(func() []float64 {
	var up []float64
	for v := 1e-12; v < 1e20; v *= 1.1 {
		up = append(up, v)
	}
	var edges []float64
	for _, v := range slices.Backward(up) {
		edges = append(edges, -v)
	}
	return append(append(edges, 0), up...)
})

// histogram counts the values from each edge up to the next; the last bin holds its
// upper edge too.
func histogram(values, edges []float64) []float64 {
	counts := make([]float64, len(edges)-1)
	last := edges[len(counts)]
	for _, v := range values {
		if v >= edges[0] && v <= last {
			bin := sort.Search(len(counts), func(i int) bool { return edges[i+1] > v })
			counts[min(bin, len(counts)-1)]++
		}
	}
	return counts
}

// joined makes fewer bins of neighbours, about limit.
func joined(edges, counts []float64, limit int) (_, _ []float64) {
	if limit <= 0 || len(counts) <= limit {
		return edges, counts
	}
	width := len(counts) / limit
	var lower, sums []float64
	for start := 0; start < len(counts); start += width {
		sum := 0.0
		for _, c := range counts[start:min(start+width, len(counts))] {
			sum += c
		}
		lower, sums = append(lower, edges[start]), append(sums, sum)
	}
	return append(lower, edges[len(counts)]), sums
}

// support drops the empty bins at both ends, and returns upper edges with counts:
// first those of an empty bin, which gives the lower edge of the first full one.
func support(edges, counts []float64) (upper, _ []float64) {
	full := func(c float64) bool { return c > 0 }
	start := slices.IndexFunc(counts, full)
	if start < 0 {
		return nil, nil
	}
	end := len(counts)
	for !full(counts[end-1]) {
		end--
	}
	return edges[start : end+1], append([]float64{0}, counts[start:end]...)
}
