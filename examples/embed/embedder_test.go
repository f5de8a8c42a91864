package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

func TestCompareAndSearch(t *testing.T) {
	g := readGolden(t)
	t.Chdir("testdata")
	var out, log bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-model", ".", "compare", g.Texts[1], g.Texts[3]}, &out, &log))
	fields := strings.Fields(out.String())
	require.Len(t, fields, 4)
	for i, pair := range [][2]int{{1, 1}, {1, 3}, {3, 1}, {3, 3}} {
		want := 0.0
		for j, x := range g.Vectors[pair[0]] {
			want += x * g.Vectors[pair[1]][j]
		}
		got, err := strconv.ParseFloat(fields[i], 64)
		require.NoError(t, err)
		assert.InDelta(t, want, got, 2*tolerance)
	}

	file := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(file, []byte("he heads\n\na bad face\nof cafe\n\n\tmore\n\n\nc d\n"), 0o600))
	out.Reset()
	require.NoError(t, run(t.Context(), []string{"-model", ".", "-n", "2", "search", "a bad face\nof cafe\n\n\tmore", file}, &out, &log))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 2)
	assert.Equal(t, "1.000  "+file+":3  a bad face", lines[0])
	assert.Empty(t, log.String())
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "binary")
	require.NoError(t, os.WriteFile(binary, []byte("a\x00b"), 0o600))
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for want, args := range map[string][]string{
		"help requested":         {"-model", "testdata", "find"},
		"flag: help requested":   {"-model", "testdata", "compare", "one"},
		"there is neither model": {"-model", dir, "compare", "a", "b"},
		"is no text in UTF-8":    {"-model", "testdata", "search", "a", binary},
		"no passages":            {"-model", "testdata", "search", "a", empty},
		"no such file":           {"-model", "testdata", "search", "a", filepath.Join(dir, "none")},
		"-n is 0":                {"-model", "testdata", "-n", "0", "search", "a", binary},
	} {
		assert.ErrorContains(t, run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}), want)
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
