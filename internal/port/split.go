package port

import (
	"regexp"
	"strings"
)

// A Python variable that several loops or branches set anew, and nothing reads behind them,
// is one of its own in each of them.

// splitMark stands between the name of a variable and the number of its part.
const splitMark = "′"

var splits = regexp.MustCompile(splitMark + "I+")

// usage is where a variable is named.
type usage struct {
	block *block
	read  bool
}

// pythonName returns the name of a variable in Python.
func pythonName(name string) string {
	base, _, _ := strings.Cut(name, splitMark)
	return base
}

// below returns the block right below home that b is or is within, or nil.
func (b *block) below(home *block) *block {
	for b != nil && b.parent != home {
		b = b.parent
	}
	return b
}

// split makes several variables of one, if it can be.
func (p *placer) split(v *variable) {
	home := p.home[v]
	var parts []*block
	uses := map[*block][]usage{}
	for _, u := range p.usages[v] {
		part := u.block.below(home)
		if part == nil {
			return
		}
		if uses[part] == nil {
			parts = append(parts, part)
		}
		uses[part] = append(uses[part], u)
	}
	if len(parts) < 2 {
		return
	}
	for _, part := range parts {
		first := uses[part][0]
		if first.read {
			return
		}
		for _, u := range uses[part] {
			if !first.block.holds(u.block) {
				return
			}
		}
		for _, n := range part.nodes {
			if n.rebinds(v.python) {
				return
			}
		}
	}
	delete(p.home, v)
	for i, part := range parts {
		x := v
		if i > 0 {
			x = &variable{python: v.python + splitMark + strings.Repeat("I", i), goName: v.goName}
			p.function.locals[x.python] = x
			for _, n := range part.nodes {
				n.visit(func(n *node) bool {
					if n.Kind == "Name" && n.Name == v.python {
						n.Name = x.python
					}
					return true
				})
			}
		}
		p.home[x] = uses[part][0].block
	}
}

// holds reports whether other is b or within it.
func (b *block) holds(other *block) bool {
	for ; other != nil; other = other.parent {
		if other == b {
			return true
		}
	}
	return false
}

// rebinds reports whether a function or class below a node has a variable of the name of its own.
func (n *node) rebinds(name string) bool {
	found := false
	n.visit(func(n *node) bool {
		switch n.Kind {
		case "FunctionDef", "ClassDef":
			found = true
		case "Lambda":
			for _, a := range n.Signature.Params {
				found = found || a.Name == name
			}
		}
		return !found
	})
	return found
}
