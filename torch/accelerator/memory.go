package accelerator

import "github.com/wangkuiyi/gotorch/torch"

// MemoryStats returns what the allocator of a device, or of the current one, has counted, by
// Python's names, such as "allocated_bytes.all.current"; nothing before the first tensor, or
// where there is no accelerator. It panics where the device is not the accelerator's.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.memory_stats.html
func MemoryStats(device ...torch.Device) map[string]int {
	const op = "accelerator.MemoryStats"
	stats := map[string]int{}
	if !IsAvailable() {
		return stats
	}
	index := indexOf(op, device)
	internals.Accelerator(op, "memory.stats", func(c *torch.Call) { c.Int(index) }, func(r *torch.Results) { takeStats(r, stats) })
	return stats
}

func takeStats(r *torch.Results, stats map[string]int) {
	for range r.Dict() {
		name := r.Text()
		stats[name] = r.Int()
	}
}

// MemoryAllocated returns how many bytes tensors hold on a device, or on the current one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.memory_allocated.html
func MemoryAllocated(device ...torch.Device) int {
	return MemoryStats(device...)["allocated_bytes.all.current"]
}

// MaxMemoryAllocated returns the most that [MemoryAllocated] was, since the start or
// [ResetPeakMemoryStats].
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.max_memory_allocated.html
func MaxMemoryAllocated(device ...torch.Device) int {
	return MemoryStats(device...)["allocated_bytes.all.peak"]
}

// MemoryReserved returns how many bytes libtorch holds of a device, or of the current one:
// those of tensors and those that it keeps for later ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.memory_reserved.html
func MemoryReserved(device ...torch.Device) int {
	return MemoryStats(device...)["reserved_bytes.all.current"]
}

// MaxMemoryReserved returns the most that [MemoryReserved] was, since the start or
// [ResetPeakMemoryStats].
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.max_memory_reserved.html
func MaxMemoryReserved(device ...torch.Device) int {
	return MemoryStats(device...)["reserved_bytes.all.peak"]
}

// ResetPeakMemoryStats lets the peaks of a device, or of the current one, begin with what
// there is now. Without an accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.reset_peak_memory_stats.html
func ResetPeakMemoryStats(device ...torch.Device) {
	reset("accelerator.ResetPeakMemoryStats", "memory.reset_peak", device)
}

// ResetAccumulatedMemoryStats lets the sums of a device, or of the current one, begin with 0:
// what was ever allocated and freed. Without an accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.reset_accumulated_memory_stats.html
func ResetAccumulatedMemoryStats(device ...torch.Device) {
	reset("accelerator.ResetAccumulatedMemoryStats", "memory.reset_accumulated", device)
}

func reset(op, method string, device []torch.Device) {
	if IsAvailable() {
		index := indexOf(op, device)
		internals.Accelerator(op, method, func(c *torch.Call) { c.Int(index) }, nil)
	}
}

// EmptyCache gives the memory that libtorch keeps for later tensors back to the devices. It
// frees no tensor: those that nobody refers to any more go with runtime.GC. Without an
// accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.empty_cache.html
func EmptyCache() { unlessAbsent("accelerator.EmptyCache", "memory.empty_cache") }

// EmptyHostCache gives page-locked memory that libtorch keeps for later tensors back to the
// system. Without an accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.empty_host_cache.html
func EmptyHostCache() { unlessAbsent("accelerator.EmptyHostCache", "memory.empty_host_cache") }

// unlessAbsent calls a method, or nothing where there is no accelerator.
func unlessAbsent(op, method string) {
	if IsAvailable() {
		internals.Accelerator(op, method, nil, nil)
	}
}

// HostMemoryStats returns what the allocator of page-locked memory has counted, by Python's
// names, such as "allocated_bytes.current"; nothing where there is no accelerator.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.host_memory_stats.html
func HostMemoryStats() map[string]int {
	stats := map[string]int{}
	if IsAvailable() {
		internals.Accelerator("accelerator.HostMemoryStats", "memory.host_stats", nil, func(r *torch.Results) { takeStats(r, stats) })
	}
	return stats
}

// ResetPeakHostMemoryStats lets the peaks of [HostMemoryStats] begin with what there is now.
// Without an accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_peak_host_memory_stats.html
func ResetPeakHostMemoryStats() {
	unlessAbsent("accelerator.ResetPeakHostMemoryStats", "memory.reset_host_peak")
}

// ResetAccumulatedHostMemoryStats lets the sums of [HostMemoryStats] begin with 0. Without an
// accelerator it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_accumulated_host_memory_stats.html
func ResetAccumulatedHostMemoryStats() {
	unlessAbsent("accelerator.ResetAccumulatedHostMemoryStats", "memory.reset_host_accumulated")
}

// GetMemoryInfo returns how many bytes of a device, or of the current one, are free, for all
// programs, and how many there are. It panics where there is no accelerator.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.memory.get_memory_info.html
func GetMemoryInfo(device ...torch.Device) (free, total int) {
	const op = "accelerator.GetMemoryInfo"
	index := indexOf(op, device)
	internals.Accelerator(op, "memory.info", func(c *torch.Call) { c.Int(index) }, func(r *torch.Results) {
		free = r.Int()
		total = r.Int()
	})
	return free, total
}
