package data

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// DefaultCollate makes a batch of samples that are a *[torch.Tensor], a
// []*[torch.Tensor] or a [Sample]: tensors are stacked, so that the batch has one
// more dimension, the first. It fails on other types, and on none; it panics where
// shapes differ.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
func DefaultCollate[T any](samples []T) (batch T, err error) {
	if len(samples) == 0 {
		return batch, fmt.Errorf("data.DefaultCollate: there are no samples")
	}
	switch list := any(samples).(type) {
	case []*torch.Tensor:
		return any(torch.Stack(list, 0)).(T), nil
	case []Sample:
		b := Sample{
			Data:   stack(len(list), func(i int) *torch.Tensor { return list[i].Data }),
			Target: stack(len(list), func(i int) *torch.Tensor { return list[i].Target }),
		}
		return any(b).(T), nil
	case [][]*torch.Tensor:
		b := make([]*torch.Tensor, len(list[0]))
		for i, row := range list {
			if len(row) != len(b) {
				return batch, fmt.Errorf("data.DefaultCollate: each element in list of batch should be of equal size, "+
					"but there are %d tensors at entry 0 and %d at entry %d", len(b), len(row), i)
			}
		}
		for k := range b {
			b[k] = stack(len(list), func(i int) *torch.Tensor { return list[i][k] })
		}
		return any(b).(T), nil
	}
	return batch, fmt.Errorf("data.DefaultCollate: batch must contain tensors or data.Sample; found %T", samples[0])
}

// stack stacks n tensors.
func stack(n int, at func(i int) *torch.Tensor) *torch.Tensor {
	list := make([]*torch.Tensor, n)
	for i := range list {
		list[i] = at(i)
	}
	return torch.Stack(list, 0)
}

// tensorsOf returns the tensors of a batch: of a tensor, of a list of them, or of
// what has a method Tensors, such as a [Sample].
func tensorsOf(batch any) []*torch.Tensor {
	switch b := batch.(type) {
	case *torch.Tensor:
		return []*torch.Tensor{b}
	case []*torch.Tensor:
		return b
	case interface{ Tensors() []*torch.Tensor }:
		return b.Tensors()
	}
	return nil
}

// pin returns a batch in page-locked memory: a tensor, a list of them, or what has
// a method PinMemory that returns its own type. Others stay as they are.
func pin[B any](batch B) B {
	switch b := any(batch).(type) {
	case interface{ PinMemory() B }:
		return b.PinMemory()
	case []*torch.Tensor:
		pinned := make([]*torch.Tensor, len(b))
		for i, x := range b {
			pinned[i] = x.PinMemory()
		}
		return any(pinned).(B)
	}
	return batch
}
