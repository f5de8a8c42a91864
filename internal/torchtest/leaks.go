package torchtest

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// LiveTensors returns how many tensors Go holds: those made and neither closed nor
// found by the garbage collector. Garbage counts until it is found; see [Settled].
func LiveTensors() int { return internals.LiveTensors() }

// Settled returns how many tensors are alive when the garbage of all that ran before
// is gone.
func Settled() int { return Settle(LiveTensors) }

// Settle returns what count gives when all garbage is gone. One collection is not
// enough for that: what an object with a finalizer refers to is found by the next one,
// and so is a tensor that another goroutine was about to give its finalizer. On a busy
// machine the finalizers may run late, too. So it collects, and waits for the
// finalizers, until the count is 0 or has stood still three times.
func Settle(count func() int) int {
	n := -1
	for still := 0; n != 0 && still < 3; still++ {
		collect()
		if now := count(); now != n {
			n, still = now, -1
		}
	}
	return n
}

// collect runs the garbage collector and the finalizers of what it finds, however long
// they take.
func collect() {
	type sentinel struct{ done chan bool }
	done := make(chan bool)
	runtime.SetFinalizer(&sentinel{done}, func(s *sentinel) { close(s.done) })
	for {
		cgotorch.Collect()
		select {
		case <-done:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Leaks runs f and fails if there are more or fewer tensors afterwards than there were
// before, without the help of the garbage collector.
func Leaks(t *testing.T, f func()) {
	t.Helper()
	before := Settled()
	f()
	assert.Equal(t, before, LiveTensors(), "tensors that are alive")
}
