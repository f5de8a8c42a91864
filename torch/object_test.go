package torch_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// callOp calls an operator by its name.
func callOp(t *testing.T, name string, args ...any) []any {
	t.Helper()
	op, err := torch.Op(name)
	require.NoError(t, err)
	results, err := op.Call(args, nil)
	require.NoError(t, err)
	return results
}

// opError returns the error of a call.
func opError(t *testing.T, name string, args ...any) error {
	t.Helper()
	op, err := torch.Op(name)
	require.NoError(t, err)
	_, err = op.Call(args, nil)
	require.Error(t, err)
	return err
}

// packed returns the packed weights of a quantized linear layer, or of a convolution.
func packed(t *testing.T, convolution bool) *torch.Object {
	t.Helper()
	sizes := []int{2, 3}
	if convolution {
		sizes = []int{2, 3, 1, 1}
	}
	weight := torch.FromSlice([]float32{1, 2, 3, -1, -2, -3}, sizes...)
	quantized := callOp(t, "aten::quantize_per_tensor", weight, 1.0, 0, torch.QInt8)[0]
	if convolution {
		ones := []int{1, 1}
		return callOp(t, "quantized::conv2d_prepack", quantized, nil, ones, []int{0, 0}, ones, 1)[0].(*torch.Object)
	}
	return callOp(t, "quantized::linear_prepack", quantized, torch.FromSlice([]float32{10, 20}))[0].(*torch.Object)
}

// settledObjects returns how many objects there are when garbage is gone.
func settledObjects() int { return torchtest.Settle(internals.LiveObjects) }

func TestObjects(t *testing.T) {
	linear := packed(t, false)
	assert.Equal(t, "quantized.LinearPackedParamsBase", linear.Class())
	assert.False(t, linear.IsClosed())

	y := callOp(t, "quantized::linear_dynamic", torch.Ones([]int{1, 3}), linear)[0].(*torch.Tensor)
	assert.InDeltaSlice(t, []float32{16, 14}, torch.ToSlice[float32](y), 0.1)
	unpacked := callOp(t, "quantized::linear_unpack", linear)
	assert.Equal(t, []float32{10, 20}, torch.ToSlice[float32](unpacked[1].(*torch.Tensor)))

	linear.Close()
	linear.Close()
	assert.True(t, linear.IsClosed())
	assert.Equal(t, "quantized.LinearPackedParamsBase", linear.Class(), "a closed one, too")
	err := opError(t, "quantized::linear_unpack", linear)
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.ClosedError})
	assert.ErrorContains(t, err, "argument 'W_prepack' is closed")
	(*torch.Object)(nil).Close()
}

func TestObjectsOfAnotherClass(t *testing.T) {
	convolution := packed(t, true)
	defer convolution.Close()
	for name, c := range map[string]struct {
		value any
		words string
	}{
		"another class": {convolution, "argument 'W_prepack' must be an object of __torch__.torch.classes.quantized.LinearPackedParamsBase, " +
			"not one of __torch__.torch.classes.quantized.Conv2dPackedParamsBase"},
		"a tensor": {torch.Ones([]int{1}), "but got *torch.Tensor"},
		"nil":      {nil, "but got nil"},
		"zero":     {&torch.Object{}, "is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, opError(t, "quantized::linear_unpack", c.value), c.words)
		})
	}
	assert.ErrorContains(t, opError(t, "aten::relu", convolution), "but got *torch.Object")
}

// TestAny passes and takes values where a schema says Any.
func TestAny(t *testing.T) {
	const op = "quantized::conv2d_unpack_sizes"
	convolution := packed(t, true)
	defer convolution.Close()
	assert.Equal(t, []any{2, 3, 1, 1}, callOp(t, op, convolution)[0].(torch.Tuple)[0])

	itself := []any{nil}
	itself[0] = itself
	x := torch.Ones([]int{1})
	for _, value := range []any{nil, true, 3, 2.5, 1i, "text", x, torch.CPU, []int{1, 2}, []any{1, "two", nil}, []any{}, []*torch.Tensor{x},
		[]*torch.Object{convolution}, [][]float64{{1}, {2}}, torch.Strided, torch.ChannelsLast} {
		// libtorch refuses them by itself, in words of its own: so they have arrived.
		err := opError(t, op, value)
		assert.NotContains(t, err.Error(), "expected a value")
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.RuntimeError}, "%T", value)
	}
	assert.ErrorContains(t, opError(t, op, struct{}{}), "but got is a struct {}, which has no counterpart")
	assert.ErrorContains(t, opError(t, op, []any{1, []any{make(chan int)}}), "but got []interface {} that at [1][0] is a chan int, which has no counterpart")
	assert.ErrorContains(t, opError(t, op, itself), "is nested more than 100 deep")
	closed := torch.Ones([]int{1})
	closed.Close()
	assert.ErrorIs(t, opError(t, op, []any{closed}), &torch.Error{Kind: torch.ClosedError})
}

// TestObjectsAreFreed counts them, when they are closed, when the garbage collector finds
// them, and when nobody takes them.
func TestObjectsAreFreed(t *testing.T) {
	before := settledObjects()
	linear := packed(t, false)
	assert.Equal(t, before+1, internals.LiveObjects())
	linear.Close()
	assert.Equal(t, before, internals.LiveObjects())
	for range 10 {
		packed(t, false)
	}
	assert.Equal(t, before, settledObjects())
}

// TestObjectsAreClosedWhileTheyAreUsed closes objects that other goroutines use.
func TestObjectsAreClosedWhileTheyAreUsed(t *testing.T) {
	unpack, err := torch.Op("quantized::linear_unpack")
	require.NoError(t, err)
	before := settledObjects()
	for range 20 {
		linear := packed(t, false)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 10 {
					results, err := unpack.Call([]any{linear}, nil)
					if err != nil {
						assert.ErrorIs(t, err, &torch.Error{Kind: torch.ClosedError})
						return
					}
					assert.Equal(t, []float32{10, 20}, torch.ToSlice[float32](results[1].(*torch.Tensor)))
				}
			})
			group.Go(func() { linear.Close() })
		}
		group.Wait()
		assert.True(t, linear.IsClosed())
	}
	assert.Equal(t, before, settledObjects())
}

// objectWatcher is a mode that sees an object pass by.
type objectWatcher struct{ classes []string }

func (w *objectWatcher) Dispatch(call *torch.DispatchCall) []any {
	for _, value := range call.Args {
		if o, ok := value.(*torch.Object); ok {
			w.classes = append(w.classes, o.Class())
		}
	}
	return call.Run()
}

func TestObjectsInDispatchModes(t *testing.T) {
	watcher := &objectWatcher{}
	torch.WithDispatch(watcher, func() {
		linear := packed(t, false)
		callOp(t, "quantized::linear_dynamic", torch.Ones([]int{1, 3}), linear)
	})
	assert.Equal(t, []string{"quantized.LinearPackedParamsBase"}, watcher.classes)
}
