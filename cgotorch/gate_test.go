package cgotorch

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestGateBoundsWhoIsInside(t *testing.T) {
	b := benaphore{limit: 3, wake: make(chan struct{}, 100)}
	var inside, most atomic.Int32
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			for range 20 {
				b.enter()
				n := inside.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(10 * time.Microsecond)
				inside.Add(-1)
				b.leave()
			}
		})
	}
	wait.Wait()
	assert.Equal(t, int32(3), most.Load())
	assert.Zero(t, b.inside.Load())
	assert.Empty(t, b.wake)
}
