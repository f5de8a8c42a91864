package port

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Python's dicts keep the order in which their keys came. Those that are never looped over
// are maps in Go; a type of map that is looped over is a dict, a type of the ported file
// itself, everywhere: so that what is looped over is what was made.

// emptyDict is a dict to which nothing was added yet.
var emptyDict = types.NewMap(stringType, conflict)

// dictGeneric and setGeneric are the types that the helpers declare.
var dictGeneric, setGeneric = genericHelper("dict", 2), genericHelper("set", 1)

func genericHelper(name string, count int) *types.Named {
	t := types.NewNamed(types.NewTypeName(token.NoPos, types.NewPackage("main", "main"), name, nil), types.NewStruct(nil, nil), nil)
	var params []*types.TypeParam
	for i := range count {
		constraint := types.Universe.Lookup("any").Type()
		if i == 0 {
			constraint = types.Universe.Lookup("comparable").Type()
		}
		params = append(params, types.NewTypeParam(types.NewTypeName(token.NoPos, nil, string(rune('K'+i)), nil), constraint))
	}
	t.SetTypeParams(params)
	return t
}

// instance returns the arguments of a type that is made of a generic one, or nil.
func instance(t types.Type, of *types.Named) *types.TypeList {
	if named, ok := t.(*types.Named); ok && named.Origin() == of {
		return named.TypeArgs()
	}
	return nil
}

// dictTypes returns the types of a dict's keys and values, or nil.
func dictTypes(t types.Type) (key, element types.Type) {
	if p, ok := t.(*types.Pointer); ok {
		if arguments := instance(p.Elem(), dictGeneric); arguments != nil {
			return arguments.At(0), arguments.At(1)
		}
	}
	if m, ok := t.(*types.Map); ok {
		return m.Key(), m.Elem()
	}
	return nil, nil
}

func isDict(t types.Type) bool {
	key, _ := dictTypes(t)
	return key != nil
}

func (w *writer) isDict(t types.Type) bool { return t != nil && isDict(t) }

// isSet reports whether a type is a set.
func (w *writer) isSet(t types.Type) bool { return t != nil && instance(t, setGeneric) != nil }

// isOrdered reports whether a dict keeps its order.
func isOrdered(t types.Type) bool {
	_, ok := t.(*types.Pointer)
	return ok
}

// dictType returns the type of dicts with such keys and values.
func (p *program) dictType(key, element types.Type) types.Type {
	m := types.NewMap(solid(key), solid(element))
	if !p.ordered[typeText(m)] {
		return m
	}
	t, err := types.Instantiate(nil, dictGeneric, []types.Type{m.Key(), m.Elem()}, false)
	if err != nil {
		return m
	}
	return types.NewPointer(t)
}

// keepOrder makes the type of a dict one that keeps its order.
func (p *program) keepOrder(t types.Type) {
	m, ok := t.(*types.Map)
	if !ok || m.Elem() == conflict || p.ordered[typeText(m)] {
		return
	}
	p.ordered[typeText(m)] = true
	p.changed = true
	p.everything(func(v *variable) { v.typ = p.reordered(v.typ) }, func(f *function) { f.result = p.reordered(f.result) })
}

// reordered returns a type with the dicts that keep their order.
func (p *program) reordered(t types.Type) types.Type {
	if t == emptyDict {
		return t
	}
	switch t := t.(type) {
	case *types.Map:
		return p.dictType(p.reordered(t.Key()), p.reordered(t.Elem()))
	case *types.Slice:
		if t != emptyList {
			return types.NewSlice(p.reordered(t.Elem()))
		}
	case *types.Tuple:
		list := make([]types.Type, t.Len())
		for i := range list {
			list[i] = p.reordered(t.At(i).Type())
		}
		return tupleOf(list)
	case *types.Pointer:
		if key, element := dictTypes(t); key != nil {
			return p.dictType(key, p.reordered(element))
		}
	}
	return t
}

// emptyText writes an empty dict or set.
func emptyText(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		return "&" + typeText(p.Elem()) + "{}"
	}
	return typeText(t) + "{}"
}

