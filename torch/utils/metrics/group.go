package metrics

import (
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ByGroup computes a metric for each group of samples, such as people of each age,
// so that one sees whom predictions serve worse.
type ByGroup[T any] struct {
	new    func() Metric[T]
	groups map[int]Metric[T]
}

// NewByGroup returns the metric that new makes, for each group that comes up.
//
//	recall := metrics.NewByGroup(func() metrics.Metric[metrics.Counts] { return metrics.NewConfusionMatrix(2) })
func NewByGroup[T any](new func() Metric[T]) *ByGroup[T] {
	argument.NotNil("metrics.NewByGroup", "the function", new)
	return &ByGroup[T]{new, map[int]Metric[T]{}}
}

// Update takes a batch, with the number of the group that each sample is of, n.
func (b *ByGroup[T]) Update(predicted, target, group *torch.Tensor) {
	const op = "ByGroup.Update"
	checkSamples(op, predicted, target)
	if group.Dim() != 1 || group.Size(0) != target.Size(0) {
		panic(torch.Errorf("metrics."+op, torch.ValueError, "want a group for each of %d samples, got %v",
			target.Size(0), group.Shape()))
	}
	quietly(func() {
		numbers := slices.Compact(slices.Sorted(slices.Values(torch.ToSlice[int](group))))
		for _, number := range numbers {
			if b.groups[number] == nil {
				b.groups[number] = b.new()
				argument.NotNil("metrics.ByGroup", "the metric that the function returns", b.groups[number])
			}
			of := group.Eq(number).Nonzero().Squeeze(1).To(target.Device())
			b.groups[number].Update(predicted.IndexSelect(0, of), target.IndexSelect(0, of))
		}
	})
}

// Compute returns the metric of each group.
func (b *ByGroup[T]) Compute() map[int]T {
	values := map[int]T{}
	for number, metric := range b.groups {
		values[number] = metric.Compute()
	}
	return values
}

// Reset forgets all samples and groups.
func (b *ByGroup[T]) Reset() { clear(b.groups) }

// Gap returns the greatest value less the least: how unequal groups are. It is 0
// without values.
func Gap(values map[int]float64) float64 {
	if len(values) == 0 {
		return 0
	}
	list := slices.Collect(maps.Values(values))
	return slices.Max(list) - slices.Min(list)
}
