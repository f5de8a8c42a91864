package port

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sequences says which lists a variable holds: lists of Python's, tuples, or the shapes of
// tensors, which Python prints each in its own way.
type sequences int

const (
	lists sequences = 1 << iota
	tuples
	shapes
)

// holdsList notes which list goes into a variable.
func (w *writer) holdsList(x *variable, v value) {
	if v.defaults && !x.defaults || v.limit != "" && x.limit != v.limit {
		x.defaults, x.limit, w.changed = x.defaults || v.defaults, v.limit, true
	}
	if elem(v.typ) == nil {
		return
	}
	next := x.lists | lists
	switch {
	case v.sizesOf != "" || v.shape:
		next = x.lists | shapes
	case v.tuple:
		next = x.lists | tuples
	}
	if next != x.lists {
		x.lists, w.changed = next, true
	}
}

// printed is what Python prints: a format of fmt, and its values.
type printed struct {
	format string
	args   []string
}

// text returns what is printed as one value of Go's.
func (p printed) text() string {
	switch {
	case len(p.args) == 0:
		return quote(strings.ReplaceAll(p.format, "%%", "%"))
	case p.format == "%v":
		return p.args[0]
	}
	return call("fmt.Sprintf", append([]string{quote(p.format)}, p.args...))
}

// asIs returns a text that is printed as it is.
func asIs(text string) printed { return printed{format: strings.ReplaceAll(text, "%", "%%")} }

func one(arg string) printed { return printed{"%v", []string{arg}} }

// list prints values between brackets.
func (w *writer) printedList(open string, parts []printed, end string) printed {
	out := asIs(open)
	for i, p := range parts {
		if i > 0 {
			out.format += ", "
		}
		out.format += p.format
		out.args = append(out.args, p.args...)
	}
	out.format += strings.ReplaceAll(end, "%", "%%")
	return out
}

// shown returns what Python's str gives for an expression, or its repr.
func (w *writer) shown(n *node, repr bool) printed {
	switch {
	case (n.Kind == "List" || n.Kind == "Tuple") && !slices.ContainsFunc(n.Elts, func(e *node) bool { return e.Kind == "Starred" }):
		open, end := "[", "]"
		if n.Kind == "Tuple" {
			open, end = "(", ")"
			if len(n.Elts) == 1 {
				end = ",)"
			}
		}
		var parts []printed
		for _, e := range n.Elts {
			parts = append(parts, w.shown(e, true))
		}
		return w.printedList(open, parts, end)
	case n.Kind == "Dict" && !slices.Contains(n.Keys, nil):
		var parts []printed
		for i, k := range n.Keys {
			key, v := w.shown(k, true), w.shown(n.Values[i], true)
			parts = append(parts, printed{key.format + ": " + v.format, slices.Concat(key.args, v.args)})
		}
		return w.printedList("{", parts, "}")
	case n.Kind == "Attribute" && n.Name == "__name__" && n.Value.Kind == "Call" && n.Value.Func.Kind == "Name" && n.Value.Func.Name == "type" && len(n.Value.Arguments) == 1:
		return asIs(w.typeName(n, w.settled(w.expression(n.Value.Arguments[0]))))
	case n.Kind == "Call" && n.Func.Kind == "Name" && (n.Func.Name == "max" || n.Func.Name == "min") && len(n.Arguments) > 1 && w.mixesNumbers(n.Arguments):
		fail(n, "a text of what is an int here and a float there")
	case n.Kind == "Constant" && n.Type == "NoneType":
		return asIs("None")
	case n.Kind == "Constant" && n.Type == "str" && repr:
		return asIs(pythonQuote(n.Constant))
	case isText(n):
		return asIs(n.Constant)
	case n.Kind == "Constant" && n.Type == "bool":
		return asIs(n.Constant)
	case n.Kind == "Call" && n.Func.Kind == "Name" && (n.Func.Name == "str" || n.Func.Name == "repr") && len(n.Arguments) == 1 && len(n.Keywords) == 0 && !repr && w.fn.scope(n.Func.Name) == nil:
		return w.shown(n.Arguments[0], n.Func.Name == "repr")
	case n.Kind == "Name":
		if x := w.fn.scope(n.Name); x != nil && x.typ == noneType && w.final() {
			return asIs("None")
		}
	case n.Kind == "Call" && n.Func.Name == "tuple" && n.Func.Kind == "Name" && len(n.Arguments) == 1:
		if v := w.settled(w.expression(n)); elem(v.typ) != nil {
			return one("tupleText(" + v.text + ")")
		}
	case n.Kind == "Call" && n.Func.Name == "list" && n.Func.Kind == "Name" && len(n.Arguments) == 1:
		if v := w.settled(w.expression(n.Arguments[0])); elem(v.typ) != nil {
			v.sizesOf, v.tuple, v.shape, v.variable = "", false, false, nil
			return w.shownValue(n, v, repr)
		}
	case n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "tolist" && len(n.Arguments) == 0:
		if x, why := w.attempt(func() value { return w.expression(n.Func.Value) }); why == nil && w.isTensor(x.typ) {
			return one("listText(" + x.text + ")")
		}
	case n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "item" && len(n.Arguments) == 0:
		if x, why := w.attempt(func() value { return w.expression(n.Func.Value) }); why == nil && w.isTensor(x.typ) && x.dtype != "int" {
			return one("scalarText(" + x.text + ")")
		}
	}
	return w.shownValue(n, w.settled(w.expression(n)), repr)
}

