package fn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/fn"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// transforms skips a test where libtorch has no transforms of functions.
func transforms(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch has transforms of functions since 2.0")
	}
}

func floats(x *torch.Tensor) []float64 { return torch.ToSlice[float64](x) }

func cube(x ...*torch.Tensor) *torch.Tensor { return x[0].Pow(3).Sum() }

func TestGrad(t *testing.T) {
	transforms(t)
	x := torch.FromSlice([]float64{1, 2, 3})
	assert.Equal(t, []float64{3, 12, 27}, floats(fn.Grad(cube)(x)))
	second := fn.Grad(func(x ...*torch.Tensor) *torch.Tensor { return fn.Grad(cube)(x...).Sum() })
	assert.Equal(t, []float64{6, 12, 18}, floats(second(x)))
	assert.False(t, x.RequiresGrad())
	assert.False(t, fn.Grad(cube)(x).RequiresGrad())
}

func TestVmap(t *testing.T) {
	transforms(t)
	x := torch.Arange(0, 6, 1, torch.TensorOptions{DType: torch.Float64}).Reshape(3, 2)
	dot := func(x ...*torch.Tensor) *torch.Tensor { return x[0].Dot(x[1]) }
	assert.Equal(t, []float64{1, 13, 41}, floats(fn.Vmap(dot)(x, x)))
	assert.Equal(t, [][]float64{{0, 3}, {12, 27}, {48, 75}}, func() (rows [][]float64) {
		for _, row := range fn.Vmap(fn.Grad(cube))(x).Unbind(0) {
			rows = append(rows, floats(row))
		}
		return rows
	}())
}

func TestJacobians(t *testing.T) {
	transforms(t)
	x := torch.FromSlice([]float64{1, 2})
	f := func(x ...*torch.Tensor) *torch.Tensor { return x[0].Pow(2).Outer(x[0]) }
	want := []float64{3, 0, 4, 1, 4, 4, 0, 12}
	for _, jac := range []*torch.Tensor{fn.JacRev(f)(x), fn.JacFwd(f)(x)} {
		assert.Equal(t, []int{2, 2, 2}, jac.Shape())
		assert.Equal(t, want, floats(jac))
	}
	assert.Equal(t, []float64{6, 0, 0, 12}, floats(fn.Hessian(cube)(x)))
}

// Python's jacfwd gives zeros for argnums=-1; here it is the last input, as in jacrev.
func TestJacFwdOfTheLastInput(t *testing.T) {
	transforms(t)
	x, y := torch.FromSlice([]float64{1, 2}), torch.FromSlice([]float64{3, 4})
	product := func(x ...*torch.Tensor) *torch.Tensor { return x[0].Mul(x[1]) }
	assert.Equal(t, []float64{1, 0, 0, 2}, floats(fn.JacFwd(product, fn.JacobianOptions{ArgNum: -1})(x, y)))
}

// Double is x · 2, written in Go.
type Double struct{}

func (Double) Forward(_ *autograd.Context, x ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{x[0].Mul(2)}
}

func (Double) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{grads[0].Mul(2)}
}

func TestRefusals(t *testing.T) {
	transforms(t)
	x := torch.FromSlice([]float64{1, 2})
	err := torch.Try(func() {
		fn.Vmap(func(x ...*torch.Tensor) *torch.Tensor { return x[0].Mul(x[0].Item()) })(x)
	})
	assert.ErrorContains(t, err, "vmap: It looks like you're calling Item on a Tensor.")
	err = torch.Try(func() {
		fn.Grad(func(x ...*torch.Tensor) *torch.Tensor { return autograd.Apply1(Double{}, x...).Sum() })(x)
	})
	assert.ErrorContains(t, err, "functorch transforms")
}

func TestNestedTransforms(t *testing.T) {
	transforms(t)
	x := torch.FromSlice([]float64{1, 2, 3})
	// The gradient of a sum over a batch of gradients: 6x each.
	of := func(x ...*torch.Tensor) *torch.Tensor { return fn.Vmap(fn.Grad(cube))(x...).Sum() }
	assert.Equal(t, []float64{6, 12, 18}, floats(fn.Grad(of)(x)))
}
