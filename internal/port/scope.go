package port

import (
	"maps"
	"slices"
)

// block is a list of statements. Python's variables are those of a function, Go's
// those of a block: a variable is declared in the innermost block with all its uses.
type block struct {
	parent *block
	loop   bool // it is run again and again
	depth  int
	nodes  []*node // its statements, and what a loop sets
}

// scope returns the variable that a name means in a function, or nil.
func (f *function) scope(name string) *variable {
	for o := f; o != nil; o = o.outer {
		if v := o.locals[name]; v != nil {
			return v
		}
	}
	return f.program.globals[name]
}

// place finds a function's variables and where they are declared.
func (f *function) place(body []*node) {
	if f.root == nil {
		f.root = &block{}
		p := &placer{function: f, home: map[*variable]*block{}, readFirst: map[*variable]bool{}, usages: map[*variable][]usage{}}
		p.declare(body)
		p.list(body, f.root)
		for _, v := range slices.Collect(maps.Values(f.locals)) {
			if !v.param && p.home[v] != nil {
				p.split(v)
			}
		}
		for v, b := range p.home {
			if p.readFirst[v] {
				for b.loop && b.parent != nil {
					b = b.parent // what it reads is the last round's
				}
			}
			v.home = b
		}
	}
	if f.originals == nil {
		f.originals = maps.Clone(f.locals)
	}
	f.locals = maps.Clone(f.originals)
	for _, v := range f.locals {
		v.declared = v.param
	}
}

// placer finds the blocks of variables.
type placer struct {
	function  *function
	home      map[*variable]*block
	readFirst map[*variable]bool
	usages    map[*variable][]usage
}

// declare finds the names that a body sets.
func (p *placer) declare(body []*node) {
	f := p.function
	elsewhere := map[string]bool{}
	for _, n := range body {
		n.visit(func(n *node) bool {
			if n.Kind == "Global" || n.Kind == "Nonlocal" {
				for _, name := range n.Words {
					elsewhere[name] = true
				}
			}
			for _, t := range storedIn(n) {
				isGlobal := f.node.Kind == "Module" && f.program.globals[t.Name] != nil
				if f.locals[t.Name] == nil && !elsewhere[t.Name] && !isGlobal {
					f.locals[t.Name] = &variable{python: t.Name, goName: f.localGoName(t.Name)}
				}
			}
			return !ownScope(n)
		})
	}
}

// ownScope reports whether names that are set below n are not the function's.
func ownScope(n *node) bool {
	switch n.Kind {
	case "FunctionDef", "ClassDef", "Lambda", "ListComp", "GeneratorExp", "SetComp", "DictComp":
		return true
	}
	return false
}

// storedIn returns the names that a node itself sets.
func storedIn(n *node) []*node {
	var names []*node
	var targets func(t *node)
	targets = func(t *node) {
		switch {
		case t == nil || t.Name == "_" && t.Kind == "Name":
		case t.Kind == "Name":
			names = append(names, t)
		case t.Kind == "Tuple" || t.Kind == "List":
			for _, e := range t.Elts {
				targets(e)
			}
		case t.Kind == "Starred":
			targets(t.Value)
		}
	}
	switch n.Kind {
	case "Assign":
		for _, t := range n.Targets {
			targets(t)
		}
	case "AugAssign", "AnnAssign", "For", "NamedExpr":
		targets(n.Target)
	case "withitem":
		targets(n.OptionalVars)
	case "FunctionDef":
		names = append(names, n)
	case "ExceptHandler":
		if n.Name != "" {
			names = append(names, &node{Kind: "Name", Name: n.Name})
		}
	}
	return names
}

// list goes through the statements of a block.
func (p *placer) list(body []*node, b *block) {
	if len(body) == 0 {
		return
	}
	p.function.blocks[body[0]] = b
	b.nodes = append(b.nodes, body...)
	for _, n := range body {
		p.statement(n, b)
	}
}

func (p *placer) below(body []*node, b *block, loop bool) {
	p.list(body, &block{parent: b, loop: loop, depth: b.depth + 1})
}

func (p *placer) statement(n *node, b *block) {
	switch n.Kind {
	case "If":
		p.uses(n.Test, b)
		p.below(n.Body, b, false)
		p.below(n.Orelse, b, false)
	case "While":
		p.uses(n.Test, b)
		p.below(n.Body, b, true)
		p.below(n.Orelse, b, false)
	case "For":
		p.uses(n.Iter, b)
		inside := &block{parent: b, loop: true, depth: b.depth + 1}
		for _, t := range storedIn(n) {
			p.use(t.Name, inside, false)
		}
		inside.nodes = []*node{n.Target}
		p.list(n.Body, inside)
		p.below(n.Orelse, b, false)
	case "With":
		for _, item := range n.Items {
			p.uses(item, b)
		}
		p.below(n.Body, b, false)
	case "Try":
		p.below(n.Body, b, false)
		for _, h := range n.Handlers {
			inside := &block{parent: b, depth: b.depth + 1}
			if h.Name != "" {
				p.use(h.Name, inside, false)
			}
			p.list(h.Body, inside)
		}
		p.below(n.Orelse, b, false)
		p.below(n.Finalbody, b, false)
	case "FunctionDef":
		for _, below := range n.Body {
			p.uses(below, b)
		}
		p.use(n.Name, b, false)
	case "Assign":
		p.uses(n.Value, b)
		for _, t := range n.Targets {
			if t.Kind == "Subscript" || t.Kind == "Attribute" {
				p.uses(t, b)
			}
		}
		for _, t := range storedIn(n) {
			p.use(t.Name, b, false)
		}
	default:
		p.uses(n, b)
	}
}

// uses goes through an expression.
func (p *placer) uses(n *node, b *block) {
	stored := map[*node]bool{}
	n.visit(func(n *node) bool {
		for _, t := range storedIn(n) {
			stored[t] = true
		}
		return true
	})
	n.names(func(n *node) { p.use(n.Name, b, !stored[n]) })
}

// names calls f with the names of an expression or statement, but for those that its
// comprehensions and lambdas bind.
func (n *node) names(f func(*node)) {
	bound := map[string]bool{}
	for _, g := range n.Generators {
		for _, t := range storedIn(&node{Kind: "For", Target: g.Target}) {
			bound[t.Name] = true
		}
	}
	if n.Kind == "Lambda" {
		for _, a := range n.Signature.Params {
			bound[a.Name] = true
		}
	}
	if n.Kind == "Name" || n.Kind == "FunctionDef" {
		f(n)
	}
	for _, child := range n.children() {
		child.names(func(n *node) {
			if !bound[n.Name] {
				f(n)
			}
		})
	}
}

func (p *placer) use(name string, b *block, read bool) {
	v := p.function.locals[name]
	if v == nil || v.param {
		return
	}
	p.usages[v] = append(p.usages[v], usage{b, read})
	home, known := p.home[v]
	if !known {
		p.home[v], p.readFirst[v] = b, read
		return
	}
	for home != b {
		switch {
		case home.depth > b.depth:
			home = home.parent
		case b.depth > home.depth:
			b = b.parent
		default:
			home, b = home.parent, b.parent
		}
	}
	p.home[v] = home
}

// mentions returns the variables of a function that a statement names, sorted.
func (f *function) mentions(n *node) []*variable {
	var found []*variable
	n.names(func(n *node) {
		if v := f.locals[n.Name]; v != nil && !slices.Contains(found, v) {
			found = append(found, v)
		}
	})
	slices.SortFunc(found, func(a, b *variable) int {
		if a.goName < b.goName {
			return -1
		}
		return 1
	})
	return found
}
