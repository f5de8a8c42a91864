package portgraph_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/portgraph"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// load returns one of the programs that package export is tested with, and its file.
func load(t *testing.T, name string) (*export.Program, string) {
	t.Helper()
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	path := torchtest.Unpack(t, "../../torch/export/testdata/exported/"+name+".pt2.gz")
	p, err := export.Load(path)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, path
}

// port writes the Go of a program into a folder.
func port(t *testing.T, p *export.Program, name, folder string) *portgraph.Result {
	t.Helper()
	r, err := portgraph.Source(p, portgraph.Options{File: name + ".pt2"})
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, name, "model.go"), r.Source, 0o600))
	return r
}

// The Go that is written from programs is compiled, runs, and gives the same bits as the
// programs. make port-graph-check does it with all programs that can be written.
func TestSourceGivesTheSameBits(t *testing.T) {
	names := []string{"mlp", "cnn", "lstm", "gpt"}
	if os.Getenv("GOTORCH_PORT_ALL") != "" {
		names = append(names, "block", "branches", "buffer_out", "buffer_out_decomposed", "cache", "checks", "cnn_decomposed", "cnn_train", "constants", "data_dependent", "decoder",
			"derived", "encoder", "gpt_cache", "gru", "in_place", "in_place_decomposed", "in_place_nested", "loops", "mobilenet", "modes", "modes_nested", "nested", "relations",
			"resnet18", "resnet18_train", "sizes", "tied", "transformer", "vit")
	}
	folder, err := os.MkdirTemp("testdata", "run")
	require.NoError(t, err)
	defer os.RemoveAll(folder)
	var checks []portgraph.Check
	for _, name := range names {
		p, path := load(t, name)
		port(t, p, name, folder)
		checks = append(checks, portgraph.Check{Program: p, File: path, Import: "github.com/wangkuiyi/gotorch/internal/portgraph/" + filepath.ToSlash(folder) + "/" + name})
	}
	source, err := portgraph.Verification(checks...)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), source, 0o600))
	out, err := exec.Command("go", "run", "./"+folder).CombinedOutput() //nolint:gosec // it is ours
	require.NoError(t, err, string(out))
	for _, name := range names {
		assert.Regexp(t, "/"+name+`\.pt2: .*, equal\n`, string(out))
	}
	assert.NotContains(t, string(out), "DIFFERENT")
	t.Log(string(out))
}

// Layers are those of package nn where they do what the graph does, and a comment says
// where another module begins.
func TestSourceReadsLikeGo(t *testing.T) {
	p, _ := load(t, "gpt")
	r, err := portgraph.Source(p, portgraph.Options{Package: "gpt", Type: "GPT", File: "gpt.pt2"})
	require.NoError(t, err)
	assert.Equal(t, 5, r.Layers)
	assert.Empty(t, r.Untyped)
	for _, line := range []string{
		"package gpt\n", "type GPT struct {\n\tnn.Module\n\tTokens    *nn.Embedding\n", "Attention: nn.Init(&GPTAttention{\n\t\t\tQkv: nn.NewLinear(8, 24),",
		"func (m *GPT) Forward(ids *torch.Tensor) *torch.Tensor {\n\tsymSizeInt2 := ids.Size(0)\n", "\n\n\t// attention\n\tlinear := m.Attention.Qkv.Forward(add)\n",
		"view := linear.View(symSizeInt2, symSizeInt3, 3, 2, 4)\n", "t := m.Tokens.Weight.T()\n", "functional.ScaledDotProductAttentionOptions{IsCausal: true})\n",
	} {
		assert.Contains(t, string(r.Source), line)
	}
	again, err := portgraph.Source(p, portgraph.Options{Package: "gpt", Type: "GPT", File: "gpt.pt2"})
	require.NoError(t, err)
	assert.Equal(t, string(r.Source), string(again.Source))
}

// Names of layers that Go has not get a tag, buffers and constants too.
func TestNamesOfWeights(t *testing.T) {
	p, _ := load(t, "mlp")
	r, err := portgraph.Source(p, portgraph.Options{})
	require.NoError(t, err)
	for _, line := range []string{
		"Layer0 *nn.Linear `nn:\"0\"`\n", "Layer2 *nn.Linear `nn:\"2\"`\n", "Shift  *torch.Tensor `nn:\",buffer,nonpersistent\"` ", "Scale  *torch.Tensor `nn:\",buffer,nonpersistent\"` ",
		"func (m *Model) Forward(x *torch.Tensor, moreK *torch.Tensor) (*torch.Tensor, *torch.Tensor, int) {\n", "add1 := symSizeInt2 + 1\n", "\n\n\t// layers\n\tlinear := m.Layers.Layer0.Forward(x)\n\trelu := linear.ReLU()\n",
	} {
		assert.Contains(t, string(r.Source), line)
	}
}

