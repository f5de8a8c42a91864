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

// tried translates an expression for what is known of it, and writes nothing.
func (w *writer) tried(n *node) value {
	start := w.position()
	defer w.back(start)
	return w.expression(n)
}

// probed is tried, or returns why the expression has no translation.
func (w *writer) probed(n *node) (value, *untranslatable) {
	return w.attempt(func() value { return w.tried(n) })
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
