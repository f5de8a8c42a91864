package torch

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// The state of a tensor is one word: how many calls use its handle, and flags above
// that number. Whoever sets closed takes the tensor away from all later calls; the
// reference is dropped when the calls that began before have ended, by the last of
// them. So a tensor can be closed at any moment, from any goroutine, and any number
// of times.
const (
	closed  uint64 = 1 << (63 - iota) // the sign bit, for which hold asks
	freed                             // the reference was dropped, or is about to be
	watched                           // it has a finalizer
	kept                              // its scope leaves it alone
	lent                              // what Lend returned closes it, not its scope
	ended                             // its scope, or what Lend returned, closed it
	inPlace                           // it was a zero Tensor and has a clean-up for a finalizer
	users   = inPlace - 1
)

// live counts the tensors that Go holds.
var live atomic.Int64

// LiveTensors returns how many tensors Go holds: those made and neither closed
// nor found by the garbage collector. Tests look for leaks with it.
func (exports) LiveTensors() int { return int(live.Load()) }

// newTensor takes over a handle. The scope it was made in closes it, or else the
// garbage collector.
func newTensor(handle cgotorch.Handle, scope uint64) *Tensor {
	if handle == 0 {
		return nil
	}
	live.Add(1)
	if cgotorch.Dispatching() {
		noteForeign(handle)
	}
	if scope == 0 {
		x := &new(roomy).Tensor
		x.handle, x.self = handle, uintptr(unsafe.Pointer(x))
		if tracing {
			notePlace(x)
		}
		recent.add(x)
		return x
	}
	x := &Tensor{handle: handle, scope: scopeAt(scope)}
	x.self = uintptr(unsafe.Pointer(x))
	if tracing {
		notePlace(x)
	}
	x.scope.tensors = append(x.scope.tensors, x)
	return x
}

// roomy is a tensor that may get a finalizer. The runtime keeps the finalizers of
// neighbours in a sorted list, through which it walks for each new one: fewer
// neighbours make that shorter.
type roomy struct {
	Tensor
	_ [12]uint64
}

// isOwn reports whether the tensor is one that newTensor made, neither a zero Tensor
// nor a copy.
func (x *Tensor) isOwn() bool { return x.self == uintptr(unsafe.Pointer(x)) }

// isOpen reports whether the tensor is neither closed nor none of newTensor's.
func (x *Tensor) isOpen() bool { return x.isOwn() && x.state.Load()&closed == 0 }

// hold lets a call use the handle until release; false says that it is closed. Both
// are short enough for the compiler to put them into every operator; with a call of
// isOwn hold would not be.
func (x *Tensor) hold() bool {
	return x.self == uintptr(unsafe.Pointer(x)) && int64(x.state.Add(1)) >= 0 || x.tooLate()
}

// tooLate undoes hold for a closed tensor and gives its answer.
func (x *Tensor) tooLate() bool {
	if x.isOwn() {
		x.release()
	}
	return false
}

// release ends a hold. The last one drops the reference of a closed tensor.
func (x *Tensor) release() {
	if s := x.state.Add(^uint64(0)); s&closed != 0 {
		x.releaseClosed(s)
	}
}

// releaseClosed ends release for a closed tensor, whose state is s.
func (x *Tensor) releaseClosed(s uint64) {
	if s&(freed|users) == 0 && x.state.CompareAndSwap(s, s|freed) {
		handles := [1]cgotorch.Handle{x.handle}
		cgotorch.Free(handles[:])
	}
}

// use is hold with an error of op for a nil or closed tensor. It returns the handle.
func (x *Tensor) use(op string) cgotorch.Handle {
	if x == nil || !x.hold() {
		x.refuse(op)
	}
	return x.handle
}

// refuse panics with an error of op for a nil or closed tensor.
func (x *Tensor) refuse(op string) {
	if x == nil {
		panic(Errorf(op, TypeError, "the tensor is nil"))
	}
	panic(Errorf(op, ClosedError, "the tensor is closed: %s", x.whyClosed()))
}

// whyClosed says who closed the tensor, and what to do about it.
func (x *Tensor) whyClosed() string {
	switch s := x.state.Load(); {
	case !x.isOwn():
		return "it is a zero Tensor or a copy of one by value; use the *Tensor that a function of torch returned"
	case s&ended == 0:
		return "Close was called on it, here or on another goroutine; Clone before Close keeps the values"
	case s&lent != 0:
		return "it was lent for one turn of a loop, as a data loader lends its batches, and the loop went on; " +
			"Keep or Clone within the turn saves it"
	}
	return "the Scope it was made in has ended; Keep within the Scope saves it, or make it outside"
}

// shut closes the tensor, unless it is closed or has one of the flags, and adds the
// flags that say who did. It returns the flags that it had, and whether the caller is
// to drop the reference now. Who calls it counts the tensor off.
func (x *Tensor) shut(unless, by uint64) (flags uint64, drop bool) {
	if !x.isOwn() {
		return closed, false
	}
	for {
		s := x.state.Load()
		if s&(closed|unless) != 0 {
			return s, false
		}
		next := s | closed | by
		if s&users == 0 {
			next |= freed
		}
		if x.state.CompareAndSwap(s, next) {
			return s, next&freed != 0
		}
	}
}

// Close frees the tensor at once; other tensors that share its storage keep it. An
// operation on another goroutine that began before still runs, and the memory goes
// when it has ended. Whatever uses the tensor afterwards panics with a ClosedError.
// Closing again, or closing nil, does nothing.
func (x *Tensor) Close() {
	if x == nil {
		return
	}
	flags, drop := x.shut(0, 0)
	if flags&closed != 0 {
		return
	}
	live.Add(-1)
	if tracing {
		forgetPlace(x)
	}
	if flags&watched != 0 {
		runtime.SetFinalizer(x, nil)
	}
	if flags&inPlace != 0 {
		x.disown()
	}
	if drop {
		handles := [1]cgotorch.Handle{x.handle}
		cgotorch.Free(handles[:])
	}
}

// IsClosed reports whether the tensor was closed.
func (x *Tensor) IsClosed() bool {
	if x == nil {
		panic(Errorf("torch.Tensor.IsClosed", TypeError, "the tensor is nil"))
	}
	return !x.isOpen()
}

// Keep takes the tensor out of the scope it was made in, if any, and returns it:
// the garbage collector frees it instead. A tensor whose scope has ended stays
// closed.
func (x *Tensor) Keep() *Tensor {
	if x != nil && x.scope != nil && x.isOwn() && x.state.Or(kept)&(closed|kept) == 0 {
		x.watch()
	}
	return x
}

// watch lets the garbage collector free the tensor, unless it was closed.
func (x *Tensor) watch() {
	if x.state.Or(watched)&(closed|watched) == 0 {
		runtime.SetFinalizer(x, (*Tensor).finalize)
	}
}

// finalize frees what the garbage collector found unreachable.
func (x *Tensor) finalize() {
	flags, drop := x.shut(0, 0)
	if flags&closed == 0 {
		live.Add(-1)
		if tracing {
			forgetPlace(x)
		}
	}
	if drop {
		cgotorch.FreeLater(x.handle)
	}
}
