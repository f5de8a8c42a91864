package port

import (
	"go/types"
	"slices"
	"strings"
)

// flagSet is an argparse.ArgumentParser that becomes flags. What it parses is a variable
// for each flag where but the parser's own function reads them, else a record.
type flagSet struct {
	scope   *node    // the function that makes it, or a file
	parsers []string // Python's variables: the parser and its groups
	args    string   // that of what it parsed
	record  *class   // of what it parsed, or nil
	flags   []*flagInfo
	asDict  bool      // it is vars of what was parsed
	rest    *flagInfo // the argument that takes all that are left
	read    map[string]bool
}

// flagInfo is one of a parser's arguments.
type flagInfo struct {
	python, name string // that of the attribute, and of the flag
	call         *node
	position     int // of an argument by position, from 1
	goName       string
	typ          types.Type
	field        *field
	list         bool // several values
	taken        bool // out of the dict
	count        bool // its default is not negative
}

// findParsers finds the parsers of a file.
func (p *program) findParsers(s *source) {
	functions := []*node{}
	s.tree.visit(func(n *node) bool {
		if n.Kind == "FunctionDef" {
			functions = append(functions, n)
		}
		return true
	})
	for _, scope := range append(functions, s.tree) {
		if f := p.findParser(scope); f != nil {
			p.flagSets = append(p.flagSets, f)
			if f.escapes() {
				f.record = p.newRecord(s, f.flags)
			}
		}
	}
}

// findParser returns the parser that a function makes, or nil.
func (p *program) findParser(scope *node) *flagSet {
	f := &flagSet{scope: scope, read: map[string]bool{}}
	scope.visitOwn(func(n *node) {
		if n.Kind != "Assign" || len(n.Targets) != 1 || n.Targets[0].Kind != "Name" && n.Targets[0].Kind != "Tuple" || n.Value.Kind != "Call" {
			return
		}
		called, isDict := ofVars(n.Value)
		name, of := n.Targets[0].Name, called.Func
		f.asDict = f.asDict || isDict && of.Kind == "Attribute" && slices.Contains(f.parsers, of.Value.Name)
		switch {
		case p.path(of) == "argparse.ArgumentParser":
			f.parsers = append(f.parsers, name)
		case of.Kind == "Attribute" && slices.Contains(f.parsers, of.Value.Name) && (of.Name == "add_argument_group" || of.Name == "add_mutually_exclusive_group"):
			f.parsers = append(f.parsers, name)
		case of.Kind == "Attribute" && slices.Contains(f.parsers, of.Value.Name) && of.Name == "parse_args":
			f.args = name
		case of.Kind == "Attribute" && slices.Contains(f.parsers, of.Value.Name) && of.Name == "parse_known_args" && len(n.Targets[0].Elts) == 2:
			f.args = n.Targets[0].Elts[0].Name
		}
	})
	if len(f.parsers) == 0 {
		return nil
	}
	scope.visitOwn(func(n *node) {
		if n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "add_argument" && slices.Contains(f.parsers, n.Func.Value.Name) {
			f.declare(n)
		}
	})
	return f
}

// visitOwn calls f with the nodes of a function, but not of those within it.
func (n *node) visitOwn(f func(*node)) {
	n.visit(func(below *node) bool {
		if below != n && (below.Kind == "FunctionDef" || below.Kind == "ClassDef") {
			return false
		}
		f(below)
		return true
	})
}

// declare notes an argument of a parser.
func (f *flagSet) declare(call *node) {
	info := &flagInfo{call: call}
	for _, a := range call.Arguments {
		if !isText(a) {
			return // which its call says
		}
		text := a.Constant
		if strings.HasPrefix(text, "--") || info.name == "" {
			info.name = strings.TrimLeft(text, "-")
		}
		if !strings.HasPrefix(text, "-") {
			info.position = 1
		}
	}
	info.python = strings.ReplaceAll(info.name, "-", "_")
	for _, k := range call.Keywords {
		switch {
		case k.Name == "dest" && isText(k.Value):
			info.python = k.Value.Constant
		case k.Name == "nargs" && k.Value.Constant != "?":
			info.list = true
		case k.Name == "action" && (k.Value.Constant == "append" || k.Value.Constant == "extend"):
			info.list = true
		}
	}
	if info.position > 0 {
		for _, other := range f.flags {
			if other.position > 0 {
				info.position++
			}
		}
		if info.list {
			f.rest = info
		}
	}
	f.flags = append(f.flags, info)
}

