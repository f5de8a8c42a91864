package port

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// statements writes the statements of a block.
func (w *writer) statements(list []*node) {
	if len(list) == 0 {
		return
	}
	outer, narrowed, ended := w.block, w.narrowed, w.ended
	w.narrowed, w.ended = nil, nil
	if b := w.fn.blocks[list[0]]; b != nil {
		w.block = b
	}
	for _, n := range list {
		w.statement(n)
	}
	for _, v := range w.narrowed {
		v.narrowed = nil
	}
	for _, v := range slices.Backward(w.ended) {
		w.fn.locals[v.python] = v
	}
	w.block, w.narrowed, w.ended = outer, narrowed, ended
}

// statement writes a statement, or what says that it is to do.
func (w *writer) statement(n *node) {
	outer := w.at
	w.at, w.called, w.inline, w.hint, w.want = n, false, false, "", nil
	start := w.position()
	var undeclared []*variable
	for _, v := range w.fn.mentions(n) {
		if !v.declared {
			undeclared = append(undeclared, v)
		}
	}
	defer func() {
		if r := recover(); r != nil {
			u := gaveUp(r)
			w.back(start)
			for _, v := range undeclared {
				v.declared = false
			}
			w.untranslated(n, u.why)
		}
		w.at = outer
	}()
	w.gap(n)
	w.comments(n.Line)
	if why, broken := w.broken[n]; broken {
		fail(n, "%s", why)
	}
	w.declareBefore(n)
	w.report.statement(w.source, n)
	w.after = nil
	w.dispatch(n)
	for _, l := range w.after {
		w.printf("%s", l)
	}
	w.after = nil
}

// declareBefore declares the variables of this block that a statement uses within it,
// and does not declare itself.
func (w *writer) declareBefore(n *node) {
	direct := storedIn(n)
	if n.Kind == "AugAssign" || n.Kind == "For" {
		direct = nil
	}
	for _, v := range w.fn.mentions(n) {
		if v.declared || v.home != w.block || slices.ContainsFunc(direct, func(t *node) bool { return t.Name == v.python }) {
			continue
		}
		if w.unused[v] {
			v.declared = true
			continue
		}
		w.printf("var %s %s", v.goName, declarable(v.typ))
		v.declared = true
	}
}

// untranslated writes a statement that is to do. What it sets is declared, for what
// comes after.
func (w *writer) untranslated(n *node, why string) {
	w.report.statement(w.source, n)
	text := fmt.Sprintf("line %d: %s", n.Line, w.source.text(n))
	if next := w.fn.versions[n]; next != nil {
		w.begin(w.fn.locals[next.python], next)
	}
	if n.Kind == "Assign" && n.Value.Kind == "Lambda" && w.fn.inner[n.Value] != nil {
		w.fn.inner[n.Value].failed = true
	}
	if n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Name" {
		if v := w.fn.locals[n.Targets[0].Name]; v != nil && v.typ != nil && v.typ != conflict && !w.unused[v] {
			if _, several := v.typ.(*types.Tuple); !several {
				w.report.todo(w.source, n, why, w.source.text(n))
				sign := "="
				if !v.declared && v.home == w.block {
					sign = ":="
					v.declared = true
				}
				w.printf("// TODO(port): %s", text)
				w.printf("%s %s todo[%s](%q)", v.goName, sign, typeText(v.typ), text)
				return
			}
		}
	}
	for _, v := range w.fn.mentions(n) {
		if !v.declared && v.home == w.block {
			if !w.unused[v] {
				w.printf("var %s %s", v.goName, declarable(v.typ))
			}
			v.declared = true
		}
	}
	w.todo(n, why)
}

// declarable writes the type of a variable that is declared before it is known whether Go
// can hold it.
func declarable(t types.Type) string {
	if _, several := t.(*types.Tuple); several {
		return "any"
	}
	return typeText(t)
}

