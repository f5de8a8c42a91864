package portgraph

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// A Check is a program and the package that [Source] wrote from it.
type Check struct {
	Program *export.Program
	File    string // the .pt2 file
	Import  string // the package's path
	Type    string // the module's; default: "Model"
}

// Verification returns the source of a command that runs each program and its module on the
// same random inputs, prints what each of their results is, and fails where bits differ.
// Tensors of integers are of 0 and 1, which are indices of most tables.
func Verification(checks ...Check) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Command verify compares modules with the programs that they were written from.\npackage main\n\nimport (\n\"fmt\"\n\"os\"\n\n")
	for i, c := range checks {
		fmt.Fprintf(&b, "model%d %q\n", i, c.Import)
	}
	fmt.Fprintf(&b, "%q\n%q\n)\n\nfunc main() {\n", paths["torch"], paths["export"])
	for i := range checks {
		fmt.Fprintf(&b, "check%d()\n", i)
	}
	b.WriteString("if different {\nos.Exit(1)\n}\n}\n")
	for i, c := range checks {
		if err := c.write(&b, i); err != nil {
			return nil, fmt.Errorf("%s: %w", c.File, err)
		}
	}
	b.WriteString(compare)
	return format.Source(b.Bytes())
}

// write writes the function that checks one program.
func (c Check) write(b *bytes.Buffer, i int) error {
	fmt.Fprintf(b, "\nfunc check%d() {\nprogram, err := export.Load(%q)\nmust(err)\ndefer program.Close()\nm := model%d.New%s()\nmust(m.LoadWeights(%q))\ntorch.ManualSeed(0)\n",
		i, c.File, i, cmp.Or(c.Type, "Model"), c.File)
	inputs, outputs := c.Program.Signature()
	flat, given := "", ""
	for j, in := range inputs {
		if in.Tensor != nil || in.Kind == export.ConstantInput {
			if in.Kind == export.ConstantInput {
				flat += "nil, "
			}
			continue
		}
		v := c.Program.Graph.Inputs[j]
		text, err := random(v)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "in%d := %s\n", j, text)
		own := fmt.Sprintf("in%d", j)
		if v.Type != nil {
			own += ".Clone()" // it may be changed
		}
		flat += own + ", "
		given += fmt.Sprintf("in%d, ", j)
	}
	fmt.Fprintf(b, "want, err := program.RunFlat([]any{%s})\nmust(err)\n", flat)
	var names []string
	for j, out := range outputs {
		if out.Kind == export.UserOutput || out.Kind == export.LossOutput {
			names = append(names, fmt.Sprintf("got%d", j))
		}
	}
	results := strings.Join(names, ", ")
	if results == "" {
		fmt.Fprintf(b, "m.Forward(%s)\ncompare(%q, want, nil)\n}\n", given, c.File)
		return nil
	}
	fmt.Fprintf(b, "%s := m.Forward(%s)\ncompare(%q, want, []any{%s})\n}\n", results, given, c.File, results)
	return nil
}

// random returns the expression that makes an input.
func random(v *graph.Value) (string, error) {
	switch {
	case v.Type == nil && v.Size != nil && v.Size.Kind == graph.Int:
		return fmt.Sprint(v.Size.N), nil
	case v.Type == nil:
		return "", fmt.Errorf("input %s is neither a tensor nor an int", v.Name)
	}
	shape, d := ints(shapeOf(v)), v.Type.DType
	switch {
	case dtypes[d] == "":
		return "", fmt.Errorf("input %s is of %v", v.Name, d)
	case d.IsFloatingPoint() || d.IsComplex():
		return fmt.Sprintf("torch.Randn(%s, torch.TensorOptions{DType: %s})", shape, dtypes[d]), nil
	}
	return fmt.Sprintf("torch.Randint(0, 2, %s).To(%s)", shape, dtypes[d]), nil
}

const compare = `
// different is whether results differ.
var different bool

// compare prints whether results are equal, bit for bit.
func compare(file string, want, got []any) {
	if len(want) != len(got) {
		fmt.Printf("%s: %d results, want %d\n", file, len(got), len(want))
		different = true
		return
	}
	for i := range want {
		verdict := "equal"
		if !equal(want[i], got[i]) {
			verdict, different = "DIFFERENT", true
		}
		fmt.Printf("%s: result %d: %s, %s\n", file, i, text(got[i]), verdict)
	}
}

func equal(want, got any) bool {
	x, ok := want.(*torch.Tensor)
	if !ok {
		return want == got
	}
	y, ok := got.(*torch.Tensor)
	return ok && x.DType() == y.DType() && fmt.Sprint(x.Shape()) == fmt.Sprint(y.Shape()) && x.Eq(y).LogicalOr(x.Ne(x).LogicalAnd(y.Ne(y))).All().Bool()
}

func text(v any) string {
	if x, ok := v.(*torch.Tensor); ok {
		return fmt.Sprint(x.DType(), x.Shape())
	}
	return fmt.Sprintf("%T %v", v, v)
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
`
