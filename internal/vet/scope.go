package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"math"
	"regexp"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// Scopes finds tensors that are used after they are closed: that leave the function of a
// torch.Scope, or a turn of a loop over a data loader, without Keep.
var Scopes = analyzer("scopes", "find tensors that are used after the torch.Scope, or the data loader's turn, that they were made in", scopes)

func scopes(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil), (*ast.RangeStmt)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CallExpr:
			c.scope(cursor, n)
		case *ast.RangeStmt:
			c.turn(cursor, n)
		}
	}
}

// scope looks at the function that Scope or Scoped is given.
func (c *check) scope(cursor inspector.Cursor, call *ast.CallExpr) {
	f := c.callee(call)
	if f.path != torchPath || f.name != "Scope" && f.name != "Scoped" || len(call.Args) != 1 {
		return
	}
	if t := c.typeOf(call); f.name == "Scoped" && isModule(t) {
		c.report(call, nil, "Scoped panics on a %s, whose tensors it would close: make the module outside", c.short(t))
		return
	}
	body, ok := ast.Unparen(call.Args[0]).(*ast.FuncLit)
	if !ok {
		return
	}
	c.leaving(cursor, body, c.isMade,
		"%s is closed when the Scope ends, and used after it: take it out by Keep, or return it from torch.Scoped")
}

// turn looks at a loop over a data loader, whose batches are closed at the next turn.
func (c *check) turn(cursor inspector.Cursor, loop *ast.RangeStmt) {
	call, ok := ast.Unparen(loop.X).(*ast.CallExpr)
	if !ok {
		return
	}
	f := c.callee(call)
	if f.path != torchPath+"/utils/data" || f.receiver != "DataLoader" || f.name != "All" && f.name != "Enumerate" {
		return
	}
	batches := c.counters(loop)
	of := func(e ast.Expr) bool {
		for {
			switch n := ast.Unparen(e).(type) {
			case *ast.SelectorExpr:
				e = n.X
			case *ast.IndexExpr:
				e = n.X
			case *ast.Ident:
				return batches[c.TypesInfo.ObjectOf(n)]
			default:
				return false
			}
		}
	}
	c.leaving(cursor, loop.Body, of, "%s is the data loader's, which closes it at the next turn, and it is used after the loop: take it out by Keep or Clone")
}

// leaving reports what is assigned within a node to a variable outside that is read
// elsewhere, if it is one that ends with the node.
func (c *check) leaving(cursor inspector.Cursor, within ast.Node, ends func(ast.Expr) bool, format string) {
	for at := range cursor.Preorder((*ast.AssignStmt)(nil)) {
		n := at.Node().(*ast.AssignStmt)
		if n.Pos() < within.Pos() || n.End() > within.End() || c.isNested(at, within) || len(n.Lhs) != len(n.Rhs) {
			continue
		}
		for i, left := range n.Lhs {
			c.leave(cursor, within, left, n.Rhs[i], ends, format)
		}
	}
}

// isNested reports whether a statement belongs to a Scope within the node.
func (c *check) isNested(at inspector.Cursor, within ast.Node) bool {
	for f := range at.Enclosing((*ast.FuncLit)(nil)) {
		if f.Node() == within || f.Node().Pos() <= within.Pos() {
			return false
		}
		if call, ok := f.Parent().Node().(*ast.CallExpr); ok && (c.callee(call).name == "Scope" || c.callee(call).name == "Scoped") {
			return true
		}
	}
	return false
}

// leave looks at one assignment.
func (c *check) leave(cursor inspector.Cursor, within ast.Node, left, right ast.Expr, ends func(ast.Expr) bool, format string) {
	v := c.target(left)
	if v == nil || v.Pos() >= within.Pos() && v.Pos() < within.End() {
		return
	}
	ended := ast.Unparen(right)
	if call, ok := ended.(*ast.CallExpr); ok {
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "append" && len(call.Args) == 2 {
			ended = ast.Unparen(call.Args[1])
		}
	}
	if !isTensor(c.typeOf(ended)) || !ends(ended) || c.isKept(within, v) || !c.isReadLater(cursor, within, v, right.End()) {
		return
	}
	var fixes []analysis.SuggestedFix
	if _, ok := ended.(*ast.CallExpr); ok {
		fixes = around("keep it", ended, "", ".Keep()")
	}
	c.report(left, fixes, format, c.source(left))
}

