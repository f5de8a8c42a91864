package profiler

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Event is a call of an operator, of a node of a backward pass, or of a region.
//
// https://docs.pytorch.org/docs/stable/generated/torch.autograd.profiler_util.FunctionEvent.html
type Event struct {
	ID   int    // in the order of beginning, from 1 on
	Name string // such as "aten::mm"; steps are "ProfilerStep*", "[memory]" is of allocations outside of operators
	// TraceName is the name with the number of a step, or "" if the event is not in Chrome traces.
	TraceName string
	Scope     Scope

	Start, End     time.Duration // since the recording began
	Thread         int           // the number of the thread that it began on
	ForwardThread  int           // of a backward pass: that of the forward one, or 0
	SequenceNumber int           // what a backward pass has in common with its forward one, or -1
	Async          bool          // it ended on another thread

	// InputShapes are the inputs' shapes, with RecordShapes; nil for what is no tensor.
	InputShapes [][]int
	InputTypes  []string // their dtypes in C++, such as "float", "Scalar", or ""
	FLOPs       int      // with WithFLOPs, 0 where there is no formula
	// CPUMemory is how many bytes of CPU memory it and its children took more than they gave back,
	// with ProfileMemory.
	CPUMemory int
	// Stack is where it was called, the innermost function first, each as
	// "file.go(12): package.Function", with WithStack. That of a backward pass is its forward
	// one's.
	Stack []string

	Parent   *Event   // the call on the same thread that this one is within, or nil
	Children []*Event // the calls directly within
}

// Scope says what an event is of.
type Scope int

// The scopes.
const (
	ScopeFunction Scope = 0 // an operator
	ScopeBackward Scope = 1 // a node of a backward pass
	ScopeUser     Scope = 7 // a region
)

// memoryEvent is the name of events of allocations that no operator made.
const memoryEvent = "[memory]"

// CPUTimeTotal returns how long the event took.
func (e *Event) CPUTimeTotal() time.Duration { return e.End - e.Start }

// SelfCPUTimeTotal returns how long it took without its children, 0 if it is asynchronous.
func (e *Event) SelfCPUTimeTotal() time.Duration {
	if e.Async {
		return 0
	}
	total := e.CPUTimeTotal()
	for _, child := range e.Children {
		total -= child.CPUTimeTotal()
	}
	return total
}

// SelfCPUMemory returns its CPUMemory without that of its children, 0 if it is asynchronous.
func (e *Event) SelfCPUMemory() int {
	if e.Async {
		return 0
	}
	bytes := e.CPUMemory
	for _, child := range e.Children {
		bytes -= child.CPUMemory
	}
	return bytes
}

// Events returns the events of the latest trace, or of all with AccEvents, in the order in
// which they began; nil before there is one.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler._KinetoProfile.events
func (p *Profile) Events() []*Event { return p.events }

// utilities are operators that are not shown.
var utilities = map[string]bool{"aten::is_leaf": true, "aten::output_nr": true, "aten::_version": true}

// eventsOf makes events of a trace.
func eventsOf(t *trace) []*Event {
	var events []*Event
	memory := newMemoryIndex(t.allocations)
	for i := range t.calls {
		c := &t.calls[i]
		if utilities[c.name] {
			continue
		}
		e := &Event{
			ID: c.id, Name: c.name, TraceName: c.name, Scope: c.scope,
			Start: time.Duration(c.start - t.start), End: time.Duration(c.end - t.start),
			Thread: c.thread, ForwardThread: c.forwardThread, SequenceNumber: c.sequence, Async: c.async,
			InputShapes: c.shapes, InputTypes: c.types, FLOPs: c.flops, Stack: c.stack,
			CPUMemory: memory.take(c),
		}
		if strings.HasPrefix(e.Name, stepName) {
			e.Name = strings.TrimSuffix(stepName, "#") + "*"
		}
		events = append(events, e)
	}
	for _, a := range memory.left() {
		at := time.Duration(a.time - t.start)
		events = append(events, &Event{ID: len(events) + 1, Name: memoryEvent, Start: at, End: at, Thread: a.thread,
			ForwardThread: a.thread, SequenceNumber: -1, CPUMemory: a.bytes})
	}
	slices.SortStableFunc(events, func(a, b *Event) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	return buildTree(events)
}

// buildTree finds which events are within others, and returns the events without those that
// are all that another one of their name is made of.
func buildTree(events []*Event) []*Event {
	current := map[int][]*Event{} // of each thread, those around the next one
	for _, e := range events {
		if e.Async {
			continue
		}
		around := current[e.Thread]
		for len(around) > 0 {
			parent := around[len(around)-1]
			if e.Start < parent.End && e.End <= parent.End {
				parent.Children = append(parent.Children, e)
				e.Parent = parent
				break
			}
			around = around[:len(around)-1]
		}
		current[e.Thread] = append(around, e)
	}
	events = withoutRepeated(events)
	setBackwardStacks(events)
	return events
}

// withoutRepeated takes out events whose parent has their name and no other child.
func withoutRepeated(events []*Event) []*Event {
	for {
		n := len(events)
		events = slices.DeleteFunc(events, func(e *Event) bool {
			parent := e.Parent
			if parent == nil || parent.Name != e.Name || len(parent.Children) != 1 {
				return false
			}
			parent.Children = e.Children
			for _, child := range e.Children {
				child.Parent = parent
			}
			return true
		})
		if len(events) == n {
			return events
		}
	}
}

// setBackwardStacks gives what a backward pass calls the stack of the forward one.
func setBackwardStacks(events []*Event) {
	type place struct{ sequence, thread int }
	stacks := map[place][]string{}
	for _, e := range events {
		if e.Stack != nil && backwardOf(e) == nil {
			stacks[place{e.SequenceNumber, e.Thread}] = e.Stack // the latest of a number has made the node
		}
	}
	for _, e := range events {
		if node := backwardOf(e); node != nil {
			e.Stack = stacks[place{node.SequenceNumber, node.ForwardThread}]
		}
	}
}

// backwardOf returns the node of a backward pass that an event is or is within, or nil.
func backwardOf(e *Event) *Event {
	for e != nil && e.Scope != ScopeBackward {
		e = e.Parent
	}
	return e
}
