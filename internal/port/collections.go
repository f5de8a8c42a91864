package port

import (
	"fmt"
	"go/types"
	"strings"
)

// Python's collections: a Counter and a defaultdict are dicts with a value for keys that are
// not there, a deque is a list that keeps so many of its last elements.

// addCollections adds the classes of collections to the specials.
func addCollections() {
	specials["collections.Counter"] = newCounter
	specials["collections.defaultdict"] = newDefaultDict
	specials["collections.deque"] = newDeque
}

// newCounter translates Counter() and Counter(list).
func newCounter(w *writer, n *node) value {
	if len(n.Arguments) == 0 && len(n.Keywords) == 0 {
		return value{typ: emptyDict, node: n, defaults: true}
	}
	v := w.collectedSequence(w.settled(w.expression(only(n))))
	if isString(v.typ) {
		v = value{text: "strings.Split(" + v.text + `, "")`, typ: types.NewSlice(stringType)}
	}
	e := elem(v.typ)
	if e == nil || e == conflict || !types.Comparable(e) {
		fail(n, "a Counter of what is no list")
	}
	t := types.NewMap(e, intType)
	w.keepOrder(t)
	return value{text: "counted(" + v.text + ")", typ: w.dictType(e, intType), node: n, defaults: true}
}

// newDefaultDict translates defaultdict(int), of float, list or lambda: 0.
func newDefaultDict(_ *writer, n *node) value {
	f := only(n)
	zeros := f.Kind == "Lambda" && f.Value.Kind == "Constant" && (f.Value.Constant == "0" || f.Value.Constant == "0.0") || f.Kind == "Lambda" && f.Value.Kind == "List" && len(f.Value.Elts) == 0
	if !zeros && (f.Kind != "Name" || f.Name != "int" && f.Name != "float" && f.Name != "list") {
		fail(n, "a defaultdict of what has another zero in Go")
	}
	return value{typ: emptyDict, node: n, defaults: true}
}

// newDeque translates deque(list, maxlen=n).
func newDeque(w *writer, n *node) value {
	v := value{list: true, node: n}
	if len(n.Arguments) > 0 && n.Arguments[0].Kind == "List" && len(n.Arguments[0].Elts) == 0 {
		bare := *n
		bare.Arguments, n = nil, &bare
	}
	if len(n.Arguments) > 0 {
		v = w.settled(w.expression(n.Arguments[0]))
	}
	if len(n.Arguments) > 1 {
		fail(n, "a deque with other arguments")
	}
	for _, k := range n.Keywords {
		if k.Name != "maxlen" {
			fail(n, "a deque with %s", k.Name)
		}
		if k.Value.Type == "NoneType" {
			continue
		}
		if len(n.Arguments) > 0 {
			fail(n, "a deque that begins with elements")
		}
		v.limit = w.limitOf(n, k.Value)
	}
	return v
}

// limitOf returns what says how many elements a deque keeps, wherever something is added.
func (w *writer) limitOf(n, limit *node) string {
	x := w.expression(limit)
	text := w.coerce(x, intType)
	if x.literal || x.variable != nil && x.variable.global {
		return text
	}
	if w.at.Kind != "Assign" || len(w.at.Targets) != 1 {
		fail(n, "a deque whose length is computed")
	}
	switch t := w.at.Targets[0]; {
	case t.Kind == "Attribute" && t.Value.Kind == "Name" && t.Value.Name == "self" && w.fn.ownClass() != nil:
		c := w.fn.ownClass()
		f := c.field(t.Name + "_limit")
		w.learn(&f.variable, intType)
		w.after = append(w.after, fmt.Sprintf("%s.%s = %s", w.receiver, f.name(c), text))
		return "." + f.name(c)
	case t.Kind == "Name" && x.variable != nil:
		return text
	}
	fail(n, "a deque whose length is computed")
	return ""
}

