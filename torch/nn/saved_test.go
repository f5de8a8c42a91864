package nn_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// A state dict that Python saved, in its order.
func TestStateDictFromPython(t *testing.T) {
	dict, err := torch.LoadAs[nn.StateDict]("../testdata/saved/state_dict.pt")
	require.NoError(t, err)
	assert.Equal(t, []string{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
		"1.num_batches_tracked", "2.weight", "2.bias"}, dict.Names())
	checkpoint, err := torch.LoadAs[struct{ Model nn.StateDict }]("../testdata/saved/checkpoint.pt")
	require.NoError(t, err)
	assert.Equal(t, dict.Names(), checkpoint.Model.Names())
	assert.Equal(t, 3, checkpoint.Model.Get("1.num_batches_tracked").Int())
}

func TestSaveStateDict(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(3, 2), nn.NewReLU(), nn.NewLinear(2, 1))
	path := filepath.Join(t.TempDir(), "net.pt")
	require.NoError(t, torch.Save(net.StateDict(), path))
	dict, err := torch.LoadAs[nn.StateDict](path)
	require.NoError(t, err)
	assert.Equal(t, []string{"0.weight", "0.bias", "2.weight", "2.bias"}, dict.Names())
	other := nn.NewSequential(nn.NewLinear(3, 2), nn.NewReLU(), nn.NewLinear(2, 1))
	_, err = other.LoadStateDict(dict)
	require.NoError(t, err)
	for i, p := range net.Parameters() {
		assert.True(t, p.Equal(other.Parameters()[i]))
	}
}

func TestLoadStateDictOfOtherThings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pt")
	for want, value := range map[string]any{
		"a []interface {} is not a state dict":                                 []int{1},
		"epoch is not the name of a tensor in a state dict, but of a int":      map[string]int{"epoch": 1},
		"1 is not the name of a tensor in a state dict, but of a *torch.Tenso": map[int]any{1: torch.Ones([]int{1})},
	} {
		require.NoError(t, torch.Save(value, path))
		_, err := torch.LoadAs[nn.StateDict](path)
		assert.ErrorContains(t, err, "torch.Load: "+path+": "+want)
	}
}
