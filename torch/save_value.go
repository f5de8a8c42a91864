package torch

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// encode returns what a value is in a pickle.
func (s *saver) encode(value any, depth int) (any, error) {
	if depth > pickle.MaxDepth {
		return nil, fmt.Errorf("values are nested more than %d deep", pickle.MaxDepth)
	}
	switch v := value.(type) {
	case nil:
		return nil, nil
	case *Tensor:
		return s.tensor(v)
	case Savable:
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			return nil, nil
		}
		return s.encode(v.SaveValue(), depth+1)
	case DType:
		if v == 0 {
			return nil, nil
		}
		return v.global(), nil
	case Device:
		if v == (Device{}) {
			return nil, nil
		}
		return pickledDevice(v), nil
	case Layout:
		if v == 0 {
			return nil, nil
		}
		return v.pickled(), nil
	case QScheme:
		if v == 0 {
			return nil, nil
		}
		return v.global(), nil
	case MemoryFormat:
		return nil, fmt.Errorf("the memory format %v cannot be saved, as PyTorch cannot either: save its String()", v)
	case *Storage:
		return s.encodeStorage(v)
	case Tuple:
		items, err := s.all(reflect.ValueOf(v), depth)
		return pickle.Tuple(items), err
	case Set:
		return s.set(v, depth)
	case ByteArray:
		return &pickle.Call{Func: globalByteArray, Args: pickle.Tuple{[]byte(v)}}, nil
	case Size:
		return size(v), nil
	case Attributed:
		return s.attributed(v, depth)
	case OrderedDict:
		return s.dict(v, true, depth)
	case Counter:
		d, err := s.dict(sortedItems(reflect.ValueOf(v)), false, depth)
		return &pickle.Call{Func: globalCounter, Args: pickle.Tuple{d}}, err
	case []byte, *big.Int:
		return v, nil
	case big.Int:
		return &v, nil
	}
	return s.encodeKind(reflect.ValueOf(value), depth)
}

// encodeKind encodes what Go's kind of the value says.
func (s *saver) encodeKind(v reflect.Value, depth int) (any, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, nil
	}
	if err := stateless(v.Type()); err != nil {
		return nil, err
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := v.Uint(); n > math.MaxInt64 {
			return new(big.Int).SetUint64(n), nil
		}
		return int(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.Complex64, reflect.Complex128:
		return &pickle.Call{Func: globalComplex, Args: pickle.Tuple{real(v.Complex()), imag(v.Complex())}}, nil
	case reflect.String:
		return v.String(), nil
	case reflect.Slice:
		return s.slice(v, depth)
	case reflect.Array:
		items, err := s.all(v, depth)
		return pickle.NewList(items...), err
	case reflect.Map:
		return s.mapping(v, depth)
	case reflect.Struct:
		items, err := fieldItems(v)
		if err != nil {
			return nil, err
		}
		return s.dict(items, false, depth)
	case reflect.Pointer:
		return s.encode(v.Elem().Interface(), depth+1)
	}
	return nil, fmt.Errorf("a %v cannot be saved", v.Type())
}

// slice encodes a list, which may be in itself.
func (s *saver) slice(v reflect.Value, depth int) (any, error) {
	key := open{v.UnsafePointer(), v.Len()}
	if list, ok := s.open[key]; ok && v.Len() > 0 {
		return list, nil
	}
	list := pickle.NewList()
	s.open[key] = list
	defer delete(s.open, key)
	items, err := s.all(v, depth)
	list.Add(items...)
	return list, err
}

// mapping encodes a dict, which may be in itself.
func (s *saver) mapping(v reflect.Value, depth int) (any, error) {
	key := open{v.UnsafePointer(), -1}
	if dict, ok := s.open[key]; ok && v.Len() > 0 {
		return dict, nil
	}
	dict := &pickle.Dict{}
	s.open[key] = dict
	defer delete(s.open, key)
	return dict, s.fill(dict, sortedItems(v), depth)
}

// open is a list or a map that is being encoded: where its elements are, and how many.
type open struct {
	at unsafe.Pointer
	n  int
}

