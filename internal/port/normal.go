package port

import (
	"slices"
	"strings"
)

// normalize rewrites what Python has several forms of into one.
func (p *program) normalize(s *source) {
	s.tree.visit(func(n *node) bool {
		switch {
		case n.Kind == "If":
			n.Test = mergedInstances(n.Test)
		case n.Kind == "Call" && n.Func.Kind == "Attribute" && n.Func.Name == "load_state_dict" && len(n.Arguments) > 0 && p.path(callee(n.Arguments[0])) == "torch.load":
			n.Arguments[0].Type = "state"
		case n.Kind == "Call" && n.Func.Kind == "Name" && p.tuples[n.Func.Name] != nil:
			if elts := byPosition(p.tuples[n.Func.Name], n); elts != nil {
				n.Kind, n.Name, n.Elts, n.Func, n.Arguments, n.Keywords = "Tuple", n.Func.Name, elts, nil, nil, nil
			}
		}
		return true
	})
}

// chained are the methods of modules that return the module itself.
var chained = []string{"eval", "train", "requires_grad_", "to", "cuda", "cpu", "float", "double", "half"}

// splitChains writes net = Net().eval() as two statements, the second of which is a call.
func (p *program) splitChains(s *source, body []*node) (list []*node) {
	for _, n := range body {
		n.Body, n.Orelse, n.Finalbody = p.splitChains(s, n.Body), p.splitChains(s, n.Orelse), p.splitChains(s, n.Finalbody)
		list = append(list, n)
		if n.Kind != "Assign" || len(n.Targets) != 1 || n.Targets[0].Kind != "Name" {
			continue
		}
		var calls []*node
		of := n.Value
		for of.Kind == "Call" && of.Func.Kind == "Attribute" && slices.Contains(chained, of.Func.Name) {
			calls = append(calls, of)
			of = of.Func.Value
		}
		if len(calls) == 0 || of.Kind != "Call" || of.Func.Kind != "Name" || !declaresClass(s, of.Func.Name) {
			continue
		}
		n.Value = of
		for _, c := range slices.Backward(calls) {
			method := *c.Func
			method.Value = n.Targets[0]
			call := *c
			call.Func = &method
			list = append(list, &node{Kind: "Expr", Value: &call, split: true, Line: n.Line, EndLine: n.EndLine, Col: n.Col, EndCol: n.EndCol})
		}
	}
	return list
}

// splitItems writes loss, n = loss.item(), len(x) as two statements, and x, y = set[0][0],
// set[0][1]: the names may have been those of tensors, and are other variables then.
func splitItems(body []*node) (list []*node) {
	for _, n := range body {
		n.Body, n.Orelse, n.Finalbody = splitItems(n.Body), splitItems(n.Orelse), splitItems(n.Finalbody)
		if !n.isPairwise() || !takesItem(n) {
			list = append(list, n)
			continue
		}
		list = append(list, n.separated()...)
	}
	return list
}

// separated returns an assignment of a tuple to a tuple as several.
func (n *node) separated() (list []*node) {
	for i, t := range n.Targets[0].Elts {
		one := *n
		one.Targets, one.Value, one.split = []*node{t}, n.Value.Elts[i], i > 0
		list = append(list, &one)
	}
	return list
}

// isPairwise reports whether an assignment is one of a tuple to a tuple.
func (n *node) isPairwise() bool {
	return n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Tuple" && n.Value.Kind == "Tuple" && len(n.Targets[0].Elts) == len(n.Value.Elts)
}

// takesItem reports whether an assignment to several names sets one to its own item, or to an
// element's element, and no value reads a name that is set before.
func takesItem(n *node) bool {
	found := false
	set := map[string]bool{}
	for i, v := range n.Value.Elts {
		read := false
		v.names(func(name *node) { read = read || set[name.Name] })
		t := n.Targets[0].Elts[i]
		if read || t.Kind != "Name" {
			return false
		}
		set[t.Name] = true
		found = found || v.Kind == "Call" && v.Func.Kind == "Attribute" && v.Func.Name == "item" && v.Func.Value.Name == t.Name ||
			v.Kind == "Subscript" && v.Value.Kind == "Subscript"
	}
	return found
}

// declaresClass reports whether a file has a class of a name.
func declaresClass(s *source, name string) bool {
	return slices.ContainsFunc(s.tree.Body, func(n *node) bool { return n.Kind == "ClassDef" && n.Name == name })
}

// keptDefaults makes variables of a file of the lists and dicts that are defaults of
// parameters and change: Python makes them once.
func (p *program) keptDefaults(s *source) {
	var body []*node
	for _, n := range s.tree.Body {
		if n.Kind == "FunctionDef" {
			list := n.Signature.Params
			for i, d := range n.Signature.Defaults {
				a := list[len(list)-len(n.Signature.Defaults)+i]
				if d.Kind != "List" && d.Kind != "Dict" || !changed(n, a.Name) || stored(n, a.Name) {
					continue
				}
				name := strings.TrimLeft(n.Name, "_") + "_" + a.Name
				target := &node{Kind: "Name", Name: name, Line: d.Line, EndLine: d.EndLine}
				body = append(body, &node{Kind: "Assign", Targets: []*node{target}, Value: d, Line: d.Line, EndLine: d.EndLine, Col: d.Col, EndCol: d.EndCol})
				n.Signature.Defaults[i] = &node{Kind: "Name", Name: name, Line: d.Line, EndLine: d.EndLine, Col: d.Col, EndCol: d.EndCol}
			}
		}
		body = append(body, n)
	}
	s.tree.Body = body
}

