package torch

import (
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// list is any of Go's values for a list or a tuple.
type list struct {
	n       int
	items   []any
	pickled *pickle.List // or what has the items
	isTuple bool
}

// listOf returns a list or a tuple.
func listOf(value any) (l list, ok bool) {
	switch v := value.(type) {
	case *pickle.List:
		return list{n: v.Len(), pickled: v}, true
	case []any:
		return list{n: len(v), items: v}, true
	case pickle.Tuple:
		return list{n: len(v), items: v, isTuple: true}, true
	case Tuple:
		return list{n: len(v), items: v, isTuple: true}, true
	}
	return list{}, false
}

// itemsOf returns the items of a list, a tuple or a set.
func itemsOf(value any) (l list, ok bool) {
	switch v := value.(type) {
	case *pickleSet:
		return listOf(v.items)
	case Set:
		return list{n: len(v), items: v}, true
	}
	return listOf(value)
}

// all is an iterator over the items.
func (l list) all(yield func(item any) bool) {
	if l.pickled != nil {
		l.pickled.All(yield)
		return
	}
	for _, item := range l.items {
		if !yield(item) {
			return
		}
	}
}

// dict is any of Go's values for a dict.
type dict struct {
	n       int
	items   []Item
	pickled *pickle.Dict // or what has the entries, perhaps one key several times
	ordered bool
}

// dictOf returns a dict.
func dictOf(value any) (d dict, ok bool) {
	switch v := value.(type) {
	case *pickle.Dict:
		return dict{n: v.Len(), pickled: v, ordered: v.Ordered}, true
	case OrderedDict:
		return dict{n: len(v), items: v, ordered: true}, true
	case map[string]any, map[any]any, Counter:
		items := sortedItems(reflect.ValueOf(v))
		return dict{n: len(items), items: items}, true
	}
	return dict{}, false
}

// all is an iterator over the entries.
func (d dict) all(yield func(key, value any) bool) {
	if d.pickled != nil {
		d.pickled.All(yield)
		return
	}
	for _, item := range d.items {
		if !yield(item.Key, item.Value) {
			return
		}
	}
}

// hasTexts reports whether all keys are texts.
func (d dict) hasTexts() bool {
	for key := range d.all {
		if _, ok := key.(string); !ok {
			return false
		}
	}
	return true
}
