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
	opSnapshot          = torch.NewOperator("gotorch_cuda::snapshot() -> int[]")
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
	const op = "cuda.GetAllocatorBackend"
	mustBe(op, nil)
	mustHaveExtra(op)
	var c torch.Call
	r := c.Results(opAllocatorBackend)
	return r.Text()
}

// Segment is memory that libtorch took from a device at a time, for many tensors.
type Segment struct {
	Device        int
	Address       uintptr
	TotalSize     int // bytes, as all sizes
	AllocatedSize int // of tensors
	ActiveSize    int // of tensors, and what streams still use
	RequestedSize int // what tensors asked for, before it was rounded up
	Stream        uintptr
	IsLarge       bool // of the pool for 1 MB and more
	IsExpandable  bool
	Blocks        []Block
}

// Block is a part of a [Segment]: a tensor's memory, or free.
type Block struct {
	Address       uintptr
	Size          int
	RequestedSize int
	State         BlockState
}

// BlockState says who has a [Block].
type BlockState string

// The states of blocks, with Python's names.
const (
	BlockAllocated   BlockState = "active_allocated"    // a tensor
	BlockPendingFree BlockState = "active_pending_free" // a stream, and no tensor any more
	BlockInactive    BlockState = "inactive"            // nobody
)

// MemorySnapshot returns all memory that libtorch holds of all devices. It panics without
// CUDA, and where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.memory_snapshot.html
func MemorySnapshot() []Segment {
	const op = "cuda.MemorySnapshot"
	mustBe(op, nil)
	mustHaveExtra(op)
	var c torch.Call
	r := c.Results(opSnapshot)
	numbers := make([]int, r.List())
	for i := range numbers {
		numbers[i] = r.Int()
	}
	return segments(numbers)
}

// segments reads what the operator gives: of each segment 9 numbers and how many blocks it
// has, and of each of these 4.
func segments(numbers []int) (list []Segment) {
	for len(numbers) > 0 {
		n := numbers
		s := Segment{Device: n[0], Address: uintptr(n[1]), TotalSize: n[2], AllocatedSize: n[3], ActiveSize: n[4],
			RequestedSize: n[5], Stream: uintptr(n[6]), IsLarge: n[7] != 0, IsExpandable: n[8] != 0}
		blocks := n[9]
		numbers = numbers[10:]
		address := s.Address
		for range blocks {
			b := Block{Address: address, Size: numbers[0], RequestedSize: numbers[1], State: BlockInactive}
			switch {
			case numbers[2] != 0:
				b.State = BlockAllocated
			case numbers[3] != 0:
				b.State = BlockPendingFree
			}
			s.Blocks = append(s.Blocks, b)
			address += uintptr(b.Size)
			numbers = numbers[4:]
		}
		list = append(list, s)
	}
	return list
}
