package memtracker

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// outside is the name of what was made while no module ran.
const outside = "Global"

// kinds are the kinds in the order of a table's columns.
var kinds = []Kind{Parameter, Buffer, Gradient, Activation, Other}

// Snapshot is the memory that was alive at a time, in bytes.
type Snapshot struct {
	Total int
	// Modules has the memory by the module that it belongs to or was made in, without those
	// within, and by kind. What was made while no module ran is that of "Global".
	Modules map[string]map[Kind]int
}

// Kinds returns the memory by kind.
func (s Snapshot) Kinds() map[Kind]int {
	sums := map[Kind]int{}
	for _, byKind := range s.Modules {
		for kind, bytes := range byKind {
			sums[kind] += bytes
		}
	}
	return sums
}

// Table returns the snapshot as a table in bytes: a row for each module, sorted, and one for
// the total.
func (s Snapshot) Table() string {
	var b strings.Builder
	width := len(outside)
	for name := range s.Modules {
		width = max(width, len(name))
	}
	fmt.Fprintf(&b, "%-*s", width, "Module")
	for _, kind := range kinds {
		fmt.Fprintf(&b, "  %12s", kind)
	}
	fmt.Fprintf(&b, "  %12s\n", "Total")
	row := func(name string, byKind map[Kind]int) {
		fmt.Fprintf(&b, "%-*s", width, name)
		total := 0
		for _, kind := range kinds {
			fmt.Fprintf(&b, "  %12d", byKind[kind])
			total += byKind[kind]
		}
		fmt.Fprintf(&b, "  %12d\n", total)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Modules)) {
		row(name, s.Modules[name])
	}
	row("Total", s.Kinds())
	return strings.TrimSuffix(b.String(), "\n")
}
