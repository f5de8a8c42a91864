package torch

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// loader makes what a file holds.
type loader struct {
	archive  *ptzip.Reader
	options  LoadOptions
	budget   *pickle.Budget
	storages map[string]*loadedStorage
	tensors  []*Tensor
}

// What objects take at most, in Go, in libtorch and in the shim, beside elements.
const (
	boxSize       = 64   // a small value
	tensorSize    = 1024 // with a few dimensions
	dimensionSize = 64   // of a tensor with more
	storageSize   = 2048 // with the tensor of its bytes
)

// loadedStorage is the memory of tensors.
type loadedStorage struct {
	bytes  *Tensor // all of it, Uint8
	handle cgotorch.Handle
}

// storageRef is a storage as the file refers to it: the same one may be referred
// to with several dtypes.
type storageRef struct {
	*loadedStorage
	dtype DType
}

// storageClass is a class of storages. Untyped ones have Uint8.
type storageClass struct{ dtype DType }

// close drops the storages, which belong to their tensors now, and after an error
// the tensors too.
func (l *loader) close(failed bool) {
	for _, s := range l.storages {
		cgotorch.FreeStorage(s.handle)
		s.bytes.Close()
	}
	if failed {
		for _, x := range l.tensors {
			x.Close()
		}
	}
}

// persistent returns a storage: ("storage", class, key, location, elements).
func (l *loader) persistent(id any) (any, error) {
	args, ok := id.(pickle.Tuple)
	if !ok || len(args) != 5 || args[0] != "storage" {
		return nil, fmt.Errorf("%s is not kept beside a pickle: want a storage", brief.Value(id))
	}
	class, err1 := argument[storageClass](args, 1)
	key, err2 := argument[string](args, 2)
	location, err3 := argument[string](args, 3)
	n, err4 := argument[int](args, 4)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	s := l.storages[key]
	if s == nil {
		var err error
		if s, err = l.storage(key, location); err != nil {
			return nil, fmt.Errorf("storage %q: %w", brief.Text(key), err)
		}
		l.storages[key] = s
	}
	if size := s.bytes.Numel(); n < 0 || n > size || n*class.dtype.ItemSize() != size {
		return nil, fmt.Errorf("storage %q has %d bytes, want %d elements of %v", brief.Text(key), size, n, class.dtype)
	}
	return storageRef{s, class.dtype}, l.budget.Take(boxSize)
}

// storage reads a storage and puts it on its device.
func (l *loader) storage(key, location string) (*loadedStorage, error) {
	device := l.options.MapLocation
	if device == (Device{}) {
		var err error
		if device, err = ParseDevice(brief.Text(location)); err != nil {
			return nil, fmt.Errorf("%w; load it with MapLocation: torch.CPU", err)
		}
	}
	content, size, err := l.archive.Open("data/" + key)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if err := l.budget.Take(storageSize + int(size) + int(min(size, chunk))); err != nil {
		return nil, err
	}
	s := &loadedStorage{}
	failed := Try(func() {
		var host *Tensor
		if device.IsMeta() { // nothing is read
			host = Empty([]int{int(size)}, TensorOptions{DType: Uint8, Device: device})
		} else if host, err = readBytes(content, size); err != nil {
			return
		}
		if s.bytes = host.To(device); s.bytes != host {
			host.Close()
		}
		var failed *cgotorch.Error
		s.handle, failed = cgotorch.StorageOf(s.bytes.handle)
		check("torch.Load", failed)
	})
	return s, errors.Join(failed, err)
}

// readBytes returns what r has, size bytes, as a tensor of Uint8.
func readBytes(r io.Reader, size int64) (*Tensor, error) {
	x := Empty([]int{int(size)}, TensorOptions{DType: Uint8, Device: CPU})
	buffer := make([]byte, min(size, chunk))
	for at := 0; at < int(size); at += len(buffer) {
		part := buffer[:min(len(buffer), int(size)-at)]
		if _, err := io.ReadFull(r, part); err != nil {
			x.Close()
			return nil, err
		}
		from, to := FromSlice(part), x.Narrow(0, at, len(part))
		to.CopyInplace(from)
		from.Close()
		to.Close()
	}
	if err := ptzip.Whole(r); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
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
	if dtype.ItemSize() == 0 || !fits(s.bytes.Numel()/dtype.ItemSize(), offset, size, stride) {
		return nil, fmt.Errorf("a tensor of sizes %d, strides %d and dtype %v does not fit into its storage of %d bytes",
			size, stride, dtype, s.bytes.Numel())
	}
	if err := l.budget.Take(tensorSize); err != nil {
		return nil, err
	}
	var x *Tensor
	failed := Try(func() {
		x = onStorage(s.handle, dtype, s.bytes.Device(), offset, size, stride)
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
	if dtype.ItemSize() == 0 || !fits(math.MaxInt64/dtype.ItemSize(), 0, size, stride) {
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

// fits reports whether a tensor of these sizes and strides lies within n elements.
func fits(n, offset int, size, stride []int) bool {
	if len(size) != len(stride) || offset < 0 || offset > n {
		return false
	}
	last, numel := offset, 1
	for i := range size {
		if size[i] < 0 || stride[i] < 0 || size[i] > 0 && numel > math.MaxInt64/size[i] {
			return false
		}
		numel *= size[i]
	}
	if numel == 0 {
		return true
	}
	for i := range size {
		if steps := size[i] - 1; steps > 0 && stride[i] > (n-last)/steps {
			return false
		}
		last += (size[i] - 1) * stride[i]
	}
	return last < n
}