// set encodes a set of the items of a list.
func (s *saver) set(v Set, depth int) (any, error) {
	items, err := s.all(reflect.ValueOf(v), depth)
	if err != nil {
		return nil, err
	}
	keys := make(distinct, len(items))
	for i, item := range items {
		if _, err := pickle.NewDict(false, item, nil); err != nil {
			return nil, fmt.Errorf("[%d]: a set cannot have it: %w", i, err)
		}
		if err := keys.add(item); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return &pickle.Call{Func: globalSet, Args: pickle.Tuple{pickle.NewList(items...)}}, nil
}

// attributed encodes an OrderedDict with attributes.
func (s *saver) attributed(v Attributed, depth int) (any, error) {
	encoded, err := s.encode(v.Dict, depth+1)
	if err != nil {
		return nil, err
	}
	dict, ok := encoded.(*pickle.Dict)
	if !ok || !dict.Ordered {
		return nil, fmt.Errorf("only an OrderedDict has attributes, not a %T", v.Dict)
	}
	if len(v.Attributes) == 0 {
		return dict, nil
	}
	attributes, err := s.encode(v.Attributes, depth+1)
	if err != nil {
		return nil, fmt.Errorf("attributes: %w", err)
	}
	dict.Attributes = attributes.(*pickle.Dict)
	return dict, nil
}

// encodeStorage returns what stands for a storage.
func (s *saver) encodeStorage(v *Storage) (id any, err error) {
	if v == nil {
		return nil, nil
	}
	err = Try(func() { id = s.storage(v.elements).id(v.DType()) })
	return id, err
}

// key encodes a key of a dict, of which an array is a tuple.
func (s *saver) key(key any, depth int) (any, error) {
	if v := reflect.ValueOf(key); v.IsValid() && v.Kind() == reflect.Array {
		items := make(pickle.Tuple, v.Len())
		for i := range items {
			var err error
			if items[i], err = s.key(v.Index(i).Interface(), depth+1); err != nil {
				return nil, err
			}
		}
		return items, nil
	}
	return s.encode(key, depth+1)
}

// all encodes the elements of a slice.
func (s *saver) all(v reflect.Value, depth int) ([]any, error) {
	items := make([]any, v.Len())
	for i := range items {
		var err error
		if items[i], err = s.encode(v.Index(i).Interface(), depth+1); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return items, nil
}

func (s *saver) dict(items []Item, ordered bool, depth int) (any, error) {
	dict := &pickle.Dict{Ordered: ordered}
	return dict, s.fill(dict, items, depth)
}

// fill encodes the entries of a dict.
func (s *saver) fill(dict *pickle.Dict, items []Item, depth int) error {
	keys := make(distinct, len(items))
	for _, item := range items {
		key, err := s.key(item.Key, depth+1)
		if err == nil {
			err = keys.add(key)
		}
		if err != nil {
			return fmt.Errorf("key %v: %w", item.Key, err)
		}
		value, err := s.encode(item.Value, depth+1)
		if err != nil {
			return fmt.Errorf("%v: %w", item.Key, err)
		}
		if err := dict.Add(key, value); err != nil {
			return err
		}
	}
	return nil
}

// sortedItems returns the entries of a map, those with the smallest keys first.
func sortedItems(m reflect.Value) []Item {
	var items []Item
	for key, value := range m.Seq2() {
		items = append(items, Item{key.Interface(), value.Interface()})
	}
	slices.SortFunc(items, func(a, b Item) int {
		x, y := reflect.ValueOf(a.Key), reflect.ValueOf(b.Key)
		if x.IsValid() && y.IsValid() && x.CanInt() && y.CanInt() {
			return cmp.Compare(x.Int(), y.Int())
		}
		if x.IsValid() && y.IsValid() && x.Kind() == reflect.String && y.Kind() == reflect.String {
			return strings.Compare(x.String(), y.String())
		}
		return strings.Compare(fmt.Sprint(a.Key), fmt.Sprint(b.Key))
	})
	return items
}

// fieldItems returns the fields of a struct by their names.
func fieldItems(v reflect.Value) ([]Item, error) {
	fields, err := fieldsOf(v.Type())
	items := make([]Item, len(fields))
	for i, f := range fields {
		items[i] = Item{f.name, v.Field(f.index).Interface()}
	}
	return items, err
}

// pickledDevice returns the call that makes a device.
func pickledDevice(d Device) any {
	args := pickle.Tuple{d.Type()}
	if d.index >= 0 {
		args = append(args, d.Index())
	}
	return &pickle.Call{Func: globalDevice, Args: args}
}
