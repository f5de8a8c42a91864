package cuda_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// checkDevice is the device that scripts/cuda_check.sh checks, without which there is nothing
// to do.
func checkDevice(t *testing.T) torch.Device {
	name := os.Getenv("GOTORCH_CUDA_CHECK")
	if name == "" {
		t.Skip("scripts/cuda_check.sh runs it")
	}
	device, err := torch.ParseDevice(name)
	require.NoError(t, err)
	return device
}

// TestCheckBench times what scripts/cuda_bench.py times in Python, and prints rows as it does.
func TestCheckBench(t *testing.T) {
	on := torch.TensorOptions{Device: checkDevice(t)}
	measure := func(name string, turns int, step func()) {
		times := func(n int) {
			for range n {
				torch.Scope(step)
			}
			on.Device.Synchronize()
		}
		times(3)
		best := time.Duration(1 << 62)
		for range 3 {
			start := time.Now()
			times(turns)
			best = min(best, time.Since(start)/time.Duration(turns))
		}
		fmt.Printf("row %s %.1f\n", name, float64(best.Nanoseconds())/1e3)
	}
	torch.ManualSeed(0)
	small, large := torch.Randn([]int{64, 64}, on), torch.Randn([]int{1024, 1024}, on)
	measure("add-64x64", 200, func() { small.Add(small) })
	measure("add-1024x1024", 100, func() { large.Add(large) })
	measure("matmul-64x64", 200, func() { small.Matmul(small) })
	measure("matmul-1024x1024", 20, func() { large.Matmul(large) })
	measure("softmax-1024x1024", 50, func() { large.Softmax(1) })

	net := nn.NewSequential(nn.NewLinear(784, 512), nn.NewReLU(), nn.NewLinear(512, 10))
	net.To(on.Device)
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.01})
	x, y := torch.Randn([]int{128, 784}, on), torch.Randint(0, 10, []int{128}, on)
	measure("train-784-512-10", 50, func() {
		optimizer.ZeroGrad()
		functional.CrossEntropy(net.Forward(x), y).Backward()
		optimizer.Step()
	})
}

// TestCheckSoak makes garbage of many times what a loop holds, and says how much of the device's memory it
// took: the garbage collector must see it.
func TestCheckSoak(t *testing.T) {
	device := checkDevice(t)
	accelerator.ResetPeakMemoryStats()
	const megabytes, turns = 64, 500
	x := torch.Zeros([]int{megabytes << 18}, torch.TensorOptions{Device: device})
	for range turns {
		x.Add(1) // left to the collector
	}
	device.Synchronize()
	peak := accelerator.MaxMemoryAllocated() >> 20
	fmt.Printf("soak %d MB at most of %d MB that were made\n", peak, megabytes*turns)
	assert.Less(t, peak, 4096)
}
