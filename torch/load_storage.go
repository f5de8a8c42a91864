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

// loadedStorage is the memory of tensors.
type loadedStorage struct {
	bytes  *Tensor // all of it, Uint8
	handle cgotorch.Handle
	item   int  // bytes of an element of the class that it was first of
	filled bool // with what the file has
}

// storageRef is a storage, or a part of one, as the file refers to it: the same one may
// be referred to with several dtypes.
type storageRef struct {
	*loadedStorage
	dtype         DType
	untyped       bool
	offset, bytes int // within the storage
}

// storageClass is a class of storages. Untyped ones have Uint8.
type storageClass struct {
	dtype   DType
	untyped bool
}

// persistent returns a storage: ("storage", class, key, location, elements), in old files
// with a part of it that is a storage of its own: nil, or (key, offset, elements).
func (l *loader) persistent(id any) (any, error) {
	args, ok := id.(pickle.Tuple)
	if !ok || len(args) < 5 || len(args) > 6 || args[0] != "storage" {
		return nil, fmt.Errorf("%s is not kept beside a pickle: want a storage", brief.Value(id))
	}
	class, err1 := argument[storageClass](args, 1)
	key, err2 := argument[string](args, 2)
	location, err3 := argument[string](args, 3)
	n, err4 := argument[int](args, 4)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	item := class.dtype.ItemSize()
	if n < 0 || n > math.MaxInt64/item {
		return nil, fmt.Errorf("storage %q has %d elements", brief.Text(key), n)
	}
	s := l.storages[key]
	if s == nil {
		s = &loadedStorage{item: item}
		l.storages[key] = s
		if err := l.storage(s, key, location, n*item, class.dtype); err != nil {
			return nil, fmt.Errorf("storage %q: %w", brief.Text(key), err)
		}
	}
	if size := s.bytes.Numel(); n*item != size {
		return nil, fmt.Errorf("storage %q has %d bytes, want %d elements of %v", brief.Text(key), size, n, class.dtype)
	}
	ref := storageRef{s, class.dtype, class.untyped, 0, n * item}
	if len(args) == 6 && args[5] != nil {
		if err := ref.narrow(args[5]); err != nil {
			return nil, fmt.Errorf("storage %q: %w", brief.Text(key), err)
		}
	}
	return ref, l.budget.Take(boxSize)
}

// narrow makes a reference one to a part: (key, offset, elements).
func (r *storageRef) narrow(part any) error {
	args, ok := part.(pickle.Tuple)
	if !ok {
		return fmt.Errorf("its part is %s", brief.Value(part))
	}
	offset, err1 := argument[int](args, 1)
	n, err2 := argument[int](args, 2)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	item := r.dtype.ItemSize()
	if all := r.bytes / item; offset < 0 || n < 0 || offset > all || n > all-offset {
		return fmt.Errorf("it has no part of %d elements at %d", n, offset)
	}
	r.offset, r.bytes = offset*item, n*item
	return nil
}

// value returns the storage as users get it.
func (r storageRef) value(l *loader) (*Storage, error) {
	s := &Storage{typed: !r.untyped}
	if r.offset%r.dtype.ItemSize() != 0 {
		return nil, fmt.Errorf("a storage at byte %d has elements of %v", r.offset, r.dtype)
	}
	err := Try(func() {
		n := r.bytes / r.dtype.ItemSize()
		s.elements = onStorage(r.handle, r.dtype, r.loadedStorage.bytes.Device(), r.offset/r.dtype.ItemSize(), []int{n}, []int{1})
		l.tensors = append(l.tensors, s.elements)
	})
	return s, err
}

// device returns where a storage goes that was at a location.
func (l *loader) device(location string) (Device, error) {
	if l.options.MapLocation != (Device{}) {
		return l.options.MapLocation, nil
	}
	device, err := ParseDevice(brief.Text(location))
	if err != nil {
		return Device{}, fmt.Errorf("%w; load it with MapLocation: torch.CPU", err)
	}
	return device, nil
}

