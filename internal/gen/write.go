package main

import (
	"fmt"
	"slices"
	"strings"
)

// parameter is an argument as the Go function has it.
type parameter struct {
	argument
	goName  string // of the parameter, or of the field of the options
	goType  goType
	option  bool // a field of the options
	operand bool // a tensor or a number
	str     bool // sizes or a str
	left    bool // a tensor or a number in the function, a tensor in the method
}

// parameters tells how Go has the arguments of s.
func (g *operator) parameters(s *operatorSchema) ([]parameter, error) {
	var list []parameter
	for i, a := range s.args {
		p := parameter{argument: a, goName: lowerCamel(a.name), goType: positionalType(a)}
		switch {
		case i > 0 && a.optional && i > g.positional:
			p.option, p.goName, p.goType = true, upperCamel(a.name), optionType(a)
		case i == 0:
			p.left = len(g.left) > 0
		case strings.TrimSuffix(a.typ, "?") == "Tensor":
			p.operand = g.operand || g.numberMain != nil && g.numberMain.args[i].typ != a.typ
		}
		p.str = p.option && g.strMain != nil && g.strMain.args[i].typ == "str"
		switch {
		case p.operand:
			p.goType = goType{"Operand", "Operand"}
		case p.str:
			p.goType = goType{"any", "SizesOrString"}
		}
		if i == 0 && a.name == "self" {
			p.goName = "x"
		}
		if p.goType.name == "" && !p.option {
			return nil, fmt.Errorf("no Go type for %s %s", a.typ, a.name)
		}
		list = append(list, p)
	}
	return list, nil
}

// tensorOptions is the run of options that creation operators share.
var tensorOptions = []string{"dtype", "layout", "device", "pin_memory"}

// optionsAt reports whether the run of tensor options starts at params[i].
func optionsAt(params []parameter, i int) bool {
	for j, name := range tensorOptions {
		if i+j >= len(params) || params[i+j].name != name || !params[i+j].option {
			return false
		}
	}
	return true
}

// form is a Go function that is being written.
type form struct {
	*operator
	params  []parameter
	options string // the name of the options' type; "" for none
	creates bool   // takes TensorOptions
}

// newForm lays out the Go function of g.
func newForm(g *operator) (*form, error) {
	params, err := g.parameters(g.main)
	if err != nil {
		return nil, err
	}
	f := &form{operator: g, params: params}
	own := false
	for i := 0; i < len(params); i++ {
		if optionsAt(params, i) {
			f.creates = true
			i += len(tensorOptions) - 1
		} else if params[i].option && params[i].goType.name != "" {
			own = true
		}
	}
	switch {
	case own:
		f.options = g.name + "Options"
	case f.creates:
		f.options = g.pkg.qualify("TensorOptions")
	}
	return f, nil
}

// writeOptions declares the type of the options, if it is an own one.
func (f *form) writeOptions(out *strings.Builder) {
	if f.options != f.name+"Options" {
		return
	}
	target := f.name
	if strings.Contains(f.forms, "m") {
		target = "Tensor." + f.name
	}
	fmt.Fprintf(out, "\n// %s are the options of [%s].\ntype %s struct {\n", f.options, target, f.options)
	for i := 0; i < len(f.params); i++ {
		p := f.params[i]
		if optionsAt(f.params, i) {
			fmt.Fprintf(out, "\t%s\n", f.pkg.qualify("TensorOptions"))
			i += len(tensorOptions) - 1
		} else if p.option && p.goType.name != "" {
			kinds := ""
			if p.str {
				kinds = "sizes or a str; "
			}
			fmt.Fprintf(out, "\t%s %s // %sdefault: %s\n", p.goName, f.pkg.qualify(p.goType.name), kinds, p.def)
		}
	}
	out.WriteString("}\n")
}

// list returns the parameters from the given one on, as a signature or, with
// names only, as the arguments of a call. With numbers the first one may be a
// number where the operator has that.
func (f *form) list(from int, names, numbers bool) string {
	positional := slices.DeleteFunc(slices.Clone(f.params), func(p parameter) bool { return p.option })
	var list []string
	types := make([]string, len(positional))
	for i, p := range positional {
		types[i] = f.pkg.qualify(p.goType.name)
		if p.left && numbers {
			types[i] = f.pkg.qualify("Operand")
		}
		if f.variadic && f.options == "" && i == len(positional)-1 {
			types[i] = "..." + strings.TrimPrefix(types[i], "[]")
		}
	}
	for i := from; i < len(positional); i++ {
		name, variadic := positional[i].goName, strings.HasPrefix(types[i], "...")
		switch {
		case names && variadic:
			list = append(list, name+"...")
		case names, i+1 < len(positional) && types[i] == types[i+1]: // as in "a, b int"
			list = append(list, name)
		default:
			list = append(list, name+" "+types[i])
		}
	}
	if f.options != "" && names {
		list = append(list, "options...")
	} else if f.options != "" {
		list = append(list, "options ..."+f.options)
	}
	return strings.Join(list, ", ")
}

