package flops

import (
	"slices"
	"strings"
)

// einsum is the formula of an equation of two tensors, such as "bij,bjk->bik": what is
// summed over in one of them alone is summed before they are multiplied. More tensors are
// not counted, as the order in which they are multiplied matters.
func einsum(c call) (int, bool) {
	if len(c.args) < 2 {
		return 0, false
	}
	equation, ok1 := c.args[0].(string)
	tensors, ok2 := c.args[1].([]any)
	if !ok1 || !ok2 || len(tensors) != 2 {
		return 0, false
	}
	inputs, output, explicit := strings.Cut(strings.ReplaceAll(equation, " ", ""), "->")
	terms := strings.Split(inputs, ",")
	if len(terms) != 2 {
		return 0, false
	}
	var labels [2][]rune
	sizes := map[rune]int{}
	for i, term := range terms {
		s, ok := shape(tensors, i, -1)
		labels[i] = spread(term, len(s))
		if !ok || len(labels[i]) != len(s) {
			return 0, false
		}
		for d, label := range labels[i] {
			sizes[label] = max(sizes[label], s[d])
		}
	}
	kept := func(label rune) bool {
		if label < ' ' { // of "...", which the result keeps
			return true
		}
		once := strings.Count(inputs, string(label)) == 1
		return explicit && strings.ContainsRune(output, label) || !explicit && once
	}
	n, products := 2, false
	for label, size := range sizes {
		both := slices.Contains(labels[0], label) && slices.Contains(labels[1], label)
		if both || kept(label) {
			n *= size
		}
		products = products || both && !kept(label)
	}
	if !products { // each element is one product, as of tensors of one shape
		return 0, true
	}
	return n, true
}

// spread returns a label for each dimension of a term, those of "..." being numbers that
// are counted from the end.
func spread(term string, dims int) (labels []rune) {
	before, after, found := strings.Cut(term, "...")
	labels = []rune(before)
	if found {
		for i := min(dims-len(before)-len(after), 31); i > 0; i-- {
			labels = append(labels, rune(i))
		}
	}
	return append(labels, []rune(after)...)
}
