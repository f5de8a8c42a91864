package vet

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// Dropped finds calls of operators that change nothing and whose result nobody takes.
var Dropped = analyzer("dropped", "find results of operators that are dropped, such as x.Add(1) as a statement", dropped)

// pure are the packages of operators.
var pure = []string{torchPath, functionalPath, torchPath + "/linalg", torchPath + "/fft", torchPath + "/special"}

// effects are functions that return tensors and do something besides.
var effects = regexp.MustCompile(`Inplace$|^Keep$|^Set|^Forward|^Rand|^Normal$|^Multinomial$|^Bernoulli|^Poisson$|^Binomial$|Dropout|^NewParameter$|^Grad$|^RetainGrad$|^Collect|^Run|^Call$|^New[A-Z]|^BatchNorm$|^Lend$`)

func dropped(c *check) {
	for cursor := range c.root.Preorder((*ast.ExprStmt)(nil)) {
		call, ok := ast.Unparen(cursor.Node().(*ast.ExprStmt).X).(*ast.CallExpr)
		if !ok {
			continue
		}
		f := c.callee(call)
		c.changedCopy(f, call)
		if !slices.Contains(pure, f.path) ||
			f.receiver != "" && f.receiver != "Tensor" || effects.MatchString(f.name) || !givesTensors(c.typeOf(call)) || isTried(c, cursor) {
			continue
		}
		x := operand(f, call)
		if x == nil || !isTensorOrMany(c.typeOf(x)) {
			continue // what makes a tensor of nothing may be there to load libtorch
		}
		remedy := "assign it to a variable"
		if hasMethod(c.typeOf(x), f.name+"Inplace") && f.receiver != "" {
			remedy = "assign it to a variable, or call " + f.name + "Inplace to change " + c.source(x)
		}
		c.report(call, nil, "the result of %s is dropped, and it changes no tensor: %s", f.name, remedy)
	}
}

// changedCopy reports a call of an in-place operator on what Index gives for a list of
// positions or a mask, which is a copy that nobody has.
func (c *check) changedCopy(f function, call *ast.CallExpr) {
	if f.path != torchPath || f.receiver != "Tensor" || !strings.HasSuffix(f.name, "Inplace") {
		return
	}
	index, ok := ast.Unparen(receiver(call)).(*ast.CallExpr)
	if !ok || c.callee(index).name != "Index" {
		return
	}
	for _, argument := range index.Args {
		switch c.typeOf(argument).Underlying().(type) {
		case *types.Slice, *types.Array:
		default:
			if c.kindOf(argument) != boolean || !isTensor(c.typeOf(argument)) {
				continue
			}
		}
		c.report(call, nil, "%s changes a copy, which Index gives for a list of positions or a mask: write At(...) in its place, with Set, Add, Sub, Mul or Div", f.name)
		return
	}
}

// givesTensors reports whether a type is a tensor, several, or results that begin with
// one.
func givesTensors(t types.Type) bool {
	if many, ok := t.(*types.Tuple); ok {
		return many.Len() > 0 && isTensorOrMany(many.At(0).Type())
	}
	return isTensorOrMany(t)
}

// hasMethod reports whether a type has an exported method.
func hasMethod(t types.Type, name string) bool {
	f, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	_, ok := f.(*types.Func)
	return ok
}

// tries are functions whose argument is called for what it does besides its results: that
// it panics, that it takes time or memory.
var tries = regexp.MustCompile(`^Try$|Panic|^AllocsPerRun$|^Benchmark$|^Run$|^Leaks$|^RunParallel$`)

// isTried reports whether a statement is there for that it may panic, or for its time: in
// a function that Try and its like call, one of a table of functions, or one that a test
// gives to a function of its own.
func isTried(c *check, at inspector.Cursor) bool {
	for f := range at.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		var t *ast.FuncType
		switch n := f.Node().(type) {
		case *ast.FuncLit:
			t = n.Type
			switch p := f.Parent().Node().(type) {
			case *ast.CompositeLit, *ast.KeyValueExpr:
				return true
			case *ast.CallExpr:
				g := c.callee(p)
				isTest := strings.HasSuffix(c.Fset.Position(n.Pos()).Filename, "_test.go")
				if tries.MatchString(g.name) || isTest && !g.isOurs() {
					return true
				}
			}
		case *ast.FuncDecl:
			t = n.Type
		}
		for _, p := range t.Params.List {
			if ptr, ok := types.Unalias(c.typeOf(p.Type)).(*types.Pointer); ok && (isNamed(ptr.Elem(), "testing", "B") || isNamed(ptr.Elem(), "testing", "F")) {
				return true
			}
		}
	}
	return false
}
