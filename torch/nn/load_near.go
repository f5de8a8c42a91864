package nn

import (
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// findNearMisses finds for missing names unexpected ones that may be meant for them: where
// one has a prefix more, or they differ in case and signs only, else in a few letters.
func (r *LoadReport) findNearMisses(module *Module, dict StateDict) {
	const most = 500 // in which few letters are looked for
	shapes := map[string][]int{}
	for _, n := range dict {
		shapes[n.Name] = n.Tensor.Shape()
	}
	wanted := map[string]*torch.Tensor{}
	for _, n := range module.NamedTensors() {
		wanted[n.Name] = n.Tensor
	}
	bySuffix, byLetters, free := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, name := range r.Unexpected {
		free[name] = true
		byLetters[letters(name)] = name
		for suffix := range suffixes(name) {
			bySuffix[suffix] = name
		}
	}
	take := func(missing, unexpected string) bool {
		x := wanted[missing]
		if !free[unexpected] || x == nil || !slices.Equal(x.Shape(), shapes[unexpected]) {
			return false
		}
		free[unexpected] = false
		r.NearMisses = append(r.NearMisses, NearMiss{missing, unexpected})
		return true
	}
	for i, name := range r.Missing {
		if take(name, bySuffix[name]) || take(name, byLetters[letters(name)]) || takeSuffix(name, take) ||
			i >= most || len(r.Unexpected) > most {
			continue
		}
		take(name, r.nearest(name, free))
	}
}

// takeSuffix tries the name without its first parts.
func takeSuffix(name string, take func(missing, unexpected string) bool) bool {
	for suffix := range suffixes(name) {
		if take(name, suffix) {
			return true
		}
	}
	return false
}

// nearest returns the free unexpected name that differs in the fewest letters, or "" if
// none differs in a quarter of them or less.
func (r *LoadReport) nearest(name string, free map[string]bool) string {
	best, fewest := "", len(name)/4+1
	for _, other := range r.Unexpected {
		if !free[other] {
			continue
		}
		if n := distance(name, other, fewest); n < fewest {
			best, fewest = other, n
		}
	}
	return best
}

// suffixes gives a name without its first part, without its first two, and so on.
func suffixes(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for range 8 {
			_, rest, found := strings.Cut(name, ".")
			if !found || !yield(rest) {
				return
			}
			name = rest
		}
	}
}

// letters returns a name in lower case without its dots and underscores, and with the
// names that TensorFlow has for the parameters of normalisations in PyTorch's words.
func letters(name string) string {
	return lettersOf.Replace(strings.ToLower(name))
}

var lettersOf = strings.NewReplacer("_", "", ".", "", "-", "", "/", "", "gamma", "weight", "beta", "bias")

// distance returns how many letters are to be changed, added or left out to make b of a,
// or limit if that is as many or more.
func distance(a, b string, limit int) int {
	const longest = 200
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > longest || len(b) > longest {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
			least = min(least, cost)
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
