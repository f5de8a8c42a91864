package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// How arguments of Python's calls become arguments and options of Go's.

// argument is one of a call, bound to its parameter.
type argument struct {
	parameter parameter
	node      *node   // or nil
	values    []*node // of a list whose elements are arguments
}

// bind gives a call's arguments to Python's parameters.
func (w *writer) bind(n *node, parameters []parameter) []argument {
	bound := make([]argument, len(parameters))
	for i, p := range parameters {
		bound[i].parameter = p
	}
	n, passed := w.expanded(n)
	for i, a := range n.Arguments {
		if i < len(parameters) && parameters[i].list && (len(n.Arguments) > i+1 || !isList(w, a)) && (a.Kind != "Starred" || len(n.Arguments) > i+1) {
			if i+1 < len(n.Arguments) && i+1 < len(parameters) && !allNumbers(n.Arguments[i:]) {
				bound[i].node = a
				continue
			}
			bound[i].values = n.Arguments[i:]
			break
		}
		if a.Kind == "Starred" && i < len(parameters) && parameters[i].list {
			a = a.Value
		}
		if i >= len(parameters) {
			fail(a, "more arguments than parameters")
		}
		bound[i].node = a
	}
	for _, k := range n.Keywords {
		if k.Name == "" {
			fail(k.Value, "** in a call")
		}
		i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == k.Name || p.name == numpyNames[k.Name] })
		if i < 0 {
			fail(k.Value, "a parameter %s that is not known", k.Name)
		}
		if v := passed[k]; v != nil {
			w.ownerOf(v).learnExtra(v, parameters[i])
		}
		bound[i].node = k.Value
	}
	return bound
}

// numpyNames are those of parameters that PyTorch takes by NumPy's names, too.
var numpyNames = map[string]string{"axis": "dim", "keepdims": "keepdim"}

// isList reports whether an argument is a list already.
func isList(w *writer, n *node) bool {
	if n.Kind == "Tuple" || n.Kind == "List" || n.Kind == "Starred" || n.Kind == "ListComp" {
		return true
	}
	if n.Kind == "Constant" {
		return false
	}
	switch n.Kind {
	case "BinOp", "Compare", "JoinedStr", "IfExp":
		return false
	case "Call":
		if name := n.Func.Name; n.Func.Kind == "Name" && (name == "len" || name == "int") || name == "size" && len(n.Arguments) > 0 {
			return false
		}
	case "Subscript":
		if n.Slice.Kind != "Slice" {
			return false
		}
	}
	v := w.tried(n)
	return v.list || elem(v.typ) != nil || v.sizesOf != ""
}

// allNumbers reports whether arguments are as if they were one list of integers.
func allNumbers(list []*node) bool {
	for _, n := range list {
		if n.Kind == "Tuple" || n.Kind == "List" || n.Kind == "Constant" && n.Type != "int" {
			return false
		}
	}
	return true
}

// optionsOf returns the options struct of a function, or nil.
func optionsOf(s *types.Signature) *types.Struct {
	if s.Params().Len() == 0 {
		return nil
	}
	last := s.Params().At(s.Params().Len() - 1).Type()
	if s.Variadic() {
		last = last.(*types.Slice).Elem()
	}
	o, _ := last.Underlying().(*types.Struct)
	if o == nil || !strings.Contains(last.String(), "Options") {
		return nil
	}
	return o
}

