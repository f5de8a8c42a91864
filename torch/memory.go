package torch

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// live counts the tensors that Go holds.
var live atomic.Int64

// LiveTensors returns how many tensors Go holds: those made and neither closed
// nor found by the garbage collector. Tests look for leaks with it.
func LiveTensors() int { return int(live.Load()) }

// newTensor takes over a handle. The scope it was made in closes it, or else the
// garbage collector.
func newTensor(handle cgotorch.Handle, scope uint64) *Tensor {
	if handle == 0 {
		return nil
	}
	live.Add(1)
	x := &Tensor{handle: handle}
	if scope != 0 {
		scopeAt(scope).adopt(x)
	} else {
		recent.add(x)
	}
	return x
}

// take empties the tensor and returns its handle.
func (x *Tensor) take() cgotorch.Handle {
	handle := x.handle
	x.handle = 0
	live.Add(-1)
	return handle
}

// Close frees the tensor at once; other tensors that share its storage keep it.
// Nothing may use the tensor afterwards. Closing again, or closing nil, does
// nothing.
func (x *Tensor) Close() {
	if x == nil || x.handle == 0 {
		return
	}
	if x.scope == nil {
		x.unwatch()
	}
	handles := [1]cgotorch.Handle{x.take()}
	cgotorch.Free(handles[:])
}

// Keep takes the tensor out of the scope it was made in, if any, and returns it:
// the garbage collector frees it instead.
func (x *Tensor) Keep() *Tensor {
	if x != nil && x.handle != 0 && x.scope != nil {
		x.scope = nil
		x.watch()
	}
	return x
}

// scope holds the tensors that a [Scope] closes at its end.
type scope struct {
	tensors []*Tensor
	handles []cgotorch.Handle
}

func (s *scope) adopt(x *Tensor) {
	x.scope = s
	s.tensors = append(s.tensors, x)
}

// close closes all tensors but the kept ones, in one call.
func (s *scope) close() {
	for i, x := range s.tensors {
		if x.scope == s && x.handle != 0 {
			s.handles = append(s.handles, x.take())
		}
		s.tensors[i] = nil
	}
	cgotorch.Free(s.handles)
	s.tensors, s.handles = s.tensors[:0], s.handles[:0]
}

// Lend takes tensors out of the [Scope] that they were made in and returns what
// closes them instead, but for those that [Tensor.Keep] took out by then. Only
// the calling goroutine's innermost scope lends: other tensors belong to somebody
// else, so they stay as they are. It is for code that hands out tensors for a
// while, as a data loader does with its batches; release must be called, once.
func Lend(tensors ...*Tensor) (release func()) {
	lent := new(scope)
	number := cgotorch.SetScope(0)
	cgotorch.SetScope(number)
	for _, x := range tensors {
		if x != nil && x.handle != 0 && x.scope != nil && number != 0 && x.scope == scopeAt(number) {
			lent.adopt(x)
		}
	}
	return lent.close
}

// scopes gives each open scope a number, which libtorch's side of a thread holds
// and every result carries. Reading a number's scope takes no lock: only the
// goroutine that opened it asks for it.
var scopes struct {
	sync.Mutex
	table atomic.Pointer[[]*scope]
	free  []uint64
}

func scopeAt(number uint64) *scope { return (*scopes.table.Load())[number] }

// openScope returns an empty scope and its number.
func openScope() (*scope, uint64) {
	scopes.Lock()
	defer scopes.Unlock()
	if len(scopes.free) == 0 {
		grown := make([]*scope, 8)
		if old := scopes.table.Load(); old != nil {
			grown = make([]*scope, 2*len(*old))
			copy(grown, *old)
		}
		for i := len(grown) - 1; i > 0 && grown[i] == nil; i-- {
			grown[i] = new(scope)
			scopes.free = append(scopes.free, uint64(i)) // 0 stands for no scope
		}
		scopes.table.Store(&grown)
	}
	number := scopes.free[len(scopes.free)-1]
	scopes.free = scopes.free[:len(scopes.free)-1]
	return scopeAt(number), number
}

// Scope calls f and then closes every tensor that f made, but for those that
// [Tensor.Keep] took out and those that belong to a scope within. Gradients and
// whatever libtorch itself refers to stay. It frees memory at once and costs less
// than leaving tensors to the garbage collector, so it suits the body of a loop:
//
//	for batch := range batches {
//		torch.Scope(func() {
//			loss := criterion.Forward(net.Forward(batch.Data), batch.Target)
//			loss.Backward()
//			optimizer.Step()
//		})
//	}
//
// The scope is that of the calling goroutine, which is locked to its thread for
// the length of f; goroutines that f starts are outside of it.
func Scope(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, number := openScope()
	before := cgotorch.SetScope(number)
	defer func() {
		cgotorch.SetScope(before)
		s.close()
		scopes.Lock()
		scopes.free = append(scopes.free, number)
		scopes.Unlock()
	}()
	f()
}
