package torch_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestDefaultDType(t *testing.T) {
	assert.Equal(t, torch.Float32, torch.DefaultDType())
	torch.SetDefaultDType(torch.Float64)
	defer torch.SetDefaultDType(torch.Float32)
	assert.Equal(t, torch.Float64, torch.DefaultDType())
	assert.Equal(t, torch.Float64, torch.Zeros([]int{2}).DType())
	err := torch.Try(func() { torch.SetDefaultDType(torch.Int64) })
	assert.ErrorContains(t, err, "only floating-point types are supported as the default type")
}

func TestDeterministicAlgorithms(t *testing.T) {
	defer torch.UseDeterministicAlgorithms(false)
	assert.False(t, torch.AreDeterministicAlgorithmsEnabled())
	torch.UseDeterministicAlgorithms(true, torch.DeterministicOptions{WarnOnly: true})
	assert.True(t, torch.AreDeterministicAlgorithmsEnabled())
	assert.True(t, torch.IsDeterministicAlgorithmsWarnOnlyEnabled())
	torch.UseDeterministicAlgorithms(true)
	assert.True(t, torch.AreDeterministicAlgorithmsEnabled())
	assert.False(t, torch.IsDeterministicAlgorithmsWarnOnlyEnabled())
	if !torchtest.Old() {
		assert.True(t, torch.Empty([]int{8}).IsNaN().All().Bool(), "memory that nothing was written to has a value")
	}
	torch.UseDeterministicAlgorithms(false)
	assert.False(t, torch.AreDeterministicAlgorithmsEnabled())
}

func TestDeterministicDebugMode(t *testing.T) {
	defer torch.UseDeterministicAlgorithms(false)
	assert.Equal(t, "default", torch.DeterministicDebugMode())
	torch.SetDeterministicDebugMode("warn")
	assert.True(t, torch.AreDeterministicAlgorithmsEnabled())
	assert.True(t, torch.IsDeterministicAlgorithmsWarnOnlyEnabled())
	assert.Equal(t, "warn", torch.DeterministicDebugMode())
	torch.SetDeterministicDebugMode("error")
	assert.True(t, torch.AreDeterministicAlgorithmsEnabled())
	assert.False(t, torch.IsDeterministicAlgorithmsWarnOnlyEnabled())
	torch.SetDeterministicDebugMode("default")
	assert.False(t, torch.AreDeterministicAlgorithmsEnabled())
	torch.UseDeterministicAlgorithms(true)
	assert.Equal(t, "error", torch.DeterministicDebugMode())
	e := torchtest.Fails(t, func() { torch.SetDeterministicDebugMode("off") })
	assert.Equal(t, torch.RuntimeError, e.Kind)
	assert.Equal(t, "invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got off", e.Message)
}

func ExampleSetDeterministicDebugMode() {
	torch.SetDeterministicDebugMode("error")
	fmt.Println(torch.AreDeterministicAlgorithmsEnabled(), torch.DeterministicDebugMode())
	torch.SetDeterministicDebugMode("default")
	fmt.Println(torch.AreDeterministicAlgorithmsEnabled(), torch.DeterministicDebugMode())
	// Output:
	// true error
	// false default
}

func TestFloat32MatmulPrecision(t *testing.T) {
	defer torch.SetFloat32MatmulPrecision("highest")
	for _, precision := range []string{"medium", "high", "highest"} {
		torch.SetFloat32MatmulPrecision(precision)
		assert.Equal(t, precision, torch.Float32MatmulPrecision())
	}
	err := torch.Try(func() { torch.SetFloat32MatmulPrecision("low") })
	assert.ErrorContains(t, err, "low is not one of 'highest', 'high', or 'medium'")
}

func TestFlushDenormal(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tiny := torch.Full([]int{1}, 1e-310, torch.TensorOptions{DType: torch.Float64})
	assert.Equal(t, 2e-310, tiny.Mul(2).Item())
	if torch.SetFlushDenormal(true) {
		assert.Zero(t, tiny.Mul(2).Item())
		torch.SetFlushDenormal(false)
	}
	assert.Equal(t, 2e-310, tiny.Mul(2).Item())
}

func TestInteropThreads(t *testing.T) { assert.Positive(t, torch.NumInteropThreads()) }
