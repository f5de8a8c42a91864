package utils_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by on another libtorch or CPU.
const tolerance = 1e-6

type golden struct {
	Norms []struct {
		MaxNorm  float64 `json:"max_norm"`
		NormType string  `json:"norm_type"`
		Factor   float64
		Total    torchtest.Tensor
		Grads    []torchtest.Tensor
	}
	Values []struct {
		Value float64
		Grads []torchtest.Tensor
	}
	Vector, Empty torchtest.Tensor
	Fusions       []struct {
		Name         string
		Layer, Norm  map[string]torchtest.Tensor
		Weight, Bias torchtest.Tensor
		RequiresGrad []bool `json:"requires_grad"`
	}
	Errors map[string]string
}

func read(t *testing.T) (g golden, exact bool) {
	header := torchtest.Golden(t, "testdata/utils.json", &g)
	return g, header.Exact()
}

// newNet is the twin of net in scripts/golden/nn_utils.py.
func newNet() *nn.Sequential {
	torch.ManualSeed(0)
	return nn.NewSequential(nn.NewLinear(4, 3), nn.NewTanh(), nn.NewLinear(3, 2))
}

func withGrads(factor float64) *nn.Sequential {
	net := newNet()
	net.Forward(torch.Arange(0, 8, 1).To(torch.Float32).View(2, 4)).Sum().Mul(factor).Backward()
	return net
}

func checkGrads(t *testing.T, want []torchtest.Tensor, net *nn.Sequential, exact bool) {
	t.Helper()
	for i, p := range net.Parameters() {
		want[i].Check(t, p.Grad(), exact, tolerance, i)
	}
}

func TestClipGradNorm(t *testing.T) {
	g, exact := read(t)
	for _, c := range g.Norms {
		order, err := strconv.ParseFloat(c.NormType, 64)
		require.NoError(t, err)
		for _, foreach := range []*bool{nil, new(false)} {
			net := withGrads(c.Factor)
			total := utils.ClipGradNorm(net.Parameters(), c.MaxNorm, utils.ClipGradOptions{NormType: &order, Foreach: foreach})
			c.Total.Check(t, total, exact, tolerance, c.NormType)
			checkGrads(t, c.Grads, net, exact)
		}
	}
	g.Empty.Check(t, utils.GetTotalNorm(nil), exact, 0)
	assert.NotPanics(t, func() { utils.ClipGradNorm(newNet().Parameters(), 1) })
}

func TestClipGradValue(t *testing.T) {
	g, exact := read(t)
	for _, c := range g.Values {
		for _, foreach := range []*bool{nil, new(false)} {
			net := withGrads(1)
			utils.ClipGradValue(net.Parameters(), c.Value, utils.ForeachOptions{Foreach: foreach})
			checkGrads(t, c.Grads, net, exact)
		}
	}
}

func TestVectors(t *testing.T) {
	g, exact := read(t)
	net := newNet()
	vector := utils.ParametersToVector(net.Parameters())
	g.Vector.Check(t, vector, exact, tolerance)
	assert.True(t, vector.RequiresGrad())
	values := torch.Arange(0, vector.Numel(), 1).To(torch.Float32)
	utils.VectorToParameters(values, net.Parameters())
	assert.Equal(t, torch.ToSlice[float32](values), torch.ToSlice[float32](utils.ParametersToVector(net.Parameters())))
	assert.True(t, net.Parameters()[0].RequiresGrad())
	assert.Equal(t, []int{3, 4}, net.Parameters()[0].Shape())
}

func TestFusion(t *testing.T) {
	g, exact := read(t)
	load := func(m nn.AnyModule, tensors map[string]torchtest.Tensor) {
		var dict nn.StateDict
		for name, x := range tensors {
			dict.Set(name, x.Make(t))
		}
		_, err := nn.Base(m).LoadStateDict(dict)
		require.NoError(t, err)
		nn.Base(m).Eval()
	}
	for _, c := range g.Fusions {
		t.Run(c.Name, func(t *testing.T) {
			var fused nn.Layer
			_, affine := c.Norm["weight"]
			_, biased := c.Layer["bias"]
			norm := nn.BatchNormOptions{Affine: &affine}
			switch c.Name {
			case "conv", "conv without bias":
				conv, bn := nn.NewConv2d(2, 3, 2, nn.Conv2dOptions{Bias: &biased}), nn.NewBatchNorm2d(3, norm)
				load(conv, c.Layer)
				load(bn, c.Norm)
				fused = utils.FuseConvBNEval(conv, bn)
				x := torch.Rand([]int{1, 2, 4, 4})
				assert.InDeltaSlice(t, torch.ToSlice[float64](bn.Forward(conv.Forward(x))), torch.ToSlice[float64](fused.Forward(x)), 1e-5)
			case "transposed":
				conv, bn := nn.NewConvTranspose2d(2, 3, 2), nn.NewBatchNorm2d(3, norm)
				load(conv, c.Layer)
				load(bn, c.Norm)
				fused = utils.FuseConvBNEval(conv, bn, utils.FuseConvBNOptions{Transpose: true})
			default:
				linear, bn := nn.NewLinear(2, 3, nn.LinearOptions{Bias: &biased}), nn.NewBatchNorm1d(3, norm)
				load(linear, c.Layer)
				load(bn, c.Norm)
				fused = utils.FuseLinearBNEval(linear, bn)
			}
			weight, bias := nn.Base(fused).GetParameter("weight"), nn.Base(fused).GetParameter("bias")
			c.Weight.Check(t, weight, exact, tolerance)
			c.Bias.Check(t, bias, exact, tolerance)
			assert.Equal(t, c.RequiresGrad, []bool{weight.RequiresGrad(), bias.RequiresGrad()})
		})
	}
}

