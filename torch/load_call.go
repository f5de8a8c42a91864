package torch

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// globals is all that a file may name.
var globals = func() map[pickle.Global]func(l *loader) any {
	list := map[pickle.Global]func(l *loader) any{}
	value := func(g pickle.Global, v any) { list[g] = func(*loader) any { return v } }
	for dtype, name := range storageClasses {
		value(pickle.Global{Module: "torch", Name: name}, storageClass{dtype: dtype})
	}
	value(globalUntyped, storageClass{Uint8, true})
	value(globalUntypedOld, storageClass{Uint8, true})
	value(globalTensorClass, tensorClass{})
	for scheme := PerTensorAffine; int(scheme) < len(qschemeNames); scheme++ {
		value(scheme.global(), scheme)
	}
	for dtype := range dtypeNames {
		value(dtype.global(), dtype)
	}
	for g, f := range map[pickle.Global]func(l *loader, args pickle.Tuple) (any, error){
		globalCounter:        (*loader).counter,
		globalSize:           (*loader).size,
		globalDevice:         (*loader).parseDevice,
		globalLayout:         (*loader).layout,
		globalComplex:        (*loader).complex,
		globalSet:            (*loader).set,
		globalByteArray:      (*loader).byteArray,
		globalParameter:      (*loader).parameter,
		globalParameterState: (*loader).parameter,
		globalParameterClass: (*loader).parameter,
		globalTensorV1:       (*loader).tensorV1,
		globalTensor:         (*loader).tensor,
		globalTensorV3:       (*loader).tensorV3,
		globalMeta:           (*loader).metaTensor,
		globalSparse:         (*loader).sparse,
		globalQuantized:      (*loader).quantized,
		globalFromCPU:        (*loader).fromCPU,
		globalFromType:       (*loader).fromType,
	} {
		list[g] = func(l *loader) any {
			return pickle.Func(func(args pickle.Tuple) (any, error) {
				if err := l.budget.Take(boxSize); err != nil {
					return nil, err
				}
				return f(l, args)
			})
		}
	}
	return list
}()

// tensorClass is the class of tensors.
type tensorClass struct{}

// reader returns what reads a pickle of the file.
func (l *loader) reader() pickle.Reader {
	return pickle.Reader{Global: l.global, Persistent: l.persistent, Budget: l.budget, Key: func(v any) bool {
		switch v.(type) {
		case DType, Device, Layout, QScheme:
			return true
		}
		return false
	}}
}

func (l *loader) global(g pickle.Global) (any, error) {
	if g.Module == "builtins" { // as later protocols have it
		g.Module = "__builtin__"
	}
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

// ints returns the elements of a tuple that has a number for each dimension.
func (l *loader) ints(args pickle.Tuple, i int) ([]int, error) {
	list, err := argument[pickle.Tuple](args, i)
	if err != nil {
		return nil, err
	}
	if len(list) > maxDims {
		return nil, fmt.Errorf("argument %d has %d dimensions, more than %d", i, len(list), maxDims)
	}
	if err := l.budget.Take(dimensionSize * len(list)); err != nil {
		return nil, err
	}
	values := make([]int, len(list))
	for i := range list {
		if values[i], err = argument[int](list, i); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// maxDims is how many dimensions a tensor may have, as in libtorch.
const maxDims = 64

func (l *loader) counter(args pickle.Tuple) (any, error) {
	dict, err := argument[*pickle.Dict](args, 0)
	if err != nil {
		return nil, err
	}
	if err := l.budget.Take(mapSize(dict.Len(), counterEntry)); err != nil {
		return nil, err
	}
	counter := make(Counter, dict.Len())
	for key, value := range dict.All {
		n, ok := value.(int)
		if !ok {
			return nil, fmt.Errorf("a Counter has %s of %s", brief.Value(value), brief.Value(key))
		}
		if err := l.budget.Take(hashing(key)); err != nil {
			return nil, err
		}
		counter[key] = n
	}
	return counter, nil
}

func (l *loader) size(args pickle.Tuple) (any, error) { return argument[pickle.Tuple](args, 0) }

func (l *loader) complex(args pickle.Tuple) (any, error) {
	re, err1 := argument[float64](args, 0)
	im, err2 := argument[float64](args, 1)
	return complex(re, im), errors.Join(err1, err2)
}

func (l *loader) parseDevice(args pickle.Tuple) (any, error) {
	name, err := argument[string](args, 0)
	if err != nil {
		return nil, err
	}
	if len(args) > 1 {
		index, err := argument[int](args, 1)
		if err != nil {
			return nil, err
		}
		name = fmt.Sprintf("%s:%d", brief.Text(name), index)
	}
	return parseDevice(brief.Text(name))
}

// set returns a Set of a list's items.
func (l *loader) set(args pickle.Tuple) (any, error) {
	if len(args) == 0 {
		return &pickleSet{&pickle.List{}}, nil
	}
	items, err := argument[*pickle.List](args, 0)
	if err != nil {
		return nil, err
	}
	return &pickleSet{items}, nil
}

// pickleSet is a set while the file is read: its items are not what users get yet.
type pickleSet struct{ items *pickle.List }

// byteArray returns a ByteArray of bytes.
func (l *loader) byteArray(args pickle.Tuple) (any, error) {
	if len(args) == 0 {
		return ByteArray{}, nil
	}
	data, err := argument[[]byte](args, 0)
	if err == nil {
		err = l.budget.Take(len(data))
	}
	if err != nil {
		return nil, err
	}
	return ByteArray(bytes.Clone(data)), nil
}

// parameter returns a leaf of a tensor and whether it requires gradients. More arguments
// are hooks, of which there are none, and the attributes of a Python object.
func (l *loader) parameter(args pickle.Tuple) (any, error) {
	x, err := argument[*Tensor](args, 0)
	if err != nil {
		return nil, err
	}
	requiresGrad := true
	if len(args) > 1 {
		if requiresGrad, err = argument[bool](args, 1); err != nil {
			return nil, err
		}
	}
	return x, Try(func() { x.SetRequiresGrad(requiresGrad) })
}

// fromCPU returns a tensor on the device where it was: tensor, dtype, device,
// requires_grad.
func (l *loader) fromCPU(args pickle.Tuple) (any, error) {
	x, err1 := argument[*Tensor](args, 0)
	dtype, err2 := argument[DType](args, 1)
	location, err3 := argument[string](args, 2)
	requiresGrad, err4 := argument[bool](args, 3)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	device, err := l.device(location)
	if err == nil {
		err = l.budget.Take(tensorSize + x.Numel()*dtype.ItemSize())
	}
	if err != nil {
		return nil, err
	}
	var y *Tensor
	err = Try(func() {
		if y = x.convert(dtype, device, 0, ToOptions{}); y != x {
			l.tensors = append(l.tensors, y)
		}
		y.SetRequiresGrad(requiresGrad)
	})
	return y, err
}

// fromType calls the function that makes a tensor of a class of Python with attributes:
// function, class, arguments, attributes. Go's tensors have no class and no attributes.
func (l *loader) fromType(args pickle.Tuple) (any, error) {
	f, err1 := argument[pickle.Func](args, 0)
	arguments, err2 := argument[pickle.Tuple](args, 2)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	switch args[1].(type) {
	case tensorClass, pickle.Func:
	default:
		return nil, fmt.Errorf("a tensor of class %s", brief.Value(args[1]))
	}
	x, err := f(arguments)
	if _, ok := x.(*Tensor); err == nil && !ok {
		err = fmt.Errorf("a tensor is a %T", x)
	}
	return x, err
}
