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
	Ordered bool // a collections.OrderedDict
	entries List // keys, and after each its value
}

// NewDict returns a dict of keys, and after each its value. It fails on a key that
// is not nil, a bool, an int, a float64 or a string.
func NewDict(ordered bool, entries ...any) (*Dict, error) {
	d := &Dict{Ordered: ordered}
	return d, d.add(entries)
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

// add adds entries.
func (d *Dict) add(entries []any) error {
	for i := 0; i < len(entries); i += 2 {
		switch entries[i].(type) {
		case nil, bool, int, float64, string:
		default:
			return fmt.Errorf("a key of a dict is a %T", entries[i])
		}
	}
	d.entries.add(entries)
	return nil
}
