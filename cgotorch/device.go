package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// CUDACount returns how many CUDA devices can be used.
func CUDACount() int { mustLoad(); return int(C.ctorch_cuda_count()) }

// CUDATrouble returns in words why CUDA cannot be used, or "".
func CUDATrouble() string { mustLoad(); return reason }

// CPUCapability returns the vector instructions that libtorch uses, such as
// "AVX2" or "AVX512".
func CPUCapability() string { mustLoad(); return C.GoString(C.ctorch_cpu_capability()) }