// dict translates a dict that is written out.
func (w *writer) dict(n *node) value {
	if len(n.Keys) == 0 {
		if x := w.assigned(); x != nil && (w.isStateDict(x.typ) || w.becomesState(x)) {
			return value{text: "nn.StateDict{}", typ: w.stateDict()}
		}
		return value{typ: emptyDict, node: n}
	}
	var key, element types.Type
	var keys, values []value
	mixed := false
	wantKey, wantElement := types.Type(nil), types.Type(nil)
	if w.want != nil && w.at.Value == n {
		wantKey, wantElement = dictTypes(w.want)
	}
	for i, k := range n.Keys {
		if k == nil {
			return w.spreadDict(n)
		}
		kv := w.expression(k)
		v, why := w.attempt(func() value {
			v := w.expression(n.Values[i])
			if wantElement != nil {
				v = w.settledFor(v, wantElement)
			}
			return w.settled(w.factoryFor(v, wantElement))
		})
		if why != nil {
			if w.final() && wantKey == nil { // when no value is but not known yet
				if s, ok := w.settingsLiteral(n); ok {
					return s
				}
			}
			fail(why.node, "%s", why.why)
		}
		if v.path != "" || v.class != nil || v.list {
			fail(n, "a dict of what Go has no type for")
		}
		keys, values = append(keys, kv), append(values, v)
		key, element = w.join(key, kv.typ), w.join(element, v.typ)
		mixed = mixed || v.typ != nil && values[0].typ != nil && !same(solid(v.typ), solid(values[0].typ))
	}
	if mixed && wantKey == nil && plainValues(values) {
		if s, ok := w.settingsLiteral(n); ok {
			return s
		}
	}
	if wantKey != nil {
		key, element = wantKey, wantElement
	}
	if key == nil || element == nil || key == conflict || element == conflict || !types.Comparable(key) {
		fail(n, "a dict of different types")
	}
	t := w.dictType(key, element)
	var parts []string
	for i := range keys {
		k, v := w.coerce(keys[i], key), w.coerce(values[i], element)
		if isOrdered(t) {
			parts = append(parts, fmt.Sprintf("Set(%s, %s)", k, v))
		} else {
			parts = append(parts, k+": "+v)
		}
	}
	if isOrdered(t) {
		return value{text: "new(" + strings.TrimPrefix(typeText(t), "*") + ").\n" + strings.Join(parts, ".\n"), typ: t}
	}
	return value{text: typeText(t) + "{" + strings.Join(parts, ", ") + "}", typ: t}
}

// plainValues reports whether values are but numbers, texts, bools, None, and lists and dicts
// of such.
func plainValues(values []value) bool {
	for _, v := range values {
		if t := v.typ; t != nil && t != noneType && !isNumber(t) && !isString(t) && !isBool(t) && elem(t) == nil && !isDict(t) {
			return false
		}
	}
	return true
}

// spreadDict translates {**a, "b": 1}.
func (w *writer) spreadDict(n *node) value {
	var parts []value
	var t types.Type
	for i, k := range n.Keys {
		one := value{}
		if k == nil {
			one = w.expression(n.Values[i])
		} else {
			single := *n
			single.Keys, single.Values = n.Keys[i:i+1], n.Values[i:i+1]
			one = w.dict(&single)
		}
		if !w.isDict(one.typ) {
			fail(n, "** of what is no dict")
		}
		parts = append(parts, one)
		t = w.join(t, one.typ)
	}
	return w.mergedDict(n, parts, t)
}

// mergedDict returns a new dict with what all of them have.
func (w *writer) mergedDict(n *node, parts []value, t types.Type) value {
	if !w.isDict(t) || t == emptyDict {
		fail(n, "dicts of different types")
	}
	var texts []string
	for _, v := range parts {
		texts = append(texts, w.coerce(v, t))
	}
	if isOrdered(t) {
		return value{text: "new(" + strings.TrimPrefix(typeText(t), "*") + ").Update(" + strings.Join(texts, ", ") + ")", typ: t}
	}
	return value{text: call("mergedMaps", texts), typ: t}
}

// dictBinary translates | of dicts, and operators on sets.
func (w *writer) dictBinary(n *node, a, b value) (value, bool) {
	switch {
	case w.isDict(a.typ) && w.isDict(b.typ) && n.Op == "BitOr":
		return w.mergedDict(n, []value{a, b}, w.join(a.typ, b.typ)), true
	case w.isSet(a.typ) && w.isSet(b.typ):
		return w.setBinary(n, a, b), true
	}
	return value{}, false
}

