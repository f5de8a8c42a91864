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
	// FreeBatch is how many references FreeSome drops, and after how many new tensors
	// it is to be called. The numbers must be the same: malloc gives the block of a
	// size that was freed first, so where more are freed than made it gives memory that
	// has left the processor's caches.
	FreeBatch = 32
	// freeDelay is how often is looked whether anybody calls FreeSome.
	freeDelay = 5 * time.Millisecond
	// freeLooks is after how many looks all are freed in any case.
	freeLooks = 200
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

// queue holds the references that the garbage collector found to be dropped.
var queue struct {
	sync.Mutex
	handles []Handle
	spare   []Handle
	length  atomic.Int64 // of handles
	batches int          // that were dropped so far
	watched bool         // a timer runs
}

// FreeLater drops a reference later, together with others. Finalizers use it.
func FreeLater(handle Handle) {
	queue.Lock()
	queue.handles = append(queue.handles, handle)
	queue.length.Store(int64(len(queue.handles)))
	queued.Add(1)
	start := !queue.watched
	queue.watched = true
	queue.Unlock()
	if start {
		time.AfterFunc(freeDelay, func() { watchQueue(-1, 0) })
	}
}

// FreeSome drops one batch of the references that wait in the queue. Who makes
// tensors calls it from time to time, and so takes the memory of the dead for the
// next ones while it is in the processor's caches, on the thread that needs it:
// memory that one thread takes and another one frees costs both of them malloc's
// locks.
func FreeSome() {
	if queue.length.Load() == 0 {
		return
	}
	var batch [FreeBatch]Handle
	queue.Lock()
	rest := max(0, len(queue.handles)-FreeBatch)
	n := copy(batch[:], queue.handles[rest:])
	queue.handles = queue.handles[:rest]
	queue.length.Store(int64(rest))
	queue.batches++
	queue.Unlock()
	Free(batch[:n])
}

// watchQueue drops what waits in the queue if no batch was dropped since the last
// look, when there had been so many, or if it was never empty for so many looks.
func watchQueue(batches, looks int) {
	queue.Lock()
	now, empty := queue.batches, len(queue.handles) == 0
	if empty {
		queue.watched = false
	}
	queue.Unlock()
	switch {
	case empty:
		return
	case now == batches || looks >= freeLooks:
		Flush()
		looks = 0
	}
	time.AfterFunc(freeDelay, func() { watchQueue(now, looks+1) })
}

// Flush drops all references that wait in the queue.
func Flush() {
	queue.Lock()
	handles := queue.handles
	queue.handles, queue.spare = queue.spare[:0], nil
	queue.length.Store(0)
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
	if withinLimits() {
		return // another goroutine did it meanwhile
	}
	if Flush(); withinLimits() {
		return // what the last collection found was enough
	}
	Collect()
	live := LiveBytes()
	relief.limit = live + max(minLimit, live/4)
	C.ctorch_memory_set_limit(C.int64_t(relief.limit))
	C.ctorch_memory_devices_settle(minLimit)
}

// withinLimits reports whether the memory of the CPU and of each device is within its limit.
func withinLimits() bool {
	return LiveBytes() <= relief.limit && !bool(C.ctorch_memory_devices_over())
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
