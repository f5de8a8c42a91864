package port

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
)

// A dict with keys that are written out and values of several types is a struct in Go: the
// keys are its fields.

// isKey matches the keys that can be fields.
var isKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// fieldKeys returns the keys of a dict that can be fields, or nil.
func fieldKeys(n *node) []string {
	var keys []string
	for _, k := range n.Keys {
		if k == nil || !isText(k) || !isKey.MatchString(k.Constant) {
			return nil
		}
		keys = append(keys, k.Constant)
	}
	return keys
}

// settingsOf returns the struct that a value points to, if it is a dict in Python.
func (p *program) settingsOf(t types.Type) *class {
	if c := p.classOf(t); c != nil && c.kind == settingsClass {
		return c
	}
	return nil
}

// settingsFor returns the struct of a dict with such keys.
func (w *writer) settingsFor(keys []string) *class {
	name := "dict of " + strings.Join(keys, " ")
	if c := w.classes[name]; c != nil {
		return c
	}
	goName := "Settings"
	switch at := w.at; {
	case at == nil:
	case at.Kind == "Assign" && (at.Targets[0].Kind == "Name" || at.Targets[0].Kind == "Attribute"):
		goName = exportedName(at.Targets[0].Name)
	case at.Kind == "Return" && w.fn.python != "":
		goName = exportedName(w.fn.python)
	}
	if strings.ToUpper(goName) == goName {
		goName = goName[:1] + strings.ToLower(goName[1:])
	}
	c := &class{program: w.program, source: w.source, kind: settingsClass, constants: map[string]*variable{}, methods: map[string]*function{}, values: map[string]*node{}}
	c.goName = w.goName(goName)
	c.node = &node{Kind: "ClassDef", Name: c.goName}
	c.named = types.NewNamed(types.NewTypeName(token.NoPos, w.main, c.goName, nil), types.NewStruct(nil, nil), nil)
	for _, key := range keys {
		c.field(key).inSettings = true
	}
	w.classes[name] = c
	w.settings = append(w.settings, c)
	w.changed = true
	return c
}

// settingsLiteral translates a dict whose values have several types, or are not known.
func (w *writer) settingsLiteral(n *node) (value, bool) {
	keys := fieldKeys(n)
	if len(keys) < 2 {
		return value{}, false
	}
	c := w.settingsFor(keys)
	t := types.NewPointer(c.named)
	w.returnsSettings(n, t)
	var parts []string
	for i, key := range keys {
		f := c.field(key)
		from := n.Values[i]
		v, why := w.attempt(func() value {
			v := w.settledFor(w.expression(from), f.typ)
			if v.path != "" || v.class != nil || v.list || v.statement {
				fail(from, "what Go does not hold in a field")
			}
			if v.typ != nil {
				w.setField(f, v)
			}
			if f.typ == conflict {
				fail(from, "values of different types")
			}
			v.text = w.coerce(v, f.typ)
			return v
		})
		switch {
		case why == nil && v.text == "nil":
		case why == nil:
			parts = append(parts, f.name(c)+": "+v.text)
			if isLiteral(from) {
				c.values[key] = from
			}
		case f.typ == nil || f.typ == conflict:
			if w.final() {
				fail(from, "%s", why.why)
			}
		default:
			text := fmt.Sprintf("line %d: %s", from.Line, w.source.text(from))
			w.report.todo(w.source, from, why.why, w.source.text(from))
			w.report.Statements++
			parts = append(parts, fmt.Sprintf("%s: todo[%s](%q)", f.name(c), typeText(f.typ), text))
		}
	}
	text := "&" + c.goName + "{" + strings.Join(parts, ", ") + "}"
	if len(text) > 100 {
		text = "&" + c.goName + "{\n" + strings.Join(parts, ",\n") + ",\n}"
	}
	return value{text: text, typ: t, node: n}, true
}

// returnsSettings notes that a function returns a struct, though what it puts into it may not
// be known.
func (w *writer) returnsSettings(n *node, t types.Type) {
	if w.at != nil && w.at.Kind == "Return" && w.at.Value == n && w.fn.result == nil {
		w.fn.result, w.changed = t, true
	}
}

