package port

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// class is a Python class.
type class struct {
	program   *program
	source    *source
	node      *node
	goName    string
	named     *types.Named
	base      *class // in the files
	kind      classKind
	fields    []*field
	constants map[string]*variable // that belong to the class itself
	methods   map[string]*function
	order     []*function
	init      *function
	derived   bool             // another class has it as its base
	thin      bool             // it is its base, made in another way
	virtual   []string         // methods that it calls by self, and classes below have in their own way
	library   types.Type       // the base, if it is a Sequential or one of the API's that is
	embedded  *types.Named     // the base, if it is another of the API's modules
	entry     entry            // what makes the base, if it is of the API
	children  bool             // the base is a ModuleDict
	shown     bool             // it is printed
	child     types.Type       // what is added to it
	values    map[string]*node // of a dict that is a struct, the constants that it is made with
}

type classKind int

const (
	plainClass classKind = iota
	moduleClass
	dataClass
	weightsClass  // of torchvision: which files of weights there are
	settingsClass // a dict whose keys are fields
	flagsClass    // what argparse parses
)

// field is an attribute of a class's instances.
type field struct {
	variable
	buffer     bool
	persistent bool
	parameter  bool
	module     bool
	fixed      *node // the default of a dataclass
	bare       bool  // it is declared without a value
}

// newClass declares a class with its methods.
func newClass(p *program, s *source, n *node) *class {
	c := &class{program: p, source: s, node: n, constants: map[string]*variable{}, methods: map[string]*function{}}
	for _, b := range n.Bases {
		full := p.path(b)
		switch {
		case full[lastDot(full)+1:] == "WeightsEnum":
			c.kind = weightsClass
		case p.classes[b.Name] != nil && b.Kind == "Name":
			c.base = p.classes[b.Name]
			c.base.derived = true
			c.kind = c.base.kind
		case full == "torch.nn.Module":
			c.kind = moduleClass
		case full == "typing.NamedTuple":
			c.kind = dataClass
		case full == "torch.nn.Sequential":
			c.kind, c.library = moduleClass, p.named("torch/nn", "Sequential")
		default:
			c.findLibrary(full)
		}
	}
	for _, d := range n.Decorators {
		if d.Kind == "Call" {
			d = d.Func
		}
		if full := p.path(d); full == "dataclasses.dataclass" {
			c.kind = dataClass
		}
	}
	if c.thin = c.isThin(); c.thin {
		c.goName, c.named = strings.Trim(n.Name, "_"), c.base.named
	} else {
		c.goName = p.className(s, n.Name)
		c.named = p.typeOfClass(c)
	}
	for _, m := range n.Body {
		switch m.Kind {
		case "FunctionDef":
			if m.Name == "_load_from_state_dict" {
				continue
			}
			f := newFunction(p, s, m, c)
			f.goName = methodName(m.Name)
			if f.isStatic() || f.isOfClass() {
				f.goName = p.goName(localName(n.Name) + exportedName(m.Name))
			}
			for name, other := range c.methods {
				switch {
				case name == m.Name: // the last one counts
					if slices.ContainsFunc(other.node.Decorators, func(d *node) bool { return d.Name == "_overload_method" }) {
						f.forget()
					}
					c.order = slices.DeleteFunc(c.order, func(o *function) bool { return o == other })
				case other.goName == f.goName:
					f.goName += "Again"
				}
			}
			c.methods[m.Name] = f
			if m.Name == "__init__" {
				c.init = f
				c.declareFields(m)
				f.goName = c.constructorName()
				p.goNames[f.goName] = true
			} else {
				c.order = append(c.order, f)
			}
			if m.Name == "forward" && len(f.params) == 1 && f.rest == nil {
				c.named.AddMethod(p.forwardOf(c))
			}
		case "Assign", "AnnAssign":
			if name, literal := c.constantIn(m); literal != nil && !stateNames[name] {
				c.constants[name] = &variable{python: name, goName: p.goName(localName(n.Name) + exportedName(name))}
			} else if c.kind == dataClass && m.Kind == "AnnAssign" && m.Target.Kind == "Name" {
				fd := c.field(m.Target.Name)
				fd.fixed = m.Value
				if p.isCallable(m.Annotation) {
					p.makerOf(&fd.variable)
				}
				if t, ok := p.annotation(m.Annotation); ok {
					fd.typ, fd.annotated = t, true
				}
			}
		}
	}
	return c
}

