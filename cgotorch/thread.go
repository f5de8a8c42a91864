package cgotorch

/*
#include "trampolines.h"
#cgo noescape cgotorch_thread_device
#cgo nocallback cgotorch_thread_device
#cgo noescape cgotorch_modes_add
#cgo nocallback cgotorch_modes_add
*/
import "C"

import (
	"runtime"
	"time"
)

// modes is where goroutines in modes have places.
var modes = newLobby(max(16, 4*runtime.GOMAXPROCS(0)), 20*time.Millisecond, func() bool { return gate.inside.Load() > 0 })

// LockThread locks the goroutine to its thread for a mode, which libtorch keeps
// there, until UnlockThread. It waits while very many goroutines are in modes.
func LockThread() {
	runtime.LockOSThread()
	if C.cgotorch_modes_add(1) > 0 || modes.tryEnter() {
		return
	}
	C.cgotorch_modes_add(-1)
	runtime.UnlockOSThread()
	modes.enter()
	runtime.LockOSThread()
	C.cgotorch_modes_add(1)
}

// UnlockThread undoes LockThread, after the mode was set back.
func UnlockThread() {
	if C.cgotorch_modes_add(-1) == 1 {
		modes.leave()
	}
	runtime.UnlockOSThread()
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
func SetNumThreads(threads int32) *Error {
	mustLoad()
	return takeError(C.ctorch_set_num_threads(C.int32_t(threads)))
}

// NumThreads returns how many threads an operator may use on the CPU.
func NumThreads() int { mustLoad(); return int(C.ctorch_num_threads()) }

// LimitThreads sets how many threads operators that are called on this thread may
// use, and returns how many it was. The goroutine must be locked to its thread.
func LimitThreads(threads int32) int32 {
	mustLoad()
	return int32(C.ctorch_thread_limit(C.int32_t(threads)))
}
