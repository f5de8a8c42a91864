package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// step is a graph of a carried value, a slice and a weight: carried·w + slice, and the
// same once more.
func step() *graph.Graph {
	matrix := &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{{N: 2}, {N: 2}}}
	named := func(name string) *graph.Value { return &graph.Value{Name: name, Type: matrix} }
	carried, slice, w, y, z := named("carried"), named("slice"), named("w"), named("y"), named("z")
	return &graph.Graph{
		Inputs: []*graph.Value{carried, slice, w},
		Nodes: []*graph.Node{
			{Name: "y", Target: "aten::mm", Inputs: []graph.Input{{Value: carried}, {Value: w}}, Outputs: []any{y}},
			{Name: "z", Target: "aten::add.Tensor", Inputs: []graph.Input{{Value: y}, {Value: slice}}, Outputs: []any{z}},
		},
		Outputs: []any{z, z},
	}
}

// loop is a graph that runs another one by an operator; tensors and operands are its
// arguments.
func loop(target string, inner *graph.Graph, arguments func(xs, h, w *graph.Value) []any, outputs int) *graph.Graph {
	xs := &graph.Value{Name: "xs", Type: &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{{Symbol: "s0"}, {N: 2}, {N: 2}}}}
	h, w := &graph.Value{Name: "h"}, &graph.Value{Name: "w"}
	n := &graph.Node{Name: target, Target: target, Inputs: []graph.Input{{Name: "body", Value: inner}}}
	for _, v := range arguments(xs, h, w) {
		n.Inputs = append(n.Inputs, graph.Input{Value: v})
	}
	g := &graph.Graph{Inputs: []*graph.Value{xs, h, w}, Nodes: []*graph.Node{n}}
	for range outputs {
		v := &graph.Value{Name: string(rune('a' + len(g.Outputs)))}
		n.Outputs, g.Outputs = append(n.Outputs, v), append(g.Outputs, v)
	}
	return g
}

func scanned() *graph.Graph {
	return loop("scan", step(), func(xs, h, w *graph.Value) []any { return []any{[]any{h}, []any{xs}, []any{w}} }, 2)
}

func TestScan(t *testing.T) {
	p, err := scanned().Prepare()
	require.NoError(t, err)
	xs := torch.Arange(0, 12, 1).To(torch.Float32).View(3, 2, 2)
	h, w := torch.Zeros([]int{2, 2}), torch.Eye(2).Mul(2)
	torchtest.Leaks(t, func() {
		outputs, err := p.Run(xs, h, w)
		require.NoError(t, err)
		assert.Equal(t, []float32{16, 23, 30, 37}, torch.ToSlice[float32](outputs[0].(*torch.Tensor)))
		all := outputs[1].(*torch.Tensor)
		assert.Equal(t, []int{3, 2, 2}, all.Shape())
		assert.Equal(t, []float32{4, 7, 10, 13}, torch.ToSlice[float32](all)[4:8])
		for _, v := range outputs {
			v.(*torch.Tensor).Close()
		}
	})
	for want, args := range map[string][]any{
		"it runs over no slice":                   {torch.Zeros([]int{0, 2, 2}), h, w},
		"it runs over a *torch.Tensor without di": {torch.ScalarTensor(1), h, w},
		"it runs over a int without dimensions":   {3, h, w},
		"node y: aten::mm: ":                      {xs, torch.Zeros([]int{2, 3}), w},
	} {
		_, err := p.Run(args...)
		assert.ErrorContains(t, err, want)
	}
}

func TestMap(t *testing.T) {
	mapped := loop("map_impl", step(), func(xs, h, w *graph.Value) []any { return []any{[]any{xs, xs}, []any{w}} }, 2)
	p, err := mapped.Prepare()
	require.NoError(t, err)
	xs := torch.Arange(0, 8, 1).To(torch.Float32).View(2, 2, 2)
	outputs, err := p.Run(xs, nil, torch.Eye(2).Mul(2))
	require.NoError(t, err)
	assert.True(t, xs.Mul(3).Equal(outputs[1].(*torch.Tensor)))
	_, err = p.Run(torch.Zeros([]int{0, 2, 2}), nil, torch.Eye(2))
	assert.ErrorContains(t, err, "it runs over no slice")
}

func TestSubgraph(t *testing.T) {
	g := loop("invoke_subgraph", step(), func(_, h, w *graph.Value) []any { return []any{"region", h, h, w} }, 2)
	p, err := g.Prepare()
	require.NoError(t, err)
	outputs, err := p.Run(nil, torch.Eye(2), torch.Eye(2))
	require.NoError(t, err)
	assert.Equal(t, []float32{2, 0, 0, 2}, torch.ToSlice[float32](outputs[0].(*torch.Tensor)))
}

// Graphs in graphs count as often as they run, of branches the larger one.
func TestFLOPsOfGraphs(t *testing.T) {
	count, err := scanned().FLOPs(map[string]int{"s0": 5})
	require.NoError(t, err)
	assert.Equal(t, 5*16, count.Total)
	assert.Equal(t, []string{"aten::add.Tensor"}, count.Uncounted)
	assert.Equal(t, 1, count.Nodes[0].Depth)
	_, err = scanned().FLOPs(nil)
	assert.ErrorContains(t, err, "node scan: the size s0: the value of s0 is not known")

	cond := loop("cond", step(), func(_, h, w *graph.Value) []any {
		return []any{&graph.Graph{Inputs: []*graph.Value{{Name: "x"}}}, []any{h, h, w}}
	}, 1)
	count, err = cond.FLOPs(nil)
	require.NoError(t, err)
	assert.Equal(t, 16, count.Total)
	assert.Equal(t, []string{"aten::add.Tensor", "cond"}, count.Uncounted)

	repeated := loop("while_loop", step(), func(_, h, w *graph.Value) []any { return []any{step(), []any{h}, []any{h, w}} }, 1)
	count, err = repeated.FLOPs(nil)
	require.NoError(t, err)
	assert.Equal(t, 32, count.Total)
	assert.Equal(t, []string{"aten::add.Tensor", "while_loop"}, count.Uncounted)
}
