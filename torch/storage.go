package torch

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Storage is the memory of tensors: PyTorch's UntypedStorage, and in files also its
// TypedStorage, which knows the dtype of its elements.
//
// https://docs.pytorch.org/docs/stable/storage.html
type Storage struct {
	elements *Tensor // all of them, Uint8 if there is no dtype
	typed    bool
}

// UntypedStorage returns the tensor's memory, which it shares with the tensor. Close it
// when it is not used any more. It panics for tensors without memory of their own, such as
// sparse ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.untyped_storage.html
func (x *Tensor) UntypedStorage() *Storage {
	const op = "torch.Tensor.UntypedStorage"
	handle := x.storageHandle(op)
	defer cgotorch.FreeStorage(handle)
	return &Storage{elements: onStorage(handle, Uint8, x.Device(), 0, []int{x.storageBytes(op)}, []int{1})}
}

// storageBytes returns the size of the tensor's storage.
func (x *Tensor) storageBytes(op string) int {
	var info cgotorch.Info
	x.info(op, &info)
	return info.StorageBytes()
}

// NBytes returns the size in bytes.
func (s *Storage) NBytes() int { return s.elements.Numel() * s.elements.ElementSize() }

// Device returns where the memory is.
func (s *Storage) Device() Device { return s.elements.Device() }

// DType returns the dtype of the elements, or 0 for untyped storages.
func (s *Storage) DType() DType {
	if !s.typed {
		return 0
	}
	return s.elements.DType()
}

// Tensor returns a tensor of one dimension whose elements are the memory, of the
// storage's dtype or, for untyped ones, Uint8. It shares the memory.
func (s *Storage) Tensor() *Tensor { return s.elements.View(s.elements.Numel()) }

// Close lets go of the memory, which stays as long as tensors have it.
func (s *Storage) Close() { s.elements.Close() }

// String returns what the storage is, without its elements.
func (s *Storage) String() string {
	if !s.typed {
		return fmt.Sprintf("torch.UntypedStorage(device=%v) of size %d", s.Device(), s.NBytes())
	}
	return fmt.Sprintf("torch.TypedStorage(dtype=%v, device=%v) of size %d", s.DType(), s.Device(), s.elements.Numel())
}

var opSetStorage = NewOperator("aten::set_.source_Storage_storage_offset(Tensor(a!) self, Storage source, SymInt storage_offset, SymInt[] size, SymInt[] stride=[]) -> Tensor(a!)")

// onStorage returns a tensor whose elements are in a storage.
func onStorage(storage cgotorch.Handle, dtype DType, device Device, offset int, size, stride []int) *Tensor {
	x := Empty([]int{0}, TensorOptions{DType: dtype, Device: device})
	setStorage(x, storage, offset, size, stride)
	return x
}

// setStorage makes a tensor one whose elements are in a storage.
func setStorage(x *Tensor, storage cgotorch.Handle, offset int, size, stride []int) {
	var c Call
	c.Tensor(x)
	c.args.Storage(storage)
	c.Int(offset)
	c.Ints(size)
	c.Ints(stride)
	c.Do(opSetStorage)
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
	readsHost("torch.Memory", x)
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

// MapFile returns a tensor of the bytes of a file of a size, mapped privately: changes to it
// stay in memory.
func (exports) MapFile(path string, size int) *Tensor {
	return FromFile(path, FromFileOptions{Size: size, TensorOptions: TensorOptions{DType: Uint8, Device: CPU}})
}

// Unload lets the memory of a tensor of a mapped file go, until it is read again.
func (exports) Unload(x *Tensor) {
	handle := x.storageHandle("torch.Unload")
	defer cgotorch.FreeStorage(handle)
	cgotorch.UnloadStorage(handle)
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
