package pickle

import "fmt"

// List is a Python list. Its items are in several parts, so that those that are
// there stay where they are when others follow.
type List struct{ parts [][]any }

// NewList returns a list of items.
func NewList(items ...any) *List {
	l := &List{}
	l.add(items)
	return l
}

// Add adds items at the end.
func (l *List) Add(items ...any) { l.add(items) }

// Len returns the number of items.
func (l *List) Len() int {
	n := 0
	for _, part := range l.parts {
		n += len(part)
	}
	return n
}

// All is an iterator over the items.
func (l *List) All(yield func(item any) bool) {
	for _, part := range l.parts {
		for _, item := range part {
			if !yield(item) {
				return
			}
		}
	}
}

// add copies items to the list's end: into what the last part has room for, and
// then into a part of their own.
func (l *List) add(items []any) {
	n, room := len(l.parts), 0
	if n > 0 {
		last := &l.parts[n-1]
		fit := min(len(items), cap(*last)-len(*last))
		*last = append(*last, items[:fit]...)
		items = items[fit:]
		room = min(2*cap(*last), batch)
	}
	if len(items) > 0 {
		l.parts = append(l.parts, append(make([]any, 0, max(len(items), room)), items...))
	}
}

// growth returns how many bytes add takes at most for n items.
func (l *List) growth(n int) int {
	const part = 3 * word
	if len(l.parts) == 0 {
		return n*value + part
	}
	last := l.parts[len(l.parts)-1]
	if n <= cap(last)-len(last) {
		return 0
	}
	return max(n, min(2*cap(last), batch))*value + 4*part
}

// Dict is a Python dict: its entries in the order in which the file has them. Where
// it has a key several times, which Python's files have not, the last value counts.
type Dict struct {
	Ordered    bool  // a collections.OrderedDict
	Attributes *Dict // of an OrderedDict, such as _metadata; nil for none
	entries    List  // keys, and after each its value
}

// NewDict returns a dict of keys, and after each its value. It fails on a key that
// is not nil, a bool, an int, a float64, a string, a Global, a *Call or a Tuple of these.
func NewDict(ordered bool, entries ...any) (*Dict, error) {
	d := &Dict{Ordered: ordered}
	return d, d.Add(entries...)
}

// Add adds keys, and after each its value, as [NewDict] has them.
func (d *Dict) Add(entries ...any) error {
	return d.add(entries, func(key any) bool {
		switch key.(type) {
		case Global, *Call:
			return true
		}
		return false
	})
}

// Len returns the number of entries.
func (d *Dict) Len() int { return d.entries.Len() / 2 }

// All is an iterator over the entries.
func (d *Dict) All(yield func(key, value any) bool) {
	var key any
	isValue := false
	for v := range d.entries.All {
		if isValue && !yield(key, v) {
			return
		}
		key, isValue = v, !isValue
	}
}

// add adds entries, whose keys may also be what more allows.
func (d *Dict) add(entries []any, more func(key any) bool) error {
	for i := 0; i < len(entries); i += 2 {
		if err := checkKey(entries[i], more, 0); err != nil {
			return err
		}
	}
	d.entries.add(entries)
	return nil
}

// checkKey fails on what cannot be a key.
func checkKey(key any, more func(key any) bool, depth int) error {
	switch k := key.(type) {
	case nil, bool, int, float64, string:
		return nil
	case Tuple:
		const deepest = 8
		if len(k) > MaxKey || depth > deepest {
			return fmt.Errorf("a key of a dict is a tuple of %d, or one too deep", len(k))
		}
		for _, item := range k {
			if err := checkKey(item, more, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if more != nil && more(key) {
		return nil
	}
	return fmt.Errorf("a key of a dict is a %T", key)
}

// MaxKey is how many items a tuple may have that is a key.
const MaxKey = 16
