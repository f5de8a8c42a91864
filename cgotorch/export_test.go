package cgotorch

import "unsafe"

// ResultsOf reads arguments as if a call had given them.
func ResultsOf(a *Args) Results {
	words, _ := a.buffer()
	return Results{words: unsafe.Slice(words, int(a.n))}
}
