package port

import (
	"fmt"
	"go/types"
	"strings"
)

func (w *writer) assign(n *node) {
	if w.flagParser(n) {
		return
	}
	if w.namesTransform(n) {
		return
	}
	if x := w.fn.locals[n.Targets[0].Name]; n.Targets[0].Kind == "Name" && x != nil && x.left {
		x.listed = n.Value.Elts
		return // weights = Weights.verify(weights)
	}
	if len(n.Targets) == 1 {
		if !w.choice(n) {
			w.assignTo(n, n.Targets[0], n.Value)
		}
		return
	}
	from := n.Value
	for _, t := range n.Targets {
		w.assignTo(n, t, from)
		if !isLiteral(n.Value) {
			from = n.Targets[0]
		}
	}
}

// choice writes x = a if test else b as an if statement.
func (w *writer) choice(n *node) bool {
	of := n.Value
	wrap := func(x *node) *node { return x }
	if of.Kind == "Call" && w.path(of.Func) == "torch.device" && len(of.Arguments) == 1 && len(of.Keywords) == 0 {
		device := of
		of = device.Arguments[0]
		wrap = func(x *node) *node {
			c := *device
			c.Arguments = []*node{x}
			return &c
		}
	}
	target := n.Targets[0]
	if of.Kind == "IfExp" && target.Kind == "Tuple" && of.Then.Kind == "Tuple" && isPure(&node{Kind: "BoolOp", Values: of.Other.Elts}) && len(of.Other.Elts) == len(target.Elts) {
		w.assignTo(n, target, of.Other)
		w.printf("if %s {", w.condition(of.Test).text)
		w.assignTo(n, target, of.Then)
		w.printf("}")
		return true
	}
	if of.Kind != "IfExp" || target.Kind != "Name" && target.Kind != "Attribute" {
		return false
	}
	if known, _ := w.staticTest(of.Test); known {
		return false
	}
	choose := func() {
		w.printf("if %s {", w.condition(of.Test).text)
		w.called = false // in this statement
		w.assignTo(n, target, wrap(of.Then))
		other := of.Other
		for other.Kind == "IfExp" {
			before, outer := len(w.lines), w.inline
			w.inline = true
			test := w.condition(other.Test)
			w.inline = outer
			if len(w.lines) > before {
				fail(n, "a condition of several statements within a choice")
			}
			w.printf("} else if %s {", test.text)
			w.assignTo(n, target, wrap(other.Then))
			other = other.Other
		}
		w.printf("} else {")
		w.assignTo(n, target, wrap(other))
		w.printf("}")
	}
	if w.chosenFunctions(of) {
		of = w.asLambdas(of)
	}
	simple := isLiteral(of.Other) || of.Other.Kind == "Name" || of.Other.Kind == "Attribute"
	if target.Kind == "Attribute" {
		if w.building && w.literal {
			fail(n, "a choice")
		}
		choose()
		return true
	}
	if !simple {
		x := w.fn.scope(target.Name)
		if x == nil {
			return false
		}
		for _, part := range []*node{of.Then, of.Other} {
			start := w.position()
			v := w.settled(w.expression(wrap(part)))
			w.back(start)
			w.learn(x, solid(v.typ))
			w.nameFunction(x, v)
		}
		if !x.declared && x.home == w.block && !w.unused[x] {
			w.printf("var %s %s", x.goName, typeText(x.typ))
			x.declared = true
		}
		choose()
		return true
	}
	w.assignTo(n, target, wrap(of.Other))
	w.printf("if %s {", w.condition(of.Test).text)
	w.assignTo(n, target, wrap(of.Then))
	w.printf("}")
	return true
}

func (w *writer) assignTo(n, target, from *node) {
	if w.namedLayers(target, from) || w.namesZip(target, from) {
		return
	}
	switch target.Kind {
	case "Name":
		if x := w.fn.scope(target.Name); x != nil && w.isTable(from) && from.Kind != "Tuple" {
			x.dict = from
			w.assignName(n, target, w.table(x, from))
			return
		}
		w.assignName(n, target, w.expression(from))
	case "Attribute":
		w.assignAttribute(n, target, w.expression(from))
	case "Subscript":
		w.assignElement(n, target, from)
	case "Tuple", "List":
		w.unpack(n, target.Elts, from)
	default:
		fail(target, "an assignment to a %s", strings.ToLower(target.Kind))
	}
}

