package cuda

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
)

var opSnapshot = torch.NewOperator("gotorch_cuda::snapshot(int first, int second) -> int[]")

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
func MemorySnapshot() []Segment { return snapshot("cuda.MemorySnapshot", accelerator.Pool{}) }

// snapshot returns the memory of a pool, or all for none.
func snapshot(op string, pool accelerator.Pool) []Segment {
	r := askLibrary(op, opSnapshot, func(c *torch.Call) {
		c.Int(pool[0])
		c.Int(pool[1])
	})
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
