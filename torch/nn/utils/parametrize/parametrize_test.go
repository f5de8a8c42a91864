package parametrize_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// Scaled computes a tensor times a factor, which is a parameter of its own.
type Scaled struct {
	nn.Module
	Factor *torch.Tensor
	calls  int
}

func newScaled(factor float64) *Scaled {
	return nn.Init(&Scaled{Factor: nn.NewParameter(torch.Full([]int{1}, factor))})
}

// Forward returns x times the factor.
func (s *Scaled) Forward(x *torch.Tensor) *torch.Tensor {
	s.calls++
	return x.Mul(s.Factor)
}

// RightInverse returns x divided by the factor.
func (s *Scaled) RightInverse(x *torch.Tensor) *torch.Tensor { return x.Div(s.Factor) }

// Sum computes the sum of two tensors.
type Sum struct{ nn.Module }

// Forward returns the sum.
func (*Sum) Forward(originals ...*torch.Tensor) *torch.Tensor { return originals[0].Add(originals[1]) }

// RightInverse returns x and zeros.
func (*Sum) RightInverse(x *torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{x, torch.ZerosLike(x)}
}

func values(x *torch.Tensor) []float32 { return torch.ToSlice[float32](x) }

func newLayer() *nn.Linear {
	l := nn.NewLinear(2, 1)
	torch.NoGrad(func() {
		l.Weight.CopyInplace(torch.FromSlice([]float32{4, 8}, 1, 2))
		l.Bias.ZeroInplace()
	})
	return l
}

func TestParametersFollowTheOptimizer(t *testing.T) {
	l := parametrize.RegisterParametrization(newLayer(), "weight", newScaled(2))
	assert.Equal(t, []string{"bias", "parametrizations.weight.original", "parametrizations.weight.0.factor"}, l.StateDict().Names())
	x := torch.Ones([]int{1, 2})
	l.Forward(x).Backward()
	original := l.GetParameter("parametrizations.weight.original")
	assert.Equal(t, []float32{2, 4}, values(original), "the right inverse of the weight")
	assert.Equal(t, []float32{2, 2}, values(original.Grad()))
	assert.Equal(t, []float32{6}, values(l.GetParameter("parametrizations.weight.0.factor").Grad()))
	torch.NoGrad(func() { original.SubInplace(original.Grad()) })
	assert.Equal(t, 4.0, l.Forward(x).Item())
	assert.Equal(t, []float32{0, 4}, values(l.Weight))
	assert.True(t, parametrize.IsParametrized(l))
	assert.True(t, parametrize.IsParametrized(l, "weight"))
	assert.False(t, parametrize.IsParametrized(l, "bias"))
}

func TestAssign(t *testing.T) {
	l := parametrize.RegisterParametrization(newLayer(), "weight", newScaled(2))
	parametrize.RegisterParametrization(l, "weight", newScaled(4))
	assert.Equal(t, []float32{16, 32}, values(l.Weight))
	parametrize.Assign(l, "weight", torch.FromSlice([]float32{8, 16}, 1, 2))
	assert.Equal(t, []float32{8, 16}, values(l.Weight))
	assert.Equal(t, []float32{1, 2}, values(l.GetParameter("parametrizations.weight.original")))
	assert.ErrorContains(t, torchtest.Fails(t, func() { parametrize.Assign(l, "bias", torch.Ones([]int{1})) }), "does not have a parametrization on bias")
	assert.Equal(t, "The tensor returned by `right_inverse` has dtype torch.float64 while `original` has dtype torch.float32",
		torchtest.Fails(t, func() { parametrize.Assign(l, "weight", torch.FromSlice([]float64{8, 16}, 1, 2)) }).Message)
}

func TestSeveralOriginals(t *testing.T) {
	l := parametrize.RegisterParametrization(newLayer(), "weight", nn.Init(&Sum{}))
	assert.Equal(t, []float32{4, 8}, values(l.Weight))
	parametrize.Assign(l, "weight", torch.FromSlice([]float32{1, 2}, 1, 2))
	assert.Equal(t, []float32{1, 2}, values(l.GetParameter("parametrizations.weight.original0")))
	parametrize.RemoveParametrizations(l, "weight")
	assert.Equal(t, []string{"bias", "weight"}, l.StateDict().Names())
	assert.True(t, l.Weight.IsLeaf() && l.Weight.RequiresGrad())
	assert.ErrorContains(t, torchtest.Fails(t, func() {
		parametrize.RegisterParametrization(parametrize.RegisterParametrization(l, "weight", newScaled(1)), "weight", nn.Init(&Sum{}))
	}), "must take one tensor")
	assert.ErrorContains(t, torchtest.Fails(t, func() { parametrize.RegisterParametrization(l, "bias", nn.NewModuleList[nn.Layer]()) }), "has no Forward")
}

