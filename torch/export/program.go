// Package export runs programs of PyTorch's torch.export: models that Python has written
// to a .pt2 file, with their weights, without Python.
//
//	program, err := export.Load("model.pt2")
//	...
//	y, err := program.Run(x)
//
// https://docs.pytorch.org/docs/stable/export.html
package export

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Program is an exported model. Several goroutines may run it at once, if it changes no
// buffers.
type Program struct {
	Graph      *graph.Graph
	Parameters nn.StateDict // by their names in the model
	Buffers    nn.StateDict
	Version    string // of the PyTorch that wrote it

	program *graph.Program
	inputs  []*torch.Tensor // the weights; nil for what the caller gives
	outputs []output
	in, out *tree
	names   []string // of Forward's arguments
	guards  guards
	closers []*torch.Tensor

	persistent []bool // of each buffer
}

// output is what an output of the graph is: one of the caller's, or the new value of a
// buffer, a parameter or an input.
type output struct {
	to   *torch.Tensor // what changes, if it is a weight
	from int           // which input of the caller changes, or -1
}

// Load reads a program that Python's torch.export.save wrote. Its weights are in the
// mapped file, on the CPU. It fails, and says why, on a file of another kind, on one that
// is damaged, on a version of the format that is not 8, and on operators that this
// libtorch has not.
//
// https://docs.pytorch.org/docs/stable/export.html#torch.export.load
func Load(path string) (*Program, error) {
	p, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("export.Load: %w", err)
	}
	return p, nil
}