// assignName writes an assignment to a variable, and declares it if it is new here.
func (w *writer) assignName(n, target *node, v value) {
	if w.castName(n, target, v) {
		return
	}
	if target.Name == "_" {
		w.printf("_ = %s", v.text)
		return
	}
	x := w.fn.scope(target.Name)
	if x == nil {
		fail(target, "a variable that is not known")
	}
	if x.alias != nil || w.holdsClass(v) && w.isAlias(x) {
		x.alias = &v
		return
	}
	v = w.factoryFor(v, x.typ)
	w.unify(x, v.variable)
	if w.isPair(v.typ) && w.isPair(x.typ) && w.final() {
		x.typ, w.changed = w.tensors, true // no state of an LSTM went into it
	}
	if !w.isPair(v.typ) || x.typ != nil && !same(x.typ, w.lstmState) && !w.isPair(x.typ) {
		v = w.kept(n, v)
	}
	if v.statement || v.path != "" || v.class != nil {
		w.holds(x, v)
		fail(n, "what Go does not hold in a variable")
	}
	if v.typ == noneType && (x.typ == nil || x.typ == noneType) && !x.param {
		w.learn(x, noneType)
		return // which is known where it is read
	}
	x = w.version(n, x, v)
	v = w.settledFor(v, x.typ)
	if v.typ == emptyDict && x.typ == nil {
		w.learn(x, emptyDict)
	}
	if v.list && len(v.items) == 0 {
		v = value{text: "nil", typ: emptyList, node: v.node, list: true, limit: v.limit}
	}
	if w.isPair(v.typ) && v.items == nil && w.isState(x, v) {
		h, c := w.temporary("h"), w.temporary("c")
		w.printf("%s, %s := %s", h, c, v.text)
		v = value{text: fmt.Sprintf("&nn.LSTMState{H: %s, C: %s}", h, c), typ: w.lstmState, node: v.node}
	}
	w.learn(x, v.typ)
	w.holdsList(x, v)
	w.sets(x, v)
	w.refuseAlias(n, target, v)
	w.nameFunction(x, v)
	x.dtype = v.dtype
	if x.typ == conflict {
		fail(n, "%s holds values of different types", target.Name)
	}
	if _, several := x.typ.(*types.Tuple); several {
		fail(n, "a tuple of different types in a variable")
	}
	text := "nil"
	if !v.list {
		text = w.coerce(v, x.typ)
	}
	w.set(x, text, v, w.trailing(n.EndLine))
}

// fresh returns the variable that the statement at hand sets to what n gives, if it
// declares it and nothing in n reads it: n may then write into it.
func (w *writer) fresh(n *node) *variable {
	if w.at == nil || w.at.Kind != "Assign" || w.at.Value != n || len(w.at.Targets) != 1 || w.at.Targets[0].Kind != "Name" {
		return nil
	}
	x := w.fn.locals[w.at.Targets[0].Name]
	if x == nil || x.declared || x.home != w.block || w.unused[x] || w.fn.versions[w.at] != nil {
		return nil
	}
	for _, v := range w.fn.mentions(n) {
		if v == x {
			return nil
		}
	}
	return x
}

// isState reports whether a pair of tensors is the state of an LSTM.
func (w *writer) isState(x *variable, v value) bool {
	if x.typ != nil && !same(x.typ, v.typ) {
		return same(x.typ, w.lstmState)
	}
	return w.final()
}

// canHold reports whether a variable of a type takes values of another.
func (w *writer) canHold(have, t types.Type) bool {
	_, ok := w.convert(value{text: "x", typ: t, node: w.at}, have)
	return ok
}

