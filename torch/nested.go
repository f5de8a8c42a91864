package torch

import (
	"fmt"
	"reflect"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/brief"
)

// maxNesting is how deep values may be nested that go to libtorch, which has the same bound.
const maxNesting = 100

// passNested passes a value of whatever type, which is so deep in others: nil, a tensor, a
// number, a string, a device, a dtype, an object; a slice, which is a list, a [Tuple]; a map, whose
// keys go in their order, or an [OrderedDict]. If it cannot, it returns what is wrong, and
// where.
func (c *Call) passNested(v any, depth int) (place, wrong string) {
	if depth > maxNesting {
		return "", fmt.Sprintf("is nested more than %d deep", maxNesting)
	}
	if isNone(v) {
		c.None()
		return "", ""
	}
	switch v := v.(type) {
	case *Object:
		c.Object(v)
		return "", ""
	case *Tensor:
		c.Tensor(v)
		return "", ""
	case *Generator:
		c.Generator(v)
		return "", ""
	case DType:
		c.Int(int(v.scalarType()))
		return "", ""
	case Layout:
		c.Layout(v)
		return "", ""
	case MemoryFormat:
		c.MemoryFormat(v)
		return "", ""
	case Device:
		if v.kind == 0 {
			c.None()
		} else {
			c.Device(v)
		}
		return "", ""
	case OrderedDict:
		return c.passDict(v, depth)
	}
	if n := plainNumber(v); n != nil {
		c.Number(n)
		return "", ""
	}
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.String:
		c.String(value.String())
	case reflect.Slice, reflect.Array:
		if _, ok := v.(Tuple); ok {
			c.args.Tuple(value.Len())
		} else {
			c.args.List(value.Len())
		}
		for i := range value.Len() {
			if place, wrong := c.passNested(value.Index(i).Interface(), depth+1); wrong != "" {
				return fmt.Sprintf("[%d]%s", i, place), wrong
			}
		}
	case reflect.Map:
		return c.passDict(sortedItems(value), depth)
	default:
		return "", fmt.Sprintf("is a %T, which has no counterpart", v)
	}
	return "", ""
}

// passDict passes a dict that is so deep in others.
func (c *Call) passDict(items []Item, depth int) (place, wrong string) {
	c.args.Dict(len(items))
	for _, item := range items {
		if _, wrong := c.passNested(item.Key, depth+1); wrong != "" {
			return "", "has a key that " + wrong
		}
		if place, wrong := c.passNested(item.Value, depth+1); wrong != "" {
			return fmt.Sprintf("[%s]%s", keyText(item.Key), place), wrong
		}
	}
	return "", ""
}

// keyText returns a key as Python prints it.
func keyText(key any) string {
	if text, ok := key.(string); ok {
		return "'" + brief.Text(text) + "'"
	}
	return brief.Value(key)
}

// takeNested takes a result of whatever type, as [Load] has them: a list is a []any, a
// tuple a [Tuple], and a dict a map[string]any, or a map[any]any if not all keys are strings.
func (r *Results) takeNested() any {
	switch r.raw.Tag() {
	case cgotorch.TagNone, cgotorch.TagTensor:
		if x := r.Tensor(); x != nil {
			return x
		}
		return nil
	case cgotorch.TagList:
		return r.takeValues(r.raw.TakeList())
	case cgotorch.TagTuple:
		return Tuple(r.takeValues(r.raw.TakeTuple()))
	case cgotorch.TagDict:
		return r.takeDict()
	}
	return r.takeOne("")
}

// takeValues takes the next values.
func (r *Results) takeValues(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = r.takeNested()
	}
	return list
}

func (r *Results) takeDict() any {
	n := r.raw.TakeDict()
	names, all := make(map[string]any, n), make(map[any]any, n)
	for range n {
		key, value := r.takeNested(), r.takeNested()
		if name, ok := key.(string); ok {
			names[name] = value
		}
		all[key] = value
	}
	if len(names) == len(all) {
		return names
	}
	return all
}
