package parallel_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestWorker(t *testing.T) {
	torchtest.Workers{"ddp": checkDDP, "mixed": checkMixed, "dies": checkDeath}.Work(t)
}

func TestDistributedDataParallel(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		_, err := parallel.NewDistributedDataParallel(newNet(0))
		assert.ErrorContains(t, err, "not been initialized")
		t.Skip("this libtorch has no c10d")
	}
	torchtest.LaunchWell(t, 2, "ddp")
}

func checkDDP(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	rank, size := distributed.GetRank(), distributed.GetWorldSize()
	for _, step := range []struct {
		name  string
		check func(t *testing.T, rank, size int)
	}{
		{"Equal", checkEqual}, {"NoSync", checkNoSync}, {"Unused", checkUnused}, {"Buffers", checkBuffers}, {"SyncBatchNorm", checkSync},
		{"Golden", checkGolden}, {"Hooks", checkHooks}, {"Static", checkStatic}, {"Join", checkJoin}, {"EarlyTermination", checkEarlyTermination},
		{"Refused", checkRefused}, // the last one: it leaves one process waiting for the other
	} {
		t.Run(step.name, func(t *testing.T) { step.check(t, rank, size) })
	}
}

// TestRankDies ends one process in training: the backward pass of the other says which.
func TestRankDies(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		t.Skip("this libtorch has no c10d")
	}
	for rank, o := range torchtest.Launch(t, 2, "dies") {
		assert.Equal(t, rank == 0, o.Failed, "rank %d:\n%s", rank, o.Output)
	}
}

func checkDeath(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	rank := distributed.GetRank()
	together, err := parallel.NewDistributedDataParallel(newNet(0))
	require.NoError(t, err)
	_, _, x, y := data(0, rank, 2)
	for range 2 { // the second one moves the order of gradients, too
		loss(together.Forward(x), y).Backward()
	}
	if rank == 0 { // whose process has the store, too
		os.Exit(3)
	}
	err = torch.Try(func() { loss(together.Forward(x), y).Backward() })
	require.ErrorContains(t, err, "torch.Tensor.Backward: ")
	assert.ErrorContains(t, err, "\n  in the collectives of rank 1 of 2\n  at the other end: rank 0 (host ")
}

// net is a small network, with a layer that not every pass uses.
type net struct {
	nn.Module
	FC1, FC2, Spare *nn.Linear
}

