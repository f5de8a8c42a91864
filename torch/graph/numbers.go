package graph

import (
	"cmp"
	"fmt"
	"math"

	"github.com/wangkuiyi/gotorch/torch"
)

// onNumbers are the operators of Python that compute sizes: on bools, ints and floats.
var onNumbers = map[string]call{
	"_operator.add":      arithmetic(add, func(a, b float64) float64 { return a + b }),
	"_operator.sub":      arithmetic(sub, func(a, b float64) float64 { return a - b }),
	"_operator.mul":      arithmetic(mul, func(a, b float64) float64 { return a * b }),
	"_operator.floordiv": divided(always(floorDiv), func(a, b float64) float64 { return math.Floor(a / b) }),
	"_operator.mod":      divided(always(func(a, b int) int { return a - b*floorDiv(a, b) }), floorMod),
	"_operator.truediv":  divided(nil, func(a, b float64) float64 { return a / b }),
	"_operator.pow":      pow,
	"_operator.neg":      arithmetic(func(a, _ int) (int, bool) { return sub(0, a) }, func(a, _ float64) float64 { return -a }),
	"_operator.pos":      arithmetic(always(func(a, _ int) int { return a }), func(a, _ float64) float64 { return a }),
	"_operator.eq":       compared(func(order int) bool { return order == 0 }),
	"_operator.ne":       compared(func(order int) bool { return order != 0 }),
	"_operator.lt":       compared(func(order int) bool { return order < 0 }),
	"_operator.le":       compared(func(order int) bool { return order <= 0 }),
	"_operator.gt":       compared(func(order int) bool { return order > 0 }),
	"_operator.ge":       compared(func(order int) bool { return order >= 0 }),
	"_operator.and_":     bitwise(func(a, b int) int { return a & b }),
	"_operator.or_":      bitwise(func(a, b int) int { return a | b }),
	"_operator.lshift":   shifted(func(a, b int) (int, bool) { return a << b, a<<b>>b == a }),
	"_operator.rshift":   shifted(func(a, b int) (int, bool) { return a >> b, true }),
	"torch.sym_max":      arithmetic(always(func(a, b int) int { return max(a, b) }), math.Max),
	"torch.sym_min":      arithmetic(always(func(a, b int) int { return min(a, b) }), math.Min),
	"torch._sym_sqrt":    arithmetic(nil, func(a, _ float64) float64 { return math.Sqrt(a) }),
	"torch.sym_float":    arithmetic(nil, func(a, _ float64) float64 { return a }),
	"torch.sym_int":      rounded(math.Trunc),
	"math.trunc":         rounded(math.Trunc),
	"math.floor":         rounded(math.Floor),
	"math.ceil":          rounded(math.Ceil),
	"round":              rounded(math.RoundToEven),
	"abs":                arithmetic(func(a, _ int) (int, bool) { return max(a, -a), a != math.MinInt }, func(a, _ float64) float64 { return math.Abs(a) }),
	"aten::sym_size.int": sizeOf,
	"torch.sym_not":      func(args []any, _ map[string]any) ([]any, error) { return not(args) },
	"torch.sym_ite":      func(args []any, _ map[string]any) ([]any, error) { return ifThenElse(args) },
}

// sizeOf returns the size of a dimension of a tensor, which older libtorchs have no
// operator for.
func sizeOf(args []any, _ map[string]any) (results []any, err error) {
	if len(args) == 2 {
		x, isTensor := args[0].(*torch.Tensor)
		if dim, ok := whole(args[1]); ok && isTensor && x != nil {
			err = torch.Try(func() { results = []any{x.Size(dim)} })
			return results, err
		}
	}
	return nil, fmt.Errorf("it takes a tensor and a dimension, not %v", args)
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

// always is a function of two ints whose result is always one.
func always(f func(a, b int) int) func(a, b int) (int, bool) {
	return func(a, b int) (int, bool) { return f(a, b), true }
}

func add(a, b int) (int, bool) { return a + b, (a+b > a) == (b > 0) }

func sub(a, b int) (int, bool) { return a - b, (a-b < a) == (b > 0) }

func mul(a, b int) (int, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	return c, c/b == a && (c < 0) == ((a < 0) != (b < 0))
}

// arithmetic is an operator on ints, and on floats if one of its numbers is one or ints
// is nil. It fails if ints says that a result is too large.
func arithmetic(ints func(a, b int) (int, bool), onFloats func(a, b float64) float64) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		if a, b, ok := wholes(args); ok && ints != nil {
			n, fits := ints(a, b)
			if !fits {
				return nil, fmt.Errorf("the result of %v is too large for an int", args)
			}
			return []any{n}, nil
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
func divided(ints func(a, b int) (int, bool), onFloats func(a, b float64) float64) call {
	f := arithmetic(ints, onFloats)
	return func(args []any, kwargs map[string]any) ([]any, error) {
		if list, err := floats(args); err != nil || list[1] == 0 {
			return nil, fmt.Errorf("it divides %v", args)
		}
		return f(args, kwargs)
	}
}

// shifted is arithmetic on ints whose second number is from 0 to 63.
func shifted(ints func(a, b int) (int, bool)) call {
	f := arithmetic(ints, nil)
	return func(args []any, kwargs map[string]any) ([]any, error) {
		if _, by, ok := wholes(args); !ok || by < 0 || by > 63 {
			return nil, fmt.Errorf("it shifts %v", args)
		}
		return f(args, kwargs)
	}
}

// bitwise is an operator on ints, and on bools, of which it makes one.
func bitwise(ints func(a, b int) int) call {
	f := arithmetic(always(ints), nil)
	return func(args []any, kwargs map[string]any) ([]any, error) {
		results, err := f(args, kwargs)
		if err != nil {
			return nil, err
		}
		for _, arg := range args {
			if _, ok := arg.(bool); !ok {
				return results, nil
			}
		}
		return []any{results[0] != 0}, nil
	}
}

// compared is an operator on how two numbers are ordered: -1, 0 or 1.
func compared(holds func(order int) bool) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		if a, b, ok := wholes(args); ok {
			return []any{holds(cmp.Compare(a, b))}, nil
		}
		list, err := floats(args)
		if err != nil {
			return nil, err
		}
		return []any{holds(cmp.Compare(list[0], list[1]))}, nil
	}
}

// rounded is an operator that makes an int of a number.
func rounded(f func(float64) float64) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		if n, _, ok := wholes(args); ok {
			return []any{n}, nil
		}
		list, err := floats(args)
		if err != nil {
			return nil, err
		}
		whole := f(list[0])
		if math.IsNaN(whole) || math.Abs(whole) >= 1<<63 {
			return nil, fmt.Errorf("%v is no int", list[0])
		}
		return []any{int(whole)}, nil
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// floorMod is Python's remainder of floats, which has the sign of the second one.
func floorMod(a, b float64) float64 {
	m := math.Mod(a, b)
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}

// pow is a power: an int of ints, unless the exponent is negative.
func pow(args []any, _ map[string]any) ([]any, error) {
	list, err := floats(args)
	if err != nil {
		return nil, err
	}
	a, b, ok := wholes(args)
	if !ok || b < 0 {
		return []any{math.Pow(list[0], list[1])}, nil
	}
	p := 1
	for range min(b, 64) {
		next, fits := mul(p, a)
		if !fits {
			return nil, fmt.Errorf("%v to the power of %v is no int", a, b)
		}
		p = next
	}
	if b > 64 && a == -1 && b%2 == 1 {
		p = -1
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
