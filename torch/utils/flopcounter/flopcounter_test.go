package flopcounter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/utils/flopcounter"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// MLP, CNN and Attention are the modules of scripts/golden/flops.py.
type MLP struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

func (m *MLP) Forward(x *torch.Tensor) *torch.Tensor {
	return m.Run(x, func(x *torch.Tensor) *torch.Tensor { return m.FC2.Forward(m.FC1.Forward(x).ReLU()) })
}

type CNN struct {
	nn.Module
	Features *nn.Sequential
	Up       *nn.ConvTranspose2d
	FC       *nn.Linear
}

func (m *CNN) Forward(x *torch.Tensor) *torch.Tensor {
	return m.Run(x, func(x *torch.Tensor) *torch.Tensor {
		return m.FC.Forward(m.Up.Forward(m.Features.Forward(x)).Flatten(1))
	})
}

type Attention struct {
	nn.Module
	QKV, Out *nn.Linear
	MHA      *nn.MultiheadAttention
	Norm     *nn.LayerNorm
}

func (m *Attention) Forward(x *torch.Tensor) *torch.Tensor {
	return m.Run(x, func(x *torch.Tensor) *torch.Tensor {
		n, length, width := x.Size(0), x.Size(1), x.Size(2)
		var heads []*torch.Tensor
		for _, part := range m.QKV.Forward(x).Chunk(3, -1) {
			heads = append(heads, part.View(n, length, 3, 4).Transpose(1, 2))
		}
		y := functional.ScaledDotProductAttention(heads[0], heads[1], heads[2], functional.ScaledDotProductAttentionOptions{IsCausal: true})
		x = m.Norm.Forward(x.Add(m.Out.Forward(y.Transpose(1, 2).Reshape(n, length, width))))
		out, _ := m.MHA.Forward(x, x, x, nn.MultiheadAttentionForwardOptions{NeedWeights: new(false)})
		return x.Add(out)
	})
}

// network returns a new network and an input of it.
func network(name string) (nn.Layer, *torch.Tensor) {
	switch name {
	case "CNN":
		return nn.Init(&CNN{
			Features: nn.NewSequential(nn.NewConv2d(3, 8, 3, nn.ConvOptions{Padding: 1}), nn.NewReLU(),
				nn.NewConv2d(8, 4, 3, nn.ConvOptions{Stride: 2, Groups: new(2)}), nn.NewBatchNorm2d(4)),
			Up: nn.NewConvTranspose2d(4, 2, 2, nn.ConvTransposeOptions{Stride: 2}),
			FC: nn.NewLinear(2*6*6, 10),
		}), torch.Randn([]int{2, 3, 8, 8})
	case "Attention":
		return nn.Init(&Attention{QKV: nn.NewLinear(12, 36), Out: nn.NewLinear(12, 12),
			MHA: nn.NewMultiheadAttention(12, 3, nn.MultiheadAttentionOptions{BatchFirst: true}), Norm: nn.NewLayerNorm(12)}), torch.Randn([]int{2, 6, 12})
	}
	return nn.Init(&MLP{FC1: nn.NewLinear(7, 5), FC2: nn.NewLinear(5, 3)}), torch.Randn([]int{4, 7})
}

// The counts by module and operator, and the tables, are Python's.
func TestGolden(t *testing.T) {
	var cases []struct {
		Name, Table, Deep string
		Total             int
		Counts            map[string]map[string]int
	}
	torchtest.Golden(t, "testdata/flops.json", &cases)
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 has other operators of attention")
	}
	require.Len(t, cases, 13)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			name, run, _ := strings.Cut(c.Name, " ")
			net, x := network(name)
			counter := flopcounter.New(flopcounter.Options{Modules: []nn.AnyModule{net}})
			counter.Count(func() {
				switch run {
				case "forward":
					net.Forward(x)
				case "step":
					net.Forward(x).Sum().Backward()
				case "inputs":
					net.Forward(x.SetRequiresGrad(true)).Sum().Backward()
				case "product":
					net.Forward(x).Sum().Add(x.Flatten(1).Mm(x.Flatten(1).T()).Sum()).Backward()
				default:
					x.Exp()
				}
			})
			assert.Equal(t, c.Total, counter.TotalFlops())
			assert.Equal(t, c.Counts, counter.FlopCounts())
			assert.Equal(t, c.Table, counter.Table())
			assert.Equal(t, c.Deep, counter.Table(flopcounter.TableOptions{Depth: new(4)}))
		})
	}
}

// Operators may have formulas of one's own, and counting again begins at 0.
func TestFormulas(t *testing.T) {
	x := torch.Ones([]int{2, 3})
	counter := flopcounter.New(flopcounter.Options{Formulas: map[string]flopcounter.Formula{
		"aten::exp": func(args, results []any) int {
			assert.Equal(t, []int{2, 3}, args[0])
			assert.Equal(t, []int{2, 3}, results[0])
			return 5
		},
		"aten::mm": func(_, _ []any) int { return 1 },
	}})
	for range 2 {
		counter.Count(func() { x.Exp().Mm(x.T()) })
		assert.Equal(t, map[string]map[string]int{"Global": {"aten::exp": 5, "aten::mm": 1}}, counter.FlopCounts())
	}
	assert.ErrorContains(t, torch.Try(func() { counter.Count(nil) }), "flopcounter.Counter.Count: the function must not be nil")
}

// Hooks are gone when the counting has ended, also by a panic.
func TestHooksAreGone(t *testing.T) {
	net, x := network("MLP")
	counter := flopcounter.New(flopcounter.Options{Modules: []nn.AnyModule{net}})
	assert.Panics(t, func() { counter.Count(func() { net.Forward(x); panic("x") }) })
	assert.Equal(t, 400, counter.TotalFlops())
	net.Forward(x).Sum().Backward()
	assert.Equal(t, 400, counter.TotalFlops())
}

func ExampleCounter() {
	net := nn.Init(&MLP{FC1: nn.NewLinear(784, 128), FC2: nn.NewLinear(128, 10)})
	x := torch.Randn([]int{64, 784})
	counter := flopcounter.New(flopcounter.Options{Modules: []nn.AnyModule{net}})
	counter.Count(func() { net.Forward(x).Sum().Backward() })
	fmt.Println(counter.TotalFlops())
	fmt.Println(counter.Table())
	// Output:
	// 26181632
	// Module             FLOP    % Total
	// --------------  -------  ---------
	// MLP             26.182M    100.00%
	//  - aten.addmm   13.009M     49.69%
	//  - aten.mm      13.173M     50.31%
	//  MLP.fc1        25.690M     98.12%
	//   - aten.addmm  12.845M     49.06%
	//   - aten.mm     12.845M     49.06%
	//  MLP.fc2         0.492M      1.88%
	//   - aten.addmm   0.164M      0.63%
	//   - aten.mm      0.328M      1.25%
}
