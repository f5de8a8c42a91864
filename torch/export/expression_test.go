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
		"FloorDiv(Add(Symbol('s0'), Integer(1)), Integer(2))":        "((s0 + 1)//2)",
		"Mod(Symbol('s0'), Mul(Integer(2), Symbol('s1')))":           "(s0%(2*s1))",
		"Max(Integer(1), Symbol('u0'))":                              "Max(1, u0)",
		"Pow(Symbol('s0'), Integer(2))":                              "Pow(s0, 2)",
		"Mul(Rational(1, 2), Symbol('s0'))":                          "(1/2)*s0",
		"Float('2.5', precision=53)":                                 "2.5",
		"Add( Symbol('s0'), Integer(1))":                             "Add( Symbol('s0'), Integer(1))",
		"Add(=, Integer(1))":                                         "Add(=, Integer(1))",
		"Symbol('s0":                                                 "Symbol('s0",
		"Add(Symbol('s0')":                                           "Add(Symbol('s0')",
		"":                                                           "",
	} {
		assert.Equal(t, want, infix(text), text)
	}
}
