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
		p := parameter{argument: a, goName: lowerCamel(a.name), goType: g.pkg.positionalType(g.op, a)}
		switch {
		case i > 0 && a.optional && i > g.positional:
			p.option, p.goName, p.goType = true, upperCamel(a.name), g.pkg.optionType(g.op, a)
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

// argumentOf writes the value of a parameter as it is passed: a mode as a string.
func (p parameter) argumentOf(value string) string {
	if strings.HasSuffix(p.goType.pass, "String") && p.goType.name != "string" && !p.str {
		return "string(" + value + ")"
	}
	return value
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
	further []parameter // of the overload with more arguments: options
	options string      // the name of the options' type; "" for none
	creates bool        // takes TensorOptions
}

// newForm lays out the Go function of g.
func newForm(g *operator) (*form, error) {
	params, err := g.parameters(g.main)
	if err != nil {
		return nil, err
	}
	f := &form{operator: g, params: params}
	if f.further, err = f.furtherOptions(); err != nil {
		return nil, err
	}
	own := len(f.further) > 0
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

// target is what documentation links to: the method, or the function.
func (f *form) target() string {
	if strings.Contains(f.forms, "m") {
		return "Tensor." + f.name
	}
	return f.name
}

// furtherOptions returns what the overload with more arguments has more. Their
// zero value says that it is not wanted.
func (f *form) furtherOptions() (list []parameter, err error) {
	if len(f.moreMain) == 0 {
		return nil, nil
	}
	for _, a := range f.moreMain[0].args {
		if slices.ContainsFunc(f.params, func(p parameter) bool { return p.name == a.name }) {
			continue
		}
		p := parameter{argument: a, goName: upperCamel(a.name), option: true}
		switch strings.TrimSuffix(a.typ, "?") {
		case "bool":
			p.goType, p.def = goType{"bool", "Bool"}, "False"
		case "ScalarType":
			p.goType, p.def = goType{"DType", "DType"}, "None"
		default:
			p.goType, p.def = f.pkg.optionType(f.op, a), "None"
		}
		if p.goType.name == "" {
			return nil, fmt.Errorf("no Go type for %s %s", a.typ, a.name)
		}
		list = append(list, p)
	}
	return list, nil
}

// wanted is the condition under which the overload with p is called.
func (p parameter) wanted() string {
	switch p.goType.name {
	case "bool":
		return "o." + p.goName
	case "DType":
		return "o." + p.goName + " != 0"
	}
	return "o." + p.goName + ` != ""`
}

// writeOptions declares the type of the options, if it is an own one.
func (f *form) writeOptions(out *strings.Builder) {
	if f.options != f.name+"Options" {
		return
	}
	fmt.Fprintf(out, "\n// %s are the options of [%s].\ntype %s struct {\n", f.options, f.target(), f.options)
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
			fmt.Fprintf(out, "\t%s %s // %sdefault: %s\n", p.goName, f.pkg.qualify(p.goType.name), kinds, inGo(p.def, p.goType.name))
		}
	}
	for _, p := range f.further {
		fmt.Fprintf(out, "\t%s %s // default: %s\n", p.goName, f.pkg.qualify(p.goType.name), inGo(p.def, p.goType.name))
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
	more   []*operatorSchema // where further options are given: of tensors, of a number
}

// body writes the statements of a call and the closing brace. An in-place method
// returns its receiver.
func (f *form) body(out *strings.Builder, call overloads, inplace bool) {
	if f.options != "" {
		out.WriteString("\to := option.First(options)\n")
	}
	fmt.Fprintf(out, "\tvar c %s\n", f.pkg.qualify("Call"))
	f.moreBody(out, call.more, inplace)
	f.pass(out, f.params, call)
	for _, s := range call.left {
		fmt.Fprintf(out, "\tif !c.IsTensor(%s) {\n", f.params[0].goName)
		f.call(out, s, inplace)
		out.WriteString("\t}\n")
	}
	if call.number != nil {
		f.callForNumbers(out, call.number, inplace)
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

// moreBody writes the calls of the overload with more arguments, where its options
// are given. An in-place form that has no such overload refuses them.
func (f *form) moreBody(out *strings.Builder, more []*operatorSchema, inplace bool) {
	for _, p := range f.further {
		fmt.Fprintf(out, "\tif %s {\n", p.wanted())
		if len(more) == 0 {
			fmt.Fprintf(out, "\tpanic(Errorf(%q, TypeError, \"there is no %s in place\"))\n\t}\n", "torch."+f.python+"_", p.goName)
			continue
		}
		params := make([]parameter, len(more[0].args))
		for i, a := range more[0].args {
			all := slices.Concat(f.params, f.further)
			params[i] = all[slices.IndexFunc(all, func(p parameter) bool { return p.name == a.name })]
		}
		f.pass(out, params, overloads{main: more[0]})
		if len(more) > 1 {
			f.callForNumbers(out, more[1], inplace)
		}
		f.call(out, more[0], inplace)
		out.WriteString("\t}\n")
	}
}

// pass writes the statements that pass arguments.
func (f *form) pass(out *strings.Builder, params []parameter, call overloads) {
	for i := 0; i < len(params); i++ {
		p := params[i]
		switch {
		case optionsAt(params, i):
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
			fmt.Fprintf(out, "\tc.%s(%s)\n", p.goType.pass, p.argumentOf("o."+p.goName))
		case p.left && (len(call.left) > 0 || call.main.args[i].typ == "Scalar"):
			fmt.Fprintf(out, "\tc.Operand(%s)\n", p.goName)
		case p.goType.pass == "OutputSizes":
			fmt.Fprintf(out, "\tc.OutputSizes(%s, %s)\n", p.goName, f.params[0].goName)
		default:
			fmt.Fprintf(out, "\tc.%s(%s)\n", p.goType.pass, p.argumentOf(p.goName))
		}
	}
}

// callForNumbers writes the call of s where the operands are numbers.
func (f *form) callForNumbers(out *strings.Builder, s *operatorSchema, inplace bool) {
	var conditions []string
	for _, p := range f.params {
		if p.operand {
			conditions = append(conditions, fmt.Sprintf("!c.IsTensor(%s)", p.goName))
		}
	}
	fmt.Fprintf(out, "\tif %s {\n", strings.Join(conditions, " && "))
	f.call(out, s, inplace)
	out.WriteString("\t}\n")
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