// settingsElement translates c["key"].
func (w *writer) settingsElement(n *node, c *class, object value) value {
	if n.Slice.Kind == "IfExp" && isText(n.Slice.Then) && isText(n.Slice.Other) {
		pick := func(key *node) *node {
			one := *n
			one.Slice = key
			return &one
		}
		choice := *n
		choice.Kind, choice.Test, choice.Then, choice.Other = "IfExp", n.Slice.Test, pick(n.Slice.Then), pick(n.Slice.Other)
		return w.conditional(&choice)
	}
	f := w.settingsField(n, c, n.Slice)
	return value{text: object.primary() + "." + f.name(c), typ: f.typ, variable: &f.variable, dtype: f.dtype}
}

// settingsField returns the field of a key.
func (w *writer) settingsField(n *node, c *class, key *node) *field {
	if !isText(key) {
		fail(n, "a key that is computed, of a dict with values of several types")
	}
	f := c.lookup(key.Constant)
	if f == nil {
		fail(n, "the dict has no %q where it is made", key.Constant)
	}
	if f.typ == conflict {
		fail(n, "%q holds values of different types", key.Constant)
	}
	return f
}

// setSettings writes c["key"] = v.
func (w *writer) setSettings(n, target *node, c *class, object, v value) {
	f := w.settingsField(n, c, target.Slice)
	v = w.settledFor(v, f.typ)
	w.setField(f, v)
	if f.typ == conflict {
		fail(n, "%q holds values of different types", f.python)
	}
	w.printf("%s.%s = %s%s", object.primary(), f.name(c), w.coerce(v, f.typ), w.trailing(n.EndLine))
}

// settingsMethod translates a method of such a dict.
func (w *writer) settingsMethod(n *node, c *class, object value, name string) value {
	if name == "get" && len(n.Arguments) > 0 && isText(n.Arguments[0]) {
		if f := c.lookup(n.Arguments[0].Constant); f != nil {
			return value{text: object.primary() + "." + f.name(c), typ: f.typ, variable: &f.variable}
		}
		if len(n.Arguments) == 2 {
			return w.expression(n.Arguments[1]) // which it does not have
		}
	}
	fail(n, "%s of a dict with values of several types", name)
	return value{}
}

// settingsStructs declares the structs.
func (w *writer) settingsStructs() {
	for _, c := range w.settings {
		w.source, w.fn, w.at = c.source, nil, nil
		w.printf("")
		w.printf("// %s has the keys of a dict.", c.goName)
		w.printf("type %s struct {", c.goName)
		w.printFields(c)
		w.printf("}")
	}
}

// sample returns a dict in Python and the struct in Go to try a module with: the constants
// that the files make it with, or small numbers.
func (c *class) sample() (python, text string, ok bool) {
	var keys, fields []string
	for _, f := range c.fields {
		name, pythonValue, goValue := typeText(f.typ), "", ""
		switch from := c.values[f.python]; {
		case f.typ == nil:
			continue
		case from != nil && from.Type == "str":
			pythonValue, goValue = strconv.Quote(from.Constant), strconv.Quote(from.Constant)
		case from != nil && from.Kind == "Constant":
			pythonValue, goValue = strings.ToLower(from.Constant), strings.ToLower(from.Constant)
		case name == "int":
			pythonValue, goValue = "8", "8"
		case name == "float64":
			pythonValue, goValue = "0.1", "0.1"
		case name == "bool":
			pythonValue, goValue = "false", "false"
		case name == "string":
			pythonValue, goValue = `"relu"`, `"relu"`
		default:
			return "", "", false
		}
		keys = append(keys, strconv.Quote(f.python)+": "+pythonValue)
		fields = append(fields, f.name(c)+": "+goValue)
	}
	return "{" + strings.Join(keys, ", ") + "}", "&" + c.goName + "{" + strings.Join(fields, ", ") + "}", true
}
