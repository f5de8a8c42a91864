package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/cuda"
)

func TestParseDevice(t *testing.T) {
	for name, want := range map[string]torch.Device{"cpu": torch.CPU} {
		got, err := torch.ParseDevice(name)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, name, got.String())
		assert.True(t, got.IsCPU())
	}
	for _, bad := range []string{"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", "cpu:00", "CUDA"} {
		_, err := torch.ParseDevice(bad)
		assert.ErrorContains(t, err, "invalid device string", bad)
	}
	assert.Equal(t, "cuda:1", torch.CUDA(1).String())
	assert.Equal(t, 1, torch.CUDA(1).Index())
	assert.True(t, torch.CUDA(1).IsCUDA())
	assert.Equal(t, "cuda", torch.CUDA(1).Type())
}

// TestCUDAElsewhere asserts what a machine without CUDA says.
func TestCUDAElsewhere(t *testing.T) {
	if cuda.IsAvailable() {
		t.Skip("this machine has CUDA")
	}
	why := cuda.WhyUnavailable()
	assert.NotEmpty(t, why)
	assert.Zero(t, cuda.DeviceCount())
	_, err := torch.ParseDevice("cuda:0")
	assert.ErrorContains(t, err, "CUDA cannot be used: "+why)
	err = torch.Try(func() { torch.Ones([]int{1}).To(torch.CUDA(0)) })
	assert.ErrorContains(t, err, why)
	err = torch.Try(func() { torch.Ones([]int{1}, torch.TensorOptions{Device: torch.CUDA(0)}) })
	assert.ErrorContains(t, err, why)
	assert.ErrorContains(t, cuda.Synchronize(torch.CUDA(0)), why)
	assert.NoError(t, cuda.Synchronize(torch.CPU))
}

// TestCUDA computes on a CUDA device what the CPU computes.
func TestCUDA(t *testing.T) {
	if why := cuda.WhyUnavailable(); why != "" {
		t.Skip("no CUDA: " + why)
	}
	x := torch.Linspace(-1, 1, 12).Reshape(3, 4)
	y := x.To(torch.CUDA(0))
	assert.Equal(t, "cuda:0", y.Device().String())
	want, got := floats(x.Matmul(x.T())), floats(y.Matmul(y.T()))
	assert.InDeltaSlice(t, want, got, 1e-5)
	_, err := torch.ParseDevice("cuda:99")
	assert.ErrorContains(t, err, "invalid device ordinal")
}
