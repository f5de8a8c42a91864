package torch

import "github.com/wangkuiyi/gotorch/cgotorch"

// Version returns the version of the libtorch in use, such as "2.15.0".
func Version() string { return cgotorch.Version() }

// CPUCapability returns the vector instructions that libtorch uses on this
// machine, such as "AVX2" or "AVX512". Results may differ in the last bits
// between them.
//
// https://docs.pytorch.org/docs/stable/backends.html
func CPUCapability() string { return cgotorch.CPUCapability() }

// SetNumThreads sets how many threads one operation may use on the CPU. Call it
// before other goroutines use tensors.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_num_threads.html
func SetNumThreads(threads int) { check("torch.SetNumThreads", cgotorch.SetNumThreads(threads)) }

// NumThreads returns how many threads one operation may use on the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_num_threads.html
func NumThreads() int { return cgotorch.NumThreads() }
