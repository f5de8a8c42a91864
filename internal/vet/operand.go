package vet

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// Operands finds arguments of types that a parameter of type any does not take, though it
// compiles.
var Operands = analyzer("operands", "find arguments of types that torch.Operand, torch.Number, torch.Sizes, an index or torch.NewTensor does not take", operands)

func operands(c *check) {
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CallExpr:
			c.arguments(n)
		case *ast.CompositeLit:
			c.options(n)
		}
	}
}

// arguments looks at the arguments of a call.
func (c *check) arguments(call *ast.CallExpr) {
	signature, ok := c.typeOf(call.Fun).(*types.Signature)
	if !ok || call.Ellipsis.IsValid() {
		return
	}
	f := c.callee(call)
	isIndex := f.path == torchPath && f.receiver == "Tensor" && (f.name == "Index" || f.name == "At")
	isData := f.path == torchPath && f.name == "NewTensor"
	for i, argument := range call.Args {
		switch {
		case isIndex:
			c.takes(argument, "index", index)
			continue
		case isData && i == 0:
			c.takes(argument, "data of NewTensor", elements)
			continue
		case i >= signature.Params().Len():
			continue
		}
		c.takesAlias(argument, signature.Params().At(i).Type())
	}
}

// options looks at the fields of a struct of options.
func (c *check) options(literal *ast.CompositeLit) {
	if _, ok := c.typeOf(literal).Underlying().(*types.Struct); !ok {
		return
	}
	for _, e := range literal.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		field, ok := c.TypesInfo.ObjectOf(key).(*types.Var)
		if !ok || field.Pkg() == nil || !isWithin(field.Pkg().Path(), torchPath) {
			continue
		}
		if key.Name == "Padding" && field.Pkg().Path() == nnPath && types.IsInterface(field.Type()) {
			c.takes(kv.Value, "Padding", padding)
			continue
		}
		c.takesAlias(kv.Value, field.Type())
	}
}

// takesAlias looks at a value for what is declared as one of package torch's names for
// any.
func (c *check) takesAlias(value ast.Expr, declared types.Type) {
	switch name := aliasOf(declared); name {
	case "Operand":
		c.takes(value, "torch.Operand", operandType)
	case "Number":
		c.takes(value, "torch.Number", numberType)
	case "Sizes":
		c.takes(value, "torch.Sizes", sizesType)
	}
}

// taking says of a value's type what is wrong with it, with the remedy, or "".
type taking func(c *check, value ast.Expr, t types.Type) (wrong string, fixes []analysis.SuggestedFix)

// takes reports a value that is not taken where want stands.
func (c *check) takes(value ast.Expr, want string, taking taking) {
	t := c.typeOf(value)
	if b, ok := t.(*types.Basic); ok && (b.Kind() == types.UntypedNil || b.Kind() == types.Invalid) {
		return
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok || types.IsInterface(t) {
		return
	}
	t = types.Default(t)
	if _, ok := t.(*types.Tuple); ok {
		return
	}
	if wrong, fixes := taking(c, value, t); wrong != "" {
		c.report(value, fixes, "%s is no %s: %s", c.short(t), want, wrong)
	}
}

// short returns a type as programs write it.
func (c *check) short(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.Pkg {
			return ""
		}
		return p.Name()
	})
}

// isNumber reports whether a type is a number or a bool, but none of package torch's
// enumerations.
func isNumber(t types.Type) bool {
	if isNamed(t, torchPath, "DType") || isNamed(t, torchPath, "Layout") || isNamed(t, torchPath, "MemoryFormat") {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

func operandType(_ *check, value ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	if isTensor(t) || isNumber(t) {
		return "", nil
	}
	return otherwise(value, t, "give a *torch.Tensor or a number")
}

func numberType(_ *check, value ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	switch {
	case isNumber(t):
		return "", nil
	case isTensor(t):
		return "give a number, as Item returns of a tensor with one element", nil
	}
	return otherwise(value, t, "give a Go number or a bool")
}

// otherwise says what to do about a value that is neither a tensor nor a number.
func otherwise(value ast.Expr, t types.Type, remedy string) (string, []analysis.SuggestedFix) {
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Array:
		if isNumber(leaf(t)) {
			return "make a tensor of it by torch.NewTensor", around("make a tensor", value, "torch.NewTensor(", ")")
		}
	case *types.Pointer:
		if isNumber(u.Elem()) {
			return "give the number, not the pointer", edit("give the number", value.Pos(), value.Pos(), "*")
		}
	case *types.Struct:
		if isNamed(t, torchPath, "Tensor") {
			return "a Tensor is used by its pointer, and a copy of one is closed", nil
		}
	}
	return remedy, nil
}

// leaf returns the elements' type of slices and arrays of any depth.
func leaf(t types.Type) types.Type {
	elem, _ := nested(t)
	return elem
}

// nested returns the elements' type of slices and arrays of any depth, and the depth.
func nested(t types.Type) (elem types.Type, depth int) {
	for ; ; depth++ {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		default:
			return t, depth
		}
	}
}

