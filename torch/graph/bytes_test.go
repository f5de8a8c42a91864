package graph_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

// Views take no memory, and keep what they are views of alive; what is changed in place is
// written; lists count.
func TestBytes(t *testing.T) {
	typed := func(name string, dtype torch.DType, sizes ...int) *graph.Value {
		v := &graph.Value{Name: name, Type: &graph.TensorType{DType: dtype}}
		for _, n := range sizes {
			v.Type.Shape = append(v.Type.Shape, graph.Size{N: n})
		}
		return v
	}
	x, y := typed("x", torch.Float32, 4, 3), typed("y", torch.Float32, 4, 3)
	a, b := typed("a", torch.Float32, 2, 3), typed("b", torch.Float32, 2, 3)
	half, same, z, c := typed("half", torch.Float16, 2, 3), typed("same", torch.Float32, 2, 3), typed("z", torch.Float32, 2, 3), typed("c", torch.Float32, 4, 3)
	g := &graph.Graph{
		Inputs: []*graph.Value{x},
		Nodes: []*graph.Node{
			{Name: "y", Target: "aten::relu", Inputs: []graph.Input{{Value: x}}, Outputs: []any{y}},
			{Name: "parts", Target: "aten::split.Tensor", Inputs: []graph.Input{{Value: y}, {Value: 2}}, Outputs: []any{[]*graph.Value{a, b}}},
			{Name: "half", Target: "aten::to.dtype", Inputs: []graph.Input{{Value: a}, {Value: torch.Float16}}, Outputs: []any{half}},
			{Name: "same", Target: "aten::to.dtype", Inputs: []graph.Input{{Value: b}, {Value: torch.Float32}}, Outputs: []any{same}},
			{Name: "z", Target: "aten::add_.Tensor", Inputs: []graph.Input{{Value: same}, {Value: a}}, Outputs: []any{z}},
			{Name: "c", Target: "aten::cat", Inputs: []graph.Input{{Value: []any{x, x}}}, Outputs: []any{c}},
		},
		Outputs: []any{half, c},
	}
	bytes, err := g.Bytes(nil)
	require.NoError(t, err)
	var got [][3]int
	for _, n := range bytes.Nodes {
		got = append(got, [3]int{n.Read, n.Written, n.Live})
	}
	assert.Equal(t, [][3]int{{48, 48, 48}, {48, 0, 48}, {24, 12, 60}, {24, 0, 60}, {48, 24, 60}, {48, 48, 60}}, got)
	assert.Equal(t, 48, bytes.Arguments)
	assert.Equal(t, 60, bytes.Peak)
	assert.Equal(t, "half", bytes.PeakNode.Name)

	huge := &graph.TensorType{DType: torch.Float32, Shape: []graph.Size{{N: 1 << 40}, {N: 1 << 40}}}
	_, err = huge.Bytes(nil)
	assert.ErrorContains(t, err, "more bytes than an int counts")
	g.Nodes[0].Target = "aten::nothing"
	_, err = g.Bytes(nil)
	assert.ErrorContains(t, err, "node y: aten::nothing")
	_, err = layer().Bytes(nil)
	assert.ErrorContains(t, err, "the value of s0 is not known")
}

// A drawing is what Graphviz reads, where there is one: quotes close, and so do clusters.
func TestDOT(t *testing.T) {
	g := scanned()
	g.Nodes[0].Name = `say "scan\n"`
	dot := g.DOT()
	assert.Contains(t, dot, `[label="say \"scan\\n\"\nscan"]`)
	assert.Contains(t, dot, `label="scan: body"`)
	assert.Contains(t, dot, "[lhead=cluster0, style=dashed]")
	assert.Equal(t, strings.Count(dot, "{"), strings.Count(dot, "}"))
	assert.Zero(t, strings.Count(strings.ReplaceAll(dot, `\"`, ""), `"`)%2)
	if path, err := exec.LookPath("dot"); err == nil {
		command := exec.Command(path, "-Tsvg")
		command.Stdin = strings.NewReader(dot)
		drawn, err := command.CombinedOutput()
		require.NoError(t, err, string(drawn))
		assert.Contains(t, string(drawn), "say &quot;scan")
	}
}
