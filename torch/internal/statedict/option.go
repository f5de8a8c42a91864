// Package statedict reads and writes options by name, as Python's state dicts have
// them.
package statedict

import (
	"reflect"

	"github.com/wangkuiyi/gotorch/torch"
)

// Fields are options by their names in PyTorch. A value is a pointer to the option,
// a [Value], a tuple of such, or what state dicts always say.
type Fields map[string]any

// Value is an option that is more than a pointer.
type Value interface {
	Get() any            // what a state dict has
	Set(v any) (ok bool) // stores v, of a state dict
}

// Get returns what an option's value points to; nil is Python's None.
func Get(value any) any {
	switch v := value.(type) {
	case Value:
		return v.Get()
	case *float64:
		return *v
	case *int:
		return *v
	case *bool:
		return *v
	case **float64:
		return optional(*v)
	case **int:
		return optional(*v)
	case **bool:
		return optional(*v)
	case *string:
		if *v == "" {
			return nil
		}
		return *v
	case **[2]float64:
		return torch.Tuple{(*v)[0], (*v)[1]}
	case **[3]float64:
		return torch.Tuple{(*v)[0], (*v)[1], (*v)[2]}
	case *[]float64:
		return toAny(*v)
	case *[]int:
		return toAny(*v)
	case *map[int]int:
		counter := torch.Counter{}
		for key, n := range *v {
			counter[key] = n
		}
		return counter
	case torch.Tuple:
		list := make(torch.Tuple, len(v))
		for i, part := range v {
			list[i] = Get(part)
		}
		return list
	}
	return value
}

func optional[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

func toAny[T any](values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}

// Set stores v, of a state dict, where an option's value points to, and reports
// whether it is of the right kind.
func Set(value, v any) (ok bool) {
	switch to := value.(type) {
	case Value:
		ok = to.Set(v)
	case *float64:
		*to, ok = Float(v)
	case *int:
		*to, ok = Int(v)
	case *bool:
		*to, ok = v.(bool)
	case **float64:
		ok = setOptional(to, v, Float)
	case **int:
		ok = setOptional(to, v, Int)
	case **bool:
		ok = setOptional(to, v, func(v any) (b, ok bool) { b, ok = v.(bool); return })
	case *string:
		*to, ok = v.(string)
		ok = ok || v == nil
	case **[2]float64:
		var list []float64
		if list, ok = each(v, Float); ok && len(list) == 2 {
			*to = &[2]float64{list[0], list[1]}
		}
		ok = ok && len(list) == 2
	case **[3]float64:
		var list []float64
		if list, ok = each(v, Float); ok && len(list) == 3 {
			*to = &[3]float64{list[0], list[1], list[2]}
		}
		ok = ok && len(list) == 3
	case *[]float64:
		*to, ok = each(v, Float)
	case *[]int:
		*to, ok = each(v, Int)
	case *map[int]int:
		*to, ok = counts(v)
	case torch.Tuple:
		list, isList := List(v)
		ok = isList && len(list) == len(to)
		for i := 0; ok && i < len(to); i++ {
			ok = Set(to[i], list[i])
		}
	default:
		ok = true
	}
	return ok
}

func setOptional[T any](to **T, v any, convert func(any) (T, bool)) bool {
	if v == nil {
		*to = nil
		return true
	}
	x, ok := convert(v)
	*to = &x
	return ok
}

func each[T any](v any, convert func(any) (T, bool)) ([]T, bool) {
	list, ok := List(v)
	values := make([]T, len(list))
	for i, x := range list {
		value, is := convert(x)
		values[i], ok = value, ok && is
	}
	return values, ok
}

// counts returns a Counter of ints, or another map of them.
func counts(v any) (map[int]int, bool) {
	m := reflect.ValueOf(v)
	if m.Kind() != reflect.Map {
		return nil, false
	}
	counts := map[int]int{}
	for k, n := range m.Seq2() {
		key, isInt := Int(k.Interface())
		count, isCount := Int(n.Interface())
		if !isInt || !isCount {
			return nil, false
		}
		counts[key] = count
	}
	return counts, true
}

// Float returns a number of a state dict; a tensor must have one element.
func Float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case *torch.Tensor:
		var number float64
		err := torch.Try(func() { number = v.Item() }) // not of None, a closed one, one of the device meta
		return number, err == nil
	}
	n, ok := Int(v)
	return float64(n), ok
}

// Int returns a whole number of a state dict.
func Int(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		return int(v), v == float64(int(v))
	}
	return 0, false
}

// Ints returns a list of whole numbers of a state dict.
func Ints(v any) ([]int, bool) { return each(v, Int) }

// List returns a list or tuple of a state dict.
func List(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case torch.Tuple:
		return v, true
	case []float64:
		return toAny(v), true
	case []int:
		return toAny(v), true
	}
	return nil, false
}