// stateNames are the attributes of classes that but TorchScript and state dicts of older
// versions read.
var stateNames = map[string]bool{"_version": true, "__constants__": true}

// typeOfClass makes the Go type of a class: its methods and fields are looked up here,
// what it embeds by go/types.
func (p *program) typeOfClass(c *class) *types.Named {
	name := types.NewTypeName(token.NoPos, p.main, c.goName, nil)
	var fields []*types.Var
	switch {
	case c.base != nil:
		fields = append(fields, types.NewField(token.NoPos, p.main, c.base.goName, c.base.named, true))
	case c.library != nil:
		fields = append(fields, types.NewField(token.NoPos, p.main, "Sequential", c.library, true))
	case c.embedded != nil:
		fields = append(fields, types.NewField(token.NoPos, p.main, c.embedded.Obj().Name(), c.embedded, true))
	case c.kind == moduleClass:
		fields = append(fields, types.NewField(token.NoPos, p.main, "Module", p.module, true))
	}
	return types.NewNamed(name, types.NewStruct(fields, nil), nil)
}

// constantIn returns the name and value of a constant of the class itself, if a statement
// sets one.
func (c *class) constantIn(n *node) (name string, literal *node) {
	switch {
	case isConstant(n):
		return n.Targets[0].Name, constantOf(n.Value)
	case n.Kind == "AnnAssign" && c.kind != dataClass && n.Target.Kind == "Name" && n.Value != nil && isLiteral(n.Value):
		return n.Target.Name, constantOf(n.Value)
	}
	return "", nil
}

// constantOf returns a literal, with its sign.
func constantOf(n *node) *node {
	if n.Kind == "UnaryOp" {
		negative := *n.Operand
		negative.Constant = "-" + negative.Constant
		return &negative
	}
	return n
}

// constant returns the constant of a class or its bases, or nil.
func (c *class) constant(python string) *variable {
	for ; c != nil; c = c.base {
		if v := c.constants[python]; v != nil {
			return v
		}
	}
	return nil
}

// declareFields declares what a constructor sets, in its order.
func (c *class) declareFields(init *node) {
	init.visit(func(n *node) bool {
		for _, t := range n.Targets {
			for _, one := range append([]*node{t}, t.Elts...) {
				if one.Kind == "Attribute" && one.Value.Kind == "Name" && one.Value.Name == "self" {
					c.field(one.Name)
				}
			}
		}
		if n.Kind == "AnnAssign" && n.Value == nil && n.Target.Kind == "Attribute" && n.Target.Value.Name == "self" {
			if t, known := c.program.annotation(n.Annotation); known {
				f := c.field(n.Target.Name)
				f.typ, f.annotated, f.bare, f.module = t, true, true, c.program.isModule(t)
			}
		}
		if register := registered(n); register != nil {
			c.field(register.Arguments[0].Constant)
		}
		return true
	})
}

// forwardOf is the Forward that makes a class a layer.
func (p *program) forwardOf(c *class) *types.Func {
	tensor := func(name string) *types.Tuple {
		return types.NewTuple(types.NewParam(token.NoPos, p.main, name, p.tensor))
	}
	receiver := types.NewParam(token.NoPos, p.main, "", types.NewPointer(c.named))
	return types.NewFunc(token.NoPos, p.main, "Forward", types.NewSignatureType(receiver, nil, nil, tensor("x"), tensor(""), false))
}

// methodName is what a Python method is called in Go.
func methodName(python string) string {
	switch python {
	case "forward":
		return "Forward"
	case "__call__":
		return "Call"
	case "__len__":
		return "Len"
	case "__getitem__":
		return "At"
	case "__repr__", "__str__":
		return "String"
	}
	name := localName(python)
	for reserved[name] {
		name += "Of"
	}
	return name
}

// field returns an attribute, and declares it if it is new.
func (c *class) field(python string) *field {
	if f := c.lookup(python); f != nil {
		return f
	}
	if c.thin {
		return c.base.field(python)
	}
	f := &field{variable: variable{python: python}}
	c.fields = append(c.fields, f)
	return f
}

// lookup returns an attribute of a class or its bases, or nil.
func (c *class) lookup(python string) *field {
	for ; c != nil; c = c.base {
		for _, f := range c.fields {
			if f.python == python {
				return f
			}
		}
	}
	return nil
}

