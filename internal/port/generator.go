package port

import (
	"fmt"
	"go/types"
	"slices"
)

// A function that yields returns an iterator in Go.

// isGenerator reports whether a function yields.
func (f *function) isGenerator() bool {
	if f.node.Kind != "FunctionDef" {
		return false
	}
	found := false
	f.node.visit(func(n *node) bool {
		found = found || n.Kind == "Yield" || n.Kind == "YieldFrom"
		return n == f.node || n.Kind != "FunctionDef" && n.Kind != "Lambda"
	})
	return found
}

// sequenceOf returns the type iter.Seq of a type, or nil.
func (p *program) sequenceOf(t types.Type) types.Type {
	if t == nil || t == conflict || t == noneType {
		return nil
	}
	pkg, _ := p.api.Import("iter")
	generic, ok := pkg.Scope().Lookup("Seq").Type().(*types.Named)
	if !ok {
		return nil
	}
	made, err := types.Instantiate(nil, generic, []types.Type{t}, false)
	if err != nil {
		return nil
	}
	return made
}

// sequenced returns what an iter.Seq gives, or nil.
func sequenced(t types.Type) types.Type {
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "iter" || n.Obj().Name() != "Seq" || n.TypeArgs().Len() != 1 {
		return nil
	}
	return n.TypeArgs().At(0)
}

// yields writes a yield.
func (w *writer) yields(n *node) {
	f := w.fn
	if n.Value.Kind == "YieldFrom" {
		name := w.temporary("x")
		v := w.settled(w.expression(n.Value.Value))
		e := elem(v.typ)
		head := fmt.Sprintf("for _, %s := range %s {", name, v.text)
		if s := sequenced(v.typ); s != nil {
			e, head = s, fmt.Sprintf("for %s := range %s {", name, v.text)
		}
		if e == nil {
			fail(n, "yield from what is no list")
		}
		w.learnYield(f, e)
		w.printf("%s\nif !yield(%s) {\nreturn\n}\n}", head, name)
		return
	}
	if w.modes > 0 {
		fail(n, "a yield within a context")
	}
	if n.Value.Value == nil {
		fail(n, "a yield of nothing")
	}
	v := w.expression(n.Value.Value)
	v = w.settledFor(w.kept(n, v), f.yielded)
	if v.list && v.typ == nil {
		fail(n, "a yield of a list of different types")
	}
	w.learnYield(f, v.typ)
	w.printf("if !yield(%s) {\nreturn\n}", w.coerce(v, f.yielded))
}

func (w *writer) learnYield(f *function, t types.Type) {
	if t == nil {
		return
	}
	joined := w.join(f.yielded, solid(t))
	if !same(joined, f.yielded) {
		f.yielded, w.changed = joined, true
	}
	if s := w.sequenceOf(joined); s != nil && !same(s, f.result) {
		f.result, w.changed = s, true
	}
}

// generator writes the body of a function that yields.
func (w *writer) generator(f *function, body []*node) {
	w.printf("return func(yield func(%s) bool) {", typeText(f.yielded))
	w.statements(body)
	w.printf("}")
}

// collectedSequence returns the list of what an iterator gives.
func (w *writer) collectedSequence(v value) value {
	if e := sequenced(v.typ); e != nil {
		return value{text: "slices.Collect(" + v.text + ")", typ: types.NewSlice(e), node: v.node}
	}
	return v
}

// sequenceLoop writes a loop over an iterator.
func (w *writer) sequenceLoop(n *node, counter string, target *node, v value, enter func(string)) {
	e := sequenced(v.typ)
	name, sign := w.loopName(target, e, "")
	if counter != "_" {
		w.printf("%s := -1", counter)
	}
	if name == "_" {
		enter(fmt.Sprintf("for range %s {", v.text))
	} else {
		enter(fmt.Sprintf("for %s %s range %s {", name, sign, v.text))
	}
	if counter != "_" {
		w.printf("%s++", counter)
	}
	if target.Kind != "Name" {
		w.unpackItem(n, target, value{text: name, typ: e, node: n, variable: &variable{}})
	}
}

// builtinNext translates next(iter(list)) and next(generator()).
func builtinNext(w *writer, n *node) value {
	a := only(n)
	if a.Kind == "Call" && a.Func.Kind == "Name" && a.Func.Name == "iter" && len(a.Arguments) == 1 {
		a = a.Arguments[0]
	}
	v := w.settled(w.expression(a))
	switch {
	case w.isLoader(v.typ):
		return value{text: "firstBatch(" + v.primary() + ".All(context.Background()))", typ: w.loaded(v.typ), node: n}
	case elem(v.typ) != nil && (a != n.Arguments[0] || a.Kind == "Call" && a.Func.Kind == "Attribute" && slices.Contains([]string{"parameters", "buffers", "modules", "children"}, a.Func.Name)):
		return value{text: v.primary() + "[0]", typ: elem(v.typ), node: n}
	}
	fail(n, "next of what is no new iterator")
	return value{}
}
