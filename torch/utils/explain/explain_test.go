package explain_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/explain"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// rounding is for sums in another order. Captum itself rounds some numbers to
// float32 on the way.
const (
	rounding       = 1e-12
	captumRounding = 1e-6
)

func TestGolden(t *testing.T) {
	var cases []struct {
		X, W1, W2, Baseline, Target             torchtest.Tensor
		Saliency, Signed, Integrated, Occlusion torchtest.Tensor

		IntegratedBaseline torchtest.Tensor `json:"integrated_baseline"`
		OcclusionStrides   torchtest.Tensor `json:"occlusion_strides"`
	}
	torchtest.Golden(t, "testdata/explain.json", &cases)
	require.Len(t, cases, 1)
	c := cases[0]
	x, baseline, target := c.X.Make(t), c.Baseline.Make(t), c.Target.Make(t)
	w1, w2 := c.W1.Make(t), c.W2.Make(t)
	f := func(x *torch.Tensor) *torch.Tensor { return x.Flatten(1).Mm(w1.T()).Tanh().Mm(w2.T()) }

	check := func(want torchtest.Tensor, got *torch.Tensor, what string) {
		want.Check(t, got, false, captumRounding, what)
		assert.False(t, got.RequiresGrad(), what)
	}
	torch.NoGrad(func() { // has no say
		check(c.Saliency, explain.Saliency(f, x, target), "saliency")
		check(c.Signed, explain.Saliency(f, x, target, explain.SaliencyOptions{Signed: true}), "signed")
		check(c.Integrated, explain.IntegratedGradients(f, x, target), "integrated gradients")
	})
	check(c.IntegratedBaseline, explain.IntegratedGradients(f, x, target,
		explain.IntegratedGradientsOptions{Baseline: baseline, Steps: new(7)}), "integrated gradients from a baseline")
	check(c.Occlusion, explain.Occlusion(f, x, target, []int{2, 3, 2}), "occlusion")
	check(c.OcclusionStrides, explain.Occlusion(f, x, target, []int{1, 3, 3},
		explain.OcclusionOptions{Baseline: baseline, Strides: []int{1, 2, 2}}), "occlusion with strides")
	assert.Nil(t, x.Grad())
	assert.False(t, x.RequiresGrad())
}

// What integrated gradients give to the elements adds up to the answer, less that
// for the baseline.
func TestIntegratedGradientsAreComplete(t *testing.T) {
	f := func(x *torch.Tensor) *torch.Tensor { return x.Exp().Prod(1) }
	x, baseline := torch.NewTensor([][]float64{{1, -2, 0.5}}), torch.NewTensor([][]float64{{0.5, 0, 0.25}})
	parts := explain.IntegratedGradients(f, x, nil, explain.IntegratedGradientsOptions{Baseline: baseline})
	assert.InDelta(t, f(x).Sub(f(baseline)).Item(), parts.Sum().Item(), rounding)
}

// Of a sum of squares they are the squares themselves, with any rule of 1 point or
// more.
func TestIntegratedGradientsOfSquares(t *testing.T) {
	f := func(x *torch.Tensor) *torch.Tensor { return x.Square().Sum(1) }
	x := torch.NewTensor([][]float64{{1, -2}, {3, 0}})
	for _, steps := range []int{1, 2, 3, 200} {
		got := explain.IntegratedGradients(f, x, nil, explain.IntegratedGradientsOptions{Steps: new(steps)})
		assert.InDeltaSlice(t, []float64{1, 4, 9, 0}, torch.ToSlice[float64](got), rounding, steps)
	}
}

func TestRefuses(t *testing.T) {
	x, target := torch.Zeros([]int{2, 3}), torch.NewTensor([]int{0, 1})
	identity := func(x *torch.Tensor) *torch.Tensor { return x }
	for want, f := range map[string]func(){
		"the model gives [2 3] for 2 inputs":                                       func() { explain.Saliency(identity, x, nil) },
		"want scores (n, classes) and targets (n) for 2 inputs, got [2 3] and [1]": func() { explain.Saliency(identity, x, target.Narrow(0, 0, 1)) },
		"-1 steps": func() {
			explain.IntegratedGradients(identity, x, target, explain.IntegratedGradientsOptions{Steps: new(-1)})
		},
		"want a window and strides for the dimensions [3], got [1 1] and [1]": func() { explain.Occlusion(identity, x, target, []int{1, 1}) },
		"the window [4] must fit into [3]":                                    func() { explain.Occlusion(identity, x, target, []int{4}) },
		"the strides [2] must be from 1 to its size": func() {
			explain.Occlusion(identity, x, target, []int{1}, explain.OcclusionOptions{Strides: []int{2}})
		},
	} {
		assert.ErrorContains(t, torch.Try(f), want)
	}
}

func Example() {
	// The model looks at the second of three numbers only.
	model := func(x *torch.Tensor) *torch.Tensor { return x.Select(1, 1).Mul(10) }
	x := torch.NewTensor([][]float64{{1, 2, 3}})
	fmt.Println(explain.Saliency(model, x, nil))
	fmt.Println(explain.IntegratedGradients(model, x, nil).Round())
	fmt.Println(explain.Occlusion(model, x, nil, []int{1}))
	// Output:
	// tensor([[ 0., 10.,  0.]], dtype=torch.float64)
	// tensor([[ 0., 20.,  0.]], dtype=torch.float64)
	// tensor([[ 0., 20.,  0.]], dtype=torch.float64)
}