// method returns a method of a class or its bases, or nil.
func (c *class) method(python string) *function {
	for ; c != nil; c = c.base {
		if m := c.methods[python]; m != nil {
			return m
		}
	}
	return nil
}

// constructor returns the __init__ of a class or its bases, or nil.
func (c *class) constructor() *function {
	for ; c != nil; c = c.base {
		if c.init != nil {
			return c.init
		}
	}
	return nil
}

// name returns what a field is called in Go, unlike those before it.
func (f *field) name(c *class) string {
	name := f.plainName(c)
	for _, other := range c.fields {
		if other == f {
			break
		}
		if other.typ != nil && other.plainName(c) == name {
			return name + "Value"
		}
	}
	return name
}

func (f *field) plainName(c *class) string {
	if f.module || f.parameter || f.buffer {
		name := exportedName(f.python)
		if c.kind == moduleClass && slices.Contains(moduleMembers, name) {
			name += "Field"
		}
		return name
	}
	name := localName(f.python)
	for reserved[name] && name != "data" || c.clashes(name) {
		name += "Value"
	}
	return name
}

// moduleMembers are names of nn.Module's own.
var moduleMembers = []string{"Module", "Parameters", "Buffers", "Children", "Modules", "Train", "Eval", "To", "Apply", "Forward"}

// clashes reports whether a method has the name.
func (c *class) clashes(name string) bool {
	for ; c != nil; c = c.base {
		for _, m := range c.methods {
			if m.goName == name {
				return true
			}
		}
	}
	return false
}

// of returns the class that a type is a pointer to, or nil.
func (p *program) classOf(t types.Type) *class {
	pointer, ok := t.(*types.Pointer)
	if !ok {
		return nil
	}
	for _, c := range p.classes {
		if pointer.Elem() == types.Type(c.named) && !c.thin {
			return c
		}
	}
	return nil
}

// receiver returns the name of a class's receiver.
func (c *class) receiver() string {
	name := strings.ToLower(c.goName)
	if len(name) > 5 || reserved[name] || c.program.goNames[name] {
		name = name[:1]
	}
	return name
}

// setField notes what an attribute is set to.
func (w *writer) setField(f *field, v value) {
	w.learn(&f.variable, v.typ)
	w.holdsList(&f.variable, v)
	w.sets(&f.variable, v)
	if v.parameter {
		f.parameter = true
	}
	if w.isModule(f.typ) {
		f.module = true
	}
	if v.dtype != "" {
		f.dtype = v.dtype
	}
}

