package port

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// namesOnce reports whether an index of a tensor names no place twice: it has no tensor or
// list.
func (w *writer) namesOnce(n *node) bool {
	nodes := []*node{n}
	if n.Kind == "Tuple" {
		nodes = n.Elts
	}
	return !slices.ContainsFunc(nodes, func(i *node) bool {
		return i.Kind != "Slice" && i.Kind != "Constant" && !isInt(w.expression(i).typ)
	})
}

// resultParts are the names of the parts of a result in Python.
var resultParts = map[string]int{"values": 0, "indices": 1}

// partOfResult translates x.max(1).values: one of several results.
func (w *writer) partOfResult(object value, name string) (value, bool) {
	i, known := resultParts[name]
	if !known {
		return value{}, false
	}
	if same(object.typ, w.lstmState) {
		return value{text: object.primary() + "." + [...]string{"H", "C"}[i], typ: w.tensor}, true
	}
	tuple, ok := object.typ.(*types.Tuple)
	if !ok || tuple.Len() != 2 || object.text == "" {
		return value{}, false
	}
	return w.oneResult(object, tuple, i, name), true
}

// oneResult returns one of the results of a call, as a variable before the statement at hand
// where that may be.
func (w *writer) oneResult(object value, tuple *types.Tuple, i int, name string) value {
	names := slices.Repeat([]string{"_"}, tuple.Len())
	v := value{typ: tuple.At(i).Type()}
	if i > 0 {
		v.dtype = object.dtype
	}
	if w.inline {
		names[i] = "x"
		v.text = fmt.Sprintf("func() %s {\n%s := %s\nreturn x\n}()", typeText(v.typ), strings.Join(names, ", "), object.text)
		return v
	}
	names[i] = w.temporary(name)
	w.printf("%s := %s", strings.Join(names, ", "), object.text)
	v.text, v.variable = names[i], &variable{typ: v.typ, goName: names[i]}
	return v
}

// biased translates x.std(..., unbiased=False).
func (w *writer) biased(n *node, x value, name string) (value, bool) {
	i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == "unbiased" })
	if i < 0 {
		return value{}, false
	}
	yes, ok := boolConstant(n.Keywords[i].Value)
	if !ok {
		fail(n, "unbiased that is no constant")
	}
	plainCall := n.withoutKeyword(i)
	if yes {
		return w.tensorMethod(plainCall, x, name), true
	}
	bound := w.bind(plainCall, []parameter{{name: "dim", list: true, optional: true}, {name: "keepdim", optional: true}})
	fields := []string{"Correction: 0"}
	if a := bound[0]; a.node != nil || a.values != nil {
		dims := value{list: true, node: n}
		for _, d := range append(a.values, a.node) {
			if d != nil {
				dims.items = append(dims.items, w.expression(d))
			}
		}
		if len(dims.items) == 1 && dims.items[0].list {
			dims = dims.items[0]
		}
		fields = append(fields, "Dim: "+w.coerce(dims, types.NewSlice(intType)))
	}
	if bound[1].node != nil {
		fields = append(fields, "Keepdim: "+w.coerce(w.expression(bound[1].node), boolType))
	}
	return value{text: fmt.Sprintf("%s.%sWith(torch.VarOptions{%s})", x.primary(), strings.ToUpper(name[:1])+name[1:], strings.Join(fields, ", ")), typ: w.tensor}, true
}

// deviceAttribute returns what Python reads of a device.
func deviceAttribute(object value, name string) (value, bool) {
	switch name {
	case "type":
		return value{text: object.primary() + ".Type()", typ: stringType}, true
	case "index":
		return value{text: object.primary() + ".Index()", typ: intType}, true
	}
	return value{}, false
}

// limits translates torch.finfo and torch.iinfo.
func limits(goName string) func(w *writer, n *node) value {
	return func(w *writer, n *node) value {
		f := w.goObject("torch." + goName)
		return value{text: fmt.Sprintf("torch.%s(%s)", goName, w.coerce(w.expression(only(n)), w.dtype)), typ: f.Signature().Results().At(0).Type()}
	}
}

// numpyMean translates numpy.mean of a list of numbers.
func numpyMean(w *writer, n *node) value {
	v := w.settled(w.expression(only(n)))
	if v.list || !isFloat(elem(v.typ)) {
		fail(n, "NumPy's mean of what is no list of floating-point numbers")
	}
	return value{text: "meanOf(" + v.text + ")", typ: floatType}
}

