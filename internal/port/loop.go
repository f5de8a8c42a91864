package port

import (
	"fmt"
	"go/types"
	"strings"
)

// loop writes a loop over what iter gives, with body in it.
func (w *writer) loop(n, target, iter *node, inside *block, body func()) {
	outer := w.block
	enter := func(head string) {
		w.printf("%s%s", head, w.trailing(n.Line))
		w.block = inside
	}
	w.inside = inside
	w.header(n, target, iter, enter)
	body()
	w.block = outer
	w.printf("}")
}

// header writes what a loop begins with.
func (w *writer) header(n, target, iter *node, enter func(string)) {
	if iter.Kind == "Call" && iter.Func.Kind == "Name" && w.fn.scope(iter.Func.Name) == nil {
		switch iter.Func.Name {
		case "range":
			w.rangeLoop(n, target, iter, enter)
			return
		case "enumerate":
			w.enumerateLoop(n, target, iter, enter)
			return
		case "zip":
			w.zipLoop(n, "", target, iter, enter)
			return
		case "tqdm", "list", "tuple", "trange":
			if iter.Func.Name != "trange" && len(iter.Arguments) > 0 {
				w.header(n, target, iter.Arguments[0], enter)
				return
			}
		case "reversed":
			w.reversedLoop(n, target, iter, enter)
			return
		}
	}
	if zipped := w.zipped(iter); zipped != nil {
		w.zipLoop(n, "", target, zipped, enter)
		return
	}
	if w.path(callee(iter)) == "itertools.count" && len(iter.Arguments) < 2 && len(iter.Keywords) == 0 {
		start := "0"
		if len(iter.Arguments) == 1 {
			start = w.coerce(w.expression(iter.Arguments[0]), intType)
		}
		name, sign := w.loopName(target, intType, "")
		if name == "_" {
			enter("for {")
			return
		}
		enter(fmt.Sprintf("for %s %s %s; ; %s++ {", name, sign, start, name))
		return
	}
	if iter.Kind == "Call" && iter.Func.Kind == "Attribute" {
		if w.pairsLoop(n, target, iter, enter) {
			return
		}
	}
	v := w.settled(w.expression(iter))
	w.over(n, "_", target, v, enter)
}

// loopName returns the Go name of a loop's variable and declares it there.
func (w *writer) loopName(t *node, typ types.Type, dtype string) (name, sign string) {
	if t.Kind != "Name" {
		return w.loopTemporary("item"), ":="
	}
	if t.Name == "_" {
		return "_", ":="
	}
	x := w.fn.scope(t.Name)
	if x == nil {
		fail(t, "a variable that is not known")
	}
	w.learn(x, typ)
	x.dtype = dtype
	if x.typ == conflict {
		fail(t, "%s holds values of different types", t.Name)
	}
	if w.unused[x] {
		x.declared = true
		return "_", ":="
	}
	if x.declared || x.global || w.declaredOutside(x) {
		if x.declared && x.home != nil && x.home.loop && x.home.depth > w.block.depth {
			x.declared = false
		} else {
			return x.goName, "="
		}
	}
	x.declared = true
	return x.goName, ":="
}

// declaredOutside reports whether a loop's variable lives on behind it.
func (w *writer) declaredOutside(x *variable) bool {
	if x.home == nil || x.home.depth > w.block.depth {
		return false
	}
	if !x.declared {
		w.printf("var %s %s", x.goName, typeText(x.typ))
		x.declared = true
	}
	return true
}

// counter notes whether a loop's variable may be negative.
func (w *writer) counter(t *node, count, positive bool) {
	if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil {
		w.sets(x, value{typ: intType, count: count, positive: positive})
	}
}

