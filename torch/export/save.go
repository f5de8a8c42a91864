package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/torch"
)

// SaveOptions are the options of [Save].
type SaveOptions struct {
	SampleInputs []any          // arguments of the program; default: those of its file, or zeros
	SampleNamed  map[string]any // its named ones
	Sync         bool           // wait until the file is on the disk, as with torch.SaveOptions
}

// Save writes a program to a .pt2 file that Python runs with torch.export.load(path).module(),
// AOTInductor compiles, and [Load] reads. The weights are written as they are now.
//
// The sample inputs are what Python takes for the program's example_inputs. Sizes that are
// symbols have theirs there.
//
// The file appears, or takes the place of an old one, when it is complete, as with
// [torch.Save]. Save fails, and names the place, on what the format has not: a value whose
// dtype and shape are not known, weights that are sparse, nested or on [torch.Meta],
// different weights of one name, and sample inputs that the program refuses. Operators
// that a program of Go has registered are unknown in Python.
//
// https://docs.pytorch.org/docs/stable/export/api_reference.html#torch.export.save
func Save(p *Program, path string, options ...SaveOptions) error {
	if err := save(p, path, options); err != nil {
		return fmt.Errorf("export.Save: %s: %w", path, err)
	}
	return nil
}

func save(p *Program, path string, options []SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	if p == nil || p.program == nil {
		return errors.New("there is no program: Load or NewProgram makes one")
	}
	if len(p.Graph.Inputs) != len(p.inputs) || len(p.Graph.Outputs) != len(p.outputs) {
		return errors.New("the graph has other inputs or outputs than the program was made with: NewProgram makes another")
	}
	f := &file{program: p}
	if err := f.describe(o); err != nil {
		return err
	}
	return atomicfile.Write(path, f.write, atomicfile.Options{Sync: o.Sync})
}

// file is a .pt2 file that is written.
type file struct {
	program   *Program
	model     programJSON
	sample    []byte
	weights   *folder
	constants *folder
}

// describe makes all but the weights' bytes, so that what cannot be written is known
// before anything is.
func (f *file) describe(o SaveOptions) error {
	p := f.program
	s := &symbols{map[string]Range{}, map[string]int{}, map[string]string{}}
	for symbol, r := range p.file.ranges {
		s.ranges[symbol] = r
	}
	if o.SampleInputs != nil || o.SampleNamed != nil {
		var err error
		if s.hints, err = p.Symbols(o.SampleInputs, o.SampleNamed); err != nil {
			return fmt.Errorf("the sample inputs: %w", err)
		}
	}
	if err := s.collect(p.Graph); err != nil {
		return err
	}
	constants := fixed{}
	for i, in := range p.inputs {
		if in.Kind == ConstantInput {
			constants[p.Graph.Inputs[i]] = in.Constant
		}
	}
	e, err := s.encode(p.Graph, constants)
	if err != nil {
		return err
	}
	f.model = programJSON{
		GraphModule:      moduleJSON{Graph: *e.json, Signature: f.signature(e), Calls: f.calls(), Tuples: p.file.tuples},
		Opsets:           p.file.opsets,
		RangeConstraints: s.constraints(),
		SchemaVersion:    versionJSON{8, 20},
		Verifiers:        p.file.verifiers,
		TorchVersion:     p.Version,
		Guards:           p.file.conditions,
	}
	if f.model.Opsets == nil {
		f.model.Opsets = map[string]int{"aten": 10}
	}
	if f.model.Verifiers == nil {
		f.model.Verifiers = []string{"TRAINING"}
	}
	if f.model.Guards == nil {
		f.model.Guards = []string{}
	}
	if f.model.GraphModule.Tuples == nil {
		f.model.GraphModule.Tuples = tuplesJSON{}
	}
	if err := f.describeSamples(o, s); err != nil {
		return err
	}
	return f.collect()
}

// describeSamples makes the record of the sample inputs.
func (f *file) describeSamples(o SaveOptions, s *symbols) error {
	if f.sample = f.program.file.sample; len(f.sample) > 0 && o.SampleInputs == nil && o.SampleNamed == nil {
		return nil
	}
	samples, err := f.samples(o, s)
	if err != nil {
		return err
	}
	var record bytes.Buffer
	if err := torch.SaveTo(samples, &record); err != nil {
		return fmt.Errorf("the sample inputs: %w", err)
	}
	f.sample = record.Bytes()
	return nil
}

