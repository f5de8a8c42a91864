package schema_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/schema"
)

// write puts a schema together again, without alias annotations.
func write(s *schema.Schema) string {
	var out strings.Builder
	out.WriteString(s.Name)
	if s.Overload != "" {
		out.WriteString("." + s.Overload)
	}
	var parts []string
	keyword := false
	for _, a := range s.Arguments {
		if a.Keyword && !keyword {
			parts = append(parts, "*")
			keyword = true
		}
		part := strings.TrimSuffix(a.Type.String()+" "+a.Name, " ")
		if a.HasDefault {
			part += "=" + a.Default
		}
		parts = append(parts, part)
	}
	out.WriteString("(" + strings.Join(parts, ", ") + ") -> ")
	parts = nil
	for _, r := range s.Results {
		parts = append(parts, strings.TrimSuffix(r.Type.String()+" "+r.Name, " "))
	}
	if len(parts) == 1 {
		return out.String() + parts[0]
	}
	return out.String() + "(" + strings.Join(parts, ", ") + ")"
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"aten::relu(Tensor self) -> Tensor":                                                   "",
		"aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor":            "",
		"aten::add_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)":                      "aten::add_.Tensor(Tensor self, Tensor other) -> Tensor",
		"aten::split(Tensor(a -> *) self, SymInt size) -> Tensor(a)[]":                        "aten::split(Tensor self, int size) -> Tensor[]",
		"x::inplace(Tensor[](a!) inputs) -> Tensor[](a!)":                                     "x::inplace(Tensor[] inputs) -> Tensor[]",
		"x::out(Tensor(a!)? one, Tensor?(b!) two) -> ()":                                      "x::out(Tensor? one, Tensor? two) -> ()",
		"aten::pool(Tensor self, SymInt[2] size, int[1]? p=[]) -> (Tensor out, Tensor index)": "aten::pool(Tensor self, int[2] size, int[1]? p=[]) -> (Tensor out, Tensor index)",
		"x::lists(Tensor?[] a, str[][] b, Scalar?[]? c=None) -> (int?, Tensor[][])":           "",
		`x::words(Tensor x, str a=", (\"", str b="\"\'\\", *, str c="x=y") -> str`:            "",
		"x::dict(int id) -> Dict(Tensor, Tensor)":                                             "",
		"x::object(__torch__.torch.classes.c10d.Work w) -> ()":                                "",
	} {
		if want == "" {
			want = text
		}
		s, err := schema.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, write(s))
		assert.Equal(t, text, s.Text)
	}
	s, err := schema.Parse("aten::pool(Tensor?[] a, int[2]? b=[0, 1], *, float c) -> Tensor d")
	require.NoError(t, err)
	tensor := &schema.Type{Name: "Tensor", Optional: true}
	assert.Equal(t, []schema.Argument{
		{Type: &schema.Type{Element: tensor}, Name: "a"},
		{Type: &schema.Type{Element: &schema.Type{Name: "int"}, Size: 2, Optional: true}, Name: "b", Default: "[0, 1]", HasDefault: true},
		{Type: &schema.Type{Name: "float"}, Name: "c", Keyword: true},
	}, s.Arguments)
	assert.Equal(t, []schema.Result{{Type: &schema.Type{Name: "Tensor"}, Name: "d"}}, s.Results)
	s, err = schema.Parse("aten::split(Tensor(a -> *) self, Tensor(b!)[] out, Tensor[](c!) all) -> Tensor(a)[]")
	require.NoError(t, err)
	assert.Equal(t, "a", s.Arguments[0].Type.Alias)
	assert.Equal(t, "b!", s.Arguments[1].Type.Element.Alias)
	assert.Equal(t, "c!", s.Arguments[2].Type.Alias)
	assert.Equal(t, "a", s.Results[0].Type.Element.Alias)
	for _, text := range []string{"", "aten::relu", "aten::relu(Tensor self", "aten::relu(Tensor self)", `x::y(str a=")) -> Tensor`} {
		_, err := schema.Parse(text)
		assert.ErrorContains(t, err, "not an operator's schema", text)
	}
}

// alias is an annotation of what an argument shares memory with.
var alias = regexp.MustCompile(`\([a-z]!?(\|[a-z])?( -> \*)?\)`)

// TestEveryOperator takes the schemas of all operators apart and puts them
// together again.
func TestEveryOperator(t *testing.T) {
	list, err := cgotorch.Schemas()
	require.NoError(t, err)
	for _, text := range list {
		s, err := schema.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, strings.ReplaceAll(alias.ReplaceAllString(text, ""), "SymInt", "int"), write(s))
	}
}

// A type is not nested without an end, and an error not as long as the text.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", 1000):                                           `not an operator's schema: "` + strings.Repeat("x", 97) + `..."`,
		"x::f(Tensor" + strings.Repeat("[]", 1_000_000) + " x) -> ()":       `type "Tensor[][]`,
		"x::f() -> Tensor" + strings.Repeat("(a)", 17):                      "has more than 16 brackets",
		"x::f(Tensor] x) -> ()":                                             "",
		"x::f(int[-3] x, int[99999999999999999999] y, ) x) y( -> ()) -> ()": "",
	} {
		_, err := schema.Parse(text)
		if want == "" {
			continue // no panic
		}
		require.ErrorContains(t, err, want)
		assert.Less(t, len(err.Error()), 200)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)",
		"x::lists(Tensor?[] a, str[][] b, Scalar?[]? c=None) -> (int?, Tensor[][])",
		`x::words(Tensor x, str a=", (\"", str b="\"\'\\", *, str c="x=y") -> str`,
		"x::dict(SymInt[2] id) -> Dict(Tensor, Tensor)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hostile.Read(t, len(text), func() {
			s, err := schema.Parse(text)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000)
				return
			}
			_ = write(s)
		})
	})
}

func TestIsDefault(t *testing.T) {
	for _, c := range []struct{ written, yes, no string }{
		{"None", "None", "0"}, {"True", "true", "false"}, {"False", "False", "0"}, {"2.", "2", "3"}, {"1.0000000000000001e-05", "1e-05", "1e-06"},
		{"[0, 1]", "[0, 1]", "[0]"}, {"contiguous_format", "torch.contiguous_format", "torch.channels_last"}, {`"mean"`, `"mean"`, "mean"},
	} {
		a := schema.Argument{Default: c.written, HasDefault: true}
		assert.True(t, a.IsDefault(c.yes), c.written)
		assert.False(t, a.IsDefault(c.no), c.written)
	}
	assert.False(t, new(schema.Argument).IsDefault(""))
}
