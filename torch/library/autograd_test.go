package library_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/fn"
	"github.com/wangkuiyi/gotorch/torch/library"
)

func nothing(*autograd.Context, ...*torch.Tensor) []*torch.Tensor { return nil }

// sine is an operator with a derivative and shapes.
func sine(t *testing.T) *library.Operator {
	op := define(t, "%s(Tensor x, float s=1) -> Tensor", func(in library.Args) []any {
		x := in.Tensor("x")
		assert.False(t, torch.IsGradEnabled() && x.Mul(1).RequiresGrad(), "a kernel is below autograd")
		return []any{x.Mul(in.Float("s")).Sin()}
	})
	op.RegisterFake(func(in library.Args) []any { return []any{torch.EmptyLike(in.Tensor("x"))} })
	op.RegisterAutograd(func(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		s := ctx.Value.(float64)
		return []*torch.Tensor{grads[0].Mul(ctx.SavedTensors()[0].Mul(s).Cos()).Mul(s)}
	}, library.AutogradOptions{SetupContext: func(ctx *autograd.Context, in library.Args, _ []any) {
		ctx.SaveForBackward(in.Tensor("x"))
		ctx.Value = in.Float("s")
	}})
	return op
}

func TestRegisterAutograd(t *testing.T) {
	op := sine(t)
	x := torch.FromSlice([]float64{0.5, -1}).SetRequiresGrad(true)
	y := op.Call(x, 2)[0].(*torch.Tensor)
	assert.Equal(t, "GeneratedBackwardFor_"+strings.ReplaceAll(op.Name(), "::", "_")+"_defaultBackward", y.GradFn().Name())
	y.Sum().Backward()
	want := torch.FromSlice([]float64{0.5, -1}).SetRequiresGrad(true)
	want.Mul(2).Sin().Sum().Backward()
	assert.Equal(t, floats(want.Grad()), floats(x.Grad()))
	require.NoError(t, library.OpCheck(op.Op(), []any{x}, map[string]any{"s": 3.0}))
	require.NoError(t, autograd.Gradgradcheck(func(x ...*torch.Tensor) *torch.Tensor { return op.Call(x[0], 2)[0].(*torch.Tensor) },
		[]*torch.Tensor{x}))

	torch.NoGrad(func() { assert.False(t, op.Call(x)[0].(*torch.Tensor).RequiresGrad()) })
	torch.InferenceMode(func() { assert.Equal(t, floats(x.Sin()), floats(op.Call(x)[0])) })
	assert.False(t, op.Call(x.Detach())[0].(*torch.Tensor).RequiresGrad())
}

// Lists, numbers and missing tensors among arguments and results.
func TestGradientsOfLists(t *testing.T) {
	op := define(t, "%s(Tensor[] list, Tensor? y, float f, Tensor z) -> (Tensor[], int, Tensor)", func(in library.Args) []any {
		var out []*torch.Tensor
		for _, x := range in.Tensors("list") {
			out = append(out, x.Mul(in.Float("f")))
		}
		return []any{out, len(out), in.Tensor("z").Mul(10)}
	})
	op.RegisterAutograd(func(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		assert.Equal(t, []bool{true, false, true}, []bool{ctx.NeedsInputGrad(0), ctx.NeedsInputGrad(1), ctx.NeedsInputGrad(2)})
		return []*torch.Tensor{grads[0].Mul(3), nil, grads[2].Mul(10)}
	})
	a, b, z := torch.FromSlice([]float64{1}).SetRequiresGrad(true), torch.FromSlice([]float64{2}), torch.FromSlice([]float64{4}).SetRequiresGrad(true)
	results := op.Call([]*torch.Tensor{a, b}, nil, 3, z)
	list := results[0].([]*torch.Tensor)
	assert.Equal(t, 2, results[1])
	assert.Equal(t, []float64{6}, floats(list[1]))
	list[0].Add(list[1]).Add(results[2].(*torch.Tensor)).Backward()
	assert.Equal(t, []float64{3}, floats(a.Grad()))
	assert.Equal(t, []float64{10}, floats(z.Grad()))
}

func TestNoGradient(t *testing.T) {
	op := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { return []any{in.Tensor("x").Neg()} })
	x := torch.FromSlice([]float64{1}).SetRequiresGrad(true)
	y := op.Call(x)[0].(*torch.Tensor)
	assert.True(t, y.RequiresGrad())
	assert.ErrorContains(t, failure(t, func() { y.Backward() }), "Trying to backward through "+op.Name()+" but no autograd formula was registered")
	op.RegisterAutograd(func(*autograd.Context, ...*torch.Tensor) []*torch.Tensor { return nil })
	assert.ErrorContains(t, failure(t, func() { op.Call(x)[0].(*torch.Tensor).Backward() }), "returned an incorrect number of gradients (expected 1, got 0)")
	op.RegisterAutograd(func(*autograd.Context, ...*torch.Tensor) []*torch.Tensor { panic("mine") })
	assert.PanicsWithValue(t, "mine", func() { op.Call(x)[0].(*torch.Tensor).Backward() })
	op.RegisterAutograd(nothing, library.AutogradOptions{SetupContext: func(*autograd.Context, library.Args, []any) { panic("setup") }})
	assert.PanicsWithValue(t, "setup", func() { op.Call(x) })
}

