package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// Go has no classes that inherit: a class embeds its base, and one that adds nothing but a
// constructor is its base. Methods that a base calls by self, and classes below it have
// in their own way, are called through an interface.

// className returns what a class is called in Go: _Config is config where there is a type
// Config, too.
func (p *program) className(s *source, python string) string {
	name := strings.Trim(python, "_")
	if name != python && slices.ContainsFunc(s.tree.Body, func(n *node) bool {
		return n.Kind == "ClassDef" && n.Name == name && (len(n.Bases) != 1 || n.Bases[0].Name != python || !makesOnly(n))
	}) {
		name = lowerFirst(name)
	}
	return p.goName(name)
}

// makesOnly reports whether a class has but a constructor and functions of the class.
func makesOnly(n *node) bool {
	hasInit := false
	for _, n := range n.Body {
		switch {
		case n.Kind == "FunctionDef" && n.Name == "__init__":
			hasInit = true
		case n.Kind == "FunctionDef" && slices.ContainsFunc(n.Decorators, func(d *node) bool { return d.Name == "staticmethod" || d.Name == "classmethod" }):
		case n.Kind == "Pass", n.Kind == "Expr" && n.Value.Kind == "Constant":
		default:
			return false
		}
	}
	return hasInit
}

// isThin reports whether a class adds but a constructor and functions of the class to its
// base, which no statement tells it from: it is no type of its own.
func (c *class) isThin() bool {
	if c.base == nil || c.kind == moduleClass || !makesOnly(c.node) || c.program.toldApart(c.node.Name) {
		return false
	}
	i := slices.IndexFunc(c.node.Body, func(n *node) bool { return n.Name == "__init__" })
	return !c.adds(c.node.Body[i])
}

// adds reports whether a constructor sets attributes that the base has not.
func (c *class) adds(init *node) bool {
	found := false
	init.visit(func(n *node) bool {
		for _, t := range append(slices.Clone(n.Targets), n.Target) {
			found = found || t != nil && t.Kind == "Attribute" && t.Value.Name == "self" && c.base.lookup(t.Name) == nil
		}
		return !found
	})
	return found
}

// toldApart reports whether statements ask for a class, or inherit of it.
func (p *program) toldApart(name string) bool {
	found := false
	mentions := func(n *node) bool {
		return n != nil && (n.Kind == "Name" && n.Name == name || slices.ContainsFunc(n.Elts, func(e *node) bool { return e.Kind == "Name" && e.Name == name }))
	}
	for _, s := range p.sources {
		s.tree.visit(func(n *node) bool {
			switch {
			case n.Kind == "ClassDef":
				found = found || slices.ContainsFunc(n.Bases, mentions)
			case n.Kind == "Call" && n.Func.Name == "isinstance" && len(n.Arguments) == 2:
				found = found || mentions(n.Arguments[1])
			case n.Kind == "Compare":
				found = found || slices.ContainsFunc(n.Comparators, mentions)
			case n.Kind == "Attribute" && (n.Name == "__class__" || n.Name == "__name__"), n.Kind == "Call" && n.Func.Kind == "Name" && n.Func.Name == "type" && len(n.Arguments) == 1:
				found = true
			}
			return !found
		})
	}
	return found
}

// within reports whether a class is another one, or inherits of it.
func (c *class) within(other *class) bool {
	for ; c != nil; c = c.base {
		if c == other {
			return true
		}
	}
	return false
}

// classAt returns the class of a value, or nil.
func (w *writer) classAt(object value) *class {
	c := w.classOf(object.typ)
	if own := w.fn.ownClass(); c != nil && own != nil && own.thin && own.base == c && object.text == w.receiver {
		return own
	}
	return c
}

// typeName returns what the type of a class's instances is called.
func (c *class) typeName() string {
	if c.thin {
		return c.base.typeName()
	}
	return c.goName
}

// findVirtual finds the methods that bases call by self, and classes below have in their
// own way.
func (p *program) findVirtual() {
	for _, o := range p.order {
		c, ok := o.(*class)
		if !ok || c.base == nil {
			continue
		}
		for name, m := range c.methods {
			root := c.base.declarer(name)
			if root == nil || name == "__init__" || m.isStatic() || m.isOfClass() || m.hasDecorator("property") || !root.callsBySelf(name, c) {
				continue
			}
			if !slices.Contains(root.virtual, name) {
				root.virtual = append(root.virtual, name)
				slices.Sort(root.virtual)
			}
		}
	}
}

