package graph

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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

// operators are Python's that stand between two expressions, with those that bind more
// tightly further down, and what they compute.
var operators = []map[string]string{
	{"or": "or"},
	{"and": "and"},
	{"==": "_operator.eq", "!=": "_operator.ne", "<=": "_operator.le", ">=": "_operator.ge", "<": "_operator.lt", ">": "_operator.gt"},
	{"|": "_operator.or_"},
	{"&": "_operator.and_"},
	{"<<": "_operator.lshift", ">>": "_operator.rshift"},
	{"+": "_operator.add", "-": "_operator.sub"},
	{"*": "_operator.mul", "//": "_operator.floordiv", "/": "_operator.truediv", "%": "_operator.mod"},
	{"**": "_operator.pow"},
}

const (
	comparison = 2         // where the comparisons are among operators
	power      = 8         // and the power, which binds more tightly than a sign
	atom       = power + 1 // more tightly than all of them
)

// functions are those of Python, SymPy and PyTorch, and what they compute. Those of more
// arguments than their operator takes go from left to right.
var functions = map[string]string{
	"max": "torch.sym_max", "Max": "torch.sym_max", "torch.sym_max": "torch.sym_max",
	"min": "torch.sym_min", "Min": "torch.sym_min", "torch.sym_min": "torch.sym_min",
	"Add": "_operator.add", "Mul": "_operator.mul", "Pow": "_operator.pow", "PowByNatural": "_operator.pow", "FloatPow": "_operator.pow",
	"FloorDiv": "_operator.floordiv", "CleanDiv": "_operator.floordiv", "CeilDiv": "ceildiv",
	"IntTrueDiv": "_operator.truediv", "FloatTrueDiv": "_operator.truediv", "Mod": "_operator.mod", "PythonMod": "_operator.mod",
	"LShift": "_operator.lshift", "RShift": "_operator.rshift",
	"BitwiseFn_bitwise_and": "_operator.and_", "BitwiseFn_bitwise_or": "_operator.or_",
	"ToFloat": "torch.sym_float", "torch.sym_float": "torch.sym_float", "float": "torch.sym_float", "Identity": "_operator.pos",
	"TruncToInt": "math.trunc", "math.trunc": "math.trunc", "torch.sym_int": "math.trunc", "int": "math.trunc",
	"floor": "math.floor", "FloorToInt": "math.floor", "math.floor": "math.floor",
	"ceiling": "math.ceil", "CeilToInt": "math.ceil", "math.ceil": "math.ceil", "RoundToInt": "round", "round": "round",
	"Abs": "abs", "abs": "abs", "torch._sym_sqrt": "torch._sym_sqrt", "OpaqueUnaryFn_sqrt": "torch._sym_sqrt",
	"Eq": "_operator.eq", "Equality": "_operator.eq", "Ne": "_operator.ne", "Unequality": "_operator.ne",
	"StrictLessThan": "_operator.lt", "LessThan": "_operator.le", "StrictGreaterThan": "_operator.gt", "GreaterThan": "_operator.ge",
	"And": "and", "Or": "or", "Not": "not", "torch.sym_not": "not", "torch.sym_ite": "torch.sym_ite", "Where": "torch.sym_ite",
	"Piecewise": "piecewise", "ExprCondPair": "pair",
}

// maxNesting is how deep an expression may be.
const maxNesting = 100

// ParseExpression reads an expression. What is no number, operator or function is a
// symbol, with all that follows in brackets: "s0", "x.size()[0]". It fails on a text that
// is none, on a function that is not known, and on an expression more than 100 deep.
func ParseExpression(text string) (*Expression, error) {
	p := &expressionParser{rest: text}
	e, err := p.binary(0, 0)
	if p.space(); err == nil && p.rest != "" {
		err = fmt.Errorf("%q is left over", brief.Text(p.rest))
	}
	if err != nil {
		return nil, fmt.Errorf("the expression %s: %w", brief.Text(text), err)
	}
	return e, nil
}

type expressionParser struct{ rest string }

func (p *expressionParser) space() { p.rest = strings.TrimLeft(p.rest, " ") }

// skip drops a text that comes next, and reports whether it was there.
func (p *expressionParser) skip(text string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = rest
	}
	return ok
}

// operator takes an operator of a level, the longest that fits.
func (p *expressionParser) operator(level int) string {
	p.space()
	found := ""
	for name := range operators[level] {
		if len(name) > len(found) && strings.HasPrefix(p.rest, name) {
			found = name
		}
	}
	for _, longer := range []string{"//", "**", "<<", ">>"} { // which belong to other levels
		if len(found) == 1 && strings.HasPrefix(p.rest, longer) && operators[level][longer] == "" {
			return ""
		}
	}
	p.rest = p.rest[len(found):]
	return found
}

