// Package python writes values as Python's repr does.
package python

import (
	"fmt"
	"strconv"
	"strings"
)

// Tuple is a list of values that prints in round brackets.
type Tuple []any

// TupleOf returns a tuple of values.
func TupleOf[T any](values []T) Tuple {
	t := make(Tuple, len(values))
	for i, v := range values {
		t[i] = v
	}
	return t
}

// Repr returns v as Python prints it: nil as None, a []float64 as a list, and what it
// does not know as Go does.
func Repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".en") {
			text += ".0"
		}
		return text
	case []float64:
		return "[" + join(TupleOf(v)) + "]"
	case Tuple:
		if len(v) == 1 {
			return "(" + Repr(v[0]) + ",)"
		}
		return "(" + join(v) + ")"
	}
	return fmt.Sprint(v)
}

func join(values Tuple) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = Repr(v)
	}
	return strings.Join(parts, ", ")
}
