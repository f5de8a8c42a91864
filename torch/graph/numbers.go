package graph

import (
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// onNumbers are the operators of Python that compute sizes: on bools, ints and floats.
var onNumbers = map[string]call{
	"_operator.add":      arithmetic(func(a, b int) int { return a + b }, func(a, b float64) float64 { return a + b }),
	"_operator.sub":      arithmetic(func(a, b int) int { return a - b }, func(a, b float64) float64 { return a - b }),
	"_operator.mul":      arithmetic(func(a, b int) int { return a * b }, func(a, b float64) float64 { return a * b }),
	"_operator.floordiv": divided(floorDiv, func(a, b float64) float64 { return math.Floor(a / b) }),
	"_operator.mod":      divided(func(a, b int) int { return a - b*floorDiv(a, b) }, func(a, b float64) float64 { return a - b*math.Floor(a/b) }),
	"_operator.truediv":  numbers(func(a, b float64) any { return a / b }),
	"_operator.pow":      power,
	"_operator.neg":      arithmetic(func(a, _ int) int { return -a }, func(a, _ float64) float64 { return -a }),
	"_operator.pos":      arithmetic(func(a, _ int) int { return a }, func(a, _ float64) float64 { return a }),
	"_operator.eq":       numbers(func(a, b float64) any { return a == b }),
	"_operator.ne":       numbers(func(a, b float64) any { return a != b }),
	"_operator.lt":       numbers(func(a, b float64) any { return a < b }),
	"_operator.le":       numbers(func(a, b float64) any { return a <= b }),
	"_operator.gt":       numbers(func(a, b float64) any { return a > b }),
	"_operator.ge":       numbers(func(a, b float64) any { return a >= b }),
	"_operator.and_":     arithmetic(func(a, b int) int { return a & b }, nil),
	"_operator.or_":      arithmetic(func(a, b int) int { return a | b }, nil),
	"_operator.lshift":   shifted(func(a, b int) int { return a << b }),
	"_operator.rshift":   shifted(func(a, b int) int { return a >> b }),
	"torch.sym_max":      arithmetic(func(a, b int) int { return max(a, b) }, math.Max),
	"torch.sym_min":      arithmetic(func(a, b int) int { return min(a, b) }, math.Min),
	"torch.sym_sqrt":     numbers(func(a, _ float64) any { return math.Sqrt(a) }),
	"torch.sym_float":    numbers(func(a, _ float64) any { return a }),
	"torch.sym_int":      numbers(func(a, _ float64) any { return int(a) }),
	"math.trunc":         numbers(func(a, _ float64) any { return int(a) }),
	"torch.sym_not":      func(args []any, _ map[string]any) ([]any, error) { return not(args) },
	"torch.sym_ite":      func(args []any, _ map[string]any) ([]any, error) { return ifThenElse(args) },
}

// wholes returns two numbers as ints, if both are; the second one may be missing.
func wholes(args []any) (a, b int, ok bool) {
	if len(args) == 0 || len(args) > 2 {
		return 0, 0, false
	}
	a, ok = whole(args[0])
	if len(args) == 2 && ok {
		b, ok = whole(args[1])
	}
	return a, b, ok
}

func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// floats returns two numbers as floats; the second one may be missing.
func floats(args []any) (list [2]float64, err error) {
	if len(args) == 0 || len(args) > 2 {
		return list, fmt.Errorf("it takes one number or two, not %d", len(args))
	}
	for i, v := range args {
		if n, ok := whole(v); ok {
			list[i] = float64(n)
		} else if f, ok := v.(float64); ok {
			list[i] = f
		} else {
			return list, fmt.Errorf("it takes numbers, not a %T", v)
		}
	}
	return list, nil
}

// arithmetic is an operator on ints, and on floats if one of its numbers is one.
func arithmetic(ints func(a, b int) int, onFloats func(a, b float64) float64) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		if a, b, ok := wholes(args); ok {
			return []any{ints(a, b)}, nil
		}
		list, err := floats(args)
		if err == nil && onFloats == nil {
			err = fmt.Errorf("it takes ints, not %v", args)
		}
		if err != nil {
			return nil, err
		}
		return []any{onFloats(list[0], list[1])}, nil
	}
}

// divided is arithmetic whose second number may not be 0.
func divided(ints func(a, b int) int, onFloats func(a, b float64) float64) call {
	f := arithmetic(ints, onFloats)
	return func(args []any, kwargs map[string]any) ([]any, error) {
		if list, err := floats(args); err != nil || list[1] == 0 {
			return nil, fmt.Errorf("it divides %v", args)
		}
		return f(args, kwargs)
	}
}

// shifted is arithmetic on ints whose second number is from 0 to 63.
func shifted(ints func(a, b int) int) call {
	f := arithmetic(ints, nil)
	return func(args []any, kwargs map[string]any) ([]any, error) {
		if _, by, ok := wholes(args); !ok || by < 0 || by > 63 {
			return nil, fmt.Errorf("it shifts %v", args)
		}
		return f(args, kwargs)
	}
}

// numbers is an operator on floats.
func numbers(f func(a, b float64) any) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		list, err := floats(args)
		if err != nil {
			return nil, err
		}
		return []any{f(list[0], list[1])}, nil
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func power(args []any, _ map[string]any) ([]any, error) {
	list, err := floats(args)
	if err != nil {
		return nil, err
	}
	p := math.Pow(list[0], list[1])
	if _, b, ok := wholes(args); ok && b >= 0 {
		if math.Abs(p) >= 1<<63 {
			return nil, fmt.Errorf("%v to the power of %v is no int", args[0], args[1])
		}
		return []any{int(p)}, nil
	}
	return []any{p}, nil
}

func not(args []any) ([]any, error) {
	v, ok := truth(args)
	if !ok {
		return nil, fmt.Errorf("it takes a bool, not %v", args)
	}
	return []any{!v}, nil
}

func ifThenElse(args []any) ([]any, error) {
	v, ok := truth(args)
	if !ok || len(args) != 3 {
		return nil, fmt.Errorf("it takes a bool and two values, not %v", args)
	}
	if v {
		return args[1:2], nil
	}
	return args[2:3], nil
}

// truth returns the first argument, a bool, or a tensor of one element as one.
func truth(args []any) (value, ok bool) {
	if len(args) == 0 {
		return false, false
	}
	switch v := args[0].(type) {
	case bool:
		return v, true
	case *torch.Tensor:
		return v.Bool(), true
	}
	return false, false
}
