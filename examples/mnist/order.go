package main

import (
	"iter"

	"github.com/wangkuiyi/gotorch/torch"
)

// order is the random order of the images in an epoch. It follows from the seed and
// the epoch alone, so that a training can go on in the middle of one.
type order struct {
	images int
	seed   int64
	epoch  int
	start  int // how many images are done
}

// Len returns how many images are left.
func (o order) Len() int { return o.images - o.start }

// All gives the indices of the images that are left.
func (o order) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		generator := torch.NewGenerator().ManualSeed(o.seed + int64(o.epoch))
		permutation := torch.Randperm(o.images, torch.TensorOptions{Generator: generator})
		defer permutation.Close()
		for _, index := range torch.ToSlice[int](permutation)[o.start:] {
			if !yield(index) {
				return
			}
		}
	}
}
