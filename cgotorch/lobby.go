package cgotorch

import (
	"sync"
	"time"
)

// lobby bounds how many goroutines are in modes. Each needs a thread of its own, and so
// would each that waits for its turn in libtorch: ten thousand of them are more than Go
// allows a process. So a goroutine takes a place here before its thread is locked, and
// waits without a thread.
//
// Those who have a place may stay for long, and may wait for goroutines that have none.
// Where nobody leaves for a while, more are let in: twice as many if nobody computes
// either, a few after two seconds if some do. The bound goes down again as they leave.
type lobby struct {
	sync.Mutex
	base, limit     int
	inside, waiting int
	wake            chan struct{} // made at start, for goroutines in bubbles of testing/synctest, too
	watching        bool          // whether watch runs
	left            bool          // whether somebody left since it last looked
	stalled         int           // how often nobody had
	patience        time.Duration // how long nobody leaves before more are let in
	busy            func() bool   // whether somebody has computed since it was last called
}

const (
	mostInModes     = 8000 // Go allows 10,000 threads
	mostInModesBusy = 4000
	busyPatience    = 20 // in patiences
)

func newLobby(base int, patience time.Duration, busy func() bool) *lobby {
	return &lobby{base: base, limit: base, wake: make(chan struct{}, 1<<16), patience: patience, busy: busy}
}

// enter takes a place, and waits for it where there is none. A goroutine that libtorch
// called does not wait, since libtorch may hold a lock meanwhile.
func (l *lobby) enter() {
	l.Lock()
	if l.inside < l.limit || InCallback() {
		l.inside++
		l.Unlock()
		return
	}
	l.waiting++
	if !l.watching {
		l.watching, l.left, l.stalled = true, false, 0
		l.busy()
		go l.watch()
	}
	l.Unlock()
	<-l.wake
}

func (l *lobby) leave() {
	l.Lock()
	defer l.Unlock()
	l.inside--
	l.left = true
	l.limit = max(l.base, min(l.limit, l.inside+l.base))
	l.admit()
}

// admit lets in those who wait as far as there is room.
func (l *lobby) admit() {
	for l.waiting > 0 && l.inside < l.limit {
		l.waiting--
		l.inside++
		l.wake <- struct{}{}
	}
}

// watch lets more in where nobody left, until nobody waits. It sleeps by the machine's
// clock: in a bubble of testing/synctest Go's stands still while goroutines wait here.
func (l *lobby) watch() {
	for waiting := true; waiting; {
		sleep(l.patience)
		waiting = l.look()
	}
}

// look lets more in if nobody left since it last looked, and reports whether anybody
// waits.
func (l *lobby) look() bool {
	l.Lock()
	defer l.Unlock()
	if l.waiting == 0 {
		l.watching = false
		return false
	}
	l.stalled++
	busy := l.busy()
	switch {
	case l.left:
		l.stalled = 0
	case !busy:
		l.limit = max(l.limit, min(2*l.inside, mostInModes))
	case l.stalled >= busyPatience:
		l.limit = max(l.limit, min(l.inside+l.base, mostInModesBusy))
		l.stalled = 0
	}
	l.left = false
	l.admit()
	return true
}
