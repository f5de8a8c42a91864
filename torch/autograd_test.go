package torch_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/torchtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

func floats(x *torch.Tensor) []float32 { return torch.ToSlice[float32](x) }

func leaf(values ...float32) *torch.Tensor { return torch.FromSlice(values).SetRequiresGrad(true) }

func TestBackward(t *testing.T) {
	x := leaf(1, 2, 3)
	y := x.Pow(2).Sum()
	assert.Equal(t, "SumBackward0", y.GradFn().Name())
	assert.Nil(t, x.GradFn())
	assert.False(t, y.IsLeaf())
	y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
	assert.Equal(t, []float32{2, 4, 6}, floats(x.Grad()))
	y.Backward()
	assert.Equal(t, []float32{4, 8, 12}, floats(x.Grad()), "gradients add up")
	x.SetGrad(nil)
	assert.Nil(t, x.Grad())
	x.SetGrad(torch.Ones([]int{3}))
	assert.Equal(t, []float32{1, 1, 1}, floats(x.Grad()))
}

func TestBackwardOptions(t *testing.T) {
	x, w := leaf(1, 2), leaf(3, 4)
	y := x.Mul(w)
	y.Backward(torch.BackwardOptions{Gradient: torch.FromSlice([]float32{1, 10}), Inputs: []*torch.Tensor{x}})
	assert.Equal(t, []float32{3, 40}, floats(x.Grad()))
	assert.Nil(t, w.Grad(), "not among the inputs")
}

func TestGradTwice(t *testing.T) {
	x := leaf(2, 3)
	y := x.Pow(3).Sum()
	first := autograd.Grad([]*torch.Tensor{y}, []*torch.Tensor{x}, autograd.GradOptions{CreateGraph: true})[0]
	assert.Equal(t, []float32{12, 27}, floats(first))
	second := autograd.Grad([]*torch.Tensor{first.Sum()}, []*torch.Tensor{x})[0]
	assert.Equal(t, []float32{12, 18}, floats(second))
	assert.Nil(t, x.Grad(), "Grad adds to no gradient")
}

func TestGradUnused(t *testing.T) {
	x, unused := leaf(1), leaf(1)
	y := x.Mul(2)
	err := torch.Try(func() {
		autograd.Grad([]*torch.Tensor{y}, []*torch.Tensor{unused}, autograd.GradOptions{RetainGraph: new(true)})
	})
	assert.ErrorContains(t, err, "appears to not have been used in the graph")
	grads := autograd.Grad([]*torch.Tensor{y}, []*torch.Tensor{x, unused}, autograd.GradOptions{AllowUnused: true})
	assert.Equal(t, []float32{2}, floats(grads[0]))
	assert.Nil(t, grads[1])
}

func TestDetachSharesMemory(t *testing.T) {
	x := leaf(1, 2)
	d := x.Exp().Detach()
	assert.False(t, d.RequiresGrad())
	view := x.Detach()
	view.FillInplace(5)
	assert.Equal(t, []float32{5, 5}, floats(x))
}

func TestModes(t *testing.T) {
	x := leaf(1, 2)
	assert.True(t, torch.IsGradEnabled())
	torch.NoGrad(func() {
		assert.False(t, torch.IsGradEnabled())
		assert.False(t, x.Exp().RequiresGrad())
		torch.EnableGrad(func() { assert.True(t, x.Exp().RequiresGrad()) })
		assert.False(t, torch.IsGradEnabled())
	})
	torch.InferenceMode(func() {
		assert.True(t, torch.IsInferenceModeEnabled())
		assert.True(t, x.Exp().IsInference())
	})
	assert.False(t, torch.IsInferenceModeEnabled())
	assert.True(t, torch.IsGradEnabled())
}

func TestModesEndWithAPanic(t *testing.T) {
	for _, mode := range []func(func()){torch.NoGrad, torch.InferenceMode, torch.Scope} {
		assert.Panics(t, func() { mode(func() { panic("within") }) })
		assert.True(t, torch.IsGradEnabled())
		assert.False(t, torch.IsInferenceModeEnabled())
	}
}