// dequeMethod translates the methods that a deque has beside those of lists.
func (w *writer) dequeMethod(n *node, object value, name string) (value, bool) {
	x := object.variable
	if x == nil {
		return value{}, false
	}
	switch {
	case name == "append" && x.limit != "" && len(n.Arguments) == 1:
		made := w.listMethod(n, object, name)
		limit := x.limit
		if strings.HasPrefix(limit, ".") {
			limit = object.text[:strings.LastIndex(object.text, ".")] + limit
		}
		target, appended, _ := strings.Cut(made.text, " = ")
		made.text = fmt.Sprintf("%s = lastOf(%s, %s)", target, appended, limit)
		return made, true
	case name == "popleft" && len(n.Arguments) == 0:
		pop := *n
		pop.Arguments = []*node{defaultNode("0", n.Line)}
		return w.listMethod(&pop, object, "pop"), true
	case name == "appendleft" && x.limit == "" && len(n.Arguments) == 1:
		insert := *n
		insert.Arguments = []*node{defaultNode("0", n.Line), n.Arguments[0]}
		return w.listMethod(&insert, object, "insert"), true
	}
	return value{}, false
}

// counterMethod translates most_common of a Counter.
func (w *writer) counterMethod(n *node, object value, name string) (value, bool) {
	key, element := dictTypes(object.typ)
	if name != "most_common" || key == nil || !isInt(element) || len(n.Arguments) > 1 {
		return value{}, false
	}
	w.keepOrder(object.typ)
	t := w.newRecordType("counted", "", []string{"value", "count"}, []types.Type{key, intType})
	if t == nil {
		fail(n, "a Counter of which nothing is known")
	}
	list := w.temporary("counts")
	if w.inline {
		fail(n, "most_common within a condition")
	}
	r := w.recordOf(t)
	w.printf("var %s []%s\nfor value, count := range %s.All() {\n%[1]s = append(%[1]s, %[2]s{value, count})\n}", list, typeText(t), object.primary())
	w.printf("slices.SortStableFunc(%s, func(a, b %s) int { return cmp.Compare(b.%s, a.%[3]s) })", list, typeText(t), r.field(1))
	v := value{text: list, typ: types.NewSlice(t), node: n}
	if len(n.Arguments) == 1 {
		k := w.coerce(w.expression(n.Arguments[0]), intType)
		v.text = fmt.Sprintf("%s[:min(%s, len(%[1]s))]", list, k)
	}
	return v, true
}

// defaultElement returns d[k] of a dict with a value for keys that are not there.
func (w *writer) defaultElement(object, key value) (value, bool) {
	if object.variable == nil || !object.variable.defaults && !object.defaults {
		return value{}, false
	}
	k, e := dictTypes(object.typ)
	if k == nil || object.typ == emptyDict {
		return value{}, false
	}
	if isOrdered(object.typ) {
		return value{text: fmt.Sprintf("%s.values[%s]", object.primary(), w.coerce(key, k)), typ: e}, true
	}
	return value{text: fmt.Sprintf("%s[%s]", object.primary(), w.coerce(key, k)), typ: e}, true
}

// appendToElement translates d[k].append(v) of a dict of lists.
func (w *writer) appendToElement(n *node) (value, bool) {
	of := n.Func.Value
	if of.Kind != "Subscript" || n.Func.Name != "append" || len(n.Arguments) != 1 {
		return value{}, false
	}
	object := w.expression(of.Value)
	if !w.isDict(object.typ) {
		return value{}, false
	}
	key := w.expression(of.Slice)
	v := w.settled(w.kept(n, w.expression(n.Arguments[0])))
	if object.variable != nil && key.typ != nil && v.typ != nil && !v.list {
		_, element := dictTypes(object.typ)
		if object.typ == emptyDict || element == nil || elem(element) == nil || !same(elem(element), solid(v.typ)) {
			w.learn(object.variable, w.dictType(key.typ, types.NewSlice(solid(v.typ))))
			object.typ = object.variable.typ
		}
	}
	k, e := dictTypes(object.typ)
	if k == nil || object.typ == emptyDict || elem(e) == nil {
		fail(n, "a dict of which nothing is known")
	}
	now, ok := w.defaultElement(object, key)
	if !ok {
		now = w.elementOf(object, key)
	}
	text := fmt.Sprintf("append(%s, %s)", now.text, w.coerce(w.settledFor(v, elem(e)), elem(e)))
	return value{text: setText(object.typ, object.primary(), w.coerce(key, k), text), statement: true}, true
}
