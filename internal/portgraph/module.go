package portgraph

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/naming"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// module is a part of the model: one of package nn, or a struct of the source's.
type module struct {
	path   string // in the model: "encoder.fc1"
	typ    string // of the source's struct
	expr   string // in Forward: "m.Encoder.Fc1"
	fields []*field
	taken  map[string]bool
	layer  *layer // of package nn, or nil
}

// field is a weight or a module of a module.
type field struct {
	python, name string
	weight       *weight
	module       *module
}

// weight is a parameter, a buffer or a constant.
type weight struct {
	spec   export.InputSpec
	value  *graph.Value
	module *module
	field  *field
}

// expr returns how Forward calls the weight.
func (w *weight) expr() string { return w.module.expr + "." + w.field.name }

// readWeights makes the tree of modules from the names of the weights.
func (w *writer) readWeights() error {
	w.root = &module{typ: w.Type, expr: "m", taken: methods()}
	w.types[w.Type] = true
	inputs, _ := w.program.Signature()
	for i, in := range inputs {
		if in.Tensor == nil {
			continue
		}
		at := w.root
		path := strings.Split(in.Target, ".")
		for _, part := range path[:len(path)-1] {
			next := at.child(part)
			if next == nil {
				next = w.newModule(at, part)
			}
			at = next
		}
		last := path[len(path)-1]
		for _, f := range at.fields {
			if f.python == last {
				return fmt.Errorf("weight %s: there are two of the name", in.Target)
			}
		}
		made := &weight{spec: in, value: w.program.Graph.Inputs[i], module: at}
		made.field = &field{python: last, name: unique(exported(last), at.taken), weight: made}
		at.fields = append(at.fields, made.field)
		w.weights[made.value] = made
	}
	return nil
}

// child returns the module of a name within another, or nil.
func (m *module) child(name string) *module {
	for _, f := range m.fields {
		if f.python == name {
			return f.module
		}
	}
	return nil
}

func (w *writer) newModule(parent *module, name string) *module {
	f := &field{python: name, name: unique(exported(name), parent.taken)}
	f.module = &module{path: strings.TrimPrefix(parent.path+"."+name, "."), expr: parent.expr + "." + f.name, taken: methods()}
	w.structs[f.module.path] = true
	f.module.typ = unique(parent.typ+f.name, w.types)
	parent.fields = append(parent.fields, f)
	return f.module
}

// weightNamed returns a module's weight by its name in Python, or nil.
func (m *module) weightNamed(name string) *weight {
	for _, f := range m.fields {
		if f.python == name {
			return f.weight
		}
	}
	return nil
}

// tag returns the tag of a field, with a space before it, or "".
func (f *field) tag() string {
	name := ""
	if naming.SnakeCase(f.name) != f.python {
		name = f.python
	}
	if f.weight != nil && f.weight.spec.Kind != export.ParameterInput {
		name += ",buffer"
		if f.weight.spec.Kind == export.ConstantTensor || f.weight.spec.Persistent != nil && !*f.weight.spec.Persistent {
			name += ",nonpersistent"
		}
	}
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" `nn:%q`", name)
}

// declare writes the struct of a module and of those within it.
func (w *writer) declare(b *bytes.Buffer, m *module) {
	if m == w.root {
		fmt.Fprintf(b, "// %s is the model. Its parameters and buffers have their names in Python, so that state dicts fit.\n", m.typ)
	} else {
		fmt.Fprintf(b, "// %s is the model's %s.\n", m.typ, m.path)
	}
	fmt.Fprintf(b, "type %s struct {\nnn.Module\n", m.typ)
	for _, f := range m.fields {
		switch {
		case f.weight != nil:
			fmt.Fprintf(b, "%s *torch.Tensor%s // %s\n", f.name, f.tag(), f.weight.value.Type)
		case f.module.layer != nil:
			fmt.Fprintf(b, "%s *nn.%s%s\n", f.name, f.module.layer.name, f.tag())
		default:
			fmt.Fprintf(b, "%s *%s%s\n", f.name, f.module.typ, f.tag())
		}
	}
	b.WriteString("}\n\n")
	for _, f := range m.fields {
		if f.module != nil && f.module.layer == nil {
			w.declare(b, f.module)
		}
	}
}

// constructor writes the function that makes the model.
func (w *writer) constructor(b *bytes.Buffer) error {
	lines, err := w.sharing()
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "// New%[1]s returns the model in evaluation mode, as it was exported. Its weights are not yet the trained ones:\n// LoadWeights reads those.\nfunc New%[1]s() *%[1]s {\nm := ", w.Type)
	w.literal(b, w.root)
	b.WriteString("\n")
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	for _, in := range w.program.Graph.Inputs {
		if made := w.weights[in]; made != nil && made.spec.Kind == export.ParameterInput && !made.spec.Tensor.RequiresGrad() {
			fmt.Fprintf(b, "%s.SetRequiresGrad(false)\n", made.expr())
		}
	}
	b.WriteString("m.Eval()\nreturn m\n}\n\n")
	return nil
}

// literal writes the expression that makes a module.
func (w *writer) literal(b *bytes.Buffer, m *module) {
	if m.layer != nil {
		b.WriteString(m.layer.constructor)
		return
	}
	fmt.Fprintf(b, "nn.Init(&%s{\n", m.typ)
	for _, f := range m.fields {
		fmt.Fprintf(b, "%s: ", f.name)
		if f.weight == nil {
			w.literal(b, f.module)
		} else {
			b.WriteString(f.weight.zeros())
		}
		b.WriteString(",\n")
	}
	b.WriteString("})")
}

// zeros returns the expression that makes a weight, of zeros.
func (w *weight) zeros() string {
	x := w.spec.Tensor
	options := ""
	if x.DType() != torch.Float32 {
		options = ", torch.TensorOptions{DType: " + dtypes[x.DType()] + "}"
	}
	made := fmt.Sprintf("torch.Zeros(%s%s)", ints(x.Shape()), options)
	if w.spec.Kind == export.ParameterInput {
		return "nn.NewParameter(" + made + ")"
	}
	return made
}

// ints returns a list of numbers as Go writes it.
func ints(list []int) string {
	return "[]int{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]") + "}"
}

// dtypes are the dtypes as Go writes them.
var dtypes = map[torch.DType]string{}

func init() {
	for name, d := range map[string]torch.DType{
		"Float16": torch.Float16, "BFloat16": torch.BFloat16, "Float32": torch.Float32, "Float64": torch.Float64, "Bool": torch.Bool,
		"Uint8": torch.Uint8, "Int8": torch.Int8, "Int16": torch.Int16, "Int32": torch.Int32, "Int64": torch.Int64, "Complex64": torch.Complex64, "Complex128": torch.Complex128,
	} {
		dtypes[d] = "torch." + name
	}
}

// shapeOf returns the sizes of a tensor, as they were in the example.
func shapeOf(v *graph.Value) []int {
	if v == nil || v.Type == nil {
		return nil
	}
	list := make([]int, len(v.Type.Shape))
	for i, s := range v.Type.Shape {
		list[i] = cmp.Or(s.N, 1)
	}
	return list
}
