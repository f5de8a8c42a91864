package cgotorch

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func newLobby(limit int32, patience time.Duration) *lobby {
	never := func() bool { return false }
	return &lobby{benaphore: benaphore{limit: limit, wake: make(chan struct{}, 1000), inCallback: never}, patience: patience}
}

func TestLobbyBoundsThoseWhoLeave(t *testing.T) {
	l := newLobby(3, time.Hour)
	assert.Equal(t, int32(3), mostInside(l.enter, l.leave))
	assert.Zero(t, l.inside.Load())
	assert.Zero(t, l.debt.Load())
}

// TestLobbyLetsMoreInWhereNobodyLeaves has all wait for all.
func TestLobbyLetsMoreInWhereNobodyLeaves(t *testing.T) {
	l := newLobby(2, time.Millisecond)
	var all, wait sync.WaitGroup
	all.Add(40)
	for range 40 {
		wait.Go(func() {
			l.enter()
			all.Done()
			all.Wait()
			l.leave()
		})
	}
	wait.Wait()
	assert.Zero(t, l.inside.Load())
	assert.Zero(t, l.debt.Load())
	assert.Empty(t, l.wake)
}

func TestLockThread(t *testing.T) {
	limit := modes.inside.Load()
	LockThread()
	assert.Equal(t, limit+1, modes.inside.Load())
	LockThread()
	assert.Equal(t, limit+1, modes.inside.Load(), "a mode within a mode takes no place")
	UnlockThread()
	assert.Equal(t, limit+1, modes.inside.Load())
	UnlockThread()
	assert.Equal(t, limit, modes.inside.Load())
}
