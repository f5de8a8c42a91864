package torch_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// call calls an operator by its name.
func call(t *testing.T, name string, args ...any) []any {
	t.Helper()
	op, err := torch.Op(name)
	require.NoError(t, err)
	outs, err := op.Call(args, nil)
	require.NoError(t, err)
	return outs
}

// call1 is call for an operator that gives one tensor.
func call1(t *testing.T, name string, args ...any) *torch.Tensor {
	t.Helper()
	outs := call(t, name, args...)
	require.Len(t, outs, 1)
	return outs[0].(*torch.Tensor)
}

func ExampleOp() {
	add, err := torch.Op("aten::add.Tensor")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(add.Schema())
	x, y := torch.NewTensor([]int{1, 2}), torch.NewTensor([]int{10, 20})
	outs, err := add.Call([]any{x, y}, map[string]any{"alpha": 2})
	fmt.Println(outs[0], err)
	_, err = add.Call([]any{x, "y"}, nil)
	fmt.Println(err)
	// Output:
	// aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
	// tensor([21, 42]) <nil>
	// aten::add.Tensor: expected a value of type 'Tensor' for argument 'other', but got string
	// Declaration: aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
}

// TestOpKinds calls operators of libtorch that take and give each kind of value.
func TestOpKinds(t *testing.T) {
	x := torch.NewTensor([][]float32{{1, -2}, {3, 4}}, torch.TensorOptions{RequiresGrad: true})
	floats := torch.ToSlice[float32]

	y := call1(t, "aten::relu", x)
	assert.Equal(t, "ReluBackward0", y.GradFn().Name())
	assert.Equal(t, []float32{1, 0, 3, 4}, floats(call1(t, "aten::relu.default", x)))
	y.Sum().Backward()
	assert.Equal(t, []float32{1, 0, 1, 1}, floats(x.Grad()))
	x = x.Detach()

	i := torch.NewTensor([]int{1})
	assert.Equal(t, []float32{-2, 4}, floats(call1(t, "aten::index.Tensor", x, []*torch.Tensor{nil, i})), "Tensor?[]")
	assert.Equal(t, []int{4, 2}, call1(t, "aten::cat", []*torch.Tensor{x, x}).Shape(), "Tensor[]")
	assert.Equal(t, []float32{4, 2}, floats(call1(t, "aten::sum.dim_IntList", x, []int{0})), "int[1]?")
	assert.Equal(t, float32(6), float32(call1(t, "aten::sum.dim_IntList", x, nil).Item()), "None")
	assert.Equal(t, []float32{-1, 7}, floats(call1(t, "aten::sum.dim_IntList", x, 1)), "one int for all")
	assert.Equal(t, []float32{1.5}, floats(call1(t, "aten::avg_pool2d", x.Reshape(1, 2, 2), 2)), "int[2]")
	assert.Equal(t, []float32{0.5, -1, 1.5, 2}, floats(call1(t, "aten::mul.Scalar", x, 0.5)), "Scalar")
	assert.Equal(t, []complex128{1i, -2i, 3i, 4i}, torch.ToSlice[complex128](call1(t, "aten::mul.Scalar", x, 1i)), "Scalar")
	assert.Equal(t, []int{2, 2}, call1(t, "aten::_test_string_default", x).Shape(), "a str with quotes")

	op, err := torch.Op("aten::div.Tensor_mode")
	require.NoError(t, err)
	outs, err := op.Call([]any{x}, map[string]any{"other": torch.NewTensor(float32(2)), "rounding_mode": "floor"})
	require.NoError(t, err)
	assert.Equal(t, []float32{0, -1, 1, 2}, floats(outs[0].(*torch.Tensor)), "str?")

	op, err = torch.Op("aten::zeros")
	require.NoError(t, err)
	outs, err = op.Call([]any{[]int{2}}, map[string]any{"dtype": torch.Float64, "layout": torch.Strided, "device": torch.CPU, "pin_memory": nil})
	require.NoError(t, err)
	assert.Equal(t, torch.Float64, outs[0].(*torch.Tensor).DType())

	op, err = torch.Op("aten::clone")
	require.NoError(t, err)
	outs, err = op.Call([]any{torch.Zeros([]int{1, 2, 3, 4})}, map[string]any{"memory_format": torch.ChannelsLast})
	require.NoError(t, err)
	assert.Equal(t, []int{24, 1, 8, 2}, outs[0].(*torch.Tensor).Stride())

	op, err = torch.Op("aten::rand.generator")
	require.NoError(t, err)
	outs, err = op.Call([]any{[]int{3}}, map[string]any{"generator": torch.NewGenerator().ManualSeed(42)})
	require.NoError(t, err)
	assert.Equal(t, floats(torch.Rand([]int{3}, torch.TensorOptions{Generator: torch.NewGenerator().ManualSeed(42)})), floats(outs[0].(*torch.Tensor)))

	outs = call(t, "aten::max.dim", x, 1)
	require.Len(t, outs, 2)
	assert.Equal(t, []float32{1, 4}, floats(outs[0].(*torch.Tensor)))
	assert.Equal(t, []int{0, 1}, torch.ToSlice[int](outs[1].(*torch.Tensor)))
	outs = call(t, "aten::split.Tensor", x, 1)
	require.Len(t, outs, 1)
	assert.Equal(t, []float32{3, 4}, floats(outs[0].([]*torch.Tensor)[1]))
	assert.Equal(t, []any{true}, call(t, "aten::equal", x, x))
	assert.Equal(t, []any{2}, call(t, "aten::size.int", x, 0))
	assert.Equal(t, []any{4.0}, call(t, "aten::_local_scalar_dense", x.Index(1, 1)))
	assert.Equal(t, []any{torch.Float64}, call(t, "aten::promote_types", torch.Float32, torch.Float64))

	z := x.Clone()
	assert.Empty(t, call(t, "aten::_foreach_neg_", []*torch.Tensor{z}), "no results")
	same := call1(t, "aten::add_.Scalar", z, 1)
	assert.Equal(t, []float32{0, 3, -2, -3}, floats(z), "in place")
	same.ZeroInplace()
	assert.Equal(t, []float32{0, 0, 0, 0}, floats(z), "the same memory")

	torch.NoGrad(func() {
		assert.False(t, call1(t, "aten::relu", torch.Ones([]int{1}, torch.TensorOptions{RequiresGrad: true})).RequiresGrad())
	})
	torchtest.Leaks(t, func() { torch.Scope(func() { call(t, "aten::relu", x) }) })
}

