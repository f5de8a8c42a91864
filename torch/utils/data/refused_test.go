package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// TestNilDatasetsAreRefused where they are given, not where they are read.
func TestNilDatasetsAreRefused(t *testing.T) {
	none := (*data.Subset[int])(nil)
	of := func(call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: "must not be nil"}
	}
	some := data.NewSubset[int](listed{}, nil)
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"Map":                of(func() { data.Map(nil, func(i int) (int, error) { return i, nil }) }),
		"Map by nothing":     of(func() { data.Map[int, int](some, nil) }),
		"Subset":             of(func() { data.NewSubset[int](nil, []int{0}) }),
		"ConcatDataset":      of(func() { data.NewConcatDataset[int](some, none) }),
		"ChainDataset":       of(func() { data.NewChainDataset[int](nil) }),
		"StackDataset":       of(func() { data.NewStackDataset[int](nil) }),
		"RandomSplit":        of(func() { data.RandomSplit[int](nil, []int{1}) }),
		"RandomSampler":      of(func() { data.NewRandomSampler(nil) }),
		"SequentialSampler":  of(func() { data.NewSequentialSampler(none) }),
		"DataLoader":         of(func() { data.NewDataLoader[*torch.Tensor](nil) }),
		"BatchSampler":       of(func() { data.NewBatchSampler(nil, 1, false) }),
		"DistributedSampler": of(func() { data.NewDistributedSampler(nil, 1, 0) }),
		"an empty stack": {Call: func() { new(data.StackDataset[int]).Len() }, Kind: torch.ValueError,
			Words: "data.StackDataset.Len: there are no datasets"},
	})
}

// listed is a dataset of its ints.
type listed []int

func (n listed) Len() int                  { return len(n) }
func (n listed) At(index int) (int, error) { return n[index], nil }

// TestSamplersOfHugeNumbers have sizes that no list can have.
func TestSamplersOfHugeNumbers(t *testing.T) {
	all := data.NewBatchSampler(data.NewSequentialSampler(listed{5, 6, 7}), math.MaxInt, false)
	assert.Equal(t, 1, all.Len())
	for batch := range all.All() {
		assert.Equal(t, []int{0, 1, 2}, batch)
	}
	assert.Equal(t, 1, data.NewDistributedSampler(listed{5, 6, 7}, math.MaxInt, 0).Len())
	source := &listed{1, 2}
	sampler := data.NewDistributedSampler(source, 1, 0)
	*source = nil
	assert.ErrorContains(t, torch.Try(func() {
		for range sampler.All() {
		}
	}), "the dataset has become empty")
}
