package main

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// operators returns the names of those to be called.
func operators(only string) ([]string, error) {
	if only != "" {
		return strings.Split(only, ","), nil
	}
	schemas, err := cgotorch.Schemas()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, text := range schemas {
		name, _, _ := strings.Cut(text, "(")
		if excluded[name] == "" {
			names = append(names, name)
		}
	}
	return names, nil
}

// plan spreads calls evenly over operators, and these over batches of some thousand
// calls, in an order of r's. Listed operators are in batches of their own.
func plan(names []string, calls int, list map[string]listed, r *rand.Rand) (batches [][]work) {
	const size = 4000
	names = slices.Clone(names)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var batch, fragile []work
	full := func(b []work) bool { return len(b) > 0 && len(b)*(b[0].To+1) >= size }
	for i, name := range names {
		w := work{name, 0, calls / len(names)}
		if i < calls%len(names) {
			w.To++
		}
		to := &batch
		if _, ok := list[name]; ok {
			to = &fragile
		}
		if *to = append(*to, w); full(*to) {
			batches = append(batches, *to)
			*to = nil
		}
	}
	for _, rest := range [][]work{batch, fragile} {
		if len(rest) > 0 {
			batches = append(batches, rest)
		}
	}
	return batches
}
