package export_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// gpt is a small decoder.
type gpt struct {
	nn.Module
	Tokens, Positions *nn.Embedding
	Norm              *nn.LayerNorm
	QKV, Out, Head    *nn.Linear
}

func (g *gpt) Forward(x *torch.Tensor) *torch.Tensor {
	batch, length := x.Size(0), x.Size(1)
	h := g.Tokens.Forward(x).Add(g.Positions.Forward(torch.Arange(0, length, 1)))
	parts := g.QKV.Forward(g.Norm.Forward(h)).View(batch, length, 3, 2, 8).Permute(2, 0, 3, 1, 4).Unbind(0)
	y := functional.ScaledDotProductAttention(parts[0], parts[1], parts[2], functional.ScaledDotProductAttentionOptions{IsCausal: true})
	h = h.Add(g.Out.Forward(y.Transpose(1, 2).Reshape(batch, length, 16)))
	return g.Head.Forward(h)
}

// traced are networks of Go's with inputs, and inputs of other sizes.
type traced struct {
	name    string
	net     nn.Layer
	inputs  func(sizes ...int) *torch.Tensor
	example []int
	others  [][]int
	dims    map[int]export.Dim
}

func networks() []traced {
	torch.ManualSeed(4)
	batch := export.Dim{Name: "batch", Max: 1024}
	cnn := nn.NewSequential(nn.NewConv2d(1, 4, 3), nn.NewBatchNorm2d(4), nn.NewReLU(), nn.NewMaxPool2d(2), nn.NewFlatten(), nn.NewLinear(36, 3))
	cnn.Eval()
	list := []traced{
		{"mlp", nn.NewSequential(nn.NewLinear(4, 16), nn.NewGELU(), nn.NewLinear(16, 3), nn.NewSoftmax(1)),
			func(n ...int) *torch.Tensor { return torch.Randn([]int{n[0], 4}) }, []int{3}, [][]int{{2}, {9}}, map[int]export.Dim{0: batch}},
		{"cnn", cnn,
			func(n ...int) *torch.Tensor { return torch.Randn([]int{n[0], 1, 8, 8}) }, []int{2}, [][]int{{5}, {16}}, map[int]export.Dim{0: batch}},
		{"gpt", nn.Init(&gpt{Tokens: nn.NewEmbedding(50, 16), Positions: nn.NewEmbedding(64, 16), Norm: nn.NewLayerNorm([]int{16}),
			QKV: nn.NewLinear(16, 48), Out: nn.NewLinear(16, 16), Head: nn.NewLinear(16, 50)}),
			func(n ...int) *torch.Tensor { return torch.Randint(0, 50, n) }, []int{2, 7}, [][]int{{3, 5}, {4, 33}, {2, 64}},
			map[int]export.Dim{0: batch, 1: {Name: "length", Max: 64}}},
	}
	if torchtest.Old() {
		list = list[:2] // it has no scaled dot product attention
	}
	return list
}

func (n *traced) program(t *testing.T) *export.Program {
	t.Helper()
	p, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{n.net.Forward(in[0])} },
		[]*torch.Tensor{n.inputs(n.example...)},
		export.TraceOptions{Module: n.net.(export.Weights), DynamicShapes: []map[int]export.Dim{n.dims}})
	require.NoError(t, err)
	return p
}

// A network that was traced gives what it gives itself for inputs of other sizes, saved and
// loaded, too.
func TestTrace(t *testing.T) {
	for _, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			p := n.program(t)
			path := filepath.Join(t.TempDir(), "x.pt2")
			require.NoError(t, export.Save(p, path))
			again, err := export.Load(path)
			require.NoError(t, err)
			defer again.Close()
			assert.Equal(t, len(p.Parameters), len(again.Parameters))
			for _, sizes := range append(n.others, n.example) {
				x := n.inputs(sizes...)
				torch.NoGrad(func() {
					want := n.net.Forward(x)
					for _, q := range []*export.Program{p, again} {
						for range 3 {
							got, err := q.Run(x)
							require.NoError(t, err)
							require.True(t, want.Equal(got.(*torch.Tensor)), sizes)
						}
					}
				})
			}
		})
	}
	all := networks()
	if gpt := all[len(all)-1]; gpt.name == "gpt" {
		assert.Contains(t, gpt.program(t).Graph.String(), "mul_2: size s0*s1 = _operator.mul(sym_size_0, sym_size_1)")
	}
}

// Python runs what was traced with other sizes, bit for bit, and compiles it.
func TestPythonRunsTraced(t *testing.T) {
	dir := t.TempDir()
	for _, n := range networks() {
		require.NoError(t, export.Save(n.program(t), filepath.Join(dir, n.name+".pt2")))
		var runs []any
		for _, sizes := range n.others {
			x := n.inputs(sizes...)
			torch.NoGrad(func() { runs = append(runs, []any{x, n.net.Forward(x)}) })
		}
		require.NoError(t, torch.Save(map[string]any{"runs": runs}, filepath.Join(dir, n.name+".pt")))
	}
	assert.Contains(t, python(t, "traced.py", dir), "mlp, cnn, gpt: same and compiled")
}

// A module that is nil has no weights.
func TestTraceWithoutModule(t *testing.T) {
	x := torch.Ones([]int{2})
	p, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{in[0].Mul(2)} }, []*torch.Tensor{x},
		export.TraceOptions{Module: (*nn.Linear)(nil)})
	require.NoError(t, err)
	assert.Empty(t, p.Parameters)
}
