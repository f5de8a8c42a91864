package torch

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// decoder puts values of a pickle, or those that Load returned, into Go variables.
type decoder struct {
	left int // how many values there may still be; negative: any number
}

var (
	anyType     = reflect.TypeFor[any]()
	orderedType = reflect.TypeFor[OrderedDict]()
)

// into sets the variable that target points to.
func (d *decoder) into(target, value any) error {
	return d.decode(reflect.ValueOf(target).Elem(), value, 0)
}

// count counts a value.
func (d *decoder) count(depth int) error {
	if depth > pickle.MaxDepth {
		return fmt.Errorf("values are nested more than %d deep", pickle.MaxDepth)
	}
	if d.left--; d.left == 0 {
		return errors.New("the same values are in too many places")
	}
	return nil
}

// plain returns a value as Load gives it, or, if ordered, with all dicts ordered.
func (d *decoder) plain(value any, ordered bool, depth int) (any, error) {
	if err := d.count(depth); err != nil {
		return nil, err
	}
	if list, isTuple, ok := elements(value); ok {
		values := make([]any, len(list))
		for i, v := range list {
			var err error
			if values[i], err = d.plain(v, ordered, depth+1); err != nil {
				return nil, err
			}
		}
		if isTuple {
			return Tuple(values), nil
		}
		return values, nil
	}
	entries, isOrdered, ok := entries(value)
	if _, isCounter := value.(Counter); !ok || isCounter {
		return value, nil
	}
	dict := make(OrderedDict, len(entries))
	strings := true
	for i, e := range entries {
		v, err := d.plain(e.Value, ordered, depth+1)
		if err != nil {
			return nil, err
		}
		dict[i] = Item{e.Key, v}
		_, isString := e.Key.(string)
		strings = strings && isString
	}
	switch {
	case ordered || isOrdered:
		return dict, nil
	case strings:
		m := make(map[string]any, len(dict))
		for _, e := range dict {
			m[e.Key.(string)] = e.Value
		}
		return m, nil
	}
	m := make(map[any]any, len(dict))
	for _, e := range dict {
		m[e.Key] = e.Value
	}
	return m, nil
}

// elements returns the elements of a list or a tuple.
func elements(value any) (list []any, isTuple, ok bool) {
	switch v := value.(type) {
	case *pickle.List:
		return v.Items, false, true
	case []any:
		return v, false, true
	case pickle.Tuple:
		return v, true, true
	case Tuple:
		return v, true, true
	}
	return nil, false, false
}

// entries returns the entries of a dict.
func entries(value any) (items []Item, ordered, ok bool) {
	switch v := value.(type) {
	case *pickle.Dict:
		items := make([]Item, len(v.Items))
		for i, item := range v.Items {
			items[i] = Item(item)
		}
		return items, v.Ordered, true
	case OrderedDict:
		return v, true, true
	case map[string]any, map[any]any, Counter:
		return sortedItems(reflect.ValueOf(v)), false, true
	}
	return nil, false, false
}

// decode sets a variable.
func (d *decoder) decode(target reflect.Value, value any, depth int) error {
	if target.Type() == anyType {
		v, err := d.plain(value, false, depth)
		if err == nil && v != nil {
			target.Set(reflect.ValueOf(v))
		}
		return err
	}
	if err := d.count(depth); err != nil {
		return err
	}
	if l, ok := target.Addr().Interface().(Loadable); ok {
		v, err := d.plain(value, true, depth)
		if err != nil {
			return err
		}
		return l.LoadValue(v)
	}
	switch v := reflect.ValueOf(value); {
	case value == nil:
		target.SetZero()
		return nil
	case v.Type() == target.Type():
		target.Set(v)
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return d.decode(target.Elem(), value, depth+1)
	case reflect.Slice:
		if list, _, ok := elements(value); ok {
			return d.slice(target, list, depth)
		}
		if items, _, ok := entries(value); ok && target.Type() == orderedType {
			return d.ordered(target, items, depth)
		}
	case reflect.Map:
		if items, _, ok := entries(value); ok {
			return d.mapping(target, items, depth)
		}
	case reflect.Struct:
		if items, _, ok := entries(value); ok {
			return d.fields(target, items, depth)
		}
	default:
		if setBasic(target, value) {
			return nil
		}
	}
	return fmt.Errorf("%s cannot be a %v", describe(value), target.Type())
}

func (d *decoder) slice(target reflect.Value, list []any, depth int) error {
	target.Set(reflect.MakeSlice(target.Type(), len(list), len(list)))
	for i, v := range list {
		if err := d.decode(target.Index(i), v, depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

// ordered sets an OrderedDict.
func (d *decoder) ordered(target reflect.Value, items []Item, depth int) error {
	dict := make(OrderedDict, len(items))
	for i, item := range items {
		v, err := d.plain(item.Value, false, depth+1)
		if err != nil {
			return err
		}
		dict[i] = Item{item.Key, v}
	}
	target.Set(reflect.ValueOf(dict))
	return nil
}

func (d *decoder) mapping(target reflect.Value, items []Item, depth int) error {
	t := target.Type()
	target.Set(reflect.MakeMapWithSize(t, len(items)))
	for _, item := range items {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.decode(key, item.Key, depth+1); err != nil {
			return fmt.Errorf("key %v: %w", item.Key, err)
		}
		if err := d.decode(value, item.Value, depth+1); err != nil {
			return fmt.Errorf("%v: %w", item.Key, err)
		}
		target.SetMapIndex(key, value)
	}
	return nil
}

func (d *decoder) fields(target reflect.Value, items []Item, depth int) error {
	target.SetZero()
	for i := range target.NumField() {
		name := fieldName(target.Type().Field(i))
		for _, item := range items {
			if name == "" || item.Key != name {
				continue
			}
			if err := d.decode(target.Field(i), item.Value, depth+1); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// setBasic sets a number, a string or a bool, if the target can hold it.
func setBasic(target reflect.Value, value any) bool {
	switch v := value.(type) {
	case bool:
		if target.Kind() == reflect.Bool {
			target.SetBool(v)
			return true
		}
	case string:
		if target.Kind() == reflect.String {
			target.SetString(v)
			return true
		}
	case complex128:
		if target.CanComplex() {
			target.SetComplex(v)
			return true
		}
	case float64:
		if target.CanFloat() {
			target.SetFloat(v)
			return true
		}
	case *big.Int:
		if target.CanUint() && v.IsUint64() && !target.OverflowUint(v.Uint64()) {
			target.SetUint(v.Uint64())
			return true
		}
	case int:
		switch {
		case target.CanFloat():
			target.SetFloat(float64(v))
			return true
		case target.CanInt() && !target.OverflowInt(int64(v)):
			target.SetInt(int64(v))
			return true
		case target.CanUint() && v >= 0 && !target.OverflowUint(uint64(v)):
			target.SetUint(uint64(v))
			return true
		}
	}
	return false
}

// describe says what a value is, for an error.
func describe(value any) string {
	if _, isTuple, ok := elements(value); ok {
		if isTuple {
			return "a tuple"
		}
		return "a list"
	}
	if _, _, ok := entries(value); ok {
		return "a dict"
	}
	switch value.(type) {
	case *Tensor:
		return "a tensor"
	case bool, int, float64, string:
		return fmt.Sprintf("the %T %v", value, value)
	}
	return fmt.Sprintf("a %T", value)
}