// declarer returns the first of a class's bases that has a method, or nil.
func (c *class) declarer(method string) (first *class) {
	for ; c != nil; c = c.base {
		if c.methods[method] != nil {
			first = c
		}
	}
	return first
}

// callsBySelf reports whether a method of a class, or of one between it and below, calls
// another by self.
func (c *class) callsBySelf(method string, below *class) bool {
	found := false
	for b := below.base; b != nil; b = b.base {
		b.node.visit(func(n *node) bool {
			found = found || n.Kind == "Attribute" && n.Name == method && n.Value.Kind == "Name" && n.Value.Name == "self" ||
				method == "forward" && n.Kind == "Call" && n.Func.Kind == "Name" && n.Func.Name == "self"
			return !found
		})
	}
	return found
}

// virtualIn returns the class whose interface has a method, or nil.
func (c *class) virtualIn(method string) *class {
	for ; c != nil; c = c.base {
		if slices.Contains(c.virtual, method) {
			return c
		}
	}
	return nil
}

// interfaceName returns what the interface of a class's virtual methods is called.
func (c *class) interfaceName() string { return lowerFirst(c.goName) + "Methods" }

// virtualInterface writes the interface of the methods that a class calls and others have.
func (w *writer) virtualInterface(c *class) {
	if len(c.virtual) == 0 {
		return
	}
	w.printf("")
	w.printf("// %s are the methods that %s calls, and what embeds it has in its own way.", c.interfaceName(), c.goName)
	w.printf("type %s interface {", c.interfaceName())
	for _, name := range c.virtual {
		m := c.methods[name]
		w.printf("%s(%s)%s", m.goName, m.signature(), m.results())
	}
	w.printf("}")
}

// bindSelf writes that an instance is what its bases call by self.
func (w *writer) bindSelf(c *class) {
	var paths []string
	path := w.receiver
	for b := c; b != nil; b = b.base {
		if b != c {
			path += "." + b.goName
		}
		if len(b.virtual) > 0 {
			paths = append(paths, path)
		}
	}
	if len(paths) == 1 {
		paths[0] = w.receiver
	}
	for _, path := range paths {
		w.printf("%s.self = %s", path, w.receiver)
	}
}

// agree makes a virtual method and those of classes below take and give the same.
func (w *writer) agree(c *class) {
	for name, m := range c.methods {
		root := c.virtualIn(name)
		if root == nil || root == c {
			continue
		}
		first := root.methods[name]
		if len(first.params) == len(m.params) {
			for i, v := range m.params {
				w.learn(v, first.params[i].typ)
				w.learn(first.params[i], v.typ)
			}
		}
		for _, pair := range [][2]*function{{first, m}, {m, first}} {
			if t := w.join(pair[0].result, pair[1].result); t != nil && !pair[0].annotated && !same(pair[0].result, t) {
				pair[0].result, w.changed = t, true
			}
		}
	}
}

// bySelf returns what a method that self has is called on: self, or what embeds it.
func (w *writer) bySelf(object value, method string) string {
	if c := w.fn.ownClass(); c != nil && object.text == w.receiver && c.virtualIn(method) != nil {
		return object.text + ".self"
	}
	return object.primary()
}

// baseCall translates super().method(...).
func (w *writer) baseCall(n *node) value {
	c := w.fn.ownClass()
	if c == nil || w.receiver == "" {
		fail(n, "a method of the base")
	}
	if len(n.Func.Value.Arguments) > 0 && n.Func.Value.Arguments[0].Name != c.node.Name {
		fail(n, "super of another class")
	}
	name := n.Func.Name
	if c.base == nil {
	} else if m := c.base.method(name); m != nil {
		if m.isStatic() || m.isOfClass() {
			return w.ownCall(n, m.goName, m)
		}
		return w.ownCall(n, w.receiver+"."+c.base.typeName()+"."+m.goName, m)
	}
	base := value{node: n}
	for b := c; b != nil && base.typ == nil; b = b.base {
		switch {
		case b.library != nil:
			base.text, base.typ = w.receiver+".Sequential", types.NewPointer(b.library)
		case b.embedded != nil:
			base.text, base.typ = w.receiver+"."+b.embedded.Obj().Name(), types.NewPointer(b.embedded)
		case b.base == nil && b.kind == moduleClass:
			base.text, base.typ = w.receiver+".Module", types.NewPointer(w.module)
		}
	}
	if base.typ == nil {
		fail(n, "a method of the base")
	}
	if name == "forward" || name == "__call__" {
		base.node = n.Func
		return w.valueCall(n, base)
	}
	if v, ok := w.moduleMethod(n, base, name); ok {
		return v
	}
	if f := methodOf(base.typ, plain(name)); f != nil {
		return w.apiMethod(n, base, f)
	}
	fail(n, "the base has no %s", name)
	return value{}
}

