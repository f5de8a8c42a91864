package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestStateDictHooks(t *testing.T) {
	inner := nn.NewLinear(2, 1)
	net := nn.NewSequential(nn.NewReLU(), inner)
	var prefixes []string
	pre := inner.RegisterStateDictPreHook(func(module nn.AnyModule, prefix string) {
		assert.Same(t, inner, module)
		prefixes = append(prefixes, prefix)
	})
	inner.RegisterStateDictPostHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		dict.Delete(prefix + "bias")
		dict.Delete("nothing")
		dict.Set(prefix+"scale", torch.Ones([]int{1}))
	})
	net.RegisterStateDictPostHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		assert.Empty(t, prefix)
		assert.Equal(t, []string{"1.weight", "1.scale"}, dict.Names())
		dict.Set("1.scale", torch.Zeros([]int{1}))
	})
	dict := net.StateDict()
	assert.Equal(t, []string{"1.weight", "1.scale"}, dict.Names())
	assert.Equal(t, 0.0, dict.Get("1.scale").Item())
	assert.Equal(t, []string{"1."}, prefixes)
	pre.Remove()
	inner.StateDict()
	assert.Equal(t, []string{"1."}, prefixes)
}

func TestLoadStateDictHooks(t *testing.T) {
	inner := nn.NewLinear(2, 1)
	net := nn.NewSequential(nn.NewReLU(), inner)
	net.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		dict.Set("1.weight", dict.Get("w")) // renamed since
		dict.Delete("w")
	})
	inner.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		assert.Equal(t, "1.", prefix)
		assert.Equal(t, []string{"1.more", "1.weight"}, dict.Names(), "only what begins with the prefix")
	})
	post := inner.RegisterLoadStateDictPostHook(func(module nn.AnyModule, keys *nn.IncompatibleKeys) {
		assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](inner.Weight), "the module is loaded")
		assert.Equal(t, []string{"1.bias"}, keys.Missing)
		keys.Missing = nil
	})
	dict := nn.StateDict{{Name: "w", Tensor: torch.Full([]int{1, 2}, 3)}, {Name: "1.more", Tensor: torch.Ones([]int{1})}}
	keys, err := net.LoadStateDict(dict)
	assert.Equal(t, nn.IncompatibleKeys{Unexpected: []string{"1.more"}}, keys)
	require.Error(t, err)
	assert.Contains(t, err.Error(), `Unexpected key(s) in state_dict: "1.more".`)
	assert.NotContains(t, err.Error(), "Missing")
	assert.Equal(t, []string{"w", "1.more"}, dict.Names(), "hooks change a copy")

	inner.RegisterLoadStateDictPostHook(func(_ nn.AnyModule, keys *nn.IncompatibleKeys) { keys.Unexpected = nil })
	keys, err = net.LoadStateDict(dict)
	require.NoError(t, err)
	assert.Equal(t, nn.IncompatibleKeys{}, keys)

	post.Remove()
	_, err = net.LoadStateDict(dict)
	assert.ErrorContains(t, err, `Missing key(s) in state_dict: "1.bias".`)
}

func TestLoadStateDictAssigns(t *testing.T) {
	double := torch.TensorOptions{DType: torch.Float64}
	net := newNet()
	net.InProj.Weight.SetRequiresGrad(false)
	dict := net.StateDict()
	for i, n := range dict {
		dict[i].Tensor = torch.Full(n.Tensor.Shape(), i, double)
	}
	_, err := net.LoadStateDict(dict, nn.LoadOptions{Assign: true})
	require.NoError(t, err)
	for i, n := range net.StateDict() {
		assert.Equal(t, torch.Float64, n.Tensor.DType(), n.Name)
		assert.Equal(t, dict[i].Name, n.Name)
	}
	assert.True(t, net.Scale.RequiresGrad() && net.Scale.IsLeaf())
	assert.False(t, net.InProj.Weight.RequiresGrad(), "as it was")
	assert.False(t, net.RunningMean.RequiresGrad())
	assert.Same(t, dict.Get("running_mean"), net.RunningMean)
	dict.Get("w").FillInplace(7)
	assert.Equal(t, []float64{7, 7}, torch.ToSlice[float64](net.Scale), "the memory is the dict's")
	assert.NotSame(t, net.InProj.Weight, net.OutProj.Weight, "each name has its own tensor")

	dict.Set("w", torch.Ones([]int{3}))
	_, err = net.LoadStateDict(dict, nn.LoadOptions{Assign: true})
	assert.ErrorContains(t, err, "size mismatch for w: copying a param with shape torch.Size([3])")
}

func TestLoadStateDictTakesOneElementForANumber(t *testing.T) {
	net := newNet()
	dict := net.StateDict()
	dict.Set("count", torch.FromSlice([]int{5}))
	_, err := net.LoadStateDict(dict)
	require.NoError(t, err)
	assert.Equal(t, 5, net.Count.Int())
}
