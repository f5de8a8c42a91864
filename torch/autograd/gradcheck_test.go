package autograd_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
)

type tensor = *torch.Tensor

func double(shape ...int) tensor {
	return torch.Randn(shape, torch.TensorOptions{DType: torch.Float64, RequiresGrad: true})
}

func one(f func(x tensor) tensor) func(x ...tensor) tensor {
	return func(x ...tensor) tensor { return f(x[0]) }
}

func two(f func(x, y tensor) tensor) func(x ...tensor) tensor {
	return func(x ...tensor) tensor { return f(x[0], x[1]) }
}

// checked are functions whose derivatives, first and second, must be right.
var checked = map[string]struct {
	f      func(x ...tensor) tensor
	inputs func() []tensor
}{
	"mul":       {two(func(x, y tensor) tensor { return x.Mul(y) }), func() []tensor { return []tensor{double(2, 3), double(3)} }},
	"div":       {two(func(x, y tensor) tensor { return x.Div(y.Abs().Add(1)) }), func() []tensor { return []tensor{double(3), double(3)} }},
	"pow":       {one(func(x tensor) tensor { return x.Pow(3) }), func() []tensor { return []tensor{double(4)} }},
	"exp":       {one(torch.Exp), func() []tensor { return []tensor{double(3)} }},
	"log":       {one(func(x tensor) tensor { return x.Abs().Add(1).Log() }), func() []tensor { return []tensor{double(3)} }},
	"sin":       {one(torch.Sin), func() []tensor { return []tensor{double(2, 2)} }},
	"tanh":      {one(torch.Tanh), func() []tensor { return []tensor{double(3)} }},
	"sigmoid":   {one(torch.Sigmoid), func() []tensor { return []tensor{double(3)} }},
	"softmax":   {one(func(x tensor) tensor { return x.Softmax(1) }), func() []tensor { return []tensor{double(2, 3)} }},
	"matmul":    {two(func(x, y tensor) tensor { return x.Matmul(y) }), func() []tensor { return []tensor{double(2, 3), double(3, 2)} }},
	"einsum":    {two(func(x, y tensor) tensor { return torch.Einsum("ij,kj->ik", x, y) }), func() []tensor { return []tensor{double(2, 3), double(2, 3)} }},
	"sum":       {one(func(x tensor) tensor { return x.Mul(x).Sum(0) }), func() []tensor { return []tensor{double(3, 2)} }},
	"var":       {one(func(x tensor) tensor { return x.Var(1) }), func() []tensor { return []tensor{double(2, 4)} }},
	"logsumexp": {one(func(x tensor) tensor { return x.LogSumExp([]int{0}) }), func() []tensor { return []tensor{double(3, 2)} }},
	"cumsum":    {one(func(x tensor) tensor { return x.Mul(x).Cumsum(0) }), func() []tensor { return []tensor{double(4)} }},
	"index":     {one(func(x tensor) tensor { return x.Index([]int{0, 2, 2}).Pow(2) }), func() []tensor { return []tensor{double(3, 2)} }},
	"inverse":   {one(func(x tensor) tensor { return linalg.Inv(x.Add(torch.Eye(3).Mul(5))) }), func() []tensor { return []tensor{double(3, 3)} }},
	"det":       {one(linalg.Det), func() []tensor { return []tensor{double(3, 3)} }},
	"layernorm": {one(func(x tensor) tensor { return F.LayerNorm(x, []int{4}) }), func() []tensor { return []tensor{double(2, 4)} }},
	"conv2d":    {two(func(x, y tensor) tensor { return F.Conv2d(x, y) }), func() []tensor { return []tensor{double(1, 1, 3, 3), double(1, 1, 2, 2)} }},
	"function":  {func(x ...tensor) tensor { return autograd.Apply1(Exp{}, x...) }, func() []tensor { return []tensor{double(3)} }},
	"complex": {one(func(x tensor) tensor { return x.Mul(x).Abs() }), func() []tensor {
		return []tensor{torch.Randn([]int{3}, torch.TensorOptions{DType: torch.Complex128, RequiresGrad: true})}
	}},
}

func TestGradcheck(t *testing.T) {
	for name, c := range checked {
		t.Run(name, func(t *testing.T) {
			torch.ManualSeed(5)
			inputs := c.inputs()
			require.NoError(t, autograd.Gradcheck(c.f, inputs))
			require.NoError(t, autograd.Gradgradcheck(c.f, inputs))
		})
	}
}

// Wrong has a derivative that is twice what it should be.
type Wrong struct{ Exp }

func (Wrong) Backward(ctx *autograd.Context, grads ...tensor) []tensor {
	return []tensor{grads[0].Mul(ctx.SavedTensors()[0]).Mul(2)}
}

func TestGradcheckFindsWrongDerivatives(t *testing.T) {
	x := leaf(0)
	err := autograd.Gradcheck(func(x ...tensor) tensor { return autograd.Apply1(Wrong{}, x...) }, []tensor{x})
	var wrong *autograd.GradcheckError
	require.True(t, errors.As(err, &wrong))
	for _, words := range []string{"Jacobian mismatch for output 0 with respect to input 0", "numerical:tensor([[1.0000]]", "analytical:tensor([[2.]]"} {
		assert.True(t, strings.Contains(err.Error(), words), err.Error())
	}
	e := torch.Try(func() {
		_ = autograd.Gradcheck(one(torch.Exp), []tensor{torch.FromSlice([]float64{1})})
	})
	assert.ErrorContains(t, e, "gradcheck expects at least one input tensor to require gradient")
}

func TestFunctionalDerivatives(t *testing.T) {
	x, y := torch.FromSlice([]float64{1, 2}), torch.FromSlice([]float64{3, 4})
	product := func(in ...tensor) tensor { return in[0].Mul(in[1]) }
	jac := autograd.Jacobian(product, []tensor{x, y})
	assert.Equal(t, []float64{3, 0, 0, 4}, floats(jac[0][0]))
	assert.Equal(t, []float64{1, 0, 0, 2}, floats(jac[0][1]))
	cubes := func(in ...tensor) tensor { return in[0].Pow(3).Sum() }
	assert.Equal(t, []float64{6, 0, 0, 12}, floats(autograd.Hessian(cubes, []tensor{x})[0][0]))

	v := torch.FromSlice([]float64{10, 100})
	outputs, vjp := autograd.VJP(product, []tensor{x, y}, []tensor{v})
	assert.Equal(t, []float64{3, 8}, floats(outputs[0]))
	assert.Equal(t, []float64{30, 400}, floats(vjp[0]))
	_, jvp := autograd.JVP(product, []tensor{x, y}, []tensor{v, torch.ZerosLike(v)})
	assert.Equal(t, []float64{30, 400}, floats(jvp[0]))
	value, hvp := autograd.HVP(cubes, []tensor{x}, []tensor{v})
	assert.InDelta(t, 9.0, value.Item(), 0)
	assert.Equal(t, []float64{60, 1200}, floats(hvp[0]))
	_, vhp := autograd.VHP(cubes, []tensor{x}, []tensor{v})
	assert.Equal(t, []float64{60, 1200}, floats(vhp[0]))

	constant := func(in ...tensor) tensor { return torch.Ones([]int{2}) }
	e := torch.Try(func() { autograd.Jacobian(constant, []tensor{x}, autograd.FunctionalOptions{Strict: true}) })
	assert.ErrorContains(t, e, "Output 0 of the user-provided function does not require gradients.")
}
