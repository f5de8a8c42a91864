package port

import (
	"fmt"
	"go/types"
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
			spec, inner := w.spec(n, part)
			if part.Conversion == 'r' || part.Conversion == 's' {
				p := w.converted(part.Value, spec, part.Conversion == 'r')
				format, args = format+p.format, append(args, p.args...)
				continue
			}
			p := w.verb(part.Value, spec)
			format += p.format
			args = append(append(args, inner...), p.args...)
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
	p := w.shown(n, false)
	return p.format, p.args
}

// spec returns the format of a value in a text, with a star for each number that is
// computed, and those numbers.
func (w *writer) spec(n, part *node) (spec string, inner []string) {
	if part.FormatSpec == nil {
		return "", nil
	}
	for _, s := range part.FormatSpec.Values {
		if s.Kind == "Constant" {
			spec += s.Constant
			continue
		}
		v := w.dereferenced(w.expression(s.Value))
		if !isInt(v.typ) && v.typ != nil {
			fail(n, "a format that is computed")
		}
		spec += "*"
		inner = append(inner, v.text)
	}
	return spec, inner
}

// converted translates {x!r} and {x!s}.
func (w *writer) converted(n *node, spec string, repr bool) printed {
	p := w.shown(n, repr)
	if spec == "" {
		return p
	}
	return w.aligned(n, value{text: p.text(), typ: stringType}, spec)
}

var specPattern = regexp.MustCompile(`^(?:(.)?([<>^=]))?([+ -]?)(#?)(0?)([0-9]*|\*)([,_]?)(\.(?:[0-9]+|\*))?([bcdeEfFgGnosxX%]?)$`)

// verb returns what fmt prints for one of Python's formats.
func (w *writer) verb(n *node, spec string) printed {
	if spec == "" {
		v := w.settled(w.expression(n))
		if w.isTensor(v.typ) {
			return one("scalarText(" + v.text + ")")
		}
		return w.shown(n, false)
	}
	v := w.settled(w.expression(n))
	if v.list || v.path != "" || v.class != nil || v.statement {
		fail(n, "a text of what Go has no value of")
	}
	return w.aligned(n, w.dereferenced(v), spec)
}

// aligned returns what fmt prints for a value and one of Python's formats.
func (w *writer) aligned(n *node, v value, spec string) printed {
	m := specPattern.FindStringSubmatch(spec)
	if m == nil {
		fail(n, "the format %q", spec)
	}
	fill, align, sign, alternate, zero, width, group, precision, kind := m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9]
	if sign == "-" {
		sign = ""
	}
	if fill == "0" && (align == "=" || align == ">" && !isString(v.typ)) {
		fill, align, zero = "", "", "0"
	}
	if group != "" {
		if group != "," || width == "*" || zero != "" {
			fail(n, "the format %q", spec)
		}
		inner := w.plainVerb(n, v, sign, "", "", precision, kind)
		v, sign, precision, kind = value{text: "commas(" + textual(v, inner) + ")", typ: stringType}, "", "", ""
		if align == "" && width != "" {
			align = ">"
		}
	}
	if align == "^" || fill != "" && fill != " " && align != "" {
		if width == "*" || align == "=" || zero != "" {
			fail(n, "the format %q", spec)
		}
		inner := w.plainVerb(n, v, sign, alternate, "", precision, kind)
		if fill == "" {
			fill = " "
		}
		return one(fmt.Sprintf("padText(%s, %s, '%s', %s)", textual(v, inner), width, align, quote(fill)))
	}
	if width != "" && (align == "<" || align == "" && isString(v.typ)) {
		width = "-" + width
	}
	return w.plainVerb(n, v, sign, alternate, zero+width, precision, kind)
}

// textual returns what is printed as a text of Go's.
func textual(v value, p printed) string {
	switch {
	case p.format != "%v" && p.format != "%d" || isString(v.typ) || givesText.MatchString(p.text()):
		return p.text()
	case isInt(v.typ):
		return "strconv.Itoa(" + p.args[0] + ")"
	}
	return "fmt.Sprint(" + p.args[0] + ")"
}

