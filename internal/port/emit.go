package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// function writes a function or method.
func (w *writer) function(f *function) {
	if f.class == nil && f.node.Kind == "FunctionDef" && w.loadsWeights(f.node) {
		w.leaveOut(f.source, f.node, "pretrained weights are left out")
		return
	}
	outer := *w
	defer func() {
		w.fn, w.source, w.block, w.receiver, w.at = outer.fn, outer.source, outer.block, outer.receiver, outer.at
	}()
	w.fn, w.source, w.at, w.receiver = f, f.source, f.node, ""
	if f.source.imports {
		w.flushed = f.node.Line - 1
	}
	w.learnDefaults(f)
	f.begin()
	if f.node.Kind != "Module" {
		w.report.statement(f.source, f.node)
		w.comments(f.node.Line)
	}
	text, body := docstring(f.node.Body)
	w.printf("")
	if w.dropped[f] && f.node.Kind == "Module" {
		w.printf("func %s() {", f.goName)
		w.hollowBody(f, "its Go does not compile")
		w.printf("}")
		return
	}
	if w.dropped[f] {
		w.report.todo(f.source, f.node, "its Go does not compile", f.source.text(f.node))
		w.printf("// TODO(port): line %d: %s", f.node.Line, f.source.text(f.node))
		return
	}
	for _, l := range f.doc(text) {
		w.printf("%s", l)
	}
	head := "func "
	if f.class != nil && !f.isStatic() && !f.isOfClass() {
		w.receiver = f.receiverName()
		head += fmt.Sprintf("(%s *%s) ", w.receiver, f.class.goName)
	}
	w.printf("%s%s(%s)%s {", head, f.goName, f.signature(), f.results())
	w.flushed = max(w.flushed, f.node.Line)
	w.whole(f, func() { w.body(f, body) })
	w.printf("}")
}

// learnDefaults learns the types of parameters from their defaults.
func (w *writer) learnDefaults(f *function) {
	for v, d := range f.defaults {
		w.attempt(func() value {
			x := w.settled(w.expression(d))
			w.holds(v, x)
			if x.path == "" && x.class == nil && x.typ != noneType && (v.typ != nil || !x.list) {
				w.learn(v, x.typ)
				w.sets(v, x)
			}
			return x
		})
	}
}

// whole writes a body, or that it is to do as a whole.
func (w *writer) whole(f *function, body func()) {
	if why, hollow := w.hollow[f]; hollow {
		w.hollowBody(f, "its Go does not compile: "+why)
		return
	}
	if _, why := w.attempt(func() value { body(); return value{} }); why != nil {
		w.hollowBody(f, why.why)
	}
}

// receiverName returns a name that no variable of the method has.
func (f *function) receiverName() string {
	name := f.class.receiver()
	for _, other := range []string{"m", strings.ToLower(f.class.goName), "self"} {
		if !f.taken[name] && !reserved[name] {
			break
		}
		name = other
	}
	return name
}

// doc returns a function's comment.
func (f *function) doc(text string) []string {
	lines := docComment(f.goName, text)
	if f.node.Kind == "Module" {
		return nil
	}
	if lines == nil && f.goName == "Forward" {
		lines = []string{"// Forward returns what the module makes of its input."}
	}
	if defaults := f.defaultsText(); defaults != "" {
		if lines == nil {
			lines = []string{"// " + f.goName + " has " + defaults}
		} else {
			lines = append(lines, "//", "// It has "+defaults)
		}
	}
	return lines
}

