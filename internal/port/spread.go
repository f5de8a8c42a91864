package port

import (
	"slices"
)

// Dicts that hold but keyword arguments of loaders, as PyTorch's examples have them: made at
// once, filled by others, perhaps under a condition, and passed on by **.

// loaderDefaults are what a DataLoader takes where a condition does not hold.
var loaderDefaults = map[string]*node{
	"num_workers": defaultNode("0", 0), "shuffle": falseNode, "pin_memory": falseNode, "drop_last": falseNode,
	"persistent_workers": falseNode,
}

var falseNode = defaultNode("False", 0)

// spreader follows the dicts of a function.
type spreader struct {
	program *program
	dicts   map[string][]*node // by name, the keywords that they hold
	spread  map[*node][]*node  // by the calls that they are passed to
	gone    map[*node]bool     // the statements that they are made by
	fails   bool               // something else is done with one
}

// spreadKeywords writes DataLoader(set, **arguments) with the arguments themselves.
func (p *program) spreadKeywords(body []*node) []*node {
	for _, n := range body {
		if n.Kind == "FunctionDef" {
			n.Body = p.spreadKeywords(n.Body)
		}
	}
	s := &spreader{program: p, dicts: map[string][]*node{}, spread: map[*node][]*node{}, gone: map[*node]bool{}}
	s.statements(body, nil)
	if s.fails || len(s.spread) == 0 {
		return body
	}
	for call, list := range s.spread {
		call.Keywords = append(call.Keywords[:len(call.Keywords)-1:len(call.Keywords)-1], list...)
	}
	return s.left(body)
}

// left returns the statements that are left.
func (s *spreader) left(body []*node) (list []*node) {
	for _, n := range body {
		empty := len(n.Body) == 0
		if n.Kind == "If" {
			n.Body = s.left(n.Body)
		}
		if !s.gone[n] && (empty || len(n.Body) > 0) {
			list = append(list, n)
		}
	}
	return list
}

// statements follows a body that runs where a condition holds, nil for always.
func (s *spreader) statements(body []*node, condition *node) {
	for _, n := range body {
		switch {
		case n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Name" && s.keywords(n.Value) != nil:
			s.dicts[n.Targets[0].Name] = slices.Clone(s.keywords(n.Value))
			s.gone[n] = true
		case n.Kind == "Expr" && n.Value.Kind == "Call" && n.Value.Func.Kind == "Attribute" && n.Value.Func.Name == "update" &&
			s.dicts[n.Value.Func.Value.Name] != nil && len(n.Value.Arguments) == 1 && s.keywords(n.Value.Arguments[0]) != nil:
			s.update(n.Value.Func.Value.Name, s.keywords(n.Value.Arguments[0]), condition)
			s.gone[n] = true
		case n.Kind == "Assign" && len(n.Targets) == 1 && n.Targets[0].Kind == "Subscript" && s.dicts[n.Targets[0].Value.Name] != nil && isText(n.Targets[0].Slice):
			s.update(n.Targets[0].Value.Name, []*node{keywordOf(n.Targets[0].Slice.Constant, n.Value)}, condition)
			s.gone[n] = true
		case n.Kind == "If" && n.Test.Kind == "Name" && len(n.Orelse) == 0 && condition == nil:
			s.statements(n.Body, n.Test)
		default:
			s.other(n)
		}
	}
}

// keywords returns the arguments that a dict holds: one that is written out, or in a variable.
func (s *spreader) keywords(n *node) (list []*node) {
	if n.Kind == "Name" {
		return s.dicts[n.Name]
	}
	if n.Kind != "Dict" {
		return nil
	}
	for i, k := range n.Keys {
		if k == nil || !isText(k) {
			return nil
		}
		list = append(list, keywordOf(k.Constant, n.Values[i]))
	}
	return list
}

func keywordOf(name string, v *node) *node {
	return &node{Kind: "keyword", Name: name, Value: v, Line: v.Line, EndLine: v.EndLine, Col: v.Col, EndCol: v.EndCol}
}

// update puts arguments into a dict.
func (s *spreader) update(name string, list []*node, condition *node) {
	for _, k := range list {
		i := slices.IndexFunc(s.dicts[name], func(other *node) bool { return other.Name == k.Name })
		before := loaderDefaults[k.Name]
		if i >= 0 {
			before = s.dicts[name][i].Value
		}
		if condition != nil {
			if before == nil {
				s.fails = true
				return
			}
			v := &node{Kind: "IfExp", Test: condition, Then: k.Value, Other: before, Line: k.Line, EndLine: k.EndLine}
			if yes, constant := boolConstant(k.Value); constant && yes && before == falseNode {
				v = condition
			}
			k = keywordOf(k.Name, v)
		}
		if i >= 0 {
			s.dicts[name][i] = k
		} else {
			s.dicts[name] = append(s.dicts[name], k)
		}
	}
}

// other looks for loaders that are given a dict, and for other uses.
func (s *spreader) other(n *node) {
	passed := map[*node]bool{}
	n.visit(func(c *node) bool {
		if c.Kind != "Call" || len(c.Keywords) == 0 || s.program.path(c.Func) != "torch.utils.data.DataLoader" {
			return true
		}
		if last := c.Keywords[len(c.Keywords)-1]; last.Name == "" && last.Value.Kind == "Name" && s.dicts[last.Value.Name] != nil {
			s.spread[c] = slices.Clone(s.dicts[last.Value.Name])
			passed[last.Value] = true
		}
		return true
	})
	n.names(func(name *node) { s.fails = s.fails || s.dicts[name.Name] != nil && !passed[name] })
}
