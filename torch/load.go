package torch

import (
	"fmt"
	"io"
	"os"

	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// LoadOptions are the options of [Load].
type LoadOptions struct {
	MapLocation Device // where tensors are put, with Meta without reading their elements; default: where they were when they were saved
}

// Load reads a file that Python's torch.save or [Save] wrote. What Python has
// becomes in Go:
//
//	None, bool, str           nil, bool, string
//	int, float, complex       int (*big.Int if it is too large), float64, complex128
//	bytes                     []byte
//	list                      []any
//	tuple, torch.Size         [Tuple]
//	dict                      map[string]any, or map[any]any if not all keys are strings
//	OrderedDict, Counter      [OrderedDict], [Counter]
//	tensor, Parameter         *[Tensor]
//	dtype, device             [DType], [Device]
//
// [LoadAs] gives them a type of one's own. Tensors that shared memory share it
// again. Nothing in a file is executed: it fails where the file names any class or
// function but those that these values need, as Python's load does with
// weights_only=True. It also fails, and says which file it was and why, on a file
// that is not there, not of PyTorch, cut off or damaged, and on a device that is
// not there. What a file claims of sizes is checked against the file's own before
// memory is taken.
//
// https://docs.pytorch.org/docs/stable/generated/torch.load.html
func Load(path string, options ...LoadOptions) (any, error) {
	return LoadAs[any](path, options...)
}

// LoadAs is [Load] into a type of one's own, as encoding/json does it: maps and
// structs are filled from a dict, slices from a list or a tuple, and a [Loadable]
// makes itself. Entries that a struct has no field for are left out, and fields
// that the file lacks stay zero.
//
//	dict, err := torch.LoadAs[nn.StateDict]("net.pt")
func LoadAs[T any](path string, options ...LoadOptions) (value T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return value, fmt.Errorf("torch.Load: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = loadInto(&value, f, info.Size(), options)
	}
	if err != nil {
		return *new(T), fmt.Errorf("torch.Load: %s: %w", path, err)
	}
	return value, nil
}

// LoadFrom is [Load] from a reader of size bytes.
func LoadFrom(r io.ReaderAt, size int64, options ...LoadOptions) (value any, err error) {
	if err := loadInto(&value, r, size, options); err != nil {
		return nil, fmt.Errorf("torch.LoadFrom: %w", err)
	}
	return value, nil
}

// Loadable is a type that [LoadAs] and [As] make from what a file holds. It is a
// pointer's method.
type Loadable interface {
	// LoadValue sets the receiver to a value of those that [Load] returns, where
	// every dict but a [Counter] is an [OrderedDict].
	LoadValue(value any) error
}

// As converts a value that [Load] returned, or a part of it, to another type, as
// [LoadAs] does.
func As[T any](value any) (result T, err error) {
	d := decoder{left: -1}
	if err := d.into(&result, value); err != nil {
		return *new(T), fmt.Errorf("torch.As: %w", err)
	}
	return result, nil
}

// loadInto reads a file into a pointer's variable. On an error no tensor is left.
func loadInto(target any, r io.ReaderAt, size int64, options []LoadOptions) (err error) {
	archive, err := ptzip.NewReader(r, size)
	if err != nil {
		return err
	}
	data, err := archive.Pickle()
	if err != nil {
		return err
	}
	l := &loader{archive: archive, storages: map[string]*loadedStorage{}, options: First(options)}
	defer func() { l.close(err != nil) }()
	tree, err := pickle.Reader{Global: l.global, Persistent: l.persistent}.Read(data)
	if err != nil {
		return err
	}
	// A value may be in several places, but not so often that a small file fills the
	// memory.
	d := decoder{left: 10*len(data) + 1000}
	return d.into(target, tree)
}
