package npy

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// ArchiveOptions are the options of [OpenArchive].
type ArchiveOptions struct {
	MaxMemory *int // how many bytes an array may take; default: 20 times the file's size and 48 MiB
}

// Archive is an open .npz file. It may be used by several goroutines at once, until one
// closes it.
type Archive struct {
	file   *os.File // nil when closed
	path   string
	names  []string
	arrays map[string]*zip.File
	limit  uint64
}

// OpenArchive opens a .npz file and reads what it says of its files. [Archive.Close] lets
// it go. It fails on a file that is not there, cut off, damaged or not of NumPy, and on
// names that are there twice. Files in the archive that are no arrays are left out.
//
// A compressed array can be a thousand times as large as the file; what takes more than
// MaxMemory is an error when it is read.
//
// https://numpy.org/doc/stable/reference/generated/numpy.load.html
func OpenArchive(path string, options ...ArchiveOptions) (*Archive, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy.OpenArchive: %w", err)
	}
	a := &Archive{file: f, path: path, arrays: map[string]*zip.File{}}
	if err := a.list(o); err != nil {
		return nil, errors.Join(fmt.Errorf("npy.OpenArchive: %s: %w", path, err), f.Close())
	}
	return a, nil
}

// list reads the archive's directory.
func (a *Archive) list(o ArchiveOptions) error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	const times, more = 20, 48 << 20
	a.limit = uint64(info.Size())*times + more
	if o.MaxMemory != nil {
		a.limit = uint64(max(*o.MaxMemory, 0))
	}
	r, err := zip.NewReader(a.file, info.Size())
	if err != nil {
		return filekind.Explain(err, filekind.NPZ, a.file, info.Size())
	}
	for _, f := range r.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		if a.arrays[name] != nil {
			return fmt.Errorf("the array %q is there twice", brief.Text(name))
		}
		a.arrays[name] = f
		a.names = append(a.names, name)
	}
	if len(a.names) == 0 && len(r.File) > 0 {
		return filekind.Explain(errors.New("there are no arrays in it"), filekind.NPZ, a.file, info.Size())
	}
	return nil
}

// Names returns the names of the arrays, without .npy, in the archive's order.
func (a *Archive) Names() []string { return slices.Clone(a.names) }

// Info returns what the archive says of an array, without reading its elements. It fails
// if there is none of the name, and if what is there is no array.
func (a *Archive) Info(name string) (Info, error) {
	h, r, err := a.open(name)
	if err != nil {
		return Info{}, err
	}
	return h.Info, r.Close()
}

// Describe returns the dtype and the shape of an array, as nn.LoadInto asks for them. It
// fails as [Archive.Info].
func (a *Archive) Describe(name string) (torch.DType, []int, error) {
	info, err := a.Info(name)
	return info.DType, info.Shape, err
}

// Tensor returns the array of a name, on the CPU, with memory of its own. One in Fortran's
// order has the strides for that, as in NumPy. Tensor fails if there is none of the name,
// on one that is damaged or takes more than MaxMemory, and on dtypes that torch lacks.
func (a *Archive) Tensor(name string) (*torch.Tensor, error) {
	h, r, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	x, err := a.tensor(h, r)
	if err != nil {
		return nil, a.fail(name, err)
	}
	return x, nil
}

func (a *Archive) tensor(h header, r io.Reader) (*torch.Tensor, error) {
	if err := h.readable(int64(h.Bytes)); err != nil {
		return nil, err
	}
	if uint64(h.Bytes) > a.limit {
		return nil, fmt.Errorf("its %d bytes are more than the %d that it may take; ArchiveOptions.MaxMemory allows it more", h.Bytes, a.limit)
	}
	x, err := h.read(r)
	if err != nil {
		return nil, err
	}
	// The checksum is compared at the end.
	if _, err := io.ReadFull(r, make([]byte, 1)); !errors.Is(err, io.EOF) {
		x.Close()
		return nil, cmp.Or(err, errors.New("something follows its end"))
	}
	return x, nil
}

// open reads an array's header; the reader goes on behind it.
func (a *Archive) open(name string) (h header, r io.ReadCloser, err error) {
	f := a.arrays[name]
	switch {
	case f == nil:
		return h, nil, fmt.Errorf("npy: %s: there is no array %q", a.path, brief.Text(name))
	case a.file == nil:
		return h, nil, a.closed()
	}
	r, err = f.Open()
	if err != nil {
		return h, nil, a.fail(name, err)
	}
	h, n, err := readHeader(r)
	if err == nil && h.DType != 0 {
		err = h.readable(int64(min(f.UncompressedSize64, math.MaxInt64)) - int64(n))
	}
	if err != nil {
		return h, nil, errors.Join(a.fail(name, err), r.Close())
	}
	return h, r, nil
}

func (a *Archive) fail(name string, err error) error {
	return fmt.Errorf("npy: %s: array %q: %w", a.path, brief.Text(name), err)
}

// Close lets the file go. A second Close fails.
func (a *Archive) Close() error {
	if a.file == nil {
		return a.closed()
	}
	f := a.file
	a.file = nil
	return f.Close()
}

func (a *Archive) closed() error { return fmt.Errorf("npy: %s: %w", a.path, os.ErrClosed) }

// SaveArchiveOptions are the options of [SaveArchive].
type SaveArchiveOptions struct {
	Compress bool // as numpy.savez_compressed does
	Sync     bool // wait until the file is on the disk, as with torch.SaveOptions
}

// SaveArchive writes named tensors, such as those of a module's StateDict, to a .npz file,
// each as [Save] does, in their order. The file appears when it is complete. SaveArchive
// fails where Save does, before anything is written, and on a name that is there twice.
//
// https://numpy.org/doc/stable/reference/generated/numpy.savez.html
func SaveArchive(tensors nn.StateDict, path string, options ...SaveArchiveOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, n := range tensors {
		err := savable(n.Tensor)
		if names[n.Name] {
			err = errors.New("the name is there twice")
		}
		if err != nil {
			return fmt.Errorf("npy.SaveArchive: %s: tensor %q: %w", path, brief.Text(n.Name), err)
		}
		names[n.Name] = true
	}
	err = atomicfile.Write(path, func(w io.Writer) error { return writeArchive(tensors, w, o) }, atomicfile.Options{Sync: o.Sync})
	if err != nil {
		return fmt.Errorf("npy.SaveArchive: %s: %w", path, err)
	}
	return nil
}

func writeArchive(tensors nn.StateDict, w io.Writer, o SaveArchiveOptions) error {
	archive := zip.NewWriter(w)
	method := zip.Store
	if o.Compress {
		method = zip.Deflate
	}
	for _, n := range tensors {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: n.Name + ".npy", Method: method})
		if err == nil {
			err = write(n.Tensor, f)
		}
		if err != nil {
			return fmt.Errorf("tensor %q: %w", brief.Text(n.Name), err)
		}
	}
	return archive.Close()
}
