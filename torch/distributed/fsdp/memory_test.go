package fsdp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/memtracker"
)

const (
	layers = 32
	width  = 64
)

func deep() *nn.Sequential {
	torch.ManualSeed(1)
	net := nn.NewSequential()
	for range layers {
		net.Append(nn.NewLinear(width, width, nn.LinearOptions{Bias: new(false)}))
	}
	return net
}

// peak returns the most bytes that three steps with Adam take, without those of the one
// sample.
func peak(net nn.AnyModule, forward func(x *torch.Tensor) *torch.Tensor) int {
	tracker := memtracker.New(memtracker.Options{Modules: []nn.AnyModule{net}})
	tracker.Track(func() {
		optimizer := optim.NewAdam(nn.Base(net).Parameters())
		for range 3 {
			torch.Scope(func() {
				optimizer.ZeroGrad()
				forward(torch.Ones([]int{1, width})).Sum().Backward()
				optimizer.Step()
			})
		}
	})
	return tracker.Peak().Total
}

// checkMemory compares the most memory at a time of parameters, gradients and Adam's state
// with that of DistributedDataParallel, whose buckets of gradients are not even counted.
func checkMemory(t *testing.T, rank, _ int) {
	ddp, err := parallel.NewDistributedDataParallel(deep())
	require.NoError(t, err)
	defer ddp.Close()
	want := peak(ddp.Wrapped, ddp.Forward)
	assert.Greater(t, want, 4*4*layers*width*width)

	net := deep()
	for _, module := range net.Modules()[1:] {
		_, err := fsdp.FullyShard(module)
		require.NoError(t, err)
	}
	root, err := fsdp.FullyShard(net)
	require.NoError(t, err)
	got := peak(net, root.Forward)
	if rank == 0 {
		t.Logf("%d bytes, %.3f of the %d of DistributedDataParallel", got, float64(got)/float64(want), want)
	}
	assert.Less(t, float64(got)/float64(want), 0.35)
}