// TestModesStayInTheirGoroutine runs many short NoGrad blocks beside goroutines
// that need gradients. Without the locked thread some of these lose them.
func TestModesStayInTheirGoroutine(t *testing.T) {
	x := leaf(1, 2)
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			for range 200 {
				if i%2 == 0 {
					torch.NoGrad(func() {
						runtime.Gosched()
						assert.False(t, x.Add(1).RequiresGrad())
					})
				}
				if !assert.True(t, x.Add(1).RequiresGrad(), "a mode of another goroutine") {
					return
				}
				runtime.Gosched()
			}
		})
	}
	wait.Wait()
}

// TestConcurrentTraining trains a net in each of many goroutines; all must get
// what a single one gets.
func TestConcurrentTraining(t *testing.T) {
	data := torch.Linspace(-1, 1, 32).Reshape(8, 4)
	train := func() []float32 {
		w := torch.Linspace(0, 1, 4).SetRequiresGrad(true)
		for range 50 {
			loss := data.Matmul(w).Sub(1).Square().Mean()
			loss.Backward()
			torch.NoGrad(func() { w.AddInplace(w.Grad(), torch.AddOptions{Alpha: -0.1}) })
			w.SetGrad(nil)
		}
		return floats(w)
	}
	want := train()
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() { assert.Equal(t, want, train()) })
	}
	wait.Wait()
	require.True(t, torch.IsGradEnabled())
}

func TestOutputShapes(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 does not say them")
	}
	x := torch.Ones([]int{2, 3}, torch.TensorOptions{RequiresGrad: true})
	assert.Equal(t, [][]int{{3, 2}}, x.Transpose(0, 1).GradFn().OutputShapes())
	assert.Equal(t, [][]int{{}}, x.Sum().GradFn().OutputShapes())
	values, _ := torch.Sort(x)
	assert.Equal(t, [][]int{{2, 3}}, values.GradFn().OutputShapes(), "indices have no gradient")
	parts := x.Split(1, 1)
	assert.Equal(t, [][]int{{2, 1}, {2, 1}, {2, 1}}, parts[0].GradFn().OutputShapes())
}

func TestGradInfos(t *testing.T) {
	a, b, c := leaf(1, 2), torch.Ones([]int{2}, torch.TensorOptions{DType: torch.Float64, RequiresGrad: true}), torch.Ones([]int{1})
	a.Mul(b).Sum().Backward()
	infos := internals.GradInfos([]*torch.Tensor{a, c, b})
	require.Len(t, infos, 3)
	assert.Equal(t, []float32{1, 1}, floats(infos[0].Grad))
	assert.Nil(t, infos[1].Grad, "no gradient")
	assert.Equal(t, torch.Float32, infos[1].DType)
	assert.Equal(t, torch.CPU, infos[1].Device)
	assert.Equal(t, []float64{1, 2}, torch.ToSlice[float64](infos[2].Grad))
	assert.Equal(t, torch.Float64, infos[2].DType)
	assert.Empty(t, internals.GradInfos(nil))

	many := make([]*torch.Tensor, 100) // more than fit into a call's own room
	for i := range many {
		many[i] = torch.Ones([]int{}).SetRequiresGrad(true)
		many[i].Mul(i).Backward()
	}
	for i, info := range internals.GradInfos(many) {
		assert.EqualValues(t, i, info.Grad.Item())
	}

	internals.ClearGrads([]*torch.Tensor{a, c})
	assert.Nil(t, a.Grad())
	assert.NotNil(t, b.Grad(), "not among the tensors")
	assert.ErrorContains(t, torch.Try(func() { internals.GradInfos([]*torch.Tensor{a, nil}) }), "torch.GradInfos: tensor 1 is nil")
	c.Close()
	assert.ErrorIs(t, torch.Try(func() { internals.ClearGrads([]*torch.Tensor{c}) }), &torch.Error{Kind: torch.ClosedError})
	assert.ErrorIs(t, torch.Try(func() { internals.GradInfos([]*torch.Tensor{c}) }), &torch.Error{Kind: torch.ClosedError})
}