func load(path string) (*Program, error) {
	a, err := openArchive(path)
	if err != nil {
		return nil, err
	}
	defer a.file.Close()
	var j programJSON
	if err := a.unmarshal("models/model.json", &j); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if v := j.SchemaVersion; v.Major != 8 {
		return nil, fmt.Errorf("%s: version %d.%d of the format, want 8: export it again with a PyTorch from 2.6 to 2.15", path, v.Major, v.Minor)
	}
	p := &Program{Version: j.TorchVersion, guards: guards{symbols: map[string]int{}}}
	if err := p.read(a, &j); err != nil {
		p.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// read makes the program.
func (p *Program) read(a *archive, j *programJSON) (err error) {
	m := &j.GraphModule
	if p.Graph, err = build(&m.Graph, 0); err != nil {
		return err
	}
	if p.program, err = p.Graph.Prepare(); err != nil {
		return err
	}
	i := slices.IndexFunc(m.Calls, func(c callJSON) bool { return c.Name == "" && c.Signature != nil })
	if i < 0 {
		return errors.New("the program has no signature of its arguments")
	}
	call := m.Calls[i].Signature
	p.names = call.Names
	if p.in, err = parseTree(call.In); err != nil {
		return fmt.Errorf("in_spec: %w", err)
	}
	if p.out, err = parseTree(call.Out); err != nil {
		return fmt.Errorf("out_spec: %w", err)
	}
	w := &weights{archive: a, program: p, tensors: map[string]*torch.Tensor{}}
	if err := w.open(); err != nil {
		return err
	}
	if err := p.readInputs(m, w, j.RangeConstraints); err != nil {
		return err
	}
	for _, condition := range j.Guards {
		if err := p.guards.relate(condition, p.names); err != nil {
			return fmt.Errorf("a guard: %w", err)
		}
	}
	return p.readOutputs(m, w)
}

// weights are the tensors of a file.
type weights struct {
	archive            *archive
	program            *Program
	weights, constants payloadJSON
	tensors            map[string]*torch.Tensor
}

func (w *weights) open() error {
	const folder = "data/weights/model_weights_config.json"
	err := w.archive.unmarshal(folder, &w.weights)
	if err == nil && w.archive.records.Has("data/constants/model_constants_config.json") {
		err = w.archive.unmarshal("data/constants/model_constants_config.json", &w.constants)
	}
	return err
}

// tensor returns the tensor of a name, one for each name.
func (w *weights) tensor(name string) (*torch.Tensor, error) {
	if x := w.tensors[name]; x != nil {
		return x, nil
	}
	entry, ok := w.weights.Config[name]
	folder := "data/weights/"
	if !ok {
		entry, ok = w.constants.Config[name]
		folder = "data/constants/"
	}
	if !ok {
		return nil, fmt.Errorf("the file has no weight %s", brief.Text(name))
	}
	x, err := w.archive.tensor(folder+entry.Path, entry.Meta, entry.UsePickle)
	if err != nil {
		return nil, fmt.Errorf("weight %s: %w", brief.Text(name), err)
	}
	w.tensors[name] = x.Keep()
	w.program.closers = append(w.program.closers, x)
	return x, nil
}

// parameter is tensor for one that is trained.
func (w *weights) parameter(name string) (*torch.Tensor, error) {
	x, err := w.tensor(name)
	if err != nil {
		return nil, err
	}
	parameter := nn.NewParameter(x)
	w.tensors[name] = parameter
	w.program.closers = append(w.program.closers, parameter)
	return parameter, nil
}

// readInputs reads what the graph's inputs are.
func (p *Program) readInputs(m *moduleJSON, w *weights, ranges map[string]rangeJSON) error {
	if len(m.Signature.Inputs) != len(m.Graph.Inputs) {
		return fmt.Errorf("the signature has %d inputs, the graph %d", len(m.Signature.Inputs), len(m.Graph.Inputs))
	}
	places, err := p.locate()
	if err != nil {
		return err
	}
	for i, spec := range m.Signature.Inputs {
		var s struct {
			Parameter string `json:"parameter_name"`
			Buffer    string `json:"buffer_name"`
			Constant  string `json:"tensor_constant_name"`
			Value     *union `json:"value"`

			Persistent bool   `json:"persistent"`
			Name       string `json:"name"`
		}
		if err := spec.read(&s); err != nil {
			return err
		}
		var weight *torch.Tensor
		var err error
		switch spec.kind {
		case "parameter":
			p.Graph.Inputs[i].Role = graph.Parameter
			if weight, err = w.parameter(s.Parameter); err == nil {
				p.Parameters = append(p.Parameters, nn.NamedTensor{Name: s.Parameter, Tensor: weight})
				if meta := m.Graph.Tensors[p.Graph.Inputs[i].Name]; !meta.RequiresGrad {
					weight.SetRequiresGrad(false)
				}
			}
		case "buffer":
			p.Graph.Inputs[i].Role = graph.Buffer
			if weight, err = w.tensor(s.Buffer); err == nil {
				p.Buffers = append(p.Buffers, nn.NamedTensor{Name: s.Buffer, Tensor: weight})
				p.persistent = append(p.persistent, s.Persistent)
			}
		case "tensor_constant":
			p.Graph.Inputs[i].Role = graph.Constant
			weight, err = w.tensor(s.Constant)
		case "user_input", "constant_input":
			n := len(p.guards.arguments)
			if n >= len(places) {
				return fmt.Errorf("the tree of the arguments has %d leaves, and the signature more", n)
			}
			if err = p.guards.add(places[n], p.Graph.Inputs[i], ranges); err == nil && spec.kind == "constant_input" {
				a := &p.guards.arguments[n]
				if a.fixed = true; s.Value != nil {
					a.constant, err = (&builder{}).argument(*s.Value)
				}
			}
		default:
			err = fmt.Errorf("the program has an input of kind %s, which has no counterpart in Go", brief.Text(spec.kind))
		}
		if err != nil {
			return err
		}
		p.inputs = append(p.inputs, weight)
	}
	if users := len(p.guards.arguments); users != len(places) {
		return fmt.Errorf("the signature has %d inputs, and its tree %d", users, len(places))
	}
	return nil
}

// readOutputs reads what the graph's outputs are.
func (p *Program) readOutputs(m *moduleJSON, w *weights) error {
	if len(m.Signature.Outputs) != len(m.Graph.Outputs) {
		return fmt.Errorf("the signature has %d outputs, the graph %d", len(m.Signature.Outputs), len(m.Graph.Outputs))
	}
	users := 0
	for _, spec := range m.Signature.Outputs {
		var s struct {
			Buffer    string `json:"buffer_name"`
			Parameter string `json:"parameter_name"`
			Input     string `json:"user_input_name"`
		}
		if err := spec.read(&s); err != nil {
			return err
		}
		out := output{from: -1}
		var err error
		switch spec.kind {
		case "user_output", "loss_output":
			users++
		case "buffer_mutation":
			out.to, err = w.tensor(s.Buffer)
		case "parameter_mutation":
			out.to, err = w.tensor(s.Parameter)
		case "user_input_mutation":
			out.from = slices.IndexFunc(p.Graph.Inputs, func(v *graph.Value) bool { return v.Name == s.Input })
			if out.from < 0 {
				err = fmt.Errorf("it changes the input %s, which is not there", brief.Text(s.Input))
			}
		default:
			err = fmt.Errorf("the program has an output of kind %s, which has no counterpart in Go", brief.Text(spec.kind))
		}
		if err != nil {
			return err
		}
		p.outputs = append(p.outputs, out)
	}
	if n := p.out.leaves(); n != users {
		return fmt.Errorf("the signature has %d outputs, and its tree %d", users, n)
	}
	return nil
}

// Close closes the weights. The program may not run any more.
func (p *Program) Close() {
	if p == nil {
		return
	}
	for _, x := range p.closers {
		x.Close()
	}
}
