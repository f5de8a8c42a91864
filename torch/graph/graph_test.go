package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// linear is a graph of x · w + n, n being the rows of x.
func linear() *graph.Graph {
	x := &graph.Value{Name: "x", Type: &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{{Symbol: "s0"}, {N: 2}}}}
	w := &graph.Value{Name: "w"}
	n, y, z := &graph.Value{Name: "n", Size: &graph.Size{Symbol: "s0"}}, &graph.Value{Name: "y"}, &graph.Value{Name: "z"}
	return &graph.Graph{
		Inputs: []*graph.Value{x, w},
		Nodes: []*graph.Node{
			{Name: "n", Target: "aten::size.int", Inputs: []graph.Input{{Value: x}, {Value: 0}}, Outputs: []any{n}},
			{Name: "y", Target: "aten::mm", Inputs: []graph.Input{{Value: x}, {Value: w}}, Outputs: []any{y}},
			{Name: "z", Target: "aten::add.Scalar", Inputs: []graph.Input{{Value: y}, {Value: n}, {Name: "alpha", Keyword: true, Value: 2}}, Outputs: []any{z}},
		},
		Outputs: []any{z, n},
	}
}

func TestRun(t *testing.T) {
	g := linear()
	p, err := g.Prepare()
	require.NoError(t, err)
	x, w := torch.NewTensor([][]float32{{1, 2}, {3, 4}, {5, 6}}), torch.NewTensor([][]float32{{1}, {1}})
	for range 2 {
		outputs, err := p.Run(x, w)
		require.NoError(t, err)
		assert.Equal(t, []float32{9, 13, 17}, torch.ToSlice[float32](outputs[0].(*torch.Tensor)))
		assert.Equal(t, 3, outputs[1])
		outputs[0].(*torch.Tensor).Close()
	}
	_, err = p.Run(x)
	assert.ErrorContains(t, err, "the graph has 2 inputs, and 1 were given")
	_, err = p.Run(x, x)
	assert.ErrorContains(t, err, "node y: ")
	assert.Equal(t, `graph(x: f32[s0, 2], w):
  n: size s0 = aten::size.int(x, 0)
  y = aten::mm(x, w)
  z = aten::add.Scalar(y, n, alpha=2)
  return z, n
`, g.String())
}

func TestPrepareRefuses(t *testing.T) {
	for want, change := range map[string]func(g *graph.Graph){
		"node y: the value z is not there yet": func(g *graph.Graph) { g.Nodes[1].Inputs[0].Value = g.Nodes[2].Outputs[0] },
		"node z: the value y is given twice":   func(g *graph.Graph) { g.Nodes[2].Outputs[0] = g.Nodes[1].Outputs[0] },
		"node y: aten::nothing: is not an ope": func(g *graph.Graph) { g.Nodes[1].Target = "aten::nothing" },
		"a graph may not read or write files":  func(g *graph.Graph) { g.Nodes[1].Target = "aten::from_file" },
		"the output z is not there":            func(g *graph.Graph) { g.Nodes = g.Nodes[:2] },
		"an input of the graph is nil":         func(g *graph.Graph) { g.Inputs[0] = nil },
		"a node of the graph is nil":           func(g *graph.Graph) { g.Nodes[0] = nil },
		"argument 1 of cond is no graph":       func(g *graph.Graph) { g.Nodes[1].Target = "cond" },
	} {
		g := linear()
		change(g)
		_, err := g.Prepare()
		assert.ErrorContains(t, err, want)
	}
}

// Operators on numbers are Python's.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		target string
		args   []any
		want   any
	}{
		{"_operator.floordiv", []any{-7, 2}, -4}, {"_operator.mod", []any{-7, 2}, 1}, {"_operator.mod", []any{7, -2}, -1},
		{"_operator.floordiv", []any{7.5, 2}, 3.0}, {"_operator.truediv", []any{7, 2}, 3.5}, {"_operator.pow", []any{2, 10}, 1024},
		{"_operator.pow", []any{2, -1}, 0.5}, {"_operator.neg", []any{3}, -3}, {"_operator.eq", []any{2, 2.0}, true},
		{"torch.sym_max", []any{2, 3}, 3}, {"torch.sym_not", []any{true}, false}, {"torch.sym_ite", []any{false, 1, 2}, 2},
		{"math.trunc", []any{-2.5}, -2}, {"_operator.lshift", []any{1, 4}, 16},
	} {
		y := &graph.Value{Name: "y"}
		n := &graph.Node{Name: "y", Target: c.target, Outputs: []any{y}}
		for _, v := range c.args {
			n.Inputs = append(n.Inputs, graph.Input{Value: v})
		}
		p, err := (&graph.Graph{Nodes: []*graph.Node{n}, Outputs: []any{y}}).Prepare()
		require.NoError(t, err)
		got, err := p.Run()
		require.NoError(t, err, c.target)
		assert.Equal(t, []any{c.want}, got, "%s%v", c.target, c.args)
	}
}

func TestNumbersFail(t *testing.T) {
	for want, n := range map[string]*graph.Node{
		"it divides [1 0]":    {Target: "_operator.mod", Inputs: []graph.Input{{Value: 1}, {Value: 0}}},
		"it shifts [1 64]":    {Target: "_operator.lshift", Inputs: []graph.Input{{Value: 1}, {Value: 64}}},
		"is no int":           {Target: "_operator.pow", Inputs: []graph.Input{{Value: 10}, {Value: 30}}},
		"not a string":        {Target: "_operator.add", Inputs: []graph.Input{{Value: 1}, {Value: "a"}}},
		"it takes a bool, no": {Target: "torch.sym_not", Inputs: []graph.Input{{Value: 1}}},
	} {
		p, err := (&graph.Graph{Nodes: []*graph.Node{n}}).Prepare()
		require.NoError(t, err)
		_, err = p.Run()
		assert.ErrorContains(t, err, want)
	}
}
