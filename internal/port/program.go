package port

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// program is the Python files that become one Go package.
type program struct {
	kinds
	api       *api
	names     map[string]entry
	sources   []*source
	main      *types.Package // of the types that are declared
	classes   map[string]*class
	functions map[string]*function
	globals   map[string]*variable
	order     []any             // *class, *function, *source for a file's statements, in order
	imports   map[string]string // what Python's names of modules and their parts stand for
	goNames   map[string]bool   // what is declared in the package
	isMain    bool
	flagSets  []*flagSet

	guessing    bool                 // types that nothing says may be guessed
	broken      map[*node]string     // statements whose Go did not compile
	hollow      map[*function]string // functions whose Go did not compile
	unused      map[*variable]bool
	plainNames  map[*function]bool // whose variables hide nothing
	dropped     map[*function]bool // not even their signatures compile
	changed     bool
	restart     bool // types are to be found anew
	report      *Report
	scripts     []*function // each file's statements
	makers      []*maker
	attachments map[string]*variable // attributes that are set on modules from outside
	ignored     []ignored
	keyed       map[string]types.Type // what ModuleDicts have under a key
	tuples      map[string][]string   // the fields of namedtuples
	records     []*record
	recordNames map[string]*[]string
	printing    map[*node]*node // the lambdas that print instead of others
	prepared    map[*node]value // what was translated before the expression that it is in
	lambdas     map[*node]*node // the elements of comprehensions as functions
	ordered     map[string]bool // the types of maps that are looped over
	settings    []*class        // the dicts that are structs
}

// newProgram finds what the files declare.
func newProgram(sources []*source) *program {
	a := loadAPI()
	p := &program{
		kinds: newKinds(a), api: a, names: loadNames(), sources: sources, main: types.NewPackage("main", "main"),
		classes: map[string]*class{}, functions: map[string]*function{}, globals: map[string]*variable{},
		imports: map[string]string{}, goNames: map[string]bool{}, broken: map[*node]string{}, hollow: map[*function]string{},
		attachments: map[string]*variable{}, keyed: map[string]types.Type{}, printing: map[*node]*node{}, ordered: map[string]bool{}, lambdas: map[*node]*node{}, prepared: map[*node]value{}, tuples: map[string][]string{}, recordNames: map[string]*[]string{}, unused: map[*variable]bool{}, plainNames: map[*function]bool{}, dropped: map[*function]bool{}, report: &Report{},
	}
	p.kinds.records = p.joinRecords
	for _, s := range sources {
		p.declare(s)
	}
	for _, f := range p.scripts {
		p.findGlobals(f)
	}
	p.findVirtual()
	return p
}

// declare finds a file's classes, functions and imports, and collects its other
// statements.
func (p *program) declare(s *source) {
	script := p.scope(s, &node{Kind: "Module"}, nil)
	s.tree.visit(func(n *node) bool {
		if n.Kind == "Import" || n.Kind == "ImportFrom" {
			p.declareImport(n)
		}
		return true
	})
	for _, n := range s.tree.Body {
		p.declaresTuple(n)
	}
	p.normalize(s)
	p.keptDefaults(s)
	s.tree.Body = p.spreadKeywords(splitItems(p.splitChains(s, s.tree.Body)))
	p.rewriteSequences(s)
	p.findParsers(s)
	p.passOn(s)
	s.tree.Body = splitAssignments(s.tree.Body)
	for i, n := range s.tree.Body {
		switch {
		case p.declaresTuple(n):
		case n.Kind == "ClassDef":
			c := newClass(p, s, n)
			p.classes[n.Name] = c
			p.order = append(p.order, c)
		case n.Kind == "FunctionDef":
			f := newFunction(p, s, n, nil)
			p.functions[n.Name] = f
			p.order = append(p.order, f)
		case n.Kind == "Import" || n.Kind == "ImportFrom" || n.Kind == "Expr" && i == 0 && isText(n.Value):
		case isMainGuard(n):
			script.node.Body = append(script.node.Body, n.Body...)
		case n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Name == "__all__":
		case n.Kind == "Expr" && p.path(callee(n.Value)) == "torch.fx.wrap":
			p.ignored = append(p.ignored, ignored{s, n})
		default:
			script.node.Body = append(script.node.Body, n)
		}
	}
	p.scripts = append(p.scripts, script)
	for _, n := range script.node.Body {
		if !setsGlobal(n) {
			p.isMain = true
		}
	}
}

// ignored is a statement of a file that Go has no use for.
type ignored struct {
	source *source
	node   *node
}

// isText reports whether a node is a text.
func isText(n *node) bool { return n != nil && n.Kind == "Constant" && n.Type == "str" }

