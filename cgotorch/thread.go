package cgotorch

/*
#include "trampolines.h"
#cgo noescape cgotorch_thread_device
#cgo nocallback cgotorch_thread_device
#cgo noescape cgotorch_modes_nest
#cgo nocallback cgotorch_modes_nest
#cgo noescape cgotorch_modes_begin
#cgo nocallback cgotorch_modes_begin
#cgo noescape cgotorch_modes_end
#cgo nocallback cgotorch_modes_end
*/
import "C"

import (
	"runtime"
	"syscall"
	"time"
)

// modes is where goroutines in modes have places.
var modes = newLobby(max(16, 4*runtime.GOMAXPROCS(0)), 100*time.Millisecond, new(load).computes)

// load looks at how much processor time the process takes.
type load struct {
	at, used time.Duration
}

// computes reports whether the process took more than a hundredth of a processor since
// it was last asked. Where the machine is busy that says more than time alone.
func (l *load) computes() bool {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return true
	}
	now, used := now(), time.Duration(usage.Utime.Nano()+usage.Stime.Nano())
	computes := used-l.used > (now-l.at)/100
	l.at, l.used = now, used
	return computes
}

// LockThread locks the goroutine to its thread for a mode, which libtorch keeps
// there, until UnlockThread. It waits while very many goroutines are in modes, and is
// not locked meanwhile, not even for a moment: ten thousand moments are as many threads.
func LockThread() {
	// A goroutine in a mode is on the thread whose number of modes says so, and on
	// no such thread is any other.
	if !C.cgotorch_modes_nest() {
		modes.enter()
		runtime.LockOSThread()
		C.cgotorch_modes_begin()
		return
	}
	runtime.LockOSThread()
}

// UnlockThread undoes LockThread, after the mode was set back.
func UnlockThread() {
	if C.cgotorch_modes_end() {
		modes.leave()
	}
	runtime.UnlockOSThread()
}

// now is the machine's clock, which runs in a bubble of testing/synctest, too.
func now() time.Duration { return time.Duration(C.cgotorch_now()) }

// sleep sleeps by that clock.
func sleep(d time.Duration) { C.cgotorch_sleep(C.int(d.Microseconds())) }

// ThreadDevice is a number that stands for a device and that the calling thread holds for
// Go, 0 for none.
type ThreadDevice int32

// What threads hold.
const (
	FactoryDevice ThreadDevice = iota // the one that tensors are made on where none is given
	CurrentDevice                     // the accelerator's that is meant where an index is missing
)

// Get returns the calling thread's number.
func (d ThreadDevice) Get() uint32 { return uint32(C.cgotorch_thread_device(C.int32_t(d))) }

// Set sets the calling thread's number and returns the one before. The goroutine must be
// locked to its thread until it has set that one back.
func (d ThreadDevice) Set(device uint32) uint32 {
	return uint32(C.cgotorch_thread_device_set(C.int32_t(d), C.uint32_t(device)))
}

// SetNumThreads sets how many threads an operator may use on the CPU. Threads of the system
// that have computed before hear of it at their next call.
func SetNumThreads(threads int32) *Error {
	mustLoad()
	return takeError(C.ctorch_set_num_threads(C.int32_t(threads)))
}

// NumThreads returns how many threads an operator may use on the CPU.
func NumThreads() int { mustLoad(); return int(C.ctorch_num_threads()) }

// LimitThreads sets how many threads operators that are called on this thread may use, until
// UnlimitThreads, which takes what it returns. The goroutine must be locked to its thread.
func LimitThreads(threads int32) (before int32) {
	mustLoad()
	return int32(C.ctorch_thread_limit(C.int32_t(threads)))
}

// UnlimitThreads undoes LimitThreads.
func UnlimitThreads(before int32) { C.ctorch_thread_unlimit(C.int32_t(before)) }