func (w *writer) rangeLoop(n, target, iter *node, enter func(string)) {
	var args []string
	var counts []bool
	for _, a := range iter.Arguments {
		v := w.expression(a)
		if isFloat(v.typ) {
			fail(a, "a range of floating-point numbers")
		}
		args = append(args, w.coerce(v, intType))
		counts = append(counts, w.isCount(v))
	}
	w.holdBounds(n, iter, args)
	name, sign := w.loopName(target, intType, "")
	up := len(args) == 1 || counts[0] && (len(args) == 2 || counts[1] || args[1] == "-1")
	w.counter(target, up, up && len(args) == 2 && w.isPositive(w.expression(iter.Arguments[0])))
	if len(args) > 1 && name != "_" && reassigned(n.Body, target.Name) {
		counter := w.loopTemporary("i")
		inner := enter
		python, pythonSign := name, sign
		enter = func(head string) { inner(head); w.printf("%s %s %s", python, pythonSign, counter) }
		name, sign = counter, ":="
	}
	if len(args) == 2 && name != "_" {
		for _, one := range []string{"+1", " + 1"} {
			if upper, ok := strings.CutSuffix(args[1], one); ok && iter.Arguments[1].Kind == "BinOp" {
				enter(fmt.Sprintf("for %s %s %s; %s <= %s; %s++ {", name, sign, args[0], name, upper, name))
				return
			}
		}
	}
	switch {
	case len(args) == 1 && name == "_":
		enter("for range " + args[0] + " {")
	case len(args) == 1:
		enter(fmt.Sprintf("for %s %s range %s {", name, sign, args[0]))
	case name == "_" && args[0] != "" && len(args) == 2:
		enter(fmt.Sprintf("for range %s {", difference(args[1], args[0])))
	case len(args) == 2 || len(args) == 3:
		if name == "_" {
			name = w.loopTemporary("i")
		}
		step, compare := "++", "<"
		if len(args) == 3 {
			step = " += " + args[2]
			if negative, ok := strings.CutPrefix(args[2], "-"); ok {
				compare = ">"
				step = " -= " + negative
				if negative == "1" {
					step = "--"
				}
			} else if !counts[2] {
				enter(fmt.Sprintf("for %s %s %s; %[4]s > 0 && %[1]s < %[5]s || %[4]s < 0 && %[1]s > %[5]s; %[1]s += %[4]s {", name, sign, args[0], args[2], args[1]))
				return
			}
		}
		enter(fmt.Sprintf("for %s %s %s; %s %s %s; %s%s {", name, sign, args[0], name, compare, args[1], name, step))
	default:
		fail(iter, "a range of %d arguments", len(args))
	}
}

// difference writes a - b without needless brackets.
func difference(a, b string) string {
	if rest, ok := strings.CutSuffix(a, "+"+b); ok {
		return rest
	}
	if rest, ok := strings.CutSuffix(a, " + "+b); ok {
		return rest
	}
	return a + "-" + b
}

func (w *writer) enumerateLoop(n, target, iter *node, enter func(string)) {
	if target.Kind != "Tuple" || len(target.Elts) != 2 || target.Elts[0].Kind != "Name" {
		fail(n, "enumerate into one name")
	}
	source := iter.Arguments[0]
	start := ""
	if len(iter.Arguments) == 2 {
		start = w.expression(iter.Arguments[1]).text
	}
	for _, k := range iter.Keywords {
		start = w.expression(k.Value).text
	}
	if source.Kind == "Call" && source.Func.Name == "tqdm" && len(source.Arguments) > 0 {
		source = source.Arguments[0]
	}
	counter := target.Elts[0]
	w.counter(counter, true, false)
	if zipped := w.zipped(source); zipped != nil && target.Elts[1].Kind == "Tuple" {
		if start != "" {
			fail(n, "enumerate of zip from another number than 0")
		}
		name, enter := w.liveCounter(counter, enter)
		w.zipLoop(n, name, target.Elts[1], zipped, enter)
		return
	}
	v := w.settled(w.expression(source))
	if start == "" || start == "0" {
		name, enter := w.liveCounter(counter, enter)
		w.over(n, name, target.Elts[1], v, enter)
		return
	}
	name := w.loopTemporary("i")
	w.over(n, name, target.Elts[1], v, enter)
	w.assignParts(n, []*node{counter}, []value{{text: name + "+" + start, typ: intType, node: n, count: true}}, "")
}

// liveCounter returns the name of a loop's counter, and how the loop begins if the counter
// lives on behind it.
func (w *writer) liveCounter(counter *node, enter func(string)) (string, func(string)) {
	name, sign := w.loopName(counter, intType, "")
	if sign != "=" {
		return name, enter
	}
	index := w.loopTemporary("i")
	return index, func(head string) {
		enter(head)
		w.printf("%s = %s", name, index)
	}
}