// isMainGuard reports whether n is: if __name__ == "__main__".
func isMainGuard(n *node) bool {
	return n.Kind == "If" && n.Test.Kind == "Compare" && n.Test.Left.Name == "__name__"
}

// isConstant reports whether n gives a name a plain value.
func isConstant(n *node) bool {
	return n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Name" && isLiteral(n.Value)
}

// setsGlobal reports whether n does no more than give a name a value.
func setsGlobal(n *node) bool {
	return n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Name" || n.Kind == "AnnAssign" && n.Target.Kind == "Name"
}

// globalData returns the name and value of a variable that a statement sets to what does
// not have to be computed: a constant, or a list or dict of such.
func globalData(n *node) (name string, from *node) {
	switch {
	case n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Name":
		name, from = n.Targets[0].Name, n.Value
	case n.Kind == "AnnAssign" && n.Target.Kind == "Name" && n.Value != nil:
		name, from = n.Target.Name, n.Value
	}
	if from == nil || !isData(from) {
		return "", nil
	}
	return name, from
}

// globalData is that, or a table of classes or functions.
func (p *program) globalData(n *node) (name string, from *node) {
	if name, from = globalData(n); name == "" && setsGlobal(n) && n.Kind == "Assign" && p.isTable(n.Value) {
		return n.Targets[0].Name, n.Value
	}
	return name, from
}

// isData reports whether an expression is a constant, or a list or dict of such.
func isData(n *node) bool {
	switch n.Kind {
	case "List", "Tuple", "Dict":
		for _, e := range slices.Concat(n.Elts, n.Keys, n.Values) {
			if e == nil || !isData(e) && !isLiteral(e) {
				return false
			}
		}
		return len(n.Elts)+len(n.Keys) > 0
	}
	return isLiteral(n)
}

// isLiteral reports whether n is a number, text or bool.
func isLiteral(n *node) bool {
	if n.Kind == "UnaryOp" && n.Op == "USub" {
		n = n.Operand
	}
	return n.Kind == "Constant" && slices.Contains([]string{"int", "float", "str", "bool"}, n.Type)
}

func (p *program) declareImport(n *node) {
	for _, a := range n.Aliases {
		name := a.AsName
		switch {
		case n.Kind == "ImportFrom":
			if name == "" {
				name = a.Name
			}
			p.imports[name] = n.Name + "." + a.Name
		case name != "":
			p.imports[name] = a.Name
		default:
			first, _, _ := strings.Cut(a.Name, ".")
			p.imports[first] = first
		}
	}
}

// findGlobals declares the names of a file's statements that its functions read.
func (p *program) findGlobals(script *function) {
	read := map[string]bool{}
	for _, n := range script.source.tree.Body {
		if n.Kind != "ClassDef" && n.Kind != "FunctionDef" || p.isWeights(n) {
			continue
		}
		for name := range freeNames(n) {
			read[name] = true
		}
	}
	p.dropWeights(script, read)
	stores := map[string]int{}
	script.source.tree.visit(func(n *node) bool {
		if n.Kind == "Global" {
			for _, name := range n.Words {
				stores[name]++ // by a function
			}
		}
		return true
	})
	for _, n := range script.node.Body {
		n.visit(func(n *node) bool {
			for _, t := range storedIn(n) {
				stores[t.Name]++
			}
			return n.Kind != "FunctionDef" && n.Kind != "ClassDef" && n.Kind != "Lambda"
		})
	}
	script.node.Body = slices.DeleteFunc(script.node.Body, func(n *node) bool {
		name, from := p.globalData(n)
		if name == "" || stores[name] != 1 || !read[name] && p.isMain {
			return false
		}
		v := &variable{python: name, goName: p.globalName(name), global: true, data: !isLiteral(from)}
		p.globals[name] = v
		p.order = append([]any{&global{variable: v, node: n, source: script.source}}, p.order...)
		return true
	})
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		if (read[name] || !p.isMain) && p.globals[name] == nil {
			p.globals[name] = &variable{python: name, goName: p.globalName(name), global: true, varies: true}
		}
	}
}

// globalName returns a name for a global that no parameter has.
func (p *program) globalName(python string) string {
	name := localName(python)
	taken := func(f *function) bool { return f.taken[name] }
	for range 3 {
		clash := false
		for _, f := range p.functions {
			clash = clash || taken(f)
		}
		for _, c := range p.classes {
			for _, m := range c.methods {
				clash = clash || taken(m)
			}
		}
		if !clash {
			break
		}
		name += "Value"
	}
	return p.goName(name)
}

