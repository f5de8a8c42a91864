package port

// Python's functions of sequences are comprehensions, as the translation has those.

// rewriteSequences writes map, filter, reversed, zip and the like as comprehensions and
// slices, where they are no loop's.
func (p *program) rewriteSequences(s *source) {
	loops := map[*node]bool{}
	mark := func(iter *node) {
		for iter != nil && iter.Kind == "Call" && iter.Func.Kind == "Name" {
			loops[iter] = true
			switch iter.Func.Name {
			case "enumerate", "list", "tuple", "tqdm":
				if len(iter.Arguments) > 0 {
					iter = iter.Arguments[0]
					continue
				}
			}
			return
		}
	}
	s.tree.visit(func(n *node) bool {
		if n.Kind == "For" {
			mark(n.Iter)
		}
		for _, g := range n.Generators {
			mark(g.Iter)
		}
		return true
	})
	s.tree.visit(func(n *node) bool {
		p.rewriteProduct(n)
		return true
	})
	s.tree.visit(func(n *node) bool {
		if n.Kind == "Call" && p.path(n.Func) == "itertools.chain" && len(n.Keywords) == 0 && !starred(n.Arguments) {
			list := &node{Kind: "List"}
			for _, a := range n.Arguments {
				list.Elts = append(list.Elts, &node{Kind: "Starred", Value: a})
			}
			n.become(list)
		}
		if n.Kind != "Call" || n.Func.Kind != "Name" || p.declares(s, n.Func.Name) {
			return true
		}
		switch name := n.Func.Name; {
		case name == "map" && len(n.Arguments) == 2:
			n.become(mapped(n))
		case name == "filter" && len(n.Arguments) == 2:
			n.become(filtered(n))
		case name == "reversed" && !loops[n] && len(n.Arguments) == 1:
			minus := &node{Kind: "UnaryOp", Op: "USub", Operand: &node{Kind: "Constant", Type: "int", Constant: "1"}}
			of := n.Arguments[0]
			if of.Kind == "Call" && of.Func.Name == "list" && len(of.Arguments) == 1 {
				of = of.Arguments[0]
			}
			n.become(&node{Kind: "Subscript", Value: of, Slice: &node{Kind: "Slice", Step: minus}})
		case name == "zip" && !loops[n] && len(n.Arguments) > 1 && !starred(n.Arguments):
			n.become(zippedList(n))
			loops[n.Generators[0].Iter] = true
		case name == "enumerate" && !loops[n] && len(n.Arguments) == 1 && len(n.Keywords) == 0:
			n.become(zippedList(n))
			loops[n.Generators[0].Iter] = true
		}
		return true
	})
}

// declares reports whether a file has a function or class of its own of a name.
func (p *program) declares(s *source, name string) bool {
	for _, n := range s.tree.Body {
		if (n.Kind == "FunctionDef" || n.Kind == "ClassDef") && n.Name == name {
			return true
		}
	}
	return p.imports[name] != ""
}

// become makes a node another one, at its place.
func (n *node) become(other *node) {
	at := *n
	located(other, &at)
	other.Line, other.EndLine, other.Col, other.EndCol = at.Line, at.EndLine, at.Col, at.EndCol
	*n = *other
}

func starred(list []*node) bool {
	for _, n := range list {
		if n.Kind == "Starred" {
			return true
		}
	}
	return false
}

func name(text string) *node { return &node{Kind: "Name", Name: text} }

// mapped returns map(f, list) as a comprehension.
func mapped(n *node) *node {
	f := n.Arguments[0]
	target, element := name("x"), &node{Kind: "Call", Func: f, Arguments: []*node{name("x")}}
	if f.Kind == "Lambda" && len(f.Signature.Params) == 1 {
		target, element = name(f.Signature.Params[0].Name), f.Value
	} else if f.Kind == "Attribute" && f.Value.Kind == "Name" && f.Value.Name == "str" {
		element = &node{Kind: "Call", Func: &node{Kind: "Attribute", Name: f.Name, Value: name("x")}}
	}
	return &node{Kind: "GeneratorExp", Elt: element, Generators: []*node{{Kind: "comprehension", Target: target, Iter: n.Arguments[1]}}}
}

// filtered returns filter(f, list) as a comprehension.
func filtered(n *node) *node {
	f := n.Arguments[0]
	target, test := name("x"), &node{Kind: "Call", Func: f, Arguments: []*node{name("x")}}
	switch {
	case f.Kind == "Lambda" && len(f.Signature.Params) == 1:
		target, test = name(f.Signature.Params[0].Name), f.Value
	case f.Type == "NoneType":
		test = name("x")
	}
	return &node{Kind: "GeneratorExp", Elt: name(target.Name), Generators: []*node{{Kind: "comprehension", Target: target, Iter: n.Arguments[1], Ifs: []*node{test}}}}
}

// zippedList returns zip(a, b) or enumerate(a) as a comprehension of tuples.
func zippedList(n *node) *node {
	loop := *n
	target, element := &node{Kind: "Tuple"}, &node{Kind: "Tuple"}
	count := len(n.Arguments)
	if n.Func.Name == "enumerate" {
		count = 2
	}
	for i := range count {
		text := "xyzuvw"[i%6 : i%6+1]
		switch {
		case n.Func.Name == "enumerate" && i == 0:
			text = "i"
		case n.Func.Name == "zip":
			if of := n.Arguments[i]; of.Kind == "Name" && singular(of.Name) != of.Name+"Item" {
				text = singular(of.Name)
			}
		}
		target.Elts, element.Elts = append(target.Elts, name(text)), append(element.Elts, name(text))
	}
	return &node{Kind: "ListComp", Elt: element, Generators: []*node{{Kind: "comprehension", Target: target, Iter: &loop}}}
}

// rewriteProduct writes a loop over itertools.product as loops within each other.
func (p *program) rewriteProduct(n *node) {
	isProduct := func(iter, target *node) bool {
		return iter != nil && iter.Kind == "Call" && p.path(iter.Func) == "itertools.product" && len(iter.Keywords) == 0 && !starred(iter.Arguments) &&
			target.Kind == "Tuple" && len(target.Elts) == len(iter.Arguments) && len(iter.Arguments) > 1
	}
	switch {
	case n.Kind == "For" && isProduct(n.Iter, n.Target) && len(n.Orelse) == 0 && !breaks(n.Body):
		targets, lists := n.Target.Elts, n.Iter.Arguments
		for i := len(lists) - 1; i > 0; i-- {
			inner := *n
			inner.Target, inner.Iter = targets[i], lists[i]
			n.Body = []*node{&inner}
		}
		n.Target, n.Iter = targets[0], lists[0]
	case len(n.Generators) == 1 && isProduct(n.Generators[0].Iter, n.Generators[0].Target):
		g := n.Generators[0]
		n.Generators = nil
		for i, list := range g.Iter.Arguments {
			n.Generators = append(n.Generators, &node{Kind: "comprehension", Target: g.Target.Elts[i], Iter: list, Line: g.Line})
		}
		n.Generators[len(n.Generators)-1].Ifs = g.Ifs
	}
}
