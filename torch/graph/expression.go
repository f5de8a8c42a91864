package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// Expression is an expression of numbers and symbols as Python writes it, such as
// "2*s0 + 1" or "Max(s0, 4) > 4".
type Expression struct {
	operator string // such as "+", or a function's name; "" for a number or a symbol
	args     []*Expression
	symbol   string
	number   any // an int, a float64 or a bool

	compute call
}

// Symbols returns the names of the symbols, each once, in the order in which they come.
func (e *Expression) Symbols() []string {
	if e == nil {
		return nil
	}
	var names []string
	e.visit(func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	})
	return names
}

func (e *Expression) visit(symbol func(name string)) {
	if e.symbol != "" {
		symbol(e.symbol)
	}
	for _, arg := range e.args {
		arg.visit(symbol)
	}
}

// Value computes the expression as Python does: an int, a float64 or a bool. symbol
// returns a symbol's value. It fails on one that symbol does not know, on a division by
// zero, and where a result is too large for an int.
func (e *Expression) Value(symbol func(name string) (value any, ok bool)) (any, error) {
	switch {
	case e == nil || e.operator == "" && e.symbol == "" && e.number == nil:
		return nil, errors.New("there is no expression: ParseExpression reads one")
	case e.symbol != "":
		if symbol == nil {
			symbol = func(string) (any, bool) { return nil, false }
		}
		v, ok := symbol(e.symbol)
		if !ok {
			return nil, fmt.Errorf("the value of %s is not known", brief.Text(e.symbol))
		}
		return v, nil
	case e.operator == "":
		return e.number, nil
	}
	args := make([]any, len(e.args))
	for i, arg := range e.args {
		var err error
		if args[i], err = arg.Value(symbol); err != nil {
			return nil, err
		}
	}
	results, err := e.compute(args, nil)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// computing returns what computes an operator of a table.
func computing(target string) call {
	switch target {
	case "or":
		return junction(true)
	case "and":
		return junction(false)
	case "not":
		return onNumbers["torch.sym_not"]
	case "ceildiv":
		return ceilDiv
	case "pair":
		return func(args []any, _ map[string]any) ([]any, error) { return []any{args}, nil }
	case "piecewise":
		return piecewise
	case "torch.sym_ite":
		return onNumbers[target]
	}
	f := onNumbers[target]
	return func(args []any, _ map[string]any) ([]any, error) {
		results, err := f(args[:min(2, len(args))], nil)
		for _, arg := range args[min(2, len(args)):] {
			if err == nil {
				results, err = f([]any{results[0], arg}, nil)
			}
		}
		return results, err
	}
}

// junction is Python's or of bools, or its and.
func junction(or bool) call {
	return func(args []any, _ map[string]any) ([]any, error) {
		value := !or
		for _, arg := range args {
			v, ok := arg.(bool)
			if !ok {
				return nil, fmt.Errorf("it takes bools, not a %T", arg)
			}
			if v == or {
				value = or
			}
		}
		return []any{value}, nil
	}
}

// ceilDiv is a quotient of ints that is rounded up.
func ceilDiv(args []any, _ map[string]any) ([]any, error) {
	a, b, ok := wholes(args)
	if !ok || len(args) != 2 || b == 0 {
		return nil, fmt.Errorf("it divides %v", args)
	}
	return []any{-floorDiv(-a, b)}, nil
}

// piecewise is the value of the first pair, of a value and a condition, whose condition
// holds.
func piecewise(args []any, _ map[string]any) ([]any, error) {
	for _, arg := range args {
		if pair, ok := arg.([]any); ok && len(pair) == 2 && pair[1] == true {
			return pair[:1], nil
		}
	}
	return nil, fmt.Errorf("no condition of %v holds", args)
}

// String returns the expression as Python writes it, without parentheses that change
// nothing.
func (e *Expression) String() string {
	if e == nil {
		return "nil"
	}
	return e.text(0)
}

// level is how tightly an expression's operator binds.
func (e *Expression) level() int {
	if len(e.args) == 1 && e.operator == "-" {
		return power
	}
	if e.operator == "not " {
		return comparison
	}
	for level, names := range operators {
		if _, ok := names[e.operator]; ok {
			return level
		}
	}
	return atom
}

// text is String in parentheses if the expression binds less tightly than outer.
func (e *Expression) text(outer int) string {
	switch {
	case e.symbol != "":
		return e.symbol
	case e.operator == "" && e.number == true:
		return "True"
	case e.operator == "" && e.number == false:
		return "False"
	case e.operator == "":
		return fmt.Sprint(e.number)
	}
	level := e.level()
	var text string
	switch {
	case level == atom:
		args := make([]string, len(e.args))
		for i, arg := range e.args {
			args[i] = arg.text(0)
		}
		return e.operator + "(" + strings.Join(args, ", ") + ")"
	case len(e.args) == 1:
		text = e.operator + e.args[0].text(level)
	default:
		left, right := level, level+1
		switch level {
		case power: // which goes from right to left
			left, right = level+1, level
		case comparison:
			left = level + 1
		}
		text = e.args[0].text(left) + " " + e.operator + " " + e.args[1].text(right)
	}
	if level < outer {
		return "(" + text + ")"
	}
	return text
}

// Value returns the size: N, or what Symbol is for the values of the symbols. It fails on
// a symbol that has none.
func (s Size) Value(symbols map[string]int) (int, error) {
	if s.Symbol == "" {
		return s.N, nil
	}
	if n, ok := symbols[s.Symbol]; ok {
		return n, nil
	}
	e, err := ParseExpression(s.Symbol)
	if err != nil {
		return 0, err
	}
	v, err := e.Value(func(name string) (any, bool) { n, ok := symbols[name]; return n, ok })
	if err != nil {
		return 0, fmt.Errorf("the size %s: %w", brief.Text(s.Symbol), err)
	}
	n, ok := whole(v)
	if !ok {
		return 0, fmt.Errorf("the size %s is %v, which is no int", brief.Text(s.Symbol), v)
	}
	return n, nil
}