// Changes in place: libtorch knows of them, and there is no gradient.
func TestInPlace(t *testing.T) {
	op := define(t, "%s(Tensor(a!) x, Tensor y) -> Tensor(a!)", func(in library.Args) []any { return []any{in.Tensor("x").AddInplace(in.Tensor("y"))} })
	x, y := torch.FromSlice([]float64{1, 2}), torch.FromSlice([]float64{3, 4})
	z := op.Call(x, y)[0]
	assert.Equal(t, []float64{4, 6}, floats(x))
	assert.Equal(t, []float64{4, 6}, floats(z))
	require.NoError(t, library.OpCheck(define(t, "%s(Tensor(a!) x) -> ()", func(in library.Args) []any { in.Tensor("x").ZeroInplace(); return nil }).Op(), []any{x}, nil))

	leaf := torch.FromSlice([]float64{1, 1}).SetRequiresGrad(true)
	assert.ErrorContains(t, failure(t, func() { op.Call(x, leaf) }), "changes arguments in place, so it has no gradient, but an argument requires one")
	torch.NoGrad(func() { op.Call(leaf, y) })
	assert.Equal(t, []float64{4, 5}, floats(leaf))
	assert.ErrorContains(t, failure(t, func() { op.RegisterAutograd(nothing) }), "Cannot register autograd formula for non-functional operator")

	saved := leaf.Mul(x) // which keeps x
	op.Call(x, y)
	assert.ErrorContains(t, failure(t, func() { saved.Sum().Backward() }), "modified by an inplace operation")
}

func TestAutocast(t *testing.T) {
	var dtypes []torch.DType
	var on bool
	op := define(t, "%s(Tensor x, Tensor[] list, Tensor i) -> Tensor", func(in library.Args) []any {
		on = torch.IsAutocastEnabled(torch.CPU)
		dtypes = []torch.DType{in.Tensor("x").DType(), in.Tensors("list")[0].DType(), in.Tensor("i").DType()}
		return []any{in.Tensor("x").Mm(in.Tensor("x"))}
	})
	x, double, i := torch.Ones([]int{2, 2}), torch.Ones([]int{1}, torch.TensorOptions{DType: torch.Float64}), torch.Arange(0, 2, 1)
	run := func() (y *torch.Tensor) {
		torch.Autocast(torch.CPU, func() { y = op.Call(x, []*torch.Tensor{double}, i)[0].(*torch.Tensor) })
		return y
	}
	assert.Equal(t, torch.BFloat16, run().DType(), "autocast is on in the kernel")
	assert.True(t, on)
	assert.Equal(t, []torch.DType{torch.Float32, torch.Float64, torch.Int64}, dtypes)
	op.RegisterAutocast(torch.CPU, torch.BFloat16)
	assert.Equal(t, torch.BFloat16, run().DType())
	assert.False(t, on)
	assert.Equal(t, []torch.DType{torch.BFloat16, torch.Float64, torch.Int64}, dtypes)
	assert.Equal(t, torch.Float32, op.Call(x, []*torch.Tensor{double}, i)[0].(*torch.Tensor).DType())
}

