package cgotorch

import "sync/atomic"

// gate bounds how many goroutines are inside libtorch at a time to GOMAXPROCS.
// Without it every goroutine in a long call takes an OS thread, and OpenMP gives
// each of those a pool of workers of its own.
var gate = benaphore{wake: make(chan struct{}, 1<<16)}

// benaphore is a counting semaphore that costs two atomic additions where there
// is room.
type benaphore struct {
	limit  int32
	inside atomic.Int32
	wake   chan struct{}
}

func (b *benaphore) enter() {
	if b.inside.Add(1) > b.limit {
		<-b.wake
	}
}

func (b *benaphore) leave() {
	if b.inside.Add(-1) >= b.limit {
		b.wake <- struct{}{}
	}
}