// Weights that share memory do so in Go: those under two names, and views.
func TestSharedWeights(t *testing.T) {
	p, _ := load(t, "tied")
	r, err := portgraph.Source(p, portgraph.Options{})
	require.NoError(t, err)
	for _, line := range []string{
		"m.B.Weight = m.A.Weight\n", "m.Rows = m.AllOfIt.AsStrided([]int{2, 3}, []int{3, 1}, torch.AsStridedOptions{StorageOffset: new(3)})\n",
		"m.C.Bias = m.A.Bias\n",
	} {
		assert.Contains(t, string(r.Source), line)
	}
}

// A loop carries its values from round to round, and no variable is there that nobody reads.
func TestLoops(t *testing.T) {
	p, _ := load(t, "branches")
	r, err := portgraph.Source(p, portgraph.Options{})
	require.NoError(t, err)
	for _, lines := range []string{
		"\tgetitem1 := detach\n\tgetitem2 := getitem\n\tfor {\n\t\tlt := getitem1.Lt(3)\n\t\tif !lt.Bool() {\n\t\t\tbreak\n\t\t}\n",
		"\t\tgetitem1, getitem2 = add, mul\n\t}\n",
		"\tfor i := range x.Size(0) {\n\t\tpart := x.Select(0, i)\n\t\tadd2 := part.Add(1)\n\t\tgetitem3Parts = append(getitem3Parts, add2)\n\t}\n\tgetitem3 := torch.Stack(getitem3Parts, 0)\n",
	} {
		assert.Contains(t, string(r.Source), lines)
	}
	p.Graph.Outputs = p.Graph.Outputs[:0]
	r, err = portgraph.Source(p, portgraph.Options{})
	require.NoError(t, err)
	assert.Contains(t, string(r.Source), "\tfor i := range x.Size(0) {\n\t\tpart := x.Select(0, i)\n\t\tadd2 := part.Add(1)\n\t\t_ = add2\n\t}\n")
}

// A graph that a program calls is a block.
func TestSubgraphs(t *testing.T) {
	p, _ := load(t, "branches")
	i := slices.IndexFunc(p.Graph.Nodes, func(n *graph.Node) bool { return n.Target == "cond" })
	n := p.Graph.Nodes[i]
	n.Target = "invoke_subgraph"
	n.Inputs = []graph.Input{n.Inputs[1], {Value: "region"}, {Value: n.Inputs[3].Value.([]any)[0]}}
	r, err := portgraph.Source(p, portgraph.Options{})
	require.NoError(t, err)
	assert.Contains(t, string(r.Source), "\tvar getitem *torch.Tensor\n\t{\n\t\tsin := x.Sin()\n\t\tgetitem = sin\n\t}\n")
}

// What Go cannot do is an error that names the node and what to do instead.
func TestRefused(t *testing.T) {
	const remedy = "run the program by export.Load and Program.Run"
	for _, c := range []struct {
		name, target, want string
		spoil              func(n *graph.Node)
	}{
		{"sizes", "_operator.pow", "node pow_1 (", func(n *graph.Node) { n.Target = "_operator.xor" }},
		{"sizes", "_operator.pow", "_operator.xor is not written as Go: " + remedy, func(n *graph.Node) { n.Target = "_operator.xor" }},
		{"sizes", "_operator.and_", "_operator.and_ is not written as Go: " + remedy, func(n *graph.Node) { n.Inputs[1].Value = 1.5 }},
		{"sizes", "torch.sym_ite", "torch.sym_ite of numbers of two kinds is not written as Go: " + remedy, func(n *graph.Node) { n.Inputs[2].Value = 1.5 }},
		{"loops", "scan", "argument 0 of scan is no *graph.Graph", func(n *graph.Node) { n.Inputs[0].Value = 1 }},
		{"loops", "scan", "scan gives 4 values, carries 2 and runs over 0", func(n *graph.Node) { n.Inputs[2].Value = []any{} }},
		{"branches", "while_loop", "the condition of while_loop gives 2 values", func(n *graph.Node) {
			g := n.Inputs[0].Value.(*graph.Graph)
			g.Outputs = append(g.Outputs, g.Outputs[0])
		}},
		{"branches", "while_loop", "the graph of while_loop gives 1 values, and carries 2", func(n *graph.Node) { g := n.Inputs[1].Value.(*graph.Graph); g.Outputs = g.Outputs[:1] }},
	} {
		p, _ := load(t, c.name)
		i := slices.IndexFunc(p.Graph.Nodes, func(n *graph.Node) bool { return n.Target == c.target })
		require.GreaterOrEqual(t, i, 0)
		c.spoil(p.Graph.Nodes[i])
		_, err := portgraph.Source(p, portgraph.Options{})
		assert.ErrorContains(t, err, c.want)
	}
	p, _ := load(t, "cnn")
	for _, o := range []portgraph.Options{{Package: "a-b"}, {Type: "net"}, {Type: "1"}} {
		_, err := portgraph.Source(p, o)
		require.ErrorContains(t, err, "no name of Go")
	}
}
