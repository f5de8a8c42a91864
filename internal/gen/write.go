package main

import (
	"fmt"
	"strings"
	"unicode"
)

// operator is a table entry with the schemas that it calls.
type operator struct {
	entry
	main, scalarMain, inplace, scalarInplace *schema
}

func newOperator(e entry, schemas map[string]string) (operator, error) {
	g := operator{entry: e}
	var err error
	look := func(name string) *schema {
		text, ok := schemas["aten::"+name]
		if !ok {
			err = fmt.Errorf("libtorch has no %s", name)
			return nil
		}
		s, parseErr := parseSchema(text)
		if parseErr != nil {
			err = parseErr
		}
		return &s
	}
	g.main = look(e.op)
	if e.scalar != "" {
		g.scalarMain = look(e.scalar)
	}
	if strings.Contains(e.forms, "i") {
		g.inplace = look(inplaceName(e.op, schemas))
		if e.scalar != "" {
			g.scalarInplace = look(inplaceName(e.scalar, schemas))
		}
	}
	return g, err
}

// inplaceName is "add_.Tensor" for "add.Tensor", "pow_.Scalar" for
// "pow.Tensor_Scalar" and "floor_divide_.Tensor" for "floor_divide".
func inplaceName(op string, schemas map[string]string) string {
	base, overload, _ := strings.Cut(op, ".")
	exact := strings.TrimSuffix(base+"_."+overload, ".")
	last := base + "_." + overload[strings.LastIndex(overload, "_")+1:]
	for _, name := range []string{exact, last} {
		if _, ok := schemas["aten::"+name]; ok {
			return name
		}
	}
	return base + "_.Tensor"
}

