package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/graph"
)

// Values are those that Python computes, and texts those of its ast.unparse.
func TestExpressions(t *testing.T) {
	symbols := map[string]any{"s0": 7, "s1": 2.5, "x.size()[0]": 6, "more['a b'][0].size()[1]": 3, "b": true}
	for _, c := range []struct {
		text, want string
		value      any
	}{
		{"s0", "s0", 7},
		{"2*s0 + 1", "2 * s0 + 1", 15},
		{"2*(s0 + -1)", "2 * (s0 + -1)", 12},
		{"((-1) + x.size()[0])", "-1 + x.size()[0]", 5},
		{"s0 - 1 - 2", "s0 - 1 - 2", 4},
		{"s0 - (1 - 2)", "s0 - (1 - 2)", 8},
		{"-7 // 2", "-7 // 2", -4},
		{"-7 % 4", "-7 % 4", 1},
		{"7.5 % -2", "7.5 % -2", -0.5},
		{"-s0**2", "-s0 ** 2", -49},
		{"(-s0)**2", "(-s0) ** 2", 49},
		{"2**3**2", "2 ** 3 ** 2", 512},
		{"(2**3)**2", "(2 ** 3) ** 2", 64},
		{"2**-1", "2 ** -1", 0.5},
		{"3**39", "3 ** 39", 4052555153018976267},
		{"(-1)**65", "(-1) ** 65", -1},
		{"(x.size()[0] % 2) == 0", "x.size()[0] % 2 == 0", true},
		{"(x.size()[0] // 4) != more['a b'][0].size()[1]", "x.size()[0] // 4 != more['a b'][0].size()[1]", true},
		{"s0 > 3 and (s0 < 5 or b)", "s0 > 3 and (s0 < 5 or b)", true},
		{"not s0 >= 3", "not s0 >= 3", false},
		{"torch.sym_max(4, s0, 9) > 4", "torch.sym_max(4, s0, 9) > 4", true},
		{"Min(s0, s1)", "Min(s0, s1)", 2.5},
		{"math.trunc(s0 / 2) == 3", "math.trunc(s0 / 2) == 3", true},
		{"CeilDiv(s0, 2)", "CeilDiv(s0, 2)", 4},
		{"round(s1) + round(3.5)", "round(s1) + round(3.5)", 6},
		{"math.floor(-s1) + math.ceil(s1)", "math.floor(-s1) + math.ceil(s1)", 0},
		{"torch._sym_sqrt(s0 + 2)", "torch._sym_sqrt(s0 + 2)", 3.0},
		{"s0 << 1 | s0 >> 2 & 3", "s0 << 1 | s0 >> 2 & 3", 15},
		{"Eq(s0, 7)", "Eq(s0, 7)", true},
		{"And(s0 > 1, Ne(s0, 3), True)", "And(s0 > 1, Ne(s0, 3), True)", true},
		{"torch.sym_ite(b, 1, 2)", "torch.sym_ite(b, 1, 2)", 1},
		{"2.5e-1*s1", "0.25 * s1", 0.625},
		{"s0 < math.inf", "s0 < +Inf", true},
		{"abs(-s0)", "abs(-s0)", 7},
		{"9007199254740993 == 9007199254740992", "9007199254740993 == 9007199254740992", false},
	} {
		e, err := graph.ParseExpression(c.text)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, e.String(), c.text)
		v, err := e.Value(func(name string) (any, bool) { v, ok := symbols[name]; return v, ok })
		require.NoError(t, err, c.text)
		assert.Equal(t, c.value, v, c.text)
	}
	e, err := graph.ParseExpression("s1*(s0 + s1) - x['k'].size()[0]")
	require.NoError(t, err)
	assert.Equal(t, []string{"s1", "s0", "x['k'].size()[0]"}, e.Symbols())
}

func TestExpressionsFail(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "no expression",
		"s0 +":                    "no expression",
		"(s0":                     "a parenthesis is open",
		"s0)":                     "\")\" is left over",
		"f(s0)":                   "the function f is not known",
		"Max(s0":                  "the arguments of Max do not end",
		"x['a":                    "a bracket is open",
		"1 < s0 < 3":              "it compares twice",
		"1.2.3":                   "invalid syntax",
		strings.Repeat("(", 5000): "it is more than 100 deep",
		strings.Repeat("-", 5000): "it is more than 100 deep",
	} {
		_, err := graph.ParseExpression(text)
		assert.ErrorContains(t, err, want, text)
	}
	for text, want := range map[string]string{
		"s0":                       "the value of s0 is not known",
		"1 // 0":                   "it divides [1 0]",
		"1 / 0":                    "it divides [1 0]",
		"2**64":                    "2 to the power of 64 is no int",
		"9223372036854775807 + 1":  "too large for an int",
		"-9223372036854775807 - 2": "too large for an int",
		"4611686018427387904*2":    "too large for an int",
		"4611686018427387904 << 1": "too large for an int",
		"int(1e30)":                "1e+30 is no int",
		"1 and True":               "it takes bools, not a int",
		"CeilDiv(1, 0)":            "it divides [1 0]",
	} {
		e, err := graph.ParseExpression(text)
		require.NoError(t, err, text)
		_, err = e.Value(func(string) (any, bool) { return nil, false })
		assert.ErrorContains(t, err, want, text)
	}
}

func ExampleSize_Value() {
	size := graph.Size{Symbol: "2*s0 + 1"}
	n, err := size.Value(map[string]int{"s0": 3})
	fmt.Println(n, err)
	_, err = size.Value(nil)
	fmt.Println(err)
	// Output:
	// 7 <nil>
	// the size 2*s0 + 1: the value of s0 is not known
}
