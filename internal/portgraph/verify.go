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
	var given, theirs, ours []string
	for j, in := range inputs {
		v := c.Program.Graph.Inputs[j]
		switch {
		case in.Tensor != nil:
			continue
		case in.Kind == export.ConstantInput:
			text, err := (&writer{imports: map[string]bool{}}).value(in.Constant)
			if err != nil {
				return err
			}
			theirs = append(theirs, text)
			continue
		}
		text, err := random(v)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "in%d := %s\n", j, text)
		given = append(given, fmt.Sprintf("in%d", j))
		if v.Type == nil {
			theirs = append(theirs, fmt.Sprintf("in%d", j))
			continue
		}
		fmt.Fprintf(b, "own%d := in%d.Clone() // both may change it\n", j, j)
		theirs = append(theirs, fmt.Sprintf("own%d", j))
		ours = append(ours, fmt.Sprintf("in%d", j))
	}
	var names []string
	for j, out := range outputs {
		if out.Kind == export.UserOutput || out.Kind == export.LossOutput {
			names = append(names, fmt.Sprintf("got%d", j))
		}
	}
	call := fmt.Sprintf("m.Forward(%s)", strings.Join(given, ", "))
	if len(names) > 0 {
		call = fmt.Sprintf("%s := %s", strings.Join(names, ", "), call)
	}
	fmt.Fprintf(b, "want, err := program.RunFlat([]any{%s})\n", strings.Join(theirs, ", "))
	fmt.Fprintf(b, "var got []any\nrefused := torch.Try(func() {\n%s\ngot = []any{%s}\n})\ncompare(%q, want, err, got, refused)\n", call, strings.Join(names, ", "), c.File)
	for _, name := range ours {
		fmt.Fprintf(b, "compareInput(%q, %q, own%s, %s)\n", c.File, name, name[2:], name)
	}
	b.WriteString("}\n")
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

// compare prints whether results are equal, bit for bit, or both refuse the inputs.
func compare(file string, want []any, err error, got []any, refused error) {
	switch {
	case err != nil && refused != nil:
		fmt.Printf("%s: both refuse the inputs, equal\n", file)
		return
	case err != nil || refused != nil || len(want) != len(got):
		fmt.Printf("%s: %d results (%v), want %d (%v): DIFFERENT\n", file, len(got), refused, len(want), err)
		different = true
		return
	}
	for i := range want {
		fmt.Printf("%s: result %d: %s, %s\n", file, i, text(got[i]), verdict(want[i], got[i]))
	}
}

// compareInput prints whether an input was changed alike.
func compareInput(file, name string, want, got *torch.Tensor) {
	if v := verdict(want, got); v != "equal" {
		fmt.Printf("%s: %s: %s after the call\n", file, name, v)
	}
}

func verdict(want, got any) string {
	if equal(want, got) {
		return "equal"
	}
	different = true
	return "DIFFERENT"
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