func (w *writer) dispatch(n *node) {
	switch n.Kind {
	case "Assign":
		w.assign(n)
	case "AnnAssign":
		if n.Target.Kind == "Name" {
			if v := w.fn.locals[n.Target.Name]; v != nil && v.typ == nil {
				if t, ok := w.annotation(n.Annotation); ok {
					w.learn(v, t)
				}
			}
		}
		if n.Value == nil {
			return
		}
		w.want, _ = w.annotation(n.Annotation)
		w.assignTo(n, n.Target, n.Value)
		w.want = nil
	case "AugAssign":
		w.augmented(n)
	case "Expr":
		w.expressionStatement(n)
	case "Return":
		w.returns(n)
	case "If":
		w.ifStatement(n)
	case "For":
		w.forStatement(n)
	case "While":
		w.whileStatement(n)
	case "With":
		w.with(n)
	case "Raise":
		w.raise(n)
	case "Try":
		w.try(n)
	case "Assert":
		w.assert(n)
	case "FunctionDef":
		w.innerFunction(n)
	case "Break", "Continue":
		if n.Kind == "Break" && len(w.leaving) > 0 && w.leaving[len(w.leaving)-1] != "" {
			w.printf("%s = true", w.leaving[len(w.leaving)-1])
		}
		w.printf("%s", strings.ToLower(n.Kind))
	case "Pass", "Global", "Nonlocal", "Import", "ImportFrom":
	case "Delete":
		for _, t := range n.Targets {
			w.deletes(n, t)
		}
	default:
		fail(n, "%s has no translation", strings.ToLower(n.Kind))
	}
}

func (w *writer) expressionStatement(n *node) {
	if n.Value.Kind == "Constant" {
		return
	}
	if n.Value.Kind == "Yield" || n.Value.Kind == "YieldFrom" {
		w.yields(n)
		return
	}
	v := w.expression(n.Value)
	switch {
	case v.text == "":
	case v.fails:
		w.printf("if err := %s; err != nil {\npanic(err)\n}", v.text)
	case n.Value.Kind == "Call" && strings.HasSuffix(v.text, ")") || v.statement:
		w.printf("%s%s", v.text, w.trailing(n.EndLine))
	default:
		w.printf("_ = %s", v.text)
	}
}

func (w *writer) returns(n *node) {
	f := w.fn
	if f.isGenerator() {
		if n.Value != nil || w.modes > 0 {
			fail(n, "a return of a value out of a generator")
		}
		w.printf("return")
		return
	}
	if n.Value == nil || n.Value.Kind == "Constant" && n.Value.Type == "NoneType" && f.result == nil {
		f.returnsNone = true
		if f.class != nil && f.python == "__init__" {
			fail(n, "return within a constructor")
		}
		if f.result != nil {
			w.printf("return %s", zero(f.result))
		} else {
			w.printf("return")
		}
		return
	}
	v := w.expression(n.Value)
	if v.list {
		v = w.returnedTuple(n, v)
	}
	if v.statement {
		fail(n, "return of no value")
	}
	if v.typ != nil && !f.annotated {
		joined := w.join(f.result, v.typ)
		if f.result == nil || !same(joined, f.result) {
			f.result = joined
			w.changed = true
		}
	}
	if isFloat(f.result) && (isInt(v.typ) || w.maybeInt(v)) && !f.resultMaybeInt {
		f.resultMaybeInt, w.changed = true, true
	}
	if v.dtype != "" && f.resultDType != v.dtype {
		f.resultDType, w.changed, w.restart = v.dtype, true, true
	}
	if f.result == conflict {
		fail(n, "results of different types")
	}
	if t, ok := f.result.(*types.Tuple); ok {
		if w.padded(t, v.typ) {
			w.report.note(w.source, n, "Go returns nil for the other values")
			w.printf("return %s%s%s", w.coerce(v, t.At(0).Type()), strings.Repeat(", nil", t.Len()-1), w.trailing(n.EndLine))
			return
		}
		if _, whole := v.typ.(*types.Tuple); !whole || t.Len() != v.typ.(*types.Tuple).Len() {
			fail(n, "results of different numbers")
		}
		if v.items != nil {
			parts := make([]string, len(v.items))
			for i, item := range v.items {
				parts[i] = w.coerce(item, t.At(i).Type())
			}
			v.text = strings.Join(parts, ", ")
		}
		w.printf("return %s%s", v.text, w.trailing(n.EndLine))
		return
	}
	w.printf("return %s%s", w.coerce(v, f.result), w.trailing(n.EndLine))
}