func (w *writer) dictComprehension(n *node) value {
	if w.isStateComprehension(n) {
		return w.stateComprehension(n, n.Key, n.Value)
	}
	return w.collected(n, "map", func(w *writer, name string) types.Type {
		key, v := w.expression(n.Key), w.settled(w.expression(n.Value))
		if key.typ == nil || v.typ == nil || v.list {
			return nil
		}
		if v.typ == conflict || !types.Comparable(solid(key.typ)) {
			fail(n, "a dict of different types")
		}
		t := w.dictType(key.typ, v.typ)
		w.printf("%s", setText(t, name, key.text, w.coerce(v, solid(v.typ))))
		return t
	})
}

// setText writes the statement that sets a key's value.
func setText(t types.Type, dict, key, v string) string {
	if isOrdered(t) {
		return fmt.Sprintf("%s.Set(%s, %s)", dict, key, v)
	}
	return fmt.Sprintf("%s[%s] = %s", dict, key, v)
}

// setElement writes d[k] = v.
func (w *writer) setElement(object, key, v value) {
	v = w.settled(v)
	if object.variable != nil && key.typ != nil && v.typ != nil && !v.list && v.typ != noneType {
		_, element := dictTypes(object.typ)
		if object.typ == emptyDict || !same(element, solid(v.typ)) {
			w.learn(object.variable, w.dictType(key.typ, v.typ))
			object.typ = object.variable.typ
		}
	}
	k, e := dictTypes(object.typ)
	if k == nil || object.typ == emptyDict {
		fail(v.node, "a dict of which nothing is known")
	}
	w.printf("%s", setText(object.typ, object.primary(), w.coerce(key, k), w.coerce(w.settledFor(v, e), e)))
}

// elementOf returns d[k].
func (w *writer) elementOf(object, key value) value {
	if v, ok := w.defaultElement(object, key); ok {
		return v
	}
	k, e := dictTypes(object.typ)
	if object.typ == emptyDict {
		fail(key.node, "an element of a dict of which nothing is known")
	}
	if isOrdered(object.typ) {
		return value{text: fmt.Sprintf("%s.At(%s)", object.primary(), w.coerce(key, k)), typ: e}
	}
	return value{text: fmt.Sprintf("%s[%s]", object.primary(), w.coerce(key, k)), typ: e}
}

// augmentedDict writes d[k] += v of a dict that keeps its order.
func (w *writer) augmentedDict(n *node) bool {
	if n.Target.Kind != "Subscript" {
		return false
	}
	object := w.expression(n.Target.Value)
	if object.typ == emptyDict && object.variable != nil {
		if k, v := w.expression(n.Target.Slice), w.expression(n.Value); k.typ != nil && v.typ != nil && !v.list {
			w.learn(object.variable, w.dictType(k.typ, v.typ))
		}
	}
	if !w.isDict(object.typ) || !isOrdered(object.typ) {
		return false
	}
	k, e := dictTypes(object.typ)
	if w.isTensor(e) {
		return false
	}
	key := w.coerce(w.expression(n.Target.Slice), k)
	sum := w.binary(&node{Kind: "BinOp", Op: n.Op, Left: n.Target, Right: n.Value, Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol})
	w.printf("%s.Set(%s, %s)", object.primary(), key, w.coerce(sum, e))
	return true
}

// lengthOf writes how many elements a dict or set has.
func (w *writer) lengthOf(v value) string {
	if isOrdered(v.typ) {
		return v.primary() + ".Len()"
	}
	return "len(" + v.text + ")"
}

// keysOf returns the keys of a dict, in their order.
func (w *writer) keysOf(v value) value {
	w.keepOrder(v.typ)
	key, _ := dictTypes(v.typ)
	return value{text: v.primary() + ".Keys()", typ: types.NewSlice(key), node: v.node}
}

// sortable returns what sorted takes of a dict or set.
func (w *writer) sortable(v value) value {
	key, _ := dictTypes(v.typ)
	switch {
	case w.isSet(v.typ):
		key = instance(v.typ, setGeneric).At(0)
	case key == nil:
		return v
	case isOrdered(v.typ):
		return w.keysOf(v)
	}
	return value{text: "maps.Keys(" + v.text + ")", typ: types.NewSlice(key), node: v.node}
}

