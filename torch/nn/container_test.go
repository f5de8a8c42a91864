package nn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
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

func names[M interface{ StateDict() nn.StateDict }](m M) []string { return m.StateDict().Names() }

func parameter(size ...int) *torch.Tensor { return nn.NewParameter(torch.Ones(size)) }

func TestRowsOfModules(t *testing.T) {
	a, b, c, d := nn.NewLinear(1, 2), nn.NewReLU(), nn.NewLinear(2, 3), nn.NewLinear(3, 4)
	s := nn.NewSequential(a, b)
	collect := func() (list []nn.Layer) {
		for i, l := range s.All() {
			assert.Len(t, list, i)
			list = append(list, l)
		}
		return list
	}
	s.Append(c, d)
	s.Insert(1, d)
	assert.Equal(t, []nn.Layer{a, d, b, c, d}, collect())
	s.Insert(5, b)
	s.Insert(-1, a)
	assert.Equal(t, []nn.Layer{a, d, b, c, d, a, b}, collect())
	assert.Same(t, a, s.Pop(-2))
	assert.Same(t, d, s.Pop(1))
	assert.Equal(t, []nn.Layer{a, b, c, d, b}, collect())
	assert.Equal(t, []string{"0.weight", "0.bias", "2.weight", "2.bias", "3.weight", "3.bias"}, names(s))
	s.Set(-1, a)
	assert.Equal(t, []nn.Layer{a, b, c, d, a}, collect())
	assert.Same(t, a, s.At(-1))
	for _, l := range s.All() {
		assert.Same(t, a, l)
		break
	}
	part := s.Slice(1, -1)
	assert.Equal(t, []string{"2.weight", "2.bias", "3.weight", "3.bias"}, names(part), "they keep their names")
	assert.Equal(t, 0, s.Slice(3, 1).Len())
	assert.Equal(t, 5, s.Slice(-9, 9).Len())
	assert.Equal(t, `module "0" would hold itself`, torchtest.Fails(t, func() { s.Set(0, nn.NewSequential(s)) }).Message)
	assert.Same(t, a, s.At(0))
}

func TestModuleListSlices(t *testing.T) {
	a, b, c := nn.NewLinear(1, 2), nn.NewLinear(2, 3), nn.NewLinear(3, 4)
	l := nn.NewModuleList(a, b, c)
	part := l.Slice(1, 3)
	assert.Same(t, b, part.At(0))
	assert.Equal(t, []string{"0.weight", "0.bias", "1.weight", "1.bias"}, names(part), "they are numbered anew")
}

func TestErrorsNameTheModuleAfterItMoved(t *testing.T) {
	s := nn.NewSequential(nn.NewReLU(), nn.NewLinear(3, 2))
	s.Pop(0)
	assert.Equal(t, "0", torchtest.Fails(t, func() { s.Forward(torch.Ones([]int{1, 4})) }).Module)
	l := s.Pop(0)
	assert.Empty(t, torchtest.Fails(t, func() { l.Forward(torch.Ones([]int{1, 4})) }).Module)
}

func TestModuleDict(t *testing.T) {
	d := nn.NewModuleDict[nn.Layer]().Set("z", nn.NewLinear(2, 1)).Set("a", nn.NewReLU())
	assert.Equal(t, []string{"z", "a"}, d.Keys())
	assert.Equal(t, []string{"z.weight", "z.bias"}, names(d))
	assert.True(t, d.Has("a"))
	assert.False(t, d.Has("b"))
	gelu := nn.NewGELU()
	d.Set("z", gelu)
	assert.Same(t, gelu, d.At("z"))
	assert.Equal(t, 2, d.Len())
	for name, l := range d.All() {
		assert.Equal(t, "z", name)
		assert.Same(t, gelu, l)
		break
	}
	assert.Same(t, gelu, d.Pop("z"))
	assert.Equal(t, []string{"a"}, d.Keys())
	assert.Equal(t, "'z'", torchtest.Fails(t, func() { d.Pop("z") }).Message)
	assert.Contains(t, torchtest.Fails(t, func() { d.Set("a.b", gelu) }).Message, `can't contain "."`)
}

func TestParameterList(t *testing.T) {
	a, b := parameter(2), parameter(3)
	l := nn.NewParameterList(a)
	l.Append(b)
	assert.Equal(t, []string{"0", "1"}, names(l))
	assert.Same(t, b, l.At(-1))
	l.Set(0, b)
	for i, p := range l.All() {
		assert.Same(t, b, p, i)
	}
	assert.Len(t, l.Parameters(), 1, "a shared one is one")
	assert.Equal(t, "index 2 is out of range", torchtest.Fails(t, func() { l.At(2) }).Message)
	for range l.All() {
		break
	}
}

func TestParameterDict(t *testing.T) {
	a, b := parameter(2), parameter(3)
	d := nn.NewParameterDict().Set("z", a).Set("a", b)
	assert.Equal(t, []string{"z", "a"}, names(d))
	d.Set("z", b)
	assert.Same(t, b, d.At("z"))
	assert.Equal(t, 2, d.Len())
	for name := range d.All() {
		assert.True(t, d.Has(name))
		break
	}
	assert.Same(t, b, d.Pop("z"))
	assert.Equal(t, []string{"a"}, d.Keys())
	assert.Equal(t, "'z'", torchtest.Fails(t, func() { d.At("z") }).Message)
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
	e := torchtest.Fails(t, func() { nn.NewFlatten(nn.FlattenOptions{StartDim: new(4)}).Forward(x) })
	assert.Equal(t, torch.IndexError, e.Kind)
	assert.Contains(t, e.Message, "Dimension out of range (expected to be in range of [-4, 3], but got 4)")
}