// defaultsText tells Python's default arguments.
func (f *function) defaultsText() string {
	var parts []string
	for _, v := range f.params {
		if d := f.defaults[v]; d != nil {
			parts = append(parts, v.goName+" "+f.source.text(d))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Python's defaults: " + strings.Join(parts, ", ") + "."
}

// signature writes the parameters.
func (f *function) signature() string {
	var parts []string
	for i, v := range f.params {
		t := v.typeText()
		if i+1 < len(f.params) && f.params[i+1].typeText() == t {
			parts = append(parts, v.goName)
		} else {
			parts = append(parts, v.goName+" "+t)
		}
	}
	if f.rest != nil {
		parts = append(parts, f.rest.goName+" ..."+typeText(elem(f.rest.typ)))
	}
	return strings.Join(parts, ", ")
}

// results writes what a function returns, behind its parameters.
func (f *function) results() string {
	if f.result == nil || f.result == noneType || f.result == conflict {
		return ""
	}
	return " " + typeText(f.result)
}

// body writes a function's statements.
func (w *writer) body(f *function, body []*node) {
	f.place(body)
	w.block = f.root
	for _, d := range f.node.Decorators {
		if d.Kind == "Call" {
			d = d.Func
		}
		switch full := w.path(d); full {
		case "torch.no_grad", "torch.inference_mode":
			mode := map[string]string{"torch.no_grad": "NoGrad", "torch.inference_mode": "Inference"}[full]
			w.wrapped(f, mode, body)
			return
		}
		if d.Name != "staticmethod" && d.Name != "classmethod" && d.Name != "property" {
			w.report.note(w.source, d, "this decorator is left out")
		}
	}
	if f.isGenerator() {
		w.generator(f, body)
		return
	}
	w.statements(body)
	w.endOf(f, body)
}

// endOf writes what Go wants at the end of a function with a result.
func (w *writer) endOf(f *function, body []*node) {
	if f.result == nil || f.result == noneType || w.terminates(body) {
		return
	}
	if _, several := f.result.(*types.Tuple); !several && nilable(f.result) && !w.isTensor(f.result) {
		w.printf("return nil")
		return
	}
	w.printf("panic(%q)", f.python+" returns nothing here")
}

// terminates reports whether the end of a body is not reached.
func (w *writer) terminates(body []*node) bool {
	if len(body) == 0 {
		return false
	}
	if len(w.lines) > 0 {
		for i := len(w.lines) - 1; i >= 0; i-- {
			if text := strings.TrimSpace(w.lines[i].text); text != "" && !strings.HasPrefix(text, "//") {
				if strings.HasPrefix(text, "panic(") {
					return true
				}
				break
			}
		}
	}
	return ends(body)
}

func ends(body []*node) bool {
	if len(body) == 0 {
		return false
	}
	switch last := body[len(body)-1]; last.Kind {
	case "Return", "Raise":
		return true
	case "If":
		return ends(last.Body) && ends(last.Orelse)
	case "With":
		return ends(last.Body)
	case "Try":
		for _, h := range last.Handlers {
			if !ends(h.Body) {
				return false
			}
		}
		return len(last.Handlers) > 0 && len(last.Finalbody) == 0 && (ends(last.Body) || ends(last.Orelse))
	case "While":
		return last.Test.Constant == "True" && !slices.ContainsFunc(last.Body, func(n *node) bool {
			found := false
			n.visit(func(n *node) bool { found = found || n.Kind == "Break"; return true })
			return found
		})
	}
	return false
}

// hollowBody writes that a function as a whole is to do.
func (w *writer) hollowBody(f *function, why string) {
	_, body := docstring(f.node.Body)
	for _, n := range body {
		w.report.statement(f.source, n)
	}
	at := f.node
	if at.Line == 0 && len(body) > 0 {
		at = body[0]
	}
	whole := *at
	whole.Body = body
	w.todo(&whole, why)
	w.report.Statements -= len(body)
	if f.node.Kind == "Module" { // which is no statement itself
		w.report.Todos[len(w.report.Todos)-1].size--
	}
}

// wrapped writes a body within a function like NoGrad.
func (w *writer) wrapped(f *function, mode string, body []*node) {
	w.modes++
	defer func() { w.modes-- }()
	plain := map[string]string{"NoGrad": "torch.NoGrad", "Inference": "torch.InferenceMode"}[mode]
	_, several := f.result.(*types.Tuple)
	switch {
	case f.result == nil || f.result == noneType:
		w.printf("%s(func() {", plain)
		w.statements(body)
		w.printf("})")
	case several:
		tuple := f.result.(*types.Tuple)
		var names []string
		for i := range tuple.Len() {
			name := w.temporary(fmt.Sprintf("result%d", i+1))
			names = append(names, name)
			w.printf("var %s %s", name, typeText(tuple.At(i).Type()))
		}
		w.printf("%s(func() {\n%s = func() %s {", plain, strings.Join(names, ", "), typeText(f.result))
		w.statements(body)
		w.endOf(f, body)
		w.printf("}()\n})\nreturn %s", strings.Join(names, ", "))
	default:
		w.printf("return torch.%sValue(func() %s {", mode, typeText(f.result))
		w.statements(body)
		w.endOf(f, body)
		w.printf("})")
	}
}

// with writes a with statement.
func (w *writer) with(n *node) {
	if len(n.Items) != 1 {
		fail(n, "with of several contexts")
	}
	context := n.Items[0].ContextExpr
	path := ""
	if context.Kind == "Call" {
		path = w.path(context.Func)
	}
	enabled := path == "torch.set_grad_enabled" && len(context.Arguments) == 1
	switch path {
	case "torch.no_grad", "torch.inference_mode":
	case "torch.device":
		w.closure(n, fmt.Sprintf("torch.WithDevice(%s, func() {", device(w, context).text))
		return
	default:
		if !enabled {
			fail(n, "this context")
		}
		v, ok := boolConstant(context.Arguments[0])
		if !ok {
			cond := w.coerce(w.truth(w.expression(context.Arguments[0])), boolType)
			w.closure(n, fmt.Sprintf("torch.SetGradEnabled(%s, func() {", cond))
			return
		}
		if v {
			w.statements(n.Body)
			return
		}
	}
	mode := "NoGrad"
	if path == "torch.inference_mode" {
		mode = "Inference"
	}
	if hasReturn(n.Body) {
		f := w.fn
		if f.returnsNone || !ends(n.Body) {
			fail(n, "a return out of no_grad that is not at its end")
		}
		outer := w.block
		w.wrapped(f, mode, n.Body)
		w.block = outer
		return
	}
	w.closure(n, map[string]string{"NoGrad": "torch.NoGrad(func() {", "Inference": "torch.InferenceMode(func() {"}[mode])
}

// closure writes the body of a with statement as a function.
func (w *writer) closure(n *node, head string) {
	depth := 0
	var check func(list []*node)
	check = func(list []*node) {
		for _, s := range list {
			loop := s.Kind == "For" || s.Kind == "While"
			if (s.Kind == "Break" || s.Kind == "Continue") && depth == 0 || s.Kind == "Return" {
				fail(n, "%s out of a context", strings.ToLower(s.Kind))
			}
			if loop {
				depth++
			}
			check(s.Body)
			check(s.Orelse)
			if loop {
				depth--
			}
		}
	}
	check(n.Body)
	w.printf("%s", head)
	w.modes++
	w.statements(n.Body)
	w.modes--
	w.printf("})")
}

func boolConstant(n *node) (value, ok bool) {
	return n.Constant == "True", n.Kind == "Constant" && n.Type == "bool"
}

func hasReturn(body []*node) bool {
	found := false
	for _, n := range body {
		n.visit(func(n *node) bool {
			found = found || n.Kind == "Return"
			return n.Kind != "FunctionDef" && n.Kind != "Lambda"
		})
	}
	return found
}

// innerFunction writes a function within another.
func (w *writer) innerFunction(n *node) {
	x := w.fn.locals[n.Name]
	f := w.fn.inner[n]
	if f == nil {
		f = w.scope(w.source, n, w.fn)
		f.parameters(n.Signature)
		if n.Returns != nil {
			if t, known := w.resultAnnotation(n.Returns); known {
				f.result, f.annotated = t, true
			}
		}
		w.fn.inner[n] = f
	}
	f.goName = x.goName
	x.inner = f
	sign := "="
	if !x.declared && x.home == w.block {
		sign = ":="
		x.declared = true
	}
	name := x.goName
	if w.unused[x] {
		name, sign = "_", "="
	}
	outer := *w
	f.begin()
	_, body := docstring(n.Body)
	w.printf("%s %s func(%s)%s {", name, sign, f.signature(), f.results())
	w.fn = f
	w.body(f, body)
	w.printf("}")
	w.fn, w.block = outer.fn, outer.block
}

// constructor writes NewX from __init__.
func (w *writer) constructor(c *class, f *function) {
	outer := *w
	defer func() {
		w.fn, w.source, w.block, w.receiver, w.at, w.building = outer.fn, outer.source, outer.block, outer.receiver, outer.at, false
	}()
	w.fn, w.source, w.at, w.building = f, f.source, f.node, true
	w.learnDefaults(f)
	f.begin()
	w.report.statement(f.source, f.node)
	w.comments(f.node.Line)
	w.flushed = max(w.flushed, f.node.Line)
	text, body := docstring(f.node.Body)
	w.receiver = f.receiverName()
	f.place(body)
	w.block = f.root
	w.printf("")
	lines := docComment(f.goName, text)
	if lines == nil {
		lines = []string{fmt.Sprintf("// %s returns a new %s.", f.goName, c.typeName())}
	}
	if defaults := f.defaultsText(); defaults != "" {
		lines[len(lines)-1] += " It has " + defaults
	}
	for _, l := range lines {
		w.printf("%s", l)
	}
	if c.derived {
		var names []string
		for _, v := range f.params {
			names = append(names, v.goName)
		}
		w.printf("func %s(%s) *%s {\n%s := &%[3]s{}", f.goName, f.signature(), c.goName, w.receiver)
		w.bindSelf(c)
		w.printf("%s.setup(%s)", w.receiver, strings.Join(names, ", "))
		w.printf("return %s\n}\n", c.finished(w.receiver))
		w.printf("// setup does what __init__ does in Python, for %s and what embeds it.", c.goName)
		w.printf("func (%s *%s) setup(%s) {", w.receiver, c.goName, f.signature())
		w.whole(f, func() { w.constructStepwise(c, body) })
		w.printf("}")
		return
	}
	w.printf("func %s(%s) *%s {", f.goName, f.signature(), c.typeName())
	if c.base != nil || c.library != nil || c.embedded != nil {
		w.whole(f, func() {
			if w.returnsRecord(c, body) {
				return
			}
			head := "&" + c.typeName() + "{}"
			if c.library != nil {
				head = "nn.Init(" + head + ")"
			}
			w.printf("%s := %s", w.receiver, head)
			w.bindSelf(c)
			if w.constructStepwise(c, body) || c.library != nil {
				w.printf("return %s", w.receiver)
			} else {
				w.printf("return %s", c.finished(w.receiver))
			}
		})
		w.printf("}")
		return
	}
	w.whole(f, func() { w.construct(c, body) })
	w.printf("}")
}

// finished returns an instance as its constructor does.
func (c *class) finished(text string) string {
	if c.kind == moduleClass {
		return "nn.Init(" + text + ")"
	}
	return text
}

// constructStepwise writes the statements of a constructor one by one, and reports
// whether nn.Init was called among them.
func (w *writer) constructStepwise(c *class, body []*node) (ready bool) {
	ready = c.kind != moduleClass || c.library != nil
	initialized := false
	for _, n := range body {
		if !ready && !isSuper(n) && w.usesModule(c, n, 0) {
			w.printf("nn.Init(%s)", w.receiver)
			ready, initialized = true, true
		}
		if isSuper(n) {
			w.report.statement(w.source, n)
			w.superCall(c, n)
			continue
		}
		w.statement(n)
	}
	return initialized
}

// superCall writes super().__init__(...).
func (w *writer) superCall(c *class, n *node) {
	w.at, w.called = n, false
	switch {
	case c.base != nil:
		init := c.base.constructor()
		if init == nil && c.base.kind == dataClass {
			w.superRecord(c, n)
			return
		}
		if init == nil {
			return
		}
		if c.thin {
			w.printf("%s", w.ownCall(n.Value, w.receiver+".setup", init).text)
			return
		}
		if init.class != c.base {
			fail(n, "a base without a constructor of its own")
		}
		w.printf("%s", w.ownCall(n.Value, w.receiver+"."+c.base.goName+".setup", init).text)
	case c.entry.goName != "":
		w.superLibrary(c, n)
	case c.library != nil:
		if len(n.Value.Keywords) > 0 {
			fail(n, "a base's keyword")
		}
		if only := n.Value.Arguments; len(only) == 1 {
			if v := w.fn.scope(only[0].Name); only[0].Kind == "Name" && v != nil && v.pairs {
				return // which is the receiver itself
			}
		}
		if len(n.Value.Arguments) > 0 {
			w.appendLayers(w.receiver, n.Value)
		}
	}
}

// construct writes the statements of a constructor: as a literal, as far as they do no
// more than set attributes.
func (w *writer) construct(c *class, body []*node) {
	finish := c.finished
	start := 0
	for start < len(body) && (isSuper(body[start]) || !readsSelf(body[start])) {
		start++
	}
	var literal []string
	end := start
	for ; end < len(body) && w.setsSelf(body[end]); end++ {
		element, ok := w.element(body[end], literal)
		if !ok {
			break
		}
		literal = append(literal, element...)
	}
	w.plainStatements(body[:start])
	head := "&" + c.goName + "{"
	if end == len(body) {
		if len(literal) == 0 {
			w.printf("return %s", finish(head+"}"))
			return
		}
		w.printf("return %s", strings.TrimSuffix(finish(head+"|"), ")"))
		w.lines[len(w.lines)-1].text = strings.TrimSuffix(strings.TrimSuffix(w.lines[len(w.lines)-1].text, "|"), "|")
		for _, l := range literal {
			w.printf("%s", l)
		}
		w.printf("%s", map[bool]string{true: "})", false: "}"}[c.kind == moduleClass])
		return
	}
	if len(literal) == 0 {
		w.printf("%s := %s}", w.receiver, head)
	} else {
		w.printf("%s := %s", w.receiver, head)
		for _, l := range literal {
			w.printf("%s", l)
		}
		w.printf("}")
	}
	if w.constructStepwise(c, body[end:]) {
		w.printf("return %s", w.receiver)
	} else {
		w.printf("return %s", finish(w.receiver))
	}
}

// plainStatements writes statements, without the call of the base's constructor.
func (w *writer) plainStatements(list []*node) {
	for _, n := range list {
		if isSuper(n) {
			w.report.statement(w.source, n)
			continue
		}
		w.statement(n)
	}
}

// isSuper reports whether n is super().__init__().
func isSuper(n *node) bool {
	return n.Kind == "Expr" && n.Value.Kind == "Call" && n.Value.Func.Kind == "Attribute" && n.Value.Func.Name == "__init__"
}

// setsSelf reports whether n is self.x = value, and value does not read self.
func (w *writer) setsSelf(n *node) bool {
	if isSuper(n) {
		return false
	}
	if register := registered(n); register != nil {
		return !readsSelf(n.Value.Arguments[1])
	}
	if n.Kind != "Assign" || len(n.Targets) != 1 || n.Targets[0].Kind != "Attribute" || n.Targets[0].Value.Name != "self" {
		return false
	}
	return !readsSelf(n.Value)
}

// registered returns the call of n if it is self.register_buffer(name, value).
func registered(n *node) *node {
	if n.Kind != "Expr" || n.Value.Kind != "Call" {
		return nil
	}
	c := n.Value
	if c.Func.Kind != "Attribute" || c.Func.Value.Name != "self" || len(c.Arguments) < 2 || !isText(c.Arguments[0]) {
		return nil
	}
	if c.Func.Name != "register_buffer" && c.Func.Name != "register_parameter" && c.Func.Name != "add_module" {
		return nil
	}
	return c
}

func readsSelf(n *node) bool {
	found := false
	n.visit(func(n *node) bool { found = found || n.Kind == "Name" && n.Name == "self"; return true })
	return found
}

// element returns self.x = value as a field of a literal, if it is no more.
func (w *writer) element(n *node, before []string) (text []string, ok bool) {
	start, flushed := w.position(), w.flushed
	lines := start.lines
	defer func() {
		if r := recover(); r != nil {
			gaveUp(r)
			ok = false
		}
		if !ok {
			w.flushed = flushed
			w.back(start)
		}
		w.lines = w.lines[:lines]
	}()
	if _, broken := w.broken[n]; broken {
		return nil, false
	}
	for _, v := range w.fn.mentions(n) {
		if !v.declared && !v.param {
			return nil, false
		}
	}
	w.at, w.called, w.after = n, false, nil
	w.literal = true
	defer func() { w.literal = false }()
	w.statement1(n)
	if len(w.after) > 0 {
		return nil, false
	}
	w.report.statement(w.source, n)
	made := w.lines[lines:]
	if len(made) == 0 {
		return nil, false
	}
	last := made[len(made)-1].text
	for _, l := range made[:len(made)-1] {
		if !strings.HasPrefix(l.text, "//") {
			return nil, false
		}
		text = append(text, l.text)
	}
	name, rest, found := strings.Cut(last, " = ")
	field := strings.TrimPrefix(name, w.receiver+".")
	if !found || field == name || strings.ContainsAny(field, ".[( ") || slices.ContainsFunc(before, func(b string) bool { return strings.HasPrefix(b, field+":") }) {
		return nil, false
	}
	if rest == "nil" || strings.HasPrefix(rest, "nil //") {
		return text, true
	}
	value, comment, _ := strings.Cut(rest, " // ")
	if comment != "" {
		value += ", // " + comment
	} else {
		value += ","
	}
	return append(text, field+": "+value), true
}

// statement1 writes a statement whose failure is the caller's.
func (w *writer) statement1(n *node) {
	w.comments(n.Line)
	w.dispatch(n)
}

// usesModule reports whether a statement of a constructor needs what nn.Init makes.
func (w *writer) usesModule(c *class, n *node, depth int) bool {
	found := false
	if registered(n) != nil {
		return false
	}
	n.visit(func(n *node) bool {
		if n.Kind == "Attribute" && n.Value.Kind == "Name" && n.Value.Name == "self" {
			if n.Name == "add_module" || n.Name == "register_module" {
				found = true
			} else if m := c.method(n.Name); m != nil {
				if depth < 4 {
					for _, s := range m.node.Body {
						found = found || w.usesModule(c, s, depth+1)
					}
				}
			} else if c.lookup(n.Name) == nil && n.Name != "__init__" {
				if o := member(types.NewPointer(c.named), exportedName(n.Name)); o != nil {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// emptyConstructor writes NewX for a class without __init__.
func (w *writer) emptyConstructor(c *class) {
	if init := c.constructor(); init != nil {
		// The base's constructor makes this, too.
		w.fn, w.receiver = init, c.receiver()
		var names []string
		for _, v := range init.params {
			names = append(names, v.goName)
		}
		name := c.constructorName()
		w.printf("")
		w.printf("// %s returns a new %s.", name, c.goName)
		w.printf("func %s(%s) *%s {\n%s := &%[3]s{}", name, init.signature(), c.goName, w.receiver)
		w.bindSelf(c)
		w.printf("%s.setup(%s)\nreturn %s\n}", w.receiver, strings.Join(names, ", "), c.finished(w.receiver))
		return
	}
	name := c.constructorName()
	w.printf("")
	w.printf("// %s returns a new %s.", name, c.goName)
	if c.kind == moduleClass {
		w.printf("func %s() *%s { return nn.Init(&%[2]s{}) }", name, c.goName)
	} else {
		w.printf("func %s() *%s { return &%[2]s{} }", name, c.goName)
	}
}

// dataclassConstructor writes a function that gives a dataclass with its defaults.
func (w *writer) dataclassConstructor(c *class) {
	f := w.scope(c.source, &node{Kind: "Module"}, nil)
	w.fn, w.at = f, c.node
	defer func() { w.fn = nil }()
	name := c.constructorName()
	var fields []string
	for _, fd := range c.fields {
		if fd.fixed == nil {
			continue
		}
		w.report.statement(c.source, fd.fixed)
		v, why := w.attempt(func() value {
			v := w.expression(fd.fixed)
			w.holds(&fd.variable, v)
			v = w.settledFor(w.factoryFor(v, fd.typ), fd.typ)
			w.learn(&fd.variable, v.typ)
			w.sets(&fd.variable, v)
			v.text = w.coerce(v, fd.typ)
			return v
		})
		switch {
		case why != nil:
			w.report.todo(c.source, fd.fixed, why.why, c.source.text(fd.fixed))
			fields = append(fields, fmt.Sprintf("// TODO(port): line %d: %s", fd.fixed.Line, c.source.text(fd.fixed)))
		case v.text != "nil":
			fields = append(fields, fd.name(c)+": "+v.text+","+w.trailing(fd.fixed.Line))
		}
	}
	w.printf("")
	w.printf("// %s returns a %s with its defaults.", name, c.goName)
	if len(fields) == 0 {
		w.printf("func %s() *%s { return &%[2]s{} }", name, c.goName)
		return
	}
	w.printf("func %s() *%s {", name, c.goName)
	w.printf("return &%s{", c.goName)
	for _, fd := range fields {
		w.printf("%s", fd)
	}
	w.printf("}\n}")
}
