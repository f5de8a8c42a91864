package cgotorch

/*
#include "trampolines.h"
#cgo noescape ctorch_tensor_from_data
#cgo nocallback ctorch_tensor_from_data
#cgo noescape ctorch_tensor_elements
#cgo nocallback ctorch_tensor_elements
#cgo noescape ctorch_copy
#cgo nocallback ctorch_copy
#cgo noescape ctorch_tensor_info
#cgo nocallback ctorch_tensor_info
*/
import "C"

import "unsafe"

// FromData makes a CPU tensor with a copy of bytes bytes at data, which may be
// nil where bytes is 0. dtype is libtorch's number of it.
func FromData(data unsafe.Pointer, bytes int, sizes []int, dtype int32) (tensor Handle, scope uint64, err *Error) {
	mustLoad()
	var room [8]int64
	shape := room[:0]
	for _, size := range sizes {
		shape = append(shape, int64(size))
	}
	var words [2]uint64
	gate.enter()
	status := C.ctorch_tensor_from_data(data, C.int64_t(bytes), (*C.int64_t)(unsafe.SliceData(shape)),
		C.int32_t(len(shape)), C.int32_t(dtype), (*C.uint64_t)(&words[0]))
	gate.leave()
	if status.error != nil {
		return 0, 0, takeError(status.error)
	}
	if status.pressure != 0 {
		relieve()
	}
	return Handle(words[1]), uint64(status.scope), nil
}

// Elements returns a CPU tensor of the elements in row-major order, converted to
// dtype, and where they are and how many. It may share the tensor's memory, and
// keeps it alive; the caller frees it.
func Elements(tensor Handle, dtype int32) (elements Handle, data unsafe.Pointer, count int, err *Error) {
	var handle C.uint64_t
	var n C.int64_t
	gate.enter()
	fault := C.ctorch_tensor_elements(C.uint64_t(tensor), C.int32_t(dtype), &handle, &data, &n)
	gate.leave()
	return Handle(handle), data, int(n), takeError(fault)
}

// Copy copies bytes to and from memory that do not overlap. Of many it is faster than Go's
// copy, which writes past the processor's caches.
func Copy(to, from unsafe.Pointer, bytes int) {
	gate.enter()
	C.ctorch_copy(to, from, C.int64_t(bytes))
	gate.leave()
}

// Info is what a tensor says of itself.
type Info struct {
	head    [C.CTORCH_INFO_HEAD + 2*8]int64
	outsize []int64 // all of it, for more than 8 dimensions
}

// TensorInfo asks a tensor for all that Info holds, in one call.
func TensorInfo(tensor Handle, info *Info) *Error {
	var needed C.int32_t
	err := C.ctorch_tensor_info(C.uint64_t(tensor), (*C.int64_t)(&info.head[0]), C.int32_t(len(info.head)), &needed)
	if err == nil && int(needed) > len(info.head) {
		info.outsize = make([]int64, int(needed))
		err = C.ctorch_tensor_info(C.uint64_t(tensor), (*C.int64_t)(&info.outsize[0]), needed, &needed)
	}
	return takeError(err)
}

// DType returns libtorch's number of the dtype.
func (i *Info) DType() int32 { return int32(i.head[C.CTORCH_INFO_DTYPE]) }

// Device returns the device's type and index.
func (i *Info) Device() (deviceType, index int32) {
	word := uint64(i.head[C.CTORCH_INFO_DEVICE])
	return int32(word), int32(word >> 32)
}

// Dim returns the number of dimensions.
func (i *Info) Dim() int { return int(i.head[C.CTORCH_INFO_DIM]) }

// Numel returns the number of elements.
func (i *Info) Numel() int { return int(i.head[C.CTORCH_INFO_NUMEL]) }

// ItemSize returns the size of an element in bytes.
func (i *Info) ItemSize() int { return int(i.head[C.CTORCH_INFO_ITEM_SIZE]) }

// StorageOffset returns the offset of the first element, in elements.
func (i *Info) StorageOffset() int { return int(i.head[C.CTORCH_INFO_OFFSET]) }

// Layout returns libtorch's number of the layout.
func (i *Info) Layout() int32 { return int32(i.head[C.CTORCH_INFO_LAYOUT]) }

// StorageBytes returns the size of the storage in bytes.
func (i *Info) StorageBytes() int { return int(i.head[C.CTORCH_INFO_STORAGE_BYTES]) }

func (i *Info) flag(bit int64) bool { return i.head[C.CTORCH_INFO_FLAGS]&bit != 0 }

// RequiresGrad reports whether the tensor takes part in autograd.
func (i *Info) RequiresGrad() bool { return i.flag(C.CTORCH_FLAG_REQUIRES_GRAD) }

// IsLeaf reports whether no recorded operation made the tensor.
func (i *Info) IsLeaf() bool { return i.flag(C.CTORCH_FLAG_LEAF) }

// IsContiguous reports whether the elements lie in row-major order.
func (i *Info) IsContiguous() bool { return i.flag(C.CTORCH_FLAG_CONTIGUOUS) }

// IsInference reports whether the tensor was made in inference mode.
func (i *Info) IsInference() bool { return i.flag(C.CTORCH_FLAG_INFERENCE) }

// Sizes returns the size of each dimension.
func (i *Info) Sizes() []int { return i.tail(0) }

// Strides returns the stride of each dimension, in elements.
func (i *Info) Strides() []int { return i.tail(i.Dim()) }

// Size returns the size of dimension d, which must be in range.
func (i *Info) Size(d int) int { return int(i.all()[C.CTORCH_INFO_HEAD+d]) }

func (i *Info) all() []int64 {
	if i.outsize != nil {
		return i.outsize
	}
	return i.head[:]
}

func (i *Info) tail(from int) []int {
	values := i.all()[C.CTORCH_INFO_HEAD+from:][:i.Dim()]
	list := make([]int, len(values))
	for k, v := range values {
		list[k] = int(v)
	}
	return list
}