// bound writes a call of a Go function with what was bound to Python's parameters:
// those that Go has by position, and the others in its options.
func (w *writer) bound(n *node, text string, s *types.Signature, parameters []parameter) value {
	if options := optionsOf(s); options != nil {
		for _, k := range n.Keywords {
			known := slices.ContainsFunc(parameters, func(p parameter) bool { return p.name == k.Name })
			if !known && k.Name == "generator" && w.fieldOf(options, "generator") != nil {
				parameters = append(slices.Clip(parameters), parameter{name: k.Name, optional: true, defaultValue: "None"})
			}
		}
	}
	arguments := w.bind(n, parameters)
	used := make([]bool, len(arguments))
	options := optionsOf(s)
	count := s.Params().Len()
	if options != nil {
		count--
	}
	var parts []string
	for i := range count {
		p := s.Params().At(i)
		if same(p.Type(), w.named("torch/distributions", "ProbsOrLogits")) {
			parts = append(parts, w.chance(n, arguments, used))
			continue
		}
		j := w.matching(arguments, used, p, i)
		if j >= 0 {
			used[j] = true
		}
		if s.Variadic() && options == nil && i == count-1 {
			if j >= 0 {
				parts = append(parts, w.variadic(n, arguments[j:], used[j:], elem(p.Type()))...)
			}
			continue
		}
		parts = append(parts, w.positional(n, arguments, j, p))
		if j >= 0 && arguments[j].node != nil && isInt(p.Type()) && strings.HasPrefix(text, "nn.New") {
			w.isSize(w.tried(arguments[j].node))
		}
	}
	if options != nil {
		last := s.Params().At(count).Type()
		if s.Variadic() {
			last = elem(last)
		}
		fields := w.options(n, arguments, used, last)
		if len(fields) > 0 || !s.Variadic() {
			parts = append(parts, typeText(last)+"{"+strings.Join(fields, ", ")+"}")
		}
	}
	for i, a := range arguments {
		if !used[i] && (a.node != nil || a.values != nil) && !w.isDefault(a) {
			fail(n, "%s has no %s in Go", text, a.parameter.name)
		}
	}
	return w.result(n, call(text, parts), s)
}

// isDefault reports whether an argument is what Python takes without it.
func (w *writer) isDefault(a argument) bool {
	if a.node == nil || !a.parameter.optional {
		return false
	}
	if a.node.Kind == "Constant" {
		text := a.node.Constant
		switch a.node.Type {
		case "str":
			text = "'" + text + "'"
		case "NoneType":
			text = "None"
		}
		return text == a.parameter.defaultValue
	}
	return false
}

// result returns a call's value.
func (w *writer) result(n *node, text string, s *types.Signature) value {
	v := value{text: text, node: n}
	results := s.Results()
	switch results.Len() {
	case 0:
		v.statement = true
	case 1:
		v.typ = results.At(0).Type()
		if v.typ.String() == "error" {
			v.fails, v.statement = true, true
		}
	case 2:
		if results.At(1).Type().String() == "error" && w.at.Kind == "Expr" && w.at.Value == n {
			return value{text: fmt.Sprintf("if _, err := %s; err != nil {\npanic(err)\n}", text), statement: true, node: n}
		}
		if results.At(1).Type().String() == "error" {
			if w.called {
				fail(n, "a call that may fail within an expression")
			}
			name := ""
			if x := w.fresh(n); x != nil {
				name, x.declared = x.goName, true
			} else {
				name = w.temporary("result")
			}
			w.printf("%s, err := %s\nif err != nil {\npanic(err)\n}", name, text)
			return value{text: name, typ: results.At(0).Type(), node: n}
		}
		v.typ = results
	default:
		v.typ = results
	}
	return v
}

// chance writes the probabilities of a distribution, or their logits, whichever are given.
func (w *writer) chance(n *node, arguments []argument, used []bool) string {
	text := ""
	for j, a := range arguments {
		name := map[string]string{"probs": "Probs", "logits": "Logits"}[a.parameter.name]
		if name == "" || used[j] {
			continue
		}
		used[j] = true
		if a.node == nil || a.node.Type == "NoneType" {
			continue
		}
		if text != "" {
			fail(n, "probs and logits")
		}
		v := w.expression(a.node)
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, w.tensor, true)
		}
		text = fmt.Sprintf("distributions.%s(%s)", name, w.operandText(v, w.operandType()))
	}
	if text == "" {
		fail(n, "a distribution without probs and logits")
	}
	return text
}

