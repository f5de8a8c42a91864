package export

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
)

// Run runs the program with the arguments of the model's forward and returns what that
// gives. What Python has in a tuple or a list is a torch.Tuple or a []any, what it has in
// a dict a map[string]any; a single tensor is a *[torch.Tensor]. The results are the
// caller's; the arguments stay so.
//
// It fails on arguments of another structure, on sizes that the program was not exported
// for, with PyTorch's words, and where an operator fails, with the operator's place in
// the Python source. Gradients flow to parameters and arguments, but in [torch.NoGrad].
// A program that was exported in training mode changes its buffers, and one that changes
// its arguments changes these.
func (p *Program) Run(args ...any) (any, error) { return p.RunNamed(args, nil) }

// RunNamed is [Program.Run] with further arguments by their names in forward.
func (p *Program) RunNamed(args []any, kwargs map[string]any) (any, error) {
	if p == nil || p.program == nil {
		return nil, errors.New("export: there is no program: Load reads one")
	}
	leaves, err := p.in.FlattenArguments(args, kwargs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	results, err := p.RunFlat(leaves)
	if err != nil {
		return nil, err
	}
	value, _ := p.out.Unflatten(results)
	return value, nil
}

// RunFlat is [Program.Run] with the arguments and the results one after the other, without
// the tuples, lists and dicts that they lie in: in the order of the user inputs and outputs
// of [Program.Signature].
func (p *Program) RunFlat(args []any) ([]any, error) {
	if p == nil || p.program == nil {
		return nil, errors.New("export: there is no program: Load reads one")
	}
	if n := len(p.guards.arguments); len(args) != n {
		return nil, fmt.Errorf("export: the program takes %d arguments, and %d were given", n, len(args))
	}
	if _, err := p.guards.check(args); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	inputs := p.take(args)
	outputs, err := p.program.Run(inputs...)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	results, err := p.store(inputs, outputs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return results, nil
}

// Symbols returns the values that the symbols of sizes have for arguments, such as
// "s77": 3, as [graph.Graph.FLOPs] takes them. Symbols that depend on data are not among
// them. It fails where [Program.RunNamed] refuses the arguments.
func (p *Program) Symbols(args []any, kwargs map[string]any) (map[string]int, error) {
	if p == nil || p.program == nil {
		return nil, errors.New("export: there is no program: Load reads one")
	}
	leaves, err := p.in.FlattenArguments(args, kwargs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	c, err := p.guards.check(leaves)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	values := map[string]int{}
	for name, i := range c.symbols {
		values[name] = c.values[i]
	}
	for name, v := range c.hidden {
		values[name], _ = v.(int)
	}
	return values, nil
}

// take returns the arguments and the weights as the graph's inputs.
func (p *Program) take(leaves []any) []any {
	inputs := make([]any, len(p.inputs))
	for i, in := range p.inputs {
		if in.Tensor != nil {
			inputs[i] = in.Tensor
			continue
		}
		inputs[i], leaves = leaves[0], leaves[1:]
	}
	return inputs
}

// store changes what the program changes, and returns what the caller gets. Tensors that
// are the caller's already, or a weight, are other handles to them.
func (p *Program) store(inputs, outputs []any) (results []any, err error) {
	held := map[*torch.Tensor]bool{}
	for _, in := range inputs {
		if x, ok := in.(*torch.Tensor); ok {
			held[x] = true
		}
	}
	for i, out := range p.changes {
		x, isTensor := outputs[i].(*torch.Tensor)
		target := out.to
		if out.from >= 0 {
			target, _ = inputs[out.from].(*torch.Tensor)
		}
		if target == nil {
			if isTensor && held[x] {
				outputs[i] = x.View(x.Shape()...)
			} else if isTensor {
				held[x] = true
			}
			results = append(results, outputs[i])
			continue
		}
		if !isTensor {
			return nil, fmt.Errorf("the new value of a weight is a %T", outputs[i])
		}
		err := torch.Try(func() { torch.NoGrad(func() { target.CopyInplace(x) }) })
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