func TestFunctionalCall(t *testing.T) {
	net := newNet()
	x := torch.Ones([]int{1, 4})
	before := net.Forward(x)
	weight := net.At(0).(*nn.Linear).Weight
	standIn := torch.Zeros([]int{3, 4}).SetRequiresGrad(true)
	y := utils.FunctionalCall(net, map[string]*torch.Tensor{"0.weight": standIn.Mul(2), "nothing": x}, func() *torch.Tensor {
		return net.Forward(x)
	})
	y.Sum().Backward()
	assert.NotNil(t, standIn.Grad(), "the call is a function of what stands in")
	assert.Nil(t, weight.Grad())
	assert.Same(t, weight, net.At(0).(*nn.Linear).Weight)
	assert.Equal(t, torch.ToSlice[float32](before), torch.ToSlice[float32](net.Forward(x)))

	net.RegisterModule("again", nn.NewSequential(net.At(0)))
	utils.FunctionalCall(net, map[string]*torch.Tensor{"0.weight": standIn}, func() any {
		assert.Same(t, standIn, net.GetParameter("again.0.weight"))
		return nil
	})
	assert.Panics(t, func() {
		utils.FunctionalCall(net, map[string]*torch.Tensor{"0.weight": standIn}, func() any { panic("in the call") })
	})
	assert.Same(t, weight, net.At(0).(*nn.Linear).Weight)
}

func TestErrorsAreInPythonsWords(t *testing.T) {
	g, _ := read(t)
	x := torch.Ones([]int{3, 4})
	call := func(net nn.AnyModule, strict bool, tensors map[string]*torch.Tensor) {
		utils.FunctionalCall(net, tensors, func() any { return nil }, utils.FunctionalCallOptions{Strict: strict})
	}
	tied := newNet()
	tied.RegisterModule("again", tied.At(0))
	untracked := nn.NewBatchNorm2d(1, nn.BatchNormOptions{TrackRunningStats: new(false)})
	untracked.Eval()
	conv, linear, narrow := nn.NewConv2d(1, 1, 1), nn.NewLinear(2, 3), nn.NewBatchNorm1d(2)
	conv.Eval()
	linear.Eval()
	narrow.Eval()
	calls := map[string]func(){
		"nonfinite": func() {
			utils.ClipGradNorm(withGrads(math.Inf(1)).Parameters(), 1, utils.ClipGradOptions{ErrorIfNonfinite: true})
		},
		"training":       func() { utils.FuseConvBNEval(nn.NewConv2d(1, 1, 1), nn.NewBatchNorm2d(1)) },
		"statistics":     func() { utils.FuseConvBNEval(conv, untracked) },
		"features":       func() { utils.FuseLinearBNEval(linear, narrow) },
		"strict":         func() { call(newNet(), true, map[string]*torch.Tensor{"0.weight": x, "b.c": x, "a": x}) },
		"strict missing": func() { call(newNet(), true, map[string]*torch.Tensor{"0.weight": x}) },
		"tied": func() {
			call(tied, false, map[string]*torch.Tensor{"0.weight": x, "again.weight": torch.Zeros([]int{3, 4})})
		},
	}
	assert.Len(t, calls, len(g.Errors))
	advice := strings.NewReplacer("set `error_if_nonfinite=False`", "leave ErrorIfNonfinite at false", "using tie_weights=False", "setting TieWeights to false")
	for name, want := range g.Errors {
		assert.Equal(t, advice.Replace(want), torchtest.Fails(t, calls[name]).Message, name)
	}
	assert.ErrorContains(t, torchtest.Fails(t, func() { utils.FuseConvBNEval(conv, nn.Layer(linear)) }), "is no batch normalisation")
}
