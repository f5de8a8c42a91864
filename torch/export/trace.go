package export

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	checked "github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Dim is a size of a program's arguments that may differ from the example's. Dimensions of
// one name have one size.
//
// https://docs.pytorch.org/docs/stable/export.html#torch.export.Dim
type Dim struct {
	Name string
	Min  int // default: 2, as Python has it
	Max  int // default: no bound
}

// TraceOptions are the options of [Trace].
type TraceOptions struct {
	Module        Weights       // whose parameters and buffers have their names in the program
	DynamicShapes []map[int]Dim // of each input the dimensions whose sizes may differ
}

// Weights is a module: what has parameters and buffers with names.
type Weights interface {
	NamedParameters() []nn.NamedTensor
	NamedBuffers() []nn.NamedTensor
}

// Trace calls f with the inputs and returns the program that it is, for [Save] to write:
//
//	program, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor {
//		return []*torch.Tensor{net.Forward(in[0])}
//	}, []*torch.Tensor{x}, export.TraceOptions{
//		Module:        net,
//		DynamicShapes: []map[int]export.Dim{{0: {Name: "batch"}}},
//	})
//
// The program has libtorch's operators, without gradients and in the mode that the module
// is in, and shares the weights. For sizes that differ f is called with several of them;
// [graph.Trace] says what it must not do, and when Trace fails. Tensors that f uses and the
// module has not are constants.
//
// https://docs.pytorch.org/docs/stable/export.html#torch.export.export
func Trace(f func(inputs []*torch.Tensor) []*torch.Tensor, inputs []*torch.Tensor, options ...TraceOptions) (*Program, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	dynamic := make([]map[int]string, len(o.DynamicShapes))
	dims := map[string]Dim{}
	for i, shape := range o.DynamicShapes {
		dynamic[i] = map[int]string{}
		for d, dim := range shape {
			if before, ok := dims[dim.Name]; ok && before != dim {
				return nil, fmt.Errorf("export.Trace: the dimension %s is given as %+v and as %+v", dim.Name, before, dim)
			}
			dims[dim.Name] = dim
			dynamic[i][d] = dim.Name
		}
	}
	t, err := graph.Trace(f, inputs, graph.TraceOptions{Dynamic: dynamic})
	if err != nil {
		return nil, fmt.Errorf("export.Trace: %w", err)
	}
	ranges := map[string]Range{}
	for name, symbol := range t.Symbols {
		dim := dims[name]
		r := Range{Min: new(max(dim.Min, 2))}
		if dim.Max > 0 {
			r.Max = new(dim.Max)
		}
		ranges[symbol] = r
	}
	specs := make([]InputSpec, len(inputs))
	specs = append(specs, specsOf(o.Module, t.Constants)...)
	for i, in := range specs[len(inputs):] {
		letter := map[InputKind]string{ParameterInput: "p_", BufferInput: "b_", ConstantTensor: "c_"}[in.Kind]
		t.Graph.Inputs[len(inputs)+i].Name = letter + strings.ReplaceAll(in.Target, ".", "_")
	}
	return NewProgram(t.Graph, specs, ProgramOptions{Ranges: ranges})
}

// specsOf returns what the constants of a graph are: the module's, or others.
func specsOf(module Weights, constants []*torch.Tensor) []InputSpec {
	known := map[uint64]InputSpec{}
	if !checked.IsNil(module) {
		for _, p := range module.NamedParameters() {
			known[internals.TensorKey(p.Tensor)] = InputSpec{Kind: ParameterInput, Target: p.Name, Tensor: p.Tensor}
		}
		for _, b := range module.NamedBuffers() {
			known[internals.TensorKey(b.Tensor)] = InputSpec{Kind: BufferInput, Target: b.Name, Tensor: b.Tensor}
		}
	}
	specs := make([]InputSpec, len(constants))
	for i, x := range constants {
		var ok bool
		if specs[i], ok = known[internals.TensorKey(x)]; !ok {
			specs[i] = InputSpec{Kind: ConstantTensor, Target: fmt.Sprint("constant_", i), Tensor: x}
		}
	}
	return specs
}
