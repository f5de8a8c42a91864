// Package portgraph writes Go programs from programs of torch.export: a module with the
// parameters of the model, and a Forward that does what the graph does, operator by
// operator, so that it gives the same bits.
package portgraph

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// Options are the options of [Source].
type Options struct {
	Package string // of Go; default: "model"
	Type    string // the module's; default: "Model"
	File    string // that the program is from, for the comment
}

// A Result is what [Source] wrote, and how.
type Result struct {
	Source  []byte
	Layers  int      // of package nn
	Typed   int      // calls of package torch and functional
	Untyped []string // the operators that are called by their names, each once
}

// writer writes one program.
type writer struct {
	Options
	program *export.Program
	root    *module
	weights map[*graph.Value]*weight
	calls   map[*graph.Node]*layer // what is a call of a layer
	uses    map[*graph.Value]int
	names   map[*graph.Value]string
	taken   map[string]bool // names in Forward
	types   map[string]bool // names of types
	structs map[string]bool // the modules that have one of these, by their paths
	imports map[string]bool
	helpers map[string]bool
	lines   []string
	where   string // the module of the last line
	result  Result
}

// Source returns the Go source of a program. It fails, and names the node, on what Go
// cannot do: operators of Python that are not of numbers, and arguments that the file does
// not say.
func Source(p *export.Program, o Options) (*Result, error) {
	o.Package, o.Type = cmp.Or(o.Package, "model"), cmp.Or(o.Type, "Model")
	if !token.IsIdentifier(o.Package) || !token.IsIdentifier(o.Type) || !token.IsExported(o.Type) {
		return nil, fmt.Errorf("a package %q or a type %q has no name of Go", o.Package, o.Type)
	}
	w := &writer{Options: o, program: p, weights: map[*graph.Value]*weight{}, calls: map[*graph.Node]*layer{}, uses: map[*graph.Value]int{},
		names: map[*graph.Value]string{}, taken: maps.Clone(reserved), types: map[string]bool{}, structs: map[string]bool{}, imports: map[string]bool{"torch": true, "nn": true, "export": true}, helpers: map[string]bool{}}
	if err := w.readWeights(); err != nil {
		return nil, err
	}
	w.count(p.Graph)
	w.findLayers(p.Graph)
	body, err := w.forward()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w.header(&b)
	w.declare(&b, w.root)
	if err := w.constructor(&b); err != nil {
		return nil, err
	}
	b.WriteString(body)
	b.WriteString(w.fill(loadWeights))
	for _, name := range slices.Sorted(maps.Keys(w.helpers)) {
		b.WriteString(helpers[name])
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the source is not Go, which is a mistake of gotorch port: %w", err), errors.New(b.String()))
	}
	w.result.Source = source
	slices.Sort(w.result.Untyped)
	w.result.Untyped = slices.Compact(w.result.Untyped)
	return &w.result, nil
}

// fill puts the type's name into a template.
func (w *writer) fill(template string) string { return strings.ReplaceAll(template, "TYPE", w.Type) }

// paths are the packages that the source may import.
var paths = map[string]string{
	"math": "math", "torch": "github.com/wangkuiyi/gotorch/torch", "export": "github.com/wangkuiyi/gotorch/torch/export",
	"nn": "github.com/wangkuiyi/gotorch/torch/nn", "functional": "github.com/wangkuiyi/gotorch/torch/nn/functional",
	"fft": "github.com/wangkuiyi/gotorch/torch/fft", "linalg": "github.com/wangkuiyi/gotorch/torch/linalg", "special": "github.com/wangkuiyi/gotorch/torch/special",
}

