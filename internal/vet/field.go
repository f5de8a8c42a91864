package vet

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/naming"
)

// Fields finds fields of modules on which nn.Init panics.
var Fields = analyzer("fields", "find fields of a module in which nn.Init finds no modules and tensors: unexported ones, slices, modules by value, wrong tags", fields)

func fields(c *check) {
	for cursor := range c.root.Preorder((*ast.TypeSpec)(nil)) {
		spec := cursor.Node().(*ast.TypeSpec)
		structure, ok := spec.Type.(*ast.StructType)
		if !ok || !isModuleStruct(c.typeOf(spec.Name)) || isNamed(c.typeOf(spec.Name), nnPath, "Module") {
			continue
		}
		c.fieldsOf(spec.Name.Name, structure)
	}
	for cursor := range c.root.Preorder((*ast.CallExpr)(nil)) {
		call := cursor.Node().(*ast.CallExpr)
		if f := c.callee(call); f.path == nnPath && f.name == "Init" && len(call.Args) == 1 {
			c.initial(call.Args[0])
		}
	}
}

// fieldsOf looks at the declaration of a module.
func (c *check) fieldsOf(module string, structure *ast.StructType) {
	names := map[string]string{}
	for _, field := range structure.Fields.List {
		t := c.typeOf(field.Type)
		if _, ok := types.Unalias(t).(*types.TypeParam); ok {
			continue
		}
		tag, tagged := tagOf(field)
		if len(field.Names) == 0 {
			if p, ok := types.Unalias(t).(*types.Pointer); ok && isModuleStruct(p.Elem()) && c.holdsMore(structure, field) {
				c.report(field, nil, "%s embeds a %s, and nn.Init wants nn.Module itself: embed nn.Module, and give the %s a field with a name", module, c.short(t), c.short(t))
			}
			continue
		}
		for _, name := range field.Names {
			if tag == "-" {
				continue
			}
			registered := name.IsExported() && (isTensor(t) || isModule(t))
			switch {
			case isModuleStruct(t):
				c.report(name, edit("make it a pointer", field.Type.Pos(), field.Type.Pos(), "*")[:pointerFix(field)],
					"field %s holds a module by value, which nn.Init refuses: make it a *%s", name.Name, c.short(t))
			case tagged && !registered:
				c.report(name, nil, "field %s has a tag, which only exported fields have that are tensors or modules: export it, or tag it `nn:\"-\"`", name.Name)
			case registered:
				c.tag(name, t, tag)
				c.name(name, tag, names)
			case holdsModules(t):
				c.report(name, nil, "field %s holds modules, which nn.Init does not find in %s: %s, or tag it `nn:\"-\"` to leave them alone",
					name.Name, whereIn(t), remedyFor(t))
			}
		}
	}
}

// holdsMore reports whether a struct has modules or tensors besides a field.
func (c *check) holdsMore(structure *ast.StructType, field *ast.Field) bool {
	return slices.ContainsFunc(structure.Fields.List, func(other *ast.Field) bool {
		t := c.typeOf(other.Type)
		tag, _ := tagOf(other)
		return other != field && tag != "-" && (isTensorOrMany(t) || holdsModules(t))
	})
}

// pointerFix is how many fixes there are to make a field a pointer: none where several
// fields share the type.
func pointerFix(field *ast.Field) int {
	if len(field.Names) == 1 {
		return 1
	}
	return 0
}

// tagOf returns the tag of a field for nn.
func tagOf(field *ast.Field) (string, bool) {
	if field.Tag == nil {
		return "", false
	}
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return "", false
	}
	return reflect.StructTag(text).Lookup("nn")
}

// tag looks at the options of a tag.
func (c *check) tag(name *ast.Ident, t types.Type, tag string) {
	_, options, _ := strings.Cut(tag, ",")
	switch {
	case options == "", isTensor(t) && (options == "buffer" || options == "buffer,nonpersistent"):
	case !isTensor(t) && strings.HasPrefix(options, "buffer"):
		c.report(name, nil, "field %s has the tag %q, and only a *torch.Tensor is a buffer: take the option out", name.Name, tag)
	default:
		c.report(name, nil, "field %s has an unknown tag %q: write `nn:\"name\"`, `nn:\",buffer\"`, `nn:\",buffer,nonpersistent\"` or `nn:\"-\"`", name.Name, tag)
	}
}