func TestOpErrors(t *testing.T) {
	x := torch.Ones([]int{2})
	closed := torch.Ones([]int{2})
	closed.Close()
	for name, c := range map[string]struct {
		op     string
		args   []any
		kwargs map[string]any
		kind   torch.ErrorKind
		words  string
	}{
		"too many":       {"aten::relu", []any{x, x}, nil, torch.TypeError, "expected at most 1 positional argument(s), but got 2"},
		"keyword only":   {"aten::add.Tensor", []any{x, x, 2}, nil, torch.TypeError, "expected at most 2 positional argument(s), but got 3"},
		"missing":        {"aten::add.Tensor", []any{x}, nil, torch.TypeError, "missing a value for argument 'other'"},
		"unknown":        {"aten::add.Tensor", []any{x, x}, map[string]any{"beta": 1, "gamma": 2}, torch.TypeError, "unknown keyword argument 'beta'"},
		"twice":          {"aten::add.Tensor", []any{x, x}, map[string]any{"self": x}, torch.TypeError, "argument 'self' is given twice, by position and by name"},
		"type":           {"aten::add.Tensor", []any{x, "2"}, nil, torch.TypeError, "expected a value of type 'Tensor' for argument 'other', but got string"},
		"keyword's type": {"aten::add.Tensor", []any{x, x}, map[string]any{"alpha": x}, torch.TypeError, "expected a value of type 'Scalar' for argument 'alpha', but got *torch.Tensor"},
		"nil":            {"aten::relu", []any{nil}, nil, torch.TypeError, "expected a value of type 'Tensor' for argument 'self', but got nil"},
		"nil tensor":     {"aten::relu", []any{(*torch.Tensor)(nil)}, nil, torch.TypeError, "for argument 'self', but got nil"},
		"element":        {"aten::cat", []any{[]any{x, 1}}, nil, torch.TypeError, "expected a value of type 'Tensor[]' for argument 'tensors', but got []interface {} whose element 1 is int"},
		"nil element":    {"aten::cat", []any{[]*torch.Tensor{nil}}, nil, torch.TypeError, "but got []*torch.Tensor whose element 0 is nil"},
		"no list":        {"aten::cat", []any{x}, nil, torch.TypeError, "expected a value of type 'Tensor[]' for argument 'tensors', but got *torch.Tensor"},
		"fraction":       {"aten::sum.dim_IntList", []any{x, []float64{1}}, nil, torch.TypeError, "for argument 'dim', but got []float64 whose element 0 is float64"},
		"bool as int":    {"aten::cumsum", []any{x, true}, nil, torch.TypeError, "expected a value of type 'int' for argument 'dim', but got bool"},
		"complex":        {"aten::celu", []any{x, "1"}, nil, torch.TypeError, "expected a value of type 'Scalar' for argument 'alpha', but got string"},
		"dtype":          {"aten::zeros", []any{[]int{2}}, map[string]any{"dtype": 6}, torch.TypeError, "expected a value of type 'ScalarType?' for argument 'dtype', but got int"},
		"of Go only":     {"aten::relu", []any{struct{}{}}, nil, torch.TypeError, "expected a value of type 'Tensor' for argument 'self', but got struct {}"},
		"closed":         {"aten::relu", []any{closed}, nil, torch.ClosedError, "argument 'self' is closed"},
		"libtorch's":     {"aten::mm", []any{x, x}, nil, torch.RuntimeError, "self must be a matrix"},
	} {
		t.Run(name, func(t *testing.T) {
			op, err := torch.Op(c.op)
			require.NoError(t, err)
			outs, err := op.Call(c.args, c.kwargs)
			var e *torch.Error
			require.True(t, errors.As(err, &e), "%v", outs)
			assert.Nil(t, outs)
			assert.Equal(t, c.kind, e.Kind)
			assert.Equal(t, c.op, e.Op)
			assert.Contains(t, e.Error(), c.words)
			if c.kind == torch.TypeError {
				assert.Contains(t, e.Message, "\nDeclaration: "+op.Schema())
			}
		})
	}
	for name, words := range map[string]string{
		"aten::add":    "aten::add: is no operator, but these are: aten::add.Scalar, ",
		"aten::relu.x": "aten::relu.x: is no operator, but these are: aten::relu, aten::relu.out",
		"aten::absent": "aten::absent: is not an operator of libtorch " + torch.Version() + ", nor of a library that was loaded",
		"":             "is not an operator of libtorch",
	} {
		op, err := torch.Op(name)
		assert.Nil(t, op)
		assert.ErrorContains(t, err, words)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.UnsupportedError})
	}
}
