package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Initialized finds modules that are made without nn.Init.
var Initialized = analyzer("initialized", "find modules that are made without nn.Init", initialized)

func initialized(c *check) {
	given := c.initializedValues()
	for cursor := range c.root.Preorder((*ast.UnaryExpr)(nil), (*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
		made := cursor.Node().(ast.Expr)
		t := c.madeBy(made, cursor)
		if t == nil || !embedsModule(t) || isNamed(t, nnPath, "Module") || c.isInitialized(cursor, given) {
			continue
		}
		name := types.Unalias(t).(*types.Named).Obj()
		if name.Pkg() != nil && name.Pkg() != c.Pkg && isWithin(name.Pkg().Path(), torchPath) {
			c.report(made, nil, "%s is made without nn.Init: make it with %s.New%s", c.short(t), name.Pkg().Name(), name.Name())
			continue
		}
		_, isUnary := made.(*ast.UnaryExpr)
		var fixes []analysis.SuggestedFix
		if isUnary && imports(c.Pass, nnPath) {
			fixes = around("call nn.Init", made, "nn.Init(", ")")
		}
		c.report(made, fixes, "%s is made without nn.Init, which finds its parameters and modules: make it with nn.Init(&%s{...})", c.short(t), name.Name())
	}
}

// madeBy returns the type of the struct that an expression makes, or nil.
func (c *check) madeBy(made ast.Expr, at inspector.Cursor) types.Type {
	switch n := made.(type) {
	case *ast.UnaryExpr:
		if literal, ok := ast.Unparen(n.X).(*ast.CompositeLit); ok && n.Op == token.AND {
			return namedType(c.typeOf(literal))
		}
	case *ast.CallExpr:
		id, ok := n.Fun.(*ast.Ident)
		if ok && id.Name == "new" && len(n.Args) == 1 && c.TypesInfo.Types[n.Args[0]].IsType() {
			return namedType(c.typeOf(n.Args[0]))
		}
	case *ast.CompositeLit: // by value, for a variable whose Forward is called
		if s, ok := at.Parent().Node().(*ast.AssignStmt); ok && len(s.Lhs) == 1 && c.isCalled(c.objectOf(s.Lhs[0])) {
			return namedType(c.typeOf(n))
		}
	}
	return nil
}

// isCalled reports whether Forward of a variable is called.
func (c *check) isCalled(v types.Object) bool {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		if s, ok := call.Fun.(*ast.SelectorExpr); ok && v != nil && s.Sel.Name == "Forward" && c.objectOf(s.X) == v {
			return true
		}
	}
	return false
}

// namedType returns a type that has a name, or nil.
func namedType(t types.Type) types.Type {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n
	}
	return nil
}

// isInit reports whether a call is one that may initialize a module: nn.Init, or a
// function that is not of gotorch, such as one of the program's own.
func (c *check) isInit(call *ast.CallExpr) bool {
	if c.TypesInfo.Types[call.Fun].IsType() {
		return false
	}
	f := c.callee(call)
	return !f.isOurs() || isWithin(c.Pkg.Path(), torchPath) || f.path == nnPath && f.name == "Init" || strings.Contains(f.name, "Init")
}

// initializedValues returns the variables that are given to nn.Init or another function,
// themselves or by their address, and the functions whose results are.
func (c *check) initializedValues() map[types.Object]bool {
	given := map[types.Object]bool{}
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		if !c.isInit(call) {
			continue
		}
		for _, argument := range call.Args {
			argument = ast.Unparen(argument)
			if u, ok := argument.(*ast.UnaryExpr); ok && u.Op == token.AND {
				argument = u.X
			}
			if v := c.objectOf(argument); v != nil {
				given[v] = true
			}
			if made, ok := argument.(*ast.CallExpr); ok {
				if f := typeutil.Callee(c.TypesInfo, made); f != nil {
					given[f] = true
				}
			}
		}
	}
	return given
}

// isInitialized reports whether what is made at a cursor is given to nn.Init, or goes
// where that cannot be seen.
func (c *check) isInitialized(at inspector.Cursor, given map[types.Object]bool) bool {
	made := at.Node()
	switch p := at.Parent().Node().(type) {
	case *ast.CallExpr:
		return c.isInit(p) && p.Fun != made
	case *ast.AssignStmt:
		for i, right := range p.Rhs {
			if right == made && len(p.Lhs) == len(p.Rhs) {
				v := c.objectOf(p.Lhs[i])
				return v == nil || given[v]
			}
		}
		return true
	case *ast.ValueSpec:
		for i, right := range p.Values {
			if right == made && len(p.Names) == len(p.Values) {
				v := c.objectOf(p.Names[i])
				return v == nil || v.Name() == "_" || given[v]
			}
		}
		return true
	case *ast.ReturnStmt:
		for f := range at.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
			declared, ok := f.Node().(*ast.FuncDecl)
			return ok && given[c.TypesInfo.ObjectOf(declared.Name)]
		}
		return false
	case *ast.KeyValueExpr:
		return false
	}
	return true
}
