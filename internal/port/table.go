package port

import (
	"go/types"
	"slices"
	"strings"
)

// A dict or list of classes, functions, or tuples of them is a table: what it holds is
// described by a variable of its own, as calls through it tell what its functions take.

// isTable reports whether a dict or list holds classes or functions.
func (p *program) isTable(n *node) bool {
	if n.Kind != "Dict" && n.Kind != "List" && n.Kind != "Tuple" {
		return false
	}
	found := false
	for _, e := range slices.Concat(n.Elts, n.Values) {
		switch {
		case e == nil:
			return false
		case e.Kind == "Lambda", p.classes[e.Name] != nil && e.Kind == "Name", p.isConstructor(e):
			found = true
		case e.Kind == "Name" && p.functions[e.Name] != nil:
			found = true
		case e.Kind == "Tuple" && n.Kind != "Tuple":
			found = found || p.isTable(e)
		case isLiteral(e):
		default:
			return false
		}
	}
	return found
}

// isConstructor reports whether an expression is one of the API's classes.
func (p *program) isConstructor(n *node) bool {
	if n.Kind != "Attribute" && n.Kind != "Name" {
		return false
	}
	e, ok := p.names[p.path(n)]
	return ok && e.constructor()
}

// table translates a dict or list of classes or functions that a variable is set to.
func (w *writer) table(x *variable, n *node) value {
	if x.elements == nil {
		x.elements = &variable{python: singular(localName(x.python)), goName: x.goName}
		w.changed = true
	}
	var keys []value
	var key types.Type
	list := n.Elts
	if n.Kind == "Dict" {
		list = n.Values
		for _, k := range n.Keys {
			v := w.expression(k)
			keys, key = append(keys, v), w.join(key, v.typ)
		}
	}
	for _, e := range list {
		w.tableElement(x.elements, e)
	}
	e := w.tableType(x.elements)
	if e == nil || key == nil && n.Kind == "Dict" {
		fail(n, "a table of what is not known")
	}
	t := types.Type(types.NewSlice(e))
	if n.Kind == "Dict" {
		t = types.NewMap(key, e)
	}
	var parts []string
	for i, of := range list {
		text := w.tableText(x.elements, e, of)
		if w.recordOf(e) != nil {
			text = strings.TrimPrefix(text, typeText(e))
		}
		if n.Kind == "Dict" {
			text = w.coerce(keys[i], key) + ": " + text
		}
		parts = append(parts, text)
	}
	v := value{typ: t, node: n, variable: &variable{elements: x.elements}}
	if n.EndLine > n.Line || len(parts) > 2 || strings.Contains(strings.Join(parts, ""), "func") {
		v.text = typeText(t) + "{\n" + strings.Join(parts, ",\n") + ",\n}"
	} else {
		v.text = typeText(t) + "{" + strings.Join(parts, ", ") + "}"
	}
	return v
}

// tableElement notes what an element of a table is.
func (w *writer) tableElement(e *variable, n *node) {
	if n.Kind == "Tuple" {
		for len(e.parts) < len(n.Elts) {
			e.parts = append(e.parts, &variable{python: e.python})
		}
		for i, part := range n.Elts {
			w.tableElement(e.parts[i], part)
		}
		return
	}
	var v value
	if s, ok := under(e.typ).(*types.Signature); ok && n.Kind == "Lambda" {
		v = w.lambda(n, s)
	} else {
		v = w.expression(n)
	}
	switch {
	case w.holdsClass(v):
		w.holds(e, v)
		e.calls = true
	case v.function != nil:
		e.calls = true
		w.nameTabled(e, v.function)
	default:
		w.learn(e, v.typ)
	}
}

// nameTabled notes that a table holds a function: all of them take and give the same.
func (w *writer) nameTabled(e *variable, f *function) {
	if e.inner == nil {
		e.inner = f
	}
	first := e.inner
	if first == f || len(first.params) != len(f.params) {
		return
	}
	for i, p := range first.params {
		w.learn(p, f.params[i].typ)
		w.learn(f.params[i], p.typ)
	}
	if first.result != nil || f.result != nil {
		joined := w.join(first.result, f.result)
		if !same(joined, first.result) || !same(joined, f.result) {
			first.result, f.result, w.changed = joined, joined, true
		}
	}
}

// tableType returns the type of a table's elements, or nil.
func (w *writer) tableType(e *variable) types.Type {
	switch {
	case e.parts != nil:
		var list []types.Type
		for _, p := range e.parts {
			list = append(list, w.tableType(p))
		}
		return w.newRecordType(localName(e.python), "", make([]string, len(list)), list)
	case e.inner != nil:
		if t := e.inner.goType(); t != nil {
			e.typ = t
		}
	}
	return e.typ
}

// tableText writes an element of a table.
func (w *writer) tableText(e *variable, t types.Type, n *node) string {
	if r := w.recordOf(t); r != nil && n.Kind == "Tuple" {
		var parts []string
		for i, part := range n.Elts {
			parts = append(parts, w.tableText(e.parts[i], r.types[i], part))
		}
		return typeText(t) + "{" + strings.Join(parts, ", ") + "}"
	}
	if s, ok := under(t).(*types.Signature); ok && n.Kind == "Lambda" {
		return w.lambda(n, s).text
	}
	return w.coerce(w.expression(n), t)
}

// tabled returns an element of a table, which calls tell more of.
func (w *writer) tabled(x *variable, text string) value {
	e := x.elements
	return value{text: text, typ: w.tableType(e), variable: e, function: e.inner}
}

// tabledParts returns what a tuple in a table consists of.
func (w *writer) tabledParts(n *node, v value, targets []*node) []value {
	r := w.recordOf(v.typ)
	name := ""
	if r != nil {
		name = w.temporary(localName(v.variable.python))
		w.printf("%s := %s", name, v.text)
		r.rename(targets)
	}
	var parts []value
	for i, p := range v.variable.parts {
		part := value{typ: w.tableType(p), node: n, variable: p, function: p.inner, text: "?"}
		if r != nil {
			part.text = name + "." + r.field(i)
		}
		parts = append(parts, part)
	}
	return parts
}