// returnedTuple returns a tuple as several results, and a list as one.
func (w *writer) returnedTuple(n *node, v value) value {
	if n.Value.Kind != "Tuple" || w.fn.annotated && elem(w.fn.result) != nil {
		return w.settledFor(v, w.fn.result)
	}
	list := make([]types.Type, len(v.items))
	for i := range v.items {
		v.items[i] = w.settled(v.items[i])
		list[i] = solid(v.items[i].typ)
	}
	t := tupleOf(list)
	if w.tuples[n.Value.Name] != nil {
		t = namedTuple(n.Value.Name, list)
	}
	return value{typ: t, items: v.items, node: v.node}
}

// settledFor is settled for a list that may be empty.
func (w *writer) settledFor(v value, want types.Type) value {
	if v.list && want != nil {
		if text, ok := w.convertList(v, want); ok {
			return value{text: text, typ: want, node: v.node, items: v.items, tuple: v.tuple}
		}
	}
	v = w.settled(v)
	if v.list && len(v.items) > 0 {
		for _, item := range v.items {
			if item.typ != nil || item.list {
				continue
			}
			return v
		}
		fail(v.node, "a list of different types")
	}
	return v
}

func (w *writer) raise(n *node) {
	if n.Exc == nil && w.handled {
		w.printf("panic(err)")
		return
	}
	if n.Exc == nil {
		fail(n, "raise without an exception")
	}
	w.printf("panic(%s)", w.exception(n.Exc))
}

// exception returns the error that stands for one of Python's.
func (w *writer) exception(n *node) string {
	kind, args := n, []*node(nil)
	if n.Kind == "Call" {
		kind, args = n.Func, n.Arguments
	}
	if kind.Kind != "Name" {
		fail(n, "an exception of a type that is not known")
	}
	if len(args) == 0 {
		return fmt.Sprintf("fmt.Errorf(%q)", kind.Name)
	}
	format, values := w.formatted(args[0])
	return call("fmt.Errorf", append([]string{quote(kind.Name + ": " + format)}, values...))
}

func (w *writer) assert(n *node) {
	cond := w.negated(w.condition(n.Test))
	w.printf("if %s {", cond.text)
	if n.Msg != nil {
		format, values := w.formatted(n.Msg)
		w.printf("panic(%s)", call("fmt.Errorf", append([]string{quote("AssertionError: " + format)}, values...)))
	} else {
		w.printf("panic(%q)", "AssertionError: "+w.source.text(n.Test))
	}
	w.printf("}")
}

func call(function string, args []string) string {
	return function + "(" + strings.Join(args, ", ") + ")"
}

// ifStatement writes if, elif and else.
func (w *writer) ifStatement(n *node) {
	if w.typeSwitch(n) || w.instanceIf(n) {
		return
	}
	if known, value := w.staticTest(n.Test); known {
		if value {
			w.statements(n.Body)
		} else {
			w.statements(n.Orelse)
		}
		return
	}
	w.printf("if %s {%s", w.condition(n.Test).text, w.trailing(n.Line))
	for {
		w.statements(n.Body)
		orelse := w.reached(n.Orelse)
		if len(orelse) == 0 {
			break
		}
		if next := orelse[0]; len(orelse) == 1 && next.Kind == "If" && !w.isInstanceTest(next.Test) {
			if b := w.fn.blocks[next]; b == nil || !w.declaresIn(b, next) {
				before := len(w.lines)
				w.comments(next.Line)
				comments := slices.Clone(w.lines[before:])
				w.lines = w.lines[:before]
				w.inline = true
				test := w.condition(next.Test)
				w.inline = false
				if len(w.lines) == before {
					w.lines = append(w.lines, comments...)
					w.report.statement(w.source, next)
					w.printf("} else if %s {", test.text)
					n = next
					continue
				}
				w.lines = w.lines[:before]
			}
		}
		w.printf("} else {")
		w.statements(orelse)
		break
	}
	w.printf("}")
}

