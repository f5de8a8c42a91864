// Package brief writes what a file holds into errors and tables. A file may hold
// anything: text of any length, values within values a million deep. What is written
// here is short whatever it is.
package brief

import (
	"fmt"
	"reflect"
	"strings"
)

const longest = 100 // characters

// Text returns a text, or the beginning of one of more than 100 characters.
func Text(text string) string { return Cut(text, longest) }

// Cut returns a text, or the beginning of one of more than so many characters.
func Cut(text string, characters int) string {
	const more = "..."
	n, end := 0, 0
	for at := range text {
		if n == characters-len(more) {
			end = at
		}
		if n++; n > characters {
			return text[:end] + more
		}
	}
	return text
}

// Value returns a number, a text or a truth value as fmt does, a long text cut, an array,
// which is a tuple as the key of a dict, by a few of its items, and of every other value the
// type.
func Value(v any) string { return value(v, 0) }

func value(v any, depth int) string {
	switch v := v.(type) {
	case nil, bool, int, float64, complex128:
		return fmt.Sprint(v)
	case string:
		return Text(v)
	}
	const most, deepest = 4, 3 // items, arrays in one another
	if array := reflect.ValueOf(v); array.Kind() == reflect.Array && depth < deepest {
		items := make([]string, 0, most+1)
		for i := range min(array.Len(), most) {
			items = append(items, value(array.Index(i).Interface(), depth+1))
		}
		if array.Len() > most {
			items = append(items, "...")
		}
		return Text("(" + strings.Join(items, ", ") + ")")
	}
	return fmt.Sprintf("a %T", v)
}