func newNet(seed int64) *net {
	torch.ManualSeed(seed)
	return nn.Init(&net{FC1: nn.NewLinear(8, 16), FC2: nn.NewLinear(16, 4), Spare: nn.NewLinear(16, 4)})
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor {
	x = n.FC1.Forward(x).ReLU()
	return n.FC2.Forward(x).Add(n.Spare.Forward(x))
}

// data is the samples of a step, and those of this rank.
func data(step, rank, size int) (x, y, ownX, ownY *torch.Tensor) {
	generator := torch.NewGenerator().ManualSeed(int64(100 + step))
	x = torch.Randn([]int{8 * size, 8}, torch.TensorOptions{Generator: generator})
	y = torch.Randint(0, 4, []int{8 * size}, torch.TensorOptions{Generator: generator})
	return x, y, x.Narrow(0, 8*rank, 8), y.Narrow(0, 8*rank, 8)
}

func loss(output, y *torch.Tensor) *torch.Tensor { return functional.CrossEntropy(output, y) }

// near asserts that the parameters are those of another network.
func near(t *testing.T, want, got nn.AnyModule, tolerance float64) {
	t.Helper()
	wanted, given := want.(*net).NamedParameters(), got.(*net).Parameters()
	for i, p := range wanted {
		assert.InDelta(t, 0, p.Tensor.Sub(given[i]).Abs().Max().Item(), tolerance, p.Name)
	}
}

// checkEqual trains, beside one process with all samples.
func checkEqual(t *testing.T, rank, size int) {
	for _, options := range []parallel.Options{{}, {GradientAsBucketView: true}, {BucketCapMB: new(1), FindUnusedParameters: true}} {
		alone := newNet(1)
		together, err := parallel.NewDistributedDataParallel(newNet(int64(1+rank)), options) // rank 0's is what all get
		require.NoError(t, err)
		near(t, alone, together.Wrapped, 0)
		one, all := optim.NewSGD(alone.Parameters(), optim.SGDOptions{LR: 0.1}), optim.NewSGD(together.Parameters(), optim.SGDOptions{LR: 0.1})
		for step := range 5 {
			x, y, ownX, ownY := data(step, rank, size)
			one.ZeroGrad()
			loss(alone.Forward(x), y).Backward()
			one.Step()
			all.ZeroGrad()
			loss(together.Forward(ownX), ownY).Backward()
			all.Step()
		}
		near(t, alone, together.Wrapped, 1e-6) // the samples are added up in another order
		digest := torch.Cat([]*torch.Tensor{together.Wrapped.FC1.Weight.Detach().Flatten(), together.Wrapped.FC2.Bias.Detach()}, 0)
		digests := []*torch.Tensor{torch.ZerosLike(digest), torch.ZerosLike(digest)}
		_, err = distributed.AllGather(digests, digest)
		require.NoError(t, err)
		assert.True(t, torch.Equal(digests[0], digests[1]), "bit for bit the same on all ranks")
		assert.Equal(t, "module.fc1.weight", together.NamedParameters()[0].Name)
		together.Close()
		together.Close()
	}
}

// checkNoSync adds the gradients of two passes up.
func checkNoSync(t *testing.T, rank, size int) {
	alone := newNet(1)
	together, err := parallel.NewDistributedDataParallel(newNet(1))
	require.NoError(t, err)
	defer together.Close()
	x, y, ownX, ownY := data(0, rank, size)
	loss(alone.Forward(x), y).Mul(2).Backward()
	together.NoSync(func() { loss(together.Forward(ownX), ownY).Backward() })
	own := torch.Zeros([]int{1})
	own.CopyInplace(together.Wrapped.FC1.Weight.Grad().Sum().Reshape(1))
	sums := torch.Zeros([]int{2})
	_, err = distributed.AllGatherSingle(sums, own)
	require.NoError(t, err)
	assert.NotEqual(t, torch.ToSlice[float32](sums)[0], torch.ToSlice[float32](sums)[1], "each its own")
	loss(together.Forward(ownX), ownY).Backward()
	difference := alone.FC1.Weight.Grad().Sub(together.Wrapped.FC1.Weight.Grad()).Abs().Max().Item()
	assert.InDelta(t, 0, difference, 1e-6)
}

// checkUnused leaves a layer out.
func checkUnused(t *testing.T, rank, size int) {
	together, err := parallel.NewDistributedDataParallel(newNet(1), parallel.Options{FindUnusedParameters: true})
	require.NoError(t, err)
	defer together.Close()
	for step := range 3 {
		_, _, x, y := data(step, rank, size)
		outputs := together.Call(func(n *net) []*torch.Tensor {
			h := n.FC1.Forward(x).ReLU()
			spare := n.Spare.Forward(h)
			return []*torch.Tensor{n.FC2.Forward(h), spare} // the loss does not look at spare
		})
		loss(outputs[0], y).Backward()
		assert.NotNil(t, together.Wrapped.FC1.Weight.Grad())
		assert.Nil(t, together.Wrapped.Spare.Weight.Grad())
	}

	strict, err := parallel.NewDistributedDataParallel(newNet(1))
	require.NoError(t, err)
	defer strict.Close()
	pass := func() {
		_, _, x, y := data(0, rank, size)
		outputs := strict.Call(func(n *net) []*torch.Tensor { return []*torch.Tensor{n.FC2.Forward(n.FC1.Forward(x))} })
		loss(outputs[0], y).Backward()
	}
	require.NoError(t, torch.Try(pass))
	err = torch.Try(pass)
	assert.ErrorContains(t, err, "Expected to have finished reduction in the prior iteration")
	assert.ErrorContains(t, err, "on rank")
	assert.ErrorContains(t, err, "module.spare.weight")
}

// checkBuffers trains with running statistics: each pass begins with those of rank 0.
func checkBuffers(t *testing.T, rank, size int) {
	norm := nn.NewBatchNorm1d(8)
	together, err := parallel.NewDistributedDataParallel(norm)
	require.NoError(t, err)
	defer together.Close()
	for step := range 2 {
		_, _, x, _ := data(step, rank, size)
		together.Forward(x.Add(float64(rank))).Square().Sum().Backward()
	}
	together.Forward(torch.Zeros([]int{2, 8}))
	means := torch.Zeros([]int{2 * 8})
	_, err = distributed.AllGatherSingle(means, norm.RunningMean)
	require.NoError(t, err)
	assert.True(t, torch.Equal(means.Narrow(0, 0, 8), means.Narrow(0, 8, 8)))
}

func checkRefused(t *testing.T, rank, _ int) {
	frozen := newNet(1)
	frozen.SetRequiresGrad(false)
	_, err := parallel.NewDistributedDataParallel(frozen)
	assert.ErrorContains(t, err, "doesn't have any parameter that requires a gradient")
	_, err = parallel.NewDistributedDataParallel(nn.NewLinear(2, 3+rank))
	assert.ErrorContains(t, err, "distributed.NewDistributedDataParallel on rank")
	if rank == 1 {
		assert.ErrorContains(t, err, "params[0]")
	}
}

// checkSync normalises uneven batches, of which one is empty, as one process does the joined
// batch.
func checkSync(t *testing.T, rank, _ int) {
	for _, rows := range [][]int{{2, 4}, {6, 0}} {
		begin := rank * rows[0]
		generator := torch.NewGenerator().ManualSeed(5)
		x := torch.Randn([]int{6, 3, 2}, torch.TensorOptions{Generator: generator}).Mul(3).Add(100)
		weights := torch.Randn([]int{6, 3, 2}, torch.TensorOptions{Generator: generator})
		alone := nn.NewBatchNorm1d(3)
		torch.NoGrad(func() { alone.Weight.CopyInplace(torch.FromSlice([]float32{1, -2, 3})) })
		together := nn.ConvertSyncBatchNorm(nn.DeepCopy(alone)).(*nn.SyncBatchNorm)
		own := x.Narrow(0, begin, rows[rank]).Clone().SetRequiresGrad(true)
		x.SetRequiresGrad(true)
		for range 2 {
			want, got := alone.Forward(x), together.Forward(own)
			assert.InDelta(t, 0, want.Narrow(0, begin, rows[rank]).Sub(got).Abs().Sum().Item(), 1e-3) // of 36 elements, from inputs around 100
			want.Mul(weights).Sum().Backward()
			got.Mul(weights.Narrow(0, begin, rows[rank])).Sum().Backward()
		}
		assert.InDelta(t, 0, x.Grad().Narrow(0, begin, rows[rank]).Sub(own.Grad()).Abs().Sum().Item(), 1e-3)
		for i, p := range []*torch.Tensor{together.Weight, together.Bias} {
			sum := p.Grad().Clone()
			_, err := distributed.AllReduce(sum)
			require.NoError(t, err)
			assert.InDelta(t, 0, alone.Parameters()[i].Grad().Sub(sum).Abs().Max().Item(), 1e-3)
		}
		assert.InDelta(t, 0, alone.RunningMean.Sub(together.RunningMean).Abs().Max().Item(), 1e-4)
		assert.InDelta(t, 0, alone.RunningVar.Sub(together.RunningVar).Abs().Max().Item(), 1e-4)
		assert.Equal(t, 2, together.NumBatchesTracked.Int())
		together.Eval()
		alone.Eval()
		assert.InDelta(t, 0, alone.Forward(x).Sub(together.Forward(x)).Abs().Max().Item(), 1e-3)
	}
	single := nn.NewSyncBatchNorm(1)
	single.ProcessGroup = distributed.DefaultGroup()
	assert.ErrorContains(t, torch.Try(func() { single.Forward(torch.Ones([]int{1 - rank, 1})) }), "Expected more than 1 value per channel")
}
