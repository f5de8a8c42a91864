package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// call translates a call.
func (w *writer) call(n *node) value {
	if n.Func.Kind == "Name" && w.fn.scope(n.Func.Name) == nil && w.classes[n.Func.Name] == nil && w.functions[n.Func.Name] == nil {
		if b, ok := builtins[n.Func.Name]; ok && w.imports[n.Func.Name] == "" {
			return b(w, n)
		}
	}
	if n.Func.Kind == "Attribute" {
		if v, ok := w.methodCall(n); ok {
			return v
		}
	}
	f := w.expression(n.Func)
	switch {
	case f.path == "partial":
		return w.partialCall(n, f.node)
	case f.path != "":
		return w.libraryCall(n, f.path)
	case f.class != nil:
		return w.construction(n, f.class)
	case f.function != nil:
		return w.ownCall(n, f.text, f.function)
	}
	return w.valueCall(n, f)
}

// partialCall calls what functools.partial made.
func (w *writer) partialCall(n, partial *node) value {
	made := *n
	made.Func = partial.Arguments[0]
	made.Keywords = slices.Concat(partial.Keywords, n.Keywords)
	return w.call(&made)
}

// valueCall calls a module, or a function in a variable.
func (w *writer) valueCall(n *node, f value) value {
	if f.variable != nil && f.variable.maker != nil && !f.variable.annotated {
		return w.makerCall(n, f)
	}
	if s, ok := under(f.typ).(*types.Signature); ok {
		return w.plainCall(n, f.text, s)
	}
	if f.typ == nil {
		if f.variable != nil && len(n.Arguments) == 1 {
			w.expect(f.variable, w.layer, false)
			w.expression(n.Arguments[0])
		}
		fail(n, "a call of what is not known")
	}
	if c := w.classOf(f.typ); c != nil {
		if m := c.method("forward"); m != nil {
			return w.ownCall(n, w.bySelf(f, "forward")+".Forward", m)
		}
		if m := c.method("__call__"); m != nil {
			return w.ownCall(n, f.primary()+".Call", m)
		}
	}
	if same(f.typ, w.layer) && len(n.Arguments) == 1 {
		arg := w.expression(n.Arguments[0])
		return value{text: fmt.Sprintf("nn.Call(%s, %s)", f.text, w.coerce(arg, w.tensor)), typ: w.tensor}
	}
	if forward, ok := member(f.typ, "Forward").(*types.Func); ok {
		return w.forward(n, f, forward.Signature())
	}
	fail(n, "a call of a %s", typeText(f.typ))
	return value{}
}

// forward calls the Forward of one of package nn's modules.
func (w *writer) forward(n *node, f value, s *types.Signature) value {
	var parameters []parameter
	for i := range s.Params().Len() {
		if s.Variadic() && i == s.Params().Len()-1 {
			break
		}
		p := s.Params().At(i)
		parameters = append(parameters, parameter{name: p.Name(), optional: nilable(p.Type()) && i > 0, defaultValue: "None"})
	}
	if strings.HasSuffix(typeText(f.typ), "MultiheadAttention") {
		for _, name := range []string{"key_padding_mask", "need_weights", "attn_mask", "average_attn_weights", "is_causal"} {
			parameters = append(parameters, parameter{name: name, optional: true, defaultValue: "?"})
		}
	} else if s.Variadic() {
		if o := optionsOf(s); o != nil {
			for i := range o.NumFields() {
				parameters = append(parameters, parameter{name: o.Field(i).Name(), optional: true, defaultValue: "?"})
			}
		}
	}
	return w.bound(n, f.primary()+".Forward", s, parameters)
}

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
	start := w.position()
	v := w.expression(n)
	w.back(start)
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

// libraryCall calls one of Python's functions or classes that Go has, too.
func (w *writer) libraryCall(n *node, path string) value {
	if special, ok := specials[path]; ok {
		return special(w, n)
	}
	if strings.HasPrefix(path, "math.") || strings.HasPrefix(path, "numpy.") {
		return w.mathCall(n, path)
	}
	last := path[lastDot(path)+1:]
	for _, name := range []string{path, "torch.nn.functional." + last, "torch." + last, "torch.Tensor." + last} {
		e, ok := w.names[name]
		if !ok || !strings.HasPrefix(path, "torch.") || name != path && strings.Count(path, ".") > 1 && !strings.HasPrefix(path, "torch.nn.functional.") {
			if !ok || name != path {
				continue
			}
		}
		if strings.HasPrefix(name, "torch.Tensor.") {
			e.parameters = append([]parameter{{name: "input"}}, e.parameters...)
		}
		return w.entryCall(n, e)
	}
	fail(n, "%s is not in Go%s", path, remedy(path))
	return value{}
}

