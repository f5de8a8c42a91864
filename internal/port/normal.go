package port

import "strings"

// normalize rewrites what Python has several forms of into one.
func (p *program) normalize(s *source) {
	s.tree.visit(func(n *node) bool {
		switch {
		case n.Kind == "If":
			n.Test = mergedInstances(n.Test)
		case n.Kind == "Call" && n.Func.Kind == "Name" && p.tuples[n.Func.Name] && len(n.Keywords) == 0:
			n.Kind, n.Elts, n.Func, n.Arguments = "Tuple", n.Arguments, nil, nil
		}
		return true
	})
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
		return p.tuples[t.Value.Name] && t.Name == "__annotations__"
	case n.Value.Kind == "Call" && p.path(n.Value.Func) == "collections.namedtuple", n.Value.Kind == "Name" && p.tuples[n.Value.Name]:
		p.tuples[t.Name] = true
		return true
	}
	return false
}

// splitAssignments writes A, B = 1, 2 as two statements.
func splitAssignments(body []*node) (list []*node) {
	for _, n := range body {
		if n.Kind != "Assign" || len(n.Targets) != 1 || n.Targets[0].Kind != "Tuple" || n.Value.Kind != "Tuple" || !isData(n.Value) || len(n.Targets[0].Elts) != len(n.Value.Elts) {
			list = append(list, n)
			continue
		}
		for i, t := range n.Targets[0].Elts {
			one := *n
			one.Targets, one.Value = []*node{t}, n.Value.Elts[i]
			list = append(list, &one)
		}
	}
	return list
}

// passOn gives a function the parameters that it passes on by *args to another one of the
// file, which it calls once.
func (p *program) passOn(s *source) {
	declared := map[string]*node{}
	for _, n := range s.tree.Body {
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
	for _, n := range s.tree.Body {
		if n.Kind != "FunctionDef" || n.Signature.Rest == nil {
			continue
		}
		name := n.Signature.Rest.Name
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
