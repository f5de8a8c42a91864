package port

import (
	"fmt"
	"regexp"
	"slices"
)

func (w *writer) whileStatement(n *node) {
	before := len(w.lines)
	cond := w.condition(n.Test)
	steps := slices.Clone(w.lines[before:])
	w.lines = w.lines[:before]
	after := w.elseOf(n)
	switch {
	case len(steps) > 0: // that the condition takes, each time
		w.printf("for {%s", w.trailing(n.Line))
		w.lines = append(w.lines, steps...)
		w.printf("if %s {\nbreak\n}", w.negated(cond).text)
	case cond.text == "true":
		w.printf("for {")
	default:
		w.printf("for %s {%s", cond.text, w.trailing(n.Line))
	}
	w.statements(n.Body)
	w.printf("}")
	after()
}

// forStatement writes a for loop.
func (w *writer) forStatement(n *node) {
	inside := w.fn.blocks[n.Body[0]]
	after := w.elseOf(n)
	w.loop(n, n.Target, n.Iter, inside, func() { w.statements(n.Body) })
	after()
}

// elseOf begins a loop that may have an else, and returns what writes it behind the loop.
func (w *writer) elseOf(n *node) func() {
	name := ""
	if len(n.Orelse) > 0 && breaks(n.Body) {
		name = w.temporary("left")
		w.printf("%s := false", name)
	}
	w.leaving = append(w.leaving, name)
	return func() {
		w.leaving = w.leaving[:len(w.leaving)-1]
		switch {
		case len(n.Orelse) == 0:
		case name == "":
			w.statements(n.Orelse)
		default:
			w.printf("if !%s {", name)
			w.statements(n.Orelse)
			w.printf("}")
		}
	}
}

// breaks reports whether a loop's body leaves the loop by break.
func breaks(body []*node) bool {
	return slices.ContainsFunc(body, func(n *node) bool {
		switch n.Kind {
		case "Break":
			return true
		case "For", "While":
			return breaks(n.Orelse)
		case "FunctionDef", "ClassDef":
			return false
		}
		found := breaks(n.Body) || breaks(n.Orelse) || breaks(n.Finalbody)
		for _, h := range n.Handlers {
			found = found || breaks(h.Body)
		}
		return found
	})
}

// reassigned reports whether statements set a name.
func reassigned(body []*node, name string) bool {
	found := false
	for _, n := range body {
		n.visit(func(n *node) bool {
			for _, t := range storedIn(n) {
				found = found || t.Name == name
			}
			return !found
		})
	}
	return found
}

// cheap are the calls that give the same each time.
var cheap = regexp.MustCompile(`\b(len|min|max|int|float64|(\w+\.)*\w+\.(Size|Dim|Numel|Len))\(`)

// called finds calls.
var anyCall = regexp.MustCompile(`\w\(`)

// holdBounds puts the ends of a range into variables where Go would compute them again and
// again: Python does it once.
func (w *writer) holdBounds(n, iter *node, args []string) {
	if len(args) < 2 || n.Kind != "For" {
		return
	}
	for i := 1; i < len(args); i++ {
		varies := anyCall.MatchString(cheap.ReplaceAllString(args[i], " "))
		iter.Arguments[i].visit(func(a *node) bool {
			switch a.Kind {
			case "Name":
				varies = varies || reassigned(n.Body, a.Name) || grown(&node{Body: n.Body}, a.Name)
			case "Attribute":
				for _, s := range n.Body {
					s.visit(func(below *node) bool {
						if below.Kind == "Assign" || below.Kind == "AugAssign" {
							for _, t := range append([]*node{below.Target}, below.Targets...) {
								varies = varies || t != nil && t.Kind == "Attribute" && t.Name == a.Name
							}
						}
						return true
					})
				}
			}
			return true
		})
		if varies {
			name := w.temporary(map[int]string{1: "end", 2: "step"}[i])
			w.printf("%s := %s", name, args[i])
			args[i] = name
		}
	}
}

// growingLoop writes a loop over a list that its body makes longer or shorter: Python looks
// at the list each time.
func (w *writer) growingLoop(n *node, counter string, target *node, v value, enter func(string)) {
	index := counter
	if index == "_" {
		index = w.loopTemporary("i")
	}
	e := elem(v.typ)
	name, sign := w.loopName(target, e, v.dtype)
	enter(fmt.Sprintf("for %s := 0; %[1]s < len(%s); %[1]s++ {", index, v.text))
	if name != "_" {
		w.printf("%s %s %s[%s]", name, sign, v.primary(), index)
	}
	if target.Kind != "Name" {
		w.unpackItem(n, target, value{text: name, typ: e, node: n, variable: &variable{}})
	}
}

// namedExpression translates (x := value) as an assignment before the statement at hand.
func (w *writer) namedExpression(n *node) value {
	if w.called || w.inline {
		fail(n, "an assignment within an expression that calls something before")
	}
	v := w.expression(n.Value)
	w.assignName(n, n.Target, v)
	w.called = false
	return w.name(n.Target)
}
