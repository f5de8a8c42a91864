package main

import (
	"fmt"
	"slices"
	"strings"
)

// library is what libtorch says of its operators.
type library struct {
	schemas      map[string]string // by name and overload, without "aten::"
	declarations map[string]declaration
}

// look returns the schema of an operator.
func (l *library) look(name string) (*operatorSchema, error) {
	text, ok := l.schemas[name]
	if !ok {
		return nil, fmt.Errorf("libtorch has no %s", name)
	}
	return parseSchema(text)
}

// operator is a table entry with the schemas that it calls.
type operator struct {
	entry
	pkg                         *goPackage
	python                      string // its name in Python
	main, numberMain, strMain   *operatorSchema
	leftMain, moreMain          []*operatorSchema
	inplaceMain, inplaceNumbers *operatorSchema
	inplaceMore                 []*operatorSchema
	changes                     bool // there is an in-place form only
}

// newOperator finds the schemas of an entry and fills in what the entry leaves to
// the rules.
func newOperator(e entry, pkg *goPackage, lib *library) (*operator, error) {
	g := &operator{entry: e, pkg: pkg}
	base, _, _ := strings.Cut(e.op, ".")
	g.python = strings.TrimPrefix(base, pkg.prefix)
	if strings.HasSuffix(base, "_") {
		g.forms, g.changes = "m", true
	}
	if e.name == "" {
		g.name = upperCamel(g.python)
		if g.changes {
			g.name += "Inplace"
		}
	}
	var err error
	if g.main, err = lib.look(e.op); err != nil {
		return nil, err
	}
	if e.number != "" {
		if g.numberMain, err = lib.look(e.number); err != nil {
			return nil, err
		}
	}
	if e.str != "" {
		if g.strMain, err = lib.look(e.str); err != nil {
			return nil, err
		}
	}
	for _, name := range e.left {
		s, err := lib.look(name)
		if err != nil {
			return nil, err
		}
		g.leftMain = append(g.leftMain, s)
	}
	for _, name := range e.more {
		s, err := lib.look(name)
		if err != nil {
			return nil, err
		}
		g.moreMain = append(g.moreMain, s)
	}
	if g.forms == "" {
		g.forms = g.formsByRule(lib)
	}
	if strings.Contains(g.forms, "i") {
		if g.inplaceMain, err = lib.look(inplaceName(e.op, lib)); err != nil {
			return nil, err
		}
		if e.number != "" {
			if g.inplaceNumbers, err = lib.look(inplaceName(e.number, lib)); err != nil {
				return nil, err
			}
		}
		for _, name := range e.more {
			if s, err := lib.look(inplaceName(name, lib)); err == nil && s.name != g.inplaceMain.name {
				g.inplaceMore = append(g.inplaceMore, s)
			}
		}
	}
	return g, nil
}

// formsByRule gives an operator the forms that it has in Python.
func (g *operator) formsByRule(lib *library) string {
	if g.pkg.name != "torch" {
		return "f"
	}
	d := lib.declarations[g.op]
	forms := ""
	if d.method {
		forms += "m"
	}
	if d.function {
		forms += "f"
	}
	inplace := inplaceName(g.op, lib)
	if s, err := lib.look(inplace); err == nil && lib.declarations[inplace].method && slices.Equal(names(s.args), names(g.main.args)) {
		forms += "i"
	}
	return forms
}

func names(args []argument) (list []string) {
	for _, a := range args {
		list = append(list, a.name)
	}
	return list
}

// inplaceName is "add_.Tensor" for "add.Tensor", "pow_.Scalar" for
// "pow.Tensor_Scalar" and "floor_divide_.Tensor" for "floor_divide".
func inplaceName(op string, lib *library) string {
	base, overload, _ := strings.Cut(op, ".")
	exact := strings.TrimSuffix(base+"_."+overload, ".")
	last := base + "_." + overload[strings.LastIndex(overload, "_")+1:]
	for _, name := range []string{exact, last, base + "_"} {
		if _, ok := lib.schemas[name]; ok {
			return name
		}
	}
	return base + "_.Tensor"
}

// variable is the name of the Go variable that holds the operator.
func (s *operatorSchema) variable() string {
	words := strings.FieldsFunc(s.name, func(r rune) bool { return r == '.' || r == '_' })
	name := "op"
	for _, w := range words {
		name += strings.ToUpper(w[:1]) + w[1:]
	}
	base, _, _ := strings.Cut(s.name, ".")
	if strings.HasSuffix(base, "_") {
		name += "Inplace"
	}
	return name
}

// schemas are all that the operator calls.
func (g *operator) all() []*operatorSchema {
	list := append([]*operatorSchema{g.main, g.numberMain, g.strMain}, g.leftMain...)
	list = append(append(list, g.moreMain...), g.inplaceMain, g.inplaceNumbers)
	list = append(list, g.inplaceMore...)
	return slices.DeleteFunc(list, func(s *operatorSchema) bool { return s == nil })
}

