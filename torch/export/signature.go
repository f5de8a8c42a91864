package export

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// InputKind is what an input of a program's graph is.
type InputKind string

// The kinds of inputs.
const (
	UserInput      InputKind = "user_input"      // an argument of the model's forward
	ParameterInput InputKind = "parameter"       // a weight that is trained
	BufferInput    InputKind = "buffer"          // one that is not
	ConstantTensor InputKind = "tensor_constant" // a tensor that no module has registered
	ConstantInput  InputKind = "constant_input"  // an argument that is always the same number or text
)

// InputSpec says what an input of a program's graph is.
//
// https://docs.pytorch.org/docs/stable/export/api_reference.html#torch.export.graph_signature.InputSpec
type InputSpec struct {
	Kind       InputKind     // default: UserInput
	Target     string        // the name of a weight in the model, such as "fc1.weight"
	Tensor     *torch.Tensor // the weight
	Persistent *bool         // whether a buffer is in the state dict; default: true
	Constant   any           // what a ConstantInput is: nil, a bool, int, float64 or string
}

// OutputKind is what an output of a program's graph is.
type OutputKind string

// The kinds of outputs.
const (
	UserOutput        OutputKind = "user_output"         // a result of the model's forward
	LossOutput        OutputKind = "loss_output"         // one that is a loss
	BufferMutation    OutputKind = "buffer_mutation"     // the new value of a buffer
	ParameterMutation OutputKind = "parameter_mutation"  // the new value of a parameter
	InputMutation     OutputKind = "user_input_mutation" // the new value of an argument
)

// OutputSpec says what an output of a program's graph is.
//
// https://docs.pytorch.org/docs/stable/export/api_reference.html#torch.export.graph_signature.OutputSpec
type OutputSpec struct {
	Kind   OutputKind // default: UserOutput
	Target string     // the name of the buffer, the parameter or the graph's input that gets the new value
}

// Range is which values a symbol of sizes may have; nil where there is no bound.
type Range struct {
	Min *int `json:"min_val"`
	Max *int `json:"max_val"`
}

// ProgramOptions are the options of [NewProgram].
type ProgramOptions struct {
	Outputs []OutputSpec     // what the graph's outputs are, in order; default: UserOutputs
	Ranges  map[string]Range // of the symbols in the sizes; default: 2 or more, as Python exports dynamic sizes
}

// NewProgram returns a program of a graph and of what its inputs are, in order. Its
// arguments are the user inputs, and it returns the user outputs: a tensor if there is one,
// else a tuple. The weights stay the caller's, and a program that changes them changes these.
//
// It fails, and names the input or the output, where the graph and what is said of it do not
// agree: in number, names, dtypes or shapes, or in operators that this libtorch has not.
//
// https://docs.pytorch.org/docs/stable/export/api_reference.html#torch.export.ExportedProgram
func NewProgram(g *graph.Graph, inputs []InputSpec, options ...ProgramOptions) (*Program, error) {
	p, err := newProgram(g, inputs, options)
	if err != nil {
		return nil, fmt.Errorf("export.NewProgram: %w", err)
	}
	return p, nil
}

func newProgram(g *graph.Graph, inputs []InputSpec, options []ProgramOptions) (*Program, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	prepared, err := g.Prepare()
	if err != nil {
		return nil, err
	}
	p := &Program{Graph: g, program: prepared, Version: torch.Version(), file: fileJSON{ranges: o.Ranges}}
	for i, in := range inputs {
		if in.Kind == "" {
			in.Kind = UserInput
		}
		p.inputs = append(p.inputs, in)
		if i >= len(g.Inputs) {
			continue
		}
		if err := checkWeight(&in, g.Inputs[i]); err != nil {
			return nil, fmt.Errorf("input %d, %s: %w", i, brief.Text(g.Inputs[i].Name), err)
		}
		if in.user() {
			p.names = append(p.names, g.Inputs[i].Name)
		}
	}
	p.outputs = slices.Clone(o.Outputs)
	if p.outputs == nil {
		p.outputs = make([]OutputSpec, len(g.Outputs))
	}
	users := 0
	for i := range p.outputs {
		if p.outputs[i].Kind == "" {
			p.outputs[i].Kind = UserOutput
		}
		if p.outputs[i].user() {
			users++
		}
	}
	p.in = pytree.Of("tuple", pytree.Of("tuple", pytree.NewLeaves(len(p.names))...), pytree.Of("dict"))
	p.out = &pytree.Tree{}
	if users != 1 {
		p.out = pytree.Of("tuple", pytree.NewLeaves(users)...)
	}
	return p, p.connect()
}

