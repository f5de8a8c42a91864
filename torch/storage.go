package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
)

var opSetStorage = NewOperator("aten::set_.source_Storage_storage_offset(Tensor(a!) self, Storage source, SymInt storage_offset, SymInt[] size, SymInt[] stride=[]) -> Tensor(a!)")

// onStorage returns a tensor whose elements are in a storage.
func onStorage(storage cgotorch.Handle, dtype DType, device Device, offset int, size, stride []int) *Tensor {
	x := Empty([]int{0}, TensorOptions{DType: dtype, Device: device})
	var c Call
	c.Tensor(x)
	c.args.Storage(storage)
	c.Int(offset)
	c.Ints(size)
	c.Ints(stride)
	c.Do(opSetStorage)
	return x
}

// storageHandle returns a handle to a tensor's storage, which [cgotorch.FreeStorage] drops.
func (x *Tensor) storageHandle(op string) cgotorch.Handle {
	handle, failed := cgotorch.StorageOf(x.use(op))
	x.release()
	check(op, failed)
	return handle
}

// Memory returns the bytes of a CPU tensor's storage, which are there until the tensor
// and all that share its memory are closed; nil for other devices.
func (exports) Memory(x *Tensor) []byte {
	handle := x.storageHandle("torch.Memory")
	defer cgotorch.FreeStorage(handle)
	return cgotorch.StorageData(handle)
}

// StorageID returns a number that a tensor's storage has and no other that is alive.
func (exports) StorageID(x *Tensor) uint64 {
	handle := x.storageHandle("torch.StorageID")
	cgotorch.FreeStorage(handle)
	return uint64(handle)
}

// Part returns a tensor whose storage is a part of a CPU tensor's memory: so many bytes
// from offset on, which are its elements one after the other. If x is of a mapped file, the
// part's pages leave memory when it is closed.
func (exports) Part(x *Tensor, offset, bytes int, mapped bool, dtype DType, shape []int) *Tensor {
	handle := x.storageHandle("torch.Part")
	defer cgotorch.FreeStorage(handle)
	part, failed := cgotorch.StoragePart(handle, offset, bytes, mapped)
	check("torch.Part", failed)
	defer cgotorch.FreeStorage(part)
	return onStorage(part, dtype, CPU, 0, shape, contiguous(shape))
}

// contiguous returns the strides of a tensor whose elements are one after the other.
func contiguous(shape []int) []int {
	stride := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		stride[i] = n
		n *= max(shape[i], 1)
	}
	return stride
}