// binary takes an expression of the operators of a level and below.
func (p *expressionParser) binary(level, depth int) (*Expression, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is more than %d deep", maxNesting)
	}
	if level == comparison && p.skip("not ") {
		e, err := p.binary(level, depth+1)
		return &Expression{operator: "not ", args: []*Expression{e}, compute: computing("not")}, err
	}
	if level == power {
		return p.power(depth)
	}
	left, err := p.binary(level+1, depth)
	for err == nil {
		name := p.operator(level)
		if name == "" {
			return left, nil
		}
		if level == comparison && slices.Contains(comparisons, left.operator) {
			return nil, fmt.Errorf("it compares twice")
		}
		var right *Expression
		right, err = p.binary(level+1, depth)
		left = &Expression{operator: name, args: []*Expression{left, right}, compute: computing(operators[level][name])}
	}
	return nil, err
}

var comparisons = []string{"==", "!=", "<=", ">=", "<", ">"}

// power takes a sign or a power.
func (p *expressionParser) power(depth int) (*Expression, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is more than %d deep", maxNesting)
	}
	if p.skip("-") {
		e, err := p.power(depth + 1)
		return &Expression{operator: "-", args: []*Expression{e}, compute: computing("_operator.neg")}, err
	}
	base, err := p.primary(depth)
	if err == nil && p.operator(power) != "" {
		var exponent *Expression
		exponent, err = p.power(depth + 1)
		base = &Expression{operator: "**", args: []*Expression{base, exponent}, compute: computing("_operator.pow")}
	}
	return base, err
}

// primary takes a number, a symbol, a call, or an expression in parentheses.
func (p *expressionParser) primary(depth int) (*Expression, error) {
	if p.skip("(") {
		e, err := p.binary(0, depth+1)
		if err == nil && !p.skip(")") {
			err = fmt.Errorf("a parenthesis is open")
		}
		return e, err
	}
	word, err := p.word()
	if err != nil {
		return nil, err
	}
	if p.skip("(") {
		return p.function(word, depth)
	}
	switch word {
	case "":
		return nil, fmt.Errorf("no expression at %q", brief.Text(p.rest))
	case "True", "False":
		return &Expression{number: word == "True"}, nil
	case "math.inf", "inf", "oo":
		return &Expression{number: math.Inf(1)}, nil
	}
	if n, err := strconv.Atoi(word); err == nil {
		return &Expression{number: n}, nil
	}
	if strings.ContainsAny(word[:1], "0123456789.") {
		f, err := strconv.ParseFloat(word, 64)
		return &Expression{number: f}, err
	}
	return &Expression{symbol: word}, nil
}

// word takes a name or a number, and a name's brackets: "x['k'].size()[0]".
func (p *expressionParser) word() (string, error) {
	p.space()
	n := 0
	for n < len(p.rest) {
		switch c := p.rest[n]; {
		case c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80:
			n++
			continue
		case (c == '-' || c == '+') && n > 0 && strings.ContainsRune("eE", rune(p.rest[n-1])) && p.rest[0] <= '9': // of a float
			n++
			continue
		case c == '[' && n > 0:
			end := strings.IndexByte(p.rest[n:], ']')
			if quote := p.rest[n+1:]; strings.HasPrefix(quote, "'") {
				end = strings.Index(p.rest[n:], "']") + 1
			}
			if end <= 0 {
				return "", fmt.Errorf("a bracket is open")
			}
			n += end + 1
			continue
		case strings.HasPrefix(p.rest[n:], "()") && n > 0:
			n += 2
			continue
		}
		break
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	return word, nil
}

// function takes the arguments of a function.
func (p *expressionParser) function(name string, depth int) (*Expression, error) {
	target, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("the function %s is not known", brief.Text(name))
	}
	e := &Expression{operator: name, compute: computing(target)}
	for !p.skip(")") {
		arg, err := p.binary(0, depth+1)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if !p.skip(",") && !strings.HasPrefix(strings.TrimLeft(p.rest, " "), ")") {
			return nil, fmt.Errorf("the arguments of %s do not end", name)
		}
	}
	return e, nil
}

// Symbols returns the names of the symbols, each once, in the order in which they come.
func (e *Expression) Symbols() []string {
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
	if e.symbol != "" {
		v, ok := symbol(e.symbol)
		if !ok {
			return nil, fmt.Errorf("the value of %s is not known", brief.Text(e.symbol))
		}
		return v, nil
	}
	if e.operator == "" {
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
func (e *Expression) String() string { return e.text(0) }

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
