package port

import (
	"fmt"
	"go/types"
	"strings"
)

// setType returns the type of sets of such elements.
func (w *writer) setType(n *node, e types.Type) types.Type {
	if e = solid(e); e == nil || e == conflict || e == noneType || !types.Comparable(e) || w.isTensor(e) {
		fail(n, "a set of what Go does not compare")
	}
	t, err := types.Instantiate(nil, setGeneric, []types.Type{e}, false)
	if err != nil {
		fail(n, "a set of what is not known")
	}
	return t
}

// setLiteral translates {1, 2}.
func (w *writer) setLiteral(n *node) value {
	var e types.Type
	var items []value
	for _, element := range n.Elts {
		v := w.expression(element)
		e = w.join(e, v.typ)
		items = append(items, v)
	}
	if e == nil {
		fail(n, "a set of what is not known")
	}
	t := w.setType(n, e)
	var parts []string
	for _, v := range items {
		parts = append(parts, w.coerce(v, solid(e))+": true")
	}
	return value{text: typeText(t) + "{" + strings.Join(parts, ", ") + "}", typ: t}
}

func (w *writer) setComprehension(n *node) value {
	return w.collected(n, "set", func(w *writer, name string) types.Type {
		v := w.expression(n.Elt)
		if v.typ == nil {
			return nil
		}
		w.printf("%s[%s] = true", name, v.text)
		return w.setType(n, v.typ)
	})
}

// builtinSet translates set(list). An empty one takes its type from the variable.
func builtinSet(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		x := w.assigned()
		if x == nil {
			fail(n, "a set of what is not known")
		}
		if !w.isSet(x.typ) {
			x.empty = true
			fail(n, "a set of which nothing is known")
		}
		return value{text: typeText(x.typ) + "{}", typ: x.typ}
	}
	if a := only(n); a.Kind == "GeneratorExp" {
		comprehension := *a
		if n.Rest == nil {
			comprehension.Kind = "SetComp"
			n.Rest = &comprehension
		}
		return w.setComprehension(n.Rest)
	}
	v := builtinList(w, n)
	v = w.settled(v)
	if elem(v.typ) == nil {
		fail(n, "a set of what is no list")
	}
	return value{text: "setOf(" + v.text + ")", typ: w.setType(n, elem(v.typ))}
}

// setBinary translates &, |, - and ^ of sets.
func (w *writer) setBinary(n *node, a, b value) value {
	switch n.Op {
	case "BitOr":
		return value{text: fmt.Sprintf("unionOf(%s, %s)", a.text, b.text), typ: a.typ}
	case "BitAnd":
		return value{text: fmt.Sprintf("subsetOf(%s, func(x %s) bool { return %s[x] })", a.text, typeText(instance(a.typ, setGeneric).At(0)), b.primary()), typ: a.typ}
	case "Sub":
		return value{text: fmt.Sprintf("subsetOf(%s, func(x %s) bool { return !%s[x] })", a.text, typeText(instance(a.typ, setGeneric).At(0)), b.primary()), typ: a.typ}
	}
	fail(n, "this operator on sets")
	return value{}
}

// setMethod translates a method of a set.
func (w *writer) setMethod(n *node, object value, name string) value {
	e := instance(object.typ, setGeneric).At(0)
	if len(n.Arguments) != 1 || len(n.Keywords) > 0 {
		fail(n, "a set's method %s", name)
	}
	op := map[string]string{"union": "BitOr", "intersection": "BitAnd", "difference": "Sub"}[name]
	switch v := w.expression(n.Arguments[0]); {
	case name == "add":
		return value{text: fmt.Sprintf("%s[%s] = true", object.primary(), w.coerce(v, e)), statement: true}
	case name == "discard":
		return value{text: fmt.Sprintf("delete(%s, %s)", object.text, w.coerce(v, e)), statement: true}
	case op != "" && w.isSet(v.typ):
		return w.setBinary(&node{Kind: "BinOp", Op: op, Line: n.Line, EndLine: n.EndLine}, object, v)
	case name == "update" && elem(v.typ) != nil:
		return value{text: fmt.Sprintf("for _, x := range %s {\n%s[x] = true\n}", v.text, object.primary()), statement: true}
	}
	fail(n, "a set's method %s", name)
	return value{}
}

// emptySetMethod learns what a set that begins empty has, by what is added to it.
func (w *writer) emptySetMethod(n *node, object value, name string) {
	if object.variable == nil || object.variable.typ != nil || !object.variable.empty || name != "add" || len(n.Arguments) != 1 {
		return
	}
	if v := w.expression(n.Arguments[0]); v.typ != nil {
		w.learn(object.variable, w.setType(n, v.typ))
	}
}