// remedies say what Go has in place of Python's other packages.
var remedies = map[string]string{
	"gguf": "package torch/gguf reads such files", "safetensors": "package torch/safetensors reads and writes such files",
	"tokenizers": "examples/chat and examples/embed have tokenizers in Go", "transformers": "examples/chat and examples/embed show such models in Go",
	"jinja2": "examples/chat fills in a template in Go", "wave": "torch/audio has LoadWAV and SaveWAV", "silero_vad": "gotorch port model.pt2 translates exported models",
	"pandas": "Go has encoding/csv", "PIL": "Go has package image", "matplotlib": "save the numbers, and draw them elsewhere",
	"cv2": "torch/vision has transforms",
}

// remedy says what to do without a package of Python's.
func remedy(path string) string {
	first, _, _ := strings.Cut(path, ".")
	if text := remedies[first]; text != "" {
		return ": " + text
	}
	return ""
}

// goObject returns what a Go name of the table is.
func (p *program) goObject(goName string) *types.Func {
	folder, name, _ := strings.Cut(goName, ".")
	f, _ := p.api.lookup(folders[folder], name).(*types.Func)
	return f
}

// spelled returns a Go name as ported files write it.
func spelled(goName string) string {
	if rest, ok := strings.CutPrefix(goName, "functional."); ok {
		return "F." + rest
	}
	return goName
}

// constructor reports whether an entry is a class.
func (e entry) constructor() bool {
	name := e.python[lastDot(e.python)+1:]
	return name[0] >= 'A' && name[0] <= 'Z'
}

// constructed returns the type that an entry's function gives, or nil.
func (p *program) constructed(e entry) types.Type {
	if f := p.goObject(e.goName); f != nil && f.Signature().Results().Len() == 1 {
		return f.Signature().Results().At(0).Type()
	}
	return nil
}

// entryCall calls what the table says.
func (w *writer) entryCall(n *node, e entry) value {
	goName, ok := strings.CutPrefix(e.goName, "x.")
	if ok { // a function of Python's that is a method of Go's only
		if len(n.Arguments) == 0 {
			fail(n, "%s without a tensor", e.python)
		}
		x := w.expression(n.Arguments[0])
		if x.typ == nil && x.variable != nil {
			w.expect(x.variable, w.tensor, true)
		}
		rest := *n
		rest.Arguments = n.Arguments[1:]
		parameters := e.parameters
		if len(parameters) > 0 {
			parameters = parameters[1:]
		}
		return w.method(&rest, x, goName, parameters)
	}
	f := w.goObject(e.goName)
	if f == nil {
		fail(n, "%s is %s in Go", e.python, e.goName)
	}
	if strings.HasPrefix(e.goName, "functional.") {
		if v, ok := w.inplaceFunction(n, e); ok {
			return v
		}
	}
	v := w.boundOr(n, spelled(e.goName), f, e.parameters)
	v.dtype = resultDType(e.python, w.listDType(n))
	for _, k := range n.Keywords {
		if k.Name == "dtype" {
			v.dtype = w.dtypeOf(k.Value)
		}
	}
	return v
}

// listDType returns "int" if a call takes a list of tensors that are all of integers.
func (w *writer) listDType(n *node) string {
	if len(n.Arguments) == 0 || n.Arguments[0].Kind != "List" && n.Arguments[0].Kind != "Tuple" {
		return ""
	}
	start := w.position()
	defer w.back(start)
	dtype := "int"
	for _, e := range n.Arguments[0].Elts {
		if e.Kind == "Starred" || w.expression(e).dtype != "int" {
			dtype = ""
		}
	}
	return dtype
}

// inplaceFunction translates F.relu(x, inplace=True).
func (w *writer) inplaceFunction(n *node, e entry) (value, bool) {
	bound := w.bind(n, e.parameters)
	for i, a := range bound {
		if a.parameter.name != "inplace" || a.node == nil {
			continue
		}
		plainCall := *n
		plainCall.Keywords = slices.DeleteFunc(slices.Clone(n.Keywords), func(k *node) bool { return k.Name == "inplace" })
		if i < len(n.Arguments) {
			plainCall.Arguments = slices.Delete(slices.Clone(n.Arguments), i, i+1)
		}
		yes, constant := boolConstant(a.node)
		if !constant {
			fail(n, "inplace that is no constant")
		}
		name := e.goName
		if yes {
			name += "Inplace"
		}
		f := w.goObject(name)
		if f == nil {
			fail(n, "%s in place is not in Go", e.python)
		}
		return w.bound(&plainCall, spelled(name), f.Signature(), e.parameters), true
	}
	return value{}, false
}

