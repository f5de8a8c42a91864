package library_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/library"
)

// capture captures a function of one tensor.
func capture(t *testing.T, x *torch.Tensor, f func(x *torch.Tensor) *torch.Tensor) *graph.Captured {
	t.Helper()
	c, err := graph.Capture(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{f(in[0])} }, []*torch.Tensor{x})
	require.NoError(t, err)
	return c
}

// A captured graph calls the operator, with what it does by then; it is one node.
func TestCaptured(t *testing.T) {
	calls := 0
	op := define(t, "%s(Tensor x, float s=2) -> Tensor", func(in library.Args) []any {
		calls++
		assert.Positive(t, torch.ToSlice[float64](in.Tensor("x"))[0], "a kernel may read values")
		return scale(in)
	})
	x := torch.FromSlice([]float64{1, 2})
	c := capture(t, x, func(x *torch.Tensor) *torch.Tensor { return op.Call(x.Add(1))[0].(*torch.Tensor).Add(10) })
	assert.Contains(t, c.String(), op.Name())
	assert.Equal(t, []float64{14, 16}, floats(c.First[0]))
	y := c.Run(torch.FromSlice([]float64{5, 6}))[0]
	assert.Equal(t, []float64{22, 24}, floats(y))
	assert.Equal(t, 2, calls)
	c.Run(x)
	assert.Equal(t, []float64{22, 24}, floats(y), "results are not changed by another run")

	var wait sync.WaitGroup
	quiet := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Mul(2)} })
	d := capture(t, x, func(x *torch.Tensor) *torch.Tensor { return quiet.Call(x)[0].(*torch.Tensor).Add(1) })
	for i := range 4 {
		wait.Go(func() {
			for range 20 {
				torch.Scope(func() {
					assert.Equal(t, []float64{float64(2*i + 1)}, floats(d.Run(torch.FromSlice([]float64{float64(i), 0}))[0])[:1])
				})
			}
		})
	}
	wait.Wait()

	op.Close()
	err := failure(t, func() { c.Run(x) })
	assert.ErrorContains(t, err, "the operator was removed")
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.ClosedError})
}

// A training step of an operator with a derivative.
func TestCapturedStep(t *testing.T) {
	op := sine(t)
	w := torch.FromSlice([]float64{0.1, 0.2}).SetRequiresGrad(true)
	step := func(x *torch.Tensor) *torch.Tensor {
		w.SetGrad(nil)
		loss := op.Call(w.Mul(x), 2)[0].(*torch.Tensor).Sum()
		loss.Backward()
		torch.NoGrad(func() { w.SubInplace(w.Grad().Mul(0.1)) })
		return loss
	}
	x := torch.FromSlice([]float64{1, 2})
	c := capture(t, x, step)
	var captured []float64
	for range 3 {
		captured = append(captured, floats(c.Run(x)[0])...)
	}
	after := floats(w)
	torch.NoGrad(func() { w.CopyInplace(torch.FromSlice([]float64{0.1, 0.2})) })
	var eager []float64
	for range 4 {
		eager = append(eager, floats(step(x))...)
	}
	assert.Equal(t, eager[1:], captured)
	assert.Equal(t, floats(w), after)
}

// Panics, the ends of goroutines and the end of the graph itself, in the middle of a run.
func TestCapturedKernelsThatEnd(t *testing.T) {
	x := torch.FromSlice([]float64{1})
	var do func()
	op := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any {
		if do != nil {
			do()
		}
		return []any{in.Tensor("x").Add(1)}
	})
	c := capture(t, x, func(x *torch.Tensor) *torch.Tensor { return op.Call(x)[0].(*torch.Tensor).Mul(2) })
	do = func() { panic("mine") }
	assert.PanicsWithValue(t, "mine", func() { c.Run(x) })
	do = runtime.Goexit
	ended := make(chan bool)
	go func() {
		defer close(ended)
		c.Run(x)
	}()
	<-ended
	do = nil
	assert.Equal(t, []float64{4}, floats(c.Run(x)[0]))
	do = func() { do = nil; c.Close() }
	assert.Equal(t, []float64{4}, floats(c.Run(x)[0]), "a run that is under way ends")
	assert.ErrorIs(t, failure(t, func() { c.Run(x) }), &torch.Error{Kind: torch.ClosedError})
}

func TestNotCaptured(t *testing.T) {
	op := define(t, "%s(Tensor x) -> int", func(in library.Args) []any { return []any{in.Tensor("x").Dim()} })
	x := torch.Ones([]int{2})
	_, err := graph.Capture(func(in []*torch.Tensor) []*torch.Tensor { op.Call(in[0]); return in }, []*torch.Tensor{x})
	assert.ErrorContains(t, err, "it gives a int, which a graph cannot know before it runs")

	square := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Mm(in.Tensor("x"))} })
	under := func(in []*torch.Tensor) (out []*torch.Tensor) {
		torch.Autocast(torch.CPU, func() { out = []*torch.Tensor{square.Call(in[0])[0].(*torch.Tensor)} })
		return out
	}
	matrix := []*torch.Tensor{torch.Ones([]int{2, 2})}
	_, err = graph.Capture(under, matrix)
	assert.ErrorContains(t, err, "under autocast, which is off when a graph runs: give the operator a rule for autocast")
	square.RegisterAutocast(torch.CPU, torch.BFloat16)
	c, err := graph.Capture(under, matrix)
	require.NoError(t, err)
	assert.Equal(t, torch.BFloat16, c.Run(matrix...)[0].DType())
}

// seen notes the operators that it sees.
type seen struct{ names []string }

func (s *seen) Dispatch(call *torch.DispatchCall) []any {
	s.names = append(s.names, call.Op.Name())
	return call.Run()
}

// Modes see the operator, not what it is made of, and what a composite one is made of.
func TestDispatchModes(t *testing.T) {
	op := sine(t)
	composite := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Neg().Abs()} },
		library.DefineOptions{Composite: true})
	x := torch.FromSlice([]float64{1}).SetRequiresGrad(true)
	for _, run := range []func(func()){func(f func()) { f() }, torch.InferenceMode} {
		var mode seen
		torch.WithDispatch(&mode, func() { run(func() { op.Call(x); composite.Call(x) }) })
		assert.Equal(t, []string{op.Name(), "aten::neg", "aten::abs"}, mode.names)
	}
}
