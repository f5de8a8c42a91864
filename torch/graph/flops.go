package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/internal/flops"
)

// FLOPs is how many floating point operations a graph takes.
type FLOPs struct {
	Total int
	Nodes []NodeFLOPs // those that count, in the order in which they run

	// Uncounted are the operators without a formula, each once: most of them work on one
	// element at a time. It also has cond, of which the branch that counts more is in Total,
	// and while_loop, of which one run of its body is.
	Uncounted []string
}

// NodeFLOPs is how many operations a node takes.
type NodeFLOPs struct {
	Node  *Node
	Depth int // how deep the node's graph is nested
	FLOPs int
}

// FLOPs counts floating point operations by PyTorch's formulas, which are about products
// and convolutions: 2·m·n·k for a product of matrices. The masks of attentions, biases, and
// operators on single elements count nothing. Graphs in graphs count as often as they run.
// symbols are the values of the sizes that the graph does not know; FLOPs fails on one that
// is not there.
//
// https://docs.pytorch.org/docs/stable/utils.html#torch.utils.flop_counter.FlopCounterMode
func (g *Graph) FLOPs(symbols map[string]int) (*FLOPs, error) {
	c := &flopCounter{symbols: symbols, uncounted: map[string]bool{}}
	nodes, err := c.graph(g, 0)
	if err != nil {
		return nil, err
	}
	f := &FLOPs{Nodes: nodes}
	for _, n := range nodes {
		f.Total += n.FLOPs
	}
	for target := range c.uncounted {
		f.Uncounted = append(f.Uncounted, target)
	}
	slices.Sort(f.Uncounted)
	return f, nil
}

// String returns a line for each node that counts, with the share of the total, and the
// operators without a formula.
func (f *FLOPs) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d FLOPs\n", f.Total)
	for _, n := range f.Nodes {
		share := 100 * float64(n.FLOPs) / float64(max(f.Total, 1))
		fmt.Fprintf(&b, "%12d %5.1f%%  %s%s = %s\n", n.FLOPs, share, strings.Repeat("  ", n.Depth), n.Node.Name, n.Node.Target)
	}
	if len(f.Uncounted) > 0 {
		fmt.Fprintf(&b, "not counted: %s\n", strings.Join(f.Uncounted, ", "))
	}
	return b.String()
}

type flopCounter struct {
	symbols   map[string]int
	uncounted map[string]bool
}

func (c *flopCounter) graph(g *Graph, depth int) (list []NodeFLOPs, err error) {
	for _, n := range g.Nodes {
		counted, err := c.node(n, depth)
		if err != nil {
			return nil, n.wrap(err)
		}
		list = append(list, counted...)
	}
	return list, nil
}

func (c *flopCounter) node(n *Node, depth int) ([]NodeFLOPs, error) {
	if onNumbers[n.Target] != nil {
		return nil, nil
	}
	if graphs := n.graphs(); len(graphs) > 0 {
		return c.nested(n, graphs, depth)
	}
	if !flops.Known(n.Target) {
		c.uncounted[n.Target] = true
		return nil, nil
	}
	var err error
	args := make([]any, 0, len(n.Inputs))
	for _, in := range n.Inputs {
		if in.Keyword {
			continue // no formula reads one
		}
		v, err := c.shapes(in.Value)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	results := make([]any, len(n.Outputs))
	for i, out := range n.Outputs {
		if results[i], err = c.shapes(out); err != nil {
			return nil, err
		}
	}
	count, ok := flops.Count(n.Target, args, results)
	if !ok {
		c.uncounted[n.Target] = true
		return nil, nil
	}
	return []NodeFLOPs{{n, depth, count}}, nil
}

// nested counts the graphs of a node.
func (c *flopCounter) nested(n *Node, graphs []*Graph, depth int) ([]NodeFLOPs, error) {
	lists, totals := make([][]NodeFLOPs, len(graphs)), make([]int, len(graphs))
	for i, g := range graphs {
		var err error
		if lists[i], err = c.graph(g, depth+1); err != nil {
			return nil, err
		}
		for _, counted := range lists[i] {
			totals[i] += counted.FLOPs
		}
	}
	times := 1
	switch n.Target {
	case "cond":
		c.uncounted[n.Target] = true
		return lists[slices.Index(totals, slices.Max(totals))], nil
	case "while_loop":
		c.uncounted[n.Target] = true
	case "map_impl", "scan":
		var err error
		if times, err = c.rows(n); err != nil {
			return nil, err
		}
	}
	all := slices.Concat(lists...)
	for i := range all {
		all[i].FLOPs *= times
	}
	return all, nil
}

// rows returns how many slices a node runs over.
func (c *flopCounter) rows(n *Node) (int, error) {
	at := 1
	if n.Target == "scan" {
		at = 2
	}
	if at < len(n.Inputs) {
		if list, ok := n.Inputs[at].Value.([]any); ok && len(list) > 0 {
			if v, ok := list[0].(*Value); ok && v.Type != nil && len(v.Type.Shape) > 0 {
				return v.Type.Shape[0].Value(c.symbols)
			}
		}
	}
	return 0, fmt.Errorf("the shape that %s runs over is not known", n.Target)
}

// shapes returns an argument with shapes in the place of tensors.
func (c *flopCounter) shapes(argument any) (any, error) {
	switch v := argument.(type) {
	case *Value:
		if v == nil || v.Type == nil {
			return nil, nil
		}
		return v.Type.sizes(c.symbols)
	case []*Value:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = item
		}
		return c.shapes(list)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			var err error
			if list[i], err = c.shapes(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return argument, nil
}

// sizes returns the shape as numbers.
func (t *TensorType) sizes(symbols map[string]int) ([]int, error) {
	list := make([]int, len(t.Shape))
	for i, size := range t.Shape {
		var err error
		if list[i], err = size.Value(symbols); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// graphs returns a node's arguments that are graphs.
func (n *Node) graphs() (list []*Graph) {
	for _, in := range n.Inputs {
		if g, ok := in.Value.(*Graph); ok && g != nil {
			list = append(list, g)
		}
	}
	return list
}
