package data

import (
	"context"
	"iter"
	"sort"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ConcatDataset is datasets one after the other.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
type ConcatDataset[T any] struct {
	Datasets []Dataset[T]
	ends     []int // where each ends
}

// NewConcatDataset returns the concatenation of datasets. It panics if there are none.
func NewConcatDataset[T any](datasets ...Dataset[T]) *ConcatDataset[T] {
	if len(datasets) == 0 {
		panic(torch.Errorf("data.NewConcatDataset", torch.ValueError, "datasets should not be an empty iterable"))
	}
	c := &ConcatDataset[T]{Datasets: datasets}
	n := 0
	for _, d := range datasets {
		argument.NotNil("data.NewConcatDataset", "a dataset", d)
		n += d.Len()
		c.ends = append(c.ends, n)
	}
	return c
}

// Len returns the number of samples of all datasets, as it was at the start.
func (c *ConcatDataset[T]) Len() int { return c.ends[len(c.ends)-1] }

// At returns a sample of the dataset that index falls into.
func (c *ConcatDataset[T]) At(index int) (sample T, err error) {
	if err := checkIndex("data.ConcatDataset.At", index, c.Len()); err != nil {
		return sample, err
	}
	i := sort.SearchInts(c.ends, index+1)
	if i > 0 {
		index -= c.ends[i-1]
	}
	return c.Datasets[i].At(index)
}

// ChainDataset is iterable datasets one after the other.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset
type ChainDataset[T any] struct{ Datasets []IterableDataset[T] }

// NewChainDataset returns the samples of datasets, one after the other.
func NewChainDataset[T any](datasets ...IterableDataset[T]) *ChainDataset[T] {
	for _, d := range datasets {
		argument.NotNil("data.NewChainDataset", "a dataset", d)
	}
	return &ChainDataset[T]{datasets}
}

// All goes through all datasets once, up to the first error.
func (c *ChainDataset[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, d := range c.Datasets {
			for sample, err := range d.All(ctx) {
				if !yield(sample, err) || err != nil {
					return
				}
			}
		}
	}
}