// freeNames returns the names that a function or class takes from around it.
func freeNames(n *node) map[string]bool {
	own := map[string]bool{}
	if s := n.Signature; s != nil {
		for _, a := range slices.Concat(s.Posonly, s.Params, s.Kwonly, []*node{s.Rest, s.RestKeywords}) {
			if a != nil {
				own[a.Name] = true
			}
		}
	}
	global := map[string]bool{}
	var inner []*node
	read := map[string]bool{}
	for _, child := range n.children() {
		child.visit(func(n *node) bool {
			switch n.Kind {
			case "Global":
				for _, name := range n.Words {
					global[name] = true
				}
			case "Name":
				read[n.Name] = true
			case "FunctionDef", "Lambda", "ClassDef":
				own[n.Name] = true
				inner = append(inner, n)
				return false
			}
			for _, t := range storedIn(n) {
				own[t.Name] = true
			}
			for _, g := range n.Generators {
				for _, t := range storedIn(&node{Kind: "For", Target: g.Target}) {
					own[t.Name] = true
				}
			}
			return true
		})
	}
	for _, n := range inner {
		for name := range freeNames(n) {
			read[name] = true
		}
	}
	for name := range own {
		if !global[name] && n.Kind != "ClassDef" {
			delete(read, name)
		}
	}
	return read
}

// global is a constant of a file.
type global struct {
	variable *variable
	node     *node
	source   *source
	fn       *function // that its value is translated in
}

// goName returns a name that the package has not declared yet, and declares it.
func (p *program) goName(name string) string {
	for reserved[name] || p.goNames[name] {
		name += "Value"
	}
	p.goNames[name] = true
	return name
}

// reserved are names that no variable may hide: Go's own, the packages that a program
// imports, and the helpers.
var reserved = func() map[string]bool {
	names := map[string]bool{}
	for _, word := range strings.Fields(`break case chan const continue default defer else fallthrough for func go goto if import interface map
		package range return select struct switch type var any append bool cap copy error false float64 int len make max min new nil panic
		string true init main F`) {
		names[word] = true
	}
	for _, list := range []map[string]string{folders, standard, helpers} {
		for name := range list {
			names[name] = true
		}
	}
	return names
}()

// infer translates again and again, until no type becomes better known.
func (p *program) infer(ctx context.Context) {
	for _, p.guessing = range []bool{false, true} {
		for range 24 {
			if ctx.Err() != nil {
				return
			}
			p.changed = false
			p.emit()
			if p.restart {
				p.forget()
			}
			if !p.changed {
				break
			}
		}
	}
}

// forget makes all types unknown that nothing but use told.
func (p *program) forget() {
	p.restart = false
	p.everything(func(v *variable) {
		if !v.annotated {
			v.typ, v.starts = nil, nil
		}
	}, func(f *function) {
		if !f.annotated {
			f.result = nil
		}
	})
}

// everything calls functions with all variables and all functions of the files.
func (p *program) everything(eachVariable func(*variable), eachFunction func(*function)) {
	each := func(v *variable) {
		if v != nil {
			eachVariable(v)
		}
	}
	var all func(f *function)
	all = func(f *function) {
		for _, list := range []map[string]*variable{f.locals, f.originals} {
			for _, v := range list {
				each(v)
			}
		}
		for _, v := range f.versions {
			each(v)
		}
		each(f.rest)
		eachFunction(f)
		for _, inner := range f.inner {
			all(inner)
		}
	}
	for _, f := range slices.Concat(p.scripts, slices.Collect(maps.Values(p.functions))) {
		all(f)
	}
	for _, v := range p.globals {
		each(v)
	}
	for _, c := range p.classes {
		for _, m := range c.methods {
			all(m)
		}
		for _, f := range c.fields {
			each(&f.variable)
		}
	}
}

// learn notes that a variable has a type.
func (p *program) learn(v *variable, t types.Type) {
	if t == nil || v.maker != nil && t == noneType {
		return
	}
	next := p.join(v.typ, t)
	if v.annotated {
		return
	}
	if v.typ == nil || !same(v.typ, next) {
		v.typ = next
		p.changed = true
	}
}

// expect notes what an unknown variable would have to be for what is done with it.
func (p *program) expect(v *variable, t types.Type, sure bool) {
	if v.inSettings && p.isTensor(t) {
		t = floatType // a dict of numbers and texts has no tensors
	}
	if v.typ == nil && t != nil && (sure || p.guessing) {
		p.learn(v, t)
	}
}

