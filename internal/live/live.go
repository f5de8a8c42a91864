// Package live counts the tensors that are alive, without those that the garbage
// collector has yet to find.
package live

import (
	"runtime"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Tensors returns how many tensors Go holds: those made and neither closed nor
// found by the garbage collector. Garbage counts until it is found; see [Settled].
func Tensors() int { return internals.LiveTensors() }

// Settled returns how many tensors are alive when the garbage of all that ran before
// is gone.
func Settled() int { return Settle(Tensors) }

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
