package port

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// A class or a function as a value is a function in Go. Its parameters are those that the
// calls through the variables give, named and ordered as in the first class that such a
// variable holds; each class that goes into one becomes a function literal.

// maker is what the variables that a class goes through have in common.
type maker struct {
	parent    *maker // that it has become one with
	names     []string
	params    map[string]types.Type // of what calls give
	classes   []*class
	functions []*function // static methods and the like
	library   types.Type  // what a class of the API makes
	entry     entry       // of that class
	called    bool
	fixed     *types.Signature
	variables []*variable
}

// root returns the maker that m is one with.
func (m *maker) root() *maker {
	for m.parent != nil {
		m = m.parent
	}
	return m
}

// makerOf returns a variable's maker, and makes it if it is new.
func (p *program) makerOf(v *variable) *maker {
	if v.maker == nil {
		v.maker = &maker{params: map[string]types.Type{}, variables: []*variable{v}}
		p.makers = append(p.makers, v.maker)
		p.changed = true
	}
	return v.maker.root()
}

// unify makes two variables hold classes of one kind.
func (p *program) unify(a, b *variable) {
	if a == nil || b == nil || a.maker == nil && b.maker == nil || a.annotated || b.annotated {
		return
	}
	x, y := p.makerOf(a), p.makerOf(b)
	if x == y {
		return
	}
	y.parent, p.changed = x, true
	if len(x.names) == 0 {
		x.rename(y.names)
	} else {
		y.rename(x.names)
	}
	for name, t := range y.params {
		x.params[name] = p.join(x.params[name], t)
	}
	for _, c := range y.classes {
		x.addClass(c)
	}
	x.functions = append(x.functions, y.functions...)
	if y.library != nil {
		if x.library == nil {
			x.entry = y.entry
		}
		x.library = p.join(x.library, y.library)
	}
	x.called = x.called || y.called
	if x.fixed == nil {
		x.fixed = y.fixed
	}
	x.variables = append(x.variables, y.variables...)
}

// rename gives the parameters other names.
func (m *maker) rename(names []string) {
	renamed := map[string]types.Type{}
	for name, t := range m.params {
		place := slices.Index(m.names, name)
		if i, err := strconv.Atoi(name); err == nil {
			place = i
		}
		if place >= 0 && place < len(names) && !slices.Contains(names, name) {
			name = names[place]
		}
		renamed[name] = t
	}
	m.names, m.params = names, renamed
}

func (m *maker) addClass(c *class) {
	if !slices.Contains(m.classes, c) {
		m.classes = append(m.classes, c)
	}
}

// made returns what a value makes, if it is a class, a partial or a function of the files
// or of the API, and Python's parameters.
func (w *writer) made(v value) (c *class, f *function, library types.Type, parameters []parameter) {
	if v.path == "partial" {
		v = w.expression(v.node.Arguments[0])
	}
	switch {
	case v.class != nil:
		f := v.class.constructor()
		if f == nil && v.class.entry.goName != "" {
			return v.class, nil, nil, v.class.entry.parameters
		}
		if f == nil {
			for _, fd := range v.class.fields {
				parameters = append(parameters, parameter{name: fd.python, optional: fd.fixed != nil, node: fd.fixed})
			}
			return v.class, nil, nil, parameters
		}
		return v.class, nil, nil, f.pythonParameters()
	case v.function != nil:
		return nil, v.function, nil, v.function.pythonParameters()
	case v.path != "" && v.path != "partial":
		if e, ok := w.names[v.path]; ok && e.constructor() {
			return nil, nil, w.constructed(e), e.parameters
		}
	}
	return nil, nil, nil, nil
}

// pythonParameters returns those of a function of the files.
func (f *function) pythonParameters() (list []parameter) {
	for _, v := range f.all {
		list = append(list, parameter{name: v.python, optional: f.defaults[v] != nil, node: f.defaults[v]})
	}
	return list
}

// holds notes that a class goes into a variable, if v is one.
func (w *writer) holds(x *variable, v value) {
	if v.path == "" && v.class == nil {
		return
	}
	c, f, library, parameters := w.made(v)
	if c == nil && f == nil && library == nil {
		return
	}
	m := w.makerOf(x)
	switch {
	case c != nil && !slices.Contains(m.classes, c):
		m.addClass(c)
		w.changed = true
	case f != nil && !slices.Contains(m.functions, f):
		m.functions = append(m.functions, f)
		w.changed = true
	case library != nil && !same(m.library, w.join(m.library, library)):
		if m.library == nil {
			m.entry = w.names[w.libraryPath(v)]
		}
		m.library, w.changed = w.join(m.library, library), true
	}
	if len(m.names) == 0 || c != nil && len(m.classes) == 1 && len(m.names) != len(parameters) {
		var names []string
		for _, p := range parameters {
			names = append(names, p.name)
		}
		m.rename(names)
	}
}

