package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSplit(t *testing.T) {
	text := "// Package p is one.\npackage p\n\n\n// F does it.\nfunc F() {\n\tone()\n\n\ttwo()\n}\n\n-----\n\nvar x int\r\n"
	assert.Equal(t, []Passage{
		{"p.go", 1, "// Package p is one.\npackage p"},
		{"p.go", 5, "// F does it.\nfunc F() {\n\tone()\n\ttwo()\n}"},
		{"p.go", 14, "var x int"},
	}, split("p.go", text), "a line without a word is no passage")
	assert.Empty(t, split("empty", "\n\n"))
	assert.Equal(t, "// F does it.", split("p.go", text)[1].Title())
}
