package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func ExampleModule_ToEmpty() {
	l := nn.NewLinear(20, 30, nn.LinearOptions{Device: torch.Meta}) // takes no memory, draws no numbers
	fmt.Println(l.Weight)
	l.ToEmpty(torch.CPU)
	torch.ManualSeed(0)
	l.ResetParameters()
	torch.ManualSeed(0)
	fmt.Println(l.Weight.Equal(nn.NewLinear(20, 30).Weight))
	// Output:
	// tensor(..., device='meta', size=(30, 20), requires_grad=True)
	// true
}

// metaModules are modules of each kind of initialization.
func metaModules() map[string]nn.AnyModule {
	d := torch.Meta
	return map[string]nn.AnyModule{
		"linear":      nn.NewLinear(3, 2, nn.LinearOptions{Device: d}),
		"lazy":        nn.NewLazyLinear(2, nn.LinearOptions{Device: d}),
		"bilinear":    nn.NewBilinear(3, 3, 2, nn.BilinearOptions{Device: d}),
		"conv":        nn.NewConv2d(3, 2, 3, nn.ConvOptions{Device: d}),
		"embedding":   nn.NewEmbedding(5, 3, nn.EmbeddingOptions{Device: d, PaddingIdx: new(1)}),
		"batch norm":  nn.NewBatchNorm2d(3, nn.BatchNormOptions{Device: d}),
		"layer norm":  nn.NewLayerNorm(3, nn.LayerNormOptions{Device: d}),
		"prelu":       nn.NewPReLU(nn.PReLUOptions{Device: d}),
		"lstm":        nn.NewLSTM(3, 2, nn.LSTMOptions{Device: d}),
		"cell":        nn.NewGRUCell(3, 2, nn.RNNCellOptions{Device: d}),
		"attention":   nn.NewMultiheadAttention(4, 2, nn.MultiheadAttentionOptions{Device: d}),
		"transformer": nn.NewTransformerEncoderLayer(4, 2, nn.TransformerEncoderLayerOptions{Device: d}),
	}
}

func TestMetaModules(t *testing.T) {
	random := torch.ToSlice[uint8](torch.RNGState())
	for name, m := range metaModules() {
		state := m.(interface{ StateDict() nn.StateDict }).StateDict()
		require.NotEmpty(t, state, name)
		for _, n := range state {
			assert.True(t, n.Tensor.IsMeta(), "%s: %s", name, n.Name)
		}
		module := m.(interface {
			ToEmpty(device torch.Device)
			Parameters() []*torch.Tensor
			StateDict() nn.StateDict
		})
		module.ToEmpty(torch.CPU)
		for i, n := range module.StateDict() {
			assert.Equal(t, torch.CPU, n.Tensor.Device(), "%s: %s", name, n.Name)
			assert.Equal(t, state[i].Tensor.Shape(), n.Tensor.Shape(), "%s: %s", name, n.Name)
			assert.Equal(t, state[i].Tensor.DType(), n.Tensor.DType(), "%s: %s", name, n.Name)
		}
		for _, p := range module.Parameters() {
			assert.True(t, p.RequiresGrad(), name)
		}
	}
	assert.Equal(t, random, torch.ToSlice[uint8](torch.RNGState()), "no numbers are drawn")
}

func TestMetaForward(t *testing.T) {
	x := torch.Empty([]int{7, 4}, torch.TensorOptions{Device: torch.Meta})
	net := nn.NewSequential(nn.NewLinear(4, 5, nn.LinearOptions{Device: torch.Meta}), nn.NewTanh())
	y := net.Forward(x)
	assert.Equal(t, []int{7, 5}, y.Shape())
	y.Sum().Backward()
	net.To(torch.Float64)
	for _, p := range net.Parameters() {
		assert.True(t, p.IsMeta() && p.Grad().IsMeta())
		assert.Equal(t, torch.Float64, p.DType())
		assert.Equal(t, torch.Float64, p.Grad().DType())
	}
	net.ToEmpty(torch.CPU)
	for _, p := range net.Parameters() {
		assert.Equal(t, torch.CPU, p.Grad().Device())
		assert.Equal(t, p.Shape(), p.Grad().Shape())
	}
	lstm := metaModules()["lstm"].(*nn.LSTM)
	lstm.ToEmpty(torch.CPU)
	lstm.ResetParameters()
	output, _ := lstm.Forward(torch.Ones([]int{6, 3}), nil)
	assert.Equal(t, []int{6, 2}, output.Shape(), "the layer uses its new parameters")
}

