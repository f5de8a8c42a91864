package data

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Subset is some of the samples of a dataset: sample i is that with index
// Indices[i].
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Subset
type Subset[T any] struct {
	Dataset Dataset[T]
	Indices []int
}

// NewSubset returns the samples of dataset with the given indices.
func NewSubset[T any](dataset Dataset[T], indices []int) *Subset[T] {
	argument.NotNil("data.NewSubset", "the dataset", dataset)
	return &Subset[T]{dataset, indices}
}

// Len returns the number of indices.
func (s *Subset[T]) Len() int { return len(s.Indices) }

// At returns sample Indices[index] of the dataset.
func (s *Subset[T]) At(index int) (sample T, err error) {
	if err := checkIndex("data.Subset.At", index, len(s.Indices)); err != nil {
		return sample, err
	}
	return s.Dataset.At(s.Indices[index])
}

// gatherer returns what makes a batch of the samples with some indices in one go,
// or nil.
func gatherer[T any](dataset Dataset[T]) func(indices []int) (T, error) {
	argument.NotNil("data.NewDataLoader", "the dataset", dataset)
	switch d := dataset.(type) {
	case Gatherer[T]:
		return d.Gather
	case *Subset[T]:
		whole := gatherer(d.Dataset)
		if whole == nil {
			return nil
		}
		return func(indices []int) (batch T, err error) {
			inWhole := make([]int, len(indices))
			for i, index := range indices {
				if err := checkIndex("data.Subset.Gather", index, len(d.Indices)); err != nil {
					return batch, err
				}
				inWhole[i] = d.Indices[index]
			}
			return whole(inWhole)
		}
	}
	return nil
}

// RandomSplitOptions are the options of [RandomSplit].
type RandomSplitOptions struct {
	Generator *torch.Generator // default: the default generator
}

// RandomSplit splits a dataset at random into subsets without common samples. The
// lengths must sum up to that of the dataset; or they are fractions that sum up to
// 1, and what rounding leaves over goes to the subsets in turn. The same generator
// gives the same subsets as Python's. It panics on other lengths.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
func RandomSplit[T any, N int | float64](dataset Dataset[T], lengths []N, options ...RandomSplitOptions) []*Subset[T] {
	argument.NotNil("data.RandomSplit", "the dataset", dataset)
	n := dataset.Len()
	sizes := splitSizes(n, lengths)
	order := torch.Randperm(n, torch.TensorOptions{Generator: option.First(options).Generator, Device: torch.CPU})
	defer order.Close()
	indices := torch.ToSlice[int](order)
	var subsets []*Subset[T]
	for _, size := range sizes {
		subsets = append(subsets, NewSubset(dataset, indices[:size:size]))
		indices = indices[size:]
	}
	return subsets
}

// splitSizes returns how many of n samples each subset gets.
func splitSizes[N int | float64](n int, lengths []N) []int {
	const op = "data.RandomSplit"
	sum := 0.0
	for i, length := range lengths {
		if length < 0 {
			panic(torch.Errorf(op, torch.ValueError, "length %d is negative: %v", i, length))
		}
		sum += float64(length)
	}
	sizes := make([]int, len(lengths))
	if math.Abs(sum-1) < 1e-9 && sum < 1+1e-12 { // Python's sum has no rounding errors
		rest := n
		for i, fraction := range lengths {
			sizes[i] = int(math.Floor(float64(n) * float64(fraction)))
			rest -= sizes[i]
		}
		for i := range rest {
			sizes[i%len(sizes)]++
		}
		return sizes
	}
	if sum != float64(n) {
		panic(torch.Errorf(op, torch.ValueError,
			"Sum of input lengths does not equal the length of the input dataset!"))
	}
	for i, length := range lengths {
		sizes[i] = int(length)
		if N(sizes[i]) != length {
			panic(torch.Errorf(op, torch.ValueError, "length %d is not a whole number: %v", i, length))
		}
	}
	return sizes
}
