package serve

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// LoadProgram reads a program of torch.export, a .pt2 file, as [NewProgram] takes it.
// [Server.Watch] uses it.
func LoadProgram(path string) (Model, error) {
	p, err := export.Load(path)
	if err != nil {
		return nil, err
	}
	m, err := NewProgram(p)
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// NewProgram returns a model that runs a program of torch.export. Its inputs and outputs
// have the names that gotorch summary prints, also where they lie in tuples, lists and
// dicts. Requests are run together if the first sizes of all of them are one dynamic size:
//
//	torch.export.export(net, (x,), dynamic_shapes={"x": {0: torch.export.Dim("batch", max=64)}})
//
// Close closes the program. It fails on a program that takes or gives other things than
// tensors, and on one that changes its buffers, since what a request changes the next would
// see: export it in eval().
func NewProgram(p *export.Program) (Model, error) {
	if p == nil || p.Graph == nil {
		return nil, errors.New("there is no program: export.Load reads one")
	}
	s := Signature{Platform: "pytorch_export"}
	ins, outs := p.Signature()
	var leaves []any // the constants among the inputs, or tensorHere
	for i, in := range ins {
		v := p.Graph.Inputs[i]
		switch {
		case in.Kind == export.ConstantInput:
			leaves = append(leaves, in.Constant)
		case in.Kind == export.UserInput && v.Type != nil:
			if len(s.Inputs) == 0 {
				s.Device = v.Type.Device
			}
			leaves = append(leaves, tensorHere{})
			s.Inputs = append(s.Inputs, specOf(v.Name, v.Type))
		case in.Kind == export.UserInput:
			return nil, fmt.Errorf("the input %s is no tensor", brief.Text(v.Name))
		}
	}
	if node := trains(p.Graph); node != nil {
		return nil, fmt.Errorf("%s %s trains, so requests would change each other's results: export the program in eval()", node.Target, brief.Text(node.Name))
	}
	names := map[string]bool{}
	for i, out := range outs {
		v, _ := p.Graph.Outputs[i].(*graph.Value)
		switch {
		case out.Kind == export.BufferMutation || out.Kind == export.ParameterMutation:
			return nil, fmt.Errorf("the program changes %s, which the next request would see: export it in eval()", brief.Text(out.Target))
		case out.Kind == export.InputMutation:
		case v == nil || v.Type == nil:
			return nil, fmt.Errorf("output %d is no tensor", i)
		default:
			s.Outputs = append(s.Outputs, specOf(unused(names, v.Name), v.Type))
		}
	}
	s.BatchSizes = rowsOf(&s, p.Ranges())
	s.Batch = s.BatchSizes != nil
	run := func(inputs []*torch.Tensor) ([]*torch.Tensor, error) {
		arguments := make([]any, len(leaves))
		for i, leaf := range leaves {
			arguments[i] = leaf
			if leaf == (tensorHere{}) {
				arguments[i], inputs = inputs[0], inputs[1:]
			}
		}
		results, err := p.RunFlat(arguments)
		if e := (*torch.Error)(nil); err != nil && !errors.As(err, &e) {
			return nil, refuse("%w", err) // of the arguments
		} else if err != nil {
			return nil, err
		}
		outputs := make([]*torch.Tensor, len(results))
		for i, result := range results {
			outputs[i], _ = result.(*torch.Tensor)
		}
		return outputs, nil
	}
	return NewModel(s, run, p.Close), nil
}

// trains returns a node that does as in training, such as a dropout, or nil.
func trains(g *graph.Graph) (found *graph.Node) {
	g.Walk(func(n *graph.Node, _ int) {
		for _, in := range n.Inputs {
			if (in.Name == "training" || in.Name == "train") && in.Value == true {
				found = n
			}
		}
	})
	return found
}

// tensorHere stands for a tensor of a request.
type tensorHere struct{}

// mostRows is how many rows a program without a limit of its own is run with.
const mostRows = 128

// rowsOf returns the numbers of rows that a program is run with if the first size of all
// inputs and outputs is one dynamic size, which no other size depends on; else nil. The
// program makes a plan for each number, so they are few.
func rowsOf(s *Signature, ranges map[string]export.Range) (sizes []int) {
	rows := ""
	for _, spec := range slices.Concat(s.Inputs, s.Outputs) {
		if len(spec.Sizes) == 0 || spec.Sizes[0] == "" || rows != "" && spec.Sizes[0] != rows {
			return nil
		}
		rows = spec.Sizes[0]
		for _, name := range spec.Sizes[1:] {
			if name == "" {
				continue
			}
			if e, err := graph.ParseExpression(name); err != nil || slices.Contains(e.Symbols(), rows) {
				return nil
			}
		}
	}
	limits := ranges[rows]
	least, most := 1, mostRows
	if limits.Min != nil && *limits.Min > 2 { // PyTorch exports as if sizes were 2 or more, and runs smaller ones
		least = *limits.Min
	}
	if limits.Max != nil {
		most = *limits.Max
	}
	return powers(least, most)
}

// powers returns a few numbers of rows from least to most, at most mostRows.
func powers(least, most int) (sizes []int) {
	most = max(least, min(most, mostRows))
	for n := 1; n < most; n *= 2 {
		if n >= least {
			sizes = append(sizes, n)
		}
	}
	return append(sizes, most)
}
