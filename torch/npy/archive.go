package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
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
	var info Info
	err := a.read(name, func(h header, _ io.Reader) error {
		info = h.Info
		return nil
	})
	return info, err
}

// Tensor returns the array of a name, on the CPU, with memory of its own. One in Fortran's
// order has the strides for that, as in NumPy. Tensor fails if there is none of the name,
// on one that is damaged or takes more than MaxMemory, and on dtypes that torch lacks.
func (a *Archive) Tensor(name string) (x *torch.Tensor, err error) {
	err = a.read(name, func(h header, r io.Reader) error {
		if x, err = h.read(r); err != nil {
			return err
		}
		// The checksum is compared at the end.
		if _, err := io.ReadFull(r, make([]byte, 1)); !errors.Is(err, io.EOF) {
			x.Close()
			x = nil
			return fmt.Errorf("the array does not end where its shape says: %w", err)
		}
		return nil
	})
	return x, err
}

// read reads an array's header, and gives what follows it to a function.
func (a *Archive) read(name string, elements func(h header, r io.Reader) error) error {
	f := a.arrays[name]
	if f == nil {
		return fmt.Errorf("npy: %s: there is no array %q", a.path, brief.Text(name))
	}
	if a.file == nil {
		return a.closed()
	}
	err := a.open(f, elements)
	if err != nil {
		return fmt.Errorf("npy: %s: array %q: %w", a.path, brief.Text(name), err)
	}
	return nil
}

func (a *Archive) open(f *zip.File, elements func(h header, r io.Reader) error) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	h, n, err := readHeader(r)
	if err != nil {
		return err
	}
	if h.DType != 0 {
		if uint64(n) > f.UncompressedSize64 {
			return errors.New("it is cut off")
		}
		size := f.UncompressedSize64 - uint64(n)
		if size > a.limit {
			return fmt.Errorf("its %d bytes are more than the %d that it may take; ArchiveOptions.MaxMemory allows it more", size, a.limit)
		}
		if err := h.fills(int64(size)); err != nil {
			return err
		}
	}
	return elements(h, r)
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
	err = atomicfile.Write(path, func(w io.Writer) error { return writeArchive(tensors, w, o) })
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