// resultOf returns what calls of a maker give.
func (w *writer) resultOf(m *maker) types.Type {
	if m.fixed != nil && m.fixed.Results().Len() == 1 {
		return m.fixed.Results().At(0).Type()
	}
	if len(m.classes) == 0 && len(m.functions) > 0 {
		return m.functions[0].result
	}
	if len(m.classes)+len(m.functions) == 0 && m.library != nil && m.library != conflict && !w.isLayer(m.library) {
		return m.library
	}
	all := len(m.classes) > 0
	for _, c := range m.classes {
		all = all && !w.isLayer(types.NewPointer(c.named))
	}
	if all {
		var t types.Type
		for _, c := range m.classes {
			t = w.join(t, types.NewPointer(c.named))
		}
		return t
	}
	return w.layer
}

// typeOfMaker returns the type of a maker's variables, or nil.
func (w *writer) typeOfMaker(m *maker) types.Type {
	if m.fixed != nil {
		return m.fixed
	}
	if len(m.params) == 0 && !m.called {
		return nil
	}
	var params []*types.Var
	names := slices.Clone(m.names)
	for i := 0; len(params) < len(m.params) && i < len(names)+16; i++ {
		name := fmt.Sprint(i)
		if i < len(names) {
			name = names[i]
		}
		if t, used := m.params[name]; used {
			if t == nil || t == conflict || t == noneType {
				return nil
			}
			goName := localName(name)
			if i >= len(names) {
				goName = fmt.Sprintf("x%d", i)
			}
			params = append(params, types.NewParam(0, nil, goName, t))
		}
	}
	result := w.resultOf(m)
	if result == nil || len(params) != len(m.params) {
		return nil
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(types.NewParam(0, nil, "", result)), false)
}

// settleMakers gives the variables that hold classes their types.
func (w *writer) settleMakers() {
	for _, m := range w.makers {
		if m.parent != nil {
			continue
		}
		t := w.typeOfMaker(m)
		for _, v := range m.variables {
			if t != nil && !same(v.typ, t) && !v.annotated {
				v.typ, w.changed = t, true
			}
		}
	}
}

// makerCall calls the class that a variable holds.
func (w *writer) makerCall(n *node, f value) value {
	m := w.makerOf(f.variable)
	if !m.called {
		m.called, w.changed = true, true
	}
	var parts []string
	given := map[string]bool{}
	give := func(name string, from *node) {
		start := w.position()
		v := w.settled(w.expression(from))
		w.back(start) // which the call writes
		old := m.params[name]
		if w.holdsClass(v) {
			if old == nil {
				old = w.classParameter(m, name)
			}
			v = w.factoryFor(v, old)
		}
		if w.holdsClass(v) {
			fail(from, "a class as an argument of one in a variable")
		}
		next := w.join(old, w.settledFor(v, old).typ)
		if v.variable != nil && v.variable.maker != nil {
			next = v.typ
			w.unifyParameter(m, name, v.variable)
		}
		if m.fixed == nil && (next != nil && !same(old, next) || !m.has(name)) {
			m.params[name] = next
			w.changed = true
		}
		given[name] = true
		parts = append(parts, name)
	}
	nodes := map[string]*node{}
	for i, a := range n.Arguments {
		if a.Kind == "Starred" {
			fail(a, "a starred argument of a class in a variable")
		}
		name := fmt.Sprint(i)
		if i < len(m.names) {
			name = m.names[i]
		}
		nodes[name] = a
		give(name, a)
	}
	call, _ := w.expanded(n)
	for _, k := range call.Keywords {
		if m.fixed != nil && k.Name == "inplace" {
			w.report.note(w.source, n, "inplace is left out")
			continue
		}
		if k.Name == "" || m.fixed != nil {
			fail(n, "keywords of a class in a variable")
		}
		if !slices.Contains(m.names, k.Name) {
			w.addKeyword(m, k.Name)
		}
		nodes[k.Name] = k.Value
		give(k.Name, k.Value)
	}
	s, ok := under(f.typ).(*types.Signature)
	if !ok {
		return value{text: f.text + "()", typ: w.resultOf(m), node: n}
	}
	parts = nil
	for i := range s.Params().Len() {
		p := s.Params().At(i)
		name, from := p.Name(), (*node)(nil)
		for python, a := range nodes {
			if localName(python) == name || python == fmt.Sprint(i) || m.fixed != nil && i < len(n.Arguments) && a == n.Arguments[i] {
				from = a
			}
		}
		if from == nil {
			from = w.defaultOf(m, name)
		}
		if from == nil {
			fail(n, "%s is missing", name)
		}
		v := w.expression(from)
		parts = append(parts, w.coerce(w.settledFor(w.factoryFor(v, p.Type()), p.Type()), p.Type()))
	}
	if len(nodes) > s.Params().Len() {
		fail(n, "more arguments than what others give")
	}
	return w.result(n, f.text+"("+strings.Join(parts, ", ")+")", s)
}

