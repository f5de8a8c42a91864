package graph

import (
	"fmt"
	"strconv"
	"strings"
)

// sympy are SymPy's and PyTorch's names of what [Expression] has as Python's operators.
var sympy = map[string]string{
	"or": "Or", "and": "And", "not ": "Not", "|": "BitwiseFn_bitwise_or", "&": "BitwiseFn_bitwise_and", "<<": "LShift", ">>": "RShift",
	"==": "Equality", "!=": "Unequality", "<=": "LessThan", ">=": "GreaterThan", "<": "StrictLessThan", ">": "StrictGreaterThan",
	"+": "Add", "*": "Mul", "//": "FloorDiv", "/": "IntTrueDiv", "%": "PythonMod", "**": "Pow", "max": "Max", "min": "Min",
}

// SymPy returns the expression as SymPy's srepr writes it, such as
// "Add(Symbol('s0', integer=True), Integer(1))". symbol writes a symbol.
func (e *Expression) SymPy(symbol func(name string) string) string {
	if e.symbol != "" {
		return symbol(e.symbol)
	}
	if e.operator == "" {
		return sympyNumber("", e.number)
	}
	if e.operator == "-" && len(e.args) == 1 && e.args[0].number != nil {
		return sympyNumber("-", e.args[0].number)
	}
	args := make([]string, len(e.args))
	for i, arg := range e.args {
		args[i] = arg.SymPy(symbol)
	}
	name := e.operator
	if known, ok := sympy[name]; ok {
		name = known
	}
	if e.operator == "-" { // SymPy has no subtraction
		last := len(args) - 1
		args[last] = "Mul(Integer(-1), " + args[last] + ")"
		if last == 0 {
			return args[0]
		}
		name = "Add"
	}
	if e.operator == "/" && len(e.args) == 2 {
		_, above := e.args[0].number.(int)
		if _, below := e.args[1].number.(int); above && below {
			return fmt.Sprintf("Rational(%d, %d)", e.args[0].number, e.args[1].number)
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func sympyNumber(sign string, number any) string {
	switch v := number.(type) {
	case int:
		return fmt.Sprintf("Integer(%s%d)", sign, v)
	case bool:
		return strconv.FormatBool(v)
	}
	text := fmt.Sprint(number)
	if !strings.ContainsAny(text, ".eI") {
		text += ".0"
	}
	return fmt.Sprintf("Float('%s%s', precision=53)", sign, text)
}