// class writes a class: its struct, its constructor and its methods.
func (w *writer) class(c *class) {
	w.source, w.fn, w.at = c.source, nil, c.node
	if c.kind == weightsClass {
		w.leaveOut(c.source, c.node, "pretrained weights are left out: LoadStateDict reads them")
		return
	}
	if c.kind == flagsClass {
		w.flagsRecord(c)
		return
	}
	if w.isException(c.node.Name) && c.init == nil && len(c.order) == 0 {
		w.leaveOut(c.source, c.node, "an exception is an error that begins with its name")
		return
	}
	w.report.statement(c.source, c.node)
	w.comments(c.node.Line)
	if why, broken := w.broken[c.node]; broken {
		w.report.todo(c.source, c.node, why, c.source.text(c.node))
		w.printf("// TODO(port): line %d: %s", c.node.Line, c.source.text(c.node))
		w.printf("type %s struct { nn.Module }", c.goName)
		w.flushed = max(w.flushed, c.node.EndLine)
		return
	}
	text, body := docstring(c.node.Body)
	head := w.lines
	w.lines = nil
	// The methods come first, because they find the fields.
	w.agree(c)
	if m := c.methods["forward"]; m != nil && !w.several[c.named] {
		if _, several := m.result.(*types.Tuple); several || w.classOf(m.result) != nil || w.isDict(m.result) {
			w.several[c.named], w.changed, w.restart = true, true, true
		}
	}
	switch {
	case c.init != nil:
		w.constructor(c, c.init)
	case c.kind == dataClass:
		if c.hasDefaults() {
			w.dataclassConstructor(c)
		}
	case c.entry.goName != "" && c.base == nil:
		w.libraryConstructor(c)
	default:
		w.emptyConstructor(c)
	}
	for _, m := range c.order {
		w.methodOrNote(c, m)
	}
	w.shownClass(c, c.node.Name)
	for _, n := range body {
		name, literal := c.constantIn(n)
		switch {
		case n.Kind == "Assign" && stateNames[n.Targets[0].Name]:
			w.leaveOut(c.source, n, "what but TorchScript and state dicts of older versions read")
		case n.Kind == "FunctionDef" && n.Name == "_load_from_state_dict":
			w.leaveOut(c.source, n, "state dicts of older versions are not read")
		case n.Kind == "FunctionDef", n.Kind == "AnnAssign" && c.kind == dataClass, n.Kind == "Pass":
		case n.Kind == "Expr" && isText(n.Value), n.Kind == "Expr" && n.Value.Kind == "Constant":
		case literal != nil:
			v := c.constants[name]
			text := w.constant(literal)
			w.learn(v, solid(text.typ))
			w.report.statement(c.source, n)
			w.printf("")
			w.printf("// %s is %s of %s in Python.", v.goName, v.python, c.node.Name)
			w.printf("const %s = %s", v.goName, text.text)
		default:
			w.report.statement(c.source, n)
			w.report.todo(c.source, n, "a class's own attribute", c.source.text(n))
			w.printf("// TODO(port): line %d: %s", n.Line, c.source.text(n))
		}
	}
	methods := w.lines
	w.lines = head
	w.at, w.fn = c.node, nil
	if c.thin {
		w.lines = append(w.lines, methods...)
		return
	}
	w.virtualInterface(c)
	w.printf("")
	lines := docComment(c.goName, text)
	if lines == nil {
		lines = []string{fmt.Sprintf("// %s is a %s.", c.goName, map[classKind]string{plainClass: "class", moduleClass: "module", dataClass: "record"}[c.kind])}
	}
	for _, l := range lines {
		w.printf("%s", l)
	}
	w.printf("type %s struct {", c.goName)
	switch {
	case c.base != nil:
		w.printf("%s", c.base.goName)
	case c.library != nil:
		w.printf("%s", typeText(c.library))
	case c.embedded != nil:
		w.printf("%s", typeText(c.embedded))
	case c.kind == moduleClass:
		w.printf("nn.Module")
	}
	if len(c.virtual) > 0 {
		w.printf("self %s%s", c.interfaceName(), map[bool]string{true: " `nn:\"-\"`"}[c.kind == moduleClass])
	}
	merged := "" // the type of the field before, if it has no tag
	for _, f := range c.fields {
		if f.typ == nil {
			continue // what sets it is to do
		}
		tag := ""
		name := f.name(c)
		switch {
		case c.kind != moduleClass:
		case f.buffer && !f.persistent:
			tag = fmt.Sprintf(" `nn:\"%s,buffer,nonpersistent\"`", fieldTag(f.python, name))
		case f.buffer:
			tag = fmt.Sprintf(" `nn:\"%s,buffer\"`", fieldTag(f.python, name))
		case f.module || f.parameter:
			if t := fieldTag(f.python, name); t != "" {
				tag = fmt.Sprintf(" `nn:%q`", t)
			}
		case holdsTensors(w, f.typ):
			tag = " `nn:\"-\"`"
		}
		if last := &w.lines[len(w.lines)-1]; tag == "" && merged == typeText(f.typ) {
			last.text = strings.TrimSuffix(last.text, " "+merged) + ", " + name + " " + merged
			continue
		}
		w.printf("%s %s%s", name, typeText(f.typ), tag)
		merged = ""
		if tag == "" {
			merged = typeText(f.typ)
		}
	}
	w.printf("}")
	w.lines = append(w.lines, methods...)
}

// methodOrNote writes a method. A __repr__ that is not translated is left out.
func (w *writer) methodOrNote(c *class, m *function) {
	if m.returnsZip() != nil {
		w.leaveOut(c.source, m.node, "a zip is written out where it is looped over")
		return
	}
	start, flushed := w.position(), w.flushed
	w.function(m)
	if m.python == "__repr__" && len(w.report.Todos) > start.todos {
		w.back(start)
		w.flushed = flushed
		w.leaveOut(c.source, m.node, "__repr__ is left out")
	}
}

// holdsTensors reports whether nn.Init would ask about a field that is no parameter.
func holdsTensors(w *writer, t types.Type) bool {
	if t == nil {
		return true
	}
	if e := elem(t); e != nil {
		t = e
	}
	if w.isDict(t) {
		_, t = dictTypes(t)
	}
	return w.isTensor(t) || w.isModule(t) || same(t, w.lstmState)
}
