package profiler

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
)

// memoryAction is what happens to memory. The numbers are those of PyTorch's files.
type memoryAction int

const (
	preexisting memoryAction = iota + 1
	created
	incremented // a new version, of another category perhaps
	destroyed
)

// memoryStep is that at a time, -1 for before the trace.
type memoryStep struct {
	time   int
	action memoryAction
	of     version
	bytes  int
}

// timeline returns the steps in the order of time.
func (p *memoryProfile) timeline() (steps []memoryStep) {
	type change struct {
		block
		made bool
	}
	times, sizes := map[change]int{}, map[block]int{}
	for _, root := range p.roots {
		root.all(func(n *memoryNode) {
			if n.call != nil {
				for i, tensors := range n.call.inputs {
					for j, x := range tensors {
						sizes[n.blocks[i][j]] = max(sizes[n.blocks[i][j]], x.bytes)
					}
				}
				return
			}
			a, b := n.allocation, n.blocks[0][0]
			switch {
			case b != block{}:
				times[change{b, a.bytes > 0}] = a.time
			case a.bytes < 0: // memory in which no tensor was seen
				steps = append(steps, memoryStep{a.time, destroyed, version{}, -a.bytes})
			default:
				steps = append(steps, memoryStep{a.time, created, version{}, a.bytes})
			}
		})
	}
	for _, root := range p.roots { // which know better
		root.all(func(n *memoryNode) {
			if n.call == nil {
				sizes[n.blocks[0][0]] = max(n.allocation.bytes, -n.allocation.bytes)
			}
		})
	}

	last := map[block]int{}
	all := p.versions()
	for v := range all {
		last[v.block] = max(last[v.block], v.version)
	}
	for v := range all {
		if _, made := times[change{v.block, true}]; !made && v.version == 0 {
			steps = append(steps, memoryStep{-1, preexisting, v, sizes[v.block]})
		}
	}
	for _, n := range p.flow {
		for _, b := range n.sorted() {
			e := n.edges[b]
			switch {
			case e.made:
				steps = append(steps, memoryStep{times[change{b, true}], created, version{b, 0}, sizes[b]})
			case e.changed && !e.freed:
				steps = append(steps, memoryStep{n.start, incremented, version{b, e.version}, sizes[b]})
			}
			if e.freed {
				steps = append(steps, memoryStep{times[change{b, false}], destroyed, version{b, last[b]}, sizes[b]})
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b memoryStep) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.action, b.action), a.of.compare(b.of.block))
	})
	return steps
}

// changes calls f with the bytes that each step adds to a category, or takes from it.
func (p *memoryProfile) changes(f func(s memoryStep, bytes int, c category)) {
	for _, s := range p.timeline() {
		switch s.action {
		case preexisting, created:
			f(s, s.bytes, p.of(s.of))
		case incremented:
			f(s, -s.bytes, p.of(s.of))
			f(s, s.bytes, p.of(version{s.of.block, s.of.version + 1}))
		case destroyed:
			f(s, -s.bytes, p.of(s.of))
		}
	}
}

// memoryCurve is how many bytes each category has at the times of a timeline, in
// microseconds.
type memoryCurve struct {
	times []int
	sizes [][categories]int
}

func (p *memoryProfile) curve() memoryCurve {
	var c memoryCurve
	before := -1 // what was there before is drawn from the first time on
	p.changes(func(s memoryStep, bytes int, of category) {
		at := s.time
		if at >= 0 {
			at /= 1000
			if before < 0 {
				before = at
			}
		}
		switch n := len(c.times); {
		case n == 0:
			c.times, c.sizes = append(c.times, at), append(c.sizes, [categories]int{})
		case c.times[n-1] != at:
			c.times, c.sizes = append(c.times, at), append(c.sizes, c.sizes[n-1])
		}
		c.sizes[len(c.sizes)-1][of] += bytes
	})
	if len(c.times) > 0 && c.times[0] < 0 {
		c.times[0] = before
	}
	return c
}

// ExportMemoryTimeline writes what the CPU memory of the latest trace was for, over time. The
// ending of the name says what is written:
//
//   - ".html": a page with a picture;
//   - ".json" and ".json.gz": [times, sizes], the times in microseconds since 1970, and for each
//     a 0 and the bytes of the categories PARAMETER, OPTIMIZER_STATE, INPUT, TEMPORARY,
//     ACTIVATION, GRADIENT, AUTOGRAD_DETAIL and of what is not known;
//   - ".raw.json.gz": [nanoseconds, action, bytes, category] of each change, where action is 1
//     for memory that was there before, at the time -1, 2 for new memory, 3 for a change of
//     what is in it, of which there are two, of the category before and of the one after, and 4
//     for memory that is given back. Categories count from 0 on.
//
// Those are PyTorch's files, and the categories are found as PyTorch finds them: modules that
// are called by [github.com/wangkuiyi/gotorch/torch/nn.Module.Run], as those of package nn are,
// tell of their parameters and gradients, and optimizers of what they remember; the rest
// follows from what operators read and write. Memory is given back when a tensor is closed,
// which may be later than in Python: a [torch.Scope] around a step closes all at its end.
//
// It fails without RecordShapes and ProfileMemory, before there is a trace, and for another
// ending.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler._KinetoProfile.export_memory_timeline
func (p *Profile) ExportMemoryTimeline(path string) error {
	if !p.options.RecordShapes || !p.options.ProfileMemory {
		return errors.New("ExportMemoryTimeline needs Options.RecordShapes and Options.ProfileMemory")
	}
	if p.trace == nil {
		return errNoTrace
	}
	m := newMemoryProfile(p.trace)
	var content any
	switch {
	case strings.HasSuffix(path, ".html"):
		return atomicfile.Write(path, func(w io.Writer) error { return m.curve().writePage(w) })
	case strings.HasSuffix(path, ".raw.json.gz"):
		raw := [][4]int{}
		m.changes(func(s memoryStep, bytes int, c category) {
			raw = append(raw, [4]int{s.time, int(s.action), bytes, int(c)})
		})
		content = raw
	case strings.HasSuffix(path, ".json"), strings.HasSuffix(path, ".json.gz"):
		curve := m.curve()
		sizes := make([][]int, len(curve.sizes))
		for i, row := range curve.sizes {
			sizes[i] = append([]int{0}, row[:]...)
		}
		content = [2]any{append([]int{}, curve.times...), sizes}
	default:
		return fmt.Errorf("%s: the name of a memory timeline ends in .html, .json, .json.gz or .raw.json.gz", path)
	}
	return writeZipped(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(content) })
}

// writeZipped writes a file, compressed if its name ends in ".gz".
func writeZipped(path string, write func(w io.Writer) error) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		if !strings.HasSuffix(path, ".gz") {
			return write(w)
		}
		zipped := gzip.NewWriter(w)
		if err := write(zipped); err != nil {
			return err
		}
		return zipped.Close()
	})
}
