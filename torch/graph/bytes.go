package graph

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

// Bytes is how much memory a graph's tensors take.
type Bytes struct {
	Arguments, Parameters, Buffers, Constants int // the inputs, which are there before it runs

	Nodes []NodeBytes // in the order in which they run

	// Peak is the most bytes that values of the graph hold at once, without its inputs, and
	// PeakNode is where that is; nil if there is no node.
	Peak     int
	PeakNode *Node
}

// NodeBytes is how much memory a node works on.
type NodeBytes struct {
	Node    *Node
	Depth   int // how deep the node's graph is nested
	Read    int // the tensors among its arguments
	Written int // its results, but views, and what it changes in place
	Live    int // the values that the graph has made and that are alive while the node runs
}

// Bytes counts the bytes of tensors: of the inputs, what each node reads and writes as if
// it read all of its arguments once, and how many are alive, from where a value is made to
// where it or a view of it is used for the last time. An operator that may give a view is
// counted as if it did; memory that a kernel needs for itself is not known. Graphs in
// graphs are counted for one run. symbols are the values of the sizes that the graph does
// not know; Bytes fails on one that is not there, and on an operator that there is not.
func (g *Graph) Bytes(symbols map[string]int) (*Bytes, error) {
	c := &byteCounter{symbols: symbols}
	if err := g.whole(); err != nil {
		return nil, err
	}
	b := &Bytes{}
	for _, v := range g.Inputs {
		n, err := v.bytes(symbols)
		if err != nil {
			return nil, err
		}
		switch v.Role {
		case Parameter:
			b.Parameters += n
		case Buffer:
			b.Buffers += n
		case Constant:
			b.Constants += n
		default:
			b.Arguments += n
		}
	}
	var err error
	if b.Nodes, err = c.graph(g, 0, 0); err != nil {
		return nil, err
	}
	for _, n := range b.Nodes {
		if n.Live >= b.Peak && (n.Live > b.Peak || b.PeakNode == nil) {
			b.Peak, b.PeakNode = n.Live, n.Node
		}
	}
	return b, nil
}

// String returns a line for each node, and the sums.
func (b *Bytes) String() string {
	if b == nil {
		return "nil"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "arguments %d, parameters %d, buffers %d, constants %d bytes\n%12s %12s %12s\n",
		b.Arguments, b.Parameters, b.Buffers, b.Constants, "read", "written", "live")
	for _, n := range b.Nodes {
		if n.Node == nil {
			continue
		}
		fmt.Fprintf(&text, "%12d %12d %12d  %s%s = %s\n", n.Read, n.Written, n.Live, strings.Repeat("  ", n.Depth), n.Node.Name, n.Node.Target)
	}
	if b.PeakNode != nil {
		fmt.Fprintf(&text, "at most %d bytes at once, at %s\n", b.Peak, b.PeakNode.Name)
	}
	return text.String()
}

// bytes returns how many bytes a value's elements take, 0 for what is no tensor.
func (v *Value) bytes(symbols map[string]int) (int, error) {
	if v == nil || v.Type == nil {
		return 0, nil
	}
	return v.Type.Bytes(symbols)
}

// Bytes returns how many bytes the elements take. symbols are the values of the sizes that
// are not numbers; it fails on one that is not there.
func (t *TensorType) Bytes(symbols map[string]int) (int, error) {
	if t == nil {
		return 0, errors.New("there is no type")
	}
	list, err := t.sizes(symbols)
	if err != nil {
		return 0, err
	}
	n := t.DType.ItemSize()
	for _, size := range list {
		var fits bool
		if n, fits = mul(n, size); !fits || n < 0 {
			return 0, fmt.Errorf("a tensor of the sizes %v has more bytes than an int counts", list)
		}
	}
	return n, nil
}

type byteCounter struct{ symbols map[string]int }

// memory is what a value and its views share.
type memory struct {
	bytes int // 0 for an input's
	last  int // the node that uses it for the last time
}

// graph counts the nodes of a graph, with so many bytes alive outside of it.
func (c *byteCounter) graph(g *Graph, outside, depth int) (list []NodeBytes, err error) {
	if err := g.whole(); err != nil {
		return nil, err
	}
	memories := map[*Value]*memory{}
	made := make([][]*memory, len(g.Nodes)) // by each node
	for _, v := range g.Inputs {
		memories[v] = &memory{}
	}
	for i, n := range g.Nodes {
		if made[i], err = c.assign(n, i, memories); err != nil {
			return nil, n.wrap(err)
		}
	}
	for _, out := range g.Outputs {
		each(out, func(v *Value) {
			if m := memories[v]; m != nil {
				m.last = len(g.Nodes)
			}
		})
	}
	live := outside
	var alive []*memory
	for i, n := range g.Nodes {
		before := live
		for _, m := range made[i] {
			live += m.bytes
		}
		alive = append(alive, made[i]...)
		counted, err := c.node(n, before, live, depth)
		if err != nil {
			return nil, n.wrap(err)
		}
		list = append(list, counted...)
		alive = slices.DeleteFunc(alive, func(m *memory) bool {
			if m.last <= i {
				live -= m.bytes
			}
			return m.last <= i
		})
	}
	return list, nil
}

