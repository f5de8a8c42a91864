package safetensors

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
)

// File is an open file: what is read of it is what is looked at. It may be used by
// several goroutines at once, until one closes it.
type File struct {
	*header
	file *mapped.File
	path string
}

// Open opens a file and reads its header, which takes no longer for large tensors than
// for small ones. [File.Close] lets it go. It fails, and says why, on a file that is not
// there, cut off, damaged or not of safetensors: on all that the reference library
// refuses, and on names that are there twice.
func Open(path string) (*File, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors.Open: %w", err)
	}
	data := file.Bytes()
	h, err := readHeader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("safetensors.Open: %s: %w", path, err)
	}
	return &File{h, file, path}, nil
}

// Names returns the names of the tensors, in the order of their elements in the file.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Metadata returns the file's own texts, such as "format": "pt"; it may be changed.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Info returns what the file says of a tensor, without reading it. It fails if there is
// none of the name.
func (f *File) Info(name string) (Info, error) {
	info, ok := f.infos[name]
	if !ok {
		return info, fmt.Errorf("safetensors: %s: there is no tensor %q", f.path, brief.Text(name))
	}
	info.Shape = slices.Clone(info.Shape)
	return info, nil
}

// Describe returns the dtype and the shape of a tensor, as nn.LoadInto asks for them. It
// fails as [File.Info].
func (f *File) Describe(name string) (torch.DType, []int, error) {
	info, err := f.Info(name)
	return info.DType, info.Shape, err
}

// Tensor returns the tensor of a name, on the CPU. Its memory is the mapped file, read
// when it is looked at, but a copy if the elements are not aligned in the file. Changes
// stay in memory, and are seen by other tensors of this name from the same File. It lives
// on after [File.Close]. It fails if there is none of the name, and if torch or this
// libtorch lacks the dtype.
func (f *File) Tensor(name string) (*torch.Tensor, error) {
	info, err := f.Info(name)
	if err != nil {
		return nil, err
	}
	if f.file == nil {
		return nil, f.closed()
	}
	if err = info.readable(); err == nil {
		var x *torch.Tensor
		if x, err = f.file.Tensor(f.data+info.offset, info.DType, info.Shape); err == nil {
			return x, nil
		}
	}
	return nil, fmt.Errorf("safetensors: %s: tensor %q: %w", f.path, brief.Text(name), err)
}

// readable says what keeps a tensor from being read.
func (i Info) readable() error {
	if i.DType == 0 {
		return fmt.Errorf("torch has no dtype for %s; Info and Names tell of it, and other tensors can be read", i.Format)
	}
	return nil
}

// Close lets the file go. Tensors of it live on. A second Close fails.
func (f *File) Close() error {
	if f.file == nil {
		return f.closed()
	}
	f.file.Close()
	f.file = nil
	return nil
}

func (f *File) closed() error { return fmt.Errorf("safetensors: %s: %w", f.path, os.ErrClosed) }
