package accelerator

import "github.com/wangkuiyi/gotorch/torch"

// Allocate and Free are what package cuda's CachingAllocatorAlloc and CachingAllocatorDelete do
// for CUDA's devices.
func Allocate(device torch.Device, size int) (address uintptr) {
	internals.Accelerator("accelerator.Allocate", "memory.allocate", func(c *torch.Call) {
		c.Int(device.Index())
		c.Int(size)
	}, func(r *torch.Results) { address = uintptr(r.Int()) })
	return address
}

func Free(address uintptr) {
	internals.Accelerator("accelerator.Free", "memory.free", func(c *torch.Call) { c.Int(int(address)) }, nil)
}
