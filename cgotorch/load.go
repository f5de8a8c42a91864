package cgotorch

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "trampolines.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

var (
	loaded  atomic.Bool
	loading sync.Mutex
	used    Installation
	reason  string // why there is no CUDA
)

// Load opens the shim and its libtorch, once. Everything in this package that
// needs them calls it; after an error the next call tries again.
func Load() error {
	if loaded.Load() {
		return nil
	}
	loading.Lock()
	defer loading.Unlock()
	if loaded.Load() {
		return nil
	}
	installation, err := Find()
	if err != nil {
		return err
	}
	if err := open(installation); err != nil {
		_, command := Remedy([]Installation{installation})
		return fmt.Errorf("libtorch in %s (%s) cannot be loaded: %w\nInstall it again with: %s --force",
			installation.Dir, installation.Origin, err, command)
	}
	used = installation
	gate.limit = int32(runtime.GOMAXPROCS(0))
	loaded.Store(true)
	return nil
}

func open(installation Installation) error {
	path, id := C.CString(installation.Shim), C.CString(ShimID())
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(id))
	defer limitSpinning()()
	if message := C.cgotorch_open(path, id); message != nil {
		defer C.free(unsafe.Pointer(message))
		return fmt.Errorf("%s", C.GoString(message))
	}
	if err := takeError(C.ctorch_init()); err != nil {
		return err
	}
	watchWarnings()
	C.ctorch_memory_set_limit(minLimit)
	var why *C.char
	if err := takeError(C.ctorch_cuda_load(&why)); err != nil {
		reason = err.Message
		return nil
	}
	reason = takeString(why)
	C.ctorch_memory_devices_settle(minLimit)
	return nil
}

// Raise panics with an error that a function of this package has no result for: that
// libtorch is missing, or an operator's results are not those that were asked for.
// Package torch makes it panic with an error of its own.
var Raise = func(err *Error) { panic(err) }

// mustLoad calls Raise where Load fails.
func mustLoad() {
	if err := Load(); err != nil {
		Raise(&Error{Kind: KindUnsupported, Message: err.Error()})
	}
}

// Version returns libtorch's version, such as "2.15.0".
func Version() string {
	mustLoad()
	return C.GoString(C.ctorch_version())
}

// takeString gives a C string's text and frees it; NULL gives "".
func takeString(text *C.char) string {
	if text == nil {
		return ""
	}
	defer C.ctorch_free(unsafe.Pointer(text))
	return C.GoString(text)
}
