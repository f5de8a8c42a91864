package data

import (
	"iter"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// DistributedSamplerOptions are the options of [NewDistributedSampler].
type DistributedSamplerOptions struct {
	NumReplicas int   // how many processes share the samples; 0 is the default group's
	Rank        *int  // which one this is; default: the default group's
	Shuffle     *bool // default: true
	Seed        int64 // the same in all processes
	DropLast    bool  // leave samples out where they are not as many for each; else some come twice
}

// DistributedSampler gives each of several processes a part of the indices, as many to
// each. The parts are those of Python's.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
type DistributedSampler struct {
	source  Sized
	n, rank int
	shuffle bool
	options DistributedSamplerOptions
	epoch   int
}

// NewDistributedSampler returns a sampler of the part of source's indices that is this
// process's. It panics if there is neither a default group nor options that say which that
// is, or if they do not fit together.
func NewDistributedSampler(source Sized, options ...DistributedSamplerOptions) *DistributedSampler {
	const op = "data.NewDistributedSampler"
	argument.NotNil(op, "the source", source)
	o := option.First(options)
	s := &DistributedSampler{source: source, n: o.NumReplicas, shuffle: option.Or(o.Shuffle, true), options: o}
	if (o.NumReplicas == 0 || o.Rank == nil) && !distributed.IsInitialized() {
		panic(torch.Errorf(op, torch.RuntimeError, "there is no default group: distributed.InitProcessGroup makes it, or NumReplicas and Rank say the same"))
	}
	if s.n == 0 {
		s.n = distributed.GetWorldSize()
	}
	if o.Rank == nil {
		s.rank = distributed.GetRank()
	} else {
		s.rank = *o.Rank
	}
	if s.rank < 0 || s.rank >= s.n {
		panic(torch.Errorf(op, torch.ValueError, "Invalid rank %d, rank should be in the interval [0, %d]", s.rank, s.n-1))
	}
	return s
}

// SetEpoch says which epoch comes: each has an order of its own, the same in all processes.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
func (s *DistributedSampler) SetEpoch(epoch int) { s.epoch = epoch }

// Len returns how many indices it gives.
func (s *DistributedSampler) Len() int {
	if s.options.DropLast {
		return s.source.Len() / s.n
	}
	return (s.source.Len() + s.n - 1) / s.n
}

// All gives the indices.
func (s *DistributedSampler) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		n := s.source.Len()
		order := func(i int) int { return i }
		if s.shuffle && n > 0 {
			shuffled := permutation(n, torch.NewGenerator().ManualSeed(s.options.Seed+int64(s.epoch)))
			order = func(i int) int { return shuffled[i] }
		}
		for i := range s.Len() {
			if !yield(order((i*s.n + s.rank) % n)) {
				return
			}
		}
	}
}