// storage makes the memory of a storage of so many bytes on its device, and reads it if that
// can be done already. The first reference to it has the dtype.
func (l *loader) storage(s *loadedStorage, key, location string, bytes int, dtype DType) error {
	device, err := l.device(location)
	if err != nil {
		return err
	}
	if l.archive == nil { // the elements come after the pickle
		if bytes > l.left {
			return fmt.Errorf("%d bytes are more than the file has left", bytes)
		}
		l.left -= bytes
		return l.make(s, device, bytes)
	}
	r, err := l.archive.Open("data/" + key)
	if err != nil {
		return err
	}
	defer r.Close()
	if r.Size != int64(bytes) {
		return fmt.Errorf("it has %d bytes, want %d elements of %v", r.Size, bytes/dtype.ItemSize(), dtype)
	}
	s.filled = true
	swap := 0
	if l.archive.BigEndian() {
		swap = swapped(dtype)
	}
	if l.mapped != nil && swap < 2 && !device.IsMeta() {
		return l.mapStorage(s, device, r)
	}
	if err := l.make(s, device, bytes); err != nil {
		return err
	}
	return l.fill(s, r, swap)
}

// make makes the memory of a storage.
func (l *loader) make(s *loadedStorage, device Device, bytes int) error {
	if err := l.budget.Take(storageSize + bytes); err != nil {
		return err
	}
	return Try(func() {
		s.bytes = Empty([]int{bytes}, TensorOptions{DType: Uint8, Device: device})
		s.handle = s.bytes.storageHandle("torch.Load")
	})
}

// mapStorage makes a storage of a record's bytes in the mapped file.
func (l *loader) mapStorage(s *loadedStorage, device Device, r *ptzip.Record) error {
	offset, err := r.Offset()
	if err == nil {
		err = l.budget.Take(storageSize)
	}
	if err != nil {
		return err
	}
	return Try(func() {
		s.bytes = (exports{}).Part(l.mapped, int(offset), int(r.Size), true, Uint8, []int{int(r.Size)})
		if moved := s.bytes.To(device); moved != s.bytes {
			s.bytes.Close()
			s.bytes = moved
		}
		s.handle = s.bytes.storageHandle("torch.Load")
	})
}

// fill reads the elements of a storage, which has room for them. In numbers of swap
// bytes their order is turned.
func (l *loader) fill(s *loadedStorage, r io.Reader, swap int) error {
	size := s.bytes.Numel()
	if s.bytes.IsMeta() { // nothing is read
		return nil
	}
	memory := cgotorch.StorageData(s.handle)
	var buffer []byte
	if memory == nil { // of another device
		if err := l.budget.Take(min(size, chunk)); err != nil {
			return err
		}
		buffer = make([]byte, min(size, chunk))
	}
	for at := 0; at < size; at += chunk {
		n := min(chunk, size-at)
		part := buffer
		if memory != nil {
			part = memory[at:]
		}
		part = part[:n]
		if _, err := io.ReadFull(r, part); err != nil {
			return err
		}
		swapBytes(part, swap)
		if memory == nil {
			if err := Try(func() { upload(s.bytes, at, part) }); err != nil {
				return err
			}
		}
	}
	return ptzip.Whole(r)
}

// upload copies bytes to a tensor of bytes.
func upload(x *Tensor, at int, part []byte) {
	from, to := FromSlice(part), x.Narrow(0, at, len(part))
	to.CopyInplace(from)
	from.Close()
	to.Close()
}

// swapped returns how many bytes the numbers of a dtype have whose order differs between
// machines.
func swapped(dtype DType) int {
	if dtype.IsComplex() {
		return dtype.ItemSize() / 2
	}
	return dtype.ItemSize()
}

// swapBytes turns the order of the bytes of each number.
func swapBytes(data []byte, size int) {
	if size < 2 {
		return
	}
	for ; len(data) >= size; data = data[size:] {
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			data[i], data[j] = data[j], data[i]
		}
	}
}