// assign notes which memory a node uses, and returns what it makes.
func (c *byteCounter) assign(n *Node, i int, memories map[*Value]*memory) (made []*memory, err error) {
	for _, in := range n.Inputs {
		each(in.Value, func(v *Value) {
			if m := memories[v]; m != nil {
				m.last = i
			}
		})
	}
	sources, err := n.aliases()
	if err != nil {
		return nil, err
	}
	for k, out := range n.Outputs {
		each(out, func(v *Value) {
			if v == nil || err != nil {
				return
			}
			if k < len(sources) && sources[k] != nil && memories[sources[k]] != nil {
				memories[v] = memories[sources[k]]
				memories[v].last = i
				return
			}
			var bytes int
			if bytes, err = v.bytes(c.symbols); err == nil {
				memories[v] = &memory{bytes, i}
				made = append(made, memories[v])
			}
		})
	}
	return made, err
}

// node counts a node, and those of its graphs, which make what the node gives; map and scan
// stack that while it is there.
func (c *byteCounter) node(n *Node, before, live, depth int) ([]NodeBytes, error) {
	counted := NodeBytes{Node: n, Depth: depth, Live: live}
	written, err := n.changes()
	if err != nil {
		return nil, err
	}
	sources, err := n.aliases()
	if err != nil {
		return nil, err
	}
	read := map[*Value]bool{}
	for _, in := range n.Inputs {
		each(in.Value, func(v *Value) { read[v] = true })
	}
	for k, out := range n.Outputs {
		if k >= len(sources) || sources[k] == nil {
			each(out, func(v *Value) { written[v] = true })
		}
	}
	for _, sum := range []struct {
		values map[*Value]bool
		to     *int
	}{{read, &counted.Read}, {written, &counted.Written}} {
		for v := range maps.Keys(sum.values) {
			bytes, err := v.bytes(c.symbols)
			if err != nil {
				return nil, err
			}
			*sum.to += bytes
		}
	}
	list := []NodeBytes{counted}
	if n.Target == "map_impl" || n.Target == "scan" {
		before = live
	}
	for _, g := range n.graphs() {
		inner, err := c.graph(g, before, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, inner...)
	}
	return list, nil
}

// schema returns the schema of a node's operator; nil for one on numbers or graphs.
func (n *Node) schema() (*schema.Schema, error) {
	if onNumbers[n.Target] != nil || higherOrder(n.Target) != nil {
		return nil, nil
	}
	op, err := torch.Op(n.Target)
	if err != nil {
		return nil, err
	}
	return internals.SchemaOf(op), nil
}

// argument returns a node's argument for a parameter of its operator's schema.
func (n *Node) argument(s *schema.Schema, parameter int) any {
	if parameter < len(n.Inputs) && !n.Inputs[parameter].Keyword {
		return n.Inputs[parameter].Value
	}
	for _, in := range n.Inputs {
		if in.Keyword && in.Name == s.Arguments[parameter].Name {
			return in.Value
		}
	}
	return nil
}

// aliases returns, for each result, the argument whose memory it shares, or nil.
func (n *Node) aliases() ([]*Value, error) {
	s, err := n.schema()
	if s == nil {
		return nil, err
	}
	sources := make([]*Value, len(s.Results))
	for k, result := range s.Results {
		shared, _ := sharing(result.Type)
		for i, a := range s.Arguments {
			if name, _ := sharing(a.Type); name != "" && name == shared {
				sources[k], _ = n.argument(s, i).(*Value)
			}
		}
		if s.Name == "aten::to" && sources[k] != nil && !n.keepsDType(k, sources[k]) {
			sources[k] = nil
		}
	}
	return sources, nil
}

// keepsDType reports whether a result may be a view of a value: it has its dtype.
func (n *Node) keepsDType(result int, of *Value) bool {
	if result >= len(n.Outputs) {
		return true
	}
	v, ok := n.Outputs[result].(*Value)
	return !ok || v == nil || v.Type == nil || of.Type == nil || v.Type.DType == of.Type.DType
}

// sharing returns the name of the memory that an argument or a result shares, and whether it
// is written to.
func sharing(t *schema.Type) (name string, written bool) {
	if t.Alias == "" && t.Element != nil {
		t = t.Element
	}
	return strings.CutSuffix(t.Alias, "!")
}

// changes returns the tensors that a node changes in place.
func (n *Node) changes() (map[*Value]bool, error) {
	values := map[*Value]bool{}
	s, err := n.schema()
	if s == nil {
		return values, err
	}
	for i, a := range s.Arguments {
		if _, written := sharing(a.Type); written {
			each(n.argument(s, i), func(v *Value) { values[v] = true })
		}
	}
	return values, nil
}