// reached returns what of an else is left where tests have values that are known.
func (w *writer) reached(orelse []*node) []*node {
	for len(orelse) == 1 && orelse[0].Kind == "If" {
		known, value := w.staticTest(orelse[0].Test)
		if !known {
			break
		}
		if value {
			orelse = orelse[0].Body
		} else {
			orelse = orelse[0].Orelse
		}
	}
	return orelse
}

// declaresIn reports whether a block declares a variable that n uses.
func (w *writer) declaresIn(b *block, n *node) bool {
	return slices.ContainsFunc(w.fn.mentions(n), func(v *variable) bool { return v.home == b })
}

// staticTest reports whether a test has a value that Go's types know already:
// torch.jit.is_scripting, isinstance of a known type.
func (w *writer) staticTest(n *node) (known, value bool) {
	if n.Kind == "UnaryOp" && n.Op == "Not" {
		known, value = w.staticTest(n.Operand)
		return known, !value
	}
	if n.Kind == "Compare" && len(n.Ops) == 1 && n.Left.Kind == "Call" && n.Left.Func.Name == "len" && len(n.Left.Arguments) == 1 && n.Comparators[0].Type == "int" {
		if v := w.fn.scope(n.Left.Arguments[0].Name); v != nil && v.listed != nil && (n.Ops[0] == "Eq" || n.Ops[0] == "NotEq") {
			return true, (n.Comparators[0].Constant == strconv.Itoa(len(v.listed))) == (n.Ops[0] == "Eq")
		}
	}
	if v := w.fn.scope(n.Name); n.Kind == "Name" && v != nil && v.left {
		return true, false
	}
	if n.Kind == "BoolOp" {
		all := true
		for _, part := range n.Values {
			known, value := w.staticTest(part)
			if known && value == (n.Op == "Or") {
				return true, value
			}
			all = all && known
		}
		return all, all && n.Op == "And"
	}
	if n.Kind == "Compare" && len(n.Ops) == 1 && n.Left.Kind == "Name" && n.Comparators[0].Type == "NoneType" {
		if v := w.fn.scope(n.Left.Name); v != nil && (v.left || v.typ == noneType && w.final()) {
			return true, n.Ops[0] == "Is"
		}
	}
	if n.Kind == "Call" {
		switch w.path(n.Func) {
		case "torch.jit.is_scripting", "torch.jit.is_tracing", "torch.onnx.is_in_onnx_export":
			return true, false
		}
		if n.Func.Name == "hasattr" && n.Func.Kind == "Name" && len(n.Arguments) == 2 {
			return w.staticHas(n)
		}
		if n.Func.Name == "all" && n.Func.Kind == "Name" && len(n.Arguments) == 1 {
			return w.staticAll(n.Arguments[0])
		}
		if n.Func.Name == "isinstance" && len(n.Arguments) == 2 && n.Arguments[0].Kind == "Name" {
			if v := w.fn.scope(n.Arguments[0].Name); v != nil && v.typ != nil {
				return w.staticInstance(w.typeOf(v), n.Arguments[1])
			}
		} else if n.Func.Name == "isinstance" && len(n.Arguments) == 2 && dotted(n.Arguments[0]) != "" {
			v, why := w.probed(n.Arguments[0])
			if why == nil && v.typ != nil && v.typ != noneType && v.typ != conflict {
				return w.staticInstance(v.typ, n.Arguments[1])
			}
		}
	}
	return false, false
}

