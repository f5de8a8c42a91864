package tensorboard_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// block is a module whose Forward its parent calls without Run.
type block struct {
	nn.Module
	Norm *nn.BatchNorm1d
	FC   *nn.Linear
}

func (b *block) Forward(x *torch.Tensor) *torch.Tensor { return b.FC.Forward(b.Norm.Forward(x)) }

type twoBlocks struct {
	nn.Module
	First, Second *block
	Drop          *nn.Dropout
	fails         bool
}

func newTwoBlocks() *twoBlocks {
	newBlock := func(in, out int) *block {
		return nn.Init(&block{Norm: nn.NewBatchNorm1d(in), FC: nn.NewLinear(in, out)})
	}
	net := nn.Init(&twoBlocks{First: newBlock(4, 3), Second: newBlock(3, 2), Drop: nn.NewDropout()})
	net.Second.Norm.Eval()
	net.Second.Norm.Weight.SetRequiresGrad(false)
	return net
}

func (n *twoBlocks) Forward(x *torch.Tensor) *torch.Tensor {
	if n.fails {
		panic(&torch.Error{Op: "twoBlocks", Kind: torch.RuntimeError, Message: "as the test wishes"})
	}
	h := torch.ReLU(n.First.Forward(torch.Flatten(x, 1)))
	return torch.ReLU(n.Second.Forward(n.Drop.Forward(h)))
}

// graphLines returns a line for each node of the one graph in a folder.
func graphLines(t *testing.T, dir string) (lines []string) {
	_, events := records(t, dir)
	require.Len(t, events, 1)
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 has other names for some nodes, and does not say the shapes")
	}
	within := func(m map[int][]any, number int) map[int][]any { return decode(t, m[number][0].([]byte)) }
	graph := within(events[0].fields, 4)
	assert.Equal(t, map[int][]any{1: {uint64(22)}}, within(graph, 4), "the version")
	for _, data := range graph[1] {
		node := decode(t, data.([]byte))
		attribute := within(node, 5)
		assert.Equal(t, "_output_shapes", string(attribute[1][0].([]byte)))
		var shapes []string
		for _, data := range within(within(attribute, 2), 1)[7] {
			var sizes []string
			for _, dim := range decode(t, data.([]byte))[2] {
				sizes = append(sizes, fmt.Sprint(decode(t, dim.([]byte))[1][0]))
			}
			shapes = append(shapes, strings.Join(sizes, "×"))
		}
		lines = append(lines, fmt.Sprintf("%s %s %v %s", node[1][0], node[2][0], shapes, node[3]))
	}
	return lines
}

// graph is that of newTwoBlocks for five images of 1 × 4.
var graph = []string{
	"input/input IO Node [5×1×4] []",
	"twoBlocks/first/norm/weight Parameter [4] []",
	"twoBlocks/first/norm/bias Parameter [4] []",
	"twoBlocks/first/fc/weight Parameter [3×4] []",
	"twoBlocks/first/fc/bias Parameter [3] []",
	"twoBlocks/second/norm/bias Parameter [3] []",
	"twoBlocks/second/fc/weight Parameter [2×3] []",
	"twoBlocks/second/fc/bias Parameter [2] []",
	"twoBlocks/View View [5×4] [input/input]",
	"twoBlocks/first/norm/NativeBatchNorm NativeBatchNorm [5×4] [twoBlocks/View twoBlocks/first/norm/weight twoBlocks/first/norm/bias]",
	"twoBlocks/first/fc/T T [4×3] [twoBlocks/first/fc/weight]",
	"twoBlocks/first/fc/Addmm Addmm [5×3] [twoBlocks/first/fc/bias twoBlocks/first/norm/NativeBatchNorm twoBlocks/first/fc/T]",
	"twoBlocks/Relu Relu [5×3] [twoBlocks/first/fc/Addmm]",
	"twoBlocks/second/norm/NativeBatchNorm NativeBatchNorm [5×3] [twoBlocks/Relu twoBlocks/second/norm/bias]",
	"twoBlocks/second/fc/T T [3×2] [twoBlocks/second/fc/weight]",
	"twoBlocks/second/fc/Addmm Addmm [5×2] [twoBlocks/second/fc/bias twoBlocks/second/norm/NativeBatchNorm twoBlocks/second/fc/T]",
	"twoBlocks/Relu_1 Relu [5×2] [twoBlocks/second/fc/Addmm]",
	"output/output IO Node [5×2] [twoBlocks/Relu_1]",
}

func TestAddGraph(t *testing.T) {
	w, net := newWriter(t), newTwoBlocks()
	x := torch.Randn([]int{5, 1, 4})
	torch.NoGrad(func() { w.AddGraph(net, x) })
	assert.Equal(t, graph, graphLines(t, w.LogDir()))

	assert.True(t, net.IsTraining())
	assert.True(t, net.First.Norm.IsTraining())
	assert.False(t, net.Second.Norm.IsTraining(), "as before")
	assert.EqualValues(t, 0, net.First.Norm.NumBatchesTracked.Item(), "it ran in evaluation mode")
	assert.False(t, x.RequiresGrad())
	for _, p := range net.Parameters() {
		assert.Nil(t, p.Grad())
	}
	net.Forward(x) // no hook is left that would fail
	require.NoError(t, w.Close())
}

func TestAddGraphOfIndices(t *testing.T) {
	w := newWriter(t)
	w.AddGraph(nn.NewEmbedding(7, 2), torch.FromSlice([]int{1, 2, 3}))
	assert.Equal(t, []string{
		"input/input IO Node [3] []",
		"Embedding/weight Parameter [7×2] []",
		"Embedding/Embedding Embedding [3×2] [Embedding/weight]",
		"output/output IO Node [3×2] [Embedding/Embedding]",
	}, graphLines(t, w.LogDir()))
	require.NoError(t, w.Close())
}

func TestAddGraphThatFails(t *testing.T) {
	w, net := newWriter(t), newTwoBlocks()
	net.fails = true
	assert.ErrorContains(t, torch.Try(func() { w.AddGraph(net, torch.Ones([]int{1, 4})) }), "as the test wishes")
	assert.True(t, net.IsTraining())
	net.fails = false
	assert.Error(t, torch.Try(func() { w.AddGraph(net, torch.Ones([]int{1, 5})) }), "a wrong shape")
	w.AddGraph(net, torch.Ones([]int{5, 1, 4}))
	assert.Equal(t, graph, graphLines(t, w.LogDir()), "nothing is left of what failed")
	require.NoError(t, w.Close())
}
