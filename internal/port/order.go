package port

import (
	"fmt"
	"go/types"
	"strings"
)

// ordering is how sorted, min, max and sort compare: by a key, from the greatest.
type ordering struct {
	key     *node
	reverse bool
	other   *node // default=
}

// orderingOf returns what a call says about the order.
func (w *writer) orderingOf(n *node) ordering {
	var o ordering
	for _, k := range n.Keywords {
		switch {
		case k.Name == "key" && k.Value.Type == "NoneType":
		case k.Name == "key":
			o.key = k.Value
		case k.Name == "default":
			o.other = k.Value
		case k.Name == "reverse":
			yes, constant := boolConstant(k.Value)
			if !constant {
				fail(n, "an order that is computed")
			}
			o.reverse = yes
		default:
			fail(n, "%s with %s", n.Func.Name, k.Name)
		}
	}
	return o
}

// isComparable reports whether Go's cmp compares values of a type.
func isComparable(t types.Type) bool { return isNumber(t) || isString(t) }

// comparison returns the function that compares two elements.
func (w *writer) comparison(n *node, e types.Type, o ordering) string {
	first, second := w.orderKeys(n, e, o, "a"), w.orderKeys(n, e, o, "b")
	var parts []string
	for i := range first {
		x, y := first[i], second[i]
		reverse := o.reverse
		if x.negative && y.negative {
			x, y, reverse = x.positive(), y.positive(), !reverse
		}
		if reverse {
			x, y = y, x
		}
		parts = append(parts, fmt.Sprintf("cmp.Compare(%s, %s)", x.text, y.text))
	}
	text := parts[0]
	if len(parts) > 1 {
		text = call("cmp.Or", parts)
	}
	return fmt.Sprintf("func(a, b %s) int { return %s }", typeText(e), text)
}

// orderKey is one of the values that elements are compared by.
type orderKey struct {
	text     string
	negative bool // a number with a minus before it
}

func (k orderKey) positive() orderKey {
	k.text = strings.TrimPrefix(k.text, "-")
	return k
}

// orderKeys returns what an element of the name is compared by.
func (w *writer) orderKeys(n *node, e types.Type, o ordering, name string) []orderKey {
	v := w.applied(n, o.key, value{text: name, typ: e, node: n})
	items := []value{v}
	if v.list {
		items = v.items
	} else if r := w.recordOf(v.typ); r != nil {
		items = r.elements(v)
	}
	var keys []orderKey
	for _, item := range items {
		switch {
		case isBool(item.typ):
			keys = append(keys, orderKey{text: "boolToInt(" + item.text + ")"})
		case isComparable(item.typ):
			keys = append(keys, orderKey{text: item.text, negative: strings.HasPrefix(item.text, "-") && item.prec == 6})
		default:
			fail(n, "%s of what Go does not order", n.Func.Name)
		}
	}
	return keys
}

// applied returns what a function gives for a value: a lambda, one of the files, or one of
// Python's own.
func (w *writer) applied(n, function *node, x value) value {
	if function == nil {
		return x
	}
	f := w.fn.inner[function]
	if f == nil {
		f = w.scope(w.source, function, w.fn)
		f.root = &block{parent: w.block}
		f.taken["a"], f.taken["b"] = true, true
		w.fn.inner[function] = f
	}
	made, parameter := function.Value, "element"
	switch {
	case function.Kind == "Lambda":
		if len(function.Signature.Params) != 1 {
			fail(n, "a key of several values")
		}
		parameter = function.Signature.Params[0].Name
	case function.Kind == "Call" && w.path(function.Func) == "operator.itemgetter" && len(function.Arguments) == 1:
		made = &node{Kind: "Subscript", Value: &node{Kind: "Name", Name: parameter}, Slice: function.Arguments[0]}
	case function.Kind == "Call" && w.path(function.Func) == "operator.attrgetter" && len(function.Arguments) == 1 && isText(function.Arguments[0]):
		made = &node{Kind: "Attribute", Value: &node{Kind: "Name", Name: parameter}, Name: function.Arguments[0].Constant}
	case function.Kind == "Attribute" && function.Value.Kind == "Name" && function.Value.Name == "str":
		made = &node{Kind: "Call", Func: &node{Kind: "Attribute", Name: function.Name, Value: &node{Kind: "Name", Name: parameter}}}
	case function.Kind == "Attribute" && function.Name == "get":
		made = &node{Kind: "Subscript", Value: function.Value, Slice: &node{Kind: "Name", Name: parameter}}
	default:
		made = &node{Kind: "Call", Func: function, Arguments: []*node{{Kind: "Name", Name: parameter}}}
	}
	made = located(made, n)
	p := &variable{python: parameter, goName: x.text, typ: x.typ, declared: true, param: true}
	f.locals[parameter] = p
	outer, before, block, within, called := w.fn, len(w.lines), w.block, w.inline, w.called
	w.fn, w.block, w.inline = f, f.root, true
	v := w.expression(made)
	if !v.list {
		v = w.settled(v)
	}
	w.fn, w.block, w.inline, w.called = outer, block, within, called
	if len(w.lines) > before {
		fail(n, "a function of several statements")
	}
	return w.dereferenced(v)
}

