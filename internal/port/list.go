package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// Python's lists are objects that several names may share; Go's slices share their elements,
// but not their lengths. A parameter that gets longer or shorter is a pointer in Go.

// growing are the methods that make a list longer or shorter.
var growing = []string{"append", "extend", "insert", "pop", "remove", "clear"}

// grown reports whether a function makes the list of a name longer or shorter.
func grown(in *node, name string) bool {
	found := false
	in.visit(func(n *node) bool {
		switch {
		case n.Kind == "Call" && n.Func.Kind == "Attribute" && slices.Contains(growing, n.Func.Name):
			found = found || n.Func.Value.Kind == "Name" && n.Func.Value.Name == name
		case n.Kind == "AugAssign":
			found = found || n.Target.Kind == "Name" && n.Target.Name == name && n.Op == "Add" && n.Value.Kind == "List"
		case n.Kind == "Delete":
			for _, t := range n.Targets {
				found = found || t.Kind == "Subscript" && t.Value.Kind == "Name" && t.Value.Name == name
			}
		}
		return true
	})
	return found
}

// changed reports whether a function sets elements of the list of a name, orders them, or
// makes the list longer or shorter.
func changed(in *node, name string) bool {
	found := grown(in, name)
	isElement := func(t *node) bool {
		return t != nil && t.Kind == "Subscript" && t.Value.Kind == "Name" && t.Value.Name == name
	}
	in.visit(func(n *node) bool {
		switch n.Kind {
		case "Assign":
			for _, t := range n.Targets {
				found = found || isElement(t) || slices.ContainsFunc(t.Elts, isElement)
			}
		case "AugAssign":
			found = found || isElement(n.Target)
		case "Call":
			if f := n.Func; f.Kind == "Attribute" && slices.Contains([]string{"sort", "reverse", "update", "setdefault"}, f.Name) {
				found = found || f.Value.Kind == "Name" && f.Value.Name == name
			}
		}
		return true
	})
	return found
}

// stored reports whether a function sets a name.
func stored(in *node, name string) bool {
	found := false
	in.visit(func(n *node) bool {
		if n.Kind != "AugAssign" {
			for _, t := range storedIn(n) {
				found = found || t.Name == name && n != in
			}
		}
		return true
	})
	return found
}

// isGrown reports whether a parameter is a pointer to a list.
func (v *variable) isGrown() bool { return v.grows && v.typ != conflict && elem(v.typ) != nil }

// typeText writes the type of a variable.
func (v *variable) typeText() string {
	if v.isGrown() {
		return "*" + typeText(v.typ)
	}
	return typeText(v.typ)
}

// address returns a pointer to the list that an argument is.
func (w *writer) address(n *node, x value) string {
	switch {
	case x.variable != nil && x.variable.isGrown():
		return x.variable.goName
	case x.variable != nil && !strings.ContainsAny(x.text, "([{"):
		return "&" + x.text
	case w.called || w.inline || x.text == "nil":
		fail(n, "a list that gets longer, and is in no variable")
	}
	name := w.temporary("list")
	w.printf("%s := %s", name, x.text)
	return "&" + name
}

// refuseAlias gives up a second name of a list that gets longer or shorter under one of
// them.
func (w *writer) refuseAlias(n, target *node, v value) {
	if v.node == nil || v.node.Kind != "Name" || v.variable == nil || elem(v.typ) == nil || v.node.Name == target.Name {
		return
	}
	around := w.fn.top().node
	if grown(around, v.node.Name) || grown(around, target.Name) {
		fail(n, "two names of one list that gets longer or shorter")
	}
}

// place translates the index of a Go slice, which may count from the end.
func (w *writer) place(object value, index *node) string {
	v := w.expression(index)
	if w.isTensor(v.typ) {
		v = value{text: v.primary() + ".Int()", typ: intType, node: index}
	}
	text := w.coerce(v, intType)
	if rest, ok := strings.CutPrefix(text, "-"); ok && v.literal {
		return fmt.Sprintf("len(%s)-%s", object.text, rest)
	}
	if w.isCount(v) || v.typ == nil || strings.HasPrefix(text, "len("+object.text+")") {
		return text
	}
	return fmt.Sprintf("indexIn(%s, len(%s))", text, object.text)
}

