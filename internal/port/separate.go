package port

import (
	"fmt"
	"regexp"
	"slices"
)

// Loops of a function that are behind each other often have a variable of one name, which
// nothing but the loops' bodies reads. Each of them is a variable of its own in Go.

// separated matches what tells such variables apart.
var separated = regexp.MustCompile(`#\d+`)

// separate gives the variables of such loops names of their own; Go's names stay the same.
func (f *function) separate(body []*node) {
	loops := map[string][]*node{}
	outermost(body, nil, loops)
	for name, list := range loops {
		v := f.locals[name]
		isGlobal := f.node.Kind == "Module" && f.program.globals[name] != nil
		if len(list) < 2 || v != nil && v.param || isGlobal {
			continue
		}
		inside, all, elsewhere := 0, 0, false
		for _, n := range body {
			n.visit(func(n *node) bool {
				if n.Kind == "Global" || n.Kind == "Nonlocal" {
					elsewhere = elsewhere || slices.Contains(n.Words, name)
				}
				return true
			})
			n.names(func(n *node) { all += count(n.Name == name) })
		}
		for _, loop := range list {
			loop.own(func(n *node) { inside += count(n.Name == name) })
		}
		if inside != all || elsewhere {
			continue
		}
		for i, loop := range list[1:] {
			loop.own(func(n *node) {
				if n.Name == name {
					n.Name = fmt.Sprintf("%s#%d", name, i+1)
				}
			})
		}
	}
}

// own calls f with the names of a loop's target and body.
func (n *node) own(f func(*node)) {
	n.Target.names(f)
	for _, s := range n.Body {
		s.names(f)
	}
}

// count returns 1 for true.
func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// outermost finds, for each name that loops set, the loops that are not within another one
// that sets it.
func outermost(body []*node, within []string, loops map[string][]*node) {
	for _, n := range body {
		switch n.Kind {
		case "FunctionDef", "ClassDef":
			continue
		case "For":
			inner := slices.Clone(within)
			for _, t := range storedIn(n) {
				if !slices.Contains(within, t.Name) {
					loops[t.Name] = append(loops[t.Name], n)
					inner = append(inner, t.Name)
				}
			}
			outermost(n.Body, inner, loops)
		default:
			outermost(n.Body, within, loops)
		}
		outermost(n.Orelse, within, loops)
		outermost(n.Finalbody, within, loops)
		for _, h := range n.Handlers {
			outermost(h.Body, within, loops)
		}
	}
}

// variableAt returns the variable of a line by Go's name.
func (l line) variableAt(name string) *variable {
	if l.node != nil {
		for _, t := range storedIn(l.node) {
			if v := l.function.locals[t.Name]; v != nil && v.goName == name {
				return v
			}
		}
		for _, v := range l.function.mentions(l.node) {
			if v.goName == name {
				return v
			}
		}
	}
	return l.function.byGoName(name)
}
