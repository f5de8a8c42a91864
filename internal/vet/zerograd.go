package vet

import (
	"go/ast"
	"go/types"
)

// ZeroGrad finds loops in which gradients add up from step to step.
var ZeroGrad = analyzer("zerograd", "find an optimizer's Step in a loop without ZeroGrad: gradients of earlier steps add up", zeroGrad)

func zeroGrad(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		optimizer := c.stepped(call)
		if optimizer == nil {
			continue
		}
		if closure := c.closureOf(call); closure != nil {
			if t := c.training(closure); t.backward && !t.zeroed {
				c.report(call, nil, "the function that Step calls has a Backward and no ZeroGrad, so that gradients add up: call %s.ZeroGrad() in it first", c.source(optimizer))
			}
			continue
		}
		for loop := range cursor.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncDecl)(nil)) {
			if _, isFunction := loop.Node().(*ast.FuncDecl); isFunction {
				break
			}
			t := c.training(loop.Node())
			if t.zeroed {
				break
			}
			if t.backward {
				c.report(call, nil, "a loop calls Backward and Step and no ZeroGrad, so that the gradients of all steps add up: call %s.ZeroGrad() before Backward", c.source(optimizer))
				break
			}
		}
	}
}

// stepped returns the optimizer whose Step a call is, or a GradScaler's of it, or nil.
func (c *check) stepped(call *ast.CallExpr) ast.Expr {
	f := c.callee(call)
	if f.name != "Step" || receiver(call) == nil {
		return nil
	}
	if x := receiver(call); isOptimizer(c.typeOf(x)) {
		return x
	}
	if f.isOurs() && f.receiver == "GradScaler" && len(call.Args) > 0 && isOptimizer(c.typeOf(call.Args[0])) {
		return call.Args[0]
	}
	return nil
}

// isOptimizer reports whether a type has what an optimizer of package optim has.
func isOptimizer(t types.Type) bool {
	return hasMethod(t, "ZeroGrad") && hasMethod(t, "Step") && hasMethod(t, "Groups")
}

// closureOf returns the function that Step of an optimizer such as LBFGS is given, if it
// is written there.
func (c *check) closureOf(call *ast.CallExpr) *ast.FuncLit {
	if len(call.Args) == 0 {
		return nil
	}
	f, _ := c.valueOf(call.Args[0]).(*ast.FuncLit)
	return f
}

// trained is what a loop does.
type trained struct{ backward, zeroed bool }

// training looks for Backward and for what drops gradients: ZeroGrad of anything, SetGrad,
// or a function that is given the optimizer and may do so.
func (c *check) training(n ast.Node) (t trained) {
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := c.callee(call)
		switch {
		case f.name == "Backward" && f.isOurs():
			t.backward = true
		case f.name == "ZeroGrad" || f.name == "SetGrad" || f.name == "ClearGrads":
			t.zeroed = true
		case f.name != "Step" && !f.isOurs():
			for _, argument := range call.Args {
				if isOptimizer(c.typeOf(argument)) {
					t.zeroed = true
				}
			}
		}
		return true
	})
	return t
}