// sliced translates x[a:b] of a Go slice. Python's is a copy, and has no elements where the
// list has none.
func (w *writer) sliced(n *node, object value) string {
	list, length := object.primary(), "len("+object.text+")"
	lower, upper := value{}, value{}
	if n.Slice.Lower != nil {
		lower = w.expression(n.Slice.Lower)
		lower.text = w.coerce(lower, intType)
	}
	if n.Slice.Upper != nil {
		upper = w.expression(n.Slice.Upper)
		upper.text = w.coerce(upper, intType)
	}
	known := func(v value) bool { return v.text == "" || v.literal || w.isCount(v) || v.typ == nil }
	var text string
	if known(lower) && known(upper) {
		from, to := lower.text, upper.text
		switch rest, negative := strings.CutPrefix(from, "-"); {
		case negative:
			from = fmt.Sprintf("max(0, %s-%s)", length, rest)
		case !lower.literal && from != "" && to == "":
			from = fmt.Sprintf("min(%s, %s)", from, length)
		}
		switch rest, negative := strings.CutPrefix(to, "-"); {
		case negative:
			to = length + "-" + rest
		case to != "" && to != length:
			to = fmt.Sprintf("min(%s, %s)", to, length)
		}
		text = fmt.Sprintf("%s[%s:%s]", list, from, to)
	} else {
		from, to := lower.text, upper.text
		if from == "" {
			from = "0"
		}
		if to == "" {
			to = length
		}
		text = fmt.Sprintf("sliceOf(%s, %s, %s)", object.text, from, to)
	}
	if n.Slice.Step != nil {
		step := w.expression(n.Slice.Step)
		if !w.isCount(step) && n.Slice.Lower != nil || !w.isCount(step) && n.Slice.Upper != nil {
			fail(n, "a step from the end between two places")
		}
		if lower.text == "" && upper.text == "" {
			text = object.text
		}
		return fmt.Sprintf("everyNth(%s, %s)", text, w.coerce(step, intType))
	}
	if w.keeps(n) {
		if lower.text == "" && upper.text == "" {
			text = object.text
		}
		return "slices.Clone(" + text + ")"
	}
	if lower.text == "" && upper.text == "" {
		return object.text
	}
	return text
}

// keeps reports whether what x[a:b] gives is kept where a change of it or of x would be seen
// in both.
func (w *writer) keeps(n *node) bool {
	if w.at == nil || w.at.Value == nil {
		return false
	}
	if w.at.Kind == "Return" && w.at.Value.Kind == "Tuple" && slices.Contains(w.at.Value.Elts, n) {
		return true
	}
	switch {
	case w.at.Value != n:
		return false
	case w.at.Kind == "Return":
		return true
	case w.at.Kind != "Assign":
		return false
	case w.at.Targets[0].Kind != "Name":
		return true
	}
	around := w.fn.top().node
	return changed(around, w.at.Targets[0].Name) || changed(around, rootName(n.Value)) || n.Value.Kind != "Name"
}

// deletes writes del of a variable, or of an element.
func (w *writer) deletes(n, t *node) {
	switch t.Kind {
	case "Name":
		return
	case "Subscript":
		object := w.expression(t.Value)
		if elem(object.typ) != nil && t.Slice.Kind == "Slice" && t.Slice.Lower == nil && t.Slice.Upper == nil && t.Slice.Step == nil {
			w.printf("%s = nil", object.text)
			return
		}
		if elem(object.typ) != nil && t.Slice.Kind != "Slice" {
			w.printf("popAt(%s, %s)", w.address(n, object), w.coerce(w.expression(t.Slice), intType))
			return
		}
		if w.isDict(object.typ) {
			w.printf("%s", w.deleteKey(object, w.expression(t.Slice)))
			return
		}
	}
	fail(n, "del of what is no variable")
}

