package cgotorch

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func idle() bool { return false }

func TestLobbyBoundsThoseWhoLeave(t *testing.T) {
	l := newLobby(3, time.Hour, idle)
	assert.Equal(t, int32(3), mostInside(l.enter, l.leave))
	assert.Zero(t, l.inside)
	assert.Zero(t, l.waiting)
	assert.Empty(t, l.wake)
}

// TestLobbyLetsMoreInWhereNobodyLeaves has all wait for all, while others compute or not.
func TestLobbyLetsMoreInWhereNobodyLeaves(t *testing.T) {
	for _, busy := range []bool{false, true} {
		l := newLobby(2, 100*time.Microsecond, func() bool { return busy })
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
		l.Lock()
		assert.Zero(t, l.inside)
		assert.Equal(t, 2, l.limit, "as it was")
		assert.Empty(t, l.wake)
		l.Unlock()
	}
}

// TestLobbyHasRoomBesideThoseWhoStay has some that stay, and others that come and go.
func TestLobbyHasRoomBesideThoseWhoStay(t *testing.T) {
	l := newLobby(4, time.Millisecond, idle)
	for range 6 { // the last two wait until it is clear that the others stay
		l.enter()
	}
	for range 100 {
		l.Lock()
		assert.Less(t, l.inside, l.limit, "there is room")
		l.Unlock()
		l.enter()
		l.leave()
	}
	for range 6 {
		l.leave()
	}
	l.Lock()
	defer l.Unlock()
	assert.Equal(t, 4, l.limit)
}

func TestLockThread(t *testing.T) {
	inside := func() int { modes.Lock(); defer modes.Unlock(); return modes.inside }
	before := inside()
	LockThread()
	assert.Equal(t, before+1, inside())
	LockThread()
	assert.Equal(t, before+1, inside(), "a mode within a mode takes no place")
	UnlockThread()
	assert.Equal(t, before+1, inside())
	UnlockThread()
	assert.Equal(t, before, inside())
}