// shownValue returns what Python's str gives for a value, or its repr.
func (w *writer) shownValue(n *node, v value, repr bool) printed {
	if v.list && len(v.items) == 0 {
		return asIs("[]")
	}
	if v.list || v.path != "" || v.class != nil || v.statement {
		fail(n, "a text of what Go has no value of")
	}
	switch t := v.typ; {
	case t == nil:
		if w.final() {
			fail(n, "a text of what is not known")
		}
		return one(v.text)
	case isString(t) && !repr, isInt(t), same(t, w.dtype), w.isTensor(t):
		return one(v.text)
	case same(t, errorType) && !repr:
		return one("messageOf(" + v.text + ")")
	case same(t, w.device):
		if repr {
			fail(n, "a device in a list")
		}
		return one(v.text)
	case isNumber(t), isBool(t), isString(t):
		if w.maybeInt(v) {
			w.report.note(w.source, n, "Go prints a float here, also where Python has an int")
		}
		return one("repr(" + v.text + ")")
	case elem(t) != nil && v.variable != nil && v.variable.lists&(v.variable.lists-1) != 0:
		fail(n, "a text of what is a list here and a tuple or a shape there")
	case v.sizesOf != "" || v.shape:
		return printed{"torch.Size(%v)", []string{"repr(" + v.text + ")"}}
	case elem(t) != nil && v.tuple:
		w.showElements(elem(t))
		return one("tupleText(" + v.text + ")")
	case w.isDict(t) && t != emptyDict:
		w.keepOrder(t)
		return one("dictText(" + v.text + ")")
	case elem(t) != nil:
		w.showElements(elem(t))
		return one("repr(" + v.text + ")")
	case optional(t) != nil && (repr || !isString(optional(t))):
		return one("repr(" + v.text + ")")
	case optional(t) != nil, anything(t):
		return one("str(" + v.text + ")")
	case w.isModule(t):
		return one(v.text)
	}
	if r := w.recordOf(v.typ); r != nil {
		r.shown = true
		return one(v.text)
	}
	if tuple, ok := v.typ.(*types.Tuple); ok {
		return w.shownResults(n, v, tuple)
	}
	if c := w.classOf(v.typ); c != nil {
		if c.kind == plainClass && c.method("__str__") == nil && c.method("__repr__") == nil {
			fail(n, "a text of an object, which Python has its address in")
		}
		if c.kind != plainClass && c.kind != moduleClass {
			c.shown = true
		}
		return one(v.text)
	}
	if isInterface(v.typ) || member(v.typ, "String") != nil {
		return one(v.text)
	}
	fail(n, "a text of a %s", typeText(v.typ))
	return printed{}
}

// showElements notes that what a list holds is printed.
func (w *writer) showElements(e types.Type) {
	for elem(e) != nil {
		e = elem(e)
	}
	if r := w.recordOf(e); r != nil {
		r.shown = true
	} else if c := w.classOf(e); c != nil {
		c.shown = c.kind != plainClass && c.kind != moduleClass
	}
}

