package port

import (
	"go/types"
	"slices"
)

// Calls of what the files declare.

// construction makes an instance of one of the files' classes.
func (w *writer) construction(n *node, c *class) value {
	name := c.constructorName()
	t := types.NewPointer(c.named)
	if c.kind == dataClass && c.constructor() == nil {
		if !c.hasDefaults() && c.method("__post_init__") == nil {
			return value{text: "&" + w.instanceLiteral(n, c), typ: t}
		}
		return w.dataclass(n, c, name)
	}
	init := c.constructor()
	if init == nil && c.entry.goName != "" {
		return w.libraryConstruction(n, c)
	}
	if init == nil {
		if len(n.Arguments)+len(n.Keywords) > 0 {
			fail(n, "arguments of a class without a constructor")
		}
		return value{text: name + "()", typ: t}
	}
	v := w.ownCall(n, name, init)
	v.typ, v.statement = t, false
	return v
}

// dataclass makes a record, with what differs from its defaults.
func (w *writer) dataclass(n *node, c *class, name string) value {
	t := types.NewPointer(c.named)
	after := c.method("__post_init__")
	if len(n.Arguments)+len(n.Keywords) == 0 && after == nil {
		return value{text: name + "()", typ: t}
	}
	if w.called || after != nil && w.inline {
		fail(n, "a dataclass within an expression")
	}
	record := ""
	if x := w.fresh(n); x != nil {
		record, x.declared = x.goName, true
	} else {
		record = w.temporary(localName(c.node.Name))
	}
	finished := func() value {
		if after != nil {
			w.printf("%s.%s()", record, after.goName)
		}
		return value{text: record, typ: t, variable: &variable{typ: t, goName: record}}
	}
	if !c.hasDefaults() {
		w.printf("%s := &%s", record, w.instanceLiteral(n, c))
		return finished()
	}
	w.printf("%s := %s()", record, name)
	set := func(f *field, a *node) {
		v := w.expression(a)
		w.unify(&f.variable, v.variable)
		w.holds(&f.variable, v)
		v = w.settledFor(w.factoryFor(v, f.typ), f.typ)
		w.learn(&f.variable, v.typ)
		w.sets(&f.variable, v)
		w.printf("%s.%s = %s", record, f.name(c), w.coerce(v, f.typ))
	}
	for i, a := range n.Arguments {
		if i >= len(c.allFields()) || a.Kind == "Starred" {
			fail(a, "more arguments than fields")
		}
		set(c.allFields()[i], a)
	}
	for _, k := range n.Keywords {
		f := c.lookup(k.Name)
		if f == nil {
			fail(k.Value, "a field that is not known")
		}
		set(f, k.Value)
	}
	return finished()
}

// ownCall calls a function or method of the files. What is left out is Python's
// default.
func (w *writer) ownCall(n *node, text string, f *function) value {
	n = w.withStarred(w.withFlags(n), f)
	if f.keywords != "" {
		call, _ := w.expanded(n)
		for _, k := range call.Keywords {
			if k.Name != "" && !slices.ContainsFunc(f.all, func(v *variable) bool { return v.python == k.Name }) {
				f.extra(k.Name)
			}
		}
	}
	var rest []*node
	plainCall := *n
	if f.rest != nil && len(n.Arguments) > len(f.all) {
		rest = n.Arguments[len(f.all):]
		plainCall.Arguments = n.Arguments[:len(f.all)]
	}
	var parts []string
	for i, a := range w.bind(&plainCall, f.pythonParameters()) {
		v, from, scope := f.all[i], a.node, w.fn
		if v.left {
			continue
		}
		if from == nil {
			if from = f.defaults[v]; from == nil && f.popped[v.python] {
				from = defaultNode("None", n.Line) // an error in Python, if it is taken out
			}
			if from == nil {
				fail(n, "%s is missing", v.python)
			}
			if f.outer == nil {
				w.fn = w.scope(f.source, f.node, nil)
			}
		}
		w.hint = v.goName
		var x value
		if s, ok := under(v.typ).(*types.Signature); ok && from.Kind == "Lambda" {
			x = w.lambda(from, s)
		} else {
			x = w.expression(from)
		}
		companions := w.companionTexts(n, v, x)
		w.unify(v, x.variable)
		w.holds(v, x)
		x = w.factoryFor(x, v.typ)
		w.fn, w.hint = scope, ""
		if w.holdsClass(x) {
			fail(n, "a class or module as an argument")
		}
		x = w.settledFor(x, v.typ)
		if w.isPair(x.typ) && x.variable != nil && !w.final() {
			x.typ = nil // perhaps it is the state of an LSTM, as the parameter tells
		}
		if _, several := x.typ.(*types.Tuple); several {
			fail(n, "several results as one argument")
		}
		w.learn(v, x.typ)
		w.holdsList(v, x)
		w.sets(v, x)
		if x.variable != nil && (x.typ == emptyDict || x.typ == emptyList) {
			w.learn(x.variable, v.typ)
		}
		if x.dtype != "" && v.given != x.dtype {
			v.given, w.changed, w.restart = x.dtype, true, true
		}
		if v.typ == conflict {
			fail(n, "%s is given values of different types", v.python)
		}
		if x.typ == nil && x.variable != nil && v.typ != nil {
			w.expect(x.variable, v.typ, true)
		}
		text := w.coerce(x, v.typ)
		if v.isGrown() {
			text = w.address(n, x)
		}
		parts = append(append(parts, text), companions...)
	}
	for _, a := range rest {
		starred := a.Kind == "Starred"
		if starred {
			a = a.Value
		}
		x := w.settled(w.expression(a))
		if starred {
			w.learn(f.rest, x.typ)
			parts = append(parts, x.text+"...")
			continue
		}
		if x.typ != nil {
			w.learn(f.rest, types.NewSlice(solid(x.typ)))
		}
		parts = append(parts, w.coerce(x, elem(f.rest.typ)))
	}
	v := value{text: call(text, parts), typ: f.result, node: n, dtype: f.resultDType, maybeInt: f.resultMaybeInt}
	if f.result == nil || f.result == noneType {
		v.typ = nil
		if f.returnsValue() {
			return v
		}
		v.statement = true
	}
	return v
}

// returnsValue reports whether a function has a return with a value, whose type may
// not be known yet.
func (f *function) returnsValue() bool {
	found := false
	for _, n := range f.node.Body {
		n.visit(func(n *node) bool {
			found = found || n.Kind == "Return" && n.Value != nil && n.Value.Type != "NoneType"
			return n.Kind != "FunctionDef" && n.Kind != "Lambda"
		})
	}
	return found || f.node.Kind == "Lambda" || f.isGenerator()
}
