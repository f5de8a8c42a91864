package export

import (
	"strconv"
	"strings"
)

// expression is a size as SymPy writes it: "Add(Symbol('s0', integer=True), Integer(1))".
type expression struct {
	name string // of a function, or of a symbol
	args []*expression
	text string // of a symbol or a number
}

// maxExpression is how deep an expression may be.
const maxExpression = 50

// parse reads an expression; nil if it is none that is known.
func parse(text string) *expression {
	p := &parser{text: text}
	e := p.expression(0)
	if e == nil || p.text != "" {
		return nil
	}
	return e
}

type parser struct{ text string }

// skip drops a text that comes next, and reports whether it was there.
func (p *parser) skip(text string) bool {
	rest, ok := strings.CutPrefix(p.text, text)
	if ok {
		p.text = rest
	}
	return ok
}

// word takes letters, digits and signs.
func (p *parser) word() string {
	n := strings.IndexFunc(p.text, func(r rune) bool { return strings.ContainsRune("(),='\" ", r) })
	if n < 0 {
		n = len(p.text)
	}
	word := p.text[:n]
	p.text = p.text[n:]
	return word
}

func (p *parser) expression(depth int) *expression {
	if depth > maxExpression {
		return nil
	}
	if p.skip("'") {
		name, rest, ok := strings.Cut(p.text, "'")
		if !ok {
			return nil
		}
		p.text = rest
		return &expression{text: name}
	}
	e := &expression{name: p.word()}
	if e.name == "" {
		return nil
	}
	if !p.skip("(") {
		e.text, e.name = e.name, ""
		return e
	}
	for !p.skip(")") {
		arg := p.expression(depth + 1)
		if arg == nil {
			return nil
		}
		if p.skip("=") { // an assumption on a symbol
			if p.expression(depth+1) == nil {
				return nil
			}
		} else {
			e.args = append(e.args, arg)
		}
		p.skip(", ")
		if p.text == "" {
			return nil
		}
	}
	return e
}

// symbol returns the name of a symbol, or "".
func (e *expression) symbol() string {
	if e != nil && e.name == "Symbol" && len(e.args) == 1 {
		return e.args[0].text
	}
	return ""
}

// value computes an expression of symbols whose values are known.
func (e *expression) value(symbols map[string]int) (int, bool) {
	if e == nil {
		return 0, false
	}
	if name := e.symbol(); name != "" {
		n, ok := symbols[name]
		return n, ok
	}
	if e.name == "Integer" && len(e.args) == 1 {
		n, err := strconv.Atoi(e.args[0].text)
		return n, err == nil
	}
	values := make([]int, len(e.args))
	for i, arg := range e.args {
		var ok bool
		if values[i], ok = arg.value(symbols); !ok {
			return 0, false
		}
	}
	return apply(e.name, values)
}

// apply computes a function of SymPy's or PyTorch's.
func apply(name string, values []int) (int, bool) {
	if len(values) == 0 {
		return 0, false
	}
	n := values[0]
	switch name {
	case "Add", "Mul", "Max", "Min":
		for _, v := range values[1:] {
			switch name {
			case "Add":
				n += v
			case "Mul":
				n *= v
			case "Max":
				n = max(n, v)
			case "Min":
				n = min(n, v)
			}
		}
		return n, true
	}
	if len(values) != 2 || values[1] <= 0 {
		return 0, false
	}
	by := values[1]
	mod := ((n % by) + by) % by
	switch name {
	case "FloorDiv", "CleanDiv":
		return (n - mod) / by, true
	case "Mod", "PythonMod":
		return mod, true
	case "CeilDiv":
		return -((-n - ((-n%by)+by)%by) / by), true
	case "Pow":
		p := 1
		for range min(by, 64) {
			p *= n
		}
		return p, by <= 64
	}
	return 0, false
}

// infix writes an expression as people do: "s0 + 1".
func infix(text string) string {
	e := parse(text)
	if e == nil {
		return text
	}
	return e.String()
}

// String writes the expression as people do.
func (e *expression) String() string {
	if name := e.symbol(); name != "" {
		return name
	}
	if e.name == "" {
		return e.text
	}
	if e.name == "Integer" && len(e.args) == 1 {
		return e.args[0].text
	}
	args := make([]string, len(e.args))
	for i, arg := range e.args {
		args[i] = arg.String()
		if arg.name == "Add" && e.name != "Add" && operators[e.name] != "" {
			args[i] = "(" + args[i] + ")"
		}
	}
	operator := operators[e.name]
	switch {
	case operator == "" || len(args) < 2:
		return e.name + "(" + strings.Join(args, ", ") + ")"
	case e.name == "FloorDiv" || e.name == "Mod":
		return "(" + strings.Join(args, operator) + ")"
	}
	return strings.Join(args, operator)
}

// operators are the functions that people write between what they are applied to.
var operators = map[string]string{"Add": " + ", "Mul": "*", "FloorDiv": "//", "Mod": "%"}
