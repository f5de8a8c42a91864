package cgotorch

/*
#include "trampolines.h"
#cgo noescape cgotorch_thread_device
#cgo nocallback cgotorch_thread_device
*/
import "C"

// CUDACount returns how many CUDA devices can be used.
func CUDACount() int { mustLoad(); return int(C.ctorch_cuda_count()) }

// CUDATrouble returns in words why CUDA cannot be used, or "".
func CUDATrouble() string { mustLoad(); return reason }

// CUDASynchronize waits for all work on a CUDA device.
func CUDASynchronize(index int32) *Error {
	mustLoad()
	return takeError(C.ctorch_cuda_synchronize(C.int32_t(index)))
}

// ThreadDevice returns the number that SetThreadDevice gave the calling thread, or 0.
func ThreadDevice() uint32 { return uint32(C.cgotorch_thread_device()) }

// SetThreadDevice gives the calling thread a number that stands for its default
// device and returns the one before. The goroutine must be locked to its thread
// until it has set that one back.
func SetThreadDevice(device uint32) uint32 {
	return uint32(C.cgotorch_thread_device_set(C.uint32_t(device)))
}

// SetNumThreads sets how many threads an operator may use on the CPU.
func SetNumThreads(threads int) *Error {
	mustLoad()
	return takeError(C.ctorch_set_num_threads(C.int32_t(threads)))
}

// NumThreads returns how many threads an operator may use on the CPU.
func NumThreads() int { mustLoad(); return int(C.ctorch_num_threads()) }

// LimitThreads sets how many threads operators that are called on this thread may
// use, and returns how many it was. The goroutine must be locked to its thread.
func LimitThreads(threads int) int {
	mustLoad()
	return int(C.ctorch_thread_limit(C.int32_t(threads)))
}

// CPUCapability returns the vector instructions that libtorch uses, such as
// "AVX2" or "AVX512".
func CPUCapability() string { mustLoad(); return C.GoString(C.ctorch_cpu_capability()) }
