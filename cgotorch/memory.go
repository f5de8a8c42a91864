package cgotorch

/*
#include "trampolines.h"
#cgo noescape ctorch_tensor_free
#cgo nocallback ctorch_tensor_free
*/
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	// freeBatch is how many handles are freed in one call.
	freeBatch = 256
	// freeDelay is how long a handle waits for its batch to fill.
	freeDelay = 5 * time.Millisecond
	// minLimit is how much garbage, in bytes, native memory may hold at least
	// before the garbage collector is run for it.
	minLimit = 64 << 20
)

// Free drops the references at once, in one call.
func Free(handles []Handle) {
	if len(handles) > 0 {
		C.ctorch_tensor_free((*C.uint64_t)(unsafe.Pointer(&handles[0])), C.int64_t(len(handles)))
		reap()
	}
}

// queued counts the handles that were ever queued.
var queued atomic.Uint64

var queue struct {
	sync.Mutex
	handles []Handle
	spare   []Handle
	full    atomic.Bool // a batch waits
}

// FreeLater drops a reference soon, together with others. Finalizers use it. The
// next call of an operator drops a full batch, on its own thread: memory that one
// thread takes and another one frees costs both of them malloc's locks.
func FreeLater(handle Handle) {
	queue.Lock()
	queue.handles = append(queue.handles, handle)
	n := len(queue.handles)
	queued.Add(1)
	queue.Unlock()
	switch n {
	case 1:
		time.AfterFunc(freeDelay, Flush)
	case freeBatch:
		queue.full.Store(true)
	}
}

// Flush drops all references that wait in the queue.
func Flush() {
	queue.full.Store(false)
	queue.Lock()
	handles := queue.handles
	queue.handles, queue.spare = queue.spare[:0], nil
	queue.Unlock()
	Free(handles)
	queue.Lock()
	queue.spare = handles[:0]
	queue.Unlock()
}

// beforeCollect is what BeforeCollect was given.
var beforeCollect = func() {}

// BeforeCollect sets what is called before the garbage collector is run, to let go
// of tensors that are held for speed only. It is called once, at start.
func BeforeCollect(f func()) { beforeCollect = f }

// Collect runs the garbage collector, waits for the finalizers of what it found
// and drops their references.
//
// It waits without a channel and without Go's clock, which are not the same in a test
// of testing/synctest and outside of it, where finalizers run. It stays on its thread,
// since a program that computes is slower on another one.
func Collect() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	beforeCollect()
	type sentinel struct{ done *atomic.Bool }
	done := new(atomic.Bool)
	runtime.SetFinalizer(&sentinel{done}, func(s *sentinel) { s.done.Store(true) })
	runtime.GC()
	for range 2000 { // a finalizer of the user's may be slow
		if done.Load() {
			break
		}
		sleep(50 * time.Microsecond)
	}
	for before := uint64(0); before != queued.Load(); { // the sentinel need not be the last
		before = queued.Load()
		sleep(50 * time.Microsecond)
	}
	Flush()
}

// relief says when native memory calls for the garbage collector.
var relief = struct {
	sync.Mutex
	limit int64 // bytes; above it every call asks for relief
}{limit: minLimit}

// relieve answers native memory above its limit: Go's collector does not see
// that memory, so it is run, and the limit follows what is still alive.
func relieve() {
	relief.Lock()
	defer relief.Unlock()
	if LiveBytes() <= relief.limit {
		return // another goroutine did it meanwhile
	}
	Collect()
	live := LiveBytes()
	relief.limit = live + max(minLimit, live/4)
	C.ctorch_memory_set_limit(C.int64_t(relief.limit))
}

// LiveBytes returns how many bytes of CPU memory live tensors hold.
func LiveBytes() int64 {
	if !loaded.Load() {
		return 0
	}
	return int64(C.ctorch_memory_live())
}

// PeakBytes returns the most that LiveBytes has been.
func PeakBytes() int64 {
	if !loaded.Load() {
		return 0
	}
	return int64(C.ctorch_memory_peak())
}

// SetScope sets the calling thread's scope, which every result made on it
// carries, and returns the one before. The goroutine must be locked to its
// thread until it has set that one back.
func SetScope(scope uint64) uint64 { mustLoad(); return uint64(C.ctorch_scope_set(C.uint64_t(scope))) }
