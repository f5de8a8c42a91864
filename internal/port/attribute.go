package port

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
)

// Python has attributes that no class declares: a module's children by name, and what is set
// on one of PyTorch's modules from outside. The former are asked of the module, the latter
// are kept in a map beside it.

// attach writes module.name = value for an attribute that Go's type does not have, and
// reports whether it is one of a plain value.
func (w *writer) attach(n, target *node, object, v value) bool {
	if !w.isModule(object.typ) || v.list || v.parameter || v.typ != nil && !isNumber(v.typ) && !isString(v.typ) && !isBool(v.typ) {
		return false
	}
	x := w.attachments[target.Name]
	if x == nil {
		x = &variable{python: target.Name, goName: w.goName(localName(target.Name) + "Of"), global: true}
		w.attachments[target.Name] = x
		w.changed = true
	}
	w.learn(x, v.typ)
	w.report.note(w.source, n, "this is kept in a map beside the module: a copy of the module does not have it")
	w.printf("%s[%s] = %s%s", x.goName, object.text, w.coerce(v, x.typ), w.trailing(n.EndLine))
	return true
}

// attached returns an attribute that is kept beside modules.
func (w *writer) attached(object value, name string) (value, bool) {
	x := w.attachments[name]
	if x == nil || !w.isModule(object.typ) || member(object.typ, exportedName(name)) != nil {
		return value{}, false
	}
	return value{text: fmt.Sprintf("%s[%s]", x.goName, object.text), typ: x.typ}, true
}

// writeAttachments declares the maps of attributes.
func (w *writer) writeAttachments() {
	for _, name := range slices.Sorted(maps.Keys(w.attachments)) {
		x := w.attachments[name]
		w.printf("")
		w.printf("// %s has the attribute %s, which Python sets on modules.", x.goName, name)
		w.printf("var %s = map[nn.AnyModule]%s{}", x.goName, typeText(x.typ))
	}
}

// childOf returns a module's child by its name, where the module is a Sequential, or where
// the files give a child the name.
func (w *writer) childOf(n *node, object value, name string) (value, bool) {
	isAny := same(object.typ, w.layer) || same(object.typ, w.anyModule)
	if !w.isModule(object.typ) || member(object.typ, exportedName(name)) != nil || !same(object.typ, w.sequential) && (!isAny || !w.namesChild(name)) {
		return value{}, false
	}
	return value{text: fmt.Sprintf("nn.Base(%s).GetSubmodule(%q)", object.text, name), typ: w.anyModule, node: n}, true
}

// namesChild reports whether the files add a child of a name to a module.
func (p *program) namesChild(name string) bool {
	found := false
	for _, s := range p.sources {
		s.tree.visit(func(n *node) bool {
			if n.Kind == "Call" && n.Func.Kind == "Attribute" && (n.Func.Name == "add_module" || n.Func.Name == "register_module") && len(n.Arguments) == 2 {
				found = found || isText(n.Arguments[0]) && n.Arguments[0].Constant == name
			}
			return !found
		})
	}
	return found
}

// builtinHasAttribute translates hasattr.
func builtinHasAttribute(w *writer, n *node) value {
	if len(n.Arguments) != 2 || !isText(n.Arguments[1]) {
		fail(n, "hasattr of a name that is not written out")
	}
	if known, has := w.staticHas(n); known {
		return value{text: fmt.Sprint(has), typ: boolType}
	}
	name := n.Arguments[1].Constant
	object := w.expression(n.Arguments[0])
	if x := w.attachments[name]; x != nil && w.isModule(object.typ) {
		if w.inline || w.called {
			fail(n, "hasattr within an expression")
		}
		found := w.temporary("found")
		w.printf("_, %s := %s[%s]", found, x.goName, object.text)
		return value{text: found, typ: boolType}
	}
	if c := w.classAt(object); c != nil {
		if f := c.lookup(name); f != nil && f.typ != nil && nilable(f.typ) {
			return value{text: object.primary() + "." + f.name(c) + " != nil", typ: boolType, prec: 3}
		}
		fail(n, "hasattr of what is set in some cases only")
	}
	if same(object.typ, w.sequential) || w.isModule(object.typ) && w.namesChild(name) {
		return value{text: fmt.Sprintf("child(%s, %q) != nil", object.text, name), typ: boolType, prec: 3}
	}
	fail(n, "hasattr of what is not known")
	return value{}
}

// staticHas reports whether hasattr and getattr are known by the type of what they ask.
func (w *writer) staticHas(n *node) (known, has bool) {
	if len(n.Arguments) < 2 || !isText(n.Arguments[1]) {
		return false, false
	}
	object, why := w.probed(n.Arguments[0])
	name := n.Arguments[1].Constant
	if why != nil || object.typ == nil || w.attachments[name] != nil {
		return false, false
	}
	c := w.classAt(object)
	switch {
	case c != nil && (c.method(name) != nil || c.constant(name) != nil):
		return true, true
	case c != nil && c.lookup(name) != nil:
		return c.always(name), true
	case c != nil && !c.derived && c.kind == moduleClass:
		return true, member(types.NewPointer(c.named), exportedName(name)) != nil
	case c != nil:
		return !c.derived, false
	case isInterface(object.typ) || same(object.typ, w.sequential):
		return false, false
	}
	return true, w.fieldOf(object.typ, plain(name)) != nil || member(object.typ, exportedName(name)) != nil
}

// always reports whether a constructor, or that of a base, sets an attribute in all cases.
func (c *class) always(name string) bool {
	for ; c != nil; c = c.base {
		if c.kind == dataClass && c.lookup(name) != nil {
			return true
		}
		if c.init == nil {
			continue
		}
		for _, n := range c.init.node.Body {
			if register := registered(n); register != nil && register.Arguments[0].Constant == name {
				return true
			}
			for _, t := range append(slices.Clone(n.Targets), n.Target) {
				if t != nil && n.Value != nil && t.Kind == "Attribute" && t.Value.Name == "self" && t.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// builtinGetAttribute translates getattr of a name that is written out.
func builtinGetAttribute(w *writer, n *node) value {
	if len(n.Arguments) < 2 || len(n.Keywords) > 0 {
		fail(n, "getattr with other arguments")
	}
	if !isText(n.Arguments[1]) {
		fail(n, "getattr of a name that is not written out")
	}
	read := &node{Kind: "Attribute", Value: n.Arguments[0], Name: n.Arguments[1].Constant, Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}
	if len(n.Arguments) == 2 {
		return w.expression(read)
	}
	known, has := w.staticHas(n)
	if !known {
		fail(n, "getattr of what is set in some cases only")
	}
	if has {
		return w.expression(read)
	}
	return w.expression(n.Arguments[2])
}

// keyedModule notes the type that a ModuleDict has under a key: one that has several has none.
func (w *writer) keyedModule(key *node, t types.Type) {
	if !isText(key) || t == nil {
		return
	}
	if old, ok := w.keyed[key.Constant]; ok && !same(old, t) {
		t = w.anyModule
	}
	w.keyed[key.Constant] = t
}

// keyedElement returns what a ModuleDict has under a key: as its type, where it has modules of
// several types.
func (w *writer) keyedElement(object value, e types.Type, key string) value {
	text := fmt.Sprintf("%s.At(%q)", object.primary(), key)
	if t := w.keyed[key]; t != nil && isInterface(e) && !isInterface(t) && !same(e, w.layer) {
		return value{text: fmt.Sprintf("%s.(%s)", text, typeText(t)), typ: t}
	}
	return value{text: text, typ: e}
}
