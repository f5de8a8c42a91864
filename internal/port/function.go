package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// function is a Python function or method, or a file's statements.
type function struct {
	program *program
	source  *source
	node    *node
	class   *class
	outer   *function // that it is declared in
	python  string
	goName  string

	params         []*variable
	all            []*variable // and those that are left out
	defaults       map[*variable]*node
	rest           *variable // of *args
	keywords       string    // the name of **kwargs
	extras         []*variable
	given          map[string]*node // of **kwargs, what statements set
	order          []string         // of given
	popped         map[string]bool  // what statements took out of **kwargs
	result         types.Type
	resultDType    string
	resultMaybeInt bool // it returns a float of Go's that may be an int in Python
	returnsNone    bool
	failed         bool // a lambda that was not translated
	yielded        types.Type
	locals         map[string]*variable
	taken          map[string]bool // Go's names of locals
	temporaries    map[string]blocks
	annotated      bool // what it returns
	inner          map[*node]*function
	blocks         map[*node]*block    // by the first statement
	versions       map[*node]*variable // by the assignments that make variables anew
	originals      map[string]*variable
	root           *block
}

// variable is a Python name of a function or a file.
type variable struct {
	python, goName string
	typ            types.Type // nil: not known yet
	dtype          string     // "int" where a tensor is known to hold integers or bools
	given          string     // of a parameter, the dtype that calls give
	narrowed       types.Type // within a type switch
	annotated      bool
	global, varies bool
	data           bool // a global that is a list or dict
	param          bool
	home           *block // the block that it is declared in
	declared       bool
	computed       bool        // it was set to a number that is no constant
	starts         *node       // a tensor that is added to the number that it begins as
	flags          bool        // a parser of flags, or what it parsed
	empty          bool        // a list of modules that begins empty
	inner          *function   // that it names
	left           bool        // a parameter that is left out
	nested         bool        // a version that lives to the end of its block
	alias          *value      // the class that it is another name of
	zip            *node       // that it is another name of
	transform      *node       // of torchvision's, that it is another name of
	listed         []*node     // the classes that it is a list of
	pairs          bool        // a dict or list of named layers, which is a Sequential in Go
	maker          *maker      // of the classes that it holds
	lists          sequences   // that it holds
	defaults       bool        // it is a dict with a value for keys that are not there
	limit          string      // how many elements it keeps, as a deque
	elements       *variable   // what it holds, if it is a table
	parts          []*variable // of a tuple in a table
	calls          bool        // it is a class or function of a table
	dict           *node       // the dict that it is a table of
	companions     []*variable // parameters that have attributes of the class that it holds
	inSettings     bool        // it is a key of a dict with values of several types
	sign           sign        // of the numbers that it holds
	grows          bool        // a parameter that, if it is a list, gets longer or shorter
}

// scope returns a function without parameters.
func (p *program) scope(s *source, n *node, outer *function) *function {
	return &function{program: p, source: s, node: n, outer: outer, python: n.Name, defaults: map[*variable]*node{}, locals: map[string]*variable{},
		taken: map[string]bool{}, temporaries: map[string]blocks{}, inner: map[*node]*function{}, versions: map[*node]*variable{}, blocks: map[*node]*block{}}
}

// newFunction declares a function with its parameters.
func newFunction(p *program, s *source, n *node, c *class) *function {
	f := p.scope(s, n, nil)
	f.class = c
	switch {
	case c == nil && n.Name == "main":
		f.goName = "run"
	case c == nil:
		f.goName = p.goName(localName(n.Name))
		if !strings.HasPrefix(n.Name, "_") && !p.hasStatements(s) {
			f.goName = p.goName(exportedName(n.Name))
		}
	}
	f.parameters(n.Signature)
	if n.Returns != nil {
		if t, known := p.resultAnnotation(n.Returns); known {
			f.result, f.annotated = t, true
		}
	}
	return f
}

// hasStatements reports whether a file is a program, not a library.
func (p *program) hasStatements(s *source) bool {
	return slices.ContainsFunc(s.tree.Body, func(n *node) bool {
		switch n.Kind {
		case "ClassDef", "FunctionDef", "Import", "ImportFrom":
			return false
		}
		if n.Kind == "Expr" && p.path(callee(n.Value)) == "torch.fx.wrap" {
			return false
		}
		isDocstring, isExports := n.Kind == "Expr" && isText(n.Value), n.Kind == "Assign" && n.Targets[0].Name == "__all__"
		return !setsGlobal(n) && !isDocstring && !isExports
	})
}

