package cgotorch

/*
#include "trampolines.h"
#cgo noescape cgotorch_in_callback
#cgo nocallback cgotorch_in_callback
*/
import "C"

import "sync/atomic"

// gate bounds how many goroutines are inside libtorch at a time to GOMAXPROCS.
// Without it every goroutine in a long call takes an OS thread, and OpenMP gives
// each of those a pool of workers of its own.
//
// A goroutine that libtorch calls back into Go gives its place to others, which
// the Go code may wait for. But it never waits for a place itself until it is back:
// libtorch may hold a lock meanwhile that all who have places wait for. Where there
// is no place it goes in as one too many, a debt that the next to leave pays.
var gate = benaphore{wake: make(chan struct{}, 1<<16), inCallback: InCallback}

// InCallback reports whether libtorch called the Go code that runs.
func InCallback() bool { return bool(C.cgotorch_in_callback()) }

// benaphore is a counting semaphore that costs two atomic additions where there
// is room.
type benaphore struct {
	limit      int32
	inside     atomic.Int32 // who is inside with a place, or waits for one
	debt       atomic.Int32 // who is inside without one
	wake       chan struct{}
	inCallback func() bool
}

func (b *benaphore) enter() {
	if b.inside.Add(1) <= b.limit {
		return
	}
	if b.inCallback() && b.withdraw() {
		b.debt.Add(1)
		return
	}
	<-b.wake
}

// tryEnter enters if there is room.
func (b *benaphore) tryEnter() bool {
	for {
		n := b.inside.Load()
		if n >= b.limit {
			return false
		}
		if b.inside.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// withdraw takes one waiting goroutine off the count, or reports that all were
// given their places.
func (b *benaphore) withdraw() bool {
	for {
		n := b.inside.Load()
		if n <= b.limit {
			return false
		}
		if b.inside.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// enterNow enters without waiting.
func (b *benaphore) enterNow() {
	if !b.tryEnter() {
		b.debt.Add(1)
	}
}

func (b *benaphore) leave() {
	for debt := b.debt.Load(); debt > 0; debt = b.debt.Load() {
		if b.debt.CompareAndSwap(debt, debt-1) {
			return
		}
	}
	if b.inside.Add(-1) >= b.limit {
		b.wake <- struct{}{}
	}
}
