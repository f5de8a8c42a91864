package graph

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/plan"
	"github.com/wangkuiyi/gotorch/torch"
)

// Dispatch calls an operator and notes it.
func (r *recorder) Dispatch(call *torch.DispatchCall) []any {
	if why := unrecordable(call); why != "" {
		r.refuse(call.Op.Name(), why)
		return call.Run()
	}
	if ofLayout[call.Op.Name()] {
		return call.Run()
	}
	s := internals.SchemaOf(call.Op)
	r.fill(s, call)
	grad := torch.IsGradEnabled()
	node := &Node{Target: call.Op.Name(), Where: where()}
	arguments := make([]any, len(call.Args))
	for i, v := range call.Args {
		argument := r.argument(v)
		arguments[i] = slots(argument)
		if !s.Arguments[i].IsDefault(text(untraced(argument))) {
			node.Inputs = append(node.Inputs, Input{s.Arguments[i].Name, s.Arguments[i].Keyword || skipped(node, i), untraced(argument)})
		}
	}
	var before *traced
	if len(arguments) > 0 {
		if x, ok := call.Args[0].(*torch.Tensor); ok && x != nil {
			before = r.seen(x)
		}
	}
	results := call.Run()
	if before != nil && before.kind != plan.Computed && r.seen(call.Args[0].(*torch.Tensor)) != before {
		r.refuse(call.Op.Name(), "it changes the sizes or strides of a tensor that is not the graph's own: use the operator that is not in place")
	}
	base := strings.TrimPrefix(s.Name, "aten::")
	places := make([]any, len(results))
	room := makesRoom[call.Op.Name()]
	for i, v := range results {
		name := base
		if len(results) > 1 {
			name = fmt.Sprintf("%s_%d", base, i)
		}
		switch v := v.(type) {
		case *torch.Tensor:
			if v == nil {
				node.Outputs = append(node.Outputs, (*Value)(nil))
				continue
			}
			value, number := r.result(v, name)
			if room {
				r.room[internals.StorageID(r.traced[number].stand)] = true
			}
			node.Outputs = append(node.Outputs, value)
			places[i] = plan.Slot{Number: number}
		case []*torch.Tensor:
			values, list := make([]*Value, len(v)), make([]any, len(v))
			for j, x := range v {
				if x == nil {
					continue
				}
				var number int
				values[j], number = r.result(x, fmt.Sprintf("%s_%d", name, j))
				list[j] = plan.Slot{Number: number}
			}
			node.Outputs = append(node.Outputs, values)
			places[i] = list
		case nil:
			node.Outputs = append(node.Outputs, (*Value)(nil))
		default:
			r.refuse(call.Op.Name(), fmt.Sprintf("it gives a %T, which a graph cannot know before it runs", v))
		}
	}
	node.Name = base
	if len(node.Outputs) > 0 {
		if v, ok := node.Outputs[0].(*Value); ok && v != nil {
			node.Name = v.Name
		}
	}
	r.graph.Nodes = append(r.graph.Nodes, node)
	r.operators = append(r.operators, call.Op)
	r.nodes = append(r.nodes, plan.Node{Arguments: arguments, Results: places, Grad: grad, Room: room})
	r.origins = append(r.origins, r.origin)
	return results
}

// skipped reports whether an argument before the i-th was left at its default, so that
// this one is passed by name.
func skipped(n *Node, i int) bool { return len(n.Inputs) < i }

// argument returns an argument with what is known of tensors in their place.
func (r *recorder) argument(v any) any {
	switch v := v.(type) {
	case *torch.Tensor:
		if v == nil {
			return nil
		}
		return r.find(v)
	case []*torch.Tensor:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = r.argument(x)
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = r.argument(x)
		}
		return list
	case []int:
		return listOf(v)
	case []float64:
		return listOf(v)
	case []bool:
		return listOf(v)
	}
	return v
}

func listOf[T any](list []T) []any {
	items := make([]any, len(list))
	for i, v := range list {
		items[i] = v
	}
	return items
}

// replace returns an argument with f of what is known of tensors.
func replace(argument any, f func(*traced) any) any {
	switch v := argument.(type) {
	case *traced:
		return f(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = replace(item, f)
		}
		return list
	}
	return argument
}

// slots returns an argument as a plan has it.
func slots(argument any) any {
	return replace(argument, func(t *traced) any { return plan.Slot{Number: t.number} })
}

// untraced returns an argument as a graph has it.
func untraced(argument any) any { return replace(argument, func(t *traced) any { return t.value }) }

// where returns the place in the user's program that the operator was called from.
func where() string {
	file, line := internals.Caller()
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}