// results returns the Go results, named where the schema names several.
func (f *form) results() (string, error) {
	var list []string
	for _, r := range f.main.results {
		t, ok := resultTypes[r.typ]
		if !ok {
			return "", fmt.Errorf("no Go type for the result %s", r.typ)
		}
		typ := f.pkg.qualify(t.name)
		if len(f.main.results) > 1 && r.name != "" {
			name := lowerCamel(r.name)
			if slices.ContainsFunc(f.params, func(p parameter) bool { return p.goName == name }) {
				name += "Out"
			}
			typ = name + " " + typ
		}
		list = append(list, typ)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return "(" + strings.Join(list, ", ") + ")", nil
}

// makesAnew reports whether the function makes a tensor from nothing that has a
// device, so that the default device is for it. A file is in the CPU's memory.
func (f *form) makesAnew() bool {
	return f.main.name != "from_file" && !slices.ContainsFunc(f.params, func(p parameter) bool { return strings.Contains(p.typ, "Tensor") })
}

// overloads are the operators that a body chooses among.
type overloads struct {
	main   *operatorSchema
	number *operatorSchema   // where the operands are numbers
	str    *operatorSchema   // where sizes are a str
	left   []*operatorSchema // where the first argument is one
}

// body writes the statements of a call and the closing brace. An in-place method
// returns its receiver.
func (f *form) body(out *strings.Builder, call overloads, inplace bool) {
	if f.options != "" {
		fmt.Fprintf(out, "\to := %s(options)\n", f.pkg.qualify("First"))
	}
	fmt.Fprintf(out, "\tvar c %s\n", f.pkg.qualify("Call"))
	for i := 0; i < len(f.params); i++ {
		p := f.params[i]
		switch {
		case optionsAt(f.params, i):
			pass := "Options"
			if f.makesAnew() {
				pass = "Factory"
			}
			if f.options == f.name+"Options" {
				fmt.Fprintf(out, "\tc.%s(&o.TensorOptions)\n", pass)
			} else {
				fmt.Fprintf(out, "\tc.%s(&o)\n", pass)
			}
			i += len(tensorOptions) - 1
		case p.option && p.goType.name == "":
			out.WriteString("\tc.Default()\n")
		case p.option:
			fmt.Fprintf(out, "\tc.%s(o.%s)\n", p.goType.pass, p.goName)
		case p.left && (len(call.left) > 0 || call.main.args[i].typ == "Scalar"):
			fmt.Fprintf(out, "\tc.Operand(%s)\n", p.goName)
		case p.goType.pass == "OutputSizes":
			fmt.Fprintf(out, "\tc.OutputSizes(%s, %s)\n", p.goName, f.params[0].goName)
		default:
			fmt.Fprintf(out, "\tc.%s(%s)\n", p.goType.pass, p.goName)
		}
	}
	for _, s := range call.left {
		fmt.Fprintf(out, "\tif !c.IsTensor(%s) {\n", f.params[0].goName)
		f.call(out, s, inplace)
		out.WriteString("\t}\n")
	}
	if call.number != nil {
		var conditions []string
		for _, p := range f.params {
			if p.operand {
				conditions = append(conditions, fmt.Sprintf("!c.IsTensor(%s)", p.goName))
			}
		}
		fmt.Fprintf(out, "\tif %s {\n", strings.Join(conditions, " && "))
		f.call(out, call.number, inplace)
		out.WriteString("\t}\n")
	}
	if call.str != nil {
		at := slices.IndexFunc(f.params, func(p parameter) bool { return p.str })
		fmt.Fprintf(out, "\tif _, ok := o.%s.(string); ok {\n", f.params[at].goName)
		f.call(out, call.str, inplace)
		out.WriteString("\t}\n")
	}
	f.call(out, call.main, inplace)
	out.WriteString("}\n")
}

// call writes the call of s and the return of what it gives.
func (f *form) call(out *strings.Builder, s *operatorSchema, inplace bool) {
	op := s.variable()
	switch {
	case inplace:
		fmt.Fprintf(out, "\tc.Do(%s)\n\treturn %s\n", op, f.params[0].goName)
	case f.creates && f.options == f.name+"Options":
		fmt.Fprintf(out, "\treturn c.New(%s, &o.TensorOptions)\n", op)
	case f.creates:
		fmt.Fprintf(out, "\treturn c.New(%s, &o)\n", op)
	case len(s.results) == 0:
		fmt.Fprintf(out, "\tc.Do(%s)\n", op)
	case len(s.results) == 1 && s.results[0].typ == "Tensor":
		fmt.Fprintf(out, "\treturn c.One(%s)\n", op)
	default:
		var list []string
		for _, r := range s.results {
			list = append(list, "results."+resultTypes[r.typ].pass+"()")
		}
		fmt.Fprintf(out, "\tresults := c.Results(%s)\n\treturn %s\n", op, strings.Join(list, ", "))
	}
}

// comment wraps text into lines that start with "// ".
func comment(text string) string {
	var out strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 82 {
			out.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return out.String() + line + "\n"
}