// matching returns which argument a Go parameter takes: the one of its name, or the
// next.
func (w *writer) matching(arguments []argument, used []bool, p *types.Var, i int) int {
	for j, a := range arguments {
		if !used[j] && plain(a.parameter.name) == plain(p.Name()) {
			return j
		}
	}
	if i < len(arguments) && !used[i] {
		return i
	}
	return -1
}

// positional writes an argument that Go has by position.
func (w *writer) positional(n *node, arguments []argument, j int, p *types.Var) string {
	if j < 0 {
		if strings.HasSuffix(typeText(p.Type()), "torch.Generator") {
			return "nil"
		}
		fail(n, "Go wants %s", p.Name())
	}
	a := arguments[j]
	switch {
	case a.values != nil:
		v := value{list: true, node: n}
		for _, e := range a.values {
			if e.Kind == "Starred" {
				all := *n
				all.Elts = a.values
				return w.coerce(w.concatenated(&all), p.Type())
			}
			v.items = append(v.items, w.expression(e))
		}
		return w.coerce(v, p.Type())
	case a.node != nil:
		return w.argument(a.node, p.Type())
	case !a.parameter.optional:
		fail(n, "%s is missing", a.parameter.name)
	}
	return w.defaultText(n, a.parameter, p.Type())
}

// defaultText writes Python's default where Go has none.
func (w *writer) defaultText(n *node, p parameter, want types.Type) string {
	switch d := p.defaultValue; {
	case d == "None" && nilable(want):
		return "nil"
	case d == "True" || d == "False":
		return strings.ToLower(d)
	case d != "" && (d[0] >= '0' && d[0] <= '9' || d[0] == '-'):
		return tidyFloat(d)
	case d == "'fro'" && anything(want): // of a norm
		return "2"
	case strings.HasPrefix(d, "'"):
		return quote(strings.Trim(d, "'"))
	}
	fail(n, "Go wants %s", p.name)
	return ""
}

// argument translates an argument for a parameter of a type.
func (w *writer) argument(n *node, want types.Type) string {
	if n.Kind == "Starred" {
		n = n.Value
	}
	if s, ok := under(want).(*types.Signature); ok && n.Kind == "Lambda" {
		return w.lambda(n, s).text
	}
	if isText(n) && n.Constant == "fro" && aliasName(want) == "Number" {
		return "2"
	}
	v := w.expression(n)
	if s, ok := under(want).(*types.Signature); ok && v.variable != nil && v.variable.maker != nil && !v.variable.annotated {
		if m := w.makerOf(v.variable); m.fixed == nil {
			m.fixed, w.changed = s, true
		}
	}
	if strings.HasSuffix(typeText(want), "Nonlinearity") || v.function != nil && v.typ == nil {
		if v.function != nil {
			fail(n, "a function as an argument")
		}
	}
	if same(want, w.dtype) || same(want, w.device) {
		return w.coerce(v, want)
	}
	return w.coerce(v, want)
}

// variadic writes the arguments of a ...T parameter: a list, or several.
func (w *writer) variadic(n *node, arguments []argument, used []bool, e types.Type) []string {
	a := arguments[0]
	nodes := a.values
	if a.node != nil {
		nodes = []*node{a.node}
		if isInt(e) && !a.parameter.list {
			for k := 1; k < len(arguments) && k < 2; k++ { // flatten(start, end)
				if arguments[k].node != nil && !used[k] && strings.HasSuffix(arguments[k].parameter.name, "dim") && strings.HasSuffix(a.parameter.name, "dim") {
					nodes = append(nodes, arguments[k].node)
					used[k] = true
				}
			}
		}
	} else if a.values == nil {
		if isInt(e) && len(arguments) > 1 && arguments[1].node != nil && strings.HasSuffix(arguments[1].parameter.name, "dim") && strings.HasPrefix(a.parameter.defaultValue, "0") {
			used[1] = true
			return []string{a.parameter.defaultValue, w.coerce(w.expression(arguments[1].node), e)}
		}
		if !a.parameter.optional && !a.parameter.list && a.parameter.name != "dim" {
			fail(n, "%s is missing", a.parameter.name)
		}
		return nil
	}
	var parts []string
	for _, arg := range nodes {
		starred := arg.Kind == "Starred"
		if starred {
			arg = arg.Value
		}
		v := w.expression(arg)
		switch {
		case v.list:
			for _, item := range v.items {
				parts = append(parts, w.coerce(item, e))
			}
		case v.typ == noneType && a.parameter.optional:
		case elem(v.typ) != nil:
			text := w.coerce(v, types.NewSlice(e))
			if len(nodes) == 1 {
				return []string{text + "..."}
			}
			all := *n
			all.Elts = nodes
			return []string{w.coerce(w.concatenated(&all), types.NewSlice(e)) + "..."}
		case starred:
			fail(arg, "a starred argument that is no list")
		default:
			if v.typ == nil && v.variable != nil && isInt(e) {
				if a.parameter.list && !w.final() {
					parts = append(parts, v.text) // which could be a list, too
					continue
				}
				w.expect(v.variable, intType, true)
			}
			parts = append(parts, w.coerce(v, e))
		}
	}
	return parts
}

