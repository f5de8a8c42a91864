package data

import (
	"context"
	"iter"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Sized is what has a number of elements.
type Sized interface{ Len() int }

// Dataset is samples that can be had by their index. A [DataLoader] with workers
// calls At from many goroutines at a time.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Dataset
type Dataset[T any] interface {
	Sized
	// At returns the sample with the given index, from 0 to Len()-1. It fails on
	// other indices, and where the sample cannot be read.
	At(index int) (T, error)
}

// Gatherer is a [Dataset] that can make a whole batch faster than sample by
// sample. A [DataLoader] with the default collation uses it.
type Gatherer[T any] interface {
	Dataset[T]
	// Gather returns what [DefaultCollate] makes of the samples with these
	// indices, in new tensors.
	Gather(indices []int) (T, error)
}

// IterableDataset is samples that come one after the other, such as lines of a
// stream. A [DataLoader] is one too, of batches.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset
type IterableDataset[T any] interface {
	// All goes through the samples once. After an error there are no more.
	All(ctx context.Context) iter.Seq2[T, error]
}

// Sample is what most datasets hold: an input and what a model should make of it.
// A batch of them is a Sample too, whose tensors have one more dimension in front.
type Sample struct {
	Data   *torch.Tensor
	Target *torch.Tensor
}

// Tensors returns both tensors.
func (s Sample) Tensors() []*torch.Tensor { return []*torch.Tensor{s.Data, s.Target} }

// Keep calls [torch.Tensor.Keep] on both tensors and returns the sample.
func (s Sample) Keep() Sample {
	s.Data.Keep()
	s.Target.Keep()
	return s
}

// PinMemory returns the sample in page-locked memory.
func (s Sample) PinMemory() Sample { return Sample{s.Data.PinMemory(), s.Target.PinMemory()} }

// To returns the sample on a device; see [torch.Tensor.To].
func (s Sample) To(device torch.Device) Sample {
	return Sample{s.Data.To(device), s.Target.To(device)}
}

// Map returns a dataset of f(sample), computed at each access: by the workers of a
// [DataLoader]. It is what Python's datasets do with their transform.
func Map[T, U any](dataset Dataset[T], f func(sample T) (U, error)) Dataset[U] {
	argument.NotNil("data.Map", "the dataset", dataset)
	argument.NotNil("data.Map", "the function", f)
	return &mapped[T, U]{dataset, f}
}

type mapped[T, U any] struct {
	dataset Dataset[T]
	f       func(T) (U, error)
}

func (m *mapped[T, U]) Len() int { return m.dataset.Len() }

func (m *mapped[T, U]) At(index int) (result U, err error) {
	sample, err := m.dataset.At(index)
	if err != nil {
		return result, err
	}
	return m.f(sample)
}

// checkIndex returns an error if index is not in [0, n).
func checkIndex(op string, index, n int) error {
	if index < 0 || index >= n {
		return torch.Errorf(op, torch.IndexError, "index %d is out of bounds for a dataset of %d samples", index, n)
	}
	return nil
}
