package graph

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// call runs a node: it takes the arguments by position and by name, and returns the
// results.
type call func(args []any, kwargs map[string]any) ([]any, error)

// Program is a graph that is ready to run. Several goroutines may run it at once.
type Program struct {
	graph *Graph
	slots int
	pool  sync.Pool // of slots
	plans plans
}

// Prepare looks up the operators of a graph and of those in it, and when each value is
// used for the last time. It fails, and says which node it is, on an operator that there
// is not, and on a value that is used before it is there.
func (g *Graph) Prepare() (*Program, error) {
	if err := g.whole(); err != nil {
		return nil, err
	}
	p := &Program{graph: g}
	slots := map[*Value]bool{}
	last := map[*Value]*Node{}
	define := func(v *Value) error {
		if v == nil {
			return nil
		}
		if slots[v] {
			return fmt.Errorf("the value %s is given twice", brief.Text(v.Name))
		}
		slots[v] = true
		v.slot = p.slots
		p.slots++
		return nil
	}
	for _, v := range g.Inputs {
		if err := define(v); err != nil {
			return nil, err
		}
	}
	for _, n := range g.Nodes {
		if err := n.prepare(slots, last); err != nil {
			return nil, n.wrap(err)
		}
		for _, out := range n.Outputs {
			var err error
			each(out, func(v *Value) { err = errors.Join(err, define(v)) })
			if err != nil {
				return nil, n.wrap(err)
			}
		}
	}
	kept := map[*Value]bool{}
	for _, v := range g.Inputs {
		kept[v] = true // they are the caller's
	}
	var missing error
	for _, out := range g.Outputs {
		each(out, func(v *Value) {
			kept[v] = true
			if !slots[v] {
				missing = fmt.Errorf("the output %s is not there", brief.Text(v.Name))
			}
		})
	}
	for v := range slots {
		if n := last[v]; n != nil && !kept[v] {
			n.dead = append(n.dead, v.slot)
		}
	}
	p.pool.New = func() any { s := make([]any, p.slots); return &s }
	return p, missing
}

// prepare looks up a node's operator, and notes that it uses its values.
func (n *Node) prepare(slots map[*Value]bool, last map[*Value]*Node) (err error) {
	n.dead = nil
	for _, in := range n.Inputs {
		each(in.Value, func(v *Value) {
			last[v] = n
			if !slots[v] {
				err = fmt.Errorf("the value %s is not there yet", brief.Text(v.Name))
			}
		})
	}
	for _, out := range n.Outputs {
		each(out, func(v *Value) {
			if v != nil {
				last[v] = n // which nobody may use
			}
		})
	}
	if err == nil {
		n.call, err = n.look()
	}
	return err
}

// refused are the operators that reach beyond tensors: a graph of a stranger's file may
// not have them.
var refused = map[string]bool{"aten::from_file": true, "aten::from_file.out": true}

// look returns what a node calls.
func (n *Node) look() (call, error) {
	if f, ok := onNumbers[n.Target]; ok {
		return f, nil
	}
	if f := higherOrder(n.Target); f != nil {
		return f(n)
	}
	switch {
	case refused[n.Target]:
		return nil, errors.New("a graph may not read or write files")
	case !strings.Contains(n.Target, "::"):
		return nil, fmt.Errorf("%s is not an operator of libtorch but of Python: run_decompositions() of the exported program may replace it", brief.Text(n.Target))
	}
	op, err := torch.Op(n.Target)
	if err != nil {
		return nil, err
	}
	return op.Call, nil
}

// wrap says at which node an error was.
func (n *Node) wrap(err error) error {
	where := ""
	if n.Where != "" {
		where = " (" + n.Where + ")"
	}
	return fmt.Errorf("node %s%s: %w", brief.Text(n.Name), where, err)
}

// Run runs the program and returns what it gives: tensors and numbers. The inputs stay the
// caller's. Intermediate tensors are closed at their last use. An error names the node.
func (p *Program) Run(inputs ...any) ([]any, error) {
	if p == nil || p.graph == nil {
		return nil, errors.New("there is no graph: Graph.Prepare makes a program of one")
	}
	if len(inputs) != len(p.graph.Inputs) {
		return nil, fmt.Errorf("the graph has %d inputs, and %d were given", len(p.graph.Inputs), len(inputs))
	}
	if outputs, done, err := p.plans.apply(p, inputs); done {
		return outputs, err
	}
	return p.interpret(inputs, func(*Node) {})
}

// interpret runs the program node by node, and says before which it comes to.
func (p *Program) interpret(inputs []any, at func(*Node)) ([]any, error) {
	held := p.pool.Get().(*[]any)
	defer func() {
		clear(*held)
		p.pool.Put(held)
	}()
	slots := *held
	for i, v := range p.graph.Inputs {
		slots[v.slot] = inputs[i]
	}
	for _, n := range p.graph.Nodes {
		at(n)
		if err := n.run(slots); err != nil {
			p.drop(slots)
			return nil, n.wrap(err)
		}
	}
	outputs := make([]any, len(p.graph.Outputs))
	for i, out := range p.graph.Outputs {
		outputs[i] = resolve(out, slots)
	}
	return outputs, nil
}

// drop closes what nodes have made when the program ends early.
func (p *Program) drop(slots []any) {
	for _, n := range p.graph.Nodes {
		for _, out := range n.Outputs {
			each(out, func(v *Value) {
				if v != nil {
					closeTensor(slots[v.slot])
				}
			})
		}
	}
}

func closeTensor(v any) {
	if x, ok := v.(*torch.Tensor); ok {
		x.Close()
	}
}

// run runs a node.
func (n *Node) run(slots []any) error {
	args := make([]any, 0, len(n.Inputs))
	var kwargs map[string]any
	for _, in := range n.Inputs {
		v := resolve(in.Value, slots)
		if !in.Keyword {
			args = append(args, v)
			continue
		}
		if kwargs == nil {
			kwargs = map[string]any{}
		}
		kwargs[in.Name] = v
	}
	results, err := n.call(args, kwargs)
	if err != nil {
		return err
	}
	if err := n.store(results, slots); err != nil {
		return err
	}
	for _, slot := range n.dead {
		closeTensor(slots[slot])
		slots[slot] = nil
	}
	return nil
}

// store puts results where the node's outputs are.
func (n *Node) store(results []any, slots []any) error {
	if len(n.Outputs) > len(results) {
		return fmt.Errorf("it gives %d results, not %d", len(results), len(n.Outputs))
	}
	for i, r := range results {
		if i >= len(n.Outputs) {
			closeTensor(r)
			continue
		}
		switch out := n.Outputs[i].(type) {
		case *Value:
			slots[out.slot] = r
		case []*Value:
			list, ok := r.([]*torch.Tensor)
			if !ok || len(list) != len(out) {
				return fmt.Errorf("result %d is a %T, not a list of %d tensors", i, r, len(out))
			}
			for j, v := range out {
				if v == nil {
					list[j].Close()
				} else {
					slots[v.slot] = list[j]
				}
			}
		default:
			closeTensor(r)
		}
	}
	return nil
}

// resolve returns an argument with values in the place of their names.
func resolve(argument any, slots []any) any {
	switch v := argument.(type) {
	case *Value:
		return slots[v.slot]
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = resolve(item, slots)
		}
		return list
	}
	return argument
}
