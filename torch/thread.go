package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
)

// maxThreads is how many threads an operation may use at most. With many more OpenMP
// ends the process.
const maxThreads = 4096

// checkThreads returns a number of threads that is in range.
func checkThreads(op string, threads int) int32 {
	if threads < 1 {
		panic(Errorf(op, ValueError, "expected a positive number of threads, got %d", threads))
	}
	if threads > maxThreads {
		panic(Errorf(op, ValueError, "expected at most %d threads, got %d", maxThreads, threads))
	}
	return int32(threads)
}

// SetNumThreads sets how many threads one operation may use on the CPU, 1 to 4096, in all
// goroutines but those within [WithNumThreads]. It panics on another number.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_num_threads.html
func SetNumThreads(threads int) {
	const op = "torch.SetNumThreads"
	check(op, cgotorch.SetNumThreads(checkThreads(op, threads)))
}

// NumThreads returns how many threads one operation may use on the CPU.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_num_threads.html
func NumThreads() int { return cgotorch.NumThreads() }

// WithNumThreads calls f, whose operations may use that many threads on the CPU,
// however many others may use ([SetNumThreads]). Give a goroutine that works beside
// others WithNumThreads(1): each that uses more has a pool of threads of its own,
// and together they are slower than one. It locks the goroutine to its thread
// until f returns, and panics on a number that SetNumThreads refuses.
func WithNumThreads(threads int, f func()) {
	mustCall("torch.WithNumThreads", f)
	number := checkThreads("torch.WithNumThreads", threads)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	before := cgotorch.LimitThreads(number)
	defer cgotorch.UnlimitThreads(before)
	f()
}

// SetNumInteropThreads sets how many threads may run parts of a program of
// TorchScript at a time. It works once, before the first such part runs, and panics
// after that.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_num_interop_threads.html
func SetNumInteropThreads(threads int) {
	const op = "torch.SetNumInteropThreads"
	check(op, cgotorch.InteropThreads.Set(int64(checkThreads(op, threads))))
}

// NumInteropThreads returns what [SetNumInteropThreads] sets.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_num_interop_threads.html
func NumInteropThreads() int { return int(cgotorch.InteropThreads.Get()) }