// deleteKey writes del d[k].
func (w *writer) deleteKey(object, key value) string {
	k, _ := dictTypes(object.typ)
	if isOrdered(object.typ) {
		return fmt.Sprintf("%s.Delete(%s)", object.primary(), w.coerce(key, k))
	}
	return fmt.Sprintf("delete(%s, %s)", object.text, w.coerce(key, k))
}

// hasKey translates k in d, of a dict or set.
func (w *writer) hasKey(key, object value) value {
	if w.isSet(object.typ) {
		return value{text: fmt.Sprintf("%s[%s]", object.primary(), w.coerce(key, instance(object.typ, setGeneric).At(0))), typ: boolType}
	}
	k, _ := dictTypes(object.typ)
	switch {
	case k == nil:
		return value{}
	case object.typ == emptyDict:
		fail(key.node, "a dict of which nothing is known")
	case isOrdered(object.typ), w.called, w.inline:
		return value{text: w.inlineHas(object, w.coerce(key, k)), typ: boolType}
	}
	name := w.temporary("found")
	w.printf("_, %s := %s[%s]", name, object.primary(), w.coerce(key, k))
	return value{text: name, typ: boolType}
}

// dictLoop writes a loop over the items of a dict.
func (w *writer) dictLoop(n, target *node, object value, enter func(string)) {
	w.keepOrder(object.typ)
	if target.Kind != "Tuple" || len(target.Elts) != 2 {
		fail(n, "a loop over items into one name")
	}
	key, element := dictTypes(object.typ)
	if element == conflict {
		fail(n, "a loop over a dict of which nothing is known")
	}
	names := []string{}
	for i, t := range []types.Type{key, element} {
		name, sign := w.loopName(target.Elts[i], t, "")
		if sign == "=" {
			fail(n, "a variable that lives on behind its loop")
		}
		names = append(names, name)
	}
	head := fmt.Sprintf("for %s, %s := range %s.All() {", names[0], names[1], object.primary())
	if names[1] == "_" {
		head = fmt.Sprintf("for %s := range %s.All() {", names[0], object.primary())
	}
	enter(head)
	if target.Elts[1].Kind == "Tuple" {
		w.unpackItem(n, target.Elts[1], value{text: names[1], typ: element, node: n, variable: &variable{}})
	}
}

