package minilm

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// golden is what embed.py --tiny says of the tiny BERT beside it.
type golden struct {
	Texts   []string
	Tokens  [][]int
	Vectors [][]float64
}

func readGolden(t *testing.T) (g golden) {
	data, err := os.ReadFile("testdata/golden.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &g))
	require.NotEmpty(t, g.Texts)
	return g
}

func newTiny(t *testing.T) *Embedder {
	e, err := NewEmbedder("testdata")
	require.NoError(t, err)
	return e
}

// tolerance is what vectors of length 1 may differ by: single precision, and sums in
// another order on another processor.
const tolerance = 1e-6

func TestVectorsAreThoseOfPython(t *testing.T) {
	g, e := readGolden(t), newTiny(t)
	for i, text := range g.Texts {
		assert.Equal(t, g.Tokens[i], e.tokens.Encode(text, 10), "%q", text)
	}
	var done []int
	vectors := e.Embed(g.Texts, func(n int) { done = append(done, n) })
	assert.Equal(t, []int{len(g.Texts)}, done)
	for i, want := range g.Vectors {
		assert.InDeltaSlice(t, want, torch.ToSlice[float64](vectors.Select(0, i)), tolerance, "%q", g.Texts[i])
	}
}

// A text has the same vector in a batch with longer ones and alone.
func TestBatchesDoNotMatter(t *testing.T) {
	g, e := readGolden(t), newTiny(t)
	texts := make([]string, 0, 40)
	for len(texts) < 40 {
		texts = append(texts, g.Texts...)
	}
	all := e.Embed(texts, nil)
	for i, text := range texts {
		assert.InDeltaSlice(t, torch.ToSlice[float64](e.Embed([]string{text}, nil).Select(0, 0)),
			torch.ToSlice[float64](all.Select(0, i)), tolerance)
	}
}

func TestConfigRefused(t *testing.T) {
	good := Config{Vocabulary: 3, Width: 4, Layers: 1, Heads: 2, Inner: 2, Positions: 5, Types: 1, Activation: "gelu"}
	require.NoError(t, good.check())
	for want, change := range map[string]func(c *Config){
		"hidden_size is 0":         func(c *Config) { c.Width = 0 },
		"4 features are not divid": func(c *Config) { c.Heads = 3 },
		`hidden_act is "relu"`:     func(c *Config) { c.Activation = "relu" },
	} {
		c := good
		change(&c)
		assert.ErrorContains(t, c.check(), want)
	}
}
