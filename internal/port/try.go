package port

import (
	"slices"
	"strings"
)

// Exceptions of Python's are panics with an error that begins with the exception's name. A
// try is a call of a function whose panic is an error again.

// caught are the exceptions that Go's errors and panics stand for exactly.
var caught = []string{"Exception", "BaseException", "ValueError", "RuntimeError", "FileNotFoundError", "OSError", "IOError", "IndexError", "AssertionError", "NotImplementedError", "StopIteration"}

// exceptionNames returns the names that a handler catches; nil is all.
func (w *writer) exceptionNames(h *node) []string {
	if h.Test == nil {
		return nil
	}
	list := []*node{h.Test}
	if h.Test.Kind == "Tuple" {
		list = h.Test.Elts
	}
	var names []string
	for _, n := range list {
		switch name := n.Name; {
		case name == "Exception" || name == "BaseException":
			return nil
		case n.Kind == "Name" && (w.isException(name) || slices.Contains(caught, name)):
			names = append(names, w.derivedExceptions(name)...)
		default:
			fail(h, "except of %s, which Go has no panic for", w.source.text(n))
		}
	}
	return names
}

// isException reports whether a class of the files is an exception.
func (p *program) isException(name string) bool {
	c := p.classes[name]
	if c == nil || len(c.node.Bases) != 1 {
		return false
	}
	base := c.node.Bases[0].Name
	return strings.HasSuffix(base, "Error") || base == "Exception" || p.isException(base)
}

// derivedExceptions returns an exception and those of the files that are one, too.
func (p *program) derivedExceptions(name string) []string {
	names := []string{name}
	for _, o := range p.order {
		if c, ok := o.(*class); ok && len(c.node.Bases) == 1 && c.node.Bases[0].Name == name {
			names = append(names, p.derivedExceptions(c.node.Name)...)
		}
	}
	return names
}

// try writes try, except, else and finally.
func (w *writer) try(n *node) {
	if w.importTry(n) || w.interruptTry(n) {
		return
	}
	if len(n.Finalbody) > 0 {
		w.finally(n)
		return
	}
	for _, h := range n.Handlers {
		w.exceptionNames(h)
	}
	body, returned := n.Body, (*node)(nil)
	if last := body[len(body)-1]; last.Kind == "Return" && last.Value != nil {
		body, returned = body[:len(body)-1], last
	}
	if leaves(body, false) {
		fail(n, "a try that is left by return, break or continue")
	}
	name := ""
	if returned != nil {
		f := w.fn
		v := w.settled(w.tried(returned.Value))
		if v.typ != nil && !f.annotated {
			if joined := w.join(f.result, v.typ); !same(joined, f.result) {
				f.result, w.changed = joined, true
			}
		}
		if f.result == nil {
			fail(n, "a try whose result is not known")
		}
		name = w.temporary("result")
		w.printf("var %s %s", name, typeText(f.result))
	}
	w.printf("err := try(func() {")
	place := len(w.lines) - 1
	w.modes++
	block := w.block
	w.statements(n.Body[:len(body)])
	if returned != nil {
		w.block = w.fn.blocks[n.Body[0]]
		w.at, w.called = returned, false
		w.report.statement(w.source, returned)
		w.printf("%s = %s", name, w.coerce(w.settledFor(w.expression(returned.Value), w.fn.result), w.fn.result))
		w.block = block
	}
	w.modes--
	w.at = n
	w.printf("})")
	if returned == nil && len(n.Orelse) == 0 {
		w.lines[place].text = "if err := try(func() {"
		w.lines[len(w.lines)-1].text = "}); err != nil {"
	} else {
		if returned != nil {
			w.printf("if err == nil {\nreturn %s\n}", name)
		} else {
			w.printf("if err == nil {")
			w.statements(n.Orelse)
			w.printf("} else {")
		}
	}
	w.handlers(n)
	if returned == nil {
		w.printf("}")
	}
}

// handlers writes what is done for an error.
func (w *writer) handlers(n *node) {
	all := w.exceptionNames(n.Handlers[0]) == nil
	if !all {
		w.printf("switch {")
	}
	for i, h := range n.Handlers {
		names := w.exceptionNames(h)
		switch {
		case names != nil:
			var quoted []string
			for _, name := range names {
				quoted = append(quoted, quote(name))
			}
			w.printf("case isError(err, %s):", strings.Join(quoted, ", "))
		case i > 0:
			w.printf("default:")
		}
		if x := w.fn.locals[h.Name]; h.Name != "" && x != nil {
			x.goName, x.typ, x.annotated, x.declared = "err", errorType, true, true
		}
		outer := w.handled
		w.handled = true
		w.statements(h.Body)
		w.handled = outer
		if names == nil {
			break
		}
	}
	if last := n.Handlers[len(n.Handlers)-1]; !all {
		if w.exceptionNames(last) != nil {
			w.printf("default:\npanic(err)")
		}
		w.printf("}")
	}
}

// leaves reports whether statements leave what they are in.
func leaves(body []*node, inLoop bool) bool {
	return slices.ContainsFunc(body, func(n *node) bool {
		switch n.Kind {
		case "Return":
			return true
		case "Break", "Continue":
			return !inLoop
		case "FunctionDef", "ClassDef":
			return false
		case "Expr":
			return n.Value.Kind == "Yield" || n.Value.Kind == "YieldFrom"
		}
		loop := inLoop || n.Kind == "For" || n.Kind == "While"
		found := leaves(n.Body, loop) || leaves(n.Orelse, inLoop) || leaves(n.Finalbody, inLoop)
		for _, h := range n.Handlers {
			found = found || leaves(h.Body, inLoop)
		}
		return found
	})
}

// finally writes a try with a finally.
func (w *writer) finally(n *node) {
	if leaves([]*node{{Kind: "If", Body: n.Body, Orelse: slices.Concat(n.Orelse, n.Finalbody)}}, false) || slices.ContainsFunc(n.Handlers, func(h *node) bool { return leaves(h.Body, false) }) {
		fail(n, "a try with finally that is left by return, break or continue")
	}
	w.printf("func() {\ndefer func() {")
	w.modes++
	w.statements(n.Finalbody)
	w.printf("}()")
	if len(n.Handlers) == 0 {
		w.statements(n.Body)
	} else {
		inner := *n
		inner.Finalbody = nil
		w.try(&inner)
	}
	w.modes--
	w.printf("}()")
}

// importTry leaves out a try that but imports what may not be there.
func (w *writer) importTry(n *node) bool {
	for _, s := range n.Body {
		if s.Kind != "Import" && s.Kind != "ImportFrom" {
			return false
		}
	}
	w.report.note(w.source, n, "what is imported is taken to be there")
	return true
}

// interruptTry writes the body of a try that but catches the keyboard's interrupt.
func (w *writer) interruptTry(n *node) bool {
	if len(n.Handlers) != 1 || n.Handlers[0].Test == nil || n.Handlers[0].Test.Name != "KeyboardInterrupt" || len(n.Finalbody) > 0 {
		return false
	}
	w.report.note(w.source, n.Handlers[0], "an interrupt ends the program in Go")
	w.statements(n.Body)
	w.statements(n.Orelse)
	return true
}
