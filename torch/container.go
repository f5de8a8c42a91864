package torch

import (
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// Tuple is a Python tuple. As a key of a map, which must not be a slice, one is an array:
//
//	steps := map[any]any{[2]any{"layer", 1}: 0.5}
type Tuple []any

// Set is a Python set: its elements, each once.
type Set []any

// ByteArray is a Python bytearray; a []byte is its bytes.
type ByteArray []byte

// Size is PyTorch's torch.Size, the sizes of a tensor. [Load] gives a [Tuple], as a
// torch.Size is one, unless a Size is asked for.
type Size []int

// OrderedDict is a Python OrderedDict, whose order matters.
type OrderedDict []Item

// Item is an entry of an [OrderedDict].
type Item struct {
	Key   any
	Value any
}

// Get returns the value of a key, or nil.
func (d OrderedDict) Get(key any) any {
	for _, item := range d {
		if mapKey(item.Key) == mapKey(key) {
			return item.Value
		}
	}
	return nil
}

// Counter is a Python Counter: how many there are of each key.
type Counter map[any]int

// Attributed is a Python OrderedDict with attributes, as the state dict of a module is
// in Python: its _metadata has the versions of the module's parts. [Load] leaves them out;
// [LoadAs] into an Attributed keeps them, and [Save] writes them:
//
//	state, err := torch.LoadAs[torch.Attributed]("net.pt")
//	versions := state.Attributes["_metadata"]
type Attributed struct {
	Dict       any            // an OrderedDict, or a Savable that is one, such as an nn.StateDict
	Attributes map[string]any // by their names
}

// mapKey returns a key of a dict as one of a Go map: tuples are arrays.
func mapKey(key any) any {
	var items []any
	switch k := key.(type) {
	case pickle.Tuple:
		items = k
	case Tuple:
		items = k
	default:
		return key
	}
	array := reflect.New(reflect.ArrayOf(len(items), anyType)).Elem()
	for i, item := range items {
		if k := mapKey(item); k != nil {
			array.Index(i).Set(reflect.ValueOf(k))
		}
	}
	return array.Interface()
}

// keyOf returns a key of a dict as an Item has it.
func keyOf(key any) any {
	items, ok := key.(pickle.Tuple)
	if !ok {
		return key
	}
	tuple := make(Tuple, len(items))
	for i, item := range items {
		tuple[i] = keyOf(item)
	}
	return tuple
}