// over writes a loop over a value, with the name of a counter.
func (w *writer) over(n *node, counter string, target *node, v value, enter func(string)) {
	element := func(typ types.Type, format string, args ...any) {
		name, sign := w.loopName(target, typ, v.dtype)
		if isNumber(typ) {
			w.counter(target, false, false)
		}
		switch {
		case counter == "_" && name == "_":
			enter(fmt.Sprintf("for range "+format+" {", args...))
		case name == "_":
			enter(fmt.Sprintf("for %s %s range %s {", counter, sign, fmt.Sprintf(format, args...)))
		default:
			if sign == "=" && counter != "_" {
				item, live := w.loopTemporary("item"), name
				enter(fmt.Sprintf("for %s, %s := range %s {", counter, item, fmt.Sprintf(format, args...)))
				w.printf("%s = %s", live, item)
				break
			}
			enter(fmt.Sprintf("for %s, %s %s range %s {", counter, name, sign, fmt.Sprintf(format, args...)))
		}
		if target.Kind != "Name" {
			w.unpackItem(n, target, value{text: name, typ: typ, node: n, variable: &variable{}})
		}
	}
	switch t := v.typ; {
	case t == nil && v.variable != nil:
		if target.Kind == "Tuple" && len(target.Elts) == 2 {
			w.expect(v.variable, w.batches(), false)
		}
		fail(n, "a loop over what is not known")
	case w.isLoader(t):
		w.loaderLoop(n, counter, target, v, enter)
	case sequenced(t) != nil:
		w.sequenceLoop(n, counter, target, v, enter)
	case elem(t) == conflict:
		fail(n, "a loop over a list of what is not known")
	case w.isTensor(t):
		element(w.tensor, "%s.Unbind(0)", v.primary())
	case isString(t):
		element(stringType, "strings.Split(%s, \"\")", v.text)
	case w.isStateDict(t):
		element(stringType, "%s.Names()", v.primary())
	case elem(t) != nil && n.Kind == "For" && v.variable != nil && v.variable.python != "" && grown(&node{Body: n.Body}, v.variable.python):
		w.growingLoop(n, counter, target, v, enter)
	case elem(t) != nil:
		element(elem(t), "%s", v.text)
	case w.isDict(t):
		keys := w.keysOf(v)
		element(elem(keys.typ), "%s", keys.text)
	case w.isSet(t):
		fail(n, "a loop over a set, whose order Python does not keep either: sorted() gives one")
	default:
		if e := w.allOf(t); e != nil {
			element(e, "%s.All()", v.primary())
			return
		}
		fail(n, "a loop over %s", typeText(t))
	}
}

// unpackItem writes the unpacking of a loop's element.
func (w *writer) unpackItem(n, target *node, v value) {
	w.assignParts(n, target.Elts, w.parts(n, v, len(target.Elts), target.Elts), "")
}

// allOf returns what the All method of a container gives, or nil.
func (w *writer) allOf(t types.Type) types.Type {
	m, ok := member(t, "All").(*types.Func)
	if !ok {
		return nil
	}
	results := m.Signature().Results()
	if m.Signature().Params().Len() > 0 || results.Len() != 1 {
		return nil
	}
	yield, ok := results.At(0).Type().Underlying().(*types.Signature)
	if !ok || yield.Params().Len() != 1 {
		return nil
	}
	each, ok := yield.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok || each.Params().Len() != 2 || !isInt(each.Params().At(0).Type()) {
		return nil
	}
	return each.Params().At(1).Type()
}

// isLoader reports whether a type is a *data.DataLoader.
func (w *writer) isLoader(t types.Type) bool { return w.loaded(t) != nil }

