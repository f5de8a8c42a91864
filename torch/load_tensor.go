package torch

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/internal/strided"
)

// loader makes what a file holds.
type loader struct {
	archive  *ptzip.Reader // nil for the format before PyTorch 1.6
	mapped   *Tensor       // the file's bytes, if it is mapped
	options  LoadOptions
	budget   *pickle.Budget
	left     int // how many bytes of storages may come after the pickle
	storages map[string]*loadedStorage
	tensors  []*Tensor
	checks   []func() // of tensors, when all elements are there; they panic
}

// What objects take at most, in Go, in libtorch and in the shim, beside elements.
const (
	boxSize       = 64   // a small value
	tensorSize    = 1024 // with a few dimensions
	dimensionSize = 64   // of a tensor with more
	storageSize   = 2048 // with the tensor of its bytes
)

// close drops the storages, which belong to their tensors now, and after an error
// the tensors too.
func (l *loader) close(failed bool) {
	for _, s := range l.storages {
		if s.handle != 0 {
			cgotorch.FreeStorage(s.handle)
		}
		s.bytes.Close()
	}
	l.mapped.Close()
	if failed {
		for _, x := range l.tensors {
			x.Close()
		}
	}
}

// tensor makes a tensor: storage, offset, size, stride, requires_grad, hooks, and
// perhaps metadata.
func (l *loader) tensor(args pickle.Tuple) (any, error) {
	s, err := argument[storageRef](args, 0)
	if err != nil {
		return nil, err
	}
	return l.rebuild(s, s.dtype, args, 6)
}

// tensorV1 makes a tensor: storage, offset, size, stride.
func (l *loader) tensorV1(args pickle.Tuple) (any, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("a tensor is made of %d things, want 4", len(args))
	}
	return l.tensor(append(slices.Clip(args), false))
}

// tensorV3 is tensor with the dtype before the metadata.
func (l *loader) tensorV3(args pickle.Tuple) (any, error) {
	s, err := argument[storageRef](args, 0)
	if err != nil {
		return nil, err
	}
	dtype, err := argument[DType](args, 6)
	if err != nil {
		return nil, err
	}
	return l.rebuild(s, dtype, args, 7)
}

func (l *loader) rebuild(s storageRef, dtype DType, args pickle.Tuple, metadata int) (any, error) {
	offset, err1 := argument[int](args, 1)
	size, stride, requiresGrad, err2 := l.geometry(args, 2)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a tensor: %w", err)
	}
	if offset, err1 = s.place(dtype, offset, size, stride); err1 != nil {
		return nil, err1
	}
	if err := l.budget.Take(tensorSize); err != nil {
		return nil, err
	}
	var x *Tensor
	failed := Try(func() {
		x = onStorage(s.handle, dtype, s.loadedStorage.bytes.Device(), offset, size, stride)
		l.tensors = append(l.tensors, x)
		if x.DType() != dtype { // an older libtorch panics here
			panic(Errorf("torch.Load", TypeError, "this libtorch lacks the dtype %v", dtype))
		}
		if len(args) > metadata {
			if x, err1 = l.restore(x, args[metadata]); err1 != nil {
				return
			}
		}
		x.SetRequiresGrad(requiresGrad)
	})
	return x, errors.Join(failed, err1)
}

// place returns where in the whole storage the first element of a tensor is. It fails
// where the tensor does not lie within its part of the storage.
func (r storageRef) place(dtype DType, offset int, size, stride []int) (int, error) {
	item := dtype.ItemSize()
	if item == 0 || r.offset%item != 0 || !strided.Fits(r.bytes/item, offset, size, stride) {
		return 0, fmt.Errorf("a tensor of sizes %d, strides %d and dtype %v does not fit into its storage of %d bytes",
			size, stride, dtype, r.bytes)
	}
	return r.offset/item + offset, nil
}

// geometry returns what a tensor's arguments have from the i-th on: size, stride,
// requires_grad.
func (l *loader) geometry(args pickle.Tuple, i int) (size, stride []int, requiresGrad bool, err error) {
	size, err1 := l.ints(args, i)
	stride, err2 := l.ints(args, i+1)
	requiresGrad, err3 := argument[bool](args, i+2)
	return size, stride, requiresGrad, errors.Join(err1, err2, err3)
}

// metaTensor makes a tensor without elements: dtype, size, stride, requires_grad.
func (l *loader) metaTensor(args pickle.Tuple) (any, error) {
	dtype, err1 := argument[DType](args, 0)
	size, stride, requiresGrad, err2 := l.geometry(args, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a meta tensor: %w", err)
	}
	if dtype.ItemSize() == 0 || !strided.Fits(math.MaxInt64/dtype.ItemSize(), 0, size, stride) {
		return nil, fmt.Errorf("there is no meta tensor of sizes %d, strides %d and dtype %v", size, stride, dtype)
	}
	if err := l.budget.Take(tensorSize); err != nil {
		return nil, err
	}
	var x *Tensor
	err := Try(func() {
		x = EmptyStrided(size, stride, TensorOptions{DType: dtype, Device: Meta, RequiresGrad: requiresGrad})
		l.tensors = append(l.tensors, x)
	})
	return x, err
}

// restore returns x as its metadata says: a view that is conjugated or negated, which
// takes no memory for elements.
func (l *loader) restore(x *Tensor, metadata any) (*Tensor, error) {
	bits, ok := metadata.(*pickle.Dict)
	if !ok {
		return x, nil
	}
	const entries = 16 // more than there are
	if n := bits.Len(); n > entries {
		return nil, fmt.Errorf("the metadata of a tensor has %d entries, more than %d", n, entries)
	}
	set := map[any]bool{}
	for name, value := range bits.All {
		set[name] = value == true
	}
	for name, view := range map[string]func(*Tensor) *Tensor{"conj": (*Tensor).Conj, "neg": negated} {
		if !set[name] {
			continue
		}
		if err := l.budget.Take(tensorSize); err != nil {
			return nil, err
		}
		y := view(x)
		x.Close()
		x = y
		l.tensors = append(l.tensors, x)
	}
	return x, nil
}

var opNegView = NewOperator("aten::_neg_view(Tensor(a) self) -> Tensor(a)")

// negated returns a view whose elements are those of x, negated when they are read.
func negated(x *Tensor) *Tensor {
	var c Call
	c.Tensor(x)
	return c.One(opNegView)
}
