package vet

import (
	"go/ast"
	"go/types"
	"slices"
)

// Elements finds loops that read a tensor element by element.
var Elements = analyzer("elements", "find loops that read a tensor element by element by Item, which costs a call or two for each, and waits for the device", perElement)

// reads are the methods that give the value of a tensor with one element.
var reads = map[string]bool{"Item": true, "Int": true, "Bool": true, "Complex": true}

func perElement(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		if f := c.callee(call); f.path != torchPath || f.receiver != "Tensor" || !reads[f.name] {
			continue
		}
		chosen, ok := ast.Unparen(receiver(call)).(*ast.CallExpr)
		if !ok {
			continue
		}
		f := c.callee(chosen)
		if f.path != torchPath || f.receiver != "Tensor" || f.name != "Index" && f.name != "Select" {
			continue
		}
		for loop := range cursor.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
			variables := c.counters(loop.Node())
			if variables == nil {
				break // what a function is called for is not seen
			}
			if c.counts(chosen.Args, variables) {
				c.report(call, nil, "%s reads an element at each turn of a loop, which takes calls of libtorch each and waits for the device: "+
					"read all before the loop by torch.ToSlice, or compute with tensors", c.callee(call).name)
				break
			}
		}
	}
}

// counters returns the variables of a loop that change with its turns; nil for no loop.
func (c *check) counters(n ast.Node) map[types.Object]bool {
	variables := map[types.Object]bool{}
	add := func(e ast.Expr) {
		if v := c.objectOf(e); v != nil {
			variables[v] = true
		}
	}
	switch n := n.(type) {
	case *ast.ForStmt:
		if init, ok := n.Init.(*ast.AssignStmt); ok {
			for _, e := range init.Lhs {
				add(e)
			}
		}
	case *ast.RangeStmt:
		if n.Key != nil {
			add(n.Key)
		}
		if n.Value != nil {
			add(n.Value)
		}
	default:
		return nil
	}
	return variables
}

// counts reports whether one of the indexes is one of the variables, or calculated with it.
func (c *check) counts(indexes []ast.Expr, variables map[types.Object]bool) bool {
	return slices.ContainsFunc(indexes, func(e ast.Expr) bool {
		if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok {
			return c.counts([]ast.Expr{b.X, b.Y}, variables)
		}
		return variables[c.objectOf(e)]
	})
}

// uses reports whether one of the expressions has one of the variables in it.
func (c *check) uses(expressions []ast.Expr, variables map[types.Object]bool) (found bool) {
	for _, e := range expressions {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && variables[c.TypesInfo.ObjectOf(id)] {
				found = true
			}
			return !found
		})
	}
	return found
}
