package torch

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// LoadOptions are the options of [Load].
type LoadOptions struct {
	MapLocation Device // where tensors are put, with Meta without reading their elements; default: where they were when they were saved
	MMap        bool   // map the file: elements are read when they are looked at, and changes to them stay in memory
	MaxMemory   *int   // how many bytes all that the file holds may take; default: 20 times the file's size and 48 MiB
}

// Load reads a file that Python's torch.save or [Save] wrote, also in the format before
// PyTorch 1.6, and a file of safetensors, which is a dict of tensors. What Python has
// becomes in Go:
//
//	None, bool, str           nil, bool, string
//	int, float, complex       int (*big.Int if it is too large), float64, complex128
//	bytes, bytearray          []byte, [ByteArray]
//	list                      []any
//	tuple, torch.Size         [Tuple]
//	dict                      map[string]any, or map[any]any if not all keys are strings
//	OrderedDict, Counter      [OrderedDict], [Counter]
//	set                       [Set]
//	tensor, Parameter         *[Tensor], also sparse and quantized ones
//	a storage                 *[Storage]
//	dtype, device, layout     [DType], [Device], [Layout]
//	a quantization scheme     [QScheme]
//
// [LoadAs] gives them a type of one's own. A key of a map that is a tuple is an array,
// such as [2]any{"a", 1}. A list or a dict that holds itself does so again. Attributes of
// a Python object are left out, but for those of an OrderedDict that is loaded as an
// [Attributed]. Tensors that shared memory share it
// again. Nothing in a file is executed: it fails where the file names any class or
// function but those that these values need, as Python's load does with
// weights_only=True. It also fails, and says which file it was and why, on a file
// that is not there, not of PyTorch, cut off or damaged, and on a device that is
// not there.
//
// With the option MMap the file is mapped into memory: loading takes no time, and the
// elements are read where they are looked at. They are then not checked for damage, changes to
// them stay in memory, and the file must not be shortened as long as the tensors live:
// reading what is gone ends the program. What is loaded to another device is copied there.
//
// What a file makes takes memory within a budget, so that a small file cannot fill
// the machine's: 20 times the file's size and 48 MiB, for the tensors and for what Go
// has for the other values, counted with the garbage. What Python's torch.save
// writes is within that, but for millions of values that take a byte or two each in
// the file, such as None or a dict of one entry, in a file without large tensors:
// such a file wants MaxMemory. Values that the file refers to several times are
// there, and count, as often, but for tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.load.html
func Load(path string, options ...LoadOptions) (any, error) {
	return LoadAs[any](path, options...)
}

// LoadAs is [Load] into a type of one's own, as encoding/json does it: maps and
// structs are filled from a dict, slices from a list or a tuple, and a [Loadable]
// makes itself. Entries that a struct has no field for are left out. It fails where the
// dict lacks a field of a struct, unless a tag such as `torch:"lr,optional"` or
// `torch:",optional"` lets that stay zero; on None where a number, a text or a struct
// is wanted; and on types that have a state dict, such as modules and optimizers:
// load that, and give it to their LoadStateDict.
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
	if r == nil {
		return nil, errors.New("torch.LoadFrom: the reader is nil")
	}
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
	var d decoder
	if err := d.into(&result, value); err != nil {
		return *new(T), fmt.Errorf("torch.As: %w", err)
	}
	return result, nil
}

// loadInto reads a file into a pointer's variable. On an error no tensor is left.
func loadInto(target any, r io.ReaderAt, size int64, options []LoadOptions) (err error) {
	defer func() {
		if errors.Is(err, pickle.ErrBudget) {
			err = fmt.Errorf("%w; LoadOptions.MaxMemory allows it more", err)
		}
	}()
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	l := &loader{storages: map[string]*loadedStorage{}, options: o, budget: pickle.NewBudget(memoryLimit(size, o)), left: int(size)}
	defer func() { l.close(err != nil) }()
	tree, err := l.read(r, size)
	if err != nil {
		return err
	}
	for _, check := range l.checks {
		if err := Try(check); err != nil {
			return err
		}
	}
	d := decoder{budget: l.budget, loader: l}
	return d.into(target, tree)
}

// read returns what the file's pickle has.
func (l *loader) read(r io.ReaderAt, size int64) (any, error) {
	archive, err := ptzip.NewReader(r, size)
	if err != nil {
		switch filekind.Detect(r, size) {
		case filekind.TorchLegacy:
			return l.legacy(r, size)
		case filekind.Safetensors:
			return l.safetensors(r, size)
		}
		return nil, filekind.Explain(err, filekind.Torch, r, size)
	}
	l.archive = archive
	data, err := archive.Pickle()
	if err != nil {
		return nil, err
	}
	const record = 512 // of the file's directory
	if err := l.budget.Take(len(data) + record*archive.Len()); err != nil {
		return nil, err
	}
	if l.options.MMap {
		if err := l.mapFile(r, size); err != nil {
			return nil, err
		}
	}
	return l.reader().Read(data)
}

// mapFile maps the file into memory.
func (l *loader) mapFile(r io.ReaderAt, size int64) error {
	f, ok := r.(*os.File)
	if !ok {
		return errors.New("only a file can be mapped, not another reader: load it without MMap")
	}
	return Try(func() { l.mapped = (exports{}).MapFile(f.Name(), int(size)) })
}

// memoryLimit returns how many bytes all that a file of a size holds may take.
func memoryLimit(size int64, o LoadOptions) int64 {
	const times, more = 20, 48 << 20
	if o.MaxMemory != nil {
		return int64(*o.MaxMemory)
	}
	if size > math.MaxInt64/times-more {
		return math.MaxInt64
	}
	return times*size + more
}
