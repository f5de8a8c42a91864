// Package sizes reads the options that are one number for all dimensions alike, or
// a list with one for each.
package sizes

import (
	"fmt"

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
	case int:
		return repeat(float64(v), n)
	case float64:
		return repeat(v, n)
	case []float64:
		return v
	}
	panic(refusal(op, "an int, a float64 or a []float64", v))
}

func repeat[T any](v T, n int) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

func refusal(op, want string, v any) *torch.Error {
	return &torch.Error{Op: op, Kind: torch.TypeError, Message: fmt.Sprintf("want %s, not a %T", want, v)}
}