// located gives the nodes that were made up the place of another.
func located(n, at *node) *node {
	n.visit(func(n *node) bool {
		if n.Line == 0 {
			n.Line, n.EndLine, n.Col, n.EndCol = at.Line, at.EndLine, at.Col, at.EndCol
		}
		return true
	})
	return n
}

// orderedList returns the list that sorted, min or max take.
func (w *writer) orderedList(n, a *node) value {
	v := w.collectedSequence(w.settled(w.expression(a)))
	if n.Func.Name == "sorted" {
		v = w.sortable(v)
	} else if w.isDict(v.typ) {
		v = w.keysOf(v)
	}
	if elem(v.typ) == nil || elem(v.typ) == conflict {
		fail(n, "%s of what is no list", n.Func.Name)
	}
	return v
}

func builtinSorted(w *writer, n *node) value {
	o := w.orderingOf(n)
	if len(n.Arguments) != 1 {
		fail(n, "sorted with other arguments")
	}
	a := n.Arguments[0]
	if a.Kind == "Call" && a.Func.Kind == "Name" && (a.Func.Name == "list" || a.Func.Name == "tuple") && len(a.Arguments) == 1 && w.fn.scope(a.Func.Name) == nil {
		a = a.Arguments[0]
	}
	if a.Kind == "Call" && a.Func.Name == "set" && len(a.Arguments) == 1 && len(n.Keywords) == 0 {
		v := builtinList(w, a)
		return value{text: fmt.Sprintf("slices.Compact(slices.Sorted(slices.Values(%s)))", v.text), typ: v.typ}
	}
	v := w.orderedList(n, a)
	e := elem(v.typ)
	sequence := "slices.Values(" + v.text + ")"
	if strings.HasPrefix(v.text, "maps.Keys(") {
		sequence = v.text
	}
	switch {
	case o.key == nil && !o.reverse && isComparable(e):
		return value{text: fmt.Sprintf("slices.Sorted(%s)", sequence), typ: v.typ}
	case o.key == nil && isComparable(e):
		return value{text: fmt.Sprintf("slices.SortedFunc(%s, %s)", sequence, w.comparison(n, e, o)), typ: v.typ}
	}
	return value{text: fmt.Sprintf("slices.SortedStableFunc(%s, %s)", sequence, w.comparison(n, e, o)), typ: v.typ}
}

// sortList translates list.sort(key=, reverse=).
func (w *writer) sortList(n *node, object value) value {
	o, e := w.orderingOf(n), elem(object.typ)
	if o.key == nil && !o.reverse && isComparable(e) {
		return value{text: "slices.Sort(" + object.text + ")", statement: true}
	}
	return value{text: fmt.Sprintf("slices.SortStableFunc(%s, %s)", object.text, w.comparison(n, e, o)), statement: true}
}

