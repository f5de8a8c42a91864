package torchtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// LiveTensors returns how many tensors Go holds: those made and neither closed nor
// found by the garbage collector. Garbage counts until it is found; see [Settled].
func LiveTensors() int { return internals.LiveTensors() }

// Settled returns how many tensors are alive when the garbage of all that ran before
// is gone. One collection is not enough for that: what an object with a finalizer
// refers to is found by the next one, and so is a tensor that another goroutine was
// about to give its finalizer. So it collects until three times nothing more went.
func Settled() int {
	live := LiveTensors()
	for same := 0; live > 0 && same < 3; same++ {
		cgotorch.Collect()
		time.Sleep(time.Millisecond) // for the other goroutines
		if now := LiveTensors(); now != live {
			live, same = now, -1
		}
	}
	return live
}

// Leaks runs f and fails if there are more or fewer tensors afterwards than there were
// before, without the help of the garbage collector.
func Leaks(t *testing.T, f func()) {
	t.Helper()
	before := Settled()
	f()
	assert.Equal(t, before, LiveTensors(), "tensors that are alive")
}
