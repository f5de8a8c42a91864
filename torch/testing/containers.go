package testing

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
)

// compare compares values of any kind.
func (c *comparison) compare(actual, expected any) error {
	a, b := reflect.ValueOf(actual), reflect.ValueOf(expected)
	x, isTensor := actual.(*torch.Tensor)
	y, bothTensors := expected.(*torch.Tensor)
	switch {
	case argument.IsNil(actual) || argument.IsNil(expected):
		if !argument.IsNil(actual) || !argument.IsNil(expected) {
			return c.differ("None mismatch: %s is not %s", written(actual), written(expected))
		}
		return nil
	case isTensor && bothTensors:
		return c.tensors(x, y)
	case isSequence(a) && isSequence(b):
		return c.sequences(a, b)
	case a.Kind() == reflect.Map && b.Kind() == reflect.Map:
		return c.mappings(a, b)
	}
	p, q := number.Plain(actual), number.Plain(expected)
	_, isBool := p.(bool)
	_, bothBools := q.(bool)
	switch {
	case p != nil && q != nil && isBool && bothBools:
		if p != q {
			return c.differ("Booleans mismatch: %s is not %s", python.Repr(p), python.Repr(q))
		}
		return nil
	case p != nil && q != nil && !isBool && !bothBools:
		return c.numbers(actual, expected)
	}
	return c.differ("No comparison pair was able to handle inputs of type %T and %T.", actual, expected)
}

// written writes a value for a message.
func written(v any) string {
	if argument.IsNil(v) {
		return "None"
	}
	return python.Repr(v)
}

func isSequence(v reflect.Value) bool { return v.Kind() == reflect.Slice || v.Kind() == reflect.Array }

// sequences compares element by element.
func (c *comparison) sequences(a, b reflect.Value) error {
	if a.Len() != b.Len() {
		return c.differ("The length of the sequences mismatch: %d != %d", a.Len(), b.Len())
	}
	for i := range a.Len() {
		if err := c.at(i, a.Index(i), b.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// at compares what is under an index or a key.
func (c *comparison) at(key any, a, b reflect.Value) error {
	c.place = append(c.place, key)
	defer func() { c.place = c.place[:len(c.place)-1] }()
	return c.compare(a.Interface(), b.Interface())
}

// mappings compares what is under each key, in order.
func (c *comparison) mappings(a, b reflect.Value) error {
	actual, expected := entries(a), entries(b)
	missing, additional := keysWithout(expected, actual), keysWithout(actual, expected)
	if len(missing)+len(additional) > 0 {
		return c.differ("The keys of the mappings do not match:\nMissing keys in the actual mapping: %s\nAdditional keys in the actual mapping: %s",
			list(missing), list(additional))
	}
	for _, key := range keysWithout(actual, nil) {
		if err := c.at(key, actual[key], expected[key]); err != nil {
			return err
		}
	}
	return nil
}

// entries returns a map's values by its keys, of any types.
func entries(m reflect.Value) map[any]reflect.Value {
	found := make(map[any]reflect.Value, m.Len())
	for entry := m.MapRange(); entry.Next(); {
		found[entry.Key().Interface()] = entry.Value()
	}
	return found
}

// keysWithout returns the keys that others lack, in order: numbers by size, others by how
// they are written.
func keysWithout(m, others map[any]reflect.Value) (keys []any) {
	for key := range m {
		if _, has := others[key]; !has {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b any) int {
		x, xIs := number.Float(a)
		y, yIs := number.Float(b)
		if xIs && yIs {
			return cmp.Compare(x, y)
		}
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return keys
}

func list(keys []any) string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = pytree.Quote(key)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
