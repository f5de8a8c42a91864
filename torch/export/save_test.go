package export_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
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
	program := os.Getenv("GOTORCH_PYTHON")
	if program == "" {
		t.Skip("GOTORCH_PYTHON is not set to a Python that has torch")
	}
	out, err := exec.Command(program, append([]string{filepath.Join("testdata", script)}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// Python loads what Save writes: the same graph, which gives the same.
func TestPythonLoadsPrograms(t *testing.T) {
	dir := t.TempDir()
	programs(t, func(t *testing.T, name string) {
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
	require.NoError(t, torch.Save(map[string]any{"runs": runs, "calls": p.Buffers.Get("calls")}, filepath.Join(dir, "mlp.pt")))
	assert.Contains(t, python(t, "compiled.py", dir), "compiled and same")
}
