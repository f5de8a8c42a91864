// Package shards knows which tensors are parts of larger ones, whose other parts are with
// other processes: what DTensor's placements say in Python.
package shards

import (
	"runtime"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/wangkuiyi/gotorch/torch"
)

// Shard says of what a tensor is a part.
type Shard struct {
	Shape  []int // of the whole
	Dim    int   // along which the whole is cut
	Offset int   // where the part begins along it
	Group  Group // the processes that have the parts
	// Within says of what the whole is a part in turn, with processes of another group; nil
	// if of none.
	Within *Shard
}

// Group is the processes that have the parts of a tensor; groups of the same ones are equal.
type Group interface {
	// Combine puts in place of x's elements their sums over all processes, or the
	// greatest of them. It panics where another process is gone.
	Combine(x *torch.Tensor, how How)
	// Gather returns the whole of a part, the same to all processes.
	Gather(part *torch.Tensor, shard *Shard) *torch.Tensor
}

// How is what Combine does.
type How int

// The ways to combine.
const (
	Sum How = iota
	Max
)

// table has the shards by weak pointers to the tensors.
var table sync.Map

// count is how many tensors were noted, ever: without any nobody has to look.
var count atomic.Int64

// Note says that x is a part.
func Note(x *torch.Tensor, shard *Shard) {
	key := weak.Make(x)
	if _, known := table.Swap(key, shard); !known {
		count.Add(1)
		runtime.AddCleanup(x, func(key weak.Pointer[torch.Tensor]) { table.Delete(key) }, key)
	}
}

// Of returns of what x is a part, or nil if it is none.
func Of(x *torch.Tensor) *Shard {
	if count.Load() == 0 || x == nil {
		return nil
	}
	found, _ := table.Load(weak.Make(x))
	shard, _ := found.(*Shard)
	return shard
}

// Any reports whether some of the tensors are parts.
func Any(tensors []*torch.Tensor) bool {
	for _, x := range tensors {
		if Of(x) != nil {
			return true
		}
	}
	return false
}

// Whole returns the shape of what is a part of nothing.
func (s *Shard) Whole() []int {
	for s.Within != nil {
		s = s.Within
	}
	return s.Shape
}

// Gather returns the whole, which is a part of nothing, the same to all processes.
func (s *Shard) Gather(part *torch.Tensor) *torch.Tensor {
	whole := s.Group.Gather(part, s)
	if s.Within != nil {
		whole = s.Within.Gather(whole)
	}
	return whole
}

// PartOf returns the shard's part of the whole, a view, where it has so many elements along
// the dimension that is cut.
func (s *Shard) PartOf(whole *torch.Tensor, length int) *torch.Tensor {
	if s.Within != nil {
		whole = s.Within.PartOf(whole, s.Shape[s.Within.Dim])
	}
	return whole.Narrow(s.Dim, min(s.Offset, s.Shape[s.Dim]), length)
}