// unpackStarred writes a, *b = list.
func (w *writer) unpackStarred(n *node, targets []*node, v value) bool {
	star := slices.IndexFunc(targets, func(t *node) bool { return t.Kind == "Starred" })
	if star < 0 || v.sizesOf != "" && (targets[star].Value.Name == "_" || star == 0 && targets[star].Value.Name == "_") {
		return false
	}
	if w.isTensor(v.typ) {
		v = value{text: v.primary() + ".Unbind(0)", typ: w.tensors, node: v.node}
	}
	v = w.collectedSequence(w.settled(v))
	e := elem(v.typ)
	if e == nil || e == conflict {
		fail(n, "a starred name for what is no list")
	}
	name := v.text
	if v.variable == nil || strings.ContainsAny(name, "([{") {
		name = w.temporary("parts")
		w.printf("%s := %s", name, v.text)
	}
	plainTargets := slices.Clone(targets)
	plainTargets[star] = targets[star].Value
	parts := make([]value, len(targets))
	behind := len(targets) - star - 1
	for i := range parts {
		switch {
		case i < star:
			parts[i] = value{text: fmt.Sprintf("%s[%d]", name, i), typ: e, dtype: v.dtype, node: n}
		case i > star:
			parts[i] = value{text: fmt.Sprintf("%s[len(%s)-%d]", name, name, len(parts)-i), typ: e, dtype: v.dtype, node: n}
		case behind == 0:
			parts[i] = value{text: fmt.Sprintf("%s[%d:]", name, star), typ: v.typ, node: n}
		default:
			parts[i] = value{text: fmt.Sprintf("%s[%d:len(%s)-%d]", name, star, name, behind), typ: v.typ, node: n}
		}
	}
	if around := w.fn.top().node; changed(around, plainTargets[star].Name) || v.variable != nil && changed(around, v.variable.python) {
		parts[star].text = "slices.Clone(" + parts[star].text + ")"
	}
	w.assignParts(n, plainTargets, parts, w.trailing(n.EndLine))
	return true
}

// assignable writes an element as what several values are assigned to at once.
func (w *writer) assignable(t *node) string {
	object := w.expression(t.Value)
	switch {
	case elem(object.typ) != nil && t.Slice.Kind != "Slice":
		return fmt.Sprintf("%s[%s]", object.primary(), w.place(object, t.Slice))
	case w.isDict(object.typ) && !isOrdered(object.typ) && object.typ != emptyDict:
		return w.elementOf(object, w.expression(t.Slice)).text
	}
	fail(t, "an assignment to several places of which one is no element of a list")
	return ""
}

// chosen translates x or y, and x and y, of values that are no bools.
func (w *writer) chosen(n *node) (value, bool) {
	if known, _ := w.staticTest(n); known {
		return value{}, false
	}
	if n.Op == "Or" {
		w.mayBeNone(n)
	}
	start := w.position()
	a := w.settled(w.expression(n.Values[0]))
	if a.list || a.statement || a.path != "" || isBool(a.typ) || a.typ == nil {
		w.back(start)
		unknown := a.typ == nil && a.text != "" && !w.final()
		return value{node: n, text: a.text}, unknown // another pass knows it
	}
	rest := n.Values[1]
	if len(n.Values) > 2 {
		all := *n
		all.Values = n.Values[1:]
		rest = &all
	}
	outer := w.inline
	w.inline = true
	b := w.settled(w.expression(rest))
	w.inline = outer
	switch {
	case b.typ == nil && !w.final():
		w.back(start)
		return value{node: n, text: a.text + " or " + b.text}, true // another pass knows it
	case b.typ == nil || isBool(b.typ) || b.list:
		w.back(start)
		return value{}, false
	}
	t := w.join(a.typ, b.typ)
	if inner := optional(a.typ); inner != nil && !nilable(solid(b.typ)) && n.Op == "Or" {
		t = w.join(inner, b.typ)
	}
	if t == conflict || t == noneType {
		fail(n, "a choice of different types")
	}
	first, second := w.coerce(a, t), w.coerce(b, t)
	if inner := optional(a.typ); inner != nil && same(inner, solid(t)) {
		first = "*" + a.primary()
	}
	if n.Op == "And" {
		first, second = second, first
	}
	x := w.fresh(n)
	switch pure := isPure(rest); {
	case n.Op == "Or" && x != nil && !w.inline && !pure:
		x.declared = true
		w.printf("var %s %s\nif %s {\n%[1]s = %[4]s\n} else {\n%[1]s = %[5]s\n}", x.goName, typeText(t), w.truth(a).text, first, second)
		return value{text: x.goName, typ: t}, true
	case n.Op == "Or" && !w.inline && pure && (!w.called || isPure(n)):
		name := ""
		if x != nil {
			name, x.declared = x.goName, true
		} else {
			name = w.temporary(cmp.Or(w.hint, "value"))
		}
		if isFloat(t) && b.literal && !strings.ContainsAny(second, ".e(") {
			second += ".0"
		}
		w.printf("%s := %s\nif %s {\n%[1]s = %[4]s\n}", name, second, w.truth(a).text, first)
		return value{text: name, typ: t}, true
	}
	return value{text: fmt.Sprintf("func() %s {\nif %s {\nreturn %s\n}\nreturn %s\n}()", typeText(t), w.truth(a).text, first, second), typ: t}, true
}
