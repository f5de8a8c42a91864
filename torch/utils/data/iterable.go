package data

import (
	"context"
	"iter"
	"runtime/debug"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// NewIterableDataLoader returns a loader of batches that collate, such as
// [DefaultCollate], makes of a dataset's samples in their order. With workers the
// dataset is read ahead in a goroutine of its own, one sample after the other, and
// the workers collate; Python, on the other hand, gives each worker a copy of the
// dataset, and leaves it to the dataset that samples do not come twice. The
// samples' own tensors are left to the garbage collector. It panics on options
// that contradict each other.
func NewIterableDataLoader[T, B any](dataset IterableDataset[T], collate func(samples []T) (B, error), options ...DataLoaderOptions) *DataLoader[B] {
	argument.NotNil("data.NewIterableDataLoader", "the dataset", dataset)
	argument.NotNil("data.NewIterableDataLoader", "the collate function", collate)
	const op = "data.NewIterableDataLoader"
	o := option.First(options)
	switch {
	case o.Shuffle:
		panic(torch.Errorf(op, torch.ValueError,
			"DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True"))
	case o.Sampler != nil:
		panic(torch.Errorf(op, torch.ValueError,
			"DataLoader with IterableDataset: expected unspecified sampler option, but got sampler=%v", o.Sampler))
	case o.BatchSampler != nil:
		panic(torch.Errorf(op, torch.ValueError,
			"DataLoader with IterableDataset: expected unspecified batch_sampler option, but got batch_sampler=%v", o.BatchSampler))
	case o.batchSize() < 1:
		panic(torch.Errorf(op, torch.ValueError, "batch_size should be a positive integer value, but got batch_size=%d",
			o.batchSize()))
	}
	o.check()
	l := &DataLoader[B]{options: o, batches: -1}
	if sized, ok := dataset.(Sized); ok {
		l.batches = sized.Len() / o.batchSize()
		if !o.DropLast {
			l.batches = (sized.Len() + o.batchSize() - 1) / o.batchSize()
		}
	}
	l.tasks = func(ctx context.Context) iter.Seq[task[B]] {
		chunks := chunked(ctx, dataset, o.batchSize(), o.DropLast)
		if o.NumWorkers > 0 {
			chunks = readAhead(ctx, chunks, o.NumWorkers**o.PrefetchFactor)
		}
		return func(yield func(task[B]) bool) {
			for c := range chunks {
				if !yield(func() (B, error) { return collateChunk(c, collate) }) {
					return
				}
			}
		}
	}
	return l
}

// chunk is the samples of a batch, the first of them, and why there are no more.
type chunk[T any] struct {
	samples []T
	start   int
	err     error
}

// collateChunk makes a batch of a chunk.
func collateChunk[T, B any](c chunk[T], collate func([]T) (B, error)) (batch B, err error) {
	if c.err != nil {
		return batch, wrap([]int{c.start}, c.err)
	}
	batch, err = guard(func() (B, error) { return collate(c.samples) })
	if err != nil {
		indices := make([]int, len(c.samples))
		for i := range indices {
			indices[i] = c.start + i
		}
		return batch, wrap(indices, err)
	}
	return batch, nil
}

// chunked groups a dataset's samples. An error or a panic of the dataset is the
// last chunk.
func chunked[T any](ctx context.Context, dataset IterableDataset[T], size int, dropLast bool) iter.Seq[chunk[T]] {
	return func(yield func(chunk[T]) bool) {
		c, n := chunk[T]{}, 0
		away := false // while the chunk's receiver runs, and when it wants no more
		give := func(c chunk[T]) bool {
			away = true
			away = !yield(c)
			return !away
		}
		defer func() {
			if away {
				return // a panic is not the dataset's, and goes on
			}
			if v := recover(); v != nil {
				give(chunk[T]{start: n, err: &PanicError{v, debug.Stack()}})
			}
		}()
		for sample, err := range dataset.All(ctx) {
			if err != nil {
				give(chunk[T]{start: n, err: err})
				return
			}
			n++
			if c.samples = append(c.samples, sample); len(c.samples) == size {
				if !give(c) {
					return
				}
				c = chunk[T]{start: n}
			}
		}
		if len(c.samples) > 0 && !dropLast {
			give(c)
		}
	}
}

// readAhead runs a sequence in a goroutine, at most so many values ahead, which
// ends before the loop does.
func readAhead[T any](ctx context.Context, values iter.Seq[T], ahead int) iter.Seq[T] {
	return func(yield func(T) bool) {
		ctx, cancel := context.WithCancel(ctx)
		read := make(chan T, ahead)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		running.Go(func() {
			defer close(read)
			for v := range values {
				select {
				case read <- v:
				case <-ctx.Done():
					return
				}
			}
		})
		for v := range read {
			if !yield(v) {
				return
			}
		}
	}
}