// emit translates all, and returns the lines of the Go file without its imports.
func (p *program) emit() []line {
	p.report.reset()
	w := &writer{program: p}
	w.settleMakers()
	for _, i := range p.ignored {
		w.leaveOut(i.source, i.node, "left out")
	}
	w.flushed = 0
	var constants []*global
	var data []*global
	for _, o := range p.order {
		if g, ok := o.(*global); ok && g.variable.data {
			data = append(data, g)
		} else if ok {
			constants = append(constants, g)
		}
	}
	for _, list := range [][]*global{constants, data} {
		slices.SortFunc(list, func(a, b *global) int { return a.node.Line - b.node.Line })
	}
	w.constants(constants)
	w.data(data)
	var vars []string
	for name, v := range p.globals {
		if v.varies {
			vars = append(vars, name)
		}
	}
	slices.Sort(vars)
	for _, name := range vars {
		w.printf("var %s %s", p.globals[name].goName, typeText(p.globals[name].typ))
	}
	w.settingsStructs()
	w.writeAttachments()
	place := len(w.lines)
	for _, o := range p.order {
		switch o := o.(type) {
		case *class:
			w.class(o)
		case *function:
			w.function(o)
		}
	}
	w.mainFunction()
	w.declareRecords(place)
	w.writeHelpers()
	return w.lines
}

// mainFunction writes the files' statements as main.
func (w *writer) mainFunction() {
	p := w.program
	for i, script := range p.scripts {
		if len(script.node.Body) == 0 {
			continue
		}
		if only := script.onlyCall(); only != nil && len(only.params) == 0 && len(p.scripts) == 1 {
			only.goName = "main"
			return // which is written as main already
		}
		script.goName = "main"
		if !p.isMain {
			script.goName = "init"
		}
		w.function(script)
		w.otherScripts(i + 1)
		return
	}
}

// otherScripts reports the statements of other files than the first that has some: Go has
// one main.
func (w *writer) otherScripts(from int) {
	for _, script := range w.scripts[from:] {
		for _, n := range script.node.Body {
			w.report.statement(script.source, n)
			w.report.todo(script.source, n, "a statement of another file than the first", script.source.text(n))
		}
	}
}

// onlyCall returns the function that the statements do no more than call.
func (f *function) onlyCall() *function {
	if len(f.node.Body) != 1 || f.node.Body[0].Kind != "Expr" || f.node.Body[0].Value.Kind != "Call" {
		return nil
	}
	called := f.program.functions[f.node.Body[0].Value.Func.Name]
	if called == nil || called.python != "main" || called.result != nil {
		return nil
	}
	return called
}

// constants writes constants.
func (w *writer) constants(list []*global) {
	if len(list) == 0 {
		return
	}
	w.source = list[0].source
	if len(list) > 1 {
		w.printf("const (")
	}
	for _, g := range list {
		w.source = g.source
		w.report.statement(w.source, g.node)
		w.comments(g.node.Line)
		v := w.expression(g.node.Value)
		w.learn(g.variable, v.typ)
		prefix := ""
		if len(list) == 1 {
			prefix = "const "
		}
		w.printf("%s%s = %s%s", prefix, g.variable.goName, v.text, w.trailing(g.node.Line))
	}
	if len(list) > 1 {
		w.printf(")")
	}
}

// data writes variables with the lists and dicts that files begin with.
func (w *writer) data(list []*global) {
	defer func() { w.fn, w.at = nil, nil }()
	for _, g := range list {
		w.source, w.at = g.source, g.node
		if g.fn == nil {
			g.fn = w.scope(g.source, &node{Kind: "Module"}, nil)
		}
		w.fn = g.fn
		w.fn.begin()
		w.block, w.called, w.inline = &block{}, false, true
		w.report.statement(w.source, g.node)
		w.comments(g.node.Line)
		w.want = nil
		if g.node.Annotation != nil {
			w.want, _ = w.annotation(g.node.Annotation)
		}
		v, why := w.attempt(func() value {
			if why, broken := w.broken[g.node]; broken {
				fail(g.node, "%s", why)
			}
			_, from := w.globalData(g.node)
			if w.isTable(from) {
				g.variable.dict = from
				return w.table(g.variable, from)
			}
			v := w.expression(from)
			t := w.want
			if t == nil {
				t = g.variable.typ
			}
			v = w.settledFor(v, t)
			if v.list || v.typ == nil || v.statement {
				fail(g.node, "values of different types")
			}
			return v
		})
		w.printf("")
		if why != nil {
			w.report.todo(w.source, g.node, why.why, w.source.text(g.node))
			w.printf("// TODO(port): line %d: %s", g.node.Line, w.source.text(g.node))
			w.printf("var %s %s", g.variable.goName, typeText(g.variable.typ))
			continue
		}
		w.learn(g.variable, v.typ)
		w.printf("var %s = %s%s", g.variable.goName, v.text, w.trailing(g.node.EndLine))
	}
}

// packageName returns a name for the package, after the first file.
func (p *program) packageName(asked string) string {
	if p.isMain {
		return "main"
	}
	if asked != "" {
		return asked
	}
	base := strings.TrimSuffix(filepath.Base(p.sources[0].path), ".py")
	name := strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, base))
	if name == "" || reserved[name] || name[0] <= '9' {
		name = fmt.Sprintf("ported%s", name)
	}
	return name
}
