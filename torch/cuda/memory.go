package cuda

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

// MemoryStats returns what the allocator of a device, or of the current one, has counted, by
// Python's names; nothing without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.memory_stats.html
func MemoryStats(device ...torch.Device) map[string]int { return accelerator.MemoryStats(device...) }

// MemoryAllocated returns how many bytes tensors hold on a device, or on the current one, 0
// without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.memory_allocated.html
func MemoryAllocated(device ...torch.Device) int { return accelerator.MemoryAllocated(device...) }

// MaxMemoryAllocated returns the most that [MemoryAllocated] was.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.max_memory_allocated.html
func MaxMemoryAllocated(device ...torch.Device) int { return accelerator.MaxMemoryAllocated(device...) }

// MemoryReserved returns how many bytes libtorch holds of a device, or of the current one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.memory_reserved.html
func MemoryReserved(device ...torch.Device) int { return accelerator.MemoryReserved(device...) }

// MaxMemoryReserved returns the most that [MemoryReserved] was.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.max_memory_reserved.html
func MaxMemoryReserved(device ...torch.Device) int { return accelerator.MaxMemoryReserved(device...) }

// ResetPeakMemoryStats lets the peaks of a device, or of the current one, begin with what
// there is now.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_peak_memory_stats.html
func ResetPeakMemoryStats(device ...torch.Device) { accelerator.ResetPeakMemoryStats(device...) }

// ResetAccumulatedMemoryStats lets the sums of a device, or of the current one, begin with 0.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_accumulated_memory_stats.html
func ResetAccumulatedMemoryStats(device ...torch.Device) {
	accelerator.ResetAccumulatedMemoryStats(device...)
}

// EmptyCache gives the memory that libtorch keeps for later tensors back to the devices.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.empty_cache.html
func EmptyCache() { accelerator.EmptyCache() }

// MemGetInfo returns how many bytes of a device, or of the current one, are free, for all
// programs, and how many there are.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.mem_get_info.html
func MemGetInfo(device ...torch.Device) (free, total int) {
	return accelerator.GetMemoryInfo(device...)
}

var (
	opMemoryFraction    = torch.NewOperator("gotorch_cuda::memory_fraction(int device) -> float")
	opSetMemoryFraction = torch.NewOperator("gotorch_cuda::set_memory_fraction(float fraction, int device) -> ()")
	opAllocatorBackend  = torch.NewOperator("gotorch_cuda::allocator_backend() -> str")
)

// SetPerProcessMemoryFraction bounds how much of the memory of a device, or of the current one,
// the program may take: 0.5 is half of it. It panics with a number that is not from 0 to 1,
// where the device is not there, and where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.set_per_process_memory_fraction.html
func SetPerProcessMemoryFraction(fraction float64, device ...torch.Device) {
	const op = "cuda.SetPerProcessMemoryFraction"
	if !(fraction >= 0 && fraction <= 1) {
		panic(torch.Errorf(op, torch.ValueError, "Invalid fraction value: %v. Allowed range: 0~1", fraction))
	}
	ask(op, opSetMemoryFraction, device, func(c *torch.Call) { c.Float(fraction) })
}

// GetPerProcessMemoryFraction returns what [SetPerProcessMemoryFraction] set, at first 1.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.get_per_process_memory_fraction.html
func GetPerProcessMemoryFraction(device ...torch.Device) float64 {
	r := ask("cuda.GetPerProcessMemoryFraction", opMemoryFraction, device, nil)
	return r.Float()
}

// GetAllocatorBackend returns the name of the allocator: "native" or "cudaMallocAsync".
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.get_allocator_backend.html
func GetAllocatorBackend() string {
	r := askLibrary("cuda.GetAllocatorBackend", opAllocatorBackend, nil)
	return r.Text()
}
