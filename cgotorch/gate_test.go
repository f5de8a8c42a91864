package cgotorch

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// mostInside has many that come and go, and returns how many were inside at a time.
func mostInside(enter, leave func()) int32 {
	var inside, most atomic.Int32
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			for range 20 {
				enter()
				n := inside.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(10 * time.Microsecond)
				inside.Add(-1)
				leave()
			}
		})
	}
	wait.Wait()
	return most.Load()
}

func TestGateBoundsWhoIsInside(t *testing.T) {
	b := benaphore{limit: 3, wake: make(chan struct{}, 100), inCallback: func() bool { return false }}
	assert.Equal(t, int32(3), mostInside(b.enter, b.leave))
	assert.Zero(t, b.inside.Load())
	assert.Empty(t, b.wake)
}

// TestGateLendsPlaces has goroutines that leave within their visit, as callbacks
// do, and come back without waiting. All places must be there afterwards.
func TestGateLendsPlaces(t *testing.T) {
	within := map[int]bool{}
	var mutex sync.Mutex
	b := benaphore{limit: 2, wake: make(chan struct{}, 100), inCallback: func() bool { return true }}
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			for range 50 {
				b.enterNow()
				b.leave() // a callback starts
				b.enter() // and makes a call, which must not wait
				mutex.Lock()
				within[i] = true
				mutex.Unlock()
				b.leave()
				b.enterNow() // it ends
				b.leave()
			}
		})
	}
	wait.Wait()
	assert.Len(t, within, 20)
	assert.Zero(t, b.inside.Load())
	assert.Zero(t, b.debt.Load())
	assert.Empty(t, b.wake)
}

func TestGateDoesNotHoldUpCallbacks(t *testing.T) {
	calling := atomic.Bool{}
	b := benaphore{limit: 1, wake: make(chan struct{}, 100), inCallback: calling.Load}
	b.enter() // a visit
	b.leave() // a callback in it
	b.enter() // another goroutine takes the place
	calling.Store(true)
	b.enter() // the callback's call does not wait for it
	assert.Equal(t, int32(1), b.debt.Load())
	b.leave()
	assert.Equal(t, int32(1), b.inside.Load())
	b.enterNow() // the callback ends
	calling.Store(false)
	b.leave() // the visit ends
	b.leave() // the other one too
	assert.Zero(t, b.inside.Load())
	assert.Zero(t, b.debt.Load())
}