// write declares the functions and methods of an operator, and those that give it
// another name.
func (g *operator) write(out *strings.Builder, aliases []string, calls *callTable) error {
	f, err := newForm(g)
	if err != nil {
		return err
	}
	results, err := f.results()
	if err != nil {
		return err
	}
	if target := g.pkg.forwarded(f); target != nil {
		f.forward(out, target, results)
		calls.add(f)
		return nil
	}
	if strings.Contains(g.forms, "f") {
		g.pkg.functions[g.op] = f
	}
	f.writeOptions(out)
	method, function := strings.Contains(g.forms, "m"), strings.Contains(g.forms, "f")
	link := ""
	if page := g.pkg.page(g, method && !function); page != "" {
		link = "//\n// " + page + "\n"
	}
	x := f.params[0].goName
	if method {
		fmt.Fprintf(out, "\n%s%sfunc (%s *Tensor) %s(%s) %s {\n", comment(g.name+" "+g.doc), link, x, g.name, f.list(1, false, false), results)
		f.body(out, overloads{main: g.main, number: g.numberMain, more: g.moreMain}, g.changes)
	}
	switch {
	case function && method && len(g.left) > 0:
		fmt.Fprintf(out, "\n// %s is [Tensor.%s] as a function; either operand may be a number.\nfunc %s(%s) %s {\n", g.name, g.name, g.name, f.list(0, false, true), results)
		fmt.Fprintf(out, "\tif self, ok := %s.(*Tensor); ok { return self.%s(%s) }\n", x, g.name, f.list(1, true, false))
		f.body(out, overloads{main: g.leftMain[0]}, false)
	case function && method:
		fmt.Fprintf(out, "\n// %s is [Tensor.%s] as a function.\nfunc %s(%s) %s { return %s.%s(%s) }\n",
			g.name, g.name, g.name, f.list(0, false, false), results, x, g.name, f.list(1, true, false))
	case function:
		fmt.Fprintf(out, "\n%s%sfunc %s(%s) %s {\n", comment(g.name+" "+g.doc), link, g.name, f.list(0, false, true), results)
		f.body(out, overloads{main: g.main, number: g.numberMain, str: g.strMain, left: g.leftMain, more: g.moreMain}, false)
	}
	if g.inplaceMain != nil {
		fmt.Fprintf(out, "\n// %sInplace is [%s] that writes its result into x and returns x.\nfunc (x *Tensor) %sInplace(%s) *Tensor {\n",
			g.name, f.target(), g.name, f.list(1, false, false))
		f.body(out, overloads{main: g.inplaceMain, number: g.inplaceNumbers, more: g.inplaceMore}, true)
	}
	for _, alias := range aliases {
		g.writeAlias(out, f, alias, results)
	}
	calls.add(f)
	return nil
}

// forward declares a function of package functional that package torch has too, as
// that one by another name, and its options' type as an alias.
func (f *form) forward(out *strings.Builder, target *form, results string) {
	if f.options == f.name+"Options" {
		fmt.Fprintf(out, "\n// %s are the options of [%s].\ntype %s = torch.%s\n", f.options, f.name, f.options, target.options)
	}
	fmt.Fprintf(out, "\n%s//\n// %s\nfunc %s(%s) %s { return torch.%s(%s) }\n", comment(f.name+" "+f.doc), f.pkg.page(f.operator, false),
		f.name, f.list(0, false, true), results, target.name, f.list(0, true, true))
}

// writeAlias gives all forms of an operator another name.
func (g *operator) writeAlias(out *strings.Builder, f *form, alias, results string) {
	name := upperCamel(strings.TrimPrefix(alias, g.pkg.prefix))
	x := f.params[0].goName
	if strings.Contains(g.forms, "m") {
		fmt.Fprintf(out, "\n// %s is [Tensor.%s] by another name.\nfunc (%s *Tensor) %s(%s) %s { return %s.%s(%s) }\n",
			name, g.name, x, name, f.list(1, false, false), results, x, g.name, f.list(1, true, false))
	}
	if strings.Contains(g.forms, "f") {
		fmt.Fprintf(out, "\n// %s is [%s] by another name.\nfunc %s(%s) %s { return %s(%s) }\n",
			name, g.name, name, f.list(0, false, true), results, g.name, f.list(0, true, true))
	}
	if g.inplaceMain != nil {
		fmt.Fprintf(out, "\n// %sInplace is [Tensor.%sInplace] by another name.\nfunc (x *Tensor) %sInplace(%s) *Tensor { return x.%sInplace(%s) }\n",
			name, g.name, name, f.list(1, false, false), g.name, f.list(1, true, false))
	}
}
