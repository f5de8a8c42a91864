package port

import (
	"fmt"
	"go/types"
	"strings"
)

// Classes may have one of the API's modules as their base: they embed it, or are the
// Sequential that it is itself. A ModuleDict is a module with the children that it is
// given.

// findLibrary finds what a class has as its base, of the API's modules.
func (c *class) findLibrary(full string) {
	p := c.program
	e, ok := p.names[full]
	if full == "torch.nn.ModuleDict" {
		c.kind, c.children = moduleClass, true
		return
	}
	if !ok || !e.constructor() {
		return
	}
	t, isPointer := p.constructed(e).(*types.Pointer)
	if !isPointer || !p.isLayer(t) {
		return
	}
	named, isNamed := t.Elem().(*types.Named)
	if !isNamed {
		return
	}
	c.kind, c.entry = moduleClass, e
	if o, _, _ := types.LookupFieldOrMethod(t, true, nil, "Sequential"); o != nil {
		c.library = p.sequential.(*types.Pointer).Elem()
		return
	}
	c.embedded = named
}

// libraryConstructor writes NewX for a class that does not make itself, but as its base.
func (w *writer) libraryConstructor(c *class) {
	name := c.constructorName()
	w.printf("")
	w.printf("// %s returns a new %s.", name, c.goName)
	s := w.goObject(c.entry.goName).Signature()
	var params, names []string
	for i := range s.Params().Len() {
		p := s.Params().At(i)
		text, passed := typeText(p.Type()), p.Name()
		if s.Variadic() && i == s.Params().Len()-1 {
			text, passed = "..."+typeText(elem(p.Type())), passed+"..."
		}
		params, names = append(params, p.Name()+" "+text), append(names, passed)
	}
	made := call(spelled(c.entry.goName), names)
	if c.embedded == nil {
		w.printf("func %s(%s) *%s {\n%s := nn.Init(&%[3]s{})", name, strings.Join(params, ", "), c.goName, c.receiver())
		w.addChildren(c.receiver(), made)
		w.printf("return %s\n}", c.receiver())
		return
	}
	w.printf("func %s(%s) *%s { return nn.Init(&%[3]s{%[4]s: *%[5]s}) }", name, strings.Join(params, ", "), c.goName, c.embedded.Obj().Name(), made)
}

// addChildren adds the layers of a Sequential to another one.
func (w *writer) addChildren(receiver, made string) {
	w.printf("for _, child := range %s.NamedChildren() {\n%s.Add(child.Name, child.Module.(nn.Layer))\n}", made, receiver)
}

// libraryConstruction makes an instance of a class that is made as its base.
func (w *writer) libraryConstruction(n *node, c *class) value {
	v := w.boundOr(n, c.constructorName(), w.goObject(c.entry.goName), c.entry.parameters)
	v.typ = types.NewPointer(c.named)
	return v
}

// superLibrary writes super().__init__(...) of such a class.
func (w *writer) superLibrary(c *class, n *node) {
	v := w.entryCall(n.Value, c.entry)
	if c.embedded == nil {
		w.addChildren(w.receiver, v.text)
		return
	}
	w.printf("%s.%s = *%s", w.receiver, c.embedded.Obj().Name(), v.text)
}

// constructorName returns what the function is called that makes an instance.
func (c *class) constructorName() string {
	return "New" + strings.ToUpper(c.goName[:1]) + c.goName[1:]
}

// childrenLoop writes a loop over the names and layers of a class that is a ModuleDict.
func (w *writer) childrenLoop(n, target *node, object value, enter func(string)) bool {
	c := w.classOf(object.typ)
	if c == nil || !c.children || target.Kind != "Tuple" || len(target.Elts) != 2 {
		return false
	}
	if c.child == nil {
		fail(n, "a dict of modules of no known type")
	}
	name := w.loopTemporary("named")
	enter(fmt.Sprintf("for _, %s := range %s.NamedChildren() {", name, object.primary()))
	for _, t := range target.Elts {
		if x := w.fn.scope(t.Name); t.Kind == "Name" && x != nil {
			x.declared = false
		}
	}
	w.assignParts(target, target.Elts, []value{{text: name + ".Name", typ: stringType, node: target}, {text: fmt.Sprintf("%s.Module.(%s)", name, typeText(c.child)), typ: c.child, node: target}}, "")
	return true
}
