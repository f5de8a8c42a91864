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
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestCompareAndSearch(t *testing.T) {
	var g struct { // what embed.py --tiny says
		Texts   []string
		Vectors [][]float64
	}
	t.Chdir("minilm/testdata")
	data, err := os.ReadFile("golden.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &g))
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
		assert.InDelta(t, want, got, 2e-6)
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
		"help requested":         {"-model", "minilm/testdata", "find"},
		"flag: help requested":   {"-model", "minilm/testdata", "compare", "one"},
		"there is neither model": {"-model", dir, "compare", "a", "b"},
		"is no text in UTF-8":    {"-model", "minilm/testdata", "search", "a", binary},
		"no passages":            {"-model", "minilm/testdata", "search", "a", empty},
		"no such file":           {"-model", "minilm/testdata", "search", "a", filepath.Join(dir, "none")},
		"-n is 0":                {"-model", "minilm/testdata", "-n", "0", "search", "a", binary},
	} {
		assert.ErrorContains(t, run(t.Context(), args, &bytes.Buffer{}, &bytes.Buffer{}), want)
	}
}