// checkWeight looks whether an input is what its specification says.
func checkWeight(in *InputSpec, v *graph.Value) error {
	if in.user() {
		if in.Tensor != nil || in.Target != "" {
			return errors.New("an argument has a Tensor or a Target, as weights have")
		}
		return nil
	}
	if in.Tensor == nil || in.Target == "" {
		return fmt.Errorf("a %s lacks its Tensor or its Target", in.Kind)
	}
	if v.Type == nil {
		return nil
	}
	if d := in.Tensor.DType(); d != v.Type.DType {
		return fmt.Errorf("the tensor is of %v, and the graph's of %v", d, v.Type.DType)
	}
	shape := in.Tensor.Shape()
	fits := len(shape) == len(v.Type.Shape)
	for i := 0; fits && i < len(shape); i++ {
		fits = v.Type.Shape[i].Symbol == "" && v.Type.Shape[i].N == shape[i]
	}
	if !fits {
		return fmt.Errorf("the tensor's shape is %v, and the graph's %v", shape, v.Type.Shape)
	}
	return nil
}

// user reports whether the caller gives the input.
func (in *InputSpec) user() bool { return in.Kind == UserInput || in.Kind == ConstantInput }

// user reports whether the caller gets the output.
func (out *OutputSpec) user() bool { return out.Kind == UserOutput || out.Kind == LossOutput }

// connect finds what the specifications name, and looks whether all is there.
func (p *Program) connect() error {
	if len(p.inputs) != len(p.Graph.Inputs) {
		return fmt.Errorf("the signature has %d inputs, the graph %d", len(p.inputs), len(p.Graph.Inputs))
	}
	if len(p.outputs) != len(p.Graph.Outputs) {
		return fmt.Errorf("the signature has %d outputs, the graph %d", len(p.outputs), len(p.Graph.Outputs))
	}
	places, err := p.in.LocateArguments(p.names)
	if err != nil {
		return err
	}
	p.guards.symbols = map[string]int{}
	for i, in := range p.inputs {
		v := p.Graph.Inputs[i]
		switch in.Kind {
		case ParameterInput:
			v.Role = graph.Parameter
			p.Parameters = append(p.Parameters, nn.NamedTensor{Name: in.Target, Tensor: in.Tensor})
		case BufferInput:
			v.Role = graph.Buffer
			p.Buffers = append(p.Buffers, nn.NamedTensor{Name: in.Target, Tensor: in.Tensor})
			p.persistent = append(p.persistent, option.Or(in.Persistent, true))
		case ConstantTensor:
			v.Role = graph.Constant
		case UserInput, ConstantInput:
			n := len(p.guards.arguments)
			if n >= len(places) {
				return fmt.Errorf("the tree of the arguments has %d leaves, and the signature more", n)
			}
			if err := p.guards.add(places[n], v, p.file.ranges); err != nil {
				return err
			}
			p.guards.arguments[n].fixed, p.guards.arguments[n].constant = in.Kind == ConstantInput, in.Constant
		default:
			return fmt.Errorf("the program has an input of kind %s, which has no counterpart in Go", brief.Text(string(in.Kind)))
		}
	}
	if users := len(p.guards.arguments); users != len(places) {
		return fmt.Errorf("the signature has %d inputs, and its tree %d", users, len(places))
	}
	for _, condition := range p.file.conditions {
		if err := p.guards.relate(condition, p.names); err != nil {
			return fmt.Errorf("a guard: %w", err)
		}
	}
	users := 0
	for i, out := range p.outputs {
		change := mutation{from: -1}
		found := true
		switch out.Kind {
		case UserOutput, LossOutput:
			users++
		case BufferMutation:
			change.to = p.Buffers.Get(out.Target)
			found = change.to != nil
		case ParameterMutation:
			change.to = p.Parameters.Get(out.Target)
			found = change.to != nil
		case InputMutation:
			change.from = slices.IndexFunc(p.Graph.Inputs, func(v *graph.Value) bool { return v.Name == out.Target })
			found = change.from >= 0
		default:
			return fmt.Errorf("the program has an output of kind %s, which has no counterpart in Go", brief.Text(string(out.Kind)))
		}
		if !found {
			return fmt.Errorf("output %d is a %s of %s, which is not there", i, out.Kind, brief.Text(out.Target))
		}
		p.changes = append(p.changes, change)
	}
	if n := p.out.Leaves(); n != users {
		return fmt.Errorf("the signature has %d outputs, and its tree %d", users, n)
	}
	return nil
}