// shownResults prints the results of a call as a tuple.
func (w *writer) shownResults(n *node, v value, tuple *types.Tuple) printed {
	if v.items == nil && (w.called || w.inline) {
		fail(n, "a text of several results within an expression")
	}
	var names []string
	var parts []printed
	for i := range tuple.Len() {
		if v.items != nil {
			parts = append(parts, w.shownValue(n, v.items[i], true))
			continue
		}
		names = append(names, w.temporary(fmt.Sprintf("result%d", i+1)))
		parts = append(parts, w.shownValue(n, value{text: names[i], typ: tuple.At(i).Type(), node: n}, true))
	}
	if v.items == nil {
		w.printf("%s := %s", strings.Join(names, ", "), v.text)
	}
	return w.printedList("(", parts, ")")
}

// pythonQuote returns Python's literal of a text.
func pythonQuote(text string) string {
	sign := "'"
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		sign = `"`
	}
	inner := strconv.Quote(text)
	inner = strings.NewReplacer(`\\`, `\\`, `\"`, `"`, `\a`, `\x07`, `\b`, `\x08`, `\f`, `\x0c`, `\v`, `\x0b`).Replace(inner[1 : len(inner)-1])
	if sign == "'" {
		inner = strings.ReplaceAll(inner, "'", `\'`)
	}
	return sign + inner + sign
}

func builtinPrint(w *writer, n *node) value {
	separator, end, to := " ", "\n", ""
	for _, k := range n.Keywords {
		switch {
		case k.Name == "sep" && isText(k.Value):
			separator = k.Value.Constant
		case k.Name == "end" && isText(k.Value):
			end = k.Value.Constant
		case (k.Name == "sep" || k.Name == "end") && k.Value.Type == "NoneType":
		case k.Name == "flush":
		case k.Name == "file":
			to = w.outputOf(k.Value)
		default:
			fail(n, "print with %s", k.Name)
		}
	}
	write := func(name string, args ...string) value {
		if to != "" && to != "os.Stdout" {
			name, args = "F"+strings.ToLower(name[:1])+name[1:], append([]string{to}, args...)
		}
		return value{text: call("fmt."+name, args), statement: true}
	}
	if len(n.Arguments) == 0 && end == "\n" {
		return write("Println")
	}
	var parts []printed
	whole := separator == " " && end == "\n" && (len(n.Arguments) > 1 || len(n.Arguments) == 1 && !isFormat(n.Arguments[0]))
	for i, a := range n.Arguments {
		var p printed
		switch {
		case a.Kind == "Starred":
			p = w.shownAll(a.Value, separator)
		case isFormat(a):
			format, args := w.formatted(a)
			p = printed{format, args}
		default:
			p = w.shown(a, false)
		}
		whole = whole && (len(p.args) == 0 || p.format == "%v")
		if i == len(n.Arguments)-1 {
			w.called = true
		}
		parts = append(parts, p)
	}
	all := ""
	var args, texts []string
	for i, p := range parts {
		if i > 0 {
			all += strings.ReplaceAll(separator, "%", "%%")
		}
		all += p.format
		args, texts = append(args, p.args...), append(texts, p.text())
	}
	switch {
	case whole:
		return write("Println", texts...)
	case len(args) == 0 && end == "\n":
		return write("Println", quote(strings.ReplaceAll(all, "%%", "%")))
	case len(args) == 0:
		return write("Print", quote(strings.ReplaceAll(all, "%%", "%")+end))
	}
	return write("Printf", append([]string{quote(all + strings.ReplaceAll(end, "%", "%%"))}, args...)...)
}

// isFormat reports whether an expression is a text with values in it.
func isFormat(a *node) bool {
	return a.Kind == "JoinedStr" || a.Kind == "BinOp" && a.Op == "Mod" && isText(a.Left) ||
		a.Kind == "Call" && a.Func.Kind == "Attribute" && a.Func.Name == "format" && isText(a.Func.Value)
}

