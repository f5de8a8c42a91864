package port

import (
	"fmt"
	"go/types"
	"strings"
)

// An ordered dict of tensors by name is an nn.StateDict in Go, which keeps the order, too.

// stateDict is the type of an ordered dict of tensors.
func (p *program) stateDict() types.Type { return p.named("torch/nn", "StateDict") }

func (p *program) isStateDict(t types.Type) bool { return t != nil && same(t, p.stateDict()) }

// orderedDict translates OrderedDict() and OrderedDict of pairs, of tensors.
func orderedDict(w *writer, n *node) value {
	if len(n.Keywords) > 0 || len(n.Arguments) > 1 {
		fail(n, "an OrderedDict with other arguments")
	}
	if len(n.Arguments) == 0 {
		if x := w.assigned(); x != nil && !w.isStateDict(x.typ) {
			if w.final() && x.typ == nil {
				fail(n, "an OrderedDict of what is not known")
			}
			return value{text: "nn.StateDict{}", node: n}
		}
		return value{text: "nn.StateDict{}", typ: w.stateDict()}
	}
	pairs := n.Arguments[0]
	switch pairs.Kind {
	case "List":
		var parts []string
		for _, e := range pairs.Elts {
			if e.Kind != "Tuple" || len(e.Elts) != 2 {
				fail(e, "an OrderedDict that is not written out")
			}
			parts = append(parts, fmt.Sprintf("{Name: %s, Tensor: %s}", w.coerce(w.expression(e.Elts[0]), stringType), w.coerce(w.expression(e.Elts[1]), w.tensor)))
		}
		return value{text: "nn.StateDict{" + strings.Join(parts, ", ") + "}", typ: w.stateDict()}
	case "ListComp", "GeneratorExp":
		if pairs.Elt.Kind == "Tuple" && len(pairs.Elt.Elts) == 2 {
			return w.stateComprehension(pairs, pairs.Elt.Elts[0], pairs.Elt.Elts[1])
		}
	case "Call":
		if pairs.Func.Kind == "Name" && pairs.Func.Name == "zip" && len(pairs.Arguments) == 2 {
			key, item := &node{Kind: "Name", Name: "name"}, &node{Kind: "Name", Name: "x"}
			list := &node{Kind: "ListComp", Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol, Elt: &node{Kind: "Tuple", Elts: []*node{key, item}},
				Generators: []*node{{Kind: "comprehension", Target: &node{Kind: "Tuple", Elts: []*node{key, item}}, Iter: pairs}}}
			if w.zips == nil {
				w.zips = map[*node]*node{}
			}
			if w.zips[pairs] == nil {
				w.zips[pairs] = list
			}
			return w.stateComprehension(w.zips[pairs], key, item)
		}
	}
	fail(n, "an OrderedDict that is not written out")
	return value{}
}

// stateComprehension translates a comprehension of names and tensors.
func (w *writer) stateComprehension(n, key, item *node) value {
	return w.collected(n, "map", func(w *writer, name string) types.Type {
		v := w.expression(item)
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, w.tensor, true)
		}
		w.printf("%s.Set(%s, %s)", name, w.coerce(w.expression(key), stringType), w.coerce(v, w.tensor))
		return w.stateDict()
	})
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

// stateMethod translates the methods of a dict of tensors.
func (w *writer) stateMethod(n *node, d value, name string) (value, bool) {
	count := len(n.Arguments) + len(n.Keywords)
	switch {
	case name == "keys" && count == 0:
		return value{text: d.primary() + ".Names()", typ: types.NewSlice(stringType)}, true
	case name == "get" && count == 1:
		return value{text: fmt.Sprintf("%s.Get(%s)", d.primary(), w.coerce(w.expression(n.Arguments[0]), stringType)), typ: w.tensor}, true
	case name == "values" && count == 0:
		list := w.temporary("list")
		if w.called || w.inline {
			return value{text: fmt.Sprintf("func() (%s []*torch.Tensor) {\nfor _, named := range %s {\n%[1]s = append(%[1]s, named.Tensor)\n}\nreturn %[1]s\n}()", list, d.text), typ: w.tensors}, true
		}
		w.printf("var %s []*torch.Tensor\nfor _, named := range %s {\n%[1]s = append(%[1]s, named.Tensor)\n}", list, d.text)
		return value{text: list, typ: w.tensors}, true
	case name == "pop" && count == 1 && w.at.Kind == "Expr" && w.at.Value == n && d.variable != nil:
		return value{text: fmt.Sprintf("%s.Delete(%s)", d.text, w.coerce(w.expression(n.Arguments[0]), stringType)), statement: true}, true
	case name == "copy" && count == 0:
		return value{text: "slices.Clone(" + d.text + ")", typ: d.typ}, true
	}
	fail(n, "a method %s of a dict of tensors", name)
	return value{}, false
}

// stateLiteral writes a dict of tensors that is written out.
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
