package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch/aoti"
)

// A compiledModel is one that AOTInductor compiled.
type compiledModel struct {
	Name     string            `json:"name"`
	Device   string            `json:"device"`
	Library  string            `json:"library"`
	Bytes    int               `json:"bytes"`
	Metadata map[string]string `json:"metadata"`
	Inputs   []argument        `json:"inputs"`
	Outputs  int               `json:"outputs"`
	Trouble  string            `json:"trouble,omitempty"` // why it does not run here
}

// isCompiledFolder reports whether a folder is a package of AOTInductor that was unpacked.
func isCompiledFolder(path string) bool {
	info, err := os.Stat(filepath.Join(path, "data", "aotinductor"))
	return err == nil && info.IsDir()
}

// compiled lists a package of AOTInductor: its models' constants as tensors, and what they
// take. It loads no code.
func (s *summary) compiled(path string) error {
	list, err := aoti.Inspect(path)
	if err != nil {
		return err
	}
	for _, info := range list {
		m := compiledModel{Name: brief.Cut(info.Model, longestName), Device: brief.Text(info.Device), Library: brief.Text(info.LibraryName),
			Bytes: info.LibrarySize, Metadata: map[string]string{}, Inputs: []argument{}, Outputs: info.Outputs}
		for key, value := range info.Metadata {
			m.Metadata[brief.Text(key)] = brief.Text(value)
		}
		for _, in := range info.Inputs {
			m.Inputs = append(m.Inputs, argument{Name: brief.Cut(in.Name, longestName), Type: in.String(), Kind: "user_input"})
		}
		if info.Trouble != nil {
			m.Trouble = info.Trouble.Error()
		}
		for _, c := range info.Constants {
			name := c.Name
			if len(list) > 1 {
				name = info.Model + "." + name
			}
			bytes := c.DType.ItemSize()
			for _, n := range c.Shape {
				bytes *= n
			}
			s.tensor(brief.Cut(name, longestName), strings.TrimPrefix(c.DType.String(), "torch."), c.Shape, &bytes)
		}
		s.Models = append(s.Models, m)
	}
	return nil
}

// print prints what the model is for and what it takes.
func (m *compiledModel) print(w io.Writer) error {
	fmt.Fprintf(w, "\nmodel %s, compiled for %s: %s, %s\n", printable(m.Name), printable(m.Device), printable(m.Library), sizeOf(m.Bytes))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		if value := m.Metadata[key]; value != "" {
			fmt.Fprintf(table, "%s\t%s\n", printable(key), printable(value))
		}
	}
	for _, in := range m.Inputs {
		fmt.Fprintf(table, "takes\t%s\t%s\n", printable(in.Name), printable(in.Type))
	}
	fmt.Fprintf(table, "gives\t%d tensors\n", m.Outputs)
	if err := table.Flush(); err != nil {
		return err
	}
	text := "it can run here, by aoti.Load"
	if m.Trouble != "" {
		text = "it cannot run here: " + printable(m.Trouble)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
