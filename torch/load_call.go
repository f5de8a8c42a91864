package torch

import (
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
		value(pickle.Global{Module: "torch", Name: name}, storageClass{dtype})
	}
	value(globalUntyped, storageClass{Uint8})
	for dtype := range dtypeNames {
		value(dtype.global(), dtype)
	}
	for g, f := range map[pickle.Global]func(l *loader, args pickle.Tuple) (any, error){
		globalCounter:                         (*loader).counter,
		globalSize:                            (*loader).size,
		globalDevice:                          (*loader).device,
		globalComplex:                         (*loader).complex,
		{Module: "builtins", Name: "complex"}: (*loader).complex,
		globalParameter:                       (*loader).parameter,
		globalTensor:                          (*loader).tensor,
		globalMeta:                            (*loader).metaTensor,
		globalTensorV3:                        (*loader).tensorV3,
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

func (l *loader) device(args pickle.Tuple) (any, error) {
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

// parameter returns a leaf of a tensor and whether it requires gradients.
func (l *loader) parameter(args pickle.Tuple) (any, error) {
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
