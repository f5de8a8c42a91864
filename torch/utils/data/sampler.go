package data

import (
	"iter"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Sampler says in which order to go through a dataset: a Sampler[int] gives
// indices, a Sampler[[]int] the indices of whole batches.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
type Sampler[T any] interface {
	// Len returns how many there are.
	Len() int
	// All goes through them once, in a new order if it is random. It draws random
	// numbers as it goes.
	All() iter.Seq[T]
}

// SequentialSampler gives all indices in order.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
type SequentialSampler struct{ source Sized }

// NewSequentialSampler returns a sampler of source's indices.
func NewSequentialSampler(source Sized) *SequentialSampler {
	argument.NotNil("data.NewSequentialSampler", "the source", source)
	return &SequentialSampler{source}
}

// Len returns the number of samples.
func (s *SequentialSampler) Len() int { return s.source.Len() }

// All gives 0, 1 and so on.
func (s *SequentialSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range s.source.Len() {
			if !yield(i) {
				return
			}
		}
	}
}

// BatchSampler groups what another sampler gives.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
type BatchSampler struct {
	sampler  Sampler[int]
	size     int
	dropLast bool
}

// NewBatchSampler returns a sampler of batches of size indices each. A last batch
// with fewer is left out if dropLast is set. It panics if size is not positive.
func NewBatchSampler(sampler Sampler[int], size int, dropLast bool) *BatchSampler {
	argument.NotNil("data.NewBatchSampler", "the sampler", sampler)
	if size <= 0 {
		panic(torch.Errorf("data.NewBatchSampler", torch.ValueError,
			"batch_size should be a positive integer value, but got batch_size=%d", size))
	}
	return &BatchSampler{sampler, size, dropLast}
}

// Len returns the number of batches.
func (s *BatchSampler) Len() int {
	if s.dropLast {
		return s.sampler.Len() / s.size
	}
	return divideUp(s.sampler.Len(), s.size)
}

// All gives the batches, each in a slice of its own.
func (s *BatchSampler) All() iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		most := max(0, min(s.size, s.sampler.Len()))
		batch := make([]int, 0, most)
		for index := range s.sampler.All() {
			if batch = append(batch, index); len(batch) < s.size {
				continue
			}
			if !yield(batch) {
				return
			}
			batch = make([]int, 0, most)
		}
		if len(batch) > 0 && !s.dropLast {
			yield(batch)
		}
	}
}

// DistributedSampler gives each of several processes its own part of the indices,
// equally many to each.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
type DistributedSampler struct {
	source         Sized
	replicas, rank int
	samples        int // that each process gets
	epoch          int
	options        DistributedSamplerOptions
}

// DistributedSamplerOptions are the options of [NewDistributedSampler].
type DistributedSamplerOptions struct {
	Shuffle  *bool // a new order in each epoch; default: true
	Seed     int64 // of the order; must be the same in all processes
	DropLast bool  // leave indices out, rather than repeat some, to have equally many
}

// NewDistributedSampler returns the sampler of process rank, which counts from 0,
// of so many replicas. It panics if there is no such rank.
func NewDistributedSampler(source Sized, replicas, rank int, options ...DistributedSamplerOptions) *DistributedSampler {
	argument.NotNil("data.NewDistributedSampler", "the source", source)
	if rank < 0 || rank >= replicas {
		panic(torch.Errorf("data.NewDistributedSampler", torch.ValueError,
			"Invalid rank %d, rank should be in the interval [0, %d]", rank, replicas-1))
	}
	s := &DistributedSampler{source: source, replicas: replicas, rank: rank, options: option.First(options)}
	s.samples = divideUp(source.Len(), replicas)
	if s.options.DropLast {
		s.samples = source.Len() / replicas
	}
	return s
}

// SetEpoch says which epoch comes next. Without it each has the same order.
func (s *DistributedSampler) SetEpoch(epoch int) { s.epoch = epoch }

// Len returns how many indices each process gets.
func (s *DistributedSampler) Len() int { return s.samples }

// All gives every replicas-th index of the epoch's order, from the rank-th on; at
// the end the order starts again where DropLast is not set.
func (s *DistributedSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		n := s.source.Len()
		if n <= 0 && s.samples > 0 {
			panic(torch.Errorf("data.DistributedSampler", torch.ValueError, "the dataset has become empty"))
		}
		var order []int
		if s.options.Shuffle == nil || *s.options.Shuffle {
			g := torch.NewGenerator().ManualSeed(s.options.Seed + int64(s.epoch))
			order = permutation(n, g)
		}
		for i := range s.samples {
			index := (s.rank + i*s.replicas) % n
			if order != nil {
				index = order[index]
			}
			if !yield(index) {
				return
			}
		}
	}
}

// divideUp returns n/by, rounded up.
func divideUp(n, by int) int {
	if n <= 0 {
		return 0
	}
	return (n-1)/by + 1
}
