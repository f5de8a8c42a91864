package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

const (
	torchPath      = "github.com/wangkuiyi/gotorch/torch"
	nnPath         = torchPath + "/nn"
	functionalPath = nnPath + "/functional"
)

// isWithin reports whether a package is the one of a path or below it.
func isWithin(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// isNamed reports whether a type has a name in a package.
func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

// isTensor reports whether a type is *torch.Tensor.
func isTensor(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(p.Elem(), torchPath, "Tensor")
}

// isTensorOrMany reports whether a type is *torch.Tensor or a slice of them.
func isTensorOrMany(t types.Type) bool {
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	return isTensor(t)
}

// nnPackage stands for package nn, in which the method is that all modules have.
var nnPackage = types.NewPackage(nnPath, "nn")

// isModule reports whether a type is that of a module: a pointer to a struct that embeds
// nn.Module, or an interface of such.
func isModule(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Struct); ok {
		return false
	}
	return hasBase(t)
}

// isModuleStruct reports whether a type is a struct that embeds nn.Module.
func isModuleStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok && hasBase(t)
}

// embedsModule reports whether a type is a struct that embeds nn.Module by value, itself
// or in a struct that it embeds. One that embeds a pointer to a module is no module of its
// own.
func embedsModule(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Embedded() && (isNamed(f.Type(), nnPath, "Module") || embedsModule(f.Type())) {
			return true
		}
	}
	return false
}

func hasBase(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return false
	}
	f, _, _ := types.LookupFieldOrMethod(t, true, nnPackage, "base")
	_, ok := f.(*types.Func)
	return ok
}

// aliasOf returns the name of an alias of package torch, such as "Operand", or "".
func aliasOf(t types.Type) string {
	a, ok := t.(*types.Alias)
	if !ok || a.Obj().Pkg() == nil || a.Obj().Pkg().Path() != torchPath {
		return ""
	}
	return a.Obj().Name()
}

// function is what a call calls: of a package, perhaps with a receiver of a type of that.
type function struct{ path, receiver, name string }

// callee returns what a call calls, if that is known.
func (c *check) callee(call *ast.CallExpr) (f function) {
	obj, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok || obj.Pkg() == nil {
		return f
	}
	f = function{path: obj.Pkg().Path(), name: obj.Name()}
	if r := obj.Signature().Recv(); r != nil {
		t := r.Type()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			f.receiver = n.Obj().Name()
		}
	}
	return f
}

// isOurs reports whether the function is one of gotorch.
func (f function) isOurs() bool { return isWithin(f.path, torchPath) }

// typeOf returns the type of an expression; invalid where there is none.
func (c *check) typeOf(e ast.Expr) types.Type {
	if t := c.TypesInfo.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// objectOf returns the variable that an expression names, or nil.
func (c *check) objectOf(e ast.Expr) types.Object {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := c.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok {
		return nil
	}
	return v
}

// intOf returns the value of a constant integer.
func (c *check) intOf(e ast.Expr) (int, bool) {
	v := c.TypesInfo.Types[e].Value
	if v == nil {
		return 0, false
	}
	n, ok := constant.Int64Val(constant.ToInt(v))
	return int(n), ok
}

// receiver returns what a method is called on, or nil.
func receiver(call *ast.CallExpr) ast.Expr {
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return s.X
	}
	return nil
}

// operand returns the tensor that a call of an operator begins with, be that a method or
// a function.
func operand(f function, call *ast.CallExpr) ast.Expr {
	if f.receiver == "Tensor" {
		return receiver(call)
	}
	if len(call.Args) > 0 {
		return call.Args[0]
	}
	return nil
}

// values are what variables are set to; nil stands for what is not known.
type values map[types.Object][]ast.Expr

// valueOf returns what an expression stands for: that which a variable is set to, if it
// is set in one place, else the expression.
func (c *check) valueOf(e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	for range 8 {
		v := c.objectOf(e)
		if v == nil {
			return e
		}
		set := c.assigned()[v]
		if len(set) != 1 || set[0] == nil {
			return e
		}
		e = ast.Unparen(set[0])
	}
	return e
}

// assigned returns what all variables of the package are set to.
func (c *check) assigned() values {
	if c.values != nil {
		return c.values
	}
	c.values = values{}
	set := func(left, right ast.Expr) {
		if v := c.objectOf(left); v != nil {
			c.values[v] = append(c.values[v], right)
		}
	}
	for cursor := range c.root.Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil), (*ast.UnaryExpr)(nil), (*ast.IncDecStmt)(nil), (*ast.Field)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if len(n.Rhs) == len(n.Lhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
					set(left, n.Rhs[i])
				} else {
					set(left, nil)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				switch {
				case len(n.Values) == len(n.Names):
					set(name, n.Values[i])
				case len(n.Values) > 0:
					set(name, nil)
				}
			}
		case *ast.RangeStmt:
			set(n.Key, nil)
			set(n.Value, nil)
		case *ast.IncDecStmt:
			set(n.X, nil)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				set(n.X, nil)
			}
		case *ast.Field:
			for _, name := range n.Names {
				set(name, nil)
			}
		}
	}
	return c.values
}