func builtinExtreme(w *writer, n *node) value {
	o := w.orderingOf(n)
	if len(n.Arguments) == 1 {
		v := w.orderedList(n, n.Arguments[0])
		e := elem(v.typ)
		name := "slices." + strings.ToUpper(n.Func.Name[:1]) + n.Func.Name[1:]
		var text string
		if o.key == nil && isComparable(e) {
			text = call(name, []string{v.text})
		} else {
			text = fmt.Sprintf("%sFunc(%s, %s)", name, v.text, w.comparison(n, e, o))
		}
		if o.other != nil {
			other := w.coerce(w.expression(o.other), e)
			text = fmt.Sprintf("func() %s {\nif len(%s) == 0 {\nreturn %s\n}\nreturn %s\n}()", typeText(e), v.text, other, text)
		}
		return value{text: text, typ: e}
	}
	if len(n.Keywords) > 0 {
		list := *n
		list.Arguments, list.Keywords = []*node{{Kind: "List", Elts: n.Arguments, Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}}, n.Keywords
		return builtinExtreme(w, &list)
	}
	var t types.Type
	var list []value
	for _, a := range n.Arguments {
		v := w.dereferenced(w.expression(a))
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, intType, false)
		}
		t = w.join(t, v.typ)
		list = append(list, v)
	}
	if t != nil && !isComparable(t) {
		fail(n, "%s of what are no numbers", n.Func.Name)
	}
	var parts []string
	counts := 0
	for _, v := range list {
		if isFloat(t) {
			v = w.mixed(v)
		}
		if w.isCount(v) {
			counts++
		}
		parts = append(parts, v.text)
	}
	return value{text: call(n.Func.Name, parts), typ: t, count: counts == len(list) || counts > 0 && n.Func.Name == "max"}
}

// builtinAny translates any and all of a list or a comprehension.
func builtinAny(w *writer, n *node) value {
	a := only(n)
	all := n.Func.Name == "all"
	not := map[bool]string{true: "!"}[all]
	if known, yes := w.staticTest(n); known {
		return value{text: fmt.Sprint(yes), typ: boolType}
	}
	if a.Kind != "GeneratorExp" && a.Kind != "ListComp" {
		v := w.settled(w.expression(a))
		e := elem(v.typ)
		if !isBool(e) {
			fail(n, "%s of what is no list of bools", n.Func.Name)
		}
		return value{text: fmt.Sprintf("%sslices.Contains(%s, %t)", not, v.text, !all), typ: boolType, prec: 6}
	}
	if g := a.Generators[0]; len(a.Generators) == 1 && len(g.Ifs) == 0 && g.Target.Kind == "Name" {
		if v, ok := w.anyOf(n, a, g, all); ok {
			return v
		}
	}
	w.called = true // so that it is a function of its own
	v := w.collectedWith(a, func(w *writer, _ string) (types.Type, string) {
		test := w.condition(a.Elt)
		if all {
			test = w.negated(test)
		}
		w.printf("if %s {\nreturn %t\n}", test.text, !all)
		return boolType, "·"
	})
	head, rest, _ := strings.Cut(v.text, "\n·\n")
	end := strings.LastIndex(rest, "return ")
	return value{text: head + "\n" + rest[:end] + fmt.Sprintf("return %t\n}()", all), typ: boolType}
}

// anyOf translates any(test(x) for x in list), where that is a list.
func (w *writer) anyOf(n, a, g *node, all bool) (v value, ok bool) {
	start := w.position()
	v, why := w.attempt(func() value {
		list := w.settled(w.expression(g.Iter))
		e := elem(list.typ)
		if e == nil || e == conflict {
			fail(n, "no list")
		}
		lambda := w.lambdaOf(a, g.Target)
		name := localName(g.Target.Name)
		if reserved[name] || w.goNames[name] {
			name = "x"
		}
		test := w.truth(w.applied(n, lambda, value{text: name, typ: e, node: a.Elt}))
		not := ""
		if all {
			test, not = w.negated(test), "!"
		}
		return value{text: fmt.Sprintf("%sslices.ContainsFunc(%s, func(%s %s) bool { return %s })", not, list.text, name, typeText(e), test.text), typ: boolType}
	})
	if why != nil || len(w.lines) > start.lines {
		w.back(start)
		return value{}, false
	}
	if all {
		v.prec = 6
	}
	return v, true
}

// lambdaOf returns the element of a comprehension as a function of what its loop sets, the
// same one in each pass.
func (w *writer) lambdaOf(a, target *node) *node {
	if w.lambdas[a] == nil {
		w.lambdas[a] = &node{Kind: "Lambda", Value: a.Elt, Line: a.Line, EndLine: a.EndLine, Col: a.Col, EndCol: a.EndCol,
			Signature: &node{Kind: "arguments", Params: []*node{{Kind: "arg", Name: target.Name}}}}
	}
	return w.lambdas[a]
}
