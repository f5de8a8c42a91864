package export

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExpressions(t *testing.T) {
	for text, want := range map[string]string{
		"Symbol('s0', integer=True)":                                 "s0",
		"Add(Symbol('s0', positive=True, integer=True), Integer(1))": "s0 + 1",
		"Mul(Integer(2), Add(Symbol('s0'), Integer(-1)))":            "2*(s0 + -1)",
		"FloorDiv(Symbol('s0'), Integer(2))":                         "(s0//2)",
		"Max(Integer(1), Symbol('u0'))":                              "Max(1, u0)",
		"Pow(Symbol('s0'), Integer(2))":                              "Pow(s0, 2)",
		"Add( Symbol('s0'), Integer(1))":                             "Add( Symbol('s0'), Integer(1))",
		"Add(=, Integer(1))":                                         "Add(=, Integer(1))",
		"Symbol('s0":                                                 "Symbol('s0",
		"Add(Symbol('s0')":                                           "Add(Symbol('s0')",
		"":                                                           "",
	} {
		assert.Equal(t, want, infix(text), text)
	}
}

func TestExpressionValues(t *testing.T) {
	for text, want := range map[string]int{
		"Add(Symbol('s0'), Integer(1))":             8,
		"Mul(Integer(2), Symbol('s0'))":             14,
		"FloorDiv(Integer(-7), Integer(2))":         -4,
		"CeilDiv(Symbol('s0'), Integer(2))":         4,
		"Mod(Integer(-7), Integer(4))":              1,
		"Pow(Symbol('s0'), Integer(2))":             49,
		"Min(Symbol('s0'), Integer(3), Integer(5))": 3,
	} {
		n, ok := parse(text).value(map[string]int{"s0": 7})
		assert.True(t, ok, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{"Symbol('s1')", "Mod(Symbol('s0'), Integer(0))", "Sin(Symbol('s0'))", "Add()", "="} {
		_, ok := parse(text).value(map[string]int{"s0": 7})
		assert.False(t, ok, text)
	}
}
