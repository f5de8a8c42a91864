package port

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