// target returns the variable or the field that holds what is assigned, itself or as one
// of its elements.
func (c *check) target(e ast.Expr) types.Object {
	switch n := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return c.target(n.X)
	case *ast.SelectorExpr:
		return c.objectOf(n.Sel)
	default:
		return c.objectOf(n)
	}
}

// stays are functions whose results live on after a Scope, or are no new tensors.
var stays = regexp.MustCompile(`^Keep$|^NewParameter$|Inplace$|^SetRequiresGrad$|^Grad$|^Load|^Init|^Get|^At$|^Pop$`)

// isMade reports whether an expression is a tensor that is made there, by a function of
// gotorch or a Forward.
func (c *check) isMade(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := c.callee(call)
	return (f.isOurs() || f.name == "Forward") && !stays.MatchString(f.name) && (f.path == torchPath || f.path == functionalPath || f.name == "Forward")
}

// isKept reports whether Keep is called on a variable or a part of it within a node.
func (c *check) isKept(within ast.Node, v types.Object) (kept bool) {
	ast.Inspect(within, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if x := receiver(call); x != nil && c.callee(call).name == "Keep" && c.target(x) == v {
				kept = true
			}
		}
		return !kept
	})
	return kept
}

// isReadLater reports whether a variable's tensor is used after a node, or, in a loop that
// both are in, at a later turn: before the place within the node where it is set anew.
func (c *check) isReadLater(cursor inspector.Cursor, within ast.Node, v types.Object, set token.Pos) bool {
	if v.Parent() == c.Pkg.Scope() {
		return true
	}
	if v.(*types.Var).IsField() {
		return c.isRead(c.root, v, 0, within.Pos()) || c.isRead(c.root, v, within.End(), token.Pos(math.MaxInt))
	}
	function, turn := cursor, token.NoPos
	for around := range cursor.Enclosing((*ast.FuncDecl)(nil), (*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		function = around
		n := around.Node()
		if _, ok := n.(*ast.FuncDecl); ok {
			break
		}
		if n != cursor.Node() && (v.Pos() < n.Pos() || v.Pos() > n.End()) {
			turn = n.Pos()
		}
	}
	return c.isRead(function, v, within.End(), token.Pos(math.MaxInt)) || turn.IsValid() && c.isRead(function, v, turn, set)
}

// isRead reports whether a variable is used between two places before it is set there.
func (c *check) isRead(function inspector.Cursor, v types.Object, from, until token.Pos) bool {
	for id := range function.Preorder((*ast.Ident)(nil)) {
		n := id.Node().(*ast.Ident)
		if c.TypesInfo.Uses[n] != v || n.Pos() < from || n.Pos() >= until {
			continue
		}
		switch set, whole := setBy(id); {
		case set == nil:
			if !isHarmless(id) {
				return true
			}
		case whole && !v.(*types.Var).IsField() && !c.uses(set.Rhs, map[types.Object]bool{v: true}):
			return false
		}
	}
	return false
}

// isHarmless reports whether a use of a variable asks only whether it is nil, or how long
// it is.
func isHarmless(id inspector.Cursor) bool {
	switch p := id.Parent().Node().(type) {
	case *ast.BinaryExpr:
		return p.Op == token.EQL || p.Op == token.NEQ
	case *ast.CallExpr:
		f, ok := p.Fun.(*ast.Ident)
		return ok && (f.Name == "len" || f.Name == "cap")
	case *ast.SelectorExpr:
		return p.Sel.Name == "IsClosed" || p.Sel.Name == "Close"
	}
	return false
}

// setBy returns the assignment that sets an identifier, or nil, and whether it sets all of
// it, not a field or an element. A literal's key counts as set by an empty assignment.
func setBy(id inspector.Cursor) (set *ast.AssignStmt, whole bool) {
	at := id
	for whole = true; ; whole = false {
		n, parent := at.Node(), at.Parent()
		switch p := parent.Node().(type) {
		case *ast.SelectorExpr:
		case *ast.IndexExpr:
			if p.X != n {
				return nil, false
			}
		case *ast.AssignStmt:
			if slices.ContainsFunc(p.Lhs, func(left ast.Expr) bool { return left == n }) {
				return p, whole
			}
			return nil, false
		case *ast.KeyValueExpr:
			if p.Key == n {
				return &ast.AssignStmt{}, false
			}
			return nil, false
		default:
			return nil, false
		}
		at = parent
	}
}
