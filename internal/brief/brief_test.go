package brief

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestText(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("ü", 100), strings.Repeat("\xff", 100)} {
		assert.Equal(t, text, Text(text))
	}
	assert.Equal(t, strings.Repeat("ü", 97)+"...", Text(strings.Repeat("ü", 101)))
	assert.Equal(t, strings.Repeat("\xff", 97)+"...", Text(strings.Repeat("\xff", 5<<20)))
	assert.Equal(t, "ab...", Cut("abcdef", 5))
}

func TestValue(t *testing.T) {
	deep := any(1)
	for range 1_000_000 { // fmt would end the process
		deep = []any{deep}
	}
	for want, v := range map[string]any{
		"<nil>": nil, "true": true, "-7": -7, "0.5": 0.5, "(1+2i)": 1 + 2i, "text": "text", "a []interface {}": deep, "a []uint8": []byte{1},
		strings.Repeat("x", 97) + "...": strings.Repeat("x", 1000),
		"(1, (b, <nil>))":               [2]any{1, [2]any{"b", nil}}, "(0, 1, 2, 3, ...)": [5]any{0, 1, 2, 3, 4}, "(a []interface {})": [1]any{deep},
		"(((a [1]interface {})))": [1]any{[1]any{[1]any{[1]any{1}}}},
	} {
		assert.Equal(t, want, Value(v))
	}
}
