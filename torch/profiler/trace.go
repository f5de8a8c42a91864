package profiler

import (
	"cmp"
	"slices"
	"time"

	"github.com/wangkuiyi/gotorch/internal"
)

// trace is what was recorded, in the order of time. Times are nanoseconds since 1970.
type trace struct {
	start, end  int
	threads     map[int]int // the system's numbers of threads
	calls       []call
	allocations []allocation
	roles       []role
}

// call is a call that was recorded.
type call struct {
	name                  string
	id                    int
	scope                 Scope
	start, end            int
	thread, forwardThread int
	sequence              int
	flops                 int
	async                 bool
	shapes                [][]int
	types                 []string
	stack                 []string
	operator              bool         // whether it is known as one
	inputs                [][]identity // with memory: the tensors of each input
	written               []bool       // whether the operator writes to them
}

// identity tells tensors apart: by a number of the tensor, which no other has had, and the
// address of its storage.
type identity struct{ tensor, storage, bytes int }

// role says what a tensor is to the program.
type role struct {
	time int
	is   internal.TensorRole
	identity
}

// allocation is memory that a tensor got or, if bytes is below 0, gave back.
type allocation struct {
	time, thread, address, bytes, total int
}

// numbers reads what the recorder wrote.
type numbers struct {
	texts []string
	list  []int64
}

func (n *numbers) int() int {
	value := n.list[0]
	n.list = n.list[1:]
	return int(value)
}

func (n *numbers) text() string { return n.texts[n.int()] }

// readTrace reads what was recorded between two times.
func readTrace(texts []string, list []int64, start, end time.Time, stacks *stacks) *trace {
	t := &trace{start: int(start.UnixNano()), end: int(end.UnixNano()), threads: map[int]int{}}
	n := &numbers{texts, list}
	for range n.int() {
		thread := n.int()
		t.threads[thread] = n.int()
		for range n.int() {
			t.calls = append(t.calls, n.call(thread, stacks))
		}
		for range n.int() {
			t.allocations = append(t.allocations, allocation{n.int(), thread, n.int(), n.int(), n.int()})
		}
		for range n.int() {
			t.roles = append(t.roles, role{n.int(), internal.TensorRole(n.int()), n.identity()})
		}
	}
	// Calls of one thread are in the order in which they began, also where the clock says the same.
	slices.SortStableFunc(t.calls, func(a, b call) int { return cmp.Compare(a.start, b.start) })
	for i := range t.calls {
		t.calls[i].id = i + 1
	}
	slices.SortStableFunc(t.allocations, func(a, b allocation) int { return cmp.Compare(a.time, b.time) })
	slices.SortStableFunc(t.roles, func(a, b role) int { return cmp.Compare(a.time, b.time) })
	return t
}

func (n *numbers) call(thread int, stacks *stacks) call {
	c := call{name: n.text(), scope: Scope(n.int()), start: n.int(), end: n.int(), thread: thread, forwardThread: n.int(), sequence: n.int()}
	c.stack = stacks.lines(n.int())
	c.async = n.int() != 0
	c.flops, c.operator = n.int(), n.int() != 0
	for range n.int() {
		c.types = append(c.types, n.text())
		var shape []int
		for range n.int() {
			shape = append(shape, n.int())
		}
		c.shapes = append(c.shapes, shape)
		var tensors []identity
		for range n.int() {
			tensors = append(tensors, n.identity())
		}
		c.inputs, c.written = append(c.inputs, tensors), append(c.written, n.int() != 0)
	}
	return c
}

func (n *numbers) identity() identity { return identity{n.int(), n.int(), n.int()} }

// memoryIndex finds the allocations of a call.
type memoryIndex struct {
	byThread map[int][]*allocation // in the order of time
	taken    map[*allocation]bool
	all      []allocation
}

func newMemoryIndex(all []allocation) *memoryIndex {
	m := &memoryIndex{map[int][]*allocation{}, map[*allocation]bool{}, all}
	for i := range all {
		m.byThread[all[i].thread] = append(m.byThread[all[i].thread], &all[i])
	}
	return m
}

// take returns the bytes that were taken on the call's thread while it ran.
func (m *memoryIndex) take(c *call) (bytes int) {
	list := m.byThread[c.thread]
	from, _ := slices.BinarySearchFunc(list, c.start, func(a *allocation, at int) int { return cmp.Compare(a.time, at) })
	for _, a := range list[from:] {
		if a.time > c.end {
			break
		}
		m.taken[a] = true
		bytes += a.bytes
	}
	return bytes
}

// left returns the allocations that no call made.
func (m *memoryIndex) left() (list []allocation) {
	for i := range m.all {
		if !m.taken[&m.all[i]] {
			list = append(list, m.all[i])
		}
	}
	return list
}
