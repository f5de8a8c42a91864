package cgotorch

/*
#include <stdlib.h>
#include "trampolines.h"
*/
import "C"

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// profiling is whether StartProfiler was called, and its stacks are, and tensors.
var profiling, profilingStacks, profilingTensors atomic.Bool

// Profiling reports whether the profiler runs. It makes no call.
func Profiling() bool { return profiling.Load() }

// ProfilingTensors reports whether it runs with shapes and memory. It makes no call.
func ProfilingTensors() bool { return profilingTensors.Load() }

// ProfilerConfig says what the profiler records beside names and times.
type ProfilerConfig struct {
	Shapes, Memory, FLOPs bool
	// Stack, unless it is 0, replies with a number for where the goroutine is. It is
	// called in operators that may call Go, which all may while the profiler runs.
	Stack FuncID
}

// StartProfiler starts to record the operators of all threads. There is one profiler.
func StartProfiler(config ProfilerConfig) *Error {
	if err := Load(); err != nil {
		return &Error{Kind: KindUnsupported, Message: err.Error()}
	}
	err := takeError(C.ctorch_profiler_start(C.uint64_t(config.Stack), C.bool(config.Shapes), C.bool(config.Memory), C.bool(config.FLOPs)))
	if err != nil {
		return err
	}
	if config.Stack != 0 {
		profilingStacks.Store(true)
		callers.Add(1)
	}
	profilingTensors.Store(config.Shapes && config.Memory)
	profiling.Store(true)
	return nil
}

// Recorded is what the profiler recorded: numbers, as ctorch_profiler_stop describes them,
// and the texts that they refer to.
type Recorded struct {
	Texts   []string
	Numbers []int64
}

// StopProfiler stops it.
func StopProfiler() (Recorded, *Error) {
	profiling.Store(false)
	profilingTensors.Store(false)
	var args Args
	words, capacity := args.buffer()
	status := C.ctorch_profiler_stop((*C.uint64_t)(words), C.int32_t(capacity))
	if profilingStacks.Swap(false) {
		callers.Add(-1)
	}
	if status.error != nil {
		return Recorded{}, takeError(status.error)
	}
	results := args.results(&status)
	text, lengths, numbers := results.TakeString(), results.TakeString(), results.TakeString()
	r := Recorded{Numbers: integers(numbers)}
	for _, n := range integers(lengths) {
		r.Texts = append(r.Texts, text[:n])
		text = text[n:]
	}
	reap()
	return r, nil
}

// integers reads 64-bit numbers.
func integers(raw string) []int64 {
	list := make([]int64, len(raw)/8)
	for i := range list {
		list[i] = int64(binary.NativeEndian.Uint64([]byte(raw[8*i : 8*i+8])))
	}
	return list
}

// Region is a call for the profiler that is the user's.
type Region struct{ region unsafe.Pointer }

// EnterRegion enters a region of that name. The goroutine must be locked to its thread
// until Leave.
func EnterRegion(name string) (Region, *Error) {
	mustLoad()
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var r Region
	err := takeError(C.ctorch_profiler_enter(text, &r.region))
	return r, err
}

// Here reports whether it was entered on the calling thread.
func (r Region) Here() bool { return bool(C.ctorch_profiler_here(r.region)) }

// Leave leaves the region.
func (r Region) Leave() { C.ctorch_profiler_leave(r.region) }

// TellRole says what a list of tensors in args is to the program, if the profiler runs with
// shapes and memory.
func TellRole(role int64, args *Args) *Error {
	mustLoad()
	words, _ := args.buffer()
	return takeError(C.ctorch_profiler_role(C.int64_t(role), (*C.uint64_t)(words), C.int32_t(args.n)))
}
