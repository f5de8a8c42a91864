package graph

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// TraceOptions are the options of [Trace].
type TraceOptions struct {
	// Dynamic has for each input the names of those of its dimensions that may have another
	// size: {{0: "batch"}, {0: "batch", 1: "length"}}. Dimensions of one name have one size.
	// There may be three names.
	Dynamic []map[int]string
}

// Traced is a function as a graph.
type Traced struct {
	Graph     *Graph            // its inputs are the function's, and then the constants
	Constants []*torch.Tensor   // what the function uses, such as parameters
	Symbols   map[string]string // of each name of a dimension the symbol in the graph, such as "s0"
}

// Trace calls f with the inputs, without gradients, and returns the operators that it calls
// as a graph, for package export to write. Sizes that may differ are symbols in it: Trace
// calls f with several of them, to see what depends on them and how. So f must do the same
// for all sizes, and changes what it changes several times.
//
// It fails as [Capture] does, and where f calls other operators for other sizes, or passes
// numbers that are no products and sums of sizes.
//
// https://docs.pytorch.org/docs/stable/export.html#torch.export.export
func Trace(f func(inputs []*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor, options ...TraceOptions) (*Traced, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	s, err := newSpace(inputs, o.Dynamic)
	if err != nil {
		return nil, err
	}
	var runs []*Captured
	for _, point := range s.points() {
		var c *Captured
		torch.NoGrad(func() { c, err = record(f, s.inputs(inputs, o.Dynamic, point), false) })
		if err != nil {
			return nil, err
		}
		runs = append(runs, c)
	}
	t := &Traced{Graph: runs[0].Graph, Constants: runs[0].Constants, Symbols: map[string]string{}}
	for i, name := range s.names {
		t.Symbols[name] = s.symbol(i)
	}
	if len(s.names) == 0 {
		return t, nil
	}
	return t, s.generalize(runs, o.Dynamic)
}

// space is what the dynamic sizes of a traced function may be.
type space struct {
	names []string
	sizes []int // in the example
	nodes []*Node
	known map[string]*Value // of each expression that a node computes
}

const mostNames = 3

func newSpace(inputs []*torch.Tensor, dynamic []map[int]string) (*space, error) {
	s := &space{known: map[string]*Value{}}
	if len(dynamic) > len(inputs) {
		return nil, torch.Errorf("graph.Trace", torch.ValueError, "Dynamic has %d inputs, and there are %d", len(dynamic), len(inputs))
	}
	for i, names := range dynamic {
		if inputs[i] == nil {
			return nil, torch.Errorf("graph.Trace", torch.TypeError, "input %d is nil", i)
		}
		shape := inputs[i].Shape()
		for d := range len(shape) {
			name, ok := names[d]
			if !ok {
				continue
			}
			switch at := slices.Index(s.names, name); {
			case shape[d] < 2:
				return nil, torch.Errorf("graph.Trace", torch.ValueError,
					"input %d has the size %d in the dynamic dimension %d: an example of 2 or more tells it from what is always so", i, shape[d], d)
			case at < 0:
				s.names, s.sizes = append(s.names, name), append(s.sizes, shape[d])
			case s.sizes[at] != shape[d]:
				return nil, torch.Errorf("graph.Trace", torch.ValueError, "%s is %d, and %d in dimension %d of input %d", name, s.sizes[at], shape[d], d, i)
			}
		}
		for d := range names {
			if d < 0 || d >= len(shape) {
				return nil, torch.Errorf("graph.Trace", torch.IndexError, "input %d has no dimension %d", i, d)
			}
		}
	}
	if len(s.names) > mostNames {
		return nil, torch.Errorf("graph.Trace", torch.ValueError, "there are %d dynamic sizes, and at most %d can be told apart", len(s.names), mostNames)
	}
	return s, nil
}

func (s *space) symbol(i int) string { return fmt.Sprint("s", i) }

// The steps from one size to another: those of the grid from which expressions are found,
// and those by which they are checked.
const step, check = 2, 5

// points returns how much the sizes differ from the example's in each run: first all of
// the grid, the i-th bit of the number says whether size i does; then those that check it.
func (s *space) points() [][]int {
	n := len(s.names)
	var points [][]int
	for bits := range 1 << n {
		point := make([]int, n)
		for i := range point {
			point[i] = step * (bits >> i & 1)
		}
		points = append(points, point)
	}
	for i := range n {
		point := make([]int, n)
		point[i] = check
		points = append(points, point)
	}
	if n > 1 {
		points = append(points, slices.Repeat([]int{check}, n))
	}
	return points
}

// inputs returns the inputs with other sizes: what is there, again and again.
func (s *space) inputs(inputs []*torch.Tensor, dynamic []map[int]string, point []int) []*torch.Tensor {
	if !slices.ContainsFunc(point, func(n int) bool { return n != 0 }) {
		return inputs
	}
	list := slices.Clone(inputs)
	for i, names := range dynamic {
		for d, name := range names {
			at := slices.Index(s.names, name)
			n := s.sizes[at]
			rows := torch.Arange(0, n+point[at], 1).Remainder(n)
			list[i] = list[i].IndexSelect(d, rows)
		}
	}
	return list
}

// generalize puts expressions into the place of numbers that differ from run to run.
func (s *space) generalize(runs []*Captured, dynamic []map[int]string) error {
	g := runs[0].Graph
	for _, r := range runs[1:] {
		if len(r.Graph.Nodes) != len(g.Nodes) || len(r.Constants) != len(runs[0].Constants) {
			return torch.Errorf("graph.Trace", torch.RuntimeError,
				"the function calls %d operators for the sizes of the example, and %d for others", len(g.Nodes), len(r.Graph.Nodes))
		}
		for i, c := range r.Constants {
			if !slices.Equal(c.Shape(), runs[0].Constants[i].Shape()) {
				return torch.Errorf("graph.Trace", torch.RuntimeError, "a tensor that the function makes of Go's numbers is of %v, and %v for other sizes: make it by operators",
					runs[0].Constants[i].Shape(), c.Shape())
			}
		}
	}
	for i, v := range g.Inputs {
		if err := s.value(v, ofEach(runs, func(r *Captured) *Value { return r.Graph.Inputs[i] })); err != nil {
			return err
		}
		if i < len(dynamic) {
			s.measure(v, dynamic[i])
		}
	}
	for i, n := range g.Nodes {
		others := ofEach(runs, func(r *Captured) *Node { return r.Graph.Nodes[i] })
		if err := s.node(n, others); err != nil {
			return n.wrap(err)
		}
	}
	g.Nodes = append(s.nodes, g.Nodes...)
	return nil
}

// ofEach returns f of each run.
func ofEach[T any](runs []*Captured, f func(*Captured) T) []T {
	list := make([]T, len(runs))
	for i, r := range runs {
		list[i] = f(r)
	}
	return list
}

// measure makes the nodes that read the dynamic sizes of an input, where none has yet.
func (s *space) measure(v *Value, names map[int]string) {
	for d := range v.Type.Shape {
		name, ok := names[d]
		if !ok {
			continue
		}
		i := slices.Index(s.names, name)
		if s.known[s.symbol(i)] == nil {
			s.compute(s.symbol(i), s.sizes[i], "sym_size", "aten::sym_size.int", v, d)
		}
	}
}

// compute makes a node that computes a size.
func (s *space) compute(expression string, n int, name, target string, args ...any) *Value {
	if v := s.known[expression]; v != nil {
		return v
	}
	v := &Value{Name: fmt.Sprintf("%s_%d", name, len(s.nodes)), Size: &Size{N: n, Symbol: expression}}
	node := &Node{Name: v.Name, Target: target, Outputs: []any{v}}
	for i, a := range args {
		node.Inputs = append(node.Inputs, Input{Name: []string{"self", "dim"}[i], Value: a})
	}
	s.nodes = append(s.nodes, node)
	s.known[expression] = v
	return v
}

// node puts expressions into a node's arguments and results.
func (s *space) node(n *Node, others []*Node) error {
	for _, o := range others {
		if o.Target != n.Target || len(o.Inputs) != len(n.Inputs) || len(o.Outputs) != len(n.Outputs) {
			return fmt.Errorf("the function calls %s for the sizes of the example, and %s for others", n.Target, o.Target)
		}
	}
	for i := range n.Inputs {
		values := make([]any, len(others))
		for j, o := range others {
			values[j] = o.Inputs[i].Value
		}
		var err error
		if n.Inputs[i].Value, err = s.argument(n.Inputs[i].Value, values); err != nil {
			return fmt.Errorf("argument %s: %w", n.Inputs[i].Name, err)
		}
	}
	for i := range n.Outputs {
		var lists [][]*Value
		for _, o := range others {
			var list []*Value
			each(o.Outputs[i], func(v *Value) { list = append(list, v) })
			lists = append(lists, list)
		}
		for j, v := range lists[0] {
			if v == nil {
				continue
			}
			column := make([]*Value, len(lists))
			for k, list := range lists {
				if len(list) != len(lists[0]) {
					return fmt.Errorf("it gives %d tensors for the sizes of the example, and %d for others", len(lists[0]), len(list))
				}
				column[k] = list[j]
			}
			if err := s.value(v, column); err != nil {
				return err
			}
		}
	}
	return nil
}

// argument returns an argument with values that compute what differs.
func (s *space) argument(argument any, others []any) (any, error) {
	switch a := argument.(type) {
	case *Value, *Graph:
		return a, nil
	case []any:
		list := make([]any, len(a))
		for i := range a {
			column := make([]any, len(others))
			for j, o := range others {
				items, ok := o.([]any)
				if !ok || len(items) != len(a) {
					return nil, fmt.Errorf("it is a list of %d for the sizes of the example, and another for others", len(a))
				}
				column[j] = items[i]
			}
			var err error
			if list[i], err = s.argument(a[i], column); err != nil {
				return nil, err
			}
		}
		return list, nil
	case int:
		numbers := make([]int, len(others))
		for i, o := range others {
			n, ok := o.(int)
			if !ok {
				return nil, fmt.Errorf("it is %v for the sizes of the example, and %v for others", a, o)
			}
			numbers[i] = n
		}
		p, err := s.fit(numbers)
		if err != nil {
			return nil, err
		}
		return s.build(p, a), nil
	}
	for _, o := range others {
		if o != argument {
			return nil, fmt.Errorf("it is %v for the sizes of the example, and %v for others: a graph computes integers of sizes only", argument, o)
		}
	}
	return argument, nil
}

// value puts expressions into what is known of a value.
func (s *space) value(v *Value, others []*Value) error {
	if v.Type == nil {
		return nil
	}
	lists := func(of func(*TensorType) []Size) error {
		for d := range of(v.Type) {
			numbers := make([]int, len(others))
			for i, o := range others {
				sizes := of(o.Type)
				if len(sizes) != len(of(v.Type)) {
					return fmt.Errorf("%s has %d dimensions for the sizes of the example, and %d for others", v.Name, len(of(v.Type)), len(sizes))
				}
				numbers[i] = sizes[d].N
			}
			p, err := s.fit(numbers)
			if err != nil {
				return fmt.Errorf("the shape of %s: %w", v.Name, err)
			}
			if !p.constant() {
				of(v.Type)[d].Symbol = p.String()
			}
		}
		return nil
	}
	if err := lists(func(t *TensorType) []Size { return t.Shape }); err != nil {
		return err
	}
	return lists(func(t *TensorType) []Size { return t.Stride })
}