// set writes x = text or x := text.
func (w *writer) set(x *variable, text string, v value, comment string) {
	switch {
	case text == x.goName && x.declared:
	case w.unused[x]:
		x.declared = true
		if text != "nil" {
			w.printf("_ = %s%s", text, comment)
		}
	case x.declared || x.home != w.block || x.global:
		w.printf("%s = %s%s", x.goName, text, comment)
	default:
		x.declared = true
		have := solid(v.typ)
		switch {
		case text == "nil":
			w.printf("var %s %s%s", x.goName, typeText(x.typ), comment)
		case isFloat(x.typ) && v.literal && !strings.ContainsAny(text, ".e("):
			w.printf("%s := %s.0%s", x.goName, text, comment)
		case x.typ != nil && have != nil && !same(have, x.typ) && isInterface(x.typ):
			w.printf("var %s %s = %s%s", x.goName, typeText(x.typ), text, comment)
		default:
			w.printf("%s := %s%s", x.goName, text, comment)
		}
	}
}

func isInterface(t types.Type) bool {
	_, ok := t.Underlying().(*types.Interface)
	return ok
}

// assignAttribute writes an assignment to what an object has.
func (w *writer) assignAttribute(n, target *node, v value) {
	v = w.kept(n, v)
	object := w.expression(target.Value)
	if c := w.classOf(object.typ); c != nil {
		f := c.field(target.Name)
		v = w.factoryFor(v, f.typ)
		w.unify(&f.variable, v.variable)
		w.holds(&f.variable, v)
	}
	if v.path != "" || v.class != nil || v.statement {
		fail(n, "what Go does not hold in a field")
	}
	if c := w.classOf(object.typ); c != nil {
		f := c.field(target.Name)
		v = w.settledFor(v, f.typ)
		if v.list && len(v.items) == 0 && f.typ == nil {
			w.learn(&f.variable, emptyList)
		}
		f.buffer = f.buffer || v.buffer
		w.setField(f, v)
		if f.typ == conflict {
			fail(n, "self.%s holds values of different types", target.Name)
		}
		if _, several := f.typ.(*types.Tuple); several {
			fail(n, "a tuple of different types in a field")
		}
		text := w.coerce(v, f.typ)
		if v.list && len(v.items) == 0 {
			text = "nil"
		}
		w.printf("%s.%s = %s%s", object.primary(), f.name(c), text, w.trailing(n.EndLine))
		return
	}
	if w.isTensor(object.typ) {
		switch target.Name {
		case "grad":
			w.printf("%s.SetGrad(%s)", object.primary(), w.coerce(v, w.tensor))
			return
		case "requires_grad":
			w.printf("%s.SetRequiresGrad(%s)", object.primary(), w.coerce(v, boolType))
			return
		}
	}
	m := member(object.typ, exportedName(target.Name))
	if m == nil && w.attach(n, target, object, v) {
		return
	}
	if field, ok := m.(*types.Var); ok {
		w.printf("%s.%s = %s", object.primary(), field.Name(), w.coerce(w.settledFor(v, field.Type()), field.Type()))
		return
	}
	fail(n, "an attribute that is not known")
}

