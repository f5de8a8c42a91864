package main

import (
	"fmt"
	"iter"

	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// order is the random order of this process's images in an epoch. It follows from the
// seed and the epoch alone, so that a training can go on in the middle of one.
type order struct {
	*data.DistributedSampler
	start int // how many of them are done
}

// newOrder returns the order of the images that are left of an epoch.
func (s *session) newOrder(set data.Sized) (order, error) {
	sampler := data.NewDistributedSampler(set, s.Size(), s.Rank, data.DistributedSamplerOptions{Seed: s.seed})
	sampler.SetEpoch(s.Epoch)
	o := order{sampler, s.Images / s.Size()}
	if s.Images > sampler.Len()*s.Size() {
		return o, fmt.Errorf("%s says %d images of this epoch are done, but there are %d", s.path(), s.Images, set.Len())
	}
	return o, nil
}

// Len returns how many images are left.
func (o order) Len() int { return o.DistributedSampler.Len() - o.start }

// All gives the indices of the images that are left.
func (o order) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		done := 0
		for index := range o.DistributedSampler.All() {
			if done >= o.start && !yield(index) {
				return
			}
			done++
		}
	}
}
