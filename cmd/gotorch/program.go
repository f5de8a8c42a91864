package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// A signature is what a program takes and gives, and what it does.
type signature struct {
	Inputs  []argument `json:"inputs"`
	Outputs []argument `json:"outputs"`
	Nodes   int        `json:"nodes"`
	Graph   string     `json:"graph"`
}

// An argument is what a program takes, gives or changes.
type argument struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // such as "f32[s0, 4]"
	Kind string `json:"kind"`           // export's word, such as "buffer_mutation"
}

// program lists a program of torch.export: its weights as tensors, and its signature.
func (s *summary) program(path string) error {
	p, err := export.Load(path)
	if err != nil {
		return err
	}
	defer p.Close()
	sign := &signature{Inputs: []argument{}, Outputs: []argument{}, Graph: p.Graph.String()}
	p.Graph.Walk(func(*graph.Node, int) { sign.Nodes++ })
	inputs, outputs := p.Signature()
	for i, in := range inputs {
		v := p.Graph.Inputs[i]
		if in.Tensor == nil {
			a := argumentOf(v, string(in.Kind))
			if in.Kind == export.ConstantInput {
				a.Type = short(in.Constant)
			}
			sign.Inputs = append(sign.Inputs, a)
			continue
		}
		bytes := in.Tensor.Numel() * in.Tensor.ElementSize()
		s.tensor(brief.Cut(in.Target, longestName), strings.TrimPrefix(in.Tensor.DType().String(), "torch."), in.Tensor.Shape(), &bytes)
	}
	for i, out := range outputs {
		a := argumentOf(p.Graph.Outputs[i], string(out.Kind))
		if out.Target != "" {
			a.Name = brief.Cut(out.Target, longestName)
		}
		sign.Outputs = append(sign.Outputs, a)
	}
	s.Signature = sign
	return nil
}

// argumentOf says what a value of a graph is, or a constant.
func argumentOf(value any, kind string) argument {
	v, ok := value.(*graph.Value)
	switch {
	case !ok:
		return argument{Name: short(value), Kind: kind}
	case v.Type != nil:
		return argument{brief.Cut(v.Name, longestName), v.Type.String(), kind}
	case v.Size != nil:
		return argument{brief.Cut(v.Name, longestName), "size " + v.Size.String(), kind}
	}
	return argument{brief.Cut(v.Name, longestName), "", kind}
}

// print prints what the program takes and gives, and the graph.
func (s *signature) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, list := range []struct {
		word      string
		arguments []argument
	}{{"takes", s.Inputs}, {"gives", s.Outputs}} {
		for _, a := range list.arguments {
			fmt.Fprintf(table, "%s\t%s\t%s", list.word, printable(a.Name), printable(a.Type))
			if a.Kind != string(export.UserInput) && a.Kind != string(export.UserOutput) {
				fmt.Fprintf(table, "\t%s", printable(a.Kind))
			}
			fmt.Fprintln(table)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d nodes\n\n", s.Nodes)
	for line := range strings.Lines(s.Graph) {
		if _, err := fmt.Fprintln(w, printable(strings.TrimSuffix(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}