// boundOr is bound, or the same with the function's With form where that has what is
// asked for.
func (w *writer) boundOr(n *node, text string, f *types.Func, parameters []parameter) value {
	with, _ := f.Pkg().Scope().Lookup(f.Name() + "With").(*types.Func)
	return w.either(n, text, f.Signature(), with, parameters)
}

func (w *writer) either(n *node, text string, s *types.Signature, with *types.Func, parameters []parameter) value {
	if with == nil {
		return w.bound(n, text, s, parameters)
	}
	v, why := w.attempt(func() value { return w.bound(n, text, s, parameters) })
	if why == nil {
		return v
	}
	v, second := w.attempt(func() value { return w.bound(n, text+"With", with.Signature(), parameters) })
	if second != nil {
		panic(*why)
	}
	return v
}

// attempt returns what f gives, or why it gave up.
func (w *writer) attempt(f func() value) (v value, why *untranslatable) {
	start := w.position()
	defer func() {
		if r := recover(); r != nil {
			u := gaveUp(r)
			w.back(start)
			why = &u
		}
	}()
	return f(), nil
}

// method calls a method of one of the API's types.
func (w *writer) method(n *node, object value, goName string, parameters []parameter) value {
	f, ok := member(object.typ, goName).(*types.Func)
	if !ok {
		fail(n, "%s has no %s", typeText(object.typ), goName)
	}
	with, _ := member(object.typ, goName+"With").(*types.Func)
	return w.either(n, object.primary()+"."+goName, f.Signature(), with, parameters)
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
			start := w.position()
			size := w.expression(arguments[j].node)
			w.back(start)
			w.isSize(size)
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

// plainCall calls a function of a known type with arguments by position.
func (w *writer) plainCall(n *node, text string, s *types.Signature) value {
	if len(n.Keywords) > 0 || len(n.Arguments) != s.Params().Len() || s.Variadic() {
		fail(n, "a call of a function in a variable with other arguments")
	}
	var parts []string
	for i, a := range n.Arguments {
		parts = append(parts, w.argument(a, s.Params().At(i).Type()))
	}
	return w.result(n, call(text, parts), s)
}

// construction makes an instance of one of the files' classes.
func (w *writer) construction(n *node, c *class) value {
	name := c.constructorName()
	t := types.NewPointer(c.named)
	if c.kind == dataClass && c.constructor() == nil {
		if !c.hasDefaults() && c.method("__post_init__") == nil {
			return value{text: "&" + w.instanceLiteral(n, c), typ: t}
		}
		return w.dataclass(n, c, name)
	}
	init := c.constructor()
	if init == nil && c.entry.goName != "" {
		return w.libraryConstruction(n, c)
	}
	if init == nil {
		if len(n.Arguments)+len(n.Keywords) > 0 {
			fail(n, "arguments of a class without a constructor")
		}
		return value{text: name + "()", typ: t}
	}
	v := w.ownCall(n, name, init)
	v.typ, v.statement = t, false
	return v
}

// dataclass makes a record, with what differs from its defaults.
func (w *writer) dataclass(n *node, c *class, name string) value {
	t := types.NewPointer(c.named)
	after := c.method("__post_init__")
	if len(n.Arguments)+len(n.Keywords) == 0 && after == nil {
		return value{text: name + "()", typ: t}
	}
	if w.called || after != nil && w.inline {
		fail(n, "a dataclass within an expression")
	}
	record := ""
	if x := w.fresh(n); x != nil {
		record, x.declared = x.goName, true
	} else {
		record = w.temporary(localName(c.node.Name))
	}
	finished := func() value {
		if after != nil {
			w.printf("%s.%s()", record, after.goName)
		}
		return value{text: record, typ: t, variable: &variable{typ: t, goName: record}}
	}
	if !c.hasDefaults() {
		w.printf("%s := &%s", record, w.instanceLiteral(n, c))
		return finished()
	}
	w.printf("%s := %s()", record, name)
	set := func(f *field, a *node) {
		v := w.expression(a)
		w.unify(&f.variable, v.variable)
		w.holds(&f.variable, v)
		v = w.settledFor(w.factoryFor(v, f.typ), f.typ)
		w.learn(&f.variable, v.typ)
		w.sets(&f.variable, v)
		w.printf("%s.%s = %s", record, f.name(c), w.coerce(v, f.typ))
	}
	for i, a := range n.Arguments {
		if i >= len(c.allFields()) || a.Kind == "Starred" {
			fail(a, "more arguments than fields")
		}
		set(c.allFields()[i], a)
	}
	for _, k := range n.Keywords {
		f := c.lookup(k.Name)
		if f == nil {
			fail(k.Value, "a field that is not known")
		}
		set(f, k.Value)
	}
	return finished()
}

// ownCall calls a function or method of the files. What is left out is Python's
// default.
func (w *writer) ownCall(n *node, text string, f *function) value {
	n = w.withStarred(w.withFlags(n), f)
	if f.keywords != "" {
		call, _ := w.expanded(n)
		for _, k := range call.Keywords {
			if k.Name != "" && !slices.ContainsFunc(f.all, func(v *variable) bool { return v.python == k.Name }) {
				f.extra(k.Name)
			}
		}
	}
	var rest []*node
	plainCall := *n
	if f.rest != nil && len(n.Arguments) > len(f.all) {
		rest = n.Arguments[len(f.all):]
		plainCall.Arguments = n.Arguments[:len(f.all)]
	}
	var parts []string
	for i, a := range w.bind(&plainCall, f.pythonParameters()) {
		v, from, scope := f.all[i], a.node, w.fn
		if v.left {
			continue
		}
		if from == nil {
			if from = f.defaults[v]; from == nil && f.popped[v.python] {
				from = defaultNode("None", n.Line) // an error in Python, if it is taken out
			}
			if from == nil {
				fail(n, "%s is missing", v.python)
			}
			if f.outer == nil {
				w.fn = w.scope(f.source, f.node, nil)
			}
		}
		w.hint = v.goName
		var x value
		if s, ok := under(v.typ).(*types.Signature); ok && from.Kind == "Lambda" {
			x = w.lambda(from, s)
		} else {
			x = w.expression(from)
		}
		companions := w.companionTexts(n, v, x)
		w.unify(v, x.variable)
		w.holds(v, x)
		x = w.factoryFor(x, v.typ)
		w.fn, w.hint = scope, ""
		if w.holdsClass(x) {
			fail(n, "a class or module as an argument")
		}
		x = w.settledFor(x, v.typ)
		if w.isPair(x.typ) && x.variable != nil && !w.final() {
			x.typ = nil // perhaps it is the state of an LSTM, as the parameter tells
		}
		if _, several := x.typ.(*types.Tuple); several {
			fail(n, "several results as one argument")
		}
		w.learn(v, x.typ)
		w.holdsList(v, x)
		w.sets(v, x)
		if x.variable != nil && (x.typ == emptyDict || x.typ == emptyList) {
			w.learn(x.variable, v.typ)
		}
		if x.dtype != "" && v.given != x.dtype {
			v.given, w.changed, w.restart = x.dtype, true, true
		}
		if v.typ == conflict {
			fail(n, "%s is given values of different types", v.python)
		}
		if x.typ == nil && x.variable != nil && v.typ != nil {
			w.expect(x.variable, v.typ, true)
		}
		text := w.coerce(x, v.typ)
		if v.isGrown() {
			text = w.address(n, x)
		}
		parts = append(append(parts, text), companions...)
	}
	for _, a := range rest {
		starred := a.Kind == "Starred"
		if starred {
			a = a.Value
		}
		x := w.settled(w.expression(a))
		if starred {
			w.learn(f.rest, x.typ)
			parts = append(parts, x.text+"...")
			continue
		}
		if x.typ != nil {
			w.learn(f.rest, types.NewSlice(solid(x.typ)))
		}
		parts = append(parts, w.coerce(x, elem(f.rest.typ)))
	}
	v := value{text: call(text, parts), typ: f.result, node: n, dtype: f.resultDType, maybeInt: f.resultMaybeInt}
	if f.result == nil || f.result == noneType {
		v.typ = nil
		if f.returnsValue() {
			return v
		}
		v.statement = true
	}
	return v
}

// returnsValue reports whether a function has a return with a value, whose type may
// not be known yet.
func (f *function) returnsValue() bool {
	found := false
	for _, n := range f.node.Body {
		n.visit(func(n *node) bool {
			found = found || n.Kind == "Return" && n.Value != nil && n.Value.Type != "NoneType"
			return n.Kind != "FunctionDef" && n.Kind != "Lambda"
		})
	}
	return found || f.node.Kind == "Lambda" || f.isGenerator()
}