// listMethod translates a method of a list.
func (w *writer) listMethod(n *node, object value, name string) value {
	e := elem(object.typ)
	if e == conflict {
		e = nil // nothing was added yet
	}
	set := func(text string) value { return value{text: object.text + " = " + text, statement: true} }
	argument := func(i int, t types.Type) string { return w.coerce(w.settledFor(w.expression(n.Arguments[i]), t), t) }
	count := len(n.Arguments)
	if len(n.Keywords) > 0 && name != "sort" {
		fail(n, "a list's method %s with a keyword", name)
	}
	switch {
	case name == "append" && count == 1:
		v := w.expression(n.Arguments[0])
		if e != nil {
			v = w.settledFor(v, e)
		}
		v = w.settled(v)
		if v.typ != nil && object.variable != nil && !v.list {
			w.learn(object.variable, types.NewSlice(solid(v.typ)))
			object.typ = object.variable.typ
		}
		if object.typ == conflict {
			fail(n, "a list of different types")
		}
		return set(fmt.Sprintf("append(%s, %s)", object.text, w.coerce(v, elem(object.typ))))
	case name == "extend" && count == 1:
		v := w.settledFor(w.expression(n.Arguments[0]), object.typ)
		return set(fmt.Sprintf("append(%s, %s...)", object.text, w.coerce(v, object.typ)))
	case name == "insert" && count == 2:
		v := w.expression(n.Arguments[0])
		place := w.coerce(v, intType)
		if !v.literal || !w.isCount(v) {
			fail(n, "an insertion at a place that is not written out")
		}
		return set(fmt.Sprintf("slices.Insert(%s, %s, %s)", object.text, place, argument(1, elem(object.typ))))
	case name == "pop" && count == 0 && w.at.Kind == "Expr" && w.at.Value == n:
		return set(fmt.Sprintf("%s[:len(%s)-1]", object.primary(), object.text))
	case name == "pop" && count == 0:
		return value{text: fmt.Sprintf("popLast(%s)", w.address(n, object)), typ: e, dtype: object.dtype}
	case name == "pop" && count == 1:
		return value{text: fmt.Sprintf("popAt(%s, %s)", w.address(n, object), argument(0, intType)), typ: e, dtype: object.dtype}
	case name == "remove" && count == 1:
		address := w.address(n, object)
		return value{text: fmt.Sprintf("popAt(%s, indexOf(%s, %s))", address, object.text, argument(0, elem(object.typ))), statement: true}
	case name == "clear" && count == 0:
		return set("nil")
	case name == "index" && count == 1:
		return value{text: fmt.Sprintf("indexOf(%s, %s)", object.text, argument(0, elem(object.typ))), typ: intType, count: true}
	case name == "count" && count == 1:
		return value{text: fmt.Sprintf("countOf(%s, %s)", object.text, argument(0, elem(object.typ))), typ: intType, count: true}
	case name == "sort" && count == 0:
		return w.sortList(n, object)
	case name == "reverse" && count == 0:
		return value{text: "slices.Reverse(" + object.text + ")", statement: true}
	case name == "tolist":
		return object
	case name == "copy" && count == 0:
		return value{text: "slices.Clone(" + object.text + ")", typ: object.typ}
	case name == "numel" && object.sizesOf != "":
		return value{text: object.sizesOf + ".Numel()", typ: intType, count: true}
	}
	fail(n, "a list's method %s", name)
	return value{}
}

// listBinary translates a + b and a * n of lists.
func (w *writer) listBinary(n *node, a, b value) value {
	switch n.Op {
	case "Add":
		if a.list && len(a.items) > 0 || b.list && len(b.items) > 0 {
			a, b = w.settledFor(a, b.typ), w.settledFor(b, a.typ)
		}
		t := w.join(a.typ, b.typ)
		if elem(t) == nil {
			fail(n, "a sum of lists of unknown types")
		}
		return value{text: call("slices.Concat", []string{w.coerce(a, t), w.coerce(b, t)}), typ: t}
	case "Mult":
		if isInt(a.typ) {
			a, b = b, a
		}
		if a.list && len(a.items) == 1 && a.items[0].typ == noneType {
			return w.listOfNone(n, b)
		}
		a = w.settled(a)
		if elem(a.typ) == nil {
			fail(n, "a list of an unknown type")
		}
		times := w.coerce(b, intType)
		if !w.isCount(b) {
			times = "max(0, " + times + ")"
		}
		return value{text: call("slices.Repeat", []string{a.text, times}), typ: a.typ}
	}
	fail(n, "an operator on lists")
	return value{}
}

// listOfNone translates [None] * n: a list whose elements are set later.
func (w *writer) listOfNone(n *node, count value) value {
	x := w.assigned()
	if x == nil {
		fail(n, "a list of None")
	}
	if x.typ == nil {
		w.learn(x, emptyList)
	}
	e := elem(x.typ)
	if e == nil || e == conflict || !nilable(e) {
		fail(n, "a list of None, of which nothing else is known")
	}
	return value{text: fmt.Sprintf("make(%s, %s)", typeText(x.typ), w.coerce(count, intType)), typ: x.typ}
}
