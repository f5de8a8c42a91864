package main

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// longestName is how many characters of a name are printed.
const longestName = 400

// each calls visit for the values in dicts and lists, with dotted names. A list
// without tensors is one value, and so is what holds itself.
func each(value any, visit func(name string, value any)) {
	traversal{visit, map[uintptr]bool{}}.walk("", value)
}

// A traversal goes through values.
type traversal struct {
	visit  func(name string, value any)
	within map[uintptr]bool // the maps and lists that it is in
}

func (t traversal) walk(name string, value any) {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Map, reflect.Slice:
		if at := v.Pointer(); v.Len() > 0 {
			if t.within[at] {
				t.visit(name, itself{})
				return
			}
			t.within[at] = true
			defer delete(t.within, at)
		}
	}
	in := func(key any, value any) {
		path := brief.Value(key)
		if name != "" {
			path = name + "." + path
		}
		t.walk(brief.Cut(path, longestName), value)
	}
	switch v := value.(type) {
	case torch.OrderedDict:
		for _, item := range v {
			in(item.Key, item.Value)
		}
	case map[string]any:
		eachSorted(v, in)
	case map[any]any:
		eachSorted(v, in)
	case torch.Tuple:
		eachOf(name, v, in, t.visit)
	case torch.Set:
		eachOf(name, v, in, t.visit)
	case []any:
		eachOf(name, v, in, t.visit)
	default:
		t.visit(name, value)
	}
}

// itself stands for a list or a dict within itself.
type itself struct{}

func (itself) String() string { return "what it is in" }

// eachSorted calls in for the entries of a map, by key; whole numbers go by size.
func eachSorted[K comparable](m map[K]any, in func(key, value any)) {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b K) int {
		m, isInt := any(a).(int)
		if n, ok := any(b).(int); ok && isInt {
			return cmp.Compare(m, n)
		}
		if m, ok := any(a).(string); ok {
			if n, ok := any(b).(string); ok {
				return strings.Compare(m, n)
			}
		}
		return strings.Compare(brief.Value(a), brief.Value(b))
	})
	for _, key := range keys {
		in(key, m[key])
	}
}

// eachOf calls in for the items of a list, or visit for a list of plain values.
func eachOf(name string, list []any, in func(key, value any), visit func(string, any)) {
	plain := !slices.ContainsFunc(list, func(item any) bool {
		switch item.(type) {
		case *torch.Tensor, torch.OrderedDict, map[string]any, map[any]any, torch.Tuple, torch.Set, []any:
			return true
		}
		return false
	})
	if plain {
		visit(name, list)
		return
	}
	for i, item := range list {
		in(i, item)
	}
}

// short is a value in at most 60 characters.
func short(value any) string {
	const most = 60
	switch v := value.(type) {
	case nil:
		return "None"
	case torch.Counter:
		return fmt.Sprintf("a Counter of %d", len(v))
	case string:
		return brief.Cut(v, most)
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Slice {
		var items []string
		for i := range min(v.Len(), most) {
			items = append(items, short(v.Index(i).Interface()))
		}
		return brief.Cut("["+strings.Join(items, " ")+"]", most)
	}
	return brief.Cut(fmt.Sprint(value), most) // numbers, dtypes and devices
}
