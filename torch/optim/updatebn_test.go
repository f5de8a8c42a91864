package optim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestUpdateBN(t *testing.T) {
	norm := nn.NewBatchNorm1d(2)
	net := nn.NewSequential(nn.NewReLU(), norm)
	net.Forward(torch.Full([]int{4, 2}, 100.0)) // statistics to forget
	net.Eval()
	batches := []*torch.Tensor{
		torch.NewTensor([][]float32{{1, 2}, {3, 2}}), // means 2 and 2, variances 2 and 0
		torch.NewTensor([][]float32{{4, 0}, {4, 6}}), // means 4 and 3, variances 0 and 18
	}
	optim.UpdateBN(net, func() {
		assert.True(t, net.IsTraining())
		for _, batch := range batches {
			assert.False(t, net.Forward(batch).RequiresGrad())
		}
	})
	assert.Equal(t, []float32{3, 2.5}, torch.ToSlice[float32](norm.RunningMean))
	assert.Equal(t, []float32{1, 9}, torch.ToSlice[float32](norm.RunningVar))
	assert.Equal(t, 2, norm.NumBatchesTracked.Int())
	assert.Equal(t, 0.1, *norm.Momentum)
	assert.False(t, net.IsTraining())
	assert.Error(t, torch.Try(func() { optim.UpdateBN(net, func() { net.Forward(torch.Ones([]int{1, 3})) }) }))
	assert.Equal(t, 0.1, *norm.Momentum, "after a panic too")
}

// embedding is a batch normalisation of a user's own.
type embedding struct{ nn.BatchNorm1d }

// TestUpdateBNOfAllKinds has what is a _BatchNorm in Python; PyTorch's numbers are
// those of TestUpdateBN, its instance normalisations stay as they are.
func TestUpdateBNOfAllKinds(t *testing.T) {
	sync, lazy, own := nn.NewSyncBatchNorm(2), nn.NewLazyBatchNorm1d(), nn.Init(&embedding{*nn.NewBatchNorm1d(2)})
	instance := nn.NewInstanceNorm1d(2, nn.InstanceNormOptions{TrackRunningStats: true})
	for _, norm := range []nn.Layer{sync, lazy, own} {
		net := nn.NewSequential(nn.NewReLU(), norm)
		net.Forward(torch.Full([]int{4, 2}, 100.0)) // statistics to forget
		optim.UpdateBN(net, func() {
			net.Forward(torch.NewTensor([][]float32{{1, 2}, {3, 2}}))
			net.Forward(torch.NewTensor([][]float32{{4, 0}, {4, 6}}))
		})
		b, ok := nn.AsBatchNorm(norm)
		assert.True(t, ok)
		assert.Equal(t, []float32{3, 2.5}, torch.ToSlice[float32](b.RunningMean), "%T", norm)
		assert.Equal(t, []float32{1, 9}, torch.ToSlice[float32](b.RunningVar), "%T", norm)
		assert.Equal(t, 2, b.NumBatchesTracked.Int(), "%T", norm)
		assert.Equal(t, 0.1, *b.Momentum)
	}
	net := nn.NewSequential(instance)
	net.Forward(torch.Full([]int{2, 2, 3}, 10.0))
	optim.UpdateBN(net, func() {})
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](instance.RunningMean))
	for _, other := range []nn.AnyModule{instance, nn.NewReLU(), (*nn.BatchNorm1d)(nil), nil} {
		b, ok := nn.AsBatchNorm(other)
		assert.False(t, ok)
		assert.Nil(t, b)
	}
}