// plainVerb returns what fmt prints for a format that it has, too.
func (w *writer) plainVerb(n *node, v value, sign, alternate, width, precision, kind string) printed {
	if isBool(v.typ) {
		fail(n, "a bool as a number")
	}
	switch kind {
	case "d", "b", "x", "X":
		if w.isTensor(v.typ) {
			v = value{text: v.primary() + ".Int()", typ: intType}
		}
		if isFloat(v.typ) || isString(v.typ) {
			fail(n, "%%%s of a %s", kind, typeText(solid(v.typ)))
		}
		return printed{"%" + sign + alternate + width + kind, []string{v.text}}
	case "f", "F", "e", "E", "g", "G", "%":
		if alternate != "" || isString(v.typ) {
			fail(n, "%%%s with #", kind)
		}
		if isInt(v.typ) {
			v = w.asFloat(v)
		}
		if precision == "" {
			precision = ".6"
		}
		if kind == "%" {
			return printed{"%" + sign + width + precision + "f%%", []string{v.operand(5) + " * 100"}}
		}
		return printed{"%" + sign + width + precision + kind, []string{v.text}}
	case "s", "":
	default:
		fail(n, "the format %q", kind)
	}
	switch {
	case alternate != "":
		fail(n, "the format #")
	case isInt(v.typ) && sign != "":
		return printed{"%" + sign + width + "d", []string{v.text}}
	case precision != "" && isString(v.typ):
		return printed{"%" + width + precision + "s", []string{v.text}}
	case precision != "":
		w.report.note(w.source, n, "Go's %g may differ from Python's in the last form of numbers")
		return printed{"%" + sign + width + precision + "g", []string{v.text}}
	case sign != "":
		fail(n, "a sign of what is no number")
	case w.isTensor(v.typ):
		return printed{"%" + width + "v", []string{"scalarText(" + v.text + ")"}}
	}
	p := w.shownValue(n, v, false)
	return printed{"%" + width + "v", []string{p.text()}}
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
	if rest[0].Kind == "Dict" || strings.Contains(text, "%(") || len(percentPattern.FindAllString(text, -1)) != strings.Count(strings.ReplaceAll(text, "%%", "%"), "%") {
		fail(n, "this format")
	}
	format = percentPattern.ReplaceAllStringFunc(text, func(verb string) string {
		if verb == "%%" {
			return verb
		}
		if len(rest) == 0 {
			fail(n, "fewer values than the format has")
		}
		of := rest[0]
		rest = rest[1:]
		p := w.percentVerb(n, of, verb[1:len(verb)-1], verb[len(verb)-1])
		args = append(args, p.args...)
		return p.format
	})
	if len(rest) > 0 {
		fail(n, "more values than the format has")
	}
	return format, args
}

// percentVerb translates one verb of a format and its value.
func (w *writer) percentVerb(n, of *node, flags string, kind byte) printed {
	if kind == 's' || kind == 'r' {
		p := w.shown(of, kind == 'r')
		if flags == "" {
			return p
		}
		if strings.Contains(flags, ".") {
			return printed{"%" + flags + "s", []string{p.text()}}
		}
		return printed{"%" + flags + "v", []string{p.text()}}
	}
	v := w.dereferenced(w.settled(w.expression(of)))
	if _, several := v.typ.(*types.Tuple); several || v.list || elem(v.typ) != nil || isBool(v.typ) || isString(v.typ) {
		fail(n, "%%%c of what is no number", kind)
	}
	switch kind {
	case 'd', 'i':
		switch {
		case isFloat(v.typ):
			v.text = "int(" + v.text + ")"
		case w.isTensor(v.typ):
			v.text = v.primary() + ".Int()"
		}
		return printed{"%" + flags + "d", []string{v.text}}
	case 'f', 'F', 'e', 'E', 'g', 'G':
		if isInt(v.typ) {
			v = w.asFloat(v)
		}
		if !strings.Contains(flags, ".") {
			flags += ".6"
		}
		return printed{"%" + flags + string(kind), []string{v.text}}
	case 'x', 'X':
		if isInt(v.typ) {
			return printed{"%" + flags + string(kind), []string{v.text}}
		}
	}
	fail(n, "the format %%%c", kind)
	return printed{}
}

var bracePattern = regexp.MustCompile(`\{\{|\}\}|\{([0-9A-Za-z_]*)(![rs])?(?::([^{}]*))?\}`)

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
		spec := strings.ReplaceAll(m[3], "%%", "%")
		p := printed{}
		if m[2] != "" {
			p = w.converted(of, spec, m[2] == "!r")
		} else {
			p = w.verb(of, spec)
		}
		args = append(args, p.args...)
		return p.format
	})
	if strings.ContainsAny(bracePattern.ReplaceAllString(text, ""), "{}") {
		fail(n, "this format")
	}
	return format, args
}
