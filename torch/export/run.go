package export

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	leaves, err := p.flatten(args, kwargs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	results, err := p.RunFlat(leaves)
	if err != nil {
		return nil, err
	}
	value, _ := p.out.unflatten(results)
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
	leaves, err := p.flatten(args, kwargs)
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

// flatten returns the arguments without their structure.
func (p *Program) flatten(args []any, kwargs map[string]any) (leaves []any, err error) {
	positional, byName := p.in.children[0], p.in.children[1]
	if len(args) != len(positional.children) {
		return nil, fmt.Errorf("the program takes %d arguments, and %d were given", len(positional.children), len(args))
	}
	for i, child := range positional.children {
		if leaves, err = child.flatten(args[i], leaves); err != nil {
			return nil, err
		}
	}
	if !p.named(kwargs) {
		return nil, p.mismatch(kwargs)
	}
	for i, child := range byName.children {
		name, _ := byName.keys[i].(string)
		if leaves, err = child.flatten(kwargs[name], leaves); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// named reports whether the named arguments are the program's.
func (p *Program) named(kwargs map[string]any) bool {
	keys := p.in.children[1].keys
	for _, key := range keys {
		name, _ := key.(string)
		if _, ok := kwargs[name]; !ok {
			return false
		}
	}
	return len(kwargs) == len(keys)
}

// mismatch says that the named arguments are others than the program's.
func (p *Program) mismatch(kwargs map[string]any) error {
	var given, want []string
	for _, name := range slices.Sorted(maps.Keys(kwargs)) {
		given = append(given, quoted(name))
	}
	for _, key := range p.in.children[1].keys {
		want = append(want, quoted(key))
	}
	return fmt.Errorf("Ran into a kwarg keyword mismatch: Got the following keywords [%s] but expected [%s]", //nolint:staticcheck // PyTorch's words
		strings.Join(given, ", "), strings.Join(want, ", "))
}

// locate notes where the arguments are, by the names of forward, and returns where each
// leaf is.
func (p *Program) locate() (leaves []string, err error) {
	if len(p.in.children) != 2 || p.in.children[0].kind != "tuple" || p.in.children[1].kind != "dict" {
		return nil, errors.New("the program's arguments are no tuple and dict")
	}
	positional, byName := p.in.children[0], p.in.children[1]
	for i, child := range positional.children {
		name := fmt.Sprintf("args[%d]", i)
		if i < len(p.names) {
			name = p.names[i]
		}
		leaves = child.locate(name, leaves)
	}
	for i, child := range byName.children {
		leaves = child.locate(fmt.Sprint(byName.keys[i]), leaves)
	}
	return leaves, nil
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
