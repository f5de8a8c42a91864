package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestLazyLinear(t *testing.T) {
	l := nn.NewLazyLinear(3)
	net := nn.NewSequential(nn.NewFlatten(), l)
	assert.Equal(t, "Sequential(\n  (0): Flatten(start_dim=1, end_dim=-1)\n  (1): LazyLinear(in_features=0, out_features=3, bias=True)\n)", net.String())
	assert.Equal(t, []string{"1.weight", "1.bias"}, net.StateDict().Names())
	assert.True(t, nn.IsUninitialized(l.Weight))
	weight := net.Parameters()[0]
	l.ResetParameters() // has nothing to draw yet

	torch.ManualSeed(3)
	x := torch.Ones([]int{2, 2, 2})
	y := net.Forward(x)
	torch.ManualSeed(3)
	same := nn.NewLinear(4, 3)
	assert.True(t, torch.Equal(y, same.Forward(x.Flatten(1, -1))))
	assert.Same(t, weight, l.Weight, "an optimizer made before holds the same parameter")
	assert.True(t, weight.RequiresGrad() && torch.Equal(weight, same.Weight))
	assert.Equal(t, 4, l.InFeatures)
	assert.Equal(t, "Linear(in_features=4, out_features=3, bias=True)", l.String())
	assert.IsType(t, same, net.Children()[1])
	assert.IsType(t, same, net.Modules()[2])

	e := torchtest.Fails(t, func() { net.Forward(torch.Ones([]int{2, 5})) })
	assert.Equal(t, "1", e.Module)
	assert.Contains(t, e.Message, "mat1 and mat2 shapes cannot be multiplied (2x5 and 4x3)")
}

func TestLazyModulesTakeStateDicts(t *testing.T) {
	linear := nn.NewLinear(4, 3)
	x := torch.Ones([]int{2, 4})
	load := func(to interface {
		LoadStateDict(nn.StateDict, ...nn.LoadOptions) (nn.IncompatibleKeys, error)
	}, from nn.StateDict,
	) error {
		_, err := to.LoadStateDict(from)
		return err
	}
	l := nn.NewLazyLinear(3)
	require.NoError(t, load(l, linear.StateDict()))
	assert.Equal(t, "LazyLinear(in_features=0, out_features=3, bias=True)", l.String())
	e := torchtest.Fails(t, func() { l.Forward(torch.Ones([]int{2, 5})) })
	assert.Equal(t, "The in_features inferred from input: 5 is not equal to in_features from self.weight: 4", e.Message)
	assert.True(t, torch.Equal(linear.Forward(x), l.Forward(x)))
	assert.Equal(t, linear.String(), l.String())

	uninitialized := nn.NewLazyLinear(3, nn.LinearOptions{DType: torch.Float64})
	require.NoError(t, load(nn.NewLazyLinear(3), uninitialized.StateDict()))
	assert.ErrorContains(t, load(l, uninitialized.StateDict()), "size mismatch for weight")
	uninitialized.To(torch.Float32)
	require.NoError(t, load(uninitialized, linear.StateDict()))
	assert.Equal(t, torch.Float32, uninitialized.Forward(x).DType())

	without := nn.NewLazyLinear(3, nn.LinearOptions{Bias: new(false)})
	assert.Equal(t, []string{"weight"}, without.StateDict().Names())
	assert.Equal(t, []int{2, 3}, without.Forward(x).Shape())
}

func TestMaterializedParametersOutliveAScope(t *testing.T) {
	lazy := nn.NewLazyConv2d(2, 3)
	var conv *nn.Conv2d
	x := torch.Ones([]int{1, 4, 3, 3})
	torch.Scope(func() {
		conv = nn.NewConv2d(4, 2, 3)
		lazy.Forward(x)
	})
	for range 3 { // what was freed would be overwritten
		torch.Full([]int{2, 4, 3, 3}, 7).Close()
	}
	_, err := conv.LoadStateDict(lazy.StateDict())
	require.NoError(t, err)
	assert.True(t, torch.Equal(lazy.Forward(x), conv.Forward(x)))
	assert.Less(t, conv.Weight.Abs().Max().Item(), 1/6.0)

	copied := nn.DeepCopy(lazy)
	assert.Equal(t, conv.String(), copied.String())
	assert.True(t, torch.Equal(lazy.Forward(x), copied.Forward(x)))
}
