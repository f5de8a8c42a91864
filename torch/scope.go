package torch

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// scope holds the tensors that a [Scope] closes at its end.
type scope struct {
	tensors []*Tensor
	handles []cgotorch.Handle
}

// close closes all tensors but those with one of the flags, in one call.
func (s *scope) close(unless uint64) {
	shut := int64(0)
	for i, x := range s.tensors {
		flags, drop := x.shut(unless, ended)
		if flags&(closed|unless) == 0 {
			shut++
			if tracing {
				forgetPlace(x)
			}
		}
		if drop {
			s.handles = append(s.handles, x.handle)
		}
		s.tensors[i] = nil
	}
	live.Add(-shut)
	cgotorch.Free(s.handles)
	s.tensors, s.handles = s.tensors[:0], s.handles[:0]
}

// Lend takes tensors out of the [Scope] that they were made in and returns what
// closes them instead, but for those that [Tensor.Keep] took out by then. Only
// the calling goroutine's innermost scope lends: other tensors belong to somebody
// else, so they stay as they are. It is for code that hands out tensors for a
// while, as a data loader does with its batches; release must be called, once.
func Lend(tensors ...*Tensor) (release func()) {
	loan := new(scope)
	here := currentScope()
	for _, x := range tensors {
		if x != nil && x.scope != nil && x.scope == here && x.state.Or(lent)&(closed|lent|kept) == 0 {
			loan.tensors = append(loan.tensors, x)
		}
	}
	return func() { loan.close(kept) }
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

// currentScope returns the calling goroutine's innermost scope, or nil.
func currentScope() *scope {
	number := cgotorch.SetScope(0)
	cgotorch.SetScope(number)
	if number == 0 {
		return nil
	}
	return scopeAt(number)
}

// move gives a tensor of the scope to another one, or to the garbage collector.
func (s *scope) move(x *Tensor, to *scope) {
	switch {
	case x == nil || x.scope != s || !x.isOwn() || x.state.Load()&(closed|kept|lent) != 0:
	case to == nil:
		x.Keep()
	default:
		s.tensors = slices.DeleteFunc(s.tensors, func(other *Tensor) bool { return other == x })
		x.scope = to
		to.tensors = append(to.tensors, x)
	}
}

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

// closeScope closes what is in a scope and frees its number.
func closeScope(s *scope, number uint64) {
	s.close(kept | lent)
	scopes.Lock()
	defer scopes.Unlock()
	scopes.free = append(scopes.free, number)
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
// the length of f; goroutines that f starts are outside of it. Very many goroutines in
// scopes and other modes take turns. As in every mode, f must not call the next of an
// iter.Pull that was made outside, for which Go ends the process; a data loader has a
// Pull of its own.
func Scope(f func()) {
	mustCall("torch.Scope", f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	s, number := openScope()
	before := cgotorch.SetScope(number)
	defer func() {
		cgotorch.SetScope(before)
		closeScope(s, number)
	}()
	f()
}
