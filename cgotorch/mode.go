package cgotorch

/*
#include "trampolines.h"
#cgo noescape ctorch_mode_set
#cgo nocallback ctorch_mode_set
#cgo noescape ctorch_mode_current
#cgo nocallback ctorch_mode_current
*/
import "C"

import "sync/atomic"

// DispatchMode is a mode in which a Func is called in the place of each operator of a
// thread, 0 for none. in holds the operator's number and its arguments, and the reply is
// its results. While the function runs the thread is in the mode that it was in when the
// mode was made.
type DispatchMode uint64

// dispatching counts the modes in force, in any goroutine.
var dispatching atomic.Int32

// Dispatching reports whether any goroutine is in a DispatchMode.
func Dispatching() bool { return dispatching.Load() > 0 }

// NewDispatchMode makes a mode. The goroutine must be locked to its thread until it has
// called Free.
func NewDispatchMode(f FuncID) (DispatchMode, *Error) {
	mustLoad()
	var mode C.uint64_t
	if err := takeError(C.ctorch_mode_new(C.uint64_t(f), C.ctorch_mode_current(), &mode)); err != nil {
		return 0, err
	}
	callers.Add(1)
	dispatching.Add(1)
	return DispatchMode(mode), nil
}

// Free frees a mode that no thread is in.
func (m DispatchMode) Free() {
	dispatching.Add(-1)
	callers.Add(-1)
	C.ctorch_mode_free(C.uint64_t(m))
	reap()
}

// SetDispatchMode puts the calling thread into a mode and returns the one before. The
// goroutine must be locked to its thread until it has set that one back.
func SetDispatchMode(mode DispatchMode) DispatchMode {
	return DispatchMode(C.ctorch_mode_set(C.uint64_t(mode)))
}

// CurrentDispatchMode returns the calling thread's mode.
func CurrentDispatchMode() DispatchMode { mustLoad(); return DispatchMode(C.ctorch_mode_current()) }

// SeenSchema returns the schema of the operator that a DispatchMode's function got the
// number of.
func SeenSchema(number uint64) (string, *Error) {
	var text *C.char
	if err := takeError(C.ctorch_mode_operator(C.uint64_t(number), &text)); err != nil {
		return "", err
	}
	return takeString(text), nil
}