func sizesType(c *check, value ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	if types.Identical(t, types.Typ[types.Int]) || types.Identical(t, types.NewSlice(types.Typ[types.Int])) {
		return "", nil
	}
	const remedy = "give an int or a []int"
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return remedy, around("convert it", value, "int(", ")")
		}
		if v := c.TypesInfo.Types[value].Value; v != nil && u.Info()&types.IsNumeric != 0 {
			if n := constant.ToInt(v); n.Kind() == constant.Int {
				return remedy, edit("write an int", value.Pos(), value.End(), n.String())
			}
		}
	case *types.Slice, *types.Array:
		literal, ok := ast.Unparen(value).(*ast.CompositeLit)
		if ok && literal.Type != nil && c.areInts(literal) {
			return remedy, edit("write a []int", literal.Type.Pos(), literal.Type.End(), "[]int")
		}
		if types.ConvertibleTo(t, types.NewSlice(types.Typ[types.Int])) {
			return remedy, around("convert it", value, "[]int(", ")")
		}
	}
	return remedy, nil
}

// areInts reports whether the elements of a literal are constant integers.
func (c *check) areInts(literal *ast.CompositeLit) bool {
	for _, e := range literal.Elts {
		if _, ok := c.intOf(e); !ok {
			return false
		}
	}
	return len(literal.Elts) > 0
}

func padding(c *check, value ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.String {
		v := c.TypesInfo.Types[value].Value
		if v == nil || constant.StringVal(v) == "same" || constant.StringVal(v) == "valid" {
			return "", nil
		}
		return `give "same", "valid", an int or a []int`, nil
	}
	return sizesType(c, value, t)
}

// index knows what Tensor.Index and Tensor.At take.
func index(c *check, value ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	if isTensor(t) || isNamed(t, torchPath, "Slice") || isNamed(t, torchPath, "Placeholder") {
		return "", nil
	}
	const remedy = "give an int, a torch.Slice such as torch.Between(1, 3), torch.Ellipsis, torch.NewAxis, a tensor, or a slice of ints or bools"
	switch u := t.Underlying().(type) {
	case *types.Basic:
		_, named := types.Unalias(t).(*types.Named)
		switch {
		case u.Kind() == types.Bool && !named:
			return "", nil
		case u.Info()&types.IsInteger != 0 && (named || u.Kind() == types.Uint || u.Kind() == types.Uint64 || u.Kind() == types.Uintptr):
			return remedy, around("convert it", value, "int(", ")")
		case u.Info()&types.IsInteger != 0:
			return "", nil
		case u.Info()&types.IsString != 0:
			if v := c.TypesInfo.Types[value].Value; v != nil {
				return stringIndex(value, constant.StringVal(v), remedy)
			}
		}
	case *types.Slice, *types.Array:
		if b, ok := leaf(t).Underlying().(*types.Basic); ok && b.Info()&(types.IsInteger|types.IsBoolean) != 0 {
			return "", nil
		}
		if isTensor(leaf(t)) {
			return "give the tensors one by one, as list...; an index is one of them", nil
		}
	}
	return remedy, nil
}

// stringIndex says what to write for Python's notation of an index.
func stringIndex(value ast.Expr, text, remedy string) (string, []analysis.SuggestedFix) {
	for python, ours := range map[string]string{":": "torch.Colon", "...": "torch.Ellipsis", "None": "torch.NewAxis"} {
		if text == python {
			return "write " + ours, edit("write "+ours, value.Pos(), value.End(), ours)
		}
	}
	var start, stop int
	if n, _ := fmt.Sscanf(text, "%d:%d", &start, &stop); n == 2 && text == fmt.Sprintf("%d:%d", start, stop) {
		ours := fmt.Sprintf("torch.Between(%d, %d)", start, stop)
		return "write " + ours, edit("write "+ours, value.Pos(), value.End(), ours)
	}
	return remedy, nil
}

// elements knows what NewTensor takes.
func elements(_ *check, _ ast.Expr, t types.Type) (string, []analysis.SuggestedFix) {
	l := leaf(t)
	switch {
	case isTensor(t):
		return "Clone copies a tensor, To converts it", nil
	case isTensor(l):
		return "torch.Stack and torch.Cat make a tensor of several", nil
	case isNumber(l) && types.Default(l).Underlying() != types.Typ[types.Uintptr]:
		return "", nil
	case types.IsInterface(l):
		return "", nil
	}
	return "give a number, or slices of numbers such as []float32", nil
}
