// Package sizes reads the options that are one number for all dimensions alike, or
// a list with one for each.
package sizes

import (
	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/torch"
)

// Of returns v as a list: an int n times, a list as it is. It panics with the error
// of op on anything else.
func Of(op string, v torch.Sizes, n int) []int {
	switch v := v.(type) {
	case int:
		return repeat(v, n)
	case []int:
		return v
	}
	panic(refusal(op, "an int or a []int", v))
}

// Optional is Of that returns nil for nil.
func Optional(op string, v torch.Sizes, n int) []int {
	if v == nil {
		return nil
	}
	return Of(op, v, n)
}

// Or is Of with a number for nil and for a nil list.
func Or(op string, v torch.Sizes, byDefault, n int) []int {
	if list := Optional(op, v, n); list != nil {
		return list
	}
	return repeat(byDefault, n)
}

// Floats is Optional for numbers that need not be whole.
func Floats(op string, v any, n int) []float64 {
	switch v := v.(type) {
	case nil:
		return nil
	case []float64:
		return v
	}
	if f, ok := number.Float(v); ok {
		return repeat(f, n)
	}
	panic(refusal(op, "a number or a []float64", v))
}

// At returns the number that list, an option called name, has for dimension d. It
// panics with Python's IndexError of op where there is none.
func At(op, name string, list []int, d int) int {
	if d >= len(list) {
		panic(torch.Errorf(op, torch.IndexError,
			"tuple index out of range: %s has %d elements, and needs one for each dimension", name, len(list)))
	}
	return list[d]
}

// After returns what shape has after its first n sizes: nothing where it has fewer.
func After(shape []int, n int) []int { return shape[min(n, len(shape)):] }

// repeat returns n times v; none if n is negative.
func repeat[T any](v T, n int) []T {
	list := make([]T, max(n, 0))
	for i := range list {
		list[i] = v
	}
	return list
}

func refusal(op, want string, v any) *torch.Error {
	return torch.Errorf(op, torch.TypeError, "want %s, not a %T", want, v)
}
