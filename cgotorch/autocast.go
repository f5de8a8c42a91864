package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Autocast is the calling thread's autocast for a type of device, but for Cache,
// which is for all.
type Autocast struct {
	Enabled bool
	Cache   bool  // keep the casts of weights
	DType   int32 // of the operators that run in lower precision
}

func (a Autocast) raw() C.ctorch_autocast {
	return C.ctorch_autocast{enabled: C.bool(a.Enabled), cache: C.bool(a.Cache), dtype: C.int32_t(a.DType)}
}

// GetAutocast returns the calling thread's autocast for a type of device, the CPU
// or CUDA.
func GetAutocast(deviceType int32) (Autocast, *Error) {
	mustLoad()
	var mode C.ctorch_autocast
	err := takeError(C.ctorch_autocast_get(C.int32_t(deviceType), &mode))
	return Autocast{bool(mode.enabled), bool(mode.cache), int32(mode.dtype)}, err
}

// EnterAutocast begins a region. The goroutine must be locked to its thread until
// it has called LeaveAutocast with the mode before.
func EnterAutocast(deviceType int32, mode Autocast) *Error {
	return takeError(C.ctorch_autocast_enter(C.int32_t(deviceType), mode.raw()))
}

// LeaveAutocast ends the region; the outermost one's end clears the cache.
func LeaveAutocast(deviceType int32, before Autocast) *Error {
	return takeError(C.ctorch_autocast_leave(C.int32_t(deviceType), before.raw()))
}

// ClearAutocastCache forgets the casts of weights, those of all threads.
func ClearAutocastCache() *Error { mustLoad(); return takeError(C.ctorch_autocast_clear_cache()) }