// header writes the package's comment and imports.
func (w *writer) header(b *bytes.Buffer) {
	fmt.Fprintf(b, "// Package %s was written by gotorch port from %s, a program of torch.export of PyTorch\n// %s. It may be edited: gotorch port does not read it again.\npackage %s\n\nimport (\n",
		w.Package, cmp.Or(w.File, "a .pt2 file"), cmp.Or(w.program.Version, "(unknown)"), w.Package)
	for _, name := range slices.SortedFunc(maps.Keys(w.imports), func(a, b string) int { return cmp.Compare(paths[a], paths[b]) }) {
		if name == "math" {
			fmt.Fprintf(b, "%q\n\n", paths[name])
		}
	}
	fmt.Fprintf(b, "\"fmt\"\n\n")
	for _, name := range slices.SortedFunc(maps.Keys(w.imports), func(a, b string) int { return cmp.Compare(paths[a], paths[b]) }) {
		if name != "math" {
			fmt.Fprintf(b, "%q\n", paths[name])
		}
	}
	b.WriteString(")\n\n")
}

// count counts how often each value is used.
func (w *writer) count(g *graph.Graph) {
	g.Walk(func(n *graph.Node, _ int) {
		for _, in := range n.Inputs {
			w.countIn(in.Value)
		}
	})
	for _, out := range g.Outputs {
		w.countIn(out)
	}
}

func (w *writer) countIn(argument any) {
	switch v := argument.(type) {
	case *graph.Value:
		w.uses[v]++
	case []any:
		for _, item := range v {
			w.countIn(item)
		}
	case []*graph.Value:
		for _, item := range v {
			w.uses[item]++
		}
	case *graph.Graph:
		for _, out := range v.Outputs {
			w.countIn(out)
		}
	}
}

const loadWeights = `
// LoadWeights reads the weights from the .pt2 file that the package was written from, or one
// of the same model. It fails on a file of other weights.
func (m *TYPE) LoadWeights(path string) error {
	program, err := export.Load(path)
	if err != nil {
		return err
	}
	defer program.Close()
	own := map[string]*torch.Tensor{}
	for _, n := range m.NamedTensors() {
		own[n.Name] = n.Tensor
	}
	inputs, _ := program.Signature()
	for _, in := range inputs {
		if in.Tensor == nil {
			continue
		}
		x := own[in.Target]
		if x == nil || fmt.Sprint(x.Shape(), x.DType()) != fmt.Sprint(in.Tensor.Shape(), in.Tensor.DType()) {
			return fmt.Errorf("%s: the model has no %s %v of %v", path, in.Target, in.Tensor.Shape(), in.Tensor.DType())
		}
		if err := torch.Try(func() { torch.NoGrad(func() { x.CopyInplace(in.Tensor) }) }); err != nil {
			return fmt.Errorf("%s: %s: %w", path, in.Target, err)
		}
	}
	return nil
}
`

// helpers are functions that some programs need.
var helpers = map[string]string{
	"call": `
// call calls an operator that package torch has no function for.
func call(name string, args []any, kwargs map[string]any) []any {
	op, err := torch.Op(name)
	if err != nil {
		panic(torch.Errorf(name, torch.RuntimeError, "%v", err))
	}
	results, err := op.Call(args, kwargs)
	if err != nil {
		panic(torch.Errorf(name, torch.RuntimeError, "%v", err))
	}
	return results
}
`,
	"floorDiv": `
// floorDiv returns a ÷ b rounded down, as Python's a // b.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
`,
	"floatModulo": `
// floatModulo returns the remainder of a ÷ b with b's sign, as Python's a % b.
func floatModulo(a, b float64) float64 {
	r := math.Mod(a, b)
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}
`,
	"power": `
// power returns a to the power of b, which is not negative, as Python's a ** b.
func power(a, b int) int {
	if b < 0 {
		panic(torch.Errorf("power", torch.ValueError, "%d to the power of %d is no int", a, b))
	}
	p := 1
	for range b {
		p *= a
	}
	return p
}
`,
	"modulo": `
// modulo returns the remainder of a ÷ b with b's sign, as Python's a % b.
func modulo(a, b int) int {
	r := a % b
	if r != 0 && (r < 0) != (b < 0) {
		r += b
	}
	return r
}
`,
}