// unifyParameter makes a class that is passed on, and what the classes of a maker take it
// as, of one kind.
func (w *writer) unifyParameter(m *maker, name string, x *variable) {
	for _, c := range m.classes {
		if f := c.constructor(); f != nil {
			for _, v := range f.all {
				if v.python == name {
					w.unify(v, x)
				}
			}
		}
	}
}

// addKeyword adds a parameter that the classes of a maker take as one of **kwargs.
func (w *writer) addKeyword(m *maker, name string) {
	for _, c := range m.classes {
		if f := c.constructor(); f != nil && f.keywords != "" {
			f.extra(name)
			m.names = append(m.names, name)
			return
		}
	}
}

// libraryPath returns the path of a class of the API, or of what is a partial of one.
func (w *writer) libraryPath(v value) string {
	if v.path == "partial" {
		v = w.expression(v.node.Arguments[0])
	}
	return v.path
}

// classParameter returns the type that a parameter of a maker's classes has which takes a
// class, or nil.
func (w *writer) classParameter(m *maker, name string) types.Type {
	for _, c := range m.classes {
		if f := c.constructor(); f != nil {
			for _, v := range f.all {
				if _, ok := under(v.typ).(*types.Signature); ok && v.python == name {
					return v.typ
				}
			}
		}
	}
	f := w.goObject(m.entry.goName)
	if f == nil {
		return nil
	}
	if o := optionsOf(f.Signature()); o != nil {
		if field := w.fieldOf(o, plain(name)); field != nil {
			return field.Type()
		}
	}
	return nil
}

// has reports whether calls give a parameter.
func (m *maker) has(name string) bool {
	_, ok := m.params[name]
	return ok
}

// defaultOf returns the default that the classes of a maker have for a parameter.
func (w *writer) defaultOf(m *maker, goName string) *node {
	for _, c := range m.classes {
		if f := c.constructor(); f != nil {
			for _, p := range f.pythonParameters() {
				if localName(p.name) == goName && p.node != nil {
					return p.node
				}
			}
		}
	}
	return nil
}

// holdsClass reports whether a value is a class, which only variables that are called hold.
func (w *writer) holdsClass(v value) bool { return v.class != nil || v.path != "" }

// isCallable reports whether an annotation says that a variable holds a class or function.
func (p *program) isCallable(n *node) bool {
	switch n.Kind {
	case "Name", "Attribute":
		full := p.path(n)
		return full[lastDot(full)+1:] == "Callable"
	case "BinOp":
		return p.isCallable(n.Left) || p.isCallable(n.Right)
	case "Subscript":
		of := p.path(n.Value)
		switch name := of[lastDot(of)+1:]; {
		case name == "Callable" || name == "Type" || n.Value.Name == "type":
			return true
		case name == "Optional":
			return p.isCallable(n.Slice)
		}
	}
	return false
}

// companion returns the parameter beside one that holds classes that has an attribute of
// the class, and makes it if it is new.
func (f *function) companion(v *variable, name string) *variable {
	for _, c := range v.companions {
		if c.python == name {
			return c
		}
	}
	c := &variable{python: name, goName: f.localGoName(v.python + "_" + name), param: true, declared: true}
	v.companions = append(v.companions, c)
	f.program.changed = true
	if i := slices.Index(f.params, v); i >= 0 {
		f.params = slices.Insert(f.params, i+1, c)
	}
	return c
}

