package optim_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// An optimizer goes on with what Python's saved, and saves the same.
func TestSavedStateDict(t *testing.T) {
	dict, err := torch.LoadAs[optim.StateDict]("../testdata/saved/adam.pt")
	require.NoError(t, err)
	var weights, rest []*torch.Tensor
	for _, shape := range [][]int{{2, 3}, {1, 2}, {2}, {2}, {2}, {1}} {
		p := torch.Ones(shape).SetRequiresGrad(true)
		if len(shape) > 1 {
			weights = append(weights, p)
		} else {
			rest = append(rest, p)
		}
	}
	optimizer := optim.NewAdamW(weights, optim.AdamWOptions{LR: 1})
	optimizer.AddParamGroup(optim.Group[optim.AdamWOptions]{Params: rest})
	require.NoError(t, optimizer.LoadStateDict(dict))
	assert.Equal(t, 0.001, optimizer.ParamGroups[0].LearningRate())
	assert.Equal(t, 0., *optimizer.ParamGroups[1].Options.WeightDecay)

	path := filepath.Join(t.TempDir(), "adam.pt")
	require.NoError(t, torch.Save(optimizer.StateDict(), path))
	got, err := torch.LoadAs[optim.StateDict](path)
	require.NoError(t, err)
	require.Len(t, got.State, 6)
	for i, state := range dict.State {
		require.Len(t, got.State[i], 4)
		for name, x := range state {
			assert.True(t, x.(*torch.Tensor).Equal(got.State[i][name].(*torch.Tensor)), "%s of %d", name, i)
		}
	}
	for i, group := range dict.ParamGroups {
		for name, value := range group {
			assert.Equal(t, value, got.ParamGroups[i][name], name)
		}
	}
}
