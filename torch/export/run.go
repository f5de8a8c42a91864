package export

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
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
	leaves, places, err := p.flatten(args, kwargs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	inputs, _, err := p.take(leaves, places)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	outputs, err := p.program.Run(inputs...)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	results, err := p.store(inputs, outputs)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	value, _ := p.out.unflatten(results)
	return value, nil
}

// flatten returns the arguments without their structure, and where each is.
func (p *Program) flatten(args []any, kwargs map[string]any) (leaves []any, places []string, err error) {
	if len(p.in.children) != 2 || p.in.children[0].kind != "tuple" || p.in.children[1].kind != "dict" {
		return nil, nil, fmt.Errorf("the program's arguments are no tuple and dict")
	}
	positional, byName := p.in.children[0], p.in.children[1]
	if len(args) != len(positional.children) {
		return nil, nil, fmt.Errorf("the program takes %d arguments, and %d were given", len(positional.children), len(args))
	}
	for i, child := range positional.children {
		name := fmt.Sprintf("args[%d]", i)
		if i < len(p.names) {
			name = p.names[i]
		}
		if leaves, places, err = child.flatten(args[i], name, leaves, places); err != nil {
			return nil, nil, err
		}
	}
	if len(kwargs) != len(byName.keys) {
		return nil, nil, fmt.Errorf("the program takes the named arguments %v, and %v were given", byName.keys, slices.Sorted(maps.Keys(kwargs)))
	}
	for i, child := range byName.children {
		name, _ := byName.keys[i].(string)
		v, ok := kwargs[name]
		if !ok {
			return nil, nil, fmt.Errorf("the program takes an argument named %s", name)
		}
		if leaves, places, err = child.flatten(v, name, leaves, places); err != nil {
			return nil, nil, err
		}
	}
	return leaves, places, nil
}

// take checks the arguments, and returns them and the weights as the graph's inputs, and
// what the symbols are.
func (p *Program) take(leaves []any, places []string) (inputs []any, symbols map[string]int, err error) {
	inputs = make([]any, len(p.inputs))
	c := &checker{symbols: map[string]int{}, from: map[string]string{}, ranges: p.ranges}
	next := 0
	for i, in := range p.inputs {
		if in.Tensor != nil {
			inputs[i] = in.Tensor
			continue
		}
		v, place := leaves[next], places[next]
		next++
		var err error
		switch {
		case in.Kind == ConstantInput:
			if !sameConstant(in.Constant, v) {
				err = fmt.Errorf("Guard failed: %s == %v, got %v", place, in.Constant, v) //nolint:staticcheck // PyTorch's words
			}
		case p.Graph.Inputs[i].Type != nil:
			err = c.tensor(p.Graph.Inputs[i].Type, v, place)
		}
		if err != nil {
			return nil, nil, err
		}
		inputs[i] = v
	}
	return inputs, c.symbols, c.rest()
}

func sameConstant(want, got any) bool {
	switch got.(type) {
	case nil, bool, int, float64, string:
		return want == got
	}
	return false
}

// checker holds the arguments' sizes against those that the program was exported for.
type checker struct {
	symbols map[string]int
	from    map[string]string // where a symbol was first: "x.size()[0]"
	ranges  map[string]Range
	later   []equation
}

// equation is a size that is an expression of symbols.
type equation struct {
	place string
	size  int
	want  *expression
}

// tensor checks an argument that is a tensor.
func (c *checker) tensor(want *graph.TensorType, v any, place string) error {
	x, ok := v.(*torch.Tensor)
	if !ok || x == nil {
		return fmt.Errorf("%s is a %T, want a *torch.Tensor", place, v)
	}
	shape := x.Shape()
	if len(shape) != len(want.Shape) {
		return fmt.Errorf("Guard failed: %s.ndim == %d, got %d", place, len(want.Shape), len(shape)) //nolint:staticcheck // PyTorch's words
	}
	if x.DType() != want.DType {
		return fmt.Errorf("Guard failed: %s.dtype == %v, got %v", place, want.DType, x.DType()) //nolint:staticcheck // PyTorch's words
	}
	for i, size := range want.Shape {
		at := fmt.Sprintf("%s.size()[%d]", place, i)
		if size.Symbol == "" {
			if shape[i] != size.N {
				return guard(at, "==", size.N, shape[i])
			}
			continue
		}
		if err := c.size(parseInfix(size.Symbol), at, shape[i]); err != nil {
			return err
		}
	}
	return nil
}

func guard(at, relation string, want any, got int) error {
	return fmt.Errorf("Guard failed: %s %s %v, got %d", at, relation, want, got) //nolint:staticcheck // PyTorch's words
}

// size checks a size that is an expression.
func (c *checker) size(want *expression, at string, got int) error {
	name := want.symbol()
	if name == "" {
		c.later = append(c.later, equation{at, got, want})
		return nil
	}
	if bound, ok := c.symbols[name]; ok {
		if bound != got {
			return guard(at, "==", c.from[name], got)
		}
		return nil
	}
	c.symbols[name], c.from[name] = got, at
	const special = 2 // PyTorch exports as if sizes were 2 or more, and runs smaller ones
	r := c.ranges[name]
	if r.Min != nil && *r.Min > special && got < *r.Min {
		return guard(at, ">=", *r.Min, got)
	}
	if r.Max != nil && got > *r.Max {
		return guard(at, "<=", *r.Max, got)
	}
	return nil
}

// rest checks the sizes that are expressions, when all symbols are known.
func (c *checker) rest() error {
	for _, e := range c.later {
		if want, ok := e.want.value(c.symbols); ok && want != e.size {
			text := e.want.String()
			for name, at := range c.from {
				text = strings.ReplaceAll(text, name, at)
			}
			return guard(e.place, "==", text, e.size)
		}
	}
	return nil
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
