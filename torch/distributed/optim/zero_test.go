package optim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	distoptim "github.com/wangkuiyi/gotorch/torch/distributed/optim"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestWorker(t *testing.T) { torchtest.Workers{"two": checkTwo}.Work(t) }

func TestZeroRedundancyOptimizer(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		_, err := distoptim.NewZeroRedundancyOptimizer(nil, nil)
		assert.ErrorContains(t, err, "not been initialized")
		t.Skip("this libtorch has no c10d")
	}
	torchtest.LaunchWell(t, 2, "two")
}

func newNet() *nn.Sequential {
	torch.ManualSeed(1)
	return nn.NewSequential(nn.NewLinear(3, 4), nn.NewLinear(4, 2))
}

func newAdam(params []*torch.Tensor) optim.Optimizer {
	return optim.NewAdam(params, optim.AdamOptions{LR: 0.1})
}

func step(net *nn.Sequential, optimizer optim.Optimizer) {
	optimizer.ZeroGrad()
	net.Forward(torch.FromSlice([]float32{1, 2, 3, -1, 0, 1}).View(2, 3)).Square().Sum().Backward()
	optimizer.Step()
}

func checkTwo(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	rank := distributed.GetRank()
	alone, together := newNet(), newNet()
	one := newAdam(alone.Parameters())
	zero, err := distoptim.NewZeroRedundancyOptimizer(together.Parameters(), newAdam)
	require.NoError(t, err)
	same := func() {
		t.Helper()
		for i, p := range alone.Parameters() {
			assert.True(t, torch.Equal(p.Detach(), together.Parameters()[i].Detach()), i)
		}
	}
	for range 3 {
		step(alone, one)
		step(together, zero)
	}
	same()
	// The largest one, of 12 elements, is rank 0's; 8 and 4 are rank 1's, and then 2.
	want := [][]int{{0, 3}, {1, 2}}[rank]
	var got []int
	for _, p := range zero.Groups()[0].Parameters() {
		for i, other := range together.Parameters() {
			if p == other {
				got = append(got, i)
			}
		}
	}
	assert.Equal(t, want, got)

	assert.ErrorContains(t, torch.Try(func() { zero.StateDict() }), "has not been consolidated")
	require.NoError(t, zero.ConsolidateStateDict())
	dict, whole := zero.StateDict(), one.StateDict()
	assert.Equal(t, whole.ParamGroups, dict.ParamGroups)
	require.Len(t, dict.State, 4)
	for i, state := range whole.State {
		for key, x := range state {
			assert.True(t, torch.Equal(x.(*torch.Tensor), dict.State[i][key].(*torch.Tensor)), "%d %s", i, key)
		}
	}
	zero, err = distoptim.NewZeroRedundancyOptimizer(together.Parameters(), newAdam)
	require.NoError(t, err)
	require.NoError(t, zero.LoadStateDict(whole))
	step(alone, one)
	step(together, zero)
	same()

	checkNone(t)
	checkUneven(t, rank)

	_, err = distoptim.NewZeroRedundancyOptimizer(nil, newAdam)
	assert.ErrorContains(t, err, "optimizer got an empty parameter list")
}

// checkNone has one parameter, of which one process has nothing.
func checkNone(t *testing.T) {
	newNet := func() *nn.Sequential {
		torch.ManualSeed(1)
		return nn.NewSequential(nn.NewLinear(3, 2, nn.LinearOptions{Bias: new(false)}))
	}
	alone, together := newNet(), newNet()
	one := newAdam(alone.Parameters())
	zero, err := distoptim.NewZeroRedundancyOptimizer(together.Parameters(), newAdam)
	require.NoError(t, err)
	schedulers := []*lrscheduler.StepLR{lrscheduler.NewStepLR(one, 1), lrscheduler.NewStepLR(zero, 1)}
	for range 2 {
		step(alone, one)
		step(together, zero)
		for _, s := range schedulers {
			s.Step()
		}
	}
	require.NoError(t, zero.ConsolidateStateDict())
	whole, dict := one.StateDict(), zero.StateDict()
	assert.Equal(t, whole.ParamGroups, dict.ParamGroups)
	require.Len(t, dict.State, 1)
	assert.True(t, torch.Equal(whole.State[0]["exp_avg"].(*torch.Tensor), dict.State[0]["exp_avg"].(*torch.Tensor)))
	zero, err = distoptim.NewZeroRedundancyOptimizer(together.Parameters(), newAdam)
	require.NoError(t, err)
	require.NoError(t, zero.LoadStateDict(dict))
	step(alone, one)
	step(together, zero)
	assert.True(t, torch.Equal(alone.Parameters()[0].Detach(), together.Parameters()[0].Detach()))
}

// checkUneven trains on uneven inputs, beside an optimizer that is not divided.
func checkUneven(t *testing.T, rank int) {
	var nets []*parallel.DistributedDataParallel[*nn.Sequential]
	for _, divided := range []bool{false, true} {
		net, err := parallel.NewDistributedDataParallel(newNet())
		require.NoError(t, err)
		defer net.Close()
		nets = append(nets, net)
		joinables := []algorithms.Joinable{net}
		optimizer := newAdam(net.Parameters())
		if divided {
			zero, err := distoptim.NewZeroRedundancyOptimizer(net.Parameters(), newAdam)
			require.NoError(t, err)
			optimizer, joinables = zero, append(joinables, zero)
		}
		require.NoError(t, algorithms.Join(joinables, func() {
			for i := range 1 + 2*rank {
				optimizer.ZeroGrad()
				net.Forward(torch.Full([]int{2, 3}, float64(i+rank))).Square().Sum().Backward()
				optimizer.Step()
			}
		}))
	}
	for i, p := range nets[0].Parameters() {
		assert.True(t, torch.Equal(p.Detach(), nets[1].Parameters()[i].Detach()), i)
	}
}