// mergedInstances writes isinstance(x, A) or isinstance(x, B) as isinstance(x, (A, B)).
func mergedInstances(n *node) *node {
	if n.Kind != "BoolOp" || n.Op != "Or" {
		return n
	}
	kinds := &node{Kind: "Tuple", Line: n.Line, EndLine: n.EndLine}
	for _, part := range n.Values {
		if part.Kind != "Call" || part.Func.Name != "isinstance" || len(part.Arguments) != 2 || part.Arguments[0].Kind != "Name" ||
			part.Arguments[0].Name != n.Values[0].Arguments[0].Name {
			return n
		}
		kinds.Elts = append(kinds.Elts, part.Arguments[1])
	}
	merged := *n.Values[0]
	merged.Arguments = []*node{merged.Arguments[0], kinds}
	return &merged
}

// declaresTuple reports whether a statement of a file makes a namedtuple, or another name
// of one: its instances are several values in Go.
func (p *program) declaresTuple(n *node) bool {
	if n.Kind != "Assign" || len(n.Targets) != 1 {
		return false
	}
	switch t := n.Targets[0]; {
	case t.Kind == "Attribute":
		return p.tuples[t.Value.Name] != nil && t.Name == "__annotations__"
	case n.Value.Kind == "Name" && p.tuples[n.Value.Name] != nil:
		p.tuples[t.Name] = p.tuples[n.Value.Name]
		return true
	case n.Value.Kind == "Call" && p.path(n.Value.Func) == "collections.namedtuple" && len(n.Value.Arguments) == 2:
		p.tuples[t.Name] = tupleFields(n.Value.Arguments[1])
		return p.tuples[t.Name] != nil
	}
	return false
}

// tupleFields returns the names of a namedtuple's fields, or nil.
func tupleFields(n *node) (names []string) {
	if isText(n) {
		return strings.Fields(strings.ReplaceAll(n.Constant, ",", " "))
	}
	for _, e := range n.Elts {
		if !isText(e) {
			return nil
		}
		names = append(names, e.Constant)
	}
	return names
}

// byPosition returns the arguments of a call in the order of the parameters, or nil.
func byPosition(names []string, n *node) []*node {
	elts := slices.Clone(n.Arguments)
	if len(n.Keywords) == 0 {
		return elts
	}
	for _, name := range names[min(len(elts), len(names)):] {
		i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == name })
		if i < 0 {
			return nil
		}
		elts = append(elts, n.Keywords[i].Value)
	}
	return elts
}

// splitAssignments writes A, B = 1, 2 as two statements.
func splitAssignments(body []*node) (list []*node) {
	for _, n := range body {
		if !n.isPairwise() || !isData(n.Value) {
			list = append(list, n)
			continue
		}
		list = append(list, n.separated()...)
	}
	return list
}

// passOn gives a function the parameters that it passes on by *args to another one of the
// file, which it calls once.
func (p *program) passOn(s *source) {
	declared := map[string]*node{}
	var functions []*node
	for _, n := range s.tree.Body {
		for _, m := range append([]*node{n}, n.Body...) {
			if m.Kind == "FunctionDef" && (m == n || n.Kind == "ClassDef") {
				functions = append(functions, m)
			}
		}
		switch n.Kind {
		case "FunctionDef":
			declared[n.Name] = n
		case "ClassDef":
			for _, m := range n.Body {
				if m.Kind == "FunctionDef" && m.Name == "__init__" {
					declared[n.Name] = m
				}
			}
		}
	}
	for _, n := range functions {
		if n.Signature.Rest == nil {
			continue
		}
		name := n.Signature.Rest.Name
		if p.passTuple(n, name) {
			continue
		}
		var call *node
		mentioned := 0
		n.visit(func(below *node) bool {
			if below.Kind == "Name" && below.Name == name {
				mentioned++
			}
			if below.Kind == "Call" && len(below.Arguments) == 1 && below.Arguments[0].Kind == "Starred" && below.Arguments[0].Value.Name == name {
				call = below
			}
			return true
		})
		if call == nil || mentioned != 1 || declared[call.Func.Name] == nil || len(n.Signature.Defaults) > 0 {
			continue
		}
		from := declared[call.Func.Name].Signature
		params := from.Params
		if len(params) > 0 && params[0].Name == "self" {
			params = params[1:]
		}
		call.Arguments = nil
		for _, a := range params {
			n.Signature.Params = append(n.Signature.Params, a)
			call.Arguments = append(call.Arguments, &node{Kind: "Name", Name: a.Name, Line: call.Line, EndLine: call.EndLine})
		}
		n.Signature.Defaults, n.Signature.Rest = from.Defaults, nil
	}
}

// passTuple gives a function whose *args but become a namedtuple its fields as parameters.
func (p *program) passTuple(n *node, name string) bool {
	var tuple *node
	mentioned := 0
	n.visit(func(below *node) bool {
		if below.Kind == "Name" && below.Name == name {
			mentioned++
		}
		if below.Kind == "Tuple" && p.tuples[below.Name] != nil && len(below.Elts) == 1 && below.Elts[0].Kind == "Starred" && below.Elts[0].Value.Name == name {
			tuple = below
		}
		return true
	})
	if tuple == nil || mentioned != 1 || len(n.Signature.Defaults) > 0 {
		return false
	}
	tuple.Elts, n.Signature.Rest = nil, nil
	for _, field := range p.tuples[tuple.Name] {
		n.Signature.Params = append(n.Signature.Params, &node{Kind: "arg", Name: field, Line: n.Line})
		tuple.Elts = append(tuple.Elts, &node{Kind: "Name", Name: field, Line: tuple.Line, EndLine: tuple.EndLine})
	}
	return true
}
