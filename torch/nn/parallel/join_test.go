package parallel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
)

// checkStatic trains a static graph with a layer that is checkpointed twice, and another one
// that is not used.
func checkStatic(t *testing.T, rank, size int) {
	alone := newNet(1)
	together, err := parallel.NewDistributedDataParallel(newNet(1), parallel.Options{StaticGraph: true})
	require.NoError(t, err)
	defer together.Close()
	pass := func(n *net, x, y *torch.Tensor) *torch.Tensor {
		square := func(x *torch.Tensor) *torch.Tensor { return n.FC1.Forward(x).Tanh().Narrow(1, 0, 8) }
		x = checkpoint.Checkpoint(square)(checkpoint.Checkpoint(square)(x))
		return loss(n.FC2.Forward(torch.Cat([]*torch.Tensor{x, x}, 1)), y)
	}
	own := func(step int) {
		_, _, x, y := data(step, rank, size)
		together.Call(func(n *net) []*torch.Tensor { return []*torch.Tensor{pass(n, x, y)} })[0].Backward()
	}
	assert.ErrorContains(t, torch.Try(func() { together.NoSync(func() { own(0) }) }), "the first backward pass must move gradients")
	for step := range 3 {
		x, y, _, _ := data(step, rank, size)
		alone.ZeroGrad()
		together.ZeroGrad()
		pass(alone, x, y).Backward()
		own(step)
		assert.InDelta(t, 0, alone.FC1.Weight.Grad().Sub(together.Wrapped.FC1.Weight.Grad()).Abs().Max().Item(), 1e-6)
		assert.Nil(t, together.Wrapped.Spare.Weight.Grad())
	}
	together.ZeroGrad()
	together.NoSync(func() { own(0) })
	own(0)
	_, _, x, y := data(0, rank, size)
	assert.ErrorContains(t, torch.Try(func() { loss(together.Forward(x), y).Backward() }), "Your training graph has changed in this iteration")
	assert.ErrorContains(t, torch.Try(func() { _ = together.Join(func() {}) }), "do not go with StaticGraph")
}

// checkJoin trains on uneven inputs, of which some passes move no gradients.
func checkJoin(t *testing.T, rank, size int) {
	together, err := parallel.NewDistributedDataParallel(newNet(1))
	require.NoError(t, err)
	defer together.Close()
	alone := newNet(1)
	for step := range 2 {
		_, _, x, y := data(1+step, 1, size)
		loss(alone.Forward(x), y).Div(float64(size)).Backward()
	}
	require.NoError(t, together.Join(func() {
		for step := range 1 + 2*rank { // rank 0 has one batch, and rank 1 three
			_, _, x, y := data(step, rank, size)
			pass := func() { loss(together.Forward(x), y).Backward() }
			if step == 1 {
				together.ZeroGrad()
				together.NoSync(pass)
			} else {
				pass()
			}
		}
	}))
	// Those of the last two passes, also where another process stood in for them.
	assert.InDelta(t, 0, alone.FC1.Weight.Grad().Sub(together.Wrapped.FC1.Weight.Grad()).Abs().Max().Item(), 1e-6)

	called := false
	require.NoError(t, together.Join(func() { called = true }, algorithms.JoinOptions{Enable: new(false)}))
	assert.True(t, called)
	group, err := distributed.NewGroup([]int{0, 1})
	require.NoError(t, err)
	elsewhere, err := parallel.NewDistributedDataParallel(newNet(1), parallel.Options{Group: group})
	require.NoError(t, err)
	defer elsewhere.Close()
	assert.ErrorContains(t, algorithms.Join([]algorithms.Joinable{together, elsewhere}, func() {}), "multiple process groups")
	assert.PanicsWithValue(t, "mine", func() { _ = together.Join(func() { panic("mine") }) })
	assert.False(t, algorithms.Joining(together))
}

// checkEarlyTermination ends as soon as one process has no inputs.
func checkEarlyTermination(t *testing.T, rank, size int) {
	together, err := parallel.NewDistributedDataParallel(newNet(1))
	require.NoError(t, err)
	defer together.Close()
	_, _, x, y := data(0, rank, size)
	passes := 0
	err = together.Join(func() {
		for range 1 + 2*rank {
			loss(together.Forward(x), y).Backward()
			passes++
		}
	}, algorithms.JoinOptions{ThrowOnEarlyTermination: true})
	assert.Equal(t, 1, passes)
	if rank == 0 {
		assert.ErrorContains(t, err, "Rank 0 exhausted all inputs.")
	} else {
		assert.ErrorContains(t, err, "Detected at least one rank that exhausted inputs. Throwing across all ranks.")
	}
	assert.ErrorContains(t, err, "distributed.Join on rank")
	loss(together.Forward(x), y).Backward() // nothing is left of it
	require.NoError(t, together.Join(func() { loss(together.Forward(x), y).Backward() }, algorithms.JoinOptions{ThrowOnEarlyTermination: true}))
}
