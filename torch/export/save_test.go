package export_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// A program that is saved and loaded is the same, and gives the same.
func TestSave(t *testing.T) {
	programs(t, func(t *testing.T, name string) {
		p := load(t, name)
		defer p.Close()
		path := filepath.Join(t.TempDir(), "again.pt2")
		require.NoError(t, export.Save(p, path))
		again, err := export.Load(path)
		require.NoError(t, err)
		defer again.Close()
		assert.Equal(t, p.Graph.String(), again.Graph.String())
		assert.Equal(t, p.Version, again.Version)
		require.Len(t, again.Parameters, len(p.Parameters))
		for i, n := range p.Graph.Nodes {
			assert.Equal(t, n.Where, again.Graph.Nodes[i].Where)
			assert.Equal(t, n.Module, again.Graph.Nodes[i].Module)
		}
		asGolden(t, name, again)
	})
}

// python runs a script of testdata, and returns what it prints.
func python(t *testing.T, script string, args ...string) string {
	t.Helper()
	program := torchtest.Python(t)
	out, err := exec.Command(program, append([]string{filepath.Join("testdata", script)}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// Python loads what Save writes: the same graph, which gives the same.
func TestPythonLoadsPrograms(t *testing.T) {
	dir := t.TempDir()
	programs(t, func(t *testing.T, name string) {
		if name == "custom" {
			return // whose operators that Python has not
		}
		p := load(t, name)
		defer p.Close()
		require.NoError(t, os.Rename(unpacked(t, name+".pt2"), filepath.Join(dir, name+".pt2")))
		require.NoError(t, os.Rename(unpacked(t, name+".pt"), filepath.Join(dir, name+".pt")))
		require.NoError(t, export.Save(p, filepath.Join(dir, name+"_again.pt2")))
	})
	assert.Equal(t, 34, strings.Count(python(t, "same.py", dir), " same\n"))
}

// tensor is a value that is a float32 tensor.
func tensor(name string, shape ...graph.Size) *graph.Value {
	return &graph.Value{Name: name, Type: &graph.TensorType{DType: torch.Float32, Shape: shape, Device: torch.CPU}}
}

// of makes sizes of numbers and symbols.
func of(sizes ...any) []graph.Size {
	list := make([]graph.Size, len(sizes))
	for i, s := range sizes {
		switch v := s.(type) {
		case int:
			list[i].N = v
		case string:
			list[i].Symbol = v
		}
	}
	return list
}

// call is the call of an operator that gives a value.
func call(out *graph.Value, target string, inputs ...graph.Input) *graph.Node {
	return &graph.Node{Name: out.Name, Target: target, Inputs: inputs, Outputs: []any{out}, Where: "net.go:12 in Forward: return torch.Linear(x, w)", Module: "layers.fc1"}
}

// perceptron is a network of two layers that was built in Go, for any number of rows. It
// counts its calls in a buffer.
func perceptron(t *testing.T) *export.Program {
	t.Helper()
	torch.ManualSeed(1)
	x, w1, b1, w2, calls := tensor("x", of("rows", 4)...), tensor("fc1.weight", of(8, 4)...), tensor("b1", of(8)...), tensor("w2", of(3, 8)...), tensor("calls", of()...)
	h, r, turned, y, counted := tensor("h", of("rows", 8)...), tensor("r", of("rows", 8)...), tensor("lambda", of(8, 3)...), tensor("y", of("rows", 3)...), tensor("counted", of()...)
	turned.Type.Stride = of(1, 8)
	g := &graph.Graph{
		Inputs: []*graph.Value{w1, b1, w2, calls, x},
		Nodes: []*graph.Node{
			call(counted, "aten::add_.Tensor", graph.Input{Name: "self", Value: calls}, graph.Input{Name: "other", Value: 1}, graph.Input{Name: "alpha", Keyword: true, Value: 2}),
			call(h, "aten::linear", graph.Input{Name: "input", Value: x}, graph.Input{Name: "weight", Value: w1}, graph.Input{Name: "bias", Value: b1}),
			call(r, "aten::relu", graph.Input{Name: "self", Value: h}),
			call(turned, "aten::t", graph.Input{Name: "self", Value: w2}),
			call(y, "aten::matmul", graph.Input{Name: "self", Value: r}, graph.Input{Name: "other", Value: turned}),
		},
		Outputs: []any{y},
	}
	p, err := export.NewProgram(g, []export.InputSpec{
		{Kind: export.ParameterInput, Target: "fc1.weight", Tensor: torch.Randn([]int{8, 4})},
		{Kind: export.ParameterInput, Target: "fc1.bias", Tensor: torch.Randn([]int{8})},
		{Kind: export.ParameterInput, Target: "fc2.weight", Tensor: torch.Randn([]int{3, 8})},
		{Kind: export.BufferInput, Target: "calls", Tensor: torch.Zeros([]int{})},
		{},
	})
	require.NoError(t, err)
	return p
}

// A program that was built in Go runs here, also when it was saved and loaded.
func TestNewProgram(t *testing.T) {
	p := perceptron(t)
	x := torch.Randn([]int{5, 4})
	want, err := p.Run(x)
	require.NoError(t, err)
	assert.Equal(t, []int{5, 3}, want.(*torch.Tensor).Shape())
	assert.Equal(t, 2.0, p.Buffers.Get("calls").Item())
	_, err = p.Run(torch.Randn([]int{5, 5}))
	assert.ErrorContains(t, err, "Guard failed: x.size()[1] == 4, got 5")
	path := filepath.Join(t.TempDir(), "mlp.pt2")
	require.NoError(t, export.Save(p, path, export.SaveOptions{SampleInputs: []any{x}, Sync: true}))
	again, err := export.Load(path)
	require.NoError(t, err)
	defer again.Close()
	assert.Equal(t, torch.Version(), again.Version)
	assert.Equal(t, "net.go:12 in Forward: return torch.Linear(x, w)", again.Graph.Nodes[0].Where)
	assert.Equal(t, "layers.fc1", again.Graph.Nodes[0].Module)
	assert.Equal(t, "f32[s0, 3]", again.Graph.Nodes[4].Outputs[0].(*graph.Value).Type.String())
	got, err := again.Run(x)
	require.NoError(t, err)
	assert.True(t, want.(*torch.Tensor).Equal(got.(*torch.Tensor)))
	assert.Equal(t, 4.0, again.Buffers.Get("calls").Item())
}

// captured is a network that was captured in Go.
func captured(t *testing.T) (*export.Program, *torch.Tensor) {
	t.Helper()
	torch.ManualSeed(2)
	net := nn.NewSequential(nn.NewConv2d(1, 2, 3), nn.NewReLU(), nn.NewFlatten(), nn.NewLinear(32, 3))
	x := torch.Randn([]int{2, 1, 6, 6})
	var c *graph.Captured
	var err error
	torch.NoGrad(func() {
		c, err = graph.Capture(func(in []*torch.Tensor) []*torch.Tensor {
			return []*torch.Tensor{net.Forward(in[0]).LogSoftmax(1)}
		}, []*torch.Tensor{x})
	})
	require.NoError(t, err)
	specs := []export.InputSpec{{}}
	for i, w := range c.Constants {
		specs = append(specs, export.InputSpec{Kind: export.ParameterInput, Target: fmt.Sprint("weights.", i), Tensor: w})
	}
	p, err := export.NewProgram(c.Graph, specs)
	require.NoError(t, err)
	return p, x
}

// A network that was captured in Go is a program, which is saved and loaded.
func TestSaveCaptured(t *testing.T) {
	p, x := captured(t)
	path := filepath.Join(t.TempDir(), "net.pt2")
	require.NoError(t, export.Save(p, path))
	again, err := export.Load(path)
	require.NoError(t, err)
	defer again.Close()
	want, err := p.Run(x)
	require.NoError(t, err)
	got, err := again.Run(x)
	require.NoError(t, err)
	assert.True(t, want.(*torch.Tensor).Equal(got.(*torch.Tensor)))
	assert.Contains(t, again.Graph.Nodes[0].Where, "save_test.go:")
}

// Save and NewProgram say what is missing.
func TestSaveRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pt2")
	assert.EqualError(t, export.Save(nil, path), "export.Save: "+path+": there is no program: Load or NewProgram makes one")
	p := perceptron(t)
	for want, sample := range map[string][]any{
		"the sample inputs: export: Guard failed: x.size()[1] == 4, got 5": {torch.Ones([]int{2, 5})},
		"the program takes 1 arguments, and 2 were given":                  {torch.Ones([]int{2, 4}), nil},
	} {
		assert.ErrorContains(t, export.Save(p, path, export.SaveOptions{SampleInputs: sample}), want)
	}
	unknown := p.Graph.Nodes[1].Outputs[0].(*graph.Value)
	kept := unknown.Type
	unknown.Type = nil
	assert.ErrorContains(t, export.Save(p, path), "node h: of the value h neither Type nor Size is known, and a file has to say the dtype and the shape")
	unknown.Type = kept
	kept.Shape[0].Symbol = "rows +"
	assert.ErrorContains(t, export.Save(p, path), "the value h: the expression rows +")
	assert.NoFileExists(t, path)

	w := torch.Ones([]int{2})
	g := func() *graph.Graph {
		v := tensor("w", of(2)...)
		return &graph.Graph{Inputs: []*graph.Value{v}, Outputs: []any{v}}
	}
	for want, specs := range map[string][]export.InputSpec{
		"the signature has 0 inputs, the graph 1":                               {},
		"the signature has 2 inputs, the graph 1":                               {{}, {}},
		"input 0, w: a parameter lacks its Tensor or its Target":                {{Kind: export.ParameterInput, Target: "w"}},
		"input 0, w: an argument has a Tensor or a Target, as weights have":     {{Target: "w"}},
		"input 0, w: the tensor's shape is [3], and the graph's [2]":            {{Kind: export.BufferInput, Target: "w", Tensor: torch.Ones([]int{3})}},
		"the tensor is of torch.int64, and the graph's of torch.float32":        {{Kind: export.BufferInput, Target: "w", Tensor: w.To(torch.Int64)}},
		"input 0, w: a kind lacks its Tensor or its Target":                     {{Kind: "kind"}},
		"the program has an input of kind kind, which has no counterpart in Go": {{Kind: "kind", Target: "w", Tensor: w}},
	} {
		_, err := export.NewProgram(g(), specs)
		assert.ErrorContains(t, err, want)
	}
	for want, out := range map[string]export.OutputSpec{
		"output 0 is a buffer_mutation of x, which is not there": {Kind: export.BufferMutation, Target: "x"},
		"the program has an output of kind kind, which has no":   {Kind: "kind"},
	} {
		_, err := export.NewProgram(g(), []export.InputSpec{{}}, export.ProgramOptions{Outputs: []export.OutputSpec{out}})
		assert.ErrorContains(t, err, want)
	}
	sparse, err := export.NewProgram(g(), []export.InputSpec{{Kind: export.ConstantTensor, Target: "w", Tensor: w.ToSparse()}})
	require.NoError(t, err)
	assert.ErrorContains(t, export.Save(sparse, path), "tensor_constant w: a weight is a dense tensor")
}

// Python runs a program of Go's with another batch, bit for bit, and AOTInductor compiles it.
func TestPythonRunsGraphsOfGo(t *testing.T) {
	dir := t.TempDir()
	p := perceptron(t)
	require.NoError(t, export.Save(p, filepath.Join(dir, "mlp.pt2"), export.SaveOptions{SampleInputs: []any{torch.Randn([]int{5, 4})}}))
	var runs []any
	for _, rows := range []int{1, 3, 7} {
		x := torch.Randn([]int{rows, 4})
		y, err := p.Run(x)
		require.NoError(t, err)
		runs = append(runs, []any{x, y})
	}
	q, x := captured(t)
	require.NoError(t, export.Save(q, filepath.Join(dir, "captured.pt2")))
	y, err := q.Run(x)
	require.NoError(t, err)
	require.NoError(t, torch.Save([]any{x, y}, filepath.Join(dir, "captured.pt")))
	require.NoError(t, torch.Save(map[string]any{"runs": runs, "calls": p.Buffers.Get("calls")}, filepath.Join(dir, "mlp.pt")))
	assert.Contains(t, python(t, "compiled.py", dir), "compiled and same")
}