// assignElement writes an assignment to x[i].
func (w *writer) assignElement(n, target, from *node) {
	if f := w.takesKeywords(target.Value); f != nil {
		w.give(f, n, target.Slice, from)
		return
	}
	object := w.expression(target.Value)
	if object.variable != nil && object.variable.pairs {
		w.printf("%s", w.addLayer(object, target.Slice, from).text)
		return
	}
	switch t := object.typ; {
	case w.isStateDict(t):
		w.setStateElement(n, target, from, object)
	case w.isTensor(t):
		v := w.expression(from)
		w.printf("%s.At(%s).Set(%s)", object.primary(), w.indexes(target.Slice), w.coerce(w.settled(v), w.operandType()))
	case elem(t) != nil:
		v := w.expression(from)
		if elem(t) == conflict && object.variable != nil && v.typ != nil && v.typ != noneType && !v.list {
			w.learn(object.variable, types.NewSlice(solid(v.typ)))
			t = object.variable.typ
		}
		if target.Slice.Kind == "Slice" {
			fail(n, "an assignment to a part of a list")
		}
		w.printf("%s[%s] = %s", object.primary(), w.place(object, target.Slice), w.coerce(w.settledFor(v, elem(t)), elem(t)))
	default:
		if c := w.settingsOf(t); c != nil {
			w.setSettings(n, target, c, object, w.expression(from))
			return
		}
		if w.isDict(t) {
			w.setElement(object, w.expression(target.Slice), w.expression(from))
			return
		}
		fail(n, "an element of what is not known")
	}
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// operandType is the type of what stands beside a tensor.
func (w *writer) operandType() types.Type { return w.named("torch", "Operand") }

func (p *program) named(folder, name string) types.Type { return p.api.named(folder, name) }

// unpack writes an assignment to several targets.
func (w *writer) unpack(n *node, targets []*node, from *node) {
	v := w.expression(from)
	if w.unpackStarred(n, targets, v) {
		return
	}
	if last := targets[len(targets)-1]; v.sizesOf != "" && last.Kind == "Starred" && last.Value.Name == "_" {
		targets = targets[:len(targets)-1]
	}
	parts := w.parts(n, v, len(targets), targets)
	w.assignParts(n, targets, parts, w.trailing(n.EndLine))
}

// assignParts writes an assignment of several values, or of one call that gives them.
func (w *writer) assignParts(n *node, targets []*node, parts []value, comment string) {
	fresh, old := 0, 0
	var names []string
	for i, t := range targets {
		v := parts[i]
		switch t.Kind {
		case "Name":
			if t.Name == "_" {
				names = append(names, "_")
				continue
			}
			x := w.fn.scope(t.Name)
			if x == nil {
				fail(t, "a variable that is not known")
			}
			v = w.settledFor(v, x.typ)
			if v.list && len(v.items) == 0 {
				v = value{text: "nil", typ: emptyList, node: v.node}
				if elem(x.typ) != nil && elem(x.typ) != conflict {
					v.text, v.typ = typeText(x.typ)+"{}", x.typ
				}
			}
			parts[i] = v
			w.learn(x, v.typ)
			w.holdsList(x, v)
			w.sets(x, v)
			x.dtype = v.dtype
			if x.typ == conflict {
				fail(n, "%s holds values of different types", t.Name)
			}
			if w.unused[x] || t.Name == "_" {
				names = append(names, "_")
				x.declared = true
				continue
			}
			switch {
			case !x.declared && x.home == w.block && !x.global:
				fresh++
			case x.declared && x.home == w.block:
			case x.param && w.block == w.fn.root:
			default:
				old++
			}
			names = append(names, x.goName)
		case "Attribute":
			object := w.expression(t.Value)
			c := w.classOf(object.typ)
			if c == nil {
				fail(t, "an attribute that is not known")
			}
			f := c.field(t.Name)
			w.setField(f, v)
			names = append(names, object.primary()+"."+f.name(c))
			old++
		case "Subscript":
			names = append(names, w.assignable(t))
			old++
		case "Tuple":
			if elem(v.typ) != nil && v.text != "" {
				name := w.temporary("pair")
				names = append(names, name)
				fresh++
				defer func() {
					w.assignParts(n, t.Elts, w.parts(n, value{text: name, typ: v.typ, node: t, variable: &variable{}}, len(t.Elts), t.Elts), "")
				}()
				break
			}
			if !same(v.typ, w.lstmState) || len(t.Elts) != 2 {
				fail(t, "nested unpacking")
			}
			name := w.temporary("state")
			names = append(names, name)
			fresh++
			defer func() {
				w.assignParts(n, t.Elts, []value{{text: name + ".H", typ: w.tensor, node: t}, {text: name + ".C", typ: w.tensor, node: t}}, "")
			}()
		default:
			fail(t, "an assignment to a %s", strings.ToLower(t.Kind))
		}
	}
	sign := "="
	if fresh > 0 {
		sign = ":="
		if old > 0 {
			for _, t := range targets {
				if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil && !x.declared && x.home == w.block && !w.unused[x] {
					w.printf("var %s %s", x.goName, typeText(x.typ))
				}
			}
			sign = "="
		}
	}
	for _, t := range targets {
		if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil && x.home == w.block {
			x.declared = true
		}
	}
	var texts []string
	for i, v := range parts {
		if v.text == "" && i > 0 {
			continue // of the call before
		}
		if names[i] == "_" || parts[len(parts)-1].text == "" && len(parts) > 1 {
			texts = append(texts, v.text)
			continue
		}
		var want types.Type
		if x := w.fn.scope(targets[i].Name); targets[i].Kind == "Name" && x != nil {
			want = x.typ
		}
		text := w.coerce(v, want)
		if sign == ":=" && isFloat(want) && v.literal && !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		texts = append(texts, text)
	}
	if blank(names) {
		sign = "="
		if len(texts) == 1 && !strings.HasSuffix(texts[0], ")") {
			return
		}
	}
	w.printf("%s %s %s%s", strings.Join(names, ", "), sign, strings.Join(texts, ", "), comment)
}

func blank(names []string) bool {
	for _, name := range names {
		if name != "_" {
			return false
		}
	}
	return true
}

// parts returns the values that a value consists of. For a call with several results
// the first has its text, the others none.
func (w *writer) parts(n *node, v value, count int, targets []*node) []value {
	if v.list {
		if len(v.items) != count {
			fail(n, "%d values for %d names", len(v.items), count)
		}
		return v.items
	}
	if v.variable != nil && len(v.variable.parts) == count {
		return w.tabledParts(n, v, targets)
	}
	if r := w.recordOf(v.typ); r != nil && len(r.types) == count {
		if strings.ContainsAny(v.text, "([{") {
			name := w.temporary("parts")
			w.printf("%s := %s", name, v.text)
			v.text, v.prec = name, 0
		}
		r.rename(targets)
		return r.elements(v)
	}
	parts := make([]value, count)
	if t, ok := v.typ.(*types.Tuple); ok {
		if t.Len() != count {
			fail(n, "%d results for %d names", t.Len(), count)
		}
		for i := range parts {
			parts[i] = value{typ: t.At(i).Type(), node: v.node}
			if i > 0 && v.dtype != "" {
				parts[i].dtype = v.dtype
			}
		}
		parts[0].text = v.text
		return parts
	}
	switch {
	case v.sizesOf != "":
		for i := range parts {
			parts[i] = value{text: fmt.Sprintf("%s.Size(%d)", v.sizesOf, i), typ: intType, node: v.node}
		}
		if len(targets) > 0 && targets[0].Kind == "Starred" {
			for i := 1; i < count; i++ {
				parts[i].text = fmt.Sprintf("%s.Size(%d)", v.sizesOf, i-count)
			}
			targets[0] = &node{Kind: "Name", Name: "_"}
		}
		return parts
	case w.isTensor(v.typ):
		v = value{text: v.primary() + ".Unbind(0)", typ: w.tensors, node: v.node}
	case w.isSample(v.typ) && count == 2:
		if strings.Contains(v.text, "(") {
			name := w.temporary("sample")
			w.printf("%s := %s", name, v.text)
			v.text = name
		}
		return sampleParts(w, v)
	case same(v.typ, w.lstmState):
		name := v.text
		if strings.ContainsAny(name, "(") {
			name = w.temporary("state")
			w.printf("%s := %s", name, v.text)
		}
		if count == 2 {
			return []value{{text: name + ".H", typ: w.tensor, node: v.node}, {text: name + ".C", typ: w.tensor, node: v.node}}
		}
	}
	e := elem(v.typ)
	if e == nil {
		fail(n, "unpacking what is no list")
	}
	name := v.text
	if v.variable == nil {
		name = w.temporary("parts")
		w.printf("%s := %s", name, v.text)
	}
	for i := range parts {
		parts[i] = value{text: fmt.Sprintf("%s[%d]", name, i), typ: e, node: v.node, dtype: v.dtype}
	}
	return parts
}

// operators are Python's for numbers in Go.
var operators = map[string]string{"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "/", "Mod": "%", "LShift": "<<",
	"RShift": ">>", "BitOr": "|", "BitAnd": "&", "BitXor": "^"}

// inplaces are the methods for Python's augmented assignments of tensors.
var inplaces = map[string]string{"Add": "Add", "Sub": "Sub", "Mult": "Mul", "Div": "Div", "Pow": "Pow", "FloorDiv": "FloorDivide",
	"Mod": "Remainder", "BitOr": "BitwiseOr", "BitAnd": "BitwiseAnd", "BitXor": "BitwiseXor"}

// augmented writes x += y.
func (w *writer) augmented(n *node) {
	if n.Target.Kind == "Subscript" {
		if object := w.expression(n.Target.Value); w.isTensor(object.typ) {
			indexes := w.indexes(n.Target.Slice)
			y := w.coerce(w.expression(n.Value), w.operandType())
			if n.Op == "Add" && w.namesOnce(n.Target.Slice) {
				w.printf("%s.At(%s).Add(%s)", object.primary(), indexes, y)
			} else if method := inplaces[n.Op]; method != "" {
				w.printf("%s.At(%s).Set(%[1]s.Index(%[2]s).%s(%s))", object.primary(), indexes, method, y)
			} else {
				fail(n, "this operator")
			}
			return
		}
	}
	if w.augmentedDict(n) {
		return
	}
	target := w.expression(n.Target)
	v := w.expression(n.Value)
	t := target.typ
	x := target.variable
	switch {
	case w.isTensor(t) && n.Op == "MatMult":
		w.printf("%s = %s.Matmul(%s)%s", target.text, target.primary(), w.coerce(v, w.tensor), w.trailing(n.EndLine))
	case w.isTensor(t) && inplaces[n.Op] != "":
		if x != nil && x.starts != nil {
			w.printf("%s = %s.%s(%s)%s", target.text, target.primary(), inplaces[n.Op], w.coerce(w.settled(v), w.operandType()), w.trailing(n.EndLine))
			x.dtype = v.dtype
			return
		}
		w.printf("%s.%sInplace(%s)%s", target.primary(), inplaces[n.Op], w.coerce(w.settled(v), w.operandType()), w.trailing(n.EndLine))
	case elem(t) != nil && n.Op == "Add":
		if v.list && x != nil {
			for _, item := range v.items {
				if item.typ != nil && item.typ != noneType {
					w.learn(x, types.NewSlice(solid(item.typ)))
				}
			}
			t = x.typ
		}
		v = w.settledFor(v, t)
		if v.items != nil {
			var parts []string
			for _, item := range v.items {
				parts = append(parts, w.coerce(item, elem(t)))
			}
			w.printf("%s = append(%s, %s)", target.text, target.text, strings.Join(parts, ", "))
		} else {
			w.printf("%s = append(%s, %s...)", target.text, target.text, w.coerce(v, t))
		}
	case w.moduleListElem(t) != nil && n.Op == "Add" && v.list:
		for _, item := range v.items {
			if list := w.moduleListOf(item.typ); list != nil && x != nil {
				w.relearnList(x, item.typ)
			}
			w.printf("%s.Append(%s)", target.primary(), w.coerce(item, w.moduleListElem(x.typ)))
		}
	case isString(t) && n.Op == "Add":
		w.printf("%s += %s", target.text, w.coerce(v, stringType))
	case isNumber(t) || t == nil:
		w.augmentedNumber(n, target, v)
	default:
		fail(n, "an operator on %s", typeText(t))
	}
}

func (w *writer) augmentedNumber(n *node, target, v value) {
	set := target.variable
	if n.Target.Kind == "Attribute" {
		if object := w.expression(n.Target.Value); w.classOf(object.typ) != nil {
			set = &w.classOf(object.typ).field(n.Target.Name).variable
		}
	}
	if set != nil {
		switch {
		case w.isTensor(v.typ):
			w.learn(set, w.tensor)
			set.starts = v.node
			fail(n, "a number that becomes a tensor")
		case isFloat(v.typ) || n.Op == "Div":
			w.learn(set, floatType)
		case v.typ != nil:
			w.learn(set, v.typ)
		}
	}
	v, comment := w.asInt(v), w.trailing(n.EndLine)
	result := value{typ: target.typ, count: w.staysCount(n, target, v)}
	if isFloat(v.typ) && !w.maybeInt(v) || n.Op == "Div" {
		result.typ = floatType
	}
	if set != nil {
		w.sets(set, result)
	}
	op := operators[n.Op]
	if op == "" || n.Op == "Mod" || n.Op == "FloorDiv" {
		w.printf("%s = %s%s", target.text, w.coerce(w.numbers(n, target, v), target.typ), comment)
		return
	}
	text := w.coerce(v, target.typ)
	switch {
	case text == "1" && op == "+":
		w.printf("%s++%s", target.text, comment)
	case text == "1" && op == "-":
		w.printf("%s--%s", target.text, comment)
	default:
		w.printf("%s %s= %s%s", target.text, op, text, comment)
	}
}

// factoryFor makes a function of a class where one is wanted.
func (w *writer) factoryFor(v value, want types.Type) value {
	if s, ok := under(want).(*types.Signature); ok && w.holdsClass(v) {
		return value{text: w.classFunction(v, s), typ: want, node: v.node}
	}
	if e, ok := w.names[v.path]; ok && want == nil && !e.constructor() && v.node != nil {
		return w.tensorFunction(v, e)
	}
	return v
}

// tensorFunction makes a function of a tensor of one of the API's, or returns the value.
func (w *writer) tensorFunction(v value, e entry) value {
	f := w.goObject(e.goName)
	if f == nil {
		return v
	}
	s := f.Signature()
	fits := s.Results().Len() == 1 && w.isTensor(s.Results().At(0).Type()) && s.Params().Len() > 0 && w.isTensor(s.Params().At(0).Type())
	if !fits || s.Params().Len() > 1 && (!s.Variadic() || s.Params().Len() != 2) {
		return v
	}
	x := types.NewParam(0, nil, "x", w.tensor)
	want := types.NewSignatureType(nil, nil, nil, types.NewTuple(x), types.NewTuple(types.NewParam(0, nil, "", w.tensor)), false)
	if s.Params().Len() == 1 {
		return value{text: spelled(e.goName), typ: want, node: v.node}
	}
	return value{text: fmt.Sprintf("func(x *torch.Tensor) *torch.Tensor { return %s(x) }", spelled(e.goName)), typ: want, node: v.node}
}

// chosenFunctions reports whether a choice is between print and a lambda.
func (w *writer) chosenFunctions(n *node) bool {
	isPrint := func(n *node) bool { return n.Kind == "Name" && n.Name == "print" && w.fn.scope("print") == nil }
	return n.Then.Kind == "Lambda" && isPrint(n.Other) || n.Other.Kind == "Lambda" && isPrint(n.Then)
}

// asLambdas returns a choice between print and a lambda with both as lambdas.
func (w *writer) asLambdas(n *node) *node {
	lambda, function := n.Other, n.Then
	if lambda.Kind != "Lambda" {
		lambda, function = function, lambda
	}
	printing := w.printing[lambda]
	if printing == nil {
		called := *function
		called.Kind, called.Func = "Call", function
		for _, a := range lambda.Signature.Params {
			called.Arguments = append(called.Arguments, &node{Kind: "Name", Name: a.Name, Line: n.Line})
		}
		copied := *lambda
		copied.Value = &called
		printing = &copied
		w.printing[lambda] = printing
	}
	choice := *n
	if n.Then == function {
		choice.Then = printing
	} else {
		choice.Other = printing
	}
	return &choice
}

// nameFunction notes that a variable names a lambda, whose parameters are those of other
// lambdas that it names.
func (w *writer) nameFunction(x *variable, v value) {
	if v.function == nil || v.function.node.Kind != "Lambda" {
		return
	}
	if old := x.inner; old != nil && old != v.function && len(old.params) == len(v.function.params) {
		for i, p := range old.params {
			w.learn(p, v.function.params[i].typ)
			w.learn(v.function.params[i], p.typ)
		}
		return
	}
	x.inner = v.function
}

// castName writes x = cast(T, x) as a variable of this block.
func (w *writer) castName(n, target *node, v value) bool {
	x := w.fn.scope(target.Name)
	if n.Kind != "Assign" || n.Value == nil || w.path(callee(n.Value)) != "typing.cast" || x == nil || x.typ == nil || !isInterface(x.typ) ||
		n.Value.Arguments[1].Name != target.Name || v.typ == nil || isInterface(v.typ) {
		return false
	}
	w.printf("%s := %s", x.goName, v.text)
	x.narrowed = v.typ
	w.narrowed = append(w.narrowed, x)
	return true
}

// namesZip notes that a variable is but another name of a zip.
func (w *writer) namesZip(target, from *node) bool {
	if target.Kind != "Name" || w.zipped(from) != from {
		return false
	}
	x := w.fn.locals[target.Name]
	if x == nil || x.param {
		return false
	}
	x.zip = from
	return true
}
