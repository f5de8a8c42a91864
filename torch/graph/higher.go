package graph

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// higherOrder returns what makes the call of an operator that runs graphs, or nil.
func higherOrder(target string) func(n *Node) (call, error) {
	switch target {
	case "cond":
		return cond
	case "while_loop":
		return whileLoop
	case "wrap_with_set_grad_enabled":
		return withGradEnabled
	case "wrap_with_autocast":
		return withAutocast
	case "map_impl":
		return mapped
	case "scan":
		return scan
	case "invoke_subgraph":
		return subgraph
	}
	return nil
}

var opAlias = torch.NewOperator("aten::alias(Tensor(a) self) -> Tensor(a)")

// alias returns another handle to a tensor.
func alias(x *torch.Tensor) *torch.Tensor {
	var c torch.Call
	c.Tensor(x)
	return c.One(opAlias)
}

// nested prepares a node's argument that is a graph.
func (n *Node) nested(i int) (*Program, error) {
	if i < len(n.Inputs) {
		if g, ok := n.Inputs[i].Value.(*Graph); ok {
			return g.Prepare()
		}
	}
	return nil, fmt.Errorf("argument %d of %s is no graph", i, n.Target)
}

// operands returns an argument that is a list of values.
func operands(args []any, i int) ([]any, error) {
	if i < len(args) {
		if list, ok := args[i].([]any); ok {
			return list, nil
		}
	}
	return nil, fmt.Errorf("argument %d is no list", i)
}

// owned runs a nested program and returns what it gives; tensors that are its inputs are
// aliases of these, so that each may be closed.
func (p *Program) owned(inputs ...any) ([]any, error) {
	outputs, err := p.Run(inputs...)
	if err != nil {
		return nil, err
	}
	seen := map[any]bool{}
	for _, in := range inputs {
		seen[in] = true
	}
	for i, out := range outputs {
		x, ok := out.(*torch.Tensor)
		if !ok {
			continue
		}
		if seen[x] {
			outputs[i] = alias(x)
		}
		seen[x] = true
	}
	return outputs, nil
}

// cond runs one of two graphs: predicate, graph, graph, operands.
func cond(n *Node) (call, error) {
	yes, err := n.nested(1)
	if err != nil {
		return nil, err
	}
	no, err := n.nested(2)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) ([]any, error) {
		inputs, err := operands(args, 3)
		if err != nil {
			return nil, err
		}
		holds, ok := truth(args)
		switch {
		case !ok:
			return nil, fmt.Errorf("its predicate is a %T", args[0])
		case holds:
			return yes.owned(inputs...)
		}
		return no.owned(inputs...)
	}, nil
}

// whileLoop runs a graph as long as another one says so: graph, graph, carried values,
// other operands.
func whileLoop(n *Node) (call, error) {
	goesOn, err := n.nested(0)
	if err != nil {
		return nil, err
	}
	body, err := n.nested(1)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) ([]any, error) {
		carried, err := operands(args, 2)
		if err != nil {
			return nil, err
		}
		others, err := operands(args, 3)
		if err != nil {
			return nil, err
		}
		values := make([]any, len(carried))
		for i, v := range carried {
			values[i] = v
			if x, ok := v.(*torch.Tensor); ok {
				values[i] = alias(x)
			}
		}
		for {
			inputs := append(append([]any(nil), values...), others...)
			goes, err := goesOn.owned(inputs...)
			if err != nil {
				return nil, err
			}
			holds, ok := truth(goes)
			for _, v := range goes {
				closeTensor(v)
			}
			if !ok {
				return nil, fmt.Errorf("its condition is no bool")
			}
			if !holds {
				return values, nil
			}
			next, err := body.owned(inputs...)
			for _, v := range values {
				closeTensor(v)
			}
			if err != nil {
				return nil, err
			}
			if values = next; len(values) != len(carried) {
				return nil, fmt.Errorf("its body gives %d values, not %d", len(values), len(carried))
			}
		}
	}, nil
}

// withGradEnabled runs a graph with or without gradients: bool, graph, operands.
func withGradEnabled(n *Node) (call, error) {
	body, err := n.nested(1)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) (results []any, err error) {
		enabled, ok := truth(args)
		if !ok {
			return nil, fmt.Errorf("its argument is a %T, not a bool", args[0])
		}
		torch.SetGradEnabled(enabled, func() { results, err = body.owned(args[2:]...) })
		return results, err
	}, nil
}

// withAutocast runs a graph under autocast: device, dtype, enabled, cache, graph, operands.
func withAutocast(n *Node) (call, error) {
	body, err := n.nested(4)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) (results []any, err error) {
		name, ok1 := args[0].(string)
		dtype, _ := args[1].(torch.DType)
		enabled, ok2 := args[2].(bool)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("it takes a device and a bool, not %T and %T", args[0], args[2])
		}
		device, err := torch.ParseDevice(name)
		if err != nil {
			return nil, err
		}
		o := torch.AutocastOptions{DType: dtype, Enabled: &enabled}
		if cache, ok := args[3].(bool); ok {
			o.CacheEnabled = &cache
		}
		torch.Autocast(device, func() { results, err = body.owned(args[5:]...) }, o)
		return results, err
	}, nil
}

// subgraph runs a graph that a program has once and calls several times: graph, its name,
// operands.
func subgraph(n *Node) (call, error) {
	body, err := n.nested(0)
	if err != nil {
		return nil, err
	}
	return func(args []any, _ map[string]any) ([]any, error) {
		if len(args) < 2 {
			return nil, fmt.Errorf("it has %d arguments, want a graph and its name", len(args))
		}
		return body.owned(args[2:]...)
	}, nil
}
