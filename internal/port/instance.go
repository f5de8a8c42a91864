package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// What isinstance asks of a class is true of those that inherit of it, too; Go's types do
// not, so that they are all named.

// instanceOf returns the types that isinstance takes for one class.
func (w *writer) instanceOf(n *node) (list []types.Type, ok bool) {
	if w.path(n) == "torch.nn.Module" {
		return []types.Type{w.anyModule}, true
	}
	if names := familyOf(w.path(n)); names != nil {
		for _, name := range names {
			list = append(list, types.NewPointer(w.named("torch/nn", name)))
		}
		return list, true
	}
	t, ok := w.annotation(n)
	if !ok || t == nil {
		return nil, false
	}
	list = []types.Type{t}
	of := w.classOf(t)
	for _, o := range w.order {
		c, isClass := o.(*class)
		if !isClass || c.thin || c == of {
			continue
		}
		own := types.NewPointer(c.named)
		inherits := of != nil && c.within(of)
		for b := c; b != nil && !inherits; b = b.base {
			inherits = b.embedded != nil && same(types.NewPointer(b.embedded), t) || b.library != nil && same(types.NewPointer(b.library), t)
		}
		if inherits {
			list = append(list, own)
		}
	}
	return list, true
}

// families are PyTorch's classes that no module is itself, but others inherit of.
var families = map[string][]string{
	"_ConvNd":    {"Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"},
	"_BatchNorm": {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"},
}

func familyOf(path string) []string {
	if !strings.HasPrefix(path, "torch.nn.") {
		return nil
	}
	return families[path[lastDot(path)+1:]]
}

// instancesOf returns the types that isinstance takes for a class, or for several, of a
// value of type of.
func (w *writer) instancesOf(n *node, of types.Type) (list []types.Type, ok bool) {
	nodes := []*node{n}
	if n.Kind == "Tuple" {
		nodes = n.Elts
	}
	for _, one := range nodes {
		more, known := w.instanceOf(one)
		if isSequence := one.Name == "tuple" || one.Name == "list" || one.Name == "Sequence" || one.Name == "Iterable"; isSequence && of != nil && aliasName(of) == "Sizes" {
			more, known = []types.Type{types.NewSlice(intType)}, !slices.ContainsFunc(list, func(t types.Type) bool { return elem(t) != nil })
			if !known {
				continue // which is there already
			}
		}
		if !known {
			return nil, false
		}
		list = append(list, more...)
	}
	return list, true
}

// staticInstance tells whether a value of a type is an instance, where the type
// says so.
func (w *writer) staticInstance(t types.Type, of *node) (known, value bool) {
	if isInterface(t) || optional(t) != nil {
		return false, false
	}
	names := []*node{of}
	if of.Kind == "Tuple" {
		names = of.Elts
	}
	for _, name := range names {
		switch name.Name {
		case "tuple", "list", "Sequence":
			if elem(t) != nil {
				return true, true
			}
			continue
		}
		list, ok := w.instanceOf(name)
		if !ok {
			return false, false
		}
		for _, want := range list {
			if same(t, want) || w.implements(t, want) {
				return true, true
			}
		}
	}
	return true, false
}

// instanceTest translates isinstance where Go has to ask.
func (w *writer) instanceTest(n *node) value {
	v := w.expression(n.Arguments[0])
	list, ok := w.instancesOf(n.Arguments[1], v.typ)
	if !ok || v.typ == nil || !isInterface(v.typ) || w.called || w.inline {
		fail(n, "isinstance of what is not known")
	}
	name := w.temporary("ok")
	if len(list) == 1 {
		w.printf("_, %s := %s.(%s)", name, v.primary(), typeText(list[0]))
		return value{text: name, typ: boolType}
	}
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = typeText(t)
	}
	w.printf("%s := false\nswitch %s.(type) {\ncase %s:\n%[1]s = true\n}", name, v.primary(), strings.Join(texts, ", "))
	return value{text: name, typ: boolType}
}

// builtinIsInstance translates isinstance.
func builtinIsInstance(w *writer, n *node) value {
	if known, yes := w.staticTest(n); known {
		return value{text: fmt.Sprint(yes), typ: boolType}
	}
	if len(n.Arguments) != 2 {
		fail(n, "isinstance with other arguments")
	}
	return w.instanceTest(n)
}

// fitsSwitch reports whether a chain of isinstance tests of one name is one of types alone,
// or ends with it.
func (w *writer) fitsSwitch(n *node) bool {
	for at := n; ; at = at.Orelse[0] {
		test := at.Test
		if test.Kind == "BoolOp" {
			test = test.Values[0]
			if !onlyInstances(at.Orelse, test.Arguments[0].Name) {
				return false
			}
		}
		if len(at.Orelse) != 1 || at.Orelse[0].Kind != "If" || !w.isInstanceTest(at.Orelse[0].Test) {
			return true
		}
	}
}

// redeclare makes the variables of a body new that is written for another type, too.
func (w *writer) redeclare(body []*node) {
	of := w.fn.blocks[body[0]]
	for _, v := range w.fn.locals {
		for b := v.home; b != nil && of != nil; b = b.parent {
			if b == of {
				v.declared = false
			}
		}
	}
}

