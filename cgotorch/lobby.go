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
// either, a few after a second if some do. The bound goes down again as they leave.
type lobby struct {
	sync.Mutex
	base, limit     int
	inside, waiting int
	left            uint64        // how often somebody left
	wake            chan struct{} // made at start, for goroutines of all kinds
	watching        bool          // whether watch runs
	patience        time.Duration // how long nobody leaves before more are let in
	busy            func() bool   // whether somebody computes
}

const (
	mostInModes     = 8000 // Go allows 10,000 threads
	mostInModesBusy = 4000
	busyPatience    = 50 // in patiences
)

func newLobby(base int, patience time.Duration, busy func() bool) *lobby {
	return &lobby{base: base, limit: base, wake: make(chan struct{}, 1<<16), patience: patience, busy: busy}
}

// tryEnter enters if there is room.
func (l *lobby) tryEnter() bool {
	l.Lock()
	defer l.Unlock()
	return l.take()
}

// take takes a place if there is one. A goroutine that libtorch called does not wait,
// since libtorch may hold a lock meanwhile.
func (l *lobby) take() bool {
	if l.inside >= l.limit && !inCallback() {
		return false
	}
	l.inside++
	return true
}

// enter waits for a place and takes it.
func (l *lobby) enter() {
	l.Lock()
	if l.take() {
		l.Unlock()
		return
	}
	l.waiting++
	if !l.watching {
		l.watching = true
		go l.watch()
	}
	l.Unlock()
	<-l.wake
}

func (l *lobby) leave() {
	l.Lock()
	defer l.Unlock()
	l.inside--
	l.left++
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

// watch lets more in where nobody leaves, until nobody waits.
func (l *lobby) watch() {
	stalled := 0
	for before := l.count(); ; {
		time.Sleep(l.patience)
		l.Lock()
		if l.waiting == 0 {
			l.watching = false
			l.Unlock()
			return
		}
		stalled++
		switch {
		case l.left != before:
			stalled = 0
		case !l.busy():
			l.limit = max(l.limit, min(2*l.inside, mostInModes))
		case stalled >= busyPatience:
			l.limit = max(l.limit, min(l.inside+l.base, mostInModesBusy))
			stalled = 0
		}
		before = l.left
		l.admit()
		l.Unlock()
	}
}

// count returns how often somebody left.
func (l *lobby) count() uint64 {
	l.Lock()
	defer l.Unlock()
	return l.left
}
