package amp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// seen is what a Forward or a Backward sees.
type seen struct {
	Enabled bool
	DTypes  []string
}

type functionCase struct {
	Cast              string
	Forward, Backward bool // whether there is autocast around it
	DType             string
	Seen              []seen
	Out               wide
	Grads             []wide
}

// product is that of two matrices; see gets all that it is called with.
type product struct{ see func(x ...*torch.Tensor) }

func (p product) look(x []*torch.Tensor) {
	if p.see != nil {
		p.see(x...)
	}
}

func (p product) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	p.look(inputs)
	ctx.SaveForBackward(inputs[:2]...)
	ctx.Value = "mine"
	return []*torch.Tensor{inputs[0].Matmul(inputs[1])}
}

func (p product) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	p.look(grads)
	saved := ctx.SavedTensors()
	return []*torch.Tensor{grads[0].Matmul(saved[1].T()), saved[0].T().Matmul(grads[0]), nil}
}

func TestCustomFunction(t *testing.T) {
	g, header := load(t)
	require.NotEmpty(t, g.Functions)
	for _, c := range g.Functions {
		var got []seen
		see := func(list ...*torch.Tensor) {
			s := seen{Enabled: torch.IsAutocastEnabled(torch.CPU)}
			for _, x := range list {
				s.DTypes = append(s.DTypes, strings.TrimPrefix(x.DType().String(), "torch."))
			}
			got = append(got, s)
		}
		f := amp.CustomFunction(product{see}, torch.CPU, amp.CustomFunctionOptions{CastInputs: dtypes[c.Cast]})
		torch.ManualSeed(0)
		x, y := torch.Randn([]int{3, 4}).SetRequiresGrad(true), torch.Randn([]int{4, 2}).SetRequiresGrad(true)
		var out *torch.Tensor
		err := torch.Try(func() {
			amp.Autocast(torch.CPU, func() { out = autograd.Apply1(f, x, y, torch.Arange(0, 3, 1)) },
				amp.AutocastOptions{Enabled: &c.Forward, DType: dtypes[c.DType]})
			amp.Autocast(torch.CPU, func() { out.Sum().Backward() }, amp.AutocastOptions{Enabled: &c.Backward})
		})
		if err != nil && !header.Exact() {
			t.Logf("%s: %v", c.DType, err) // older ones have no half precision on the CPU
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.Seen, got)
		c.Out.check(t, out, header.Exact(), "out")
		c.Grads[0].check(t, x.Grad(), header.Exact(), "gradient of x")
		c.Grads[1].check(t, y.Grad(), header.Exact(), "gradient of y")
	}
}

// square is a function of a positive number with a forward gradient, all of which
// use the context's Value.
type square struct{ t *testing.T }

func (square) Forward(ctx *autograd.Context, inputs ...*torch.Tensor) []*torch.Tensor {
	ctx.SaveForBackward(inputs...)
	ctx.Value = 2.0
	return []*torch.Tensor{inputs[0].Square()}
}

func (s square) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	assert.False(s.t, torch.IsAutocastEnabled(torch.CPU))
	return []*torch.Tensor{grads[0].Mul(ctx.SavedTensors()[0]).Mul(ctx.Value)}
}

func (square) JVP(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{grads[0].Mul(ctx.SavedTensors()[0]).Mul(ctx.Value)}
}

func TestCustomFunctionHasItsOwnContext(t *testing.T) {
	f := amp.CustomFunction(square{t}, torch.CPU, amp.CustomFunctionOptions{CastInputs: torch.Float32})
	x := torch.FromSlice([]float64{3}).SetRequiresGrad(true) // Float64 is not cast
	var y *torch.Tensor
	amp.Autocast(torch.CPU, func() { y = autograd.Apply1(f, x) })
	assert.Equal(t, "squareBackward", y.GradFn().Name())
	assert.Equal(t, torch.Float64, y.DType())
	for range 2 { // and that of each Backward its own
		y.Backward(torch.BackwardOptions{RetainGraph: new(true)})
	}
	assert.Equal(t, 12.0, x.Grad().Item())
	_, forward := f.(autograd.ForwardFunction)
	assert.True(t, forward)
	_, forward = amp.CustomFunction(product{}, torch.CPU).(autograd.ForwardFunction)
	assert.False(t, forward)
	autograd.DualLevel(func() {
		dual := autograd.MakeDual(x.Detach(), torch.FromSlice([]float64{5}))
		_, tangent := autograd.UnpackDual(autograd.Apply1(f, dual))
		assert.Equal(t, 30.0, tangent.Item())
	})
	meta, err := torch.ParseDevice("meta")
	require.NoError(t, err)
	e := torchtest.Fails(t, func() { autograd.Apply1(amp.CustomFunction(square{t}, meta), x) })
	assert.Equal(t, "unsupported scalarType", e.Message)
}
