package profiler

import (
	"slices"

	"github.com/wangkuiyi/gotorch/internal"
)

// category is what memory is for. The numbers are those of PyTorch's files.
type category int

const (
	parameter category = iota
	optimizerState
	input
	temporary
	activation
	gradient
	autogradDetail
	unknown
	categories // how many there are
)

// String returns the name.
func (c category) String() string {
	return []string{"PARAMETER", "OPTIMIZER_STATE", "INPUT", "TEMPORARY", "ACTIVATION", "GRADIENT", "AUTOGRAD_DETAIL", "Unknown"}[c]
}

// memoryProfile says what the memory of a trace is for.
type memoryProfile struct {
	roots []*memoryNode
	flow  []*flowNode
	// What is known of all blocks of an id, of one block, or of a version of it; the first that
	// is there counts.
	byID      map[int]category
	byBlock   map[block]category
	byVersion map[version]category
	told      []block // whose id is known
}

func newMemoryProfile(t *trace) *memoryProfile {
	roots, roles := memoryTree(t)
	p := &memoryProfile{roots: roots, flow: memoryFlow(roots), byID: map[int]category{}, byBlock: map[block]category{}, byVersion: map[version]category{}}
	p.findGradients()
	p.tell(roles, internal.RoleGradient, gradient)
	for _, n := range p.flow {
		for _, b := range n.intermediates() {
			p.byBlock[b] = temporary
		}
	}
	p.tell(roles, internal.RoleParameter, parameter)
	p.findInputs()
	p.findParameters()
	p.findActivations()
	p.tell(roles, internal.RoleOptimizerState, optimizerState)
	p.findAutogradDetails()
	return p
}

// of returns the category of a version of a block.
func (p *memoryProfile) of(v version) category {
	if c, known := p.byID[v.id]; known && v.block != (block{}) {
		return c
	}
	if c, known := p.byBlock[v.block]; known {
		return c
	}
	if c, known := p.byVersion[v]; known {
		return c
	}
	return unknown
}

// set says what all blocks of an id are.
func (p *memoryProfile) set(b block, c category) {
	if b == (block{}) {
		return
	}
	p.byID[b.id] = c
	p.told = append(p.told, b)
}

// setDefault says what a version is, unless that was said.
func (p *memoryProfile) setDefault(v version, c category) {
	if _, known := p.byVersion[v]; !known {
		p.byVersion[v] = c
	}
}

// tell takes over what the program told.
func (p *memoryProfile) tell(roles []*toldRole, role internal.TensorRole, c category) {
	for _, told := range roles {
		if told.is == role {
			p.set(told.block, c)
		}
	}
}

// findGradients finds gradients that a backward pass adds to leaves: the first thing that is
// done then is to detach one or to add to it.
func (p *memoryProfile) findGradients() {
	for _, root := range p.roots {
		root.all(func(n *memoryNode) {
			if n.call == nil || n.call.scope != ScopeBackward || n.call.name != "torch::autograd::AccumulateGrad" || len(n.children) == 0 {
				return
			}
			first := n.children[0]
			if first.call != nil && (first.call.name == "aten::detach" || first.call.name == "aten::add_") && len(first.blocks) > 0 && len(first.blocks[0]) > 0 {
				p.set(first.blocks[0][0], gradient)
			}
		})
	}
}

// dependOnGradients returns the ids of blocks that depend, or will depend, on a gradient or a
// parameter.
func (p *memoryProfile) dependOnGradients() map[int]bool {
	depends := map[int]bool{}
	for before := -1; before < len(depends); {
		before = len(depends)
		for _, n := range p.flow {
			found := false
			for _, v := range n.inputs() {
				if c := p.of(v); c == gradient || c == parameter || depends[v.id] {
					depends[v.id] = true
					found = true
				}
			}
			if found {
				for _, v := range n.outputs() {
					depends[v.id] = true
				}
			}
		}
	}
	return depends
}

// findInputs finds what gradients are computed of, and does not depend on any itself.
func (p *memoryProfile) findInputs() {
	depends := p.dependOnGradients()
	used := map[version]bool{}
	for _, n := range slices.Backward(p.flow) {
		all := append(n.inputs(), n.outputs()...)
		if slices.ContainsFunc(all, func(v version) bool { c := p.of(v); return c == gradient || c == parameter || used[v] }) {
			for _, v := range all {
				used[v] = true
			}
		}
	}
	for _, n := range p.flow {
		if n.backward() {
			for _, v := range n.outputs() {
				delete(used, v)
			}
		}
	}
	for v := range used {
		if !depends[v.id] {
			p.setDefault(v, input)
		}
	}
}

// findParameters finds the parameters that nobody told: they take part in a forward pass, go
// into a gradient, and depend on one.
func (p *memoryProfile) findParameters() {
	forward, candidates := map[version]bool{}, map[version]bool{}
	for v := range p.versions() {
		if p.of(v) == input {
			forward[v] = true
		}
	}
	isGradient := func(v version) bool { return p.of(v) == gradient }
	for _, n := range p.flow {
		in, out := n.inputs(), n.outputs()
		if n.backward() || slices.ContainsFunc(in, isGradient) || slices.ContainsFunc(out, isGradient) ||
			!slices.ContainsFunc(in, func(v version) bool { return forward[v] }) {
			continue
		}
		for _, v := range out {
			forward[v] = true
		}
		for _, v := range in {
			if !forward[v] {
				candidates[v] = true
			}
		}
	}
	used := map[version]bool{}
	for _, n := range slices.Backward(p.flow) {
		if slices.ContainsFunc(n.outputs(), func(v version) bool { return isGradient(v) || used[v] }) {
			for _, v := range n.inputs() {
				used[v] = true
			}
		}
	}
	depends := p.dependOnGradients()
	for v := range candidates {
		if used[v] && depends[v.id] {
			p.set(v.block, parameter)
		}
	}
}

// findActivations finds what the forward pass computes of inputs.
func (p *memoryProfile) findActivations() {
	for _, n := range p.flow {
		if n.backward() {
			continue
		}
		needed, others := false, false
		for _, v := range n.inputs() {
			switch p.of(v) {
			case input, activation:
				needed = true
			case parameter, temporary:
			default:
				others = true
			}
		}
		if needed && !others {
			for _, v := range n.outputs() {
				p.setDefault(v, activation)
			}
		}
	}
}

// findAutogradDetails finds what else a backward pass makes.
func (p *memoryProfile) findAutogradDetails() {
	for _, n := range p.flow {
		if !n.backward() {
			continue
		}
		for _, v := range n.outputs() {
			before := version{v.block, v.version - 1}
			if c := p.of(before); v.version == 0 || c == unknown || c == autogradDetail {
				p.setDefault(v, autogradDetail)
			}
		}
	}
}

// versions returns all versions of all blocks.
func (p *memoryProfile) versions() map[version]bool {
	all := map[version]bool{}
	for _, n := range p.flow {
		for _, v := range append(n.inputs(), n.outputs()...) {
			all[v] = true
		}
		for _, b := range n.intermediates() {
			all[version{b, 0}] = true
		}
	}
	for _, b := range p.told {
		all[version{b, 0}] = true
	}
	return all
}
