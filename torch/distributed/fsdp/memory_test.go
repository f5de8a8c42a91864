package fsdp_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

const width = 512

// share is how much of DistributedDataParallel's memory FullyShard may take: a third, and what
// other programs on the machine make of it. "make fsdp-check" is for a calm one.
var share = func() float64 {
	if os.Getenv("GOTORCH_FSDP_CHECK") != "" {
		return 0.35
	}
	return 0.4
}()

func deep(layers int) *nn.Sequential {
	torch.ManualSeed(1)
	net := nn.NewSequential()
	for range layers {
		net.Append(nn.NewLinear(width, width, nn.LinearOptions{Bias: new(false)}))
	}
	return net
}

// memory returns how much memory the process has, now or at most since the peak was reset.
func memory(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(t, found)
	n, err := strconv.Atoi(string(found[1]))
	require.NoError(t, err)
	return n << 10
}

// peak returns the most memory that two steps with Adam take beyond what the process had
// before, of parameters, gradients, Adam's state and what is needed on the way.
func peak(t *testing.T, before int, net nn.AnyModule, forward func(x *torch.Tensor) *torch.Tensor) int {
	t.Helper()
	optimizer := optim.NewAdam(nn.Base(net).Parameters(), optim.AdamOptions{Foreach: new(false)})
	torchtest.Settled()
	require.NoError(t, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600))
	for range 2 {
		torch.Scope(func() {
			optimizer.ZeroGrad()
			forward(torch.Ones([]int{1, width})).Sum().Backward()
			optimizer.Step()
		})
	}
	return memory(t, "VmHWM") - before
}

// peaks returns the peaks of a divided network of so many layers, and of one in
// DistributedDataParallel.
func peaks(t *testing.T, layers int) (divided, whole int) {
	t.Helper()
	torchtest.Settled()
	before := memory(t, "VmRSS")
	net := deep(layers)
	for _, module := range net.Modules()[1:] {
		_, err := fsdp.FullyShard(module)
		require.NoError(t, err)
	}
	root, err := fsdp.FullyShard(net)
	require.NoError(t, err)
	divided = peak(t, before, net, root.Forward)

	before = memory(t, "VmRSS")
	ddp, err := parallel.NewDistributedDataParallel(deep(layers))
	require.NoError(t, err)
	defer ddp.Close()
	return divided, peak(t, before, ddp.Wrapped, ddp.Forward)
}

// TestFullyShardMemory compares the memory of FullyShard with that of DistributedDataParallel.
// On a busy machine gloo's threads let go of messages later, so one job of three must do.
func TestFullyShardMemory(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		t.Skip("this libtorch has no c10d")
	}
	t.Setenv("MALLOC_MMAP_THRESHOLD_", "65536") // large pieces of memory go back at once
	var outcomes []torchtest.Outcome
	for range 3 {
		outcomes = torchtest.Launch(t, 4, "memory")
		t.Log(outcomes[0].Output)
		if !slices.ContainsFunc(outcomes, func(o torchtest.Outcome) bool { return o.Failed }) {
			return
		}
	}
	for rank, o := range outcomes {
		assert.False(t, o.Failed, "rank %d:\n%s", rank, o.Output)
	}
}

// checkMemory compares the peak with that of DistributedDataParallel, and with the four copies
// of parameters that this has at least. A few layers go first: what all of it needs once, such
// as the pages of the code that runs, is in memory then.
func checkMemory(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	const layers = 24
	wholeBytes := 4 * layers * width * width
	peaks(t, 2)
	got, want := peaks(t, layers)
	t.Logf("%d bytes: %.3f of the %d of DistributedDataParallel, %.3f of four times the parameters",
		got, float64(got)/float64(want), want, float64(got)/float64(4*wholeBytes))
	assert.Greater(t, want, 4*wholeBytes)
	assert.Less(t, float64(got)/float64(want), share)
}