// samples returns the sample inputs.
func (f *file) samples(o SaveOptions, s *symbols) (any, error) {
	p := f.program
	if o.SampleInputs != nil || o.SampleNamed != nil {
		args, named := o.SampleInputs, o.SampleNamed
		if named == nil {
			named = map[string]any{}
		}
		return torch.Tuple{torch.Tuple(args), named}, nil
	}
	var leaves []any
	for i, in := range p.inputs {
		switch v := p.Graph.Inputs[i]; {
		case in.Kind == ConstantInput:
			leaves = append(leaves, in.Constant)
		case in.Kind != UserInput:
		case v.Type != nil:
			shape := make([]int, len(v.Type.Shape))
			for at, size := range v.Type.Shape {
				var err error
				if shape[at], err = size.Value(s.hints); err != nil {
					return nil, fmt.Errorf("a sample of %s: %w", brief.Text(v.Name), err)
				}
			}
			var x *torch.Tensor
			if err := torch.Try(func() { x = torch.Zeros(shape, torch.TensorOptions{DType: v.Type.DType}) }); err != nil {
				return nil, fmt.Errorf("a sample of %s: %w", brief.Text(v.Name), err)
			}
			leaves = append(leaves, x)
		default:
			n, err := v.Size.Value(s.hints)
			if err != nil {
				return nil, fmt.Errorf("a sample of %s: %w", brief.Text(v.Name), err)
			}
			leaves = append(leaves, n)
		}
	}
	value, _ := p.in.Unflatten(leaves)
	return value, nil
}

// signature says what the graph's inputs and outputs are.
func (f *file) signature(e *encoder) signatureJSON {
	p := f.program
	j := signatureJSON{Inputs: []union{}, Outputs: []union{}}
	for i, in := range p.inputs {
		v := p.Graph.Inputs[i]
		arg := e.json.Inputs[i]
		if in.Kind == ParameterInput { // which may have been frozen
			meta := e.json.Tensors[e.names[v]]
			meta.RequiresGrad = in.Tensor.RequiresGrad()
			e.json.Tensors[e.names[v]] = meta
		}
		fields := map[string]any{"arg": arg.value}
		switch in.Kind {
		case UserInput:
			fields["arg"] = arg
		case ParameterInput:
			fields["parameter_name"] = in.Target
		case BufferInput:
			fields["buffer_name"], fields["persistent"] = in.Target, option.Or(in.Persistent, true)
		case ConstantTensor:
			fields["tensor_constant_name"] = in.Target
		case ConstantInput:
			fields = map[string]any{"name": e.names[v], "value": arg}
		}
		j.Inputs = append(j.Inputs, oneOf(string(in.Kind), fields))
	}
	for i, out := range p.outputs {
		arg := e.json.Outputs[i]
		fields := map[string]any{"arg": arg.value}
		switch out.Kind {
		case UserOutput:
			fields["arg"] = arg
		case BufferMutation:
			fields["buffer_name"] = out.Target
		case ParameterMutation:
			fields["parameter_name"] = out.Target
		case InputMutation:
			fields["user_input_name"] = e.names[p.Graph.Inputs[p.changes[i].from]]
		}
		j.Outputs = append(j.Outputs, oneOf(string(out.Kind), fields))
	}
	return j
}

// calls says how the arguments and results lie, and which modules there are.
func (f *file) calls() []callJSON {
	p := f.program
	root := &callSignatureJSON{[]union{}, []union{}, p.in.Dumps(), p.out.Dumps(), p.names}
	calls := []callJSON{{"", root}}
	for _, c := range p.file.modules {
		if c.Name != "" {
			calls = append(calls, callJSON{Name: c.Name})
		}
	}
	return calls
}

// collect finds the weights.
func (f *file) collect() (err error) {
	var weights, constants []*InputSpec
	for i := range f.program.inputs {
		in := &f.program.inputs[i]
		switch {
		case in.user():
		case in.Kind == ConstantTensor, in.Kind == BufferInput && !option.Or(in.Persistent, true):
			constants = append(constants, in)
		default:
			weights = append(weights, in)
		}
	}
	if f.weights, err = newFolder("data/weights/", "model_weights_config.json", "weight_", weights); err == nil {
		f.constants, err = newFolder("data/constants/", "model_constants_config.json", "tensor_", constants)
	}
	return err
}

func writeJSON(w *ptzip.Writer, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return w.Write(name, data)
}

// write writes the file.
func (f *file) write(to io.Writer) error {
	w := ptzip.NewWriterOf(to)
	if err := errors.Join(f.weights.write(w), f.constants.write(w), writeJSON(w, "models/model.json", &f.model)); err != nil {
		return err
	}
	for _, record := range [][2]string{
		{sampleRecord, string(f.sample)},
		{formatRecord, "pt2"},
		{"archive_version", "0"},
		{".data/version", "6\n"},
		{"byteorder", "little"},
	} {
		if err := w.Write(record[0], []byte(record[1])); err != nil {
			return err
		}
	}
	return w.Close()
}
