//go:build soak

// Package soak has tests that run for minutes: make soak.
package soak

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// status reads a number, such as VmRSS in kB, from what the kernel says of the
// process.
func status(t *testing.T, field string) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(data), field+":")
	require.True(t, found)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	return n
}

type net struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

func newNet() *net {
	return nn.Init(&net{FC1: nn.NewLinear(784, 128), FC2: nn.NewLinear(128, 10)})
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor {
	return n.FC2.Forward(n.FC1.Forward(x).ReLU())
}

// TestMemoryStaysFlat takes 10,000 steps and never closes a tensor. After the
// warm-up resident memory must stay within 10 %.
func TestMemoryStaysFlat(t *testing.T) {
	n := newNet()
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(n.Parameters(), optim.SGDOptions{LR: 0.01, Momentum: 0.9})
	data, labels := torch.Randn([]int{6400, 784}), torch.Randint(0, 10, []int{6400})
	warm, most := 0, 0
	for step := range 10_000 {
		index := torch.Randint(0, 6400, []int{64})
		optimizer.ZeroGrad()
		loss := criterion.Forward(n.Forward(data.IndexSelect(0, index)), labels.IndexSelect(0, index))
		loss.Backward()
		optimizer.Step()
		switch rss := status(t, "VmRSS"); {
		case step < 3000:
			warm = max(warm, rss)
		default:
			most = max(most, rss)
		}
	}
	t.Logf("resident: %d MB after 3,000 steps, %d MB after 10,000", warm>>10, most>>10)
	assert.Less(t, float64(most), 1.1*float64(warm))
}

// TestLargeTensors makes and drops 10,000 tensors of 100 MB. The process must not
// take more than 1 GB.
func TestLargeTensors(t *testing.T) {
	most := 0
	for range 10_000 {
		torch.Empty([]int{25_000_000}).Select(0, 0).FillInplace(1)
		most = max(most, status(t, "VmRSS"))
	}
	for range 50 { // and some whose memory is touched
		torch.Ones([]int{25_000_000})
		most = max(most, status(t, "VmRSS"))
	}
	t.Logf("resident: at most %d MB", most>>10)
	assert.Less(t, most, 1<<20)
}

// TestManyGoroutines trains a net in each of 64 goroutines for a minute. Each has
// data of its own and must get, step by step, what a single goroutine gets.
func TestManyGoroutines(t *testing.T) {
	const goroutines, steps = 64, 20
	train := func() float64 {
		g := torch.NewGenerator().ManualSeed(1)
		o := torch.TensorOptions{Generator: g}
		n := newNet()
		torch.NoGrad(func() {
			for _, p := range n.Parameters() {
				p.NormalInplace(0, 0.05, g)
			}
		})
		data, labels := torch.Randn([]int{64, 784}, o), torch.Randint(0, 10, []int{64}, o)
		criterion := nn.NewCrossEntropyLoss()
		optimizer := optim.NewSGD(n.Parameters(), optim.SGDOptions{LR: 0.05, Momentum: 0.9})
		last := 0.0
		for range steps {
			optimizer.ZeroGrad()
			loss := criterion.Forward(n.Forward(data), labels)
			loss.Backward()
			optimizer.Step()
			last = loss.Item()
			torch.NoGrad(func() {
				runtime.Gosched()
				assert.False(t, n.Forward(data).RequiresGrad())
			})
		}
		return last
	}
	want := train()
	before, most := status(t, "Threads"), 0
	end := time.Now().Add(time.Minute)
	var wait sync.WaitGroup
	var mutex sync.Mutex
	rounds := 0
	for range goroutines {
		wait.Go(func() {
			for time.Now().Before(end) {
				got := train()
				mutex.Lock()
				assert.Equal(t, want, got)
				rounds++
				most = max(most, status(t, "Threads"))
				mutex.Unlock()
			}
		})
	}
	wait.Wait()
	assert.True(t, torch.IsGradEnabled())
	// A goroutine inside NoGrad has an OS thread to itself, and a thread that
	// calls libtorch may have a pool of NumThreads.
	bound := goroutines * (1 + torch.NumThreads())
	t.Logf("%d trainings; threads: %d before, at most %d (bound %d)", rounds, before, most, before+bound)
	assert.LessOrEqual(t, most, before+bound)
}