// loaded returns what a DataLoader gives, or nil.
func (w *writer) loaded(t types.Type) types.Type {
	p, ok := t.(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := p.Elem().(*types.Named)
	if !ok || n.Obj().Name() != "DataLoader" || n.TypeArgs().Len() != 1 {
		return nil
	}
	return n.TypeArgs().At(0)
}

// batches is the type of a loader of tensors.
func (w *writer) batches() types.Type {
	generic, ok := w.named("torch/utils/data", "DataLoader").(*types.Named)
	if !ok {
		return nil
	}
	t, err := types.Instantiate(nil, generic, []types.Type{w.tensors}, false)
	if err != nil {
		return nil
	}
	return types.NewPointer(t)
}

// loaderLoop writes a loop over the batches of a loader.
func (w *writer) loaderLoop(n *node, counter string, target *node, v value, enter func(string)) {
	batch := w.loaded(v.typ)
	if counter != "_" {
		w.printf("var err error")
		name := w.loopTemporary("batch")
		enter(fmt.Sprintf("for %s, %s := range %s.Enumerate(context.Background(), &err) {", counter, name, v.primary()))
		w.printf("if err != nil {\npanic(err)\n}")
		w.batch(n, target, name, batch)
		return
	}
	name := w.loopTemporary("batch")
	enter(fmt.Sprintf("for %s, err := range %s.All(context.Background()) {", name, v.primary()))
	w.printf("if err != nil {\npanic(err)\n}")
	w.batch(n, target, name, batch)
}

// batch writes the unpacking of a batch.
func (w *writer) batch(n, target *node, name string, t types.Type) {
	v := value{text: name, typ: t, node: n, variable: &variable{}}
	if target.Kind == "Tuple" {
		w.unpackItem(n, target, v)
	} else {
		w.assignName(n, target, v)
	}
}

// zipLoop writes a loop over several lists.
func (w *writer) zipLoop(n *node, index string, target, iter *node, enter func(string)) {
	if target.Kind != "Tuple" || len(target.Elts) != len(iter.Arguments) || len(iter.Keywords) > 0 {
		fail(n, "zip into one name")
	}
	var lengths []string
	parts := make([]value, len(iter.Arguments))
	if index == "" || index == "_" {
		index = w.loopTemporary("i")
	}
	for i, a := range iter.Arguments {
		v := w.settled(w.expression(a))
		var length, at string
		var e types.Type
		if w.isTensor(v.typ) {
			v = value{text: v.primary() + ".Unbind(0)", typ: w.tensors, node: a}
		}
		if strings.Contains(v.text, "(") || strings.Contains(v.text, "{") {
			name := w.temporary("list")
			w.printf("%s := %s", name, v.text)
			v.text, v.prec = name, 0
		}
		switch {
		case elem(v.typ) != nil:
			length, at, e = "len("+v.text+")", fmt.Sprintf("%s[%s]", v.primary(), index), elem(v.typ)
		case w.allOf(v.typ) != nil && member(v.typ, "At") != nil:
			length, at, e = v.primary()+".Len()", fmt.Sprintf("%s.At(%s)", v.primary(), index), w.allOf(v.typ)
		default:
			fail(a, "zip of what is no list")
		}
		lengths = append(lengths, length)
		parts[i] = value{text: at, typ: e, node: a}
	}
	enter(fmt.Sprintf("for %s := range min(%s) {", index, strings.Join(lengths, ", ")))
	for _, t := range target.Elts {
		if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil && x.home != nil && x.home.depth >= w.block.depth {
			x.declared = false
		}
	}
	w.assignParts(n, target.Elts, parts, "")
}

// zipped returns the zip that an expression is: itself, a variable of it, or a method that
// does no more than return one.
func (w *writer) zipped(n *node) *node {
	if n.Kind == "Call" && n.Func.Kind == "Name" && n.Func.Name == "zip" && w.fn.scope("zip") == nil {
		return n
	}
	if x := w.fn.scope(n.Name); n.Kind == "Name" && x != nil {
		return x.zip
	}
	if n.Kind != "Call" || n.Func.Kind != "Attribute" || len(n.Arguments)+len(n.Keywords) > 0 || n.Func.Value.Kind != "Name" {
		return nil
	}
	object, why := w.probed(n.Func.Value)
	c := w.classOf(object.typ)
	if why != nil || c == nil || c.method(n.Func.Name) == nil {
		return nil
	}
	zip := c.method(n.Func.Name).returnsZip()
	if zip == nil {
		return nil
	}
	return zip.replaced("self", n.Func.Value)
}

// returnsZip returns the zip that a method does no more than to return, or nil.
func (f *function) returnsZip() *node {
	if len(f.node.Body) != 1 || f.node.Body[0].Kind != "Return" || f.node.Body[0].Value == nil {
		return nil
	}
	if v := f.node.Body[0].Value; v.Kind == "Call" && v.Func.Kind == "Name" && v.Func.Name == "zip" && len(v.Keywords) == 0 {
		return v
	}
	return nil
}

// replaced returns a copy of a call of names and attributes, with an expression for a name.
func (n *node) replaced(name string, by *node) *node {
	if n == nil || n.Kind == "Name" && n.Name == name {
		return by
	}
	copied := *n
	if n.Value != nil {
		copied.Value = n.Value.replaced(name, by)
	}
	copied.Arguments = nil
	for _, a := range n.Arguments {
		copied.Arguments = append(copied.Arguments, a.replaced(name, by))
	}
	return &copied
}

// pairsLoop writes loops over named parameters and the like.
func (w *writer) pairsLoop(n, target, iter *node, enter func(string)) bool {
	names := map[string][2]string{
		"named_parameters": {"NamedParameters", "Tensor"}, "named_buffers": {"NamedBuffers", "Tensor"},
		"named_modules": {"NamedModules", "Module"}, "named_children": {"NamedChildren", "Module"},
	}
	if iter.Func.Name == "items" && len(iter.Arguments) == 0 {
		object := w.expression(iter.Func.Value)
		if w.childrenLoop(n, target, object, enter) {
			return true
		}
		if named, ok := object.typ.(*types.Named); ok && named.Obj().Name() == "StateDict" {
			w.namedLoop(target, object.text, "Tensor", w.tensor, enter)
			return true
		}
		if e := w.keyedOf(object.typ); e != nil && target.Kind == "Tuple" {
			key, _ := w.loopName(target.Elts[0], stringType, "")
			item, _ := w.loopName(target.Elts[1], e, "")
			enter(fmt.Sprintf("for %s, %s := range %s.All() {", key, item, object.primary()))
			return true
		}
		if w.isDict(object.typ) {
			w.dictLoop(n, target, object, enter)
			return true
		}
		fail(n, "a loop over items of what is not known")
	}
	pair, ok := names[iter.Func.Name]
	if !ok || target.Kind != "Tuple" || len(target.Elts) != 2 {
		return false
	}
	object := w.expression(iter.Func.Value)
	if member(object.typ, pair[0]) == nil && w.classOf(object.typ) == nil {
		return false
	}
	typ := w.tensor
	if pair[1] == "Module" {
		typ = w.anyModule
	}
	w.namedLoop(target, object.primary()+"."+pair[0]+"()", pair[1], typ, enter)
	return true
}

// keyedOf returns what an nn.ModuleDict holds, or nil.
func (w *writer) keyedOf(t types.Type) types.Type {
	if member(t, "Keys") == nil || member(t, "All") == nil {
		return nil
	}
	if at, ok := member(t, "At").(*types.Func); ok {
		return at.Signature().Results().At(0).Type()
	}
	return nil
}

func (w *writer) namedLoop(target *node, list, part string, typ types.Type, enter func(string)) {
	name := w.loopTemporary("named")
	enter(fmt.Sprintf("for _, %s := range %s {", name, list))
	for _, t := range target.Elts {
		if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil {
			x.declared = false
		}
	}
	w.assignParts(target, target.Elts, []value{{text: name + ".Name", typ: stringType, node: target}, {text: name + "." + part, typ: typ, node: target}}, "")
}

// reversedLoop writes a loop over reversed(list) or reversed(range(n)).
func (w *writer) reversedLoop(n, target, iter *node, enter func(string)) {
	of := only(iter)
	if of.Kind == "Call" && of.Func.Kind == "Name" && of.Func.Name == "range" && len(of.Arguments) < 3 {
		from := "0"
		last := of.Arguments[len(of.Arguments)-1]
		if len(of.Arguments) == 2 {
			from = w.coerce(w.expression(of.Arguments[0]), intType)
		}
		upper := w.expression(last)
		upper.text = w.coerce(upper, intType)
		name, sign := w.loopName(target, intType, "")
		if name == "_" {
			name = w.loopTemporary("i")
		}
		enter(fmt.Sprintf("for %s %s %s-1; %[1]s >= %[4]s; %[1]s-- {", name, sign, upper.operand(4), from))
		return
	}
	v := w.settled(w.expression(of))
	if elem(v.typ) == nil {
		fail(iter, "a loop over reversed of what is no list")
	}
	v.text = "slices.Backward(" + v.text + ")"
	w.over(n, "_", target, v, enter)
}
