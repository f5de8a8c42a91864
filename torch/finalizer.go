package torch

import (
	"runtime"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// recent holds the youngest tensors. A finalizer costs more than many an
// operation, and most tensors that programs close are closed soon: so a tensor
// gets its finalizer only when it leaves the ring, when the garbage collector has
// run, or before it is run for want of memory.
var recent ring

// ring holds tensors in the order they were made. While one half fills up, another
// goroutine takes the tensors out of the other one.
type ring struct {
	next  atomic.Uint32
	slots [2 * half]atomic.Pointer[Tensor]
}

const half = 1024

// add puts a new tensor into the ring.
func (r *ring) add(x *Tensor) {
	at := r.next.Add(1) % (2 * half)
	if old := r.slots[at].Swap(x); old != nil {
		old.watch() // the other goroutine is late
	}
	if at%cgotorch.FreeBatch == 0 {
		cgotorch.FreeSome()
	}
	if at%half == 0 {
		go r.drain((at+half)%(2*half), half)
	}
}

// drain takes n tensors out of the ring, from a slot on.
func (r *ring) drain(from, n uint32) {
	for i := from; i < from+n; i++ {
		if x := r.slots[i].Swap(nil); x != nil {
			x.watch()
		}
	}
}

// drainAll takes all tensors out of the ring.
func (r *ring) drainAll() { r.drain(0, 2*half) }

func init() {
	cgotorch.BeforeCollect(recent.drainAll)
	drainAfterCollection()
}

// drainAfterCollection drains the ring after each run of the garbage collector, so
// that what is in it and unreachable goes with the next one.
func drainAfterCollection() {
	type sentinel struct{ _ *int }
	runtime.SetFinalizer(&sentinel{}, func(*sentinel) {
		recent.drainAll()
		drainAfterCollection()
	})
}
