package port

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// quote writes a text as a Go literal.
func quote(text string) string {
	if len(text) > 80 && !strings.ContainsAny(text, "`\r") && strings.Count(strings.Trim(text, "\n"), "\n") > 1 {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// expression translates an expression.
func (w *writer) expression(n *node) value {
	v := w.translate(n)
	if v.node == nil {
		v.node = n
	}
	return v
}

func (w *writer) translate(n *node) value {
	switch n.Kind {
	case "Constant":
		return w.constant(n)
	case "Name":
		return w.name(n)
	case "Attribute":
		return w.attribute(n)
	case "Call":
		v := w.call(n)
		w.called = true
		return v
	case "BinOp":
		return w.binary(n)
	case "UnaryOp":
		return w.unary(n)
	case "BoolOp":
		if v, ok := w.chosen(n); ok {
			return v
		}
		return w.boolean(n)
	case "Compare":
		return w.compare(n)
	case "Subscript":
		return w.subscript(n)
	case "List", "Tuple":
		v := value{list: true, tuple: n.Kind == "Tuple"}
		for _, e := range n.Elts {
			if e.Kind == "Starred" {
				if results, ok := w.spread(e); ok {
					v.items = append(v.items, results...)
					continue
				}
				return w.concatenated(n)
			}
			v.items = append(v.items, w.expression(e))
		}
		return v
	case "IfExp":
		return w.conditional(n)
	case "ListComp", "GeneratorExp":
		return w.comprehension(n)
	case "DictComp":
		return w.dictComprehension(n)
	case "Dict":
		return w.dict(n)
	case "Set":
		return w.setLiteral(n)
	case "SetComp":
		return w.setComprehension(n)
	case "JoinedStr":
		format, args := w.formatted(n)
		if len(args) == 0 {
			return value{text: quote(strings.ReplaceAll(format, "%%", "%")), typ: stringType, literal: true}
		}
		return value{text: call("fmt.Sprintf", append([]string{quote(format)}, args...)), typ: stringType}
	case "Lambda":
		return w.lambda(n, nil)
	case "Prepared":
		return w.prepared[n]
	case "NamedExpr":
		return w.namedExpression(n)
	case "Starred":
		fail(n, "a starred argument")
	}
	fail(n, "%s has no translation", strings.ToLower(n.Kind))
	return value{}
}

func (w *writer) constant(n *node) value {
	switch n.Type {
	case "int":
		return value{text: n.Constant, typ: types.Typ[types.UntypedInt], literal: true}
	case "float":
		text := n.Constant
		if text == "inf" {
			return value{text: "math.Inf(1)", typ: floatType}
		}
		return value{text: tidyFloat(text), typ: types.Typ[types.UntypedFloat], literal: true}
	case "str":
		return value{text: quote(n.Constant), typ: types.Typ[types.UntypedString], literal: true}
	case "bool":
		return value{text: strings.ToLower(n.Constant), typ: types.Typ[types.UntypedBool], literal: true}
	case "NoneType":
		return value{text: "nil", typ: noneType}
	}
	fail(n, "a constant of type %s", n.Type)
	return value{}
}

// tidyFloat writes 1e-05 as 1e-5.
func tidyFloat(text string) string {
	mantissa, exponent, found := strings.Cut(text, "e")
	if !found {
		return text
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return mantissa + "e" + sign + strings.TrimLeft(strings.TrimLeft(exponent, "+-"), "0")
}

// typeOf returns the type of a variable here.
func (w *writer) typeOf(v *variable) types.Type {
	if v.narrowed != nil {
		return v.narrowed
	}
	return v.typ
}

func (w *writer) name(n *node) value {
	if v, ok := w.seen[n.Name]; ok {
		return v
	}
	if n.Name == "self" && w.receiver != "" {
		return value{text: w.receiver, typ: types.NewPointer(w.fn.ownClass().named)}
	}
	if c := w.fn.ownClass(); n.Name == "cls" && c != nil && w.fn.scope("cls") == nil {
		return value{text: c.goName, class: c}
	}
	if n.Name == "__name__" || n.Name == "__file__" {
		fail(n, "%s", n.Name)
	}
	if v := w.fn.scope(n.Name); v != nil {
		if v.alias != nil {
			return *v.alias
		}
		if v.typ == conflict {
			fail(n, "%s holds values of different types", n.Name)
		}
		if v.typ == noneType {
			return value{text: "nil", typ: noneType}
		}
		if v.inner != nil && v.inner.failed && w.final() {
			fail(n, "a function that is to do")
		}
		if v.isGrown() {
			return value{text: "*" + v.goName, typ: v.typ, variable: v, dtype: v.dtype, prec: 8}
		}
		return value{text: v.goName, typ: w.typeOf(v), variable: v, dtype: v.dtype, function: v.inner, tuple: v.lists == tuples, shape: v.lists == shapes}
	}
	if c := w.classes[n.Name]; c != nil {
		return value{text: c.goName, class: c}
	}
	if f := w.functions[n.Name]; f != nil {
		return value{text: f.goName, function: f, typ: f.goType()}
	}
	if path := w.path(n); path != "" {
		return w.pathValue(n, path)
	}
	fail(n, "a name that is not known")
	return value{}
}

// ownClass returns the class of the method that a function is or is within.
func (f *function) ownClass() *class {
	for o := f; o != nil; o = o.outer {
		if o.class != nil {
			return o.class
		}
	}
	return nil
}

// goType returns the type of a function as a value, if it is known.
func (f *function) goType() types.Type {
	if f.rest != nil {
		return nil
	}
	var params, results []*types.Var
	for _, v := range f.params {
		if v.typ == nil || v.typ == conflict || v.isGrown() {
			return nil
		}
		params = append(params, types.NewParam(0, nil, v.goName, v.typ))
	}
	switch r := f.result.(type) {
	case nil:
	case *types.Tuple:
		return nil
	default:
		results = append(results, types.NewParam(0, nil, "", r))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false)
}

// constants are the values of Python's modules.
var constants = map[string]string{
	"math.pi": "math.Pi", "math.e": "math.E", "math.inf": "math.Inf(1)", "math.nan": "math.NaN()", "torch.pi": "math.Pi", "torch.inf": "math.Inf(1)",
	"numpy.pi": "math.Pi", "numpy.inf": "math.Inf(1)",
}

// dtypes are torch's element types.
var dtypes = map[string]string{
	"float": "Float32", "float32": "Float32", "double": "Float64", "float64": "Float64", "half": "Float16", "float16": "Float16", "bfloat16": "BFloat16",
	"int": "Int32", "int32": "Int32", "long": "Int64", "int64": "Int64", "short": "Int16", "int16": "Int16", "int8": "Int8", "uint8": "Uint8", "bool": "Bool",
	"complex64": "Complex64", "complex128": "Complex128",
}

// pathValue returns what a name of Python's modules is.
func (w *writer) pathValue(n *node, path string) value {
	if path == "sys.argv" {
		return value{text: "os.Args", typ: types.NewSlice(stringType)}
	}
	if text, ok := constants[path]; ok {
		return value{text: text, typ: floatType}
	}
	if name, ok := strings.CutPrefix(path, "torch."); ok {
		if dtype, ok := dtypes[name]; ok {
			return value{text: "torch." + dtype, typ: w.dtype}
		}
	}
	if _, isLocal := w.imports[n.Name]; isLocal {
		last := path[lastDot(path)+1:]
		if c := w.classes[last]; c != nil {
			return value{text: c.goName, class: c}
		}
		if f := w.functions[last]; f != nil {
			return value{text: f.goName, function: f, typ: f.goType()}
		}
	}
	return value{text: path, path: path}
}

// attribute translates x.name.
func (w *writer) attribute(n *node) value {
	if v, ok := w.seen[dotted(n)]; ok {
		return v
	}
	if v := w.commandOutput(n); v.text != "" {
		return v
	}
	if v := w.fn.scope(rootName(n)); v == nil || v.global && w.imports[rootName(n)] != "" {
		if path := w.path(n); path != "" {
			return w.pathValue(n, path)
		}
	}
	object := w.expression(n.Value)
	if flag := w.flagValue(n, object); flag.text != "" {
		return flag
	}
	return w.memberOf(n, object, n.Name)
}

// rootName returns the first name of a.b.c.
func rootName(n *node) string {
	for n.Kind == "Attribute" {
		n = n.Value
	}
	return n.Name
}

// memberOf returns an attribute of a value.
func (w *writer) memberOf(n *node, object value, name string) value {
	if object.variable != nil && object.typ == nil {
		w.expectByAttribute(object.variable, name)
	}
	if w.isTensor(object.typ) {
		if v, ok := w.tensorAttribute(object, name); ok {
			return v
		}
	}
	if v, ok := w.partOfResult(object, name); ok {
		return v
	}
	if same(object.typ, w.device) {
		if v, ok := deviceAttribute(object, name); ok {
			return v
		}
	}
	if c := w.classAt(object); c != nil {
		if f := c.lookup(name); f != nil {
			if f.typ == conflict {
				fail(n, "self.%s holds values of different types", name)
			}
			if f.typ == noneType && !w.final() {
				return value{text: object.primary() + "." + f.name(c), variable: &f.variable}
			}
			return value{text: object.primary() + "." + f.name(c), typ: f.typ, variable: &f.variable, dtype: f.dtype, tuple: f.lists == tuples, shape: f.lists == shapes}
		}
		if m := c.method(name); m != nil {
			if m.hasDecorator("property") {
				return value{text: object.primary() + "." + m.goName + "()", typ: m.result}
			}
			if m.isStatic() || m.isOfClass() {
				return value{text: m.goName, function: m, typ: m.goType()}
			}
			return value{text: w.bySelf(object, name) + "." + m.goName, function: m, typ: m.goType()}
		}
		if v := c.constant(name); v != nil {
			return value{text: v.goName, typ: v.typ}
		}
		if name == "training" && c.kind == moduleClass {
			return value{text: object.primary() + ".IsTraining()", typ: boolType}
		}
		if field := w.fieldOf(c.named, plain(name)); field != nil {
			return value{text: object.primary() + "." + field.Name(), typ: field.Type()}
		}
		if name == "__class__" {
			return value{class: c, text: c.goName}
		}
		if v, ok := w.attached(object, name); ok {
			return v
		}
		fail(n, "self has no %s", name)
	}
	if name == "param_groups" && w.implements(object.typ, w.named("torch/optim", "Grouped")) {
		return value{text: object.primary() + ".Groups()", typ: types.NewSlice(w.named("torch/optim", "ParamGroup"))}
	}
	if r := w.recordOf(object.typ); r != nil {
		return w.recordField(n, r, object, name)
	}
	if object.class != nil {
		if m := object.class.method(name); m != nil && m.isOfClass() && m.class != object.class {
			fail(n, "a class method of the base, which makes the base in Go")
		}
	}
	if object.class != nil && object.class.kind == weightsClass {
		fail(n, "pretrained weights")
	}
	if object.class != nil && name == "__name__" {
		return value{text: quote(object.class.node.Name), typ: types.Typ[types.UntypedString], literal: true}
	}
	if object.class != nil {
		if v := object.class.constant(name); v != nil {
			return value{text: v.goName, typ: v.typ}
		}
		if m := object.class.method(name); m != nil && (m.isStatic() || m.isOfClass()) {
			return value{text: m.goName, function: m, typ: m.goType()}
		}
		fail(n, "an attribute of a class")
	}
	if e := w.keyedOf(object.typ); e != nil {
		return w.keyedElement(object, e, name)
	}
	if name == "training" && member(object.typ, "IsTraining") != nil {
		return value{text: object.primary() + ".IsTraining()", typ: boolType}
	}
	if v, ok := w.attributeOfClass(n, object, name); ok {
		return v
	}
	if object.typ == nil {
		fail(n, "an attribute of what is not known")
	}
	if v, ok := w.attached(object, name); ok {
		return v
	}
	if v, ok := w.childOf(n, object, name); ok {
		return v
	}
	want := plain(name)
	if field := w.fieldOf(object.typ, want); field != nil {
		return value{text: object.primary() + "." + field.Name(), typ: field.Type()}
	}
	if w.isLoader(object.typ) && name == "dataset" {
		return value{text: object.primary() + ".Dataset()", typ: w.named("torch/utils/data", "Sized")}
	}
	if (name == "weight" || name == "bias") && (same(object.typ, w.layer) || same(object.typ, w.anyModule)) {
		return value{text: fmt.Sprintf("nn.Base(%s).GetParameter(%q)", object.text, name), typ: w.tensor}
	}
	if f := methodOf(object.typ, plain(name)); f != nil && f.Signature().Params().Len() == 0 && f.Signature().Results().Len() == 1 {
		return value{text: object.primary() + "." + f.Name() + "()", typ: f.Signature().Results().At(0).Type(), node: n} // a property
	}
	fail(n, "%s has no %s", typeText(object.typ), name)
	return value{}
}

// final reports whether types are as good as they get.
func (w *writer) final() bool { return w.guessing }

// fieldOf returns the field of a struct, or of one that it embeds, by its plain name.
func (w *writer) fieldOf(t types.Type, want string) *types.Var {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range s.NumFields() {
		f := s.Field(i)
		if f.Exported() && plain(f.Name()) == want {
			return f
		}
	}
	for i := range s.NumFields() {
		if f := s.Field(i); f.Embedded() {
			if found := w.fieldOf(f.Type(), want); found != nil {
				return found
			}
		}
	}
	return nil
}

// expectByAttribute guesses what a variable is by what is asked of it.
func (w *writer) expectByAttribute(v *variable, name string) {
	switch name {
	case "append", "extend", "split", "join", "items", "keys", "values", "format", "index", "count", "copy", "pop", "insert", "sort", "type":
		return
	case "parameters", "train", "eval", "state_dict", "modules", "named_parameters":
		w.expect(v, w.layer, false)
		return
	case "zero_grad", "step":
		w.expect(v, w.optimizer, false)
		return
	}
	if _, ok := w.names["torch.Tensor."+name]; ok {
		w.expect(v, w.tensor, true)
	}
}

func (f *function) hasDecorator(name string) bool {
	for _, d := range f.node.Decorators {
		if d.Name == name {
			return true
		}
	}
	return false
}

// conditional translates a if test else b.
func (w *writer) conditional(n *node) value {
	if known, yes := w.staticTest(n.Test); known {
		if yes {
			return w.expression(n.Then)
		}
		return w.expression(n.Other)
	}
	if w.path(callee(n.Test)) == "torch.cuda.is_available" {
		if v, ok := w.deviceChoice(n); ok {
			return v
		}
	}
	test := w.condition(n.Test)
	before, outer := len(w.lines), w.inline
	w.inline = true
	a, b := w.expression(n.Then), w.expression(n.Other)
	w.inline = outer
	if len(w.lines) > before {
		fail(n, "a condition of several statements within an expression")
	}
	a, b = w.settled(a), w.settled(b)
	t := w.join(a.typ, b.typ)
	if t == nil || t == conflict {
		fail(n, "a choice of different types")
	}
	if t == noneType {
		fail(n, "a choice of None and None")
	}
	yes, no := w.coerce(a, t), w.coerce(b, t)
	if w.inline || w.called && !isPure(n) {
		return value{text: fmt.Sprintf("func() %s {\nif %s {\nreturn %s\n}\nreturn %s\n}()", typeText(t), test.text, yes, no), typ: t, dtype: a.dtype}
	}
	name := w.temporary(cmp.Or(w.hint, "value"))
	switch {
	case !isPure(n.Other) || no == "nil" || isInterface(t):
		w.printf("var %s %s\nif %s {\n%[1]s = %[4]s\n} else {\n%[1]s = %[5]s\n}", name, typeText(t), test.text, yes, no)
	default:
		if isFloat(t) && b.literal && !strings.ContainsAny(no, ".e(") {
			no += ".0"
		}
		w.printf("%s := %s\nif %s {\n%[1]s = %[4]s\n}", name, no, test.text, yes)
	}
	return value{text: name, typ: t, dtype: a.dtype}
}

// isPure reports whether an expression does nothing and gives the same before the
// statement that it is in: it has but numbers, texts and what is computed of them.
func isPure(n *node) bool {
	pure := true
	n.visit(func(n *node) bool {
		switch n.Kind {
		case "Constant", "Name", "UnaryOp", "BinOp", "BoolOp", "Compare", "IfExp", "Attribute":
		case "Subscript":
			pure = pure && n.Value.Kind == "Attribute" && n.Value.Name == "argv"
		case "Call":
			pure = pure && n.Func.Kind == "Name" && slices.Contains([]string{"int", "float", "str", "len", "min", "max"}, n.Func.Name)
		default:
			pure = false
		}
		return pure
	})
	return pure
}

func callee(n *node) *node {
	if n.Kind == "Call" {
		return n.Func
	}
	return nil
}

// comprehension translates a list comprehension as a loop before the statement, or
// within a function where something is called before it.
func (w *writer) comprehension(n *node) value {
	return w.collected(n, "[]", func(w *writer, name string) types.Type {
		v := w.settled(w.kept(n, w.expression(n.Elt)))
		if v.list {
			fail(n, "a list of lists of different types")
		}
		if _, several := v.typ.(*types.Tuple); several || v.typ == conflict {
			fail(n, "a list of tuples")
		}
		w.printf("%s = append(%[1]s, %s)", name, w.coerce(v, solid(v.typ)))
		if v.typ == nil {
			return nil
		}
		return types.NewSlice(solid(v.typ))
	})
}

// collected writes the loops of a comprehension, with add in the innermost.
func (w *writer) collected(n *node, kind string, add func(w *writer, name string) types.Type) value {
	f := w.fn.inner[n]
	if f == nil {
		f = w.scope(w.source, n, w.fn)
		f.root = &block{parent: w.block, depth: w.block.depth + 100}
		for _, g := range n.Generators {
			for _, t := range storedIn(&node{Kind: "For", Target: g.Target}) {
				v := &variable{python: t.Name, home: f.root}
				if same := w.fn.scope(t.Name); same != nil && !same.global {
					v.goName = same.goName // which this hides in Python, too
				} else {
					v.goName = f.localGoName(t.Name)
				}
				f.locals[t.Name] = v
			}
		}
		w.fn.inner[n] = f
	}
	for _, v := range f.locals {
		v.declared = false
	}
	inline := w.called || w.inline
	name := map[string]string{"[]": "list", "map": "dictionary", "set": "elements", "total": "total"}[kind]
	if x := w.fresh(n); x != nil && kind != "total" {
		name, x.declared = x.goName, true
	} else {
		if w.at != nil && w.at.Kind == "Assign" && w.at.Targets[0].Kind == "Attribute" && kind == "[]" {
			name = localName(w.at.Targets[0].Name)
		}
		name = w.temporary(name)
	}
	outer, block, before, within := w.fn, w.block, len(w.lines), w.inline
	w.inline = false
	f.temporaries = map[string]blocks{}
	f.taken[name] = true
	w.fn = f
	closes := 0
	for _, g := range n.Generators {
		w.inside = f.root
		w.header(n, g.Target, g.Iter, func(head string) { w.printf("%s", head); w.block = f.root })
		closes++
		for _, test := range g.Ifs {
			w.printf("if %s {", w.condition(test).text)
			closes++
		}
	}
	t := add(w, name)
	for range closes {
		w.printf("}")
	}
	w.fn, w.block, w.inline = outer, block, within
	loops := append([]line{}, w.lines[before:]...)
	w.lines = w.lines[:before]
	declaration := fmt.Sprintf("var %s %s", name, typeText(t))
	if (kind == "map" || kind == "set") && t != nil {
		declaration = name + " := " + emptyText(t)
	}
	if t == nil {
		declaration = fmt.Sprintf("var %s []any", name)
	}
	if !inline {
		w.printf("%s", declaration)
		w.lines = append(w.lines, loops...)
		return value{text: name, typ: t, variable: &variable{typ: t, goName: name}}
	}
	var texts []string
	for _, l := range loops {
		texts = append(texts, l.text)
	}
	return value{text: fmt.Sprintf("func() %s {\n%s\n%s\nreturn %s\n}()", typeText(t), declaration, strings.Join(texts, "\n"), name), typ: t}
}

// concatenated translates [*a, b].
func (w *writer) concatenated(n *node) value {
	var parts []string
	var t types.Type
	for _, e := range n.Elts {
		starred := e.Kind == "Starred"
		if starred {
			e = e.Value
		}
		v := w.settled(w.expression(e))
		if starred {
			if elem(v.typ) == nil {
				fail(e, "a starred value that is no list")
			}
			t = w.join(t, v.typ)
			parts = append(parts, v.text)
		} else {
			if v.typ == nil || v.list {
				fail(e, "an element of an unknown type")
			}
			t = w.join(t, types.NewSlice(solid(v.typ)))
			parts = append(parts, typeText(types.NewSlice(solid(v.typ)))+"{"+v.text+"}")
		}
	}
	if t == conflict || t == nil {
		fail(n, "a list of different types")
	}
	return value{text: call("slices.Concat", parts), typ: t}
}

// lambda translates a lambda as a function of a type, if that is known.
func (w *writer) lambda(n *node, want *types.Signature) value {
	f := w.fn.inner[n]
	if f == nil {
		f = w.scope(w.source, n, w.fn)
		f.root = &block{parent: w.block}
		f.parameters(n.Signature)
		w.fn.inner[n] = f
	}
	if w.at != nil && w.at.Kind == "Assign" && w.at.Value == n && w.at.Targets[0].Kind == "Name" && want == nil {
		if x := w.fn.scope(w.at.Targets[0].Name); x != nil {
			w.nameFunction(x, value{function: f}) // so that calls tell what the parameters are
		}
	}
	f.failed = false
	if want != nil && want.Params().Len() == len(f.params) {
		for i, v := range f.params {
			w.learn(v, want.Params().At(i).Type())
		}
	}
	outer, before, block, within := w.fn, len(w.lines), w.block, w.inline
	w.fn, w.block, w.inline = f, f.root, false
	v := w.settled(w.expression(n.Value))
	w.fn, w.block, w.inline = outer, block, within
	var body string
	for _, l := range w.lines[before:] {
		body += l.text + "\n"
	}
	w.lines = w.lines[:before]
	if v.list || v.fails {
		fail(n, "a lambda of what Go has no value of")
	}
	if v.typ == noneType || v.statement {
		if v.typ == noneType {
			v.text = ""
		}
		return value{text: fmt.Sprintf("func(%s) { %s%s }", f.signature(), body, v.text), typ: f.goType(), function: f}
	}
	if v.typ != nil {
		f.result = w.join(f.result, v.typ)
	}
	if want != nil && want.Results().Len() == 1 && w.canHold(want.Results().At(0).Type(), v.typ) {
		f.result = want.Results().At(0).Type()
	}
	if body != "" {
		body = "\n" + body
	}
	return value{text: fmt.Sprintf("func(%s)%s { %sreturn %s }", f.signature(), f.results(), body, v.text), typ: f.goType(), function: f}
}
