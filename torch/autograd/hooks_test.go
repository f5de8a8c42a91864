package autograd_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

func TestHooks(t *testing.T) {
	x := leaf(1, 2)
	var order []string
	twice := x.RegisterHook(func(grad tensor) tensor { order = append(order, "double"); return grad.Mul(2) })
	x.RegisterHook(func(grad tensor) tensor { order = append(order, "look"); return nil })
	y := x.Mul(3).RetainGrad()
	y.RegisterHook(func(grad tensor) tensor { order = append(order, "y"); return grad.Add(1) })
	y.Sum().Backward()
	assert.Equal(t, []string{"y", "double", "look"}, order)
	assert.Equal(t, []float64{12, 12}, floats(x.Grad())) // ((1 + 1) × 3) × 2
	if !torchtest.Old() {                                // which kept the gradient before later hooks
		assert.Equal(t, []float64{2, 2}, floats(y.Grad()))
	}
	assert.True(t, y.RetainsGrad())
	twice.Remove()
	twice.Remove()
	x.SetGrad(nil)
	x.Mul(3).Sum().Backward()
	assert.Equal(t, []float64{3, 3}, floats(x.Grad()))
	err := torch.Try(func() { torch.Ones([]int{1}).RegisterHook(func(tensor) tensor { return nil }) })
	assert.ErrorContains(t, err, "cannot register a hook on a tensor that doesn't require gradient")
}

func TestPanicInAHookComesOutOfBackward(t *testing.T) {
	x := leaf(1)
	mine := errors.New("mine")
	hook := x.RegisterHook(func(tensor) tensor { panic(mine) })
	assert.PanicsWithValue(t, mine, func() { x.Mul(2).Sum().Backward() })
	hook.Remove()
	// An operation's error in a hook is the same *torch.Error outside.
	x.RegisterHook(func(grad tensor) tensor { return grad.Reshape(2, 2) })
	err := torch.Try(func() { x.Mul(2).Sum().Backward() })
	var e *torch.Error
	require.True(t, errors.As(err, &e))
	assert.Contains(t, e.Message, "shape '[2, 2]' is invalid for input of size 1")
}

// Nothing of Go's is held by C once the graph is gone.
func TestGraphsLetGoOfGoFunctions(t *testing.T) {
	held := func() int { return torchtest.Settle(cgotorch.Funcs) }
	before := held()
	for range 10 {
		x := leaf(1, 2)
		y := autograd.Apply1(Exp{}, x) // dropped without a Backward
		x.RegisterHook(func(tensor) tensor { return nil })
		y.Close()
		x.Close()
	}
	assert.Equal(t, before, held())
}

// Two has two outputs, of which the second has no derivative.
type Two struct{ gradients int }

func (Two) Forward(ctx *autograd.Context, in ...tensor) []tensor {
	signs := in[0].Sign()
	ctx.MarkNonDifferentiable(signs)
	ctx.SaveForBackward(in[0])
	return []tensor{in[0].Mul(in[1]), signs}
}

func (f Two) Backward(ctx *autograd.Context, grads ...tensor) []tensor {
	x := ctx.SavedTensors()[0]
	list := []tensor{nil, grads[0].Mul(x), nil, nil}
	if ctx.NeedsInputGrad(0) {
		list[0] = grads[0].Mul(2)
	}
	return list[:f.gradients]
}

func TestFunctionOfSeveralOutputs(t *testing.T) {
	x, y := leaf(-1, 2), leaf(3, 4)
	out := autograd.Apply(Two{2}, x, y)
	assert.False(t, out[1].RequiresGrad())
	assert.Equal(t, []float64{-1, 1}, floats(out[1]))
	out[0].Sum().Backward()
	assert.Equal(t, []float64{2, 2}, floats(x.Grad()))
	assert.Equal(t, []float64{-1, 2}, floats(y.Grad()))

	err := torch.Try(func() { autograd.Apply(Two{1}, x, y)[0].Sum().Backward() })
	assert.ErrorContains(t, err, "function TwoBackward returned an incorrect number of gradients (expected 2, got 1)")
	again := autograd.Apply1(Exp{}, x)
	again.Sum().Backward()
	err = torch.Try(func() { again.Sum().Backward() })
	assert.ErrorContains(t, err, "Trying to backward through the graph a second time")
}

func TestOnceDifferentiable(t *testing.T) {
	x := leaf(1)
	y := autograd.Apply1(autograd.OnceDifferentiable(Exp{}), x)
	g := autograd.Grad([]tensor{y}, []tensor{x}, autograd.GradOptions{CreateGraph: true, GradOutputs: []tensor{leaf(1)}})[0]
	assert.Equal(t, floats(x.Exp()), floats(g))
	err := torch.Try(func() { g.Sum().Backward() })
	assert.ErrorContains(t, err, "trying to differentiate twice a function that was marked with @once_differentiable")
}

// expForward is Exp with a forward gradient.
type expForward struct{ Exp }

func (expForward) JVP(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{grads[0].Mul(ctx.SavedTensors()[0])}
}

func TestOnceDifferentiableKeepsForwardGradients(t *testing.T) {
	autograd.DualLevel(func() {
		dual := autograd.MakeDual(leaf(0).Detach(), leaf(5).Detach())
		_, tangent := autograd.UnpackDual(autograd.Apply1(autograd.OnceDifferentiable(expForward{}), dual))
		assert.Equal(t, 5.0, tangent.Item())
		err := torch.Try(func() { autograd.Apply(autograd.OnceDifferentiable(Exp{}), dual) })
		assert.ErrorContains(t, err, "You must implement the jvp function")
	})
}

// Functions in Go run in Backward, with as many goroutines at it as there are
// places, and none is stuck.
func TestManyGoroutinesRunFunctions(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 20 {
				x := leaf(0.5)
				autograd.Apply1(Exp{}, autograd.Apply1(Exp{}, x)).Sum().Backward()
				want := x.Exp().Exp().Mul(x.Exp())
				assert.InDelta(t, want.Item(), x.Grad().Item(), 1e-12)
			}
		})
	}
	wait.Wait()
}

func TestAnomaly(t *testing.T) {
	x := leaf(-1)
	err := torch.Try(func() { autograd.DetectAnomaly(func() { x.Sqrt().Sum().Backward() }) })
	require.Error(t, err)
	assert.Contains(t, err.Error(), "Function 'SqrtBackward0' returned nan values in its 0th output.")
	assert.False(t, autograd.IsAnomalyEnabled())
}

func TestSavedTensorsHooks(t *testing.T) {
	x := leaf(2, 3)
	packed := 0
	var y tensor
	autograd.SavedTensorsHooks(func(x tensor) []float64 { packed++; return floats(x) },
		func(v []float64) tensor { return torch.FromSlice(v) }, func() { y = x.Mul(x).Sum() })
	assert.Equal(t, 2, packed)
	y.Backward()
	assert.Equal(t, []float64{4, 6}, floats(x.Grad()))
}
