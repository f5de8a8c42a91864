package torch

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// loader makes what a file holds.
type loader struct {
	archive  *ptzip.Reader
	options  LoadOptions
	storages map[string]*loadedStorage
	tensors  []*Tensor
}

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

// globals is all that a file may name.
var globals = func() map[pickle.Global]func(l *loader) any {
	list := map[pickle.Global]func(l *loader) any{}
	value := func(g pickle.Global, v any) { list[g] = func(*loader) any { return v } }
	for dtype, name := range storageClasses {
		value(pickle.Global{Module: "torch", Name: name}, storageClass{dtype})
	}
	value(globalUntyped, storageClass{Uint8})
	for dtype := range dtypeNames {
		value(dtype.global(), dtype)
	}
	value(globalCounter, pickle.Func(loadCounter))
	value(globalSize, pickle.Func(loadSize))
	value(globalDevice, pickle.Func(loadDevice))
	value(globalComplex, pickle.Func(loadComplex))
	value(pickle.Global{Module: "builtins", Name: "complex"}, pickle.Func(loadComplex))
	value(globalParameter, pickle.Func(loadParameter))
	list[globalTensor] = func(l *loader) any { return pickle.Func(l.tensor) }
	list[globalMeta] = func(l *loader) any { return pickle.Func(l.metaTensor) }
	list[globalTensorV3] = func(l *loader) any { return pickle.Func(l.tensorV3) }
	return list
}()

func (l *loader) global(g pickle.Global) (any, error) {
	if make, ok := globals[g]; ok {
		return make(l), nil
	}
	return nil, fmt.Errorf("the file names %v, which is not among what it may: "+
		"tensors, numbers, strings, lists, tuples and dicts of these", g)
}

// argument returns argument i of a call, of type T.
func argument[T any](args pickle.Tuple, i int) (value T, err error) {
	if i >= len(args) {
		return value, fmt.Errorf("argument %d is missing", i)
	}
	value, ok := args[i].(T)
	if !ok {
		return value, fmt.Errorf("argument %d is a %T, want a %T", i, args[i], value)
	}
	return value, nil
}