// name looks whether two fields have one name in the state dict.
func (c *check) name(field *ast.Ident, tag string, names map[string]string) {
	name, _, _ := strings.Cut(tag, ",")
	if name == "" {
		name = naming.SnakeCase(field.Name)
	}
	if strings.Contains(name, ".") {
		c.report(field, nil, "field %s has the name %q, which may not have a dot: give it another in its tag", field.Name, name)
	}
	if other := names[name]; other != "" {
		c.report(field, nil, "fields %s and %s are both named %q in the state dict: give one another name by a tag", other, field.Name, name)
	}
	names[name] = field.Name
}

// holdsModules reports whether a type is that of a module, or of slices, arrays and maps
// of them.
func holdsModules(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return holdsModules(u.Elem())
	case *types.Array:
		return holdsModules(u.Elem())
	case *types.Map:
		return holdsModules(u.Elem())
	}
	return isModule(t)
}

// whereIn says what nn.Init does not look into.
func whereIn(t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array:
		return "a slice or an array"
	case *types.Map:
		return "a map"
	}
	return "an unexported field"
}

func remedyFor(t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array:
		return "hold them in an nn.ModuleList"
	case *types.Map:
		return "hold them in an nn.ModuleDict"
	}
	return "export it"
}

// initial looks at the tensors that a module is made with.
func (c *check) initial(module ast.Expr) {
	unary, ok := ast.Unparen(module).(*ast.UnaryExpr)
	if !ok {
		return
	}
	literal, ok := unary.X.(*ast.CompositeLit)
	if !ok {
		return
	}
	structure, ok := c.typeOf(literal).Underlying().(*types.Struct)
	if !ok {
		return
	}
	tags := map[string]string{}
	for i := range structure.NumFields() {
		tags[structure.Field(i).Name()] = reflect.StructTag(structure.Tag(i)).Get("nn")
	}
	for _, e := range literal.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		key := kv.Key.(*ast.Ident)
		t, tag := c.typeOf(kv.Value), tags[key.Name]
		switch {
		case tag == "-" || !isTensorOrMany(t):
		case !key.IsExported() || !isTensor(t):
			if c.isNil(kv.Value) {
				continue
			}
			c.report(kv, nil, "field %s holds tensors that nn.Init does not find: export a *torch.Tensor, hold parameters in an nn.ParameterList, or tag it `nn:\"-\"`", key.Name)
		case !strings.Contains(tag, ",buffer") && c.isPlainTensor(kv.Value):
			c.report(kv, around("make it a parameter", kv.Value, "nn.NewParameter(", ")"),
				"field %s gets a tensor that is no parameter: make it with nn.NewParameter, or tag it `nn:\",buffer\"`", key.Name)
		}
	}
}

// isNil reports whether an expression is nil.
func (c *check) isNil(e ast.Expr) bool { return c.TypesInfo.Types[e].IsNil() }

// isPlainTensor reports whether a tensor is what a function of package torch gives.
func (c *check) isPlainTensor(e ast.Expr) bool {
	call, ok := c.valueOf(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f := c.callee(call)
	if f.path != torchPath || f.name == "SetRequiresGrad" {
		return false
	}
	for _, argument := range call.Args {
		if name, ok := optionsName(c.typeOf(argument)); ok && name == "TensorOptions" {
			literal, ok := c.valueOf(argument).(*ast.CompositeLit)
			if !ok || hasKey(literal, "RequiresGrad") {
				return false
			}
		}
	}
	return f.receiver == "" && isTensor(c.typeOf(call))
}

// hasKey reports whether a literal gives a field.
func hasKey(literal *ast.CompositeLit, name string) bool {
	for _, e := range literal.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return true
			}
		}
	}
	return false
}