func TestRemove(t *testing.T) {
	weight := func(leave *bool) *nn.Linear {
		l := newLayer()
		before := l.Weight
		parametrize.RegisterParametrization(l, "weight", nn.NewReLU())
		torch.NoGrad(func() { l.GetParameter("parametrizations.weight.original").MulInplace(-1) })
		parametrize.RemoveParametrizations(l, "weight", parametrize.RemoveOptions{LeaveParametrized: leave})
		assert.Same(t, before, l.Weight, "an optimizer has the same parameter")
		assert.False(t, parametrize.IsParametrized(l))
		assert.Contains(t, l.String(), "Linear(in_features=2")
		return l
	}
	assert.Equal(t, []float32{0, 0}, values(weight(nil).Weight))
	assert.Equal(t, []float32{-4, -8}, values(weight(new(false)).Weight))
}

func TestBuffers(t *testing.T) {
	bn := nn.NewBatchNorm1d(2)
	parametrize.RegisterParametrization(bn, "running_mean", nn.NewReLU())
	assert.Equal(t, []string{"parametrizations.running_mean.original"}, names(bn.NamedBuffers())[2:])
	parametrize.RemoveParametrizations(bn, "running_mean")
	assert.Equal(t, []string{"running_var", "num_batches_tracked", "running_mean"}, names(bn.NamedBuffers()))
}

func names(list []nn.NamedTensor) []string {
	var all []string
	for _, n := range list {
		all = append(all, n.Name)
	}
	return all
}

func TestTransferredParametersAreShared(t *testing.T) {
	for _, parametrization := range []nn.AnyModule{newScaled(2), nn.Init(&Sum{})} {
		from := parametrize.RegisterParametrization(newLayer(), "weight", parametrization)
		to := parametrize.TransferParametrizationsAndParams(from, nn.NewLinear(2, 1, nn.LinearOptions{Bias: new(false)}))
		assert.Equal(t, 12.0, to.Forward(torch.Ones([]int{1, 2})).Item())
		assert.Equal(t, []float32{4, 8}, values(to.Weight))
		assert.Equal(t, from.Parameters()[1:], to.Parameters(), "all but the bias")
	}
	scaled := parametrize.RegisterParametrization(newLayer(), "weight", newScaled(2))
	joint := parametrize.RegisterParametrization(newLayer(), "weight", nn.Init(&Sum{}))
	e := torchtest.Fails(t, func() { parametrize.TransferParametrizationsAndParams(scaled, joint) })
	assert.Equal(t, "ParametrizationList has no attribute `original`", e.Message)
	e = torchtest.Fails(t, func() { parametrize.TransferParametrizationsAndParams(scaled, newLayer(), "bias") })
	assert.Contains(t, e.Message, "does not have a parametrization on bias")
}

func TestCached(t *testing.T) {
	s := newScaled(2)
	l := parametrize.RegisterParametrization(newLayer(), "weight", s)
	x := torch.Ones([]int{1, 2})
	l.Forward(x)
	s.calls = 0
	parametrize.Cached(func() {
		parametrize.Cached(func() { l.Forward(x) })
		l.Forward(x).Add(l.Forward(x)).Backward()
	})
	assert.Equal(t, 1, s.calls)
	l.Forward(x)
	l.Forward(x)
	assert.Equal(t, 3, s.calls)
}

func TestUnsafe(t *testing.T) {
	l := parametrize.RegisterParametrization(newLayer(), "weight", nn.NewFlatten(nn.FlattenOptions{StartDim: new(0)}), parametrize.Options{Unsafe: true})
	assert.Equal(t, []int{2}, l.Weight.Shape())
}

// Symmetric makes a matrix symmetric.
type Symmetric struct{ nn.Module }

// Forward returns the upper half of x and its mirror image.
func (s *Symmetric) Forward(x *torch.Tensor) *torch.Tensor {
	return s.Run(x, func(x *torch.Tensor) *torch.Tensor {
		return x.Triu().Add(x.Triu(torch.TriuOptions{Diagonal: 1}).MT())
	})
}

func ExampleRegisterParametrization() {
	layer := nn.NewLinear(3, 3)
	parametrize.RegisterParametrization(layer, "weight", nn.Init(&Symmetric{}))
	fmt.Println(layer.Weight.Equal(layer.Weight.MT()))
	for _, p := range layer.NamedParameters() {
		fmt.Println(p.Name)
	}
	// Output:
	// true
	// bias
	// parametrizations.weight.original
}