// arguments returns all arguments of a call, or the elements of a tuple, which must
// have type T.
func arguments[T any](args pickle.Tuple) ([]T, error) {
	values := make([]T, len(args))
	for i := range args {
		var err error
		if values[i], err = argument[T](args, i); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func loadCounter(args pickle.Tuple) (any, error) {
	dict, err := argument[*pickle.Dict](args, 0)
	if err != nil {
		return nil, err
	}
	counter := Counter{}
	for _, item := range dict.Items {
		n, ok := item.Value.(int)
		if !ok {
			return nil, fmt.Errorf("a Counter has %v of %v", item.Value, item.Key)
		}
		counter[item.Key] = n
	}
	return counter, nil
}

func loadSize(args pickle.Tuple) (any, error) { return argument[pickle.Tuple](args, 0) }

func loadComplex(args pickle.Tuple) (any, error) {
	parts, err := arguments[float64](args)
	if err != nil || len(parts) != 2 {
		return nil, errors.Join(errors.New("a complex number wants two floats"), err)
	}
	return complex(parts[0], parts[1]), nil
}

func loadDevice(args pickle.Tuple) (any, error) {
	name, err := argument[string](args, 0)
	if err != nil {
		return nil, err
	}
	if len(args) > 1 {
		name = fmt.Sprintf("%s:%v", name, args[1])
	}
	return parseDevice(name)
}

// loadParameter returns a leaf of a tensor and whether it requires gradients.
func loadParameter(args pickle.Tuple) (any, error) {
	x, err := argument[*Tensor](args, 0)
	if err != nil {
		return nil, err
	}
	requiresGrad, err := argument[bool](args, 1)
	if err != nil {
		return nil, err
	}
	return x, Try(func() { x.SetRequiresGrad(requiresGrad) })
}

// persistent returns a storage: ("storage", class, key, location, elements).
func (l *loader) persistent(id any) (any, error) {
	args, ok := id.(pickle.Tuple)
	if !ok || len(args) != 5 || args[0] != "storage" {
		return nil, fmt.Errorf("%v is not kept beside a pickle", id)
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
			return nil, fmt.Errorf("storage %q: %w", key, err)
		}
		l.storages[key] = s
	}
	if size := s.bytes.Numel(); n < 0 || n > size || n*class.dtype.ItemSize() != size {
		return nil, fmt.Errorf("storage %q has %d bytes, want %d elements of %v", key, size, n, class.dtype)
	}
	return storageRef{s, class.dtype}, nil
}

// storage reads a storage and puts it on its device.
func (l *loader) storage(key, location string) (*loadedStorage, error) {
	device := l.options.MapLocation
	if device == (Device{}) {
		var err error
		if device, err = ParseDevice(location); err != nil {
			return nil, fmt.Errorf("%w; load it with MapLocation: torch.CPU", err)
		}
	}
	content, size, err := l.archive.Open("data/" + key)
	if err != nil {
		return nil, err
	}
	defer content.Close()
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
	if _, err := r.Read(make([]byte, 1)); err != io.EOF { // compares the checksum
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
	size, stride, requiresGrad, err2 := geometry(args, 2)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a tensor: %w", err)
	}
	if dtype.ItemSize() == 0 || !fits(s.bytes.Numel()/dtype.ItemSize(), offset, size, stride) {
		return nil, fmt.Errorf("a tensor of sizes %d, strides %d and dtype %v does not fit into its storage of %d bytes",
			size, stride, dtype, s.bytes.Numel())
	}
	var x *Tensor
	err := Try(func() {
		x = onStorage(s.handle, dtype, s.bytes.Device(), offset, size, stride)
		l.tensors = append(l.tensors, x)
		if x.DType() != dtype { // an older libtorch panics here
			raise("torch.Load", TypeError, "this libtorch lacks the dtype %v", dtype)
		}
		if len(args) > metadata {
			x = l.restore(x, args[metadata])
		}
		x.SetRequiresGrad(requiresGrad)
	})
	return x, err
}

// geometry returns what a tensor's arguments have from the i-th on: size, stride,
// requires_grad.
func geometry(args pickle.Tuple, i int) (size, stride []int, requiresGrad bool, err error) {
	sizes, err1 := argument[pickle.Tuple](args, i)
	strides, err2 := argument[pickle.Tuple](args, i+1)
	requiresGrad, err3 := argument[bool](args, i+2)
	size, err4 := arguments[int](sizes)
	stride, err5 := arguments[int](strides)
	return size, stride, requiresGrad, errors.Join(err1, err2, err3, err4, err5)
}

// metaTensor makes a tensor without elements: dtype, size, stride, requires_grad.
func (l *loader) metaTensor(args pickle.Tuple) (any, error) {
	dtype, err1 := argument[DType](args, 0)
	size, stride, requiresGrad, err2 := geometry(args, 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a meta tensor: %w", err)
	}
	if dtype.ItemSize() == 0 || !fits(math.MaxInt64/dtype.ItemSize(), 0, size, stride) {
		return nil, fmt.Errorf("there is no meta tensor of sizes %d, strides %d and dtype %v", size, stride, dtype)
	}
	var x *Tensor
	err := Try(func() {
		x = EmptyStrided(size, stride, TensorOptions{DType: dtype, Device: Meta, RequiresGrad: requiresGrad})
		l.tensors = append(l.tensors, x)
	})
	return x, err
}

// restore returns x as its metadata says: conjugated or negated.
func (l *loader) restore(x *Tensor, metadata any) *Tensor {
	bits, ok := metadata.(*pickle.Dict)
	if !ok {
		return x
	}
	for name, f := range map[string]func(*Tensor) *Tensor{"conj": (*Tensor).Conj, "neg": (*Tensor).Neg} {
		if bits.Get(name) == true {
			y := f(x)
			x.Close()
			x = y
		}
	}
	l.tensors = append(l.tensors, x)
	return x
}

// fits reports whether a tensor of these sizes and strides lies within n elements.
func fits(n, offset int, size, stride []int) bool {
	if len(size) != len(stride) || len(size) > 64 || offset < 0 || offset > n {
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
