package serve

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Model is what a [Server] runs.
type Model interface {
	// Signature says what Run takes and gives. It is asked once.
	Signature() Signature
	// Run computes a batch: the inputs in the order of the signature. It is called within
	// [torch.InferenceMode] and a [torch.Scope], which closes what it makes, and by several
	// goroutines at once if the model has several runners. An error, or a panic, fails the
	// batch.
	Run(inputs []*torch.Tensor) ([]*torch.Tensor, error)
	// Close is called when the model runs no more.
	Close()
}

// model is a Model of functions.
type model struct {
	signature Signature
	run       func(inputs []*torch.Tensor) ([]*torch.Tensor, error)
	close     func()
}

func (m *model) Signature() Signature { return m.signature }

func (m *model) Run(inputs []*torch.Tensor) ([]*torch.Tensor, error) { return m.run(inputs) }

func (m *model) Close() { m.close() }

// NewModel returns a model that runs a function, as [Model] says. close, if not nil, is
// called when it runs no more.
func NewModel(signature Signature, run func(inputs []*torch.Tensor) ([]*torch.Tensor, error), close func()) Model {
	argument.NotNil("serve.NewModel", "run", run)
	if close == nil {
		close = func() {}
	}
	return &model{signature, run, close}
}

// NewModule returns a model that calls a module, which is to be in Eval. What it is given it
// moves to the device of the module's first parameter. The signature needs the one input;
// each name that is missing is "input" or "output".
func NewModule(net nn.Layer, signature Signature) Model {
	argument.NotNil("serve.NewModule", "the module", net)
	if signature.Platform == "" {
		signature.Platform = "pytorch_module"
	}
	run := func(inputs []*torch.Tensor) ([]*torch.Tensor, error) {
		return []*torch.Tensor{nn.Call(net, inputs[0])}, nil
	}
	return NewModel(signature, run, nil)
}

// NewGraph returns a model that runs a captured graph. Its inputs are called input_0,
// input_1, ..., and have the shapes that it was captured with. With batch, their first sizes
// count rows that do not depend on each other: requests with fewer rows are gathered, and
// filled up. Close frees the graph.
func NewGraph(captured *graph.Captured, batch bool) Model {
	argument.NotNil("serve.NewGraph", "the graph", captured)
	if captured.Graph == nil || len(captured.Graph.Inputs) <= len(captured.Constants) {
		panic(torch.Errorf("serve.NewGraph", torch.ValueError, "the graph has no inputs: graph.Capture makes one"))
	}
	s := Signature{Batch: batch, Platform: "pytorch_graph"}
	inputs := captured.Graph.Inputs[:len(captured.Graph.Inputs)-len(captured.Constants)]
	for _, v := range inputs {
		s.Inputs = append(s.Inputs, specOf(v.Name, v.Type))
	}
	names := map[string]bool{}
	for _, out := range captured.Graph.Outputs {
		if v, ok := out.(*graph.Value); ok {
			s.Outputs = append(s.Outputs, specOf(unused(names, v.Name), v.Type))
		}
	}
	if batch && len(s.Inputs[0].Shape) > 0 {
		s.BatchSizes = []int{s.Inputs[0].Shape[0]}
	}
	if inputs[0].Type != nil {
		s.Device = inputs[0].Type.Device
	}
	run := func(inputs []*torch.Tensor) ([]*torch.Tensor, error) { return captured.Run(inputs...), nil }
	return NewModel(s, run, captured.Close)
}

// specOf returns what a graph says of a tensor; a symbol is a size's name.
func specOf(name string, t *graph.TensorType) Spec {
	s := Spec{Name: name}
	if t == nil {
		return s
	}
	s.DType, s.Shape, s.Sizes = t.DType, make([]int, len(t.Shape)), make([]string, len(t.Shape))
	for i, size := range t.Shape {
		s.Shape[i] = size.N
		if size.Symbol != "" {
			s.Shape[i], s.Sizes[i] = -1, size.Symbol
		}
	}
	return s
}

// unused returns a name that is not used yet, and notes it.
func unused(names map[string]bool, name string) string {
	for name == "" || names[name] {
		name += "_"
	}
	names[name] = true
	return name
}
