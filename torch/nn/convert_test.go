package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestTo(t *testing.T) {
	net := newNet()
	net.Body.Forward(torch.Ones([]int{2, 6})).Sum().Backward()
	first := net.First.(*nn.Linear)
	weight, values, grad := first.Weight, torch.ToSlice[float64](first.Weight), torch.ToSlice[float64](first.Weight.Grad())

	net.To(torch.Float64)
	for _, n := range append(net.NamedParameters(), net.NamedBuffers()...) {
		want := torch.Float64
		if n.Name == "count" {
			want = torch.Int64 // a dtype is for floating-point numbers only
		}
		assert.Equal(t, want, n.Tensor.DType(), n.Name)
	}
	assert.Same(t, weight, first.Weight, "an optimizer's parameters stay the module's")
	assert.Equal(t, values, torch.ToSlice[float64](first.Weight))
	assert.Equal(t, torch.Float64, first.Weight.Grad().DType())
	assert.Equal(t, grad, torch.ToSlice[float64](first.Weight.Grad()))
	assert.True(t, first.Weight.RequiresGrad() && first.Weight.IsLeaf())

	net.ZeroGrad()
	y := net.Body.Forward(torch.Ones([]int{2, 6}, torch.TensorOptions{DType: torch.Float64}))
	assert.Equal(t, torch.Float64, y.DType())
	y.Sum().Backward()
	// The same sums in double precision.
	assert.InDeltaSlice(t, grad, torch.ToSlice[float64](first.Weight.Grad()), 1e-6)

	net.To(torch.CPU, torch.Float32)
	assert.Equal(t, values, torch.ToSlice[float64](first.Weight))
	net.To(torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Float64}))
	assert.Equal(t, torch.Float64, net.RunningMean.DType())
	assert.Equal(t, torch.Int64, net.Count.DType())
	net.To()
	assert.Equal(t, torch.Float64, net.RunningMean.DType())
}

func TestToRefusesIntegers(t *testing.T) {
	c, _ := golden(t)
	l := nn.NewLinear(3, 2)
	l.Forward(torch.Ones([]int{1, 3})).Sum().Backward()
	e := torchtest.Fails(t, func() { l.To(torch.Int64) })
	assert.Equal(t, c.Errors["to_dtype"], e.Message)
	assert.Equal(t, torch.TypeError, e.Kind)
	assert.Equal(t, c.Errors["to_dtype"], torchtest.Fails(t, func() { l.To(torch.FromSlice([]int{1})) }).Message)
	assert.NotNil(t, l.Weight.Grad())
	assert.Equal(t, torch.Float32, l.Weight.DType())
}

func TestToMemoryFormat(t *testing.T) {
	type images struct {
		nn.Module
		Weight *torch.Tensor
		Scale  *torch.Tensor `nn:",buffer"`
		Again  *torch.Tensor `nn:",buffer"`
	}
	scale := torch.Arange(0, 16, 1).View(1, 2, 2, 4)
	m := nn.Init(&images{Weight: nn.NewParameter(torch.Rand([]int{2, 3, 4, 5})), Scale: scale, Again: scale})
	l := nn.NewLinear(2, 3)
	m.RegisterModule("fc", l)
	values := torch.ToSlice[float32](m.Weight)
	m.To(torch.ChannelsLast, torch.Float64)
	assert.Equal(t, []int{60, 1, 15, 3}, m.Weight.Stride())
	assert.Equal(t, torch.Float64, m.Weight.DType())
	assert.Equal(t, values, torch.ToSlice[float32](m.Weight))
	assert.Equal(t, []int{16, 1, 8, 2}, m.Scale.Stride())
	assert.Equal(t, torch.Int64, m.Scale.DType())
	assert.Same(t, m.Scale, m.Again, "a shared buffer stays one")
	assert.Equal(t, []int{2, 1}, l.Weight.Stride(), "two dimensions have no such format")
}

func TestToEmpty(t *testing.T) {
	l := nn.NewLinear(3, 2)
	weight := l.Weight
	before := l.Weight.Detach()
	l.ToEmpty(torch.CPU)
	assert.Same(t, weight, l.Weight)
	l.Weight.Detach().FillInplace(1)
	assert.NotEqual(t, torch.ToSlice[float32](before), torch.ToSlice[float32](l.Weight), "the memory is new")
	assert.Equal(t, []int{2, 3}, l.Weight.Shape())
	assert.True(t, l.Weight.RequiresGrad())
}