// dictMethod translates a method of a dict.
func (w *writer) dictMethod(n *node, object value, name string) value {
	key, element := dictTypes(object.typ)
	count := len(n.Arguments)
	if object.typ == emptyDict && name == "setdefault" && count == 2 && object.variable != nil {
		if k, v := w.expression(n.Arguments[0]), w.settled(w.expression(n.Arguments[1])); k.typ != nil && v.typ != nil && !v.list {
			w.learn(object.variable, w.dictType(k.typ, v.typ))
		}
	}
	if object.typ == emptyDict && name == "get" && count == 2 {
		k, v := w.expression(n.Arguments[0]), w.settled(w.expression(n.Arguments[1]))
		if k.typ != nil && v.typ != nil && !v.list && v.typ != noneType {
			if object.variable != nil {
				w.learn(object.variable, w.dictType(k.typ, v.typ))
			}
			return value{typ: solid(v.typ), text: v.text}
		}
	}
	if element == conflict {
		fail(n, "a dict of which nothing is known")
	}
	argument := func(i int, t types.Type) string { return w.coerce(w.settledFor(w.expression(n.Arguments[i]), t), t) }
	ordered := isOrdered(object.typ)
	switch {
	case name == "most_common":
		if v, ok := w.counterMethod(n, object, name); ok {
			return v
		}
	case name == "keys" && count == 0:
		return w.keysOf(object)
	case name == "values" && count == 0:
		w.keepOrder(object.typ)
		return value{text: object.primary() + ".Values()", typ: types.NewSlice(element)}
	case name == "get" && (count == 2 || count == 1 && nilable(element)):
		other := "nil"
		if count == 2 && n.Arguments[1].Type != "NoneType" {
			other = argument(1, element)
		} else if !nilable(element) {
			fail(n, "get that may give None")
		}
		switch {
		case ordered:
			return value{text: fmt.Sprintf("valueOr(%s.values, %s, %s)", object.primary(), argument(0, key), other), typ: element}
		case other == zero(element):
			return value{text: fmt.Sprintf("%s[%s]", object.primary(), argument(0, key)), typ: element}
		}
		return value{text: fmt.Sprintf("valueOr(%s, %s, %s)", object.text, argument(0, key), other), typ: element}
	case name == "pop" && count == 1 && !ordered:
		return value{text: fmt.Sprintf("takeKey(%s, %s)", object.text, argument(0, key)), typ: element}
	case name == "pop" && count == 1 && !w.called && !w.inline:
		k := argument(0, key)
		if w.at.Kind == "Expr" && w.at.Value == n {
			w.printf("%s.Delete(%s)", object.primary(), k)
			return value{statement: true}
		}
		v := w.temporary("value")
		w.printf("%s := %s.At(%s)\n%[2]s.Delete(%[3]s)", v, object.primary(), k)
		return value{text: v, typ: element, variable: &variable{typ: element, goName: v}}
	case name == "setdefault" && count == 2 && !w.called && !w.inline:
		k, v := argument(0, key), argument(1, element)
		w.printf("if !%s {\n%s\n}", w.inlineHas(object, k), setText(object.typ, object.primary(), k, v))
		if w.at.Kind == "Expr" && w.at.Value == n {
			return value{statement: true}
		}
		return w.elementOf(object, value{text: k, typ: key, node: n})
	case name == "update" && count == 1 && len(n.Keywords) == 0:
		other := w.coerce(w.expression(n.Arguments[0]), object.typ)
		if ordered {
			return value{text: fmt.Sprintf("%s.Update(%s)", object.primary(), other), statement: true}
		}
		return value{text: fmt.Sprintf("maps.Copy(%s, %s)", object.text, other), statement: true}
	case name == "copy" && count == 0 && ordered:
		return w.mergedDict(n, []value{object}, object.typ)
	case name == "copy" && count == 0:
		return value{text: "maps.Clone(" + object.text + ")", typ: object.typ}
	case name == "clear" && count == 0 && !ordered:
		return value{text: "clear(" + object.text + ")", statement: true}
	}
	fail(n, "a dict's method %s", name)
	return value{}
}

// inlineHas writes a test whether a dict has a key.
func (w *writer) inlineHas(object value, key string) string {
	if isOrdered(object.typ) {
		return object.primary() + ".Has(" + key + ")"
	}
	return fmt.Sprintf("hasKey(%s, %s)", object.text, key)
}

func builtinDict(w *writer, n *node) value {
	switch {
	case len(n.Arguments) == 0 && len(n.Keywords) == 0:
		return value{typ: emptyDict, node: n}
	case len(n.Arguments) == 0:
		return w.dict(keywordDict(n))
	case len(n.Arguments) > 1 || len(n.Keywords) > 0:
		fail(n, "dict of what is not known")
	}
	a := n.Arguments[0]
	if d := pairsDict(n, a); d != nil {
		return w.expression(d)
	}
	if v := w.expression(a); w.isDict(v.typ) {
		return w.dictMethod(&node{Kind: "Call", Line: n.Line, EndLine: n.EndLine}, v, "copy")
	}
	fail(n, "dict of what is not known")
	return value{}
}

// pairsDict returns what dict and OrderedDict make of pairs as a dict, the same one each time, or nil.
func pairsDict(n, pairs *node) *node {
	isPair := func(e *node) bool { return e != nil && e.Kind == "Tuple" && len(e.Elts) == 2 }
	d := &node{Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}
	switch {
	case n.Rest != nil:
		return n.Rest
	case (pairs.Kind == "ListComp" || pairs.Kind == "GeneratorExp") && isPair(pairs.Elt):
		d.Kind, d.Key, d.Value, d.Generators = "DictComp", pairs.Elt.Elts[0], pairs.Elt.Elts[1], pairs.Generators
	case pairs.Kind == "List" && len(pairs.Elts) > 0 && !slices.ContainsFunc(pairs.Elts, func(e *node) bool { return !isPair(e) }):
		d.Kind = "Dict"
		for _, e := range pairs.Elts {
			d.Keys, d.Values = append(d.Keys, e.Elts[0]), append(d.Values, e.Elts[1])
		}
	default:
		return nil
	}
	n.Rest = d
	return d
}
