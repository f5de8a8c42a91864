package vet

import (
	"go/ast"
	"go/types"
)

// Shapes finds layers whose constant sizes do not fit from one to the next, in the
// arguments of nn.NewSequential and in Forward methods.
var Shapes = analyzer("shapes", "find layers whose constant sizes do not fit from one to the next", shapes)

func shapes(c *check) {
	layers := c.layersOfFields()
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil), (*ast.FuncDecl)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CallExpr:
			if f := c.callee(n); f.path == nnPath && f.name == "NewSequential" && !n.Ellipsis.IsValid() {
				c.sequence(n, size{}, true)
			}
		case *ast.FuncDecl:
			if n.Recv != nil && n.Body != nil && isModule(c.typeOf(n.Recv.List[0].Type)) {
				f := &flow{c, layers, map[types.Object]size{}}
				f.block(n.Body.List)
			}
		}
	}
}

// sequence follows a size through the layers of a Sequential. It reports what does not
// fit if it is told to, since each Sequential is looked at once.
func (c *check) sequence(call *ast.CallExpr, s size, report bool) size {
	for _, argument := range call.Args {
		s = c.through(s, c.layerOf(argument), argument, report)
	}
	return s
}

// through returns the size after a layer, and reports one that does not fit before it.
func (c *check) through(s size, l *layer, at ast.Expr, report bool) size {
	if l == nil {
		return size{}
	}
	first := c.first(l)
	in := first.in
	if first.either {
		in.channels = s.channels
	}
	if report && s.clashes(in) {
		c.report(at, nil, "%s takes %s, and what comes before it, %s, gives %s: make them equal", first.name, in, s.from, s)
	}
	switch {
	case l.sequence != nil:
		return c.sequence(l.sequence, s, false)
	case l.keeps, l.either, l.pools && s.channels:
		return s
	case l.flattens:
		return s.flattened()
	case l.out.n == 0:
		return size{}
	}
	out := l.out
	out.from = l.name
	return out
}

// first returns the layer of a Sequential that the input comes to, or the layer itself.
func (c *check) first(l *layer) *layer {
	if l.sequence == nil {
		return l
	}
	for _, argument := range l.sequence.Args {
		next := c.layerOf(argument)
		if next == nil || next.flattens || next.pools {
			break
		}
		if !next.keeps {
			return c.first(next)
		}
	}
	return &layer{}
}

// flow follows sizes through a Forward method.
type flow struct {
	*check
	layers map[types.Object]*layer
	sizes  map[types.Object]size
}

// block follows statements, as long as they run one after the other. What branches and
// loops set is not known after them.
func (f *flow) block(list []ast.Stmt) {
	for _, statement := range list {
		f.forgetWithin(statement)
		switch s := statement.(type) {
		case *ast.AssignStmt:
			f.assign(s)
		case *ast.ReturnStmt:
			for _, e := range s.Results {
				f.size(e)
			}
		case *ast.ExprStmt:
			f.size(s.X)
		default:
			f.forget(s)
		}
	}
}

func (f *flow) assign(s *ast.AssignStmt) {
	given := make([]size, len(s.Lhs))
	for i, e := range s.Rhs {
		if n := f.size(e); len(s.Rhs) == len(s.Lhs) {
			given[i] = n
		}
	}
	for i, left := range s.Lhs {
		if v := f.objectOf(left); v != nil {
			f.sizes[v] = given[i]
		}
	}
}

// forgetWithin drops what is known of variables that functions within a statement set.
func (f *flow) forgetWithin(s ast.Stmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		if function, ok := n.(*ast.FuncLit); ok {
			f.forget(function.Body)
		}
		return true
	})
}

// forget drops what is known of variables that a statement sets.
func (f *flow) forget(s ast.Stmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, left := range a.Lhs {
				if v := f.objectOf(left); v != nil {
					delete(f.sizes, v)
				}
			}
		}
		return true
	})
}

// size returns what is known of a tensor's size.
func (f *flow) size(e ast.Expr) size {
	switch n := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := f.objectOf(n); v != nil {
			return f.sizes[v]
		}
	case *ast.CallExpr:
		return f.call(n)
	}
	return size{}
}

func (f *flow) call(call *ast.CallExpr) size {
	g := f.callee(call)
	if g.name == "Forward" && len(call.Args) == 1 && receiver(call) != nil {
		s := f.size(call.Args[0])
		field, ok := ast.Unparen(receiver(call)).(*ast.SelectorExpr)
		if !ok {
			return size{}
		}
		return f.through(s, f.layers[f.TypesInfo.ObjectOf(field.Sel)], call, true)
	}
	x := operand(g, call)
	if x == nil || g.path != torchPath && g.path != functionalPath || g.receiver != "" && g.receiver != "Tensor" {
		return size{}
	}
	s := f.size(x)
	for _, argument := range call.Args {
		if argument != x {
			f.size(argument)
		}
	}
	switch {
	case elementwise[g.name]:
		return s
	case g.name == "Flatten" && f.isFromOne(call, x):
		return s.flattened()
	}
	return size{}
}

// isFromOne reports whether a call of Flatten begins at dimension 1.
func (f *flow) isFromOne(call *ast.CallExpr, x ast.Expr) bool {
	rest := call.Args
	if len(rest) > 0 && rest[0] == x {
		rest = rest[1:]
	}
	if len(rest) != 1 {
		return false
	}
	n, ok := f.intOf(rest[0])
	return ok && n == 1
}
