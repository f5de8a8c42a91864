package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/torch"
)

const summaryUsage = `Usage: gotorch summary [-json] FILE

Lists the tensors in a file, without reading their elements, and the other values: of torch.save, of
safetensors (also an index, or a folder with one), GGUF, .npy and .npz. Of a program of torch.export (.pt2) it lists
the weights, what it takes and gives, and the graph; of a package of AOTInductor the weights, what it takes, and whether
it can run here; of TorchScript the weights and the methods. -json prints all as JSON.
`

// runSummary prints what a file of tensors holds.
func runSummary(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("summary", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "")
	others, status, done := commandline.Line{Usage: summaryUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, commandline.One("want one FILE, such as model.pt"))
	if done {
		return status
	}
	var err error
	torch.Scope(func() {
		var s *summary
		if s, err = summarize(others[0]); err != nil {
			return
		}
		if *asJSON {
			e := json.NewEncoder(stdout)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			err = e.Encode(s)
		} else {
			err = s.print(stdout)
		}
	})
	if err != nil {
		fmt.Fprintf(stderr, "gotorch summary: %v\n", err)
		return 1
	}
	return 0
}

// A summary is what a file holds.
type summary struct {
	Kind     string  `json:"kind"`
	Entries  []entry `json:"entries"`
	Tensors  int     `json:"tensors"`
	Elements int     `json:"elements"`
	Bytes    int     `json:"bytes"`

	Signature *signature      `json:"signature,omitempty"` // of a program
	Models    []compiledModel `json:"models,omitempty"`    // of a package of AOTInductor
	Script    *script         `json:"script,omitempty"`    // of TorchScript
}

// An entry is a tensor, or another value: a text of at most 60 characters.
type entry struct {
	Name  string  `json:"name"`
	DType string  `json:"dtype,omitempty"`
	Shape []int   `json:"shape,omitzero"`
	Bytes *int    `json:"bytes,omitempty"` // nil where that is not known
	Value *string `json:"value,omitempty"` // nil for a tensor
}

func (s *summary) value(name string, value any) {
	s.Entries = append(s.Entries, entry{Name: name, Value: new(short(value))})
}

func (s *summary) tensor(name, dtype string, shape []int, bytes *int) {
	n := 1
	for _, size := range shape {
		n *= size
	}
	s.Entries = append(s.Entries, entry{Name: name, DType: dtype, Shape: shape, Bytes: bytes})
	s.Tensors, s.Elements = s.Tensors+1, s.Elements+n
	if bytes != nil {
		s.Bytes += *bytes
	}
}

// print prints a line for each tensor and each other value, and one with sums.
func (s *summary) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, e := range s.Entries {
		const aligned = 10_000 // lines: the table is in memory until it is flushed
		if i%aligned == aligned-1 {
			_ = table.Flush() // the last one says that it failed, too
		}
		name := printable(e.Name)
		switch {
		case e.Value != nil:
			fmt.Fprintf(table, "%s\t\t\t%s\n", name, printable(*e.Value))
		case e.Bytes == nil:
			fmt.Fprintf(table, "%s\t%s\t%v\t\n", name, printable(e.DType), e.Shape)
		default:
			fmt.Fprintf(table, "%s\t%s\t%v\t%s\n", name, printable(e.DType), e.Shape, sizeOf(*e.Bytes))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d tensors, %d elements, %s\n", s.Tensors, s.Elements, sizeOf(s.Bytes))
	if err == nil && s.Signature != nil {
		err = s.Signature.print(w)
	}
	for i := range s.Models {
		if err == nil {
			err = s.Models[i].print(w)
		}
	}
	if err == nil && s.Script != nil {
		err = s.Script.print(w)
	}
	return err
}

// printable returns a text, quoted if it could move what follows, or the terminal.
func printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// sizeOf is a number of bytes in the unit that fits.
func sizeOf(bytes int) string {
	size, units := float64(bytes), []string{"KiB", "MiB", "GiB", "TiB"}
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	for size /= 1024; size >= 1024 && len(units) > 1; size /= 1024 {
		units = units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
