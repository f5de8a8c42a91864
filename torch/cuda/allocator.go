package cuda

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

const allocatorType = "__torch__.torch.classes.gotorch_cuda.Allocator"

var (
	opCachingEnabled = torch.NewOperator("gotorch_cuda::caching_enabled() -> bool")
	opEnableCaching  = torch.NewOperator("gotorch_cuda::enable_caching(bool on) -> ()")
	opLoadAllocator  = torch.NewOperator("gotorch_cuda::load_allocator(str path, str allocate, str free) -> " + allocatorType)
	opUseAllocator   = torch.NewOperator("gotorch_cuda::use_allocator(" + allocatorType + " allocator) -> ()")
)

// CachingAllocatorAlloc returns the address of so many bytes of a device, or of the current
// one, from libtorch's allocator and for the current stream, for libraries that take one. The
// garbage collector does not free it: [CachingAllocatorDelete] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.caching_allocator_alloc.html
func CachingAllocatorAlloc(size int, device ...torch.Device) (address uintptr) {
	const op = "cuda.CachingAllocatorAlloc"
	if size < 0 {
		panic(torch.Errorf(op, torch.ValueError, "size must not be below 0, but got %d", size))
	}
	on := mustBe(op, device)
	internals.Accelerator(op, "memory.allocate", func(c *torch.Call) {
		c.Int(on.Index())
		c.Int(size)
	}, func(r *torch.Results) { address = uintptr(r.Int()) })
	return address
}

// CachingAllocatorDelete frees what [CachingAllocatorAlloc] returned. It panics for another
// address.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.caching_allocator_delete.html
func CachingAllocatorDelete(address uintptr) {
	const op = "cuda.CachingAllocatorDelete"
	mustBe(op, nil)
	internals.Accelerator(op, "memory.free", func(c *torch.Call) { c.Int(int(address)) }, nil)
}

// CachingAllocatorEnable says whether freed memory is kept for later tensors, as it is at
// first. Without CUDA it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.caching_allocator_enable.html
func CachingAllocatorEnable(on bool) {
	if IsAvailable() {
		askLibrary("cuda.CachingAllocatorEnable", opEnableCaching, func(c *torch.Call) { c.Bool(on) })
	}
}

// WithCachingAllocatorDisabled calls f while freed memory goes back to the device at once, in
// all goroutines. It panics without CUDA.
//
// https://docs.pytorch.org/docs/stable/cuda.html
func WithCachingAllocatorDisabled(f func()) {
	const op = "cuda.WithCachingAllocatorDisabled"
	argument.NotNil(op, "f", f)
	r := askLibrary(op, opCachingEnabled, nil)
	before := r.Bool()
	CachingAllocatorEnable(false)
	defer CachingAllocatorEnable(before)
	f()
}

// CUDAPluggableAllocator is an allocator of a library of one's own.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.CUDAPluggableAllocator.html
type CUDAPluggableAllocator struct{ object *torch.Object } //nolint:revive // PyTorch's name

// NewCUDAPluggableAllocator opens a library, which stays open, and returns the allocator of
// two of its functions:
//
//	void* allocate(size_t size, int device, cudaStream_t stream);
//	void free(void* address, size_t size, int device, cudaStream_t stream);
//
// It fails where the library or a function is not there, without CUDA, and where gotorch was
// installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.CUDAPluggableAllocator.html
func NewCUDAPluggableAllocator(path, allocate, free string) (a *CUDAPluggableAllocator, err error) {
	err = torch.Try(func() {
		r := askLibrary("cuda.NewCUDAPluggableAllocator", opLoadAllocator, func(c *torch.Call) {
			c.String(path)
			c.String(allocate)
			c.String(free)
		})
		a = &CUDAPluggableAllocator{r.Object()}
	})
	return a, err
}

// ChangeCurrentAllocator lets all tensors take their memory from an allocator. It panics where
// a device was used already, since memory goes back to where it came from.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.change_current_allocator.html
func ChangeCurrentAllocator(allocator *CUDAPluggableAllocator) {
	const op = "cuda.ChangeCurrentAllocator"
	argument.NotNil(op, "allocator", allocator)
	askLibrary(op, opUseAllocator, func(c *torch.Call) { c.Object(allocator.object) })
}

// HostMemoryStats returns what the allocator of page-locked memory has counted, by Python's
// names, such as "allocated_bytes.current"; nothing without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.host_memory_stats.html
func HostMemoryStats() map[string]int { return accelerator.HostMemoryStats() }

// ResetPeakHostMemoryStats lets the peaks of [HostMemoryStats] begin with what there is now.
// Without CUDA it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_peak_host_memory_stats.html
func ResetPeakHostMemoryStats() { accelerator.ResetPeakHostMemoryStats() }

// ResetAccumulatedHostMemoryStats lets the sums of [HostMemoryStats] begin with 0. Without CUDA
// it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.reset_accumulated_host_memory_stats.html
func ResetAccumulatedHostMemoryStats() { accelerator.ResetAccumulatedHostMemoryStats() }