// variable is the name of the Go variable that holds the operator.
func (s *schema) variable() string {
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

func (g operator) declare(out *strings.Builder) {
	for _, s := range []*schema{g.main, g.scalarMain, g.inplace, g.scalarInplace} {
		if s != nil {
			fmt.Fprintf(out, "\t%s = NewOperator(%q)\n", s.variable(), s.text)
		}
	}
}

// parameter is an argument as Go code sees it.
type parameter struct {
	argument
	goName, goType string
	pass           string // the statement that passes it
}

// positional returns the parameters after the first, and the options.
func (g operator) parameters(s *schema) (positional, options []parameter) {
	for i, a := range s.args {
		p := parameter{argument: a, goName: lowerCamel(a.name)}
		if i > 0 && (!a.optional || i <= g.positional) || i == 0 {
			p.goType, p.pass = goType(a, g.scalar != "" || g.operand)
			p.pass = fmt.Sprintf(p.pass, p.goName)
			positional = append(positional, p)
			continue
		}
		p.goName = upperCamel(a.name)
		p.goType, p.pass = optionType(a)
		if p.goType != "" {
			p.pass = strings.ReplaceAll(p.pass, "%s", "o."+p.goName)
		}
		options = append(options, p)
	}
	return positional, options
}

// goType returns the Go type of a positional argument and how to pass it.
func goType(a argument, operand bool) (typ, pass string) {
	switch a.typ {
	case "Tensor", "Tensor?":
		if operand && a.name != "self" {
			return "Operand", "c.Operand(%s)"
		}
		return "*Tensor", "c.Tensor(%s)"
	case "Scalar":
		return "Number", "c.Number(%s)"
	case "Scalar?":
		return "Number", "c.Number(%s)"
	case "int":
		return "int", "c.Int(%s)"
	case "float":
		return "float64", "c.Float(%s)"
	case "bool":
		return "bool", "c.Bool(%s)"
	case "str":
		return "string", "c.String(%s)"
	case "Tensor[]":
		return "[]*Tensor", "c.Tensors(%s)"
	}
	if strings.HasPrefix(a.typ, "int[") {
		return "[]int", "c.Ints(%s)"
	}
	panic("gen: no Go type for " + a.typ)
}

// optionType returns the Go type of an option and how to pass it; a type that Go
// does not offer is left at its default.
func optionType(a argument) (typ, pass string) {
	pointer := func(typ, method string) (string, string) {
		return "*" + typ, "if %s != nil { c." + method + "(*%s) } else { c.Default() }"
	}
	if a.name == "implicit" { // for libtorch's own use
		return "", "c.Default()"
	}
	switch a.typ {
	case "bool":
		if a.def == "False" {
			return "bool", "c.Bool(%s)"
		}
		return pointer("bool", "Bool")
	case "int":
		if a.def == "0" {
			return "int", "c.Int(%s)"
		}
		return pointer("int", "Int")
	case "int?":
		return pointer("int", "Int")
	case "float", "float?":
		return pointer("float64", "Float")
	case "Scalar", "Scalar?":
		return "Number", "c.Number(%s)"
	case "ScalarType?":
		return "DType", "c.DType(%s)"
	case "Tensor?":
		return "*Tensor", "c.Tensor(%s)"
	case "Generator?":
		return "*Generator", "c.Generator(%s)"
	}
	return "", "c.Default()"
}

func (g operator) write(out *strings.Builder) {
	if g.forms == "" {
		return // the operator alone is asked for
	}
	positional, options := g.parameters(g.main)
	optionsName := g.name + "Options"
	exposed := false
	for _, o := range options {
		exposed = exposed || o.goType != ""
	}
	if exposed {
		target := "Tensor." + g.name
		if !strings.Contains(g.forms, "m") {
			target = g.name
		}
		fmt.Fprintf(out, "\n// %s are the options of [%s].\ntype %s struct {\n", optionsName, target, optionsName)
		for _, o := range options {
			if o.goType != "" {
				fmt.Fprintf(out, "\t%s %s // default: %s\n", o.goName, o.goType, o.def)
			}
		}
		out.WriteString("}\n")
	} else {
		options = nil
	}
	variadic := g.variadic && !exposed
	signature := func(params []parameter) string {
		var list []string
		for i, p := range params {
			if variadic && i == len(params)-1 {
				list = append(list, p.goName+" ..."+strings.TrimPrefix(p.goType, "[]"))
			} else {
				list = append(list, p.goName+" "+p.goType)
			}
		}
		if exposed {
			list = append(list, "options ..."+optionsName)
		}
		return strings.Join(list, ", ")
	}
	names := func(params []parameter) string {
		var list []string
		for i, p := range params {
			if variadic && i == len(params)-1 {
				list = append(list, p.goName+"...")
			} else {
				list = append(list, p.goName)
			}
		}
		if exposed {
			list = append(list, "options...")
		}
		return strings.Join(list, ", ")
	}
	receiver := positional[0].goName
	if receiver == "self" {
		receiver = "x"
		positional[0].goName = "x"
		positional[0].pass = strings.ReplaceAll(positional[0].pass, "self", "x")
	}
	python, _, _ := strings.Cut(g.op, ".")
	link := fmt.Sprintf("//\n// https://docs.pytorch.org/docs/stable/generated/torch.%s.html\n", python)
	if strings.Contains(g.forms, "m") {
		link = strings.Replace(link, "torch."+python, g.page(python), 1)
		fmt.Fprintf(out, "\n%s%sfunc (x *Tensor) %s(%s) %s {\n", comment(g.name+" "+g.doc), link,
			g.name, signature(positional[1:]), results(g.main))
		g.body(out, g.main, g.scalarMain, positional, options, "")
		if strings.Contains(g.forms, "f") {
			fmt.Fprintf(out, "\n// %s is [Tensor.%s] as a function.\nfunc %s(%s) %s { return %s.%s(%s) }\n",
				g.name, g.name, g.name, signature(positional), results(g.main), receiver, g.name, names(positional[1:]))
		}
	} else {
		fmt.Fprintf(out, "\n%s%sfunc %s(%s) %s {\n", comment(g.name+" "+g.doc), link, g.name, signature(positional), results(g.main))
		g.body(out, g.main, nil, positional, options, "")
	}
	if g.inplace != nil {
		fmt.Fprintf(out, "\n// %sInplace is [Tensor.%s] that writes its result into x and returns x.\nfunc (x *Tensor) %sInplace(%s) *Tensor {\n",
			g.name, g.name, g.name, signature(positional[1:]))
		g.body(out, g.inplace, g.scalarInplace, positional, options, "x")
	}
}

// page is the name of the operator's page in PyTorch's documentation.
func (g operator) page(python string) string {
	if strings.Contains(g.forms, "f") {
		return "torch." + python
	}
	return "torch.Tensor." + python
}

// body writes the statements of a call and the closing brace.
func (g operator) body(out *strings.Builder, s, scalar *schema, positional, options []parameter, inplace string) {
	if len(options) > 0 {
		out.WriteString("\to := first(options)\n")
	}
	out.WriteString("\tvar c Call\n")
	for _, p := range append(append([]parameter(nil), positional...), options...) {
		fmt.Fprintf(out, "\t%s\n", p.pass)
	}
	call := func(s *schema) {
		switch {
		case inplace != "":
			fmt.Fprintf(out, "\tc.Do(%s)\n\treturn %s\n", s.variable(), inplace)
		case len(s.results) == 1 && s.results[0] == "Tensor":
			fmt.Fprintf(out, "\treturn c.One(%s)\n", s.variable())
		default:
			fmt.Fprintf(out, "\tr := c.Results(%s)\n\treturn %s\n", s.variable(), take(s))
		}
	}
	if scalar != nil {
		fmt.Fprintf(out, "\tif !isTensor(%s) {\n", positional[1].goName)
		call(scalar)
		out.WriteString("\t}\n")
	}
	call(s)
	out.WriteString("}\n")
}

var resultTypes = map[string][2]string{
	"Tensor":   {"*Tensor", "r.Tensor()"},
	"Tensor[]": {"[]*Tensor", "r.Tensors()"},
	"bool":     {"bool", "r.Bool()"},
	"int":      {"int", "r.Int()"},
}

func results(s *schema) string {
	var list []string
	for _, typ := range s.results {
		list = append(list, resultTypes[typ][0])
	}
	if len(list) == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func take(s *schema) string {
	var list []string
	for _, typ := range s.results {
		list = append(list, resultTypes[typ][1])
	}
	return strings.Join(list, ", ")
}

// comment wraps text into lines that start with "// ".
func comment(text string) string {
	var out strings.Builder
	line := "//"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > 82 {
			out.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return out.String() + line + "\n"
}

func upperCamel(name string) string {
	var out strings.Builder
	for _, w := range strings.Split(name, "_") {
		if w != "" {
			out.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	if out.String() == "Dtype" {
		return "DType"
	}
	return out.String()
}

func lowerCamel(name string) string {
	upper := []rune(upperCamel(name))
	upper[0] = unicode.ToLower(upper[0])
	return string(upper)
}