// instanceLiteral writes an instance of a dataclass: what is given, and defaults.
func (w *writer) instanceLiteral(n *node, c *class) string {
	given := map[*field]*node{}
	all := c.allFields()
	for i, a := range n.Arguments {
		if i >= len(all) || a.Kind == "Starred" {
			fail(a, "more arguments than fields")
		}
		given[all[i]] = a
	}
	for _, k := range n.Keywords {
		f := c.lookup(k.Name)
		if f == nil || k.Name == "" {
			fail(k.Value, "a field that is not known")
		}
		given[f] = k.Value
	}
	return w.literalOf(n, c, given)
}

// allFields returns those of a dataclass and its bases, in Python's order.
func (c *class) allFields() []*field {
	if c == nil {
		return nil
	}
	return slices.Concat(c.base.allFields(), c.fields)
}

func (w *writer) literalOf(n *node, c *class, given map[*field]*node) string {
	var parts []string
	if c.base != nil {
		if base := w.literalOf(n, c.base, given); !strings.HasSuffix(base, "{}") {
			parts = append(parts, c.base.goName+": "+base)
		}
	}
	for _, f := range c.fields {
		from := given[f]
		if from == nil {
			from = f.fixed
		}
		if from == nil {
			fail(n, "%s is missing", f.python)
		}
		text := w.fieldText(f, from)
		if text == "nil" || f.typ != nil && text == zero(f.typ) {
			continue
		}
		parts = append(parts, f.name(c)+": "+text)
	}
	return c.goName + "{" + strings.Join(parts, ", ") + "}"
}

// fieldText writes what a field of a dataclass is given.
func (w *writer) fieldText(f *field, from *node) string {
	v := w.expression(from)
	w.unify(&f.variable, v.variable)
	w.holds(&f.variable, v)
	v = w.settledFor(w.factoryFor(v, f.typ), f.typ)
	w.learn(&f.variable, v.typ)
	if v.typ == nil && v.variable != nil && f.typ != nil {
		w.expect(v.variable, f.typ, true)
	}
	return w.coerce(v, f.typ)
}

// hasDefaults reports whether a dataclass, or one of its bases, has a default.
func (c *class) hasDefaults() bool {
	return slices.ContainsFunc(c.allFields(), func(f *field) bool { return f.fixed != nil })
}

// returnsRecord writes the statements of a constructor that ends in making the dataclass
// that its class is, if it does no more with self than to call functions of the class.
func (w *writer) returnsRecord(c *class, body []*node) bool {
	last := len(body) - 1
	if !c.thin || c.base.kind != dataClass || c.base.constructor() != nil || last < 0 || !isSuper(body[last]) {
		return false
	}
	plainUse, called := 0, 0
	for _, n := range body {
		n.visit(func(n *node) bool {
			if n.Kind == "Name" && n.Name == "self" {
				plainUse++
			}
			if n.Kind == "Attribute" && n.Value.Kind == "Name" && n.Value.Name == "self" {
				if m := c.method(n.Name); m != nil && (m.isStatic() || m.isOfClass()) {
					called++
				}
			}
			return true
		})
	}
	if plainUse != called {
		return false
	}
	w.plainStatements(body[:last])
	w.report.statement(w.source, body[last])
	w.at, w.called = body[last], false
	w.printf("return &%s", w.instanceLiteral(body[last].Value, c.base))
	return true
}

// superRecord writes super().__init__(...) of a dataclass.
func (w *writer) superRecord(c *class, n *node) {
	target := w.receiver + "." + c.base.goName
	if c.thin {
		target = "*" + w.receiver
	}
	w.printf("%s = %s", target, w.instanceLiteral(n.Value, c.base))
}

// copied translates copy.copy of what Go copies in one expression.
func copied(w *writer, n *node) value {
	v := w.settled(w.expression(only(n)))
	switch c := w.classOf(v.typ); {
	case c != nil && c.kind != moduleClass:
		return value{text: fmt.Sprintf("new(*%s)", v.primary()), typ: v.typ}
	case elem(v.typ) != nil:
		return value{text: "slices.Clone(" + v.text + ")", typ: v.typ}
	}
	fail(n, "a copy of a %s", typeText(v.typ))
	return value{}
}