// staticAll reports whether all([isinstance(x, T) for x in list]) is known.
func (w *writer) staticAll(n *node) (known, value bool) {
	if n.Kind != "ListComp" && n.Kind != "GeneratorExp" || len(n.Generators) != 1 || n.Elt.Kind != "Call" || n.Elt.Func.Name != "isinstance" {
		return false, false
	}
	g := n.Generators[0]
	list := w.fn.scope(g.Iter.Name)
	if g.Iter.Kind != "Name" || g.Target.Kind != "Name" || list == nil || elem(list.typ) == nil || n.Elt.Arguments[0].Name != g.Target.Name {
		return false, false
	}
	return w.staticInstance(elem(list.typ), n.Elt.Arguments[1])
}

func (w *writer) isInstanceTest(n *node) bool {
	if n.Kind == "BoolOp" && n.Op == "And" {
		n = n.Values[0]
	}
	if n.Kind != "Call" || n.Func.Name != "isinstance" || len(n.Arguments) != 2 || n.Arguments[0].Kind != "Name" {
		return false
	}
	v := w.fn.scope(n.Arguments[0].Name)
	if v == nil || v.typ == nil {
		if v != nil {
			w.expect(v, w.anyModule, false)
		}
		return false
	}
	_, isInterface := v.typ.Underlying().(*types.Interface)
	return isInterface
}

// typeSwitch writes a chain of isinstance tests of one name as Go's switch.
func (w *writer) typeSwitch(n *node) bool {
	if !w.isInstanceTest(n.Test) || !w.fitsSwitch(n) {
		return false
	}
	first := n.Test
	if first.Kind == "BoolOp" {
		first = first.Values[0]
	}
	name := first.Arguments[0].Name
	v := w.fn.scope(name)
	n.visit(func(n *node) bool {
		if n.Kind == "Break" {
			fail(n, "break within a switch")
		}
		return n.Kind != "For" && n.Kind != "While"
	})
	head := len(w.lines)
	w.printf("switch %s.(type) {", v.goName)
	for at := n; ; {
		test, rest := at.Test, []*node(nil)
		if test.Kind == "BoolOp" {
			test, rest = test.Values[0], test.Values[1:]
		}
		kinds, ok := w.instancesOf(test.Arguments[1], v.typ)
		if !ok {
			fail(test, "isinstance of a type that is not known")
		}
		for i, t := range kinds {
			w.printf("case %s:", typeText(t))
			outer := v.narrowed
			v.narrowed = t
			w.redeclare(at.Body)
			flushed := w.flushed
			for _, extra := range rest {
				w.printf("if %s {", w.condition(extra).text)
			}
			w.statements(at.Body)
			for range rest {
				w.printf("}")
			}
			v.narrowed = outer
			if i < len(kinds)-1 {
				w.flushed = flushed
			}
		}
		if len(at.Orelse) == 1 && at.Orelse[0].Kind == "If" && w.isInstanceTest(at.Orelse[0].Test) {
			next := at.Orelse[0].Test
			if next.Kind == "BoolOp" {
				next = next.Values[0]
			}
			if next.Arguments[0].Name == name {
				at = at.Orelse[0]
				w.report.statement(w.source, at)
				continue
			}
		}
		if len(at.Orelse) > 0 {
			w.printf("default:")
			w.statements(at.Orelse)
		}
		break
	}
	w.printf("}")
	if mentions(w.lines[head+1:], v.goName) {
		w.lines[head].text = fmt.Sprintf("switch %s := %[1]s.(type) {", v.goName)
	}
	return true
}

// onlyInstances reports whether an else has but tests of what a name is.
func onlyInstances(orelse []*node, name string) bool {
	for len(orelse) > 0 {
		test := orelse[0].Test
		if len(orelse) > 1 || orelse[0].Kind != "If" {
			return false
		}
		if test.Kind == "BoolOp" && test.Op == "And" {
			test = test.Values[0]
		}
		if test.Kind != "Call" || test.Func.Name != "isinstance" || test.Arguments[0].Name != name {
			return false
		}
		orelse = orelse[0].Orelse
	}
	return true
}

// mentions reports whether lines have a name.
func mentions(lines []line, name string) bool {
	for _, l := range lines {
		for _, word := range strings.FieldsFunc(l.text, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			if word == name {
				return true
			}
		}
	}
	return false
}
