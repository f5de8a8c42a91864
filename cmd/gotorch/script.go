package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

// A script is what a program of TorchScript can do.
type script struct {
	Methods []scriptMethod `json:"methods"`
	Files   []string       `json:"files,omitempty"` // the extra ones
}

// A scriptMethod is a method and the size of its code.
type scriptMethod struct {
	Schema string `json:"schema"`
	Lines  int    `json:"lines"`
	Bytes  int    `json:"bytes"`
}

// script lists a program of TorchScript: its parameters and buffers as tensors, and its
// methods.
func (s *summary) script(path string) error {
	m, err := jit.Load(path, jit.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return err
	}
	defer m.Close()
	for _, x := range m.NamedTensors() {
		if x.Tensor != nil {
			bytes := x.Tensor.NBytes()
			s.tensor(brief.Cut(x.Name, longestName), strings.TrimPrefix(x.Tensor.DType().String(), "torch."), x.Tensor.Shape(), &bytes)
		}
	}
	methods, err := m.Methods()
	if err != nil {
		return err
	}
	s.Script = &script{Methods: make([]scriptMethod, len(methods))}
	for i, method := range methods {
		code, err := m.Code(method.Name)
		if err != nil {
			return err
		}
		s.Script.Methods[i] = scriptMethod{brief.Cut(method.Schema, longestName), strings.Count(code, "\n"), len(code)}
	}
	for name := range m.ExtraFiles {
		s.Script.Files = append(s.Script.Files, brief.Cut(name, longestName))
	}
	slices.Sort(s.Script.Files)
	return nil
}

// print prints the methods.
func (s *script) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range s.Methods {
		fmt.Fprintf(table, "method\t%s\t%d lines\t%s\n", printable(m.Schema), m.Lines, sizeOf(m.Bytes))
	}
	for _, name := range s.Files {
		fmt.Fprintf(table, "file\t%s\n", printable(name))
	}
	return table.Flush()
}
