package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSymPy(t *testing.T) {
	for text, want := range map[string]string{
		"s0":                "S(s0)",
		"2*s0 + 1":          "Add(Mul(Integer(2), S(s0)), Integer(1))",
		"s0 - 1":            "Add(S(s0), Mul(Integer(-1), Integer(1)))",
		"-1*s0":             "Mul(Integer(-1), S(s0))",
		"-s0":               "Mul(Integer(-1), S(s0))",
		"((s0 + 1)//2)":     "FloorDiv(Add(S(s0), Integer(1)), Integer(2))",
		"(1/2)*s0":          "Mul(Rational(1, 2), S(s0))",
		"s0/s1":             "IntTrueDiv(S(s0), S(s1))",
		"Max(1, s0) >= 2.0": "GreaterThan(Max(Integer(1), S(s0)), Float('2.0', precision=53))",
		"not s0 == -0.5":    "Not(Equality(S(s0), Float('-0.5', precision=53)))",
		"True":              "true",
	} {
		e, err := ParseExpression(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, e.SymPy(func(name string) string { return "S(" + name + ")" }), text)
	}
}

func TestPiecewise(t *testing.T) {
	e, err := ParseExpression("Piecewise(ExprCondPair(a, a > 2), ExprCondPair(7, True))")
	require.NoError(t, err)
	for a, want := range map[int]int{3: 3, 2: 7} {
		v, err := e.Value(func(string) (any, bool) { return a, true })
		require.NoError(t, err)
		assert.Equal(t, want, v)
	}
}
