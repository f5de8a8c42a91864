package torch

import (
	"runtime"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Who frees a tensor that is in no scope.
const (
	young   uint32 = iota // nobody yet: it is among the recent ones
	watched               // its finalizer
	closed                // it was closed while it was young
)

// recent holds the youngest tensors. A finalizer costs more than many an
// operation, and most tensors that programs close are closed soon: so a tensor
// gets its finalizer only when it leaves the ring, when the garbage collector has
// run, or before it is run for want of memory.
var recent ring

type ring struct {
	next  atomic.Uint32
	slots [64]atomic.Pointer[Tensor]
}

// add puts a new tensor into the ring, in the place of an older one.
func (r *ring) add(x *Tensor) {
	at := r.next.Add(1) % uint32(len(r.slots))
	if old := r.slots[at].Swap(x); old != nil {
		old.watch()
	}
}

// drain takes all tensors out of the ring.
func (r *ring) drain() {
	for i := range r.slots {
		if x := r.slots[i].Swap(nil); x != nil {
			x.watch()
		}
	}
}

// watch lets the garbage collector free the tensor, unless it was closed.
func (x *Tensor) watch() {
	if x.state.CompareAndSwap(young, watched) {
		runtime.SetFinalizer(x, (*Tensor).finalize)
	}
}

// unwatch undoes watch before the tensor is closed.
func (x *Tensor) unwatch() {
	if !x.state.CompareAndSwap(young, closed) {
		runtime.SetFinalizer(x, nil)
	}
}

// finalize frees what the garbage collector found unreachable.
func (x *Tensor) finalize() {
	if x.handle != 0 {
		cgotorch.FreeLater(x.take())
	}
}

func init() {
	cgotorch.BeforeCollect(recent.drain)
	drainAfterCollection()
}

// drainAfterCollection drains the ring after each run of the garbage collector, so
// that what is in it and unreachable goes with the next one.
func drainAfterCollection() {
	type sentinel struct{ _ *int }
	runtime.SetFinalizer(&sentinel{}, func(*sentinel) {
		recent.drain()
		drainAfterCollection()
	})
}
