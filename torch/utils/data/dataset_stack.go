package data

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// StackDataset is datasets side by side: sample i is the list of sample i of each.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset
type StackDataset[T any] struct{ Datasets []Dataset[T] }

// NewStackDataset returns the stack of datasets. It panics if there are none, or
// if their lengths differ.
func NewStackDataset[T any](datasets ...Dataset[T]) *StackDataset[T] {
	const op = "data.NewStackDataset"
	if len(datasets) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "At least one dataset should be passed"))
	}
	for _, d := range datasets {
		argument.NotNil(op, "a dataset", d)
	}
	for _, d := range datasets {
		if d.Len() != datasets[0].Len() {
			panic(torch.Errorf(op, torch.ValueError, "Size mismatch between datasets"))
		}
	}
	return &StackDataset[T]{datasets}
}

// Len returns the number of samples of each dataset.
func (s *StackDataset[T]) Len() int {
	if len(s.Datasets) == 0 {
		panic(torch.Errorf("data.StackDataset.Len", torch.ValueError, "there are no datasets"))
	}
	return s.Datasets[0].Len()
}

// At returns the samples with the given index of all datasets.
func (s *StackDataset[T]) At(index int) ([]T, error) {
	row := make([]T, len(s.Datasets))
	for i, d := range s.Datasets {
		var err error
		if row[i], err = d.At(index); err != nil {
			return nil, err
		}
	}
	return row, nil
}
