// Package graph is programs of libtorch's operators as data: which operators, in which
// order, of which values.
//
// [Capture] makes one of a Go function, such as a training step, and runs it again in one
// call. [Trace] makes one for other sizes, which package export writes for Python; that
// package also reads graphs from PyTorch's .pt2 files. A [Graph] prints itself as a
// program, is walked by its Nodes, counted by FLOPs and Bytes, drawn by DOT, and runs, once
// [Graph.Prepare] has looked up its operators.
//
// https://docs.pytorch.org/docs/stable/fx.html
package graph

import (
	"errors"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// Graph is a program: nodes, in the order in which they run.
type Graph struct {
	Inputs  []*Value
	Nodes   []*Node
	Outputs []any // what it gives: arguments, as those of a node
	Single  bool  // a graph in another one, in Python: it gives its output itself, not in a tuple
}

// Value is what an input or a node gives: a tensor, a number, or a list of tensors.
type Value struct {
	Name string
	Type *TensorType // what is known of a tensor; nil for other values
	Size *Size       // what is known of a number; nil for other values
	Role Role        // of an input of the graph

	slot int // where the runner keeps it
}

// Role is what an input of a graph is to the program that the graph belongs to.
type Role string

// The roles of inputs.
const (
	Argument  Role = ""          // what the caller gives
	Parameter Role = "parameter" // a weight that is trained
	Buffer    Role = "buffer"    // a tensor that the program may change
	Constant  Role = "constant"
)

// TensorType is what is known of a tensor before the graph runs.
type TensorType struct {
	DType        torch.DType
	Shape        []Size
	Stride       []Size       // nil for those of a contiguous tensor
	Layout       torch.Layout // default: torch.Strided
	Device       torch.Device
	RequiresGrad bool
}

// Size is a number that may depend on the sizes of the inputs.
type Size struct {
	N      int        // the number; with a symbol what it was in the example, 0 if none is known
	Symbol string     // such as "s38" or "2*s38"; "" for the number N
	Kind   NumberKind // of a value; sizes are integers
}

// NumberKind is what kind of number a value is.
type NumberKind string

// The kinds of numbers.
const (
	Int   NumberKind = "" // an integer, such as a size
	Bool  NumberKind = "bool"
	Float NumberKind = "float"
)

// Node is the call of an operator.
type Node struct {
	Name    string // of the node, such as "linear_1"
	Target  string // the operator: "aten::linear", "_operator.add" for numbers, "cond" for graphs
	Inputs  []Input
	Outputs []any  // *Value, nil for what is not there, or []*Value for a list of tensors
	Where   string // in the source, such as "model.py:12 in forward: return F.linear(x, w)"
	Module  string // in the network, such as "encoder.fc1"
	Single  bool   // of graphs, in Python: it gives its output itself, not in a tuple

	call call // what the runner calls; nil until it is prepared
	dead []int
}

// Input is an argument of a node. Its value is nil, a bool, int, float64, complex128,
// string, [torch.DType], [torch.Layout], [torch.MemoryFormat], [torch.Device], a *[Value],
// a *[Graph], or a []any of these.
type Input struct {
	Name    string
	Keyword bool
	Value   any
}

// whole fails on a graph that lacks a part: an input or a node that is nil, or itself.
func (g *Graph) whole() error {
	switch {
	case g == nil:
		return errors.New("the graph is nil")
	case slices.Contains(g.Inputs, nil):
		return errors.New("an input of the graph is nil")
	case slices.Contains(g.Nodes, nil):
		return errors.New("a node of the graph is nil")
	}
	return nil
}

// each calls visit for the values in an argument.
func each(argument any, visit func(*Value)) {
	switch v := argument.(type) {
	case *Value:
		visit(v)
	case []any:
		for _, item := range v {
			each(item, visit)
		}
	case []*Value:
		for _, item := range v {
			visit(item)
		}
	}
}

// Walk calls visit for each node, and for those of the graphs in it, with how deep they
// are nested.
func (g *Graph) Walk(visit func(n *Node, depth int)) { g.walk(visit, 0) }

func (g *Graph) walk(visit func(n *Node, depth int), depth int) {
	if g == nil || visit == nil {
		return
	}
	for _, n := range g.Nodes {
		if n == nil {
			continue
		}
		visit(n, depth)
		for _, in := range n.Inputs {
			if nested, ok := in.Value.(*Graph); ok {
				nested.walk(visit, depth+1)
			}
		}
	}
}