// shownAll prints the elements of a list.
func (w *writer) shownAll(n *node, separator string) printed {
	v := w.expression(n)
	if v.items != nil {
		out := printed{}
		for i, item := range v.items {
			p := w.shownValue(n, item, false)
			if item.literal && isString(item.typ) {
				p = asIs(item.node.Constant)
			}
			if i > 0 {
				out.format += strings.ReplaceAll(separator, "%", "%%")
			}
			out.format, out.args = out.format+p.format, append(out.args, p.args...)
		}
		return out
	}
	v = w.settled(v)
	switch e := elem(v.typ); {
	case isString(e):
		return one(fmt.Sprintf("strings.Join(%s, %s)", v.text, quote(separator)))
	case isInt(e) && separator == " ":
		return one("strings.Trim(fmt.Sprint(" + v.text + `), "[]")`)
	case isNumber(e), isBool(e):
		return one(fmt.Sprintf("strings.ReplaceAll(strings.Trim(repr(%s), \"[]\"), \", \", %s)", v.text, quote(separator)))
	}
	fail(n, "print of a starred list")
	return printed{}
}

// outputOf returns where print writes to.
func (w *writer) outputOf(n *node) string {
	switch w.path(n) {
	case "sys.stderr":
		return "os.Stderr"
	case "sys.stdout":
		return "os.Stdout"
	}
	v := w.expression(n)
	if v.typ != nil && member(v.typ, "Write") != nil {
		return v.text
	}
	fail(n, "print to this file")
	return ""
}

func builtinStr(w *writer, n *node) value {
	if len(n.Arguments) == 0 && len(n.Keywords) == 0 {
		return value{text: `""`, typ: types.Typ[types.UntypedString], literal: true}
	}
	a := only(n)
	v := w.settled(w.expression(a))
	if isString(v.typ) {
		return v
	}
	return w.asText(v, w.shown(a, false))
}

func builtinRepr(w *writer, n *node) value {
	a := only(n)
	return w.asText(w.expression(a), w.shown(a, true))
}

// givesText matches calls of helpers that give texts.
var givesText = regexp.MustCompile(`^(repr|str|tupleText|scalarText|listText)\(`)

// asText returns what Python prints for a value as a text.
func (w *writer) asText(v value, p printed) value {
	text := p.text()
	switch {
	case p.format != "%v" || givesText.MatchString(text):
	case isInt(v.typ):
		text = "strconv.Itoa(" + text + ")"
	default:
		text = "fmt.Sprint(" + text + ")"
	}
	return value{text: text, typ: stringType}
}

// shownClass writes the String of a record that is printed.
func (w *writer) shownClass(c *class, name string) {
	if !c.shown || c.method("__str__") != nil || c.method("__repr__") != nil {
		return
	}
	var formats, args []string
	for _, f := range c.fields {
		if f.typ == nil {
			continue
		}
		p := w.shownValue(c.node, value{text: c.receiver() + "." + f.name(c), typ: f.typ, node: c.node, variable: &f.variable, tuple: f.lists == tuples}, true)
		formats, args = append(formats, f.python+"="+p.format), append(args, p.args...)
	}
	w.printf("")
	w.printf("// String returns what Python prints.")
	w.printf("func (%s *%s) String() string {\nreturn fmt.Sprintf(%s)\n}", c.receiver(), c.goName, strings.Join(append([]string{quote(name + "(" + strings.Join(formats, ", ") + ")")}, args...), ", "))
}

// typeName returns what Python calls the type of a value.
func (w *writer) typeName(n *node, v value) string {
	names := map[types.Type]string{intType: "int", floatType: "float", boolType: "bool", stringType: "str"}
	switch t := solid(v.typ); {
	case t == nil && !w.final():
		return ""
	case names[t] != "":
		return names[t]
	case w.isTensor(t):
		return "Tensor"
	case w.classOf(t) != nil:
		return w.classOf(t).node.Name
	case w.isModule(t) && !isInterface(t):
		return t.(*types.Pointer).Elem().(*types.Named).Obj().Name()
	}
	fail(n, "the name of a type that is not known")
	return ""
}

// mixesNumbers reports whether expressions are integers and floating-point numbers.
func (w *writer) mixesNumbers(list []*node) bool {
	ints, floats := false, false
	for _, n := range list {
		t := w.tried(n).typ
		ints, floats = ints || isInt(t), floats || isFloat(t)
	}
	return ints && floats
}
