// Package mapped maps files into memory and makes tensors of their bytes. What is read
// of a file is what is looked at.
package mapped

import (
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
)

// File is a mapped file.
type File struct {
	whole *torch.Tensor // all bytes, Uint8; nil for an empty file
	data  []byte
}

// Open maps a regular file. It stays on the disk as it is, whatever becomes of the
// tensors; if another program shortens it, reading what is gone ends this one with SIGBUS.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &os.PathError{Op: "map", Path: path, Err: errors.New("not a regular file")}
	case info.Size() == 0:
		return &File{}, nil
	}
	f := &File{}
	err = torch.Try(func() {
		f.whole = torch.Internal.Export(nil).MapFile(path, int(info.Size())).Keep()
		f.data = torch.Internal.Export(nil).Memory(f.whole)
	})
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return f, nil
}

// Bytes returns the file's bytes, which are there until Close. They must not be changed.
func (f *File) Bytes() []byte { return f.data }

// Tensor returns a tensor of a dtype and shape whose elements are the file's bytes from
// offset on, in little-endian order. Its memory is the file's, without a copy, where the
// offset is a multiple of the element's size; changes to it stay in memory. It lives on
// after Close. Tensor fails on what does not lie within the file.
func (f *File) Tensor(offset int, dtype torch.DType, shape []int) (x *torch.Tensor, err error) {
	size, err := Size(dtype, shape)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > len(f.data) || size > len(f.data)-offset {
		return nil, fmt.Errorf("%d bytes at %d are not within a file of %d", size, offset, len(f.data))
	}
	err = torch.Try(func() {
		switch {
		case size == 0:
			x = torch.Empty(shape, torch.TensorOptions{DType: dtype, Device: torch.CPU})
		case offset%dtype.ItemSize() == 0:
			x = torch.Internal.Export(nil).Part(f.whole, offset, size, true, dtype, shape)
		default:
			x = torch.Empty(shape, torch.TensorOptions{DType: dtype, Device: torch.CPU})
			copy(torch.Internal.Export(nil).Memory(x), f.data[offset:offset+size])
		}
	})
	return x, err
}

// Close lets the file go. Its bytes may not be used any more; tensors of it live on.
func (f *File) Close() {
	f.data = nil
	if f.whole != nil {
		f.whole.Close()
	}
}

// Size returns how many bytes a tensor takes. It fails on negative sizes, on more than an
// int counts, and on a dtype that this libtorch lacks.
func Size(dtype torch.DType, shape []int) (int, error) {
	size := dtype.ItemSize()
	if size == 0 {
		return 0, fmt.Errorf("there is no dtype %v", dtype)
	}
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("a size of the shape %d is negative", shape)
		}
	}
	for _, n := range shape {
		if n == 0 {
			return 0, nil
		}
	}
	for _, n := range shape {
		if size > math.MaxInt64/n {
			return 0, fmt.Errorf("the shape %d has more elements than an int counts", shape)
		}
		size *= n
	}
	return size, nil
}
