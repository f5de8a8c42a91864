// Package python writes values as Python's repr does.
package python

import (
	"fmt"
	"math"
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

// Repr returns v as Python prints it: nil as None, a pointer as what it points to, a
// []float64 as a list, and what it does not know as Go does.
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
		return float(v)
	case *float64:
		if v == nil {
			return "None"
		}
		return float(*v)
	case float32:
		return float(float64(v))
	case complex64:
		return complexNumber(complex128(v))
	case complex128:
		return complexNumber(v)
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

// float writes 1.0, 0.1, 1e-05, inf.
func float(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case math.IsNaN(v):
		return "nan"
	}
	if size := math.Abs(v); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// complexNumber writes (1+2j), and 2j where the real part is 0.
func complexNumber(v complex128) string {
	part := func(v float64) string { return strings.TrimSuffix(float(v), ".0") }
	imaginary := part(imag(v)) + "j"
	if real(v) == 0 && !math.Signbit(real(v)) {
		return imaginary
	}
	if !strings.HasPrefix(imaginary, "-") {
		imaginary = "+" + imaginary
	}
	return "(" + part(real(v)) + imaginary + ")"
}

// Size writes sizes as a torch.Size: torch.Size([2, 3]).
func Size(sizes []int) string { return "torch.Size([" + join(TupleOf(sizes)) + "])" }

func join(values Tuple) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = Repr(v)
	}
	return strings.Join(parts, ", ")
}

// Option writes an option of a module, lists of numbers as tuples.
func Option(v any) string {
	switch list := v.(type) {
	case []int:
		v = TupleOf(list)
	case []float64:
		v = TupleOf(list)
	}
	return Repr(v)
}