// attributeOfClass returns an attribute of the class that a parameter holds.
func (w *writer) attributeOfClass(n *node, object value, name string) (value, bool) {
	x := object.variable
	if x == nil || x.maker == nil || !x.param {
		return value{}, false
	}
	m := x.maker.root()
	var t types.Type
	for _, c := range m.classes {
		v := c.constant(name)
		if v == nil {
			return value{}, false
		}
		t = w.join(t, v.typ)
	}
	owner := w.ownerOf(x)
	if len(m.classes) == 0 || !slices.Contains(owner.params, x) {
		return value{}, false
	}
	c := owner.companion(x, name)
	w.learn(c, t)
	return value{text: c.goName, typ: c.typ, variable: c, node: n}, true
}

// companionTexts writes what goes with a class that is passed for a parameter.
func (w *writer) companionTexts(n *node, v *variable, x value) (texts []string) {
	for _, c := range v.companions {
		switch {
		case x.class != nil:
			constant := x.class.constant(c.python)
			if constant == nil {
				fail(n, "%s has no %s", x.class.goName, c.python)
			}
			w.learn(c, constant.typ)
			texts = append(texts, constant.goName)
		case x.variable != nil && x.variable.param:
			texts = append(texts, w.ownerOf(x.variable).companion(x.variable, c.python).goName)
		default:
			fail(n, "a class that is not known, whose %s is read", c.python)
		}
	}
	return texts
}

// classFunction writes a class, or a partial of one, as a function.
func (w *writer) classFunction(v value, want *types.Signature) string {
	n := v.node
	made := &node{Kind: "Call", Func: n, Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol}
	if n.Kind == "Call" { // functools.partial
		made.Func, made.Keywords = n.Arguments[0], slices.Clone(n.Keywords)
	}
	_, _, _, parameters := w.made(v)
	outer, around, before := w.fn, w.block, len(w.lines)
	f := w.scope(w.source, n, outer)
	f.root = &block{parent: around}
	var list []*variable
	for i := range want.Params().Len() {
		p := want.Params().At(i)
		x := &variable{python: p.Name(), goName: p.Name(), typ: p.Type(), declared: true, param: true}
		f.locals[x.python] = x
		list = append(list, x)
		from := &node{Kind: "Name", Name: x.python, Line: n.Line, EndLine: n.EndLine}
		if k := slices.IndexFunc(parameters, func(q parameter) bool { return localName(q.name) == x.python }); k >= 0 {
			made.Keywords = append(made.Keywords, &node{Kind: "keyword", Name: parameters[k].name, Value: from})
		} else {
			made.Arguments = append(made.Arguments, from)
		}
	}
	f.params = list
	f.result = want.Results().At(0).Type()
	called, inline := w.called, w.inline
	w.fn, w.block, w.called, w.inline = f, f.root, false, false
	text := w.coerce(w.expression(made), f.result)
	w.fn, w.block, w.called, w.inline = outer, around, called, inline
	body := ""
	for _, l := range w.lines[before:] {
		body += "\n" + l.text
	}
	w.lines = w.lines[:before]
	if body != "" {
		body += "\n"
	}
	return fmt.Sprintf("func(%s)%s { %sreturn %s }", f.signature(), f.results(), body, text)
}

// isAlias reports whether a local variable is but another name of a class: it is set once,
// and then called.
func (w *writer) isAlias(x *variable) bool {
	if x.param || x.global || w.fn.locals[x.python] != x || w.block != w.fn.root {
		return false
	}
	stores, calls, names := 0, 0, 0
	w.fn.node.visit(func(n *node) bool {
		for _, t := range storedIn(n) {
			if t.Name == x.python {
				stores++
			}
		}
		if n.Kind == "Call" && n.Func.Kind == "Name" && n.Func.Name == x.python {
			calls++
		}
		if n.Kind == "Name" && n.Name == x.python {
			names++
		}
		return true
	})
	return stores == 1 && names == calls+1
}

// isListOfClasses reports whether an annotation says that a parameter is a list of classes.
func (p *program) isListOfClasses(n *node) bool {
	if n.Kind != "Subscript" {
		return false
	}
	of := cmp.Or(p.path(n.Value), n.Value.Name)
	switch of[lastDot(of)+1:] {
	case "Optional":
		return p.isListOfClasses(n.Slice)
	case "list", "List":
		return p.isCallable(n.Slice)
	}
	return false
}

// listedClass returns the class at a place of a list of classes.
func (w *writer) listedClass(n *node) (value, bool) {
	x := w.fn.scope(n.Value.Name)
	if n.Value.Kind != "Name" || x == nil || x.listed == nil || n.Slice.Kind != "Constant" {
		return value{}, false
	}
	i, err := strconv.Atoi(n.Slice.Constant)
	if err != nil || i >= len(x.listed) {
		return value{}, false
	}
	return w.expression(x.listed[i]), true
}
