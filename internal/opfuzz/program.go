package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// program is a call of an operator after those that make its arguments. It runs
// here, and its text runs in Python.
type program []statement

// statement is a call of an operator. Its first result is a variable of those that
// follow.
type statement struct {
	op     string
	args   []any
	kwargs []keyword
}

type keyword struct {
	name  string
	value any
}

// An argument is a value that [torch.OpOverload.Call] takes, a list of arguments as
// []any, or one of these.
type (
	variable int // the result of that statement
	numbers  struct {
		values []float64
		sizes  []int
	} // a tensor of Float64
	seed   int64    // a generator with that seed
	repeat struct { // one for all elements of a list, which Python's torch.ops takes of some lists only
		value any
		n     int
	}
)

// run makes the calls. If one of those before the last fails, err is a setupError.
func (p program) run(find func(name string) (*torch.OpOverload, error)) (results []any, err error) {
	variables := make([]any, len(p))
	for i, s := range p {
		op, err := find(s.op)
		if err != nil {
			return nil, err
		}
		args := value(s.args, variables).([]any)
		kwargs := make(map[string]any, len(s.kwargs))
		for _, k := range s.kwargs {
			kwargs[k.name] = value(k.value, variables)
		}
		results, err = op.Call(args, kwargs)
		if i == len(p)-1 {
			return results, err
		}
		if err != nil {
			return nil, setupError{err}
		}
		variables[i] = results[0]
	}
	return nil, nil
}

// setupError says that an argument could not be made.
type setupError struct{ error }

// value returns what an argument stands for.
func value(argument any, variables []any) any {
	switch a := argument.(type) {
	case variable:
		return variables[a]
	case numbers:
		return torch.NewTensor(a.values).Reshape(a.sizes...)
	case seed:
		return torch.NewGenerator().ManualSeed(int64(a))
	case repeat:
		return value(a.value, variables)
	case []any:
		list := make([]any, len(a))
		for i, element := range a {
			list[i] = value(element, variables)
		}
		return list
	}
	return argument
}

// String returns the program in Python, for scripts/same_crash.py.
func (p program) String() string {
	var out strings.Builder
	for i, s := range p {
		if i < len(p)-1 {
			fmt.Fprintf(&out, "x%d = ", i)
		}
		namespace, name, _ := strings.Cut(s.op, "::")
		name, overload, found := strings.Cut(name, ".")
		if !found {
			overload = "default"
		}
		parts := make([]string, 0, len(s.args)+len(s.kwargs))
		for _, argument := range s.args {
			parts = append(parts, text(argument))
		}
		for _, k := range s.kwargs {
			parts = append(parts, k.name+"="+text(k.value))
		}
		fmt.Fprintf(&out, "torch.ops.%s.%s.%s(%s)\n", namespace, name, overload, strings.Join(parts, ", "))
	}
	return out.String()
}

// text returns an argument in Python.
func text(argument any) string {
	switch a := argument.(type) {
	case variable:
		return fmt.Sprintf("x%d", int(a))
	case numbers:
		return fmt.Sprintf("numbers(%s, %v)", python.Repr(a.values), text(listOf(a.sizes)))
	case seed:
		return fmt.Sprintf("torch.Generator().manual_seed(%d)", int64(a))
	case repeat:
		return fmt.Sprintf("[%s] * %d", text(a.value), a.n)
	case []any:
		parts := make([]string, len(a))
		for i, element := range a {
			parts[i] = text(element)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return strconv.QuoteToASCII(a)
	case complex128:
		return fmt.Sprintf("complex(%s, %s)", python.Repr(real(a)), python.Repr(imag(a)))
	case torch.Device:
		return fmt.Sprintf("torch.device('%v')", a)
	case torch.DType:
		if name, ok := unnamed[a]; ok {
			return name
		}
	}
	return python.Repr(argument)
}

// listOf returns a list of arguments.
func listOf[T any](values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}
