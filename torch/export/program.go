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
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
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
	inputs  []InputSpec
	outputs []OutputSpec
	changes []mutation // one for each output
	in, out *pytree.Tree
	names   []string // of Forward's arguments
	guards  guards
	closers []*torch.Tensor

	persistent []bool // of each buffer
	file       fileJSON
}

// fileJSON is what a file says of a program besides, for Save.
type fileJSON struct {
	ranges     map[string]Range
	conditions []string
	verifiers  []string
	opsets     map[string]int
	tuples     tuplesJSON
	modules    []callJSON
	sample     []byte // the example inputs, a file of torch.save
}

// mutation is what an output is the new value of, if it is.
type mutation struct {
	to   *torch.Tensor // a weight
	from int           // which input of the caller's, or -1
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
	p := &Program{Version: j.TorchVersion}
	p.file = fileJSON{j.RangeConstraints, j.Guards, j.Verifiers, j.Opsets, j.GraphModule.Tuples, j.GraphModule.Calls, nil}
	if a.records.Has(sampleRecord) {
		sample, err := a.read(sampleRecord)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		p.file.sample = bytes.Clone(sample)
	}
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
	if p.in, err = pytree.Parse(call.In); err != nil {
		return fmt.Errorf("in_spec: %w", err)
	}
	if p.out, err = pytree.Parse(call.Out); err != nil {
		return fmt.Errorf("out_spec: %w", err)
	}
	w := &weights{archive: a, program: p, tensors: map[string]*torch.Tensor{}}
	if err := w.open(); err != nil {
		return err
	}
	if err := p.readInputs(m, w); err != nil {
		return err
	}
	if err := p.readOutputs(m); err != nil {
		return err
	}
	return p.connect()
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
func (p *Program) readInputs(m *moduleJSON, w *weights) error {
	if len(m.Signature.Inputs) != len(m.Graph.Inputs) {
		return fmt.Errorf("the signature has %d inputs, the graph %d", len(m.Signature.Inputs), len(m.Graph.Inputs))
	}
	return eachSpec(m.Signature.Inputs, func(i int, kind string, s specJSON) error {
		in := InputSpec{Kind: InputKind(kind)}
		var err error
		switch in.Kind {
		case ParameterInput:
			in.Target = s.Parameter
			if in.Tensor, err = w.parameter(in.Target); err == nil {
				if meta := m.Graph.Tensors[p.Graph.Inputs[i].Name]; !meta.RequiresGrad {
					in.Tensor.SetRequiresGrad(false)
				}
			}
		case BufferInput:
			in.Target, in.Persistent = s.Buffer, &s.Persistent
			in.Tensor, err = w.tensor(in.Target)
		case ConstantTensor:
			in.Target = s.Constant
			in.Tensor, err = w.tensor(in.Target)
		case ConstantInput:
			p.Graph.Inputs[i].Name = s.Name
			if s.Value != nil {
				in.Constant, err = (&builder{}).argument(*s.Value)
			}
		}
		p.inputs = append(p.inputs, in)
		return err
	})
}

// readOutputs reads what the graph's outputs are.
func (p *Program) readOutputs(m *moduleJSON) error {
	return eachSpec(m.Signature.Outputs, func(_ int, kind string, s specJSON) error {
		p.outputs = append(p.outputs, OutputSpec{OutputKind(kind), s.Buffer + s.Parameter + s.Input})
		return nil
	})
}

// specJSON is what a file says of an input or an output.
type specJSON struct {
	Parameter string `json:"parameter_name"`
	Buffer    string `json:"buffer_name"`
	Constant  string `json:"tensor_constant_name"`
	Input     string `json:"user_input_name"`
	Value     *union `json:"value"`

	Persistent bool   `json:"persistent"`
	Name       string `json:"name"`
}

// eachSpec calls f with what a file says of each input or output.
func eachSpec(specs []union, f func(i int, kind string, s specJSON) error) error {
	for i, spec := range specs {
		var s specJSON
		if err := spec.read(&s); err != nil {
			return err
		}
		if err := f(i, spec.kind, s); err != nil {
			return err
		}
	}
	return nil
}

// Signature returns what the graph's inputs and outputs are, in order.
//
// https://docs.pytorch.org/docs/stable/export/api_reference.html#torch.export.graph_signature.ExportGraphSignature
func (p *Program) Signature() ([]InputSpec, []OutputSpec) {
	return slices.Clone(p.inputs), slices.Clone(p.outputs)
}

// Ranges returns which values the symbols of sizes may have, such as "s77", as far as the
// program limits them.
func (p *Program) Ranges() map[string]Range { return maps.Clone(p.file.ranges) }

// Close closes the weights. The program may not run any more.
func (p *Program) Close() {
	if p == nil {
		return
	}
	for _, x := range p.closers {
		x.Close()
	}
}