// parameters declares those of a signature.
func (f *function) parameters(n *node) {
	list := slices.Concat(n.Posonly, n.Params)
	if f.class != nil && len(list) > 0 && !f.isStatic() {
		list = list[1:]
	}
	for i, a := range list {
		v := f.parameter(a)
		if d := i - (len(list) - len(n.Defaults)); d >= 0 {
			f.defaults[v] = n.Defaults[d]
		}
	}
	for i, a := range n.Kwonly {
		v := f.parameter(a)
		if i < len(n.KwDefaults) && n.KwDefaults[i] != nil {
			f.defaults[v] = n.KwDefaults[i]
		}
	}
	if n.Rest != nil {
		f.rest = f.parameter(n.Rest)
		f.params = f.params[:len(f.params)-1]
		f.rest.annotated = false
		if f.rest.typ != nil {
			f.rest.typ = types.NewSlice(f.rest.typ)
		}
	}
	if n.RestKeywords != nil {
		f.keywords = n.RestKeywords.Name
	}
	for _, v := range f.params {
		if d := f.defaults[v]; v.annotated && d != nil && d.Type == "NoneType" && v.typ != noneType {
			v.typ = f.program.orNone(v.typ) // x: int = None
		}
	}
	f.all = slices.Clone(f.params)
	for _, v := range f.params {
		v.grows = grown(f.node, v.python) && !stored(f.node, v.python)
	}
	f.leaveWeights()
}

func (f *function) isStatic() bool {
	return slices.ContainsFunc(f.node.Decorators, func(d *node) bool { return d.Name == "staticmethod" })
}

// forget makes the parameters of a function of no known type: it is an overload of others.
func (f *function) forget() {
	for _, v := range f.params {
		v.typ, v.annotated = nil, false
	}
}

// isOfClass reports whether a method belongs to the class, and takes it as cls.
func (f *function) isOfClass() bool {
	return slices.ContainsFunc(f.node.Decorators, func(d *node) bool { return d.Name == "classmethod" })
}

func (f *function) parameter(a *node) *variable {
	v := &variable{python: a.Name, param: true, declared: true}
	v.goName = f.localGoName(a.Name)
	if a.Annotation != nil {
		if f.program.isCallable(a.Annotation) {
			f.program.makerOf(v)
		}
		if f.program.isListOfClasses(a.Annotation) {
			v.typ, v.left, v.annotated = noneType, true, true
			f.program.report.note(f.source, a, "a list of classes is left out")
		}
		if t, known := f.program.annotation(a.Annotation); known {
			v.typ, v.annotated = t, true
		}
	}
	f.locals[a.Name] = v
	f.params = append(f.params, v)
	return v
}

// localGoName returns a name for a local variable that is not taken.
func (f *function) localGoName(python string) string {
	if f.taken == nil {
		f.taken = map[string]bool{}
	}
	free := func(name string) bool {
		for o := f; o != nil; o = o.outer {
			if o.taken[name] {
				return false
			}
		}
		return !reserved[name] && !f.program.goNames[name]
	}
	name := localName(python)
	if f.mayHide(python, name) {
		f.taken[name] = true
		return name
	}
	if !free(name) && strings.ToUpper(python) == python && free(python) && len(python) == 1 {
		name = python
	}
	if !free(name) && free(name+"Value") {
		name += "Value"
	}
	for i := 2; !free(name); i++ {
		name = fmt.Sprintf("%s%d", localName(python), i)
	}
	f.taken[name] = true
	return name
}

// mayHide reports whether a variable may have the name of what is around the function:
// where Python hides it, too, or of a package that the function does not name.
func (f *function) mayHide(python, name string) bool {
	if f.taken[name] || f.program.plainNames[f.top()] {
		return false
	}
	for o := f.outer; o != nil; o = o.outer {
		if o.taken[name] && o.locals[python] == nil {
			return false
		}
	}
	p := f.program
	switch {
	case p.goNames[name]:
		fn, v := p.functions[python], p.globals[python]
		return fn != nil && fn.goName == name || v != nil && v.goName == name
	case !reserved[name]:
		return f.outer != nil
	}
	return importPath(name) != "" && !slices.Contains([]string{"torch", "nn", "fmt", "context", "math", "slices", "strings"}, name)
}

// top returns the function at the top of a file that f is or is within.
func (f *function) top() *function {
	for f.outer != nil {
		f = f.outer
	}
	return f
}

// freshName returns a name that neither Python's variables nor the block or one
// around it have; it is the same in each pass.
func (f *function) freshName(name string, b *block) string {
	for i := 1; ; i++ {
		full := name
		if i > 1 {
			full = fmt.Sprintf("%s%d", name, i)
		}
		if f.taken[full] || f.program.goNames[full] || reserved[full] || f.hasTemporary(full, b) {
			continue
		}
		for o := f; o != nil; o = o.outer {
			o.temporaries[full] = append(o.temporaries[full], b)
		}
		return full
	}
}

// hasTemporary reports whether a function, or one around it, has such a variable in a block
// or around it.
func (f *function) hasTemporary(name string, b *block) bool {
	for o := f; o != nil; o = o.outer {
		if o.temporaries[name].within(b) {
			return true
		}
	}
	return false
}

// blocks are those that have a variable of one name.
type blocks []*block

// within reports whether b or one around it is among the blocks.
func (list blocks) within(b *block) bool {
	for ; b != nil; b = b.parent {
		if slices.Contains(list, b) {
			return true
		}
	}
	return false
}
