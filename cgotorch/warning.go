package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// Warning is one of libtorch's warnings.
type Warning struct {
	Text        string
	Source      string // the place in libtorch's sources, "file:line", or ""
	Deprecation bool
}

// waiting is where the shim counts the warnings that wait. It is set before loaded is.
var waiting *int32

// Warned reports whether there are warnings to be taken. It makes no call.
func Warned() bool { return loaded.Load() && atomic.LoadInt32(waiting) != 0 }

// TakeWarnings returns the warnings of all threads that wait, in their order.
func TakeWarnings() []Warning {
	var args Args
	words, capacity := args.buffer()
	status := C.ctorch_warnings_take((*C.uint64_t)(words), C.int32_t(capacity))
	if status.error != nil {
		_ = takeError(status.error) // for want of memory; the next call takes them
		return nil
	}
	var list []Warning
	for r := args.results(&status); !r.Done(); {
		list = append(list, Warning{r.TakeString(), r.TakeString(), r.TakeBool()})
	}
	return list
}

// watchWarnings finds out where the shim counts them.
func watchWarnings() { waiting = (*int32)(unsafe.Pointer(C.ctorch_warnings_waiting())) }
