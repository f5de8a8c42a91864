package port

import (
	"slices"

	"go/types"
)

// version returns the variable that an assignment sets: a new one, where the old one
// held values of another type and is not needed any more.
func (w *writer) version(n *node, x *variable, v value) *variable {
	f := w.fn
	if next := f.versions[n]; next != nil {
		w.begin(x, next)
		return next
	}
	t := solid(v.typ)
	if isNumber(t) && !v.literal && f.locals[x.python] == x {
		x.computed = true
	}
	if v.list {
		t = w.listType(v)
	}
	if f.locals[x.python] != x || x.global || t == nil || x.typ == nil || x.typ == conflict || w.holdsToo(x, t, v) {
		return x
	}
	next := &variable{python: x.python, home: x.home}
	switch {
	case x.param && f.locals[x.python] == x && w.block == f.root && f.node.Kind == "FunctionDef":
		next.home = f.root
	case x.home == w.block && x.declared:
	case x.home != w.block && w.isDead(n, x):
		next.home, next.nested = w.block, true
	default:
		return x
	}
	next.goName = f.localGoName(x.python)
	f.versions[n] = next
	w.begin(x, next)
	w.changed, w.restart = true, true // what was learned of the old one may be wrong
	return next
}

// begin makes a name mean another variable: to the end of the function, or of the block at
// hand.
func (w *writer) begin(x, next *variable) {
	if next.nested {
		w.ended = append(w.ended, x)
	} else if !x.param {
		next.home = x.home
	}
	next.declared = false
	w.fn.locals[next.python] = next
}

// holdsToo reports whether a variable takes a value of another type, too. One that is a
// tensor takes but constants of numbers.
func (w *writer) holdsToo(x *variable, t types.Type, v value) bool {
	if x.annotated && same(x.typ, t) {
		return true
	}
	if w.isTensor(x.typ) && isNumber(t) && !v.literal {
		return false
	}
	if x.computed && isNumber(x.typ) && w.isTensor(t) && x.declared && x.home == w.block && x.starts == nil {
		return false
	}
	return w.join(x.typ, t) != conflict && (!x.annotated || w.canHold(x.typ, t))
}

// isDead reports whether nothing behind a statement reads a variable before it is set
// again, and no loop within the variable's block runs the statement again.
func (w *writer) isDead(n *node, x *variable) bool {
	path := pathTo(w.fn.node.Body, n)
	for i := len(path) - 2; i >= 0; i-- {
		list, place := path[i].list, path[i].place
		if around := list[place]; around.Kind == "For" || around.Kind == "While" {
			return false
		}
		for _, after := range list[place+1:] {
			if slices.Contains(w.fn.mentions(after), x) {
				return false
			}
		}
		if w.fn.blocks[list[0]] == x.home {
			return true
		}
	}
	return false
}

// step is a statement's place in a list.
type step struct {
	list  []*node
	place int
}

// pathTo returns the places of the statements around one, and its own.
func pathTo(list []*node, n *node) []step {
	for i, s := range list {
		if s == n {
			return []step{{list, i}}
		}
		for _, below := range [][]*node{s.Body, s.Orelse} {
			if path := pathTo(below, n); path != nil {
				return append([]step{{list, i}}, path...)
			}
		}
	}
	return nil
}