// options writes the fields of an options struct.
func (w *writer) options(n *node, arguments []argument, used []bool, options types.Type) []string {
	var fields []string
	var embedded []string
	var of *types.Var
	for i, a := range arguments {
		if used[i] || a.node == nil && a.values == nil || w.isDefault(a) {
			continue
		}
		field := w.fieldOf(options, plain(a.parameter.name))
		if field == nil && strings.HasSuffix(a.parameter.name, "s") {
			field = w.fieldOf(options, plain(strings.TrimSuffix(a.parameter.name, "s")))
		}
		if field == nil {
			continue
		}
		used[i] = true
		text := ""
		if a.values != nil {
			text = w.positional(n, arguments, i, field)
		} else {
			text = w.argument(a.node, field.Type())
		}
		if text == "nil" && a.parameter.name == "inplace" && given(arguments, "activation_layer") {
			continue // that layer says itself how it works
		}
		if text == "nil" && a.parameter.defaultValue != "None" && a.parameter.defaultValue != "" {
			fields = append(fields, w.without(n, options, field))
			continue
		}
		if text == "nil" || text == zero(field.Type()) {
			continue
		}
		if e := embeds(options, field); e != nil {
			of = e
			embedded = append(embedded, field.Name()+": "+text)
			continue
		}
		fields = append(fields, field.Name()+": "+text)
	}
	if of != nil {
		fields = append(fields, of.Name()+": "+typeText(of.Type())+"{"+strings.Join(embedded, ", ")+"}")
	}
	return fields
}

// given reports whether an argument is given, and not None.
func given(arguments []argument, name string) bool {
	return slices.ContainsFunc(arguments, func(a argument) bool {
		return a.parameter.name == name && a.node != nil && a.node.Type != "NoneType"
	})
}

// without returns the option that leaves out what a field says, where Python has None and
// nil is another default: NoNorm for NormLayer.
func (w *writer) without(n *node, options types.Type, field *types.Var) string {
	if no := w.fieldOf(options, plain("No"+strings.TrimSuffix(field.Name(), "Layer"))); no != nil && isBool(no.Type()) {
		return no.Name() + ": true"
	}
	if field.Name() == "Inplace" && same(field.Type(), types.NewPointer(boolType)) {
		return "Inplace: new(false)" // which is what layers have without it
	}
	fail(n, "None for %s, whose nil is a default in Go", field.Name())
	return ""
}

// embeds returns the struct within another that a field is of, or nil.
func embeds(options types.Type, field *types.Var) *types.Var {
	s, _ := options.Underlying().(*types.Struct)
	for i := range s.NumFields() {
		if s.Field(i) == field {
			return nil
		}
	}
	for i := range s.NumFields() {
		if f := s.Field(i); f.Embedded() {
			if inner, ok := f.Type().Underlying().(*types.Struct); ok {
				for k := range inner.NumFields() {
					if inner.Field(k) == field {
						return f
					}
				}
			}
		}
	}
	return nil
}
