package npy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

// Load returns the array of a .npy file, on the CPU. Its memory is the mapped file, read
// when it is looked at; changes stay in memory. An array of the other byte order is a
// copy. One in Fortran's order has the strides for that, as in NumPy. Load fails on a file
// that is not there, cut off, damaged or not of NumPy, on bytes after the array, and on
// dtypes that torch lacks.
//
// https://numpy.org/doc/stable/reference/generated/numpy.load.html
func Load(path string) (*torch.Tensor, error) {
	f, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy.Load: %w", err)
	}
	defer f.Close()
	x, err := load(f)
	if err != nil {
		data := f.Bytes()
		err = filekind.Explain(err, filekind.NPY, bytes.NewReader(data), int64(len(data)))
		return nil, fmt.Errorf("npy.Load: %s: %w", path, err)
	}
	return x, nil
}

func load(f *mapped.File) (x *torch.Tensor, err error) {
	data := f.Bytes()
	h, size, err := readHeader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if err := h.readable(int64(len(data) - size)); err != nil {
		return nil, err
	}
	if h.swapped {
		return h.read(bytes.NewReader(data[size:]))
	}
	x, err = f.Tensor(size, h.DType, h.stored())
	if err != nil {
		return nil, err
	}
	err = torch.Try(func() { x = h.turn(x) })
	return x, err
}

// LoadFrom is [Load] from a reader of size bytes. The tensor has memory of its own.
func LoadFrom(r io.ReaderAt, size int64) (*torch.Tensor, error) {
	if r == nil {
		return nil, errors.New("npy.LoadFrom: the reader is nil")
	}
	x, err := loadFrom(r, size)
	if err != nil {
		return nil, fmt.Errorf("npy.LoadFrom: %w", filekind.Explain(err, filekind.NPY, r, size))
	}
	return x, nil
}

func loadFrom(r io.ReaderAt, size int64) (*torch.Tensor, error) {
	section := io.NewSectionReader(r, 0, size)
	h, n, err := readHeader(section)
	if err != nil {
		return nil, err
	}
	if err := h.readable(size - int64(n)); err != nil {
		return nil, err
	}
	return h.read(section)
}

// ReadInfo says what the array of a .npy file is, without reading it. It fails where
// [Load] does, but not on the dtype.
func ReadInfo(path string) (Info, error) {
	f, err := mapped.Open(path)
	if err != nil {
		return Info{}, fmt.Errorf("npy.ReadInfo: %w", err)
	}
	defer f.Close()
	data := f.Bytes()
	h, size, err := readHeader(bytes.NewReader(data))
	if err == nil && h.DType != 0 {
		err = h.readable(int64(len(data) - size))
	}
	if err != nil {
		err = filekind.Explain(err, filekind.NPY, bytes.NewReader(data), int64(len(data)))
		return Info{}, fmt.Errorf("npy.ReadInfo: %s: %w", path, err)
	}
	return h.Info, nil
}

// readable says what keeps an array of so many bytes from being read.
func (i *Info) readable(size int64) error {
	kind := strings.TrimLeft(i.Format, "<>|=")
	if i.DType == 0 && kind != "" && others[kind[0]] != "" {
		return fmt.Errorf("it is an array of %s", others[kind[0]])
	} else if i.DType == 0 {
		return fmt.Errorf("there is no dtype %q", brief.Text(i.Format))
	}
	want := int64(i.Bytes)
	switch {
	case want > size:
		return fmt.Errorf("an array of %v of shape %v takes %d bytes, and there are %d: it is cut off", i.DType, i.Shape, want, size)
	case want < size:
		return fmt.Errorf("%d bytes follow the array: several arrays in one file are not read", size-want)
	}
	return nil
}

// read reads the elements into memory of their own.
func (h *header) read(r io.Reader) (x *torch.Tensor, err error) {
	err = torch.Try(func() { x = torch.Empty(h.stored(), torch.TensorOptions{DType: h.DType, Device: torch.CPU}) })
	if err != nil {
		return nil, err
	}
	if h.Bytes > 0 {
		data := torch.Internal.Export(nil).Memory(x)[:h.Bytes]
		if _, err := io.ReadFull(r, data); err != nil {
			x.Close()
			return nil, cut(err)
		}
		h.swap(data)
	}
	err = torch.Try(func() { x = h.turn(x) })
	return x, err
}