func TestToMetaAndNotBack(t *testing.T) {
	shared, second := nn.NewLinear(3, 3), nn.NewLinear(3, 3)
	net := nn.NewSequential(shared, second)
	second.Weight = shared.Weight
	net.SetRequiresGrad(false)
	net.To(torch.Meta)
	assert.True(t, shared.Weight.IsMeta())
	assert.False(t, shared.Weight.RequiresGrad())
	assert.Same(t, shared.Weight, second.Weight, "a shared parameter stays one")
	e := torchtest.Fails(t, func() { net.To(torch.CPU, torch.Float64) })
	assert.Equal(t, torch.NotImplementedError, e.Kind)
	assert.Equal(t, "Cannot copy out of meta tensor; no data! Please use ToEmpty instead of To"+
		" when moving module from meta to a different device.", e.Message)
	assert.Equal(t, torch.Float32, shared.Weight.DType())
}

func TestLoadStateDictIntoMeta(t *testing.T) {
	full, meta := nn.NewBatchNorm2d(2), nn.NewBatchNorm2d(2, nn.BatchNormOptions{Device: torch.Meta})
	_, err := meta.LoadStateDict(full.StateDict())
	assert.ErrorContains(t, err, "for weight: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, which is a no-op.")
	_, err = full.LoadStateDict(meta.StateDict())
	assert.ErrorContains(t, err, `While copying the parameter named "weight", whose dimensions in the model are torch.Size([2])`+
		" and whose dimensions in the checkpoint are torch.Size([2]), an exception occurred : ('Cannot copy out of meta tensor; no data!',).")
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](full.Weight), "the module is unchanged")

	old := full.StateDict()
	old.Delete("num_batches_tracked") // as before 0.4.1
	meta.SetRequiresGrad(false)
	_, err = meta.LoadStateDict(old, nn.LoadOptions{Assign: true})
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](meta.Weight))
	assert.False(t, meta.Weight.RequiresGrad())
	assert.Equal(t, []float32{0, 0}, torch.ToSlice[float32](meta.RunningMean))
	assert.Zero(t, meta.NumBatchesTracked.Int())
	assert.Equal(t, []int{1, 2, 3, 3}, meta.Forward(torch.Ones([]int{1, 2, 3, 3})).Shape())
}

func TestModulesOnTheDefaultDevice(t *testing.T) {
	random := torch.ToSlice[uint8](torch.RNGState())
	var net *nn.Sequential
	torch.WithDevice(torch.Meta, func() {
		net = nn.NewSequential(nn.NewConv2d(3, 4, 3), nn.NewBatchNorm2d(4), nn.NewEmbedding(5, 3), nn.NewLazyLinear(2))
		net.RegisterModule("lstm", nn.NewLSTM(3, 2))
		net.RegisterModule("transformer", nn.NewTransformer(nn.TransformerOptions{DModel: new(4), NHead: new(2), NumEncoderLayers: new(1), NumDecoderLayers: new(1), DimFeedforward: new(8)}))
	})
	for _, n := range net.StateDict() {
		assert.True(t, n.Tensor.IsMeta(), n.Name)
	}
	assert.Equal(t, random, torch.ToSlice[uint8](torch.RNGState()), "no numbers are drawn")

	filled := nn.NewLinear(3, 2)
	torch.WithDevice(torch.Meta, func() {
		l := nn.NewLinear(3, 2)
		_, err := l.LoadStateDict(filled.StateDict(), nn.LoadOptions{Assign: true})
		require.NoError(t, err)
		assert.True(t, l.Weight.Equal(filled.Weight))
	})
}
