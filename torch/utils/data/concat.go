package data

import (
	"context"
	"iter"
	"sort"
)

// Concat is datasets one after the other, Python's ConcatDataset.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
type Concat[T any] struct {
	Datasets []Dataset[T]
	ends     []int // where each ends
}

// NewConcat returns the concatenation of datasets. It panics if there are none.
func NewConcat[T any](datasets ...Dataset[T]) *Concat[T] {
	if len(datasets) == 0 {
		fail("data.NewConcat", "datasets should not be an empty iterable")
	}
	c := &Concat[T]{Datasets: datasets}
	n := 0
	for _, d := range datasets {
		n += d.Len()
		c.ends = append(c.ends, n)
	}
	return c
}

// Len returns the number of samples of all datasets, as it was at the start.
func (c *Concat[T]) Len() int { return c.ends[len(c.ends)-1] }

// At returns a sample of the dataset that index falls into.
func (c *Concat[T]) At(index int) (sample T, err error) {
	if err := checkIndex("data.Concat.At", index, c.Len()); err != nil {
		return sample, err
	}
	i := sort.SearchInts(c.ends, index+1)
	if i > 0 {
		index -= c.ends[i-1]
	}
	return c.Datasets[i].At(index)
}

// NewChain returns the samples of iterable datasets, one after the other: Python's
// ChainDataset.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset
func NewChain[T any](datasets ...IterableDataset[T]) IterableDataset[T] { return chain[T](datasets) }

type chain[T any] []IterableDataset[T]

func (c chain[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, d := range c {
			for sample, err := range d.All(ctx) {
				if !yield(sample, err) || err != nil {
					return
				}
			}
		}
	}
}
