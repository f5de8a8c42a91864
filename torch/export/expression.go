package export

import "strings"

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

// infix writes an expression as people do: "s0 + 1".
func infix(text string) string {
	e := parse(text)
	if e == nil {
		return text
	}
	return e.String()
}

// divisions are the functions that are written as a division.
var divisions = map[string]bool{"FloorDiv": true, "CleanDiv": true, "Mod": true, "PythonMod": true, "Rational": true, "IntTrueDiv": true}

// String writes the expression as people do.
func (e *expression) String() string {
	if name := e.symbol(); name != "" {
		return name
	}
	switch {
	case e.name != "":
	case e.text == "true":
		return "True"
	case e.text == "false":
		return "False"
	default:
		return e.text
	}
	if (e.name == "Integer" || e.name == "Float") && len(e.args) == 1 {
		return e.args[0].text
	}
	args := make([]string, len(e.args))
	for i, arg := range e.args {
		args[i] = arg.String()
		if divides := divisions[e.name]; arg.name == "Add" && e.name == "Mul" || divides && (arg.name == "Add" || arg.name == "Mul") {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch e.name {
	case "Add":
		return strings.Join(args, " + ")
	case "Mul":
		return strings.Join(args, "*")
	case "FloorDiv", "CleanDiv":
		return "(" + strings.Join(args, "//") + ")"
	case "Mod", "PythonMod":
		return "(" + strings.Join(args, "%") + ")"
	case "Rational", "IntTrueDiv":
		return "(" + strings.Join(args, "/") + ")"
	}
	return e.name + "(" + strings.Join(args, ", ") + ")"
}