// ofVars returns the call that vars is of, or the call itself.
func ofVars(n *node) (call *node, isDict bool) {
	if n.Kind == "Call" && n.Func.Kind == "Name" && n.Func.Name == "vars" && len(n.Arguments) == 1 && n.Arguments[0].Kind == "Call" {
		return n.Arguments[0], true
	}
	return n, false
}

// info returns the argument of an attribute, or nil.
func (f *flagSet) info(python string) *flagInfo {
	for _, info := range f.flags {
		if info.python == python {
			return info
		}
	}
	return nil
}

// escapes reports whether more than the parser's own function reads what it parsed, or
// something sets it.
func (f *flagSet) escapes() bool {
	names, reads, sets := 0, 0, false
	for _, below := range f.scope.Body {
		below.visit(func(n *node) bool {
			switch {
			case n.Kind == "Name" && n.Name == f.args:
				names++
			case n.Kind == "Attribute" && n.Value.Kind == "Name" && n.Value.Name == f.args && f.info(n.Name) != nil:
				f.read[n.Name] = true
				reads++
			case f.asDict && n.Kind == "Subscript" && n.Value.Name == f.args && isText(n.Slice) && f.info(n.Slice.Constant) != nil:
				f.read[n.Slice.Constant] = true
				reads++
			case f.asDict && n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Value.Name == f.args && (n.Func.Name == "pop" || n.Func.Name == "get") && len(n.Arguments) > 0 && isText(n.Arguments[0]) && f.info(n.Arguments[0].Constant) != nil:
				f.read[n.Arguments[0].Constant] = true
				reads++
			case f.asDict && n.Kind == "keyword" && n.Name == "" && n.Value.Name == f.args:
				for _, info := range f.flags {
					f.read[info.python] = true
				}
				reads++
			}
			for _, t := range slices.Concat(n.Targets, []*node{n.Target}) {
				sets = sets || t != nil && (t.Kind == "Attribute" || t.Kind == "Subscript") && t.Value.Name == f.args
			}
			return true
		})
	}
	if f.args == "" || sets || names != reads+1 {
		return true
	}
	if f.scope.Kind != "Module" {
		return false
	}
	for _, n := range f.scope.Body {
		if (n.Kind == "FunctionDef" || n.Kind == "ClassDef") && freeNames(n)[f.args] {
			return true
		}
	}
	return false
}

// newRecord declares the record of what a parser parses.
func (p *program) newRecord(s *source, flags []*flagInfo) *class {
	c := &class{program: p, source: s, goName: p.goName("Arguments"), kind: flagsClass, constants: map[string]*variable{}, methods: map[string]*function{}}
	c.node = &node{Kind: "ClassDef", Name: c.goName}
	c.named = p.typeOfClass(c)
	for _, info := range flags {
		info.field = c.field(info.python)
	}
	p.classes["argparse."+c.goName] = c
	p.order = append(p.order, c)
	return c
}

// flagsRecord writes the record of what a parser parses.
func (w *writer) flagsRecord(c *class) {
	w.printf("")
	w.printf("// %s are the program's flags and arguments.", c.goName)
	w.printf("type %s struct {", c.goName)
	w.printFields(c)
	w.printf("}")
	w.shownClass(c, "Namespace")
}

// printFields writes the fields of a record, those of one type on one line.
func (w *writer) printFields(c *class) {
	merged := ""
	for _, f := range c.fields {
		if f.typ == nil || f.typ == conflict {
			continue // what sets it is to do
		}
		t := typeText(f.typ)
		if last := &w.lines[len(w.lines)-1]; merged == t {
			last.text = strings.TrimSuffix(last.text, " "+t) + ", " + f.name(c) + " " + t
			continue
		}
		w.printf("%s %s", f.name(c), t)
		merged = t
	}
}

// parserOf returns the parser that a name means here, or nil.
func (w *writer) parserOf(n *node) *flagSet {
	if n == nil || n.Kind != "Name" {
		return nil
	}
	for _, f := range w.flagSets {
		if !slices.Contains(f.parsers, n.Name) {
			continue
		}
		for o := w.fn; o != nil; o = o.outer {
			if o.node == f.scope || o.node.Kind == "Module" && f.scope.Kind == "Module" {
				return f
			}
		}
	}
	return nil
}

// argsName returns the name of Go's variable of the record.
func (w *writer) argsName(f *flagSet) string {
	if x := w.fn.scope(f.args); f.args != "" && x != nil {
		return x.goName
	}
	return "args"
}
