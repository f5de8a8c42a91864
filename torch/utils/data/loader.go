package data

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// DataLoader makes batches of type B of a dataset's samples.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
type DataLoader[B any] struct { //nolint:revive // PyTorch's name
	options DataLoaderOptions
	dataset Sized // nil: an iterable one
	batches int   // of an iterable dataset that has a length, or -1
	// tasks gives what makes each batch, in order.
	tasks func(ctx context.Context) iter.Seq[task[B]]
}

// DataLoaderOptions are the options of [NewDataLoader]. Those that choose samples,
// Shuffle, Sampler and BatchSampler, exclude each other, and are not for iterable
// datasets; a BatchSampler also excludes BatchSize and DropLast.
type DataLoaderOptions struct { //nolint:revive // PyTorch's name
	BatchSize      *int             // samples in a batch; default: 1
	Shuffle        bool             // a new random order in each epoch
	Sampler        Sampler[int]     // the order of samples
	BatchSampler   Sampler[[]int]   // the samples of each batch
	NumWorkers     int              // goroutines that make batches; default: 0, the loop's own makes them
	PrefetchFactor *int             // batches that are made ahead, for each worker; default: 2
	DropLast       bool             // leave out a last batch that is not full
	PinMemory      bool             // put batches into page-locked memory, if there is an accelerator
	Generator      *torch.Generator // of the random order; default: one seeded from the default generator
}

// NewDataLoader returns a loader of batches that [DefaultCollate] makes: the batch
// has the samples' type, which must be a *[torch.Tensor], a []*[torch.Tensor] or a
// [Sample]. A [Gatherer] makes its batches itself, which is much faster. It panics
// on options that contradict each other.
func NewDataLoader[T any](dataset Dataset[T], options ...DataLoaderOptions) *DataLoader[T] {
	argument.NotNil("data.NewDataLoader", "the dataset", dataset)
	o := option.First(options)
	if gather := gatherer(dataset); gather != nil {
		return mapStyle(o, dataset, func(_ context.Context, indices []int) (T, error) {
			batch, err := guard(func() (T, error) { return gather(indices) })
			return batch, wrap(indices, err)
		})
	}
	return NewDataLoaderFunc(dataset, DefaultCollate, options...)
}

// NewDataLoaderFunc returns a loader of batches that collate makes of samples of
// any type. If the type of the batches is a struct with tensors, give it a method
// Tensors, as [Sample] has, so that the loop can free them, and PinMemory if that
// option is set. It panics on options that contradict each other.
func NewDataLoaderFunc[T, B any](dataset Dataset[T], collate func(samples []T) (B, error), options ...DataLoaderOptions) *DataLoader[B] {
	const op = "data.NewDataLoaderFunc"
	argument.NotNil(op, "the dataset", dataset)
	argument.NotNil(op, "the collate function", collate)
	o := option.First(options)
	return mapStyle(o, dataset, func(ctx context.Context, indices []int) (batch B, err error) {
		samples := make([]T, len(indices))
		for i, index := range indices {
			if ctx.Err() != nil { // nobody waits for the batch any more
				return batch, context.Cause(ctx)
			}
			samples[i], err = guard(func() (T, error) { return dataset.At(index) })
			if err != nil {
				return batch, wrap([]int{index}, err)
			}
		}
		batch, err = guard(func() (B, error) { return collate(samples) })
		return batch, wrap(indices, err)
	})
}

// mapStyle returns a loader of a dataset with indices.
func mapStyle[B any](o DataLoaderOptions, dataset Sized, fetch func(ctx context.Context, indices []int) (B, error)) *DataLoader[B] {
	sampler := o.batchSampler(dataset)
	o.check()
	o.BatchSampler = sampler
	return &DataLoader[B]{options: o, dataset: dataset, tasks: func(ctx context.Context) iter.Seq[task[B]] {
		return func(yield func(task[B]) bool) {
			for indices := range sampler.All() {
				if !yield(func() (B, error) { return fetch(ctx, indices) }) {
					return
				}
			}
		}
	}}
}

// batchSampler returns the sampler that the options ask for.
func (o *DataLoaderOptions) batchSampler(source Sized) Sampler[[]int] {
	const op = "data.NewDataLoader"
	if o.Sampler != nil && o.Shuffle {
		panic(torch.Errorf(op, torch.ValueError, "sampler option is mutually exclusive with shuffle"))
	}
	if o.BatchSampler != nil {
		if o.batchSize() != 1 || o.Shuffle || o.Sampler != nil || o.DropLast {
			panic(torch.Errorf(op, torch.ValueError,
				"batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"))
		}
		return o.BatchSampler
	}
	sampler := o.Sampler
	switch {
	case o.Shuffle:
		sampler = NewRandomSampler(source, RandomSamplerOptions{Generator: o.Generator})
	case sampler == nil:
		sampler = NewSequentialSampler(source)
	}
	return NewBatchSampler(sampler, o.batchSize(), o.DropLast)
}

