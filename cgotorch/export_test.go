package cgotorch

import "unsafe"

// FreeBatch is freeBatch, for tests.
const FreeBatch = freeBatch

// ResultsOf reads arguments as if a call had given them.
func ResultsOf(a *Args) Results {
	words, _ := a.buffer()
	return Results{words: unsafe.Slice(words, int(a.n))}
}
