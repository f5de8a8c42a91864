package profiler

import (
	"cmp"
	"maps"
	"slices"
)

// memoryNode is a call or an allocation in the tree of those of a thread.
type memoryNode struct {
	start      int
	call       *call // or nil
	allocation *allocation
	blocks     [][]block // of a call's inputs, or that of the allocation
	parent     *memoryNode
	children   []*memoryNode
}

// toldRole is what a block is to the program.
type toldRole struct {
	role
	block block
}

// memoryTree returns the outermost calls and allocations of a trace, and the roles that were
// told, each in the order of time, with their blocks.
func memoryTree(t *trace) (roots []*memoryNode, roles []*toldRole) {
	var sightings []sighting
	var nodes []*memoryNode
	for i := range t.calls {
		c := &t.calls[i]
		n := &memoryNode{start: c.start, call: c, blocks: make([][]block, len(c.inputs))}
		for i, tensors := range c.inputs {
			n.blocks[i] = make([]block, len(tensors))
			for j, x := range tensors {
				sightings = append(sightings, sighting{c.start, x.tensor, x.storage, false, &n.blocks[i][j]})
			}
		}
		nodes = append(nodes, n)
	}
	for i := range t.allocations {
		a := &t.allocations[i]
		n := &memoryNode{start: a.time, allocation: a, blocks: [][]block{make([]block, 1)}}
		sightings = append(sightings, sighting{a.time, 0, a.address, a.bytes < 0, &n.blocks[0][0]})
		nodes = append(nodes, n)
	}
	for _, r := range t.roles {
		told := &toldRole{role: r}
		roles = append(roles, told)
		sightings = append(sightings, sighting{r.time, r.tensor, r.storage, false, &told.block})
	}
	sightings = slices.DeleteFunc(sightings, func(s sighting) bool { return s.storage == 0 }) // without memory
	slices.SortStableFunc(sightings, func(a, b sighting) int { return cmp.Compare(a.time, b.time) })
	findBlocks(sightings)

	slices.SortStableFunc(nodes, func(a, b *memoryNode) int { return cmp.Compare(a.start, b.start) })
	current := map[int]*memoryNode{} // of each thread, the innermost call
	for _, n := range nodes {
		thread := n.thread()
		around := current[thread]
		for around != nil && n.start > around.call.end {
			around = around.parent
		}
		if n.call != nil && n.call.async {
			roots = append(roots, n)
			continue
		}
		if n.parent = around; around == nil {
			roots = append(roots, n)
		} else {
			around.children = append(around.children, n)
		}
		if n.call != nil {
			around = n
		}
		current[thread] = around
	}
	return roots, roles
}

func (n *memoryNode) thread() int {
	if n.call != nil {
		return n.call.thread
	}
	return n.allocation.thread
}

// all calls f with the node and all that are within.
func (n *memoryNode) all(f func(n *memoryNode)) {
	f(n)
	for _, child := range n.children {
		child.all(f)
	}
}

// backward reports whether the node is of a backward pass.
func (n *memoryNode) backward() bool {
	for ; n != nil; n = n.parent {
		if n.call != nil && n.call.scope == ScopeBackward {
			return true
		}
	}
	return false
}

// version is a block between two changes.
type version struct {
	block
	version int
}

// flowEdge is what a call does to a block.
type flowEdge struct {
	made, changed, freed bool
	version              int // before it, unless it is made
}

// flowNode is an outermost operator or node of a backward pass, or an allocation outside of
// those, with the blocks that go in and come out.
type flowNode struct {
	*memoryNode
	edges map[block]*flowEdge
}

// memoryFlow returns the flow of a tree in the order of time.
func memoryFlow(roots []*memoryNode) []*flowNode {
	var leaves []*memoryNode
	var visit func(n *memoryNode)
	visit = func(n *memoryNode) {
		if n.call == nil || n.call.operator || n.call.scope == ScopeBackward {
			leaves = append(leaves, n)
			return
		}
		for _, child := range n.children {
			visit(child)
		}
	}
	for _, n := range roots {
		visit(n)
	}
	slices.SortStableFunc(leaves, func(a, b *memoryNode) int { return cmp.Compare(a.start, b.start) })

	var flow []*flowNode
	versions := map[block]int{}
	for _, leaf := range leaves {
		n := &flowNode{leaf, leaf.edges(versions)}
		for b, e := range n.edges {
			if e.changed && !e.made && !e.freed {
				versions[b]++
			}
		}
		flow = append(flow, n)
	}
	return flow
}

// edges finds what is done to blocks in a node.
func (n *memoryNode) edges(versions map[block]int) map[block]*flowEdge {
	edges := map[block]*flowEdge{}
	edge := func(b block) *flowEdge {
		if edges[b] == nil {
			edges[b] = &flowEdge{version: versions[b]}
		}
		return edges[b]
	}
	known := map[block]bool{} // the inputs of operators, of which one knows whether they change
	n.all(func(n *memoryNode) {
		if n.call == nil {
			return
		}
		for i, blocks := range n.blocks {
			for _, b := range blocks {
				e := edge(b)
				known[b] = known[b] || n.call.operator
				e.changed = e.changed || n.call.written[i]
			}
		}
	})
	for b, e := range edges {
		e.changed = e.changed || !known[b]
	}
	n.all(func(n *memoryNode) {
		if n.call != nil {
			return
		}
		if e := edge(n.blocks[0][0]); n.allocation.bytes < 0 {
			e.freed = true
		} else {
			e.made = true
		}
	})
	delete(edges, block{}) // of no tensor
	return edges
}

// sorted returns the blocks of all edges, in order.
func (n *flowNode) sorted() []block {
	return slices.SortedFunc(maps.Keys(n.edges), block.compare)
}

// inputs returns what goes in.
func (n *flowNode) inputs() (list []version) {
	for _, b := range n.sorted() {
		if e := n.edges[b]; !e.made {
			list = append(list, version{b, e.version})
		}
	}
	return list
}

// outputs returns what comes out: what is made and not freed, or changed.
func (n *flowNode) outputs() (list []version) {
	for _, b := range n.sorted() {
		switch e := n.edges[b]; {
		case e.freed:
		case e.made:
			list = append(list, version{b, 0})
		case e.changed:
			list = append(list, version{b, e.version + 1})
		}
	}
	return list
}

// intermediates returns what is made and freed.
func (n *flowNode) intermediates() (list []block) {
	for _, b := range n.sorted() {
		if e := n.edges[b]; e.made && e.freed {
			list = append(list, b)
		}
	}
	return list
}
