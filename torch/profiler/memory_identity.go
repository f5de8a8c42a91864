package profiler

import (
	"cmp"
	"maps"
	"slices"
)

// block is memory that a tensor had. Blocks of one id belong together: a tensor had one after
// the other, or several tensors share one. The number tells those of one address apart.
type block struct{ id, number int }

// compare orders blocks.
func (b block) compare(other block) int {
	return cmp.Or(cmp.Compare(b.id, other.id), cmp.Compare(b.number, other.number))
}

// sighting is a tensor, or an allocation, at a time.
type sighting struct {
	time            int
	tensor, storage int // tensor is 0 for an allocation
	free            bool
	block           *block // to be found
}

// findBlocks finds the blocks of all sightings, which are in the order of time. That of an
// allocation that no tensor was seen in stays zero.
func findBlocks(sightings []sighting) {
	// Memory at an address is another block once it was freed.
	numbers, last := map[int]int{}, 0
	for _, s := range sightings {
		if numbers[s.storage] == 0 {
			last++
			numbers[s.storage] = last
		}
		s.block.number = numbers[s.storage]
		if s.free {
			delete(numbers, s.storage)
		}
	}

	// The blocks of one tensor belong together.
	first := map[int]int{} // of each tensor
	pairs := map[[2]int]bool{}
	for _, s := range sightings {
		if s.tensor == 0 {
			continue
		}
		if first[s.tensor] == 0 {
			first[s.tensor] = s.block.number
		}
		a, b := first[s.tensor], s.block.number
		pairs[[2]int{min(a, b), max(a, b)}] = true
	}
	ids := map[int]int{} // of each number, from 1 on
	for _, pair := range slices.SortedFunc(maps.Keys(pairs), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		if ids[pair[0]] == 0 {
			ids[pair[0]] = len(ids) + 1
		}
		if ids[pair[1]] == 0 {
			ids[pair[1]] = ids[pair[0]]
		}
	}
	for _, s := range sightings {
		if s.block.id = ids[s.block.number]; s.block.id == 0 {
			*s.block = block{}
		}
	}
}
