package nn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestSequential(t *testing.T) {
	torch.ManualSeed(0)
	a, b := nn.NewLinear(3, 4), nn.NewLinear(4, 2)
	s := nn.NewSequential(a, nn.NewReLU())
	s.Append(b)
	assert.Equal(t, 3, s.Len())
	assert.Same(t, b, s.At(2))
	x := torch.Randn([]int{5, 3})
	want := torch.ToSlice[float32](b.Forward(a.Forward(x).ReLU()))
	assert.Equal(t, want, torch.ToSlice[float32](s.Forward(x)))
	assert.Equal(t, []string{"0.weight", "0.bias", "2.weight", "2.bias"}, s.StateDict().Names())
	assert.Panics(t, func() { s.At(3) })

	empty := nn.NewSequential()
	assert.Same(t, x, empty.Forward(x))
	assert.Empty(t, empty.Parameters())
}

func TestModuleList(t *testing.T) {
	l := nn.NewModuleList(nn.NewLinear(1, 2), nn.NewLinear(2, 3))
	l.Append(nn.NewLinear(3, 4))
	assert.Equal(t, 3, l.Len())
	assert.Equal(t, 4, l.At(2).OutFeatures)
	x := torch.Ones([]int{1, 1})
	for i, layer := range l.All() {
		assert.Same(t, l.At(i), layer)
		x = layer.Forward(x)
	}
	assert.Equal(t, []int{1, 4}, x.Shape())
	assert.Equal(t, []string{"0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"}, l.StateDict().Names())
}

func TestReLU(t *testing.T) {
	x := torch.FromSlice([]float32{-2, float32(math.Copysign(0, -1)), 0, 3}).SetRequiresGrad(true)
	y := nn.NewReLU().Forward(x)
	assert.Equal(t, []float32{0, 0, 0, 3}, torch.ToSlice[float32](y))
	y.Sum().Backward()
	assert.Equal(t, []float32{0, 0, 0, 1}, torch.ToSlice[float32](x.Grad()))

	z := torch.FromSlice([]float32{-2, 3})
	assert.Same(t, z, nn.NewReLU(nn.ReLUOptions{Inplace: true}).Forward(z))
	assert.Equal(t, []float32{0, 3}, torch.ToSlice[float32](z))
}

func TestFlatten(t *testing.T) {
	x := torch.Arange(0, 24, 1).View(2, 3, 2, 2)
	for _, c := range []struct {
		layer *nn.Flatten
		want  []int
	}{
		{nn.NewFlatten(), []int{2, 12}},
		{nn.NewFlatten(nn.FlattenOptions{StartDim: new(0)}), []int{24}},
		{nn.NewFlatten(nn.FlattenOptions{EndDim: new(2)}), []int{2, 6, 2}},
		{nn.NewFlatten(nn.FlattenOptions{StartDim: new(-3), EndDim: new(-2)}), []int{2, 6, 2}},
	} {
		y := c.layer.Forward(x)
		assert.Equal(t, c.want, y.Shape())
		assert.Equal(t, torch.ToSlice[int](x), torch.ToSlice[int](y))
	}
	e := fails(t, func() { nn.NewFlatten(nn.FlattenOptions{StartDim: new(4)}).Forward(x) })
	assert.Equal(t, torch.IndexError, e.Kind)
	assert.Contains(t, e.Message, "Dimension out of range (expected to be in range of [-4, 3], but got 4)")
}
