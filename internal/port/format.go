package port

import (
	"regexp"
	"strings"
)

// formatted translates a text as a format of fmt and its values.
func (w *writer) formatted(n *node) (format string, args []string) {
	switch {
	case n.Kind == "JoinedStr":
		for _, part := range n.Values {
			if part.Kind == "Constant" {
				format += strings.ReplaceAll(part.Constant, "%", "%%")
				continue
			}
			spec := ""
			if part.FormatSpec != nil {
				for _, s := range part.FormatSpec.Values {
					if s.Kind != "Constant" {
						fail(n, "a format that is computed")
					}
					spec += s.Constant
				}
			}
			if part.Conversion == 'r' {
				fail(n, "repr in a text")
			}
			verb, arg := w.verb(part.Value, spec)
			format += verb
			args = append(args, arg)
		}
		return format, args
	case n.Kind == "BinOp" && n.Op == "Mod" && isText(n.Left):
		return w.percent(n)
	case n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "format" && isText(n.Func.Value):
		return w.braces(n)
	case isText(n):
		return strings.ReplaceAll(n.Constant, "%", "%%"), nil
	case n.Kind == "BinOp" && n.Op == "Add" && (isText(n.Left) || n.Left.Kind == "JoinedStr"):
		format, args = w.formatted(n.Left)
		more, list := w.formatted(n.Right)
		return format + more, append(args, list...)
	}
	verb, arg := w.verb(n, "")
	return verb, []string{arg}
}

var specPattern = regexp.MustCompile(`^([<>]?)([+]?)(0?)([0-9]*)(\.[0-9]+)?([dfegsG%]?)$`)

// verb returns the verb of fmt for one of Python's formats, and the value for it.
func (w *writer) verb(n *node, spec string) (verb, arg string) {
	v := w.settled(w.expression(n))
	if v.list || v.path != "" || v.class != nil || v.statement {
		fail(n, "a text of what Go has no value of")
	}
	if inner := optional(v.typ); inner != nil {
		v = w.dereferenced(v)
	}
	if spec == "" {
		w.printable(n, v)
		return "%v", v.text
	}
	m := specPattern.FindStringSubmatch(spec)
	if m == nil {
		fail(n, "the format %q", spec)
	}
	align, sign, zero, width, precision, kind := m[1], m[2], m[3], m[4], m[5], m[6]
	if width != "" && (align == "<" || align == "" && isString(v.typ)) {
		width = "-" + width
	}
	switch kind {
	case "d":
		if isFloat(v.typ) {
			fail(n, "%%d of a float")
		}
		if w.isTensor(v.typ) {
			v = value{text: v.primary() + ".Int()", typ: intType}
		}
	case "f", "e", "g", "G", "%":
		if isInt(v.typ) {
			v = w.asFloat(v)
		}
		if kind == "%" {
			v.text = v.operand(5) + " * 100"
			if precision == "" {
				precision = ".6"
			}
			return "%" + sign + zero + width + precision + "f%%", v.text
		}
		if precision == "" && kind == "f" {
			precision = ".6"
		}
	case "s", "":
		kind = "v"
		if precision != "" {
			if isString(v.typ) {
				kind = "s"
			} else {
				kind = "g"
				w.report.note(w.source, n, "Go's %g may differ from Python's in the last form of numbers")
			}
		}
		w.printable(n, v)
	}
	return "%" + sign + zero + width + precision + kind, v.text
}

var percentPattern = regexp.MustCompile(`%(%|[-+ 0#]*[0-9]*(?:\.[0-9]+)?[a-zA-Z])`)

// percent translates "..." % values.
func (w *writer) percent(n *node) (format string, args []string) {
	values := []*node{n.Right}
	if n.Right.Kind == "Tuple" {
		values = n.Right.Elts
	}
	text := n.Left.Constant
	rest := values
	format = percentPattern.ReplaceAllStringFunc(text, func(verb string) string {
		if verb == "%%" {
			return verb
		}
		if len(rest) == 0 {
			fail(n, "fewer values than the format has")
		}
		v := w.dereferenced(w.settled(w.expression(rest[0])))
		rest = rest[1:]
		switch verb[len(verb)-1] {
		case 'd', 'i':
			verb = verb[:len(verb)-1] + "d"
			switch {
			case isFloat(v.typ):
				v = value{text: "int(" + v.text + ")"}
			case w.isTensor(v.typ):
				v = value{text: v.primary() + ".Int()"}
			}
		case 'f', 'e', 'g':
			if isInt(v.typ) {
				v = w.asFloat(v)
			}
			if verb[len(verb)-1] == 'f' && !strings.Contains(verb, ".") {
				verb = verb[:len(verb)-1] + ".6f"
			}
		case 's', 'r':
			if verb[len(verb)-1] == 'r' {
				fail(n, "repr in a text")
			}
			w.printable(n, v)
			verb = verb[:len(verb)-1] + "v"
		}
		args = append(args, v.text)
		return verb
	})
	if len(rest) > 0 {
		fail(n, "more values than the format has")
	}
	return format, args
}

var bracePattern = regexp.MustCompile(`\{\{|\}\}|\{([0-9A-Za-z_]*)(?::([^{}]*))?\}`)

// braces translates "...".format(values).
func (w *writer) braces(n *node) (format string, args []string) {
	next := 0
	text := strings.ReplaceAll(n.Func.Value.Constant, "%", "%%")
	format = bracePattern.ReplaceAllStringFunc(text, func(match string) string {
		if match == "{{" || match == "}}" {
			return match[:1]
		}
		m := bracePattern.FindStringSubmatch(match)
		var of *node
		switch {
		case m[1] == "":
			if next < len(n.Arguments) {
				of = n.Arguments[next]
			}
			next++
		case m[1][0] >= '0' && m[1][0] <= '9':
			if i := int(m[1][0] - '0'); len(m[1]) == 1 && i < len(n.Arguments) {
				of = n.Arguments[i]
			}
		default:
			for _, k := range n.Keywords {
				if k.Name == m[1] {
					of = k.Value
				}
			}
		}
		if of == nil || of.Kind == "Starred" {
			fail(n, "a format whose values are not written out")
		}
		verb, arg := w.verb(of, strings.ReplaceAll(m[2], "%%", "%"))
		args = append(args, arg)
		return verb
	})
	return format, args
}
