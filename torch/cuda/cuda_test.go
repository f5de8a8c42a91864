package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/cuda"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// TestWithoutCUDA asserts what programs get where there is no CUDA: what Python gives, zeros
// and no seeds, and else an error that says why.
func TestWithoutCUDA(t *testing.T) {
	why := cuda.WhyUnavailable()
	if why == "" {
		t.Skip("this machine has CUDA")
	}
	assert.Zero(t, cuda.MemoryAllocated()+cuda.MaxMemoryAllocated()+cuda.MemoryReserved()+cuda.MaxMemoryReserved())
	assert.Empty(t, cuda.MemoryStats())
	cuda.EmptyCache()
	cuda.ResetPeakMemoryStats()
	cuda.ResetAccumulatedMemoryStats()
	cuda.ManualSeed(1)
	cuda.ManualSeedAll(1)
	cuda.Seed()
	cuda.SeedAll()
	assert.Empty(t, cuda.RNGStateAll())
	cuda.SetRNGStateAll(nil)
	assert.False(t, cuda.IsCurrentStreamCapturing())
	assert.False(t, cuda.IsBF16Supported())
	assert.False(t, cuda.IsTF32Supported())
	cuda.CachingAllocatorEnable(false)
	assert.Empty(t, cuda.HostMemoryStats())
	cuda.ResetPeakHostMemoryStats()
	cuda.ResetAccumulatedHostMemoryStats()
	assert.Empty(t, cuda.GetArchList())
	assert.Empty(t, cuda.GetGencodeFlags())
	assert.NoError(t, cuda.CheckError(0))
	assert.False(t, cuda.IsFlashAttentionAvailable())
	assert.False(t, cuda.CanUseFlashAttention(cuda.SDPAParams{}) || cuda.CanUseEfficientAttention(cuda.SDPAParams{}) || cuda.CanUseCuDNNAttention(cuda.SDPAParams{}))
	_, err := cuda.NewCUDAPluggableAllocator("lib.so", "allocate", "free")
	assert.ErrorContains(t, err, why)
	x := torch.Ones([]int{1})
	defer x.Close()
	called := false
	cuda.WithDeviceOf(x, func() { called = true })
	assert.True(t, called, "it is not on CUDA")

	for name, f := range map[string]func(){
		"CurrentDevice":               func() { cuda.CurrentDevice() },
		"SetDevice":                   func() { cuda.SetDevice(torch.CUDA(0)) },
		"WithDevice":                  func() { cuda.WithDevice(torch.CUDA(0), func() { t.Error("called") }) },
		"NewStream":                   func() { cuda.NewStream() },
		"CurrentStream":               func() { cuda.CurrentStream() },
		"DefaultStream":               func() { cuda.DefaultStream() },
		"NewEvent":                    func() { cuda.NewEvent() },
		"NewCUDAGraph":                func() { cuda.NewCUDAGraph() },
		"MemGetInfo":                  func() { cuda.MemGetInfo() },
		"MemorySummary":               func() { cuda.MemorySummary() },
		"MemorySnapshot":              func() { cuda.MemorySnapshot() },
		"GetAllocatorBackend":         func() { cuda.GetAllocatorBackend() },
		"GetPerProcessMemoryFraction": func() { cuda.GetPerProcessMemoryFraction() },
		"SetPerProcessMemoryFraction": func() { cuda.SetPerProcessMemoryFraction(0.5) },
		"GetDeviceName":               func() { cuda.GetDeviceName() },
		"GetDeviceCapability":         func() { cuda.GetDeviceCapability(torch.CUDA(0)) },
		"CanDeviceAccessPeer":         func() { cuda.CanDeviceAccessPeer(torch.CUDA(0), torch.CUDA(1)) },
		"InitialSeed":                 func() { cuda.InitialSeed() },
		"RNGState":                    func() { cuda.RNGState() },
		"SetRNGState":                 func() { cuda.SetRNGState(x) },
		"NVTXRange":                   func() { cuda.NVTXRange("range", func() { t.Error("called") }) },
		"NVTXRangeStart":              func() { cuda.NVTXRangeStart("range") },
		"NVTXRangeEnd":                func() { cuda.NVTXRangeEnd(1) },
		"NVTXMark":                    func() { cuda.NVTXMark("moment") },

		"Utilization":      func() { cuda.Utilization() },
		"MemoryUsage":      func() { cuda.MemoryUsage() },
		"Temperature":      func() { cuda.Temperature() },
		"PowerDraw":        func() { cuda.PowerDraw() },
		"ClockRate":        func() { cuda.ClockRate() },
		"ListGPUProcesses": func() { cuda.ListGPUProcesses() },

		"CachingAllocatorAlloc":        func() { cuda.CachingAllocatorAlloc(8) },
		"CachingAllocatorDelete":       func() { cuda.CachingAllocatorDelete(8) },
		"WithCachingAllocatorDisabled": func() { cuda.WithCachingAllocatorDisabled(func() { t.Error("called") }) },
		"ChangeCurrentAllocator":       func() { cuda.ChangeCurrentAllocator(new(cuda.CUDAPluggableAllocator)) },
		"NewMemPool":                   func() { cuda.NewMemPool() },
		"WithMemPool":                  func() { cuda.WithMemPool(new(cuda.MemPool), func() { t.Error("called") }) },
		"SetSyncDebugMode":             func() { cuda.SetSyncDebugMode(cuda.SyncWarn) },
		"GetSyncDebugMode":             func() { cuda.GetSyncDebugMode() },
		"GetStreamFromExternal":        func() { cuda.GetStreamFromExternal(0) },
		"CuFFTPlanCache":               func() { cuda.CuFFTPlanCache() },
	} {
		assert.ErrorContains(t, torch.Try(f), why, name)
	}
	assert.ErrorContains(t, cuda.CheckError(2), why)
	assert.ErrorContains(t, torch.Try(func() { cuda.RNGState(torch.CPU) }), "cuda.RNGState: Expected a cuda device, but got: cpu")
	assert.ErrorContains(t, torch.Try(func() { cuda.SetPerProcessMemoryFraction(1.5) }), "Invalid fraction value: 1.5. Allowed range: 0~1")
	assert.ErrorContains(t, torch.Try(func() { cuda.NVTXRange("range", nil) }), "f must not be nil")
	assert.ErrorContains(t, torch.Try(func() { cuda.CachingAllocatorAlloc(-1) }), "size must not be below 0, but got -1")
	assert.ErrorContains(t, torch.Try(func() { cuda.SetSyncDebugMode("loud") }), "invalid value of debug_mode")
	assert.ErrorContains(t, torch.Try(func() { new(cuda.MemPool).ID() }), "the pool is nil, or one that NewMemPool did not make")
	assert.ErrorContains(t, torch.Try(func() { cuda.ChangeCurrentAllocator(nil) }), "allocator must not be nil")
}
