package port

import (
	"fmt"
	"go/types"
	"strings"
)

// A state dict is an nn.StateDict in Go, which keeps the order, too.

// stateDict is the type of a state dict.
func (p *program) stateDict() types.Type { return p.named("torch/nn", "StateDict") }

func (p *program) isStateDict(t types.Type) bool { return t != nil && same(t, p.stateDict()) }

// orderedDict translates OrderedDict: a state dict where one is wanted, else a dict.
func orderedDict(w *writer, n *node) value {
	wanted := w.want
	if x := w.assigned(); x != nil && wanted == nil {
		wanted = x.typ
	}
	switch {
	case len(n.Arguments)+len(n.Keywords) == 0 && w.isStateDict(wanted):
		return value{text: "nn.StateDict{}", typ: w.stateDict()}
	case len(n.Arguments)+len(n.Keywords) == 0:
		return w.expression(&node{Kind: "Dict", Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol})
	}
	return builtinDict(w, n)
}

// becomesState reports whether a function loads a variable as a state dict.
func (w *writer) becomesState(x *variable) bool {
	found := false
	w.fn.node.visit(func(n *node) bool {
		if n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "load_state_dict" && len(n.Arguments) > 0 && n.Arguments[0].Kind == "Name" {
			found = found || n.Arguments[0].Name == x.python
		}
		return !found
	})
	return found
}

// stateComprehension translates a comprehension of names and tensors.
func (w *writer) stateComprehension(n, key, item *node) value {
	return w.collected(n, "map", func(w *writer, name string) types.Type {
		w.printf("%s.Set(%s, %s)", name, w.coerce(w.expression(key), stringType), w.coerce(w.expression(item), w.tensor))
		return w.stateDict()
	})
}

// isStateComprehension reports whether a comprehension goes over a state dict, and gives one.
func (w *writer) isStateComprehension(n *node) bool {
	if len(n.Generators) != 1 {
		return false
	}
	iter := n.Generators[0].Iter
	if iter.Kind != "Call" || iter.Func.Kind != "Attribute" || iter.Func.Name != "items" {
		return false
	}
	v, why := w.probed(iter.Func.Value)
	name := n.Generators[0].Target
	if x := w.assigned(); !w.isStateDict(w.fn.result) && (x == nil || !w.becomesState(x)) {
		return false
	}
	return why == nil && w.isStateDict(v.typ) && n.Value.Kind == "Name" && name.Kind == "Tuple" && len(name.Elts) == 2 && name.Elts[1].Name == n.Value.Name
}

// stateElement translates d[name].
func (w *writer) stateElement(n *node, d value) value {
	return value{text: fmt.Sprintf("%s.Get(%s)", d.primary(), w.coerce(w.expression(n.Slice), stringType)), typ: w.tensor}
}

// setStateElement writes d[name] = x.
func (w *writer) setStateElement(n, target, from *node, d value) {
	if d.variable == nil || strings.Contains(d.text, "(") {
		fail(n, "an element of a dict that is no variable")
	}
	if d.variable.param {
		w.report.note(w.source, n, "a name that is new in a dict is not in the caller's in Go")
	}
	w.printf("%s.Set(%s, %s)%s", d.text, w.coerce(w.expression(target.Slice), stringType), w.coerce(w.settled(w.expression(from)), w.tensor), w.trailing(n.EndLine))
}

// stateMethod translates the methods of a state dict.
func (w *writer) stateMethod(n *node, d value, name string) (value, bool) {
	count := len(n.Arguments) + len(n.Keywords)
	switch {
	case name == "keys" && count == 0:
		return value{text: d.primary() + ".Names()", typ: types.NewSlice(stringType)}, true
	case name == "get" && count == 1:
		return value{text: fmt.Sprintf("%s.Get(%s)", d.primary(), w.coerce(w.expression(n.Arguments[0]), stringType)), typ: w.tensor}, true
	case name == "pop" && count == 1 && d.variable != nil && !d.variable.param:
		key := w.coerce(w.expression(n.Arguments[0]), stringType)
		if w.at.Kind == "Expr" && w.at.Value == n {
			return value{text: fmt.Sprintf("%s.Delete(%s)", d.text, key), statement: true}, true
		}
		if w.called || w.inline {
			break
		}
		x := w.temporary("popped")
		w.printf("%s := %s.Get(%s)\n%[2]s.Delete(%[3]s)", x, d.text, key)
		return value{text: x, typ: w.tensor}, true
	case name == "setdefault" && count == 2 && w.at.Kind == "Expr" && w.at.Value == n && d.variable != nil:
		key, x := w.coerce(w.expression(n.Arguments[0]), stringType), w.coerce(w.expression(n.Arguments[1]), w.tensor)
		return value{text: fmt.Sprintf("if %s.Get(%s) == nil {\n%[1]s.Set(%[2]s, %s)\n}", d.text, key, x), statement: true}, true
	case name == "copy" && count == 0:
		return value{text: "slices.Clone(" + d.text + ")", typ: d.typ}, true
	}
	fail(n, "a method %s of a state dict", name)
	return value{}, false
}

// stateLiteral writes a dict of tensors that is written out as a state dict.
func (w *writer) stateLiteral(n *node) (string, bool) {
	parts := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		if k == nil {
			return "", false
		}
		key, ok := w.convert(w.expression(k), stringType)
		x, ok2 := w.convert(w.expression(n.Values[i]), w.tensor)
		if !ok || !ok2 {
			return "", false
		}
		parts[i] = fmt.Sprintf("{Name: %s, Tensor: %s}", key, x)
	}
	return "nn.StateDict{" + strings.Join(parts, ", ") + "}", true
}
