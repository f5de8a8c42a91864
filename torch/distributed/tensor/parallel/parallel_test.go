package parallel_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/tensor/parallel"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestWorker(t *testing.T) { torchtest.Workers{"two": checkTwo}.Work(t) }

func TestParallelizeModule(t *testing.T) {
	assert.ErrorContains(t, parallel.ParallelizeModule(nn.NewLinear(2, 2), nil, nil), "the mesh must have one dimension")
	if torch.Version() != cgotorch.SchemaVersion {
		t.Skip("this libtorch has no c10d")
	}
	torchtest.LaunchWell(t, 2, "two")
}

// newNet returns a network of batch × sequence of numbers.
func newNet(seed int64) *nn.Sequential {
	torch.ManualSeed(seed)
	return nn.NewSequential(nn.NewEmbedding(10, 4), nn.NewLinear(4, 6), nn.NewGELU(), nn.NewLinear(6, 4))
}

func checkTwo(t *testing.T) {
	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{2})
	require.NoError(t, err)
	require.NoError(t, distributed.SetTimeout(time.Minute))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	rank := distributed.GetRank()
	x := torch.FromSlice([]int64{1, 2, 3, 4, 5, 6, 7, 8}).View(2, 4)
	plans := map[string]parallel.Plan{
		"features": {"0": parallel.ColwiseParallel{OutputLayouts: parallel.Replicate()}, "1": parallel.ColwiseParallel{}, "3": parallel.RowwiseParallel{}},
		"sequence": {
			"0": parallel.ColwiseParallel{OutputLayouts: parallel.Shard(1)}, "1": parallel.ColwiseParallel{InputLayouts: parallel.Shard(1)},
			"3": parallel.RowwiseParallel{OutputLayouts: parallel.Shard(1)},
		},
		"whole between": {"1": parallel.ColwiseParallel{OutputLayouts: parallel.Replicate()}, "3": parallel.RowwiseParallel{InputLayouts: parallel.Replicate(), OutputLayouts: parallel.Shard(-1)}},
	}
	for _, name := range slices.Sorted(maps.Keys(plans)) { // the same order in both processes
		plan := plans[name]
		t.Run(name, func(t *testing.T) {
			whole, parts := newNet(1), newNet(int64(1+rank)) // the first one's values are all's
			if plan["0"] == nil {
				torch.NoGrad(func() { parts.At(0).(*nn.Embedding).Weight.CopyInplace(whole.At(0).(*nn.Embedding).Weight) })
			}
			weight := parts.At(1).(*nn.Linear).Weight
			require.NoError(t, parallel.ParallelizeModule(parts, mesh, plan))
			assert.Same(t, weight, parts.At(1).(*nn.Linear).Weight)
			assert.Equal(t, []int{3, 4}, weight.Shape())
			one, all := optim.NewSGD(whole.Parameters(), optim.SGDOptions{LR: 0.5}), optim.NewSGD(parts.Parameters(), optim.SGDOptions{LR: 0.5})
			for range 2 {
				one.ZeroGrad()
				all.ZeroGrad()
				want, got := whole.Forward(x), parts.Forward(x)
				target := torch.Linspace(0, 1, 32).View(2, 4, 4)
				want.Sub(target).Square().Sum().Backward()
				part := target
				switch name { // each process has a part of the output, and of the loss
				case "sequence":
					want, part = want.Narrow(1, 2*rank, 2), target.Narrow(1, 2*rank, 2)
				case "whole between":
					want, part = want.Narrow(2, 2*rank, 2), target.Narrow(2, 2*rank, 2)
				}
				assert.InDelta(t, 0, want.Sub(got).Abs().Max().Item(), 1e-5)
				got.Sub(part).Square().Sum().Backward()
				assert.InDelta(t, utils.ClipGradNorm(whole.Parameters(), 1).Item(), utils.ClipGradNorm(parts.Parameters(), 1).Item(), 1e-4)
				one.Step()
				all.Step()
			}
			first, last := whole.At(1).(*nn.Linear), whole.At(3).(*nn.Linear)
			near(t, first.Weight.Narrow(0, 3*rank, 3), weight)
			near(t, first.Bias.Narrow(0, 3*rank, 3), parts.At(1).(*nn.Linear).Bias)
			near(t, last.Weight.Narrow(1, 3*rank, 3), parts.At(3).(*nn.Linear).Weight)
			near(t, last.Bias, parts.At(3).(*nn.Linear).Bias)
		})
	}
	t.Run("GPT", func(t *testing.T) { checkGPT(t, mesh, rank) })
	t.Run("Prepare", func(t *testing.T) { checkPrepare(t, mesh, rank) })
	assert.ErrorContains(t, parallel.ParallelizeModule(newNet(1), mesh, parallel.Plan{"2": parallel.ColwiseParallel{}}), "currently only support nn.Linear and nn.Embedding")
	assert.ErrorContains(t, parallel.ParallelizeModule(newNet(1), mesh, parallel.Plan{"2": parallel.RowwiseParallel{}}), "currently only support nn.Linear and nn.Embedding")
	for _, style := range []parallel.Style{parallel.RowwiseParallel{}, parallel.ColwiseParallel{}} {
		scaled := nn.NewSequential(nn.NewEmbedding(4, 4, nn.EmbeddingOptions{MaxNorm: new(1.0)}))
		assert.ErrorContains(t, parallel.ParallelizeModule(scaled, mesh, parallel.Plan{"0": style}), "MaxNorm cannot be divided")
	}
	counted := nn.NewSequential(nn.NewEmbedding(4, 4, nn.EmbeddingOptions{ScaleGradByFreq: true}))
	assert.ErrorContains(t, parallel.ParallelizeModule(counted, mesh, parallel.Plan{"0": parallel.RowwiseParallel{}}), "ScaleGradByFreq cannot be divided")
	assert.ErrorContains(t, parallel.ParallelizeModule(newNet(1), mesh, parallel.Plan{"4": parallel.RowwiseParallel{}}), "no attribute `4`")
	odd := nn.NewSequential(nn.NewLinear(2, 3))
	assert.ErrorContains(t, parallel.ParallelizeModule(odd, mesh, parallel.Plan{"0": parallel.ColwiseParallel{}}), "cannot be divided along dimension 0 by the 2 processes")
	twice := newNet(1)
	require.NoError(t, parallel.ParallelizeModule(twice, mesh, parallel.Plan{"1": parallel.ColwiseParallel{}}))
	assert.ErrorContains(t, parallel.ParallelizeModule(twice, mesh, parallel.Plan{"1": parallel.ColwiseParallel{}}), "is a part already")
}

func near(t *testing.T, want, got *torch.Tensor) {
	t.Helper()
	assert.InDelta(t, 0, want.Detach().Sub(got.Detach()).Abs().Max().Item(), 1e-5)
}