func TestVmap(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch has transforms of functions since 2.0")
	}
	op := sine(t)
	call := func(x ...*torch.Tensor) *torch.Tensor { return op.Call(x[0], 2)[0].(*torch.Tensor) }
	x := torch.FromSlice([]float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}).Reshape(2, 3)
	want := floats(x.Mul(2).Sin())
	assert.Equal(t, want, floats(fn.Vmap(call)(x)))
	transposed := fn.Vmap(call, fn.VmapOptions{InDims: []int{1}, OutDims: []int{1}})
	assert.Equal(t, want, floats(transposed(x)))
	assert.Equal(t, want, floats(fn.Vmap(fn.Vmap(call))(x)))
	leaf := x.Clone().SetRequiresGrad(true)
	fn.Vmap(call)(leaf).Sum().Backward()
	assert.InDeltaSlice(t, floats(x.Mul(2).Cos().Mul(2)), floats(leaf.Grad()), 1e-15)
	err := failure(t, func() { fn.Grad(func(x ...*torch.Tensor) *torch.Tensor { return call(x...).Sum() })(x) })
	assert.ErrorContains(t, err, "cannot use C++ torch::autograd::Function with functorch transforms")

	var seen []int
	op.RegisterVmap(func(in library.Batch) ([]any, []int) {
		seen = []int{in.Size, in.Dim("x")}
		dim := in.Dim("x")
		return op.Call(in.Tensor("x").Movedim(dim, -1), in.Float("s")), []int{-1}
	})
	assert.Equal(t, want, floats(fn.Vmap(call)(x)))
	assert.Equal(t, []int{2, 0}, seen)
	assert.Equal(t, want, floats(transposed(x)))
	assert.Equal(t, []int{3, 1}, seen)
	op.RegisterVmap(func(library.Batch) ([]any, []int) { return []any{torch.Ones([]int{1})}, []int{5} })
	assert.ErrorContains(t, failure(t, func() { fn.Vmap(call)(x) }), "the rule for vmap gave dimension 5 for the batch of tensor 0, which has 1")
	op.RegisterVmap(func(library.Batch) ([]any, []int) { return []any{torch.Ones([]int{1})}, []int{0, 0} })
	assert.ErrorContains(t, failure(t, func() { fn.Vmap(call)(x) }), "the rule for vmap gave 1 tensors and the batch's dimension of 2")
	op.RegisterVmap(func(library.Batch) ([]any, []int) { return nil, nil })
	assert.ErrorContains(t, failure(t, func() { fn.Vmap(call)(x) }), "the rule for vmap returned 0 results, but the operator gives 1")
	op.RegisterVmap(func(library.Batch) ([]any, []int) { panic("mine") })
	assert.PanicsWithValue(t, "mine", func() { fn.Vmap(call)(x) })

	inPlace := define(t, "%s(Tensor(a!) x) -> ()", func(in library.Args) []any { in.Tensor("x").ZeroInplace(); return nil })
	assert.ErrorContains(t, failure(t, func() {
		fn.Vmap(func(x ...*torch.Tensor) *torch.Tensor { inPlace.Call(x[0]); return x[0] })(x)
	}), "it is not possible to call an operator for each of a batch that changes its arguments")
	number := define(t, "%s(Tensor x) -> int", func(in library.Args) []any { return []any{in.Tensor("x").Dim()} })
	assert.ErrorContains(t, failure(t, func() {
		fn.Vmap(func(x ...*torch.Tensor) *torch.Tensor { number.Call(x[0]); return x[0] })(x)
	}), "it gives a int for each of a batch, not a tensor")
}

// OpCheck finds what is not as the schema and the registrations say.
func TestOpCheck(t *testing.T) {
	x := torch.FromSlice([]float64{1, 2}).SetRequiresGrad(true)
	fake := func(in library.Args) []any { return []any{torch.EmptyLike(in.Tensor("x"))} }
	double := func(in library.Args) []any { return []any{in.Tensor("x").Mul(2)} }
	half := func(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{grads[0].Mul(0.5)}
	}

	op := define(t, "%s(Tensor x) -> Tensor", func(in library.Args) []any { in.Tensor("x").AddInplace(1); return double(in) })
	op.RegisterFake(fake)
	assert.ErrorContains(t, library.OpCheck(op.Op(), []any{x.Detach()}, nil), "schema: argument 'x' was changed, which the schema does not say")
	op = define(t, "%s(Tensor x) -> Tensor", double)
	err := library.OpCheck(op.Op(), []any{x}, nil)
	assert.ErrorContains(t, err, "fake: "+op.Name()+": There was no fake impl registered")
	assert.ErrorContains(t, err, "autograd: "+op.Name()+": Trying to backward through")
	op.RegisterFake(func(in library.Args) []any { return []any{in.Tensor("x").NewEmpty([]int{3})} })
	assert.ErrorContains(t, library.OpCheck(op.Op(), []any{x.Detach()}, nil), "fake: the shape of result 0 is [2], and [3] on torch.Meta")
	op.RegisterFake(fake)
	op.RegisterAutograd(half)
	assert.ErrorContains(t, library.OpCheck(op.Op(), []any{x}, nil), "autograd: Jacobian mismatch")
	op.RegisterAutograd(func(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{grads[0].Mul(2)}
	})
	assert.NoError(t, library.OpCheck(op.Op(), []any{x}, nil))
	assert.Nil(t, x.Grad(), "the samples stay as they are")
	assert.Error(t, library.OpCheck(nil, nil, nil))
	assert.ErrorContains(t, library.OpCheck(op.Op(), []any{x}, map[string]any{"y": 1}), "unknown keyword argument 'y'")

	known, err := torch.Op("aten::mul.Tensor")
	require.NoError(t, err)
	assert.NoError(t, library.OpCheck(known, []any{x, x}, nil))
	view, err := torch.Op("aten::t")
	require.NoError(t, err)
	assert.NoError(t, library.OpCheck(view, []any{torch.Ones([]int{2, 3})}, nil))
}
