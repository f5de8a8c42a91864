package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what losses may differ by, relatively, on another libtorch or
// processor than that of the golden file: rounding grows from step to step.
const tolerance = 1e-3

func TestLossesAreThoseOfPython(t *testing.T) {
	var golden struct {
		SHA256 string
		Output []string
		Losses []float64
	}
	header := torchtest.Golden(t, "testdata/gpt.json", &golden)
	text, err := specification()
	if err != nil {
		t.Skip(err) // Debian's Go, for one, has its documents in a package of their own
	}
	if sum := sha256.Sum256([]byte(text)); hex.EncodeToString(sum[:]) != golden.SHA256 {
		t.Skip("the specification of this Go is not that of the golden file")
	}
	var out bytes.Buffer
	header.Run(t, func() { require.NoError(t, train(text, options{steps: 20, every: 1, sample: 40}, &out)) })
	if header.Exact() {
		assert.Equal(t, strings.Join(golden.Output, "\n")+"\n", out.String())
	}
	assert.InEpsilonSlice(t, golden.Losses, losses(t, out.String()), tolerance)
}

// A captured training prints what the eager one does.
func TestCapture(t *testing.T) {
	text := strings.Repeat(play, 20)
	var want, got bytes.Buffer
	require.NoError(t, train(text, options{steps: 8, every: 1, sample: 20}, &want))
	require.NoError(t, train(text, options{steps: 8, every: 1, sample: 20, capture: true}, &got))
	assert.Equal(t, want.String(), got.String())
	assert.Contains(t, want.String(), "step 8, loss ")
	assert.ErrorContains(t, torch.Try(func() {
		captured(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{in[0].Mul(in[0].Item())} })([]*torch.Tensor{torch.Ones([]int{1})})
	}), "the value of a tensor is read")
}

func TestSpecificationHasNoTags(t *testing.T) {
	root := t.TempDir()
	goroot(t, root)
	_, err := specification()
	assert.ErrorContains(t, err, "this installation of Go has no specification to learn from")
	assert.ErrorIs(t, err, os.ErrNotExist)

	require.NoError(t, os.Mkdir(filepath.Join(root, "doc"), 0o755))
	page := "<!--{\n}-->\n<h2 id=\"x\">Maps</h2>\n\n \n<p>a &lt; <code>b</code> &amp;&amp; c</p>\n"
	require.NoError(t, os.WriteFile(filepath.Join(root, "doc", "go_spec.html"), []byte(page), 0o600))
	text, err := specification()
	require.NoError(t, err)
	assert.Equal(t, "Maps\n\na < b && c", text)
}

// goroot makes the go command say that Go is in root.
func goroot(t *testing.T, root string) {
	bin := t.TempDir()
	script := "#!/bin/sh\necho " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700)) //nolint:gosec // it is to be run
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestLettersHaveNumbers(t *testing.T) {
	letters := NewLetters("to be…")
	assert.Equal(t, Letters(" beot…"), letters)
	numbers := letters.Encode("bet")
	assert.Equal(t, []int{1, 2, 4}, torch.ToSlice[int](numbers))
	assert.Equal(t, "bet", letters.Decode(numbers))
}

func TestFlags(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-h"}, &out))
	assert.Contains(t, out.String(), "Trains a small GPT on Go's specification.")
	for arguments, want := range map[string]string{
		"-steps -1":  "-steps and -sample cannot be negative (-h lists the flags)",
		"-every 0":   "-every is 0, want 1 or more (-h lists the flags)",
		"more":       `"more" is not a flag (-h lists the flags)`,
		"-unknown 1": "flag provided but not defined: -unknown (-h lists the flags)",
	} {
		assert.EqualError(t, run(strings.Fields(arguments), &out), want)
	}
}
