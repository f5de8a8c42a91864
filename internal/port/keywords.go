package port

import (
	"slices"
	"strings"
)

// Of **kwargs become the parameters that callers within the files do pass, with the
// defaults of what the function passes them on to.

// takesKeywords returns the function at hand, or the one around it, that has the name as
// its **kwargs, or nil.
func (w *writer) takesKeywords(n *node) *function {
	if n == nil || n.Kind != "Name" {
		return nil
	}
	for f := w.fn; f != nil; f = f.outer {
		if f.keywords != "" && f.keywords == n.Name {
			return f
		}
	}
	return nil
}

// extra returns the parameter that stands for one of **kwargs, and makes it if it is new.
func (f *function) extra(name string) *variable {
	for _, v := range f.extras {
		if v.python == name {
			return v
		}
	}
	v := f.originals[name]
	if v == nil {
		v = f.locals[name]
	}
	if v == nil {
		v = &variable{python: name, goName: f.localGoName(name)}
	}
	v.param, v.declared = true, true
	f.locals[name] = v
	if f.originals != nil {
		f.originals[name] = v
	}
	f.extras, f.params, f.all = append(f.extras, v), append(f.params, v), append(f.all, v)
	f.program.changed = true
	return v
}

// hasExtra reports whether a caller passes one of **kwargs.
func (f *function) hasExtra(name string) bool {
	return slices.ContainsFunc(f.extras, func(v *variable) bool { return v.python == name })
}

// expanded returns a call with what **kwargs holds as keywords.
func (w *writer) expanded(n *node) (call *node, passed map[*node]*variable) {
	i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == "" && w.takesKeywords(k.Value) != nil })
	if i < 0 {
		return n, nil
	}
	f := w.takesKeywords(n.Keywords[i].Value)
	if f.outer == nil && !strings.HasPrefix(f.python, "_") && len(f.extras) == 0 {
		w.report.note(w.source, n.Keywords[i].Value, "** is left out: what nobody passes in these files")
	}
	copied := n.withoutKeyword(i)
	passed = map[*node]*variable{}
	for _, v := range f.extras {
		if f.given[v.python] == nil && !f.popped[v.python] {
			k := &node{Kind: "keyword", Name: v.python, Value: &node{Kind: "Name", Name: v.python, Line: n.Line, EndLine: n.Line}}
			copied.Keywords = append(copied.Keywords, k)
			passed[k] = v
		}
	}
	for _, name := range f.order {
		copied.Keywords = append(copied.Keywords, &node{Kind: "keyword", Name: name, Value: f.given[name]})
	}
	return copied, passed
}

// learnExtra takes the default of what is passed on from what it is passed on to.
func (f *function) learnExtra(v *variable, p parameter) {
	d := p.node
	if d == nil && p.optional {
		d = defaultNode(p.defaultValue, f.node.Line)
	}
	if d != nil && f.defaults[v] == nil {
		f.defaults[v] = d
		f.program.changed = true
	}
}

// withoutKeyword returns a call without one of its keywords.
func (n *node) withoutKeyword(i int) *node {
	rest := *n
	rest.Keywords = slices.Delete(slices.Clone(n.Keywords), i, i+1)
	return &rest
}

// defaultNode returns a constant as Python writes it, or nil.
func defaultNode(text string, line int) *node {
	n := &node{Kind: "Constant", Constant: text, Line: line, EndLine: line}
	switch {
	case text == "None":
		n.Type, n.Constant = "NoneType", ""
	case text == "True" || text == "False":
		n.Type = "bool"
	case strings.HasPrefix(text, "'"):
		n.Type, n.Constant = "str", strings.Trim(text, "'")
	case text != "" && text[0] >= '0' && text[0] <= '9':
		n.Type = "int"
		if strings.ContainsAny(text, ".e") {
			n.Type = "float"
		}
	default:
		return nil
	}
	return n
}

// give notes that a statement sets one of **kwargs, for the calls behind it.
func (w *writer) give(f *function, n, key, from *node) {
	if !isText(key) || w.fn != f || w.block != f.root {
		fail(n, "a keyword that is set in a branch")
	}
	if !isPure(from) {
		fail(n, "a keyword of what is computed")
	}
	if f.given == nil {
		f.given = map[string]*node{}
	}
	if f.given[key.Constant] == nil {
		f.order = append(f.order, key.Constant)
	}
	f.given[key.Constant] = from
}

// overwriteParameter translates torchvision's _ovewrite_named_param(kwargs, name, value).
func overwriteParameter(w *writer, n *node) value {
	if len(n.Arguments) == 3 {
		if f := w.takesKeywords(n.Arguments[0]); f != nil {
			w.give(f, n, n.Arguments[1], n.Arguments[2])
			return value{statement: true}
		}
	}
	fail(n, "a keyword that is not known")
	return value{}
}

// keywordMethod translates kwargs.pop(name, default) and kwargs.get(name, default).
func (w *writer) keywordMethod(n *node) (value, bool) {
	f := w.takesKeywords(n.Func.Value)
	if f == nil || n.Func.Name != "pop" && n.Func.Name != "get" || len(n.Arguments) == 0 || !isText(n.Arguments[0]) {
		return value{}, false
	}
	name := n.Arguments[0].Constant
	if given := f.given[name]; given != nil {
		return w.expression(given), true
	}
	if len(n.Arguments) == 1 && n.Func.Name == "pop" {
		f.extra(name)
	}
	if !f.hasExtra(name) {
		if len(n.Arguments) == 1 {
			return value{text: "nil", typ: noneType}, true
		}
		return w.expression(n.Arguments[1]), true
	}
	v := f.extra(name)
	if len(n.Arguments) == 2 && f.defaults[v] == nil {
		f.defaults[v] = n.Arguments[1]
	}
	if n.Func.Name == "pop" {
		if f.popped == nil {
			f.popped = map[string]bool{}
		}
		f.popped[name] = true
	}
	return w.name(&node{Kind: "Name", Name: name, Line: n.Line, EndLine: n.EndLine}), true
}

// begin forgets what the last pass set of **kwargs.
func (f *function) begin() {
	f.temporaries = map[string]blocks{}
	f.given, f.order, f.popped = nil, nil, nil
	for _, v := range f.params {
		v.dtype = v.given
	}
}

// ownerOf returns the function at hand, or the one around it, that has a parameter.
func (w *writer) ownerOf(v *variable) *function {
	f := w.fn
	for f.outer != nil && !slices.Contains(f.params, v) {
		f = f.outer
	}
	return f
}