// batchSize returns the size of batches.
func (o *DataLoaderOptions) batchSize() int {
	return option.Or(o.BatchSize, 1)
}

// check panics on numbers out of range, and sets defaults.
func (o *DataLoaderOptions) check() {
	const op = "data.NewDataLoader"
	ahead := option.Or(o.PrefetchFactor, 2)
	switch {
	case o.NumWorkers < 0:
		panic(torch.Errorf(op, torch.ValueError,
			"num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."))
	case ahead < 0:
		panic(torch.Errorf(op, torch.ValueError, "prefetch_factor option should be non-negative"))
	case ahead > math.MaxInt32 || o.NumWorkers > math.MaxInt32/max(ahead, 2):
		panic(torch.Errorf(op, torch.ValueError, "%d workers that make %d batches ahead each are too many",
			o.NumWorkers, ahead))
	case o.NumWorkers == 0 && o.PrefetchFactor != nil:
		panic(torch.Errorf(op, torch.ValueError, "prefetch_factor option could only be specified in multiprocessing. "+
			"let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."))
	}
	o.PrefetchFactor = &ahead
}

// Dataset returns the dataset, which tells how many samples there are; nil if it is an
// iterable one.
func (l *DataLoader[B]) Dataset() Sized { return l.dataset }

// Len returns how many batches there are. It panics if the dataset is an iterable
// one without a length.
func (l *DataLoader[B]) Len() int {
	switch {
	case l.options.BatchSampler != nil:
		return l.options.BatchSampler.Len()
	case l.batches < 0:
		panic(torch.Errorf("data.DataLoader.Len", torch.TypeError, "the iterable dataset has no length"))
	}
	return l.batches
}

// All goes through the dataset once:
//
//	for batch, err := range loader.All(ctx) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// The batches come in the sampler's order, however many workers make them. The
// first error ends the loop: an *[Error] with the sample's index if a dataset or
// collate function failed or panicked, or the context's.
//
// A batch is the body's until its next turn; then its tensors are freed, unless
// [torch.Tensor.Keep] kept them. Batches that workers have made ahead are freed
// when the loop ends, and the workers are gone by then, each after the sample that
// it is at: nothing uses the dataset any more. A dataset or collate function runs
// in a [torch.Scope], so a dataset that holds on to tensors that it makes must
// Keep them.
//
// To take batches one by one use [DataLoader.Pull], not iter.Pull, which ends the
// process if its next is called in a mode such as torch.NoGrad.
//
// Random numbers are drawn as Python draws them, on the loop's goroutine: one from
// the options' generator, else the default one, when the loop starts, and those of
// the order when it is needed. So the same seed gives the same batches.
func (l *DataLoader[B]) All(ctx context.Context) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		drawSeed(l.options.Generator) // the seed that Python's workers get
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r := runner[B]{ctx: ctx, yield: yield, pin: l.options.PinMemory && accelerator.IsAvailable()}
		if l.options.NumWorkers == 0 {
			r.run(l.tasks(ctx))
			return
		}
		r.runParallel(l.tasks(ctx), l.options.NumWorkers, l.options.NumWorkers**l.options.PrefetchFactor, cancel)
	}
}

// Enumerate goes through the dataset as [DataLoader.All] does, and counts the batches
// from 0, as Python's enumerate:
//
//	var err error
//	for i, batch := range loader.Enumerate(ctx, &err) {
//		...
//	}
//	if err != nil {
//		return err
//	}
//
// After the loop err is what ended it, or nil if it came to its end or was left by
// break. Enumerate panics with a TypeError if err is nil.
func (l *DataLoader[B]) Enumerate(ctx context.Context, err *error) iter.Seq2[int, B] {
	argument.NotNil("data.DataLoader.Enumerate", "the pointer to an error", err)
	return func(yield func(int, B) bool) {
		*err = nil
		i := 0
		for batch, failure := range l.All(ctx) {
			if failure != nil {
				*err = failure
				return
			}
			if !yield(i, batch) {
				return
			}
			i++
		}
	}
}

// String says what the loader does, for debugging.
func (l *DataLoader[B]) String() string {
	return fmt.Sprintf("data.DataLoader(batch_size=%d, num_workers=%d)", l.options.batchSize(), l.options.NumWorkers)
}
