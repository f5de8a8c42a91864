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