// typeTest is a test like isinstance(x.y, T), with what else the condition asks.
type typeTest struct {
	subject *node
	kind    *node
	asks    *node   // the module that has y as a child, if hasattr asks for it
	rest    []*node // of the condition
}

// instanceIn returns the isinstance test that a condition has, of what Go has to ask, or nil.
func (w *writer) instanceIn(test *node) *typeTest {
	parts := []*node{test}
	if test.Kind == "BoolOp" && test.Op == "And" {
		parts = test.Values
	}
	at := slices.IndexFunc(parts, func(p *node) bool {
		if p.Kind != "Call" || p.Func.Kind != "Name" || p.Func.Name != "isinstance" || len(p.Arguments) != 2 || dotted(p.Arguments[0]) == "" {
			return false
		}
		known, _ := w.staticTest(p)
		return !known
	})
	if at < 0 {
		return nil
	}
	found := &typeTest{subject: parts[at].Arguments[0], kind: parts[at].Arguments[1]}
	name := dotted(found.subject)
	for i, p := range parts {
		isHas := p.Kind == "Call" && p.Func.Kind == "Name" && p.Func.Name == "hasattr" && len(p.Arguments) == 2 && isText(p.Arguments[1])
		switch {
		case i == at:
		case i < at && isHas && dotted(p.Arguments[0])+"."+p.Arguments[1].Constant == name:
			found.asks = p.Arguments[0]
		case i < at && p.Kind == "Compare" && len(p.Ops) == 1 && p.Ops[0] == "IsNot" && p.Comparators[0].Type == "NoneType" && dotted(p.Left) == name:
		case i < at:
			return nil
		default:
			found.rest = append(found.rest, p)
		}
	}
	return found
}

// dotted writes a name, or an attribute of an attribute of one, or returns "".
func dotted(n *node) string {
	switch n.Kind {
	case "Name":
		return n.Name
	case "Attribute":
		if of := dotted(n.Value); of != "" {
			return of + "." + n.Name
		}
	}
	return ""
}

// instanceIf writes if isinstance(x, T) as Go's test of a type, with x as a T in it.
func (w *writer) instanceIf(n *node) bool {
	test := w.instanceIn(n.Test)
	if test == nil {
		return false
	}
	for head := "if "; ; head = "} else if " {
		before := len(w.lines)
		w.inline = len(head) > 3
		text, name, t := w.instanceHead(test)
		condition := ""
		outer, had := w.seen[dotted(test.subject)]
		w.see(test.subject, value{text: name, typ: t})
		for _, part := range test.rest {
			condition += " && " + w.condition(part).operand(2)
		}
		w.inline = false
		if len(w.lines) > before && len(head) > 3 {
			fail(n, "a test of several statements")
		}
		at := len(w.lines)
		w.printf("%s%s, ok := %s; ok%s {%s", head, name, text, condition, w.trailing(n.Line))
		w.statements(n.Body)
		if had {
			w.seen[dotted(test.subject)] = outer
		} else {
			delete(w.seen, dotted(test.subject))
		}
		if !strings.Contains(condition, name+".") && !mentions(w.lines[at+1:], name) {
			w.lines[at].text = strings.Replace(w.lines[at].text, head+name+",", head+"_,", 1)
		}
		if len(n.Orelse) == 1 && n.Orelse[0].Kind == "If" {
			if next := w.instanceIn(n.Orelse[0].Test); next != nil && !w.isInstanceTest(n.Orelse[0].Test) {
				n, test = n.Orelse[0], next
				w.report.statement(w.source, n)
				w.comments(n.Line)
				continue
			}
		}
		if len(n.Orelse) > 0 {
			w.printf("} else {")
			w.statements(n.Orelse)
		}
		w.printf("}")
		return true
	}
}

// instanceHead writes what a test asks, with the name that its value has.
func (w *writer) instanceHead(test *typeTest) (text, name string, t types.Type) {
	v := w.subjectOf(test)
	if v.typ == nil && v.variable != nil {
		w.expect(v.variable, w.anyModule, false)
	}
	list, ok := w.instancesOf(test.kind, v.typ)
	if !ok || v.typ == nil || !isInterface(v.typ) || len(list) != 1 {
		fail(test.kind, "isinstance of what is not known")
	}
	name = w.temporary(localName(test.subject.Name))
	if test.subject.Kind == "Name" {
		name = v.text
	}
	return fmt.Sprintf("%s.(%s)", v.primary(), typeText(list[0])), name, list[0]
}

// subjectOf translates what a test is about.
func (w *writer) subjectOf(test *typeTest) value {
	if test.asks == nil {
		return w.expression(test.subject)
	}
	module := w.expression(test.asks)
	if !w.isModule(module.typ) {
		fail(test.asks, "hasattr of what is no module")
	}
	return value{text: fmt.Sprintf("child(%s, %q)", module.text, test.subject.Name), typ: w.anyModule}
}

// see makes an expression of names and attributes another value, in the block that begins.
func (w *writer) see(n *node, v value) {
	if w.seen == nil {
		w.seen = map[string]value{}
	}
	v.node = n
	w.seen[dotted(n)] = v
}
