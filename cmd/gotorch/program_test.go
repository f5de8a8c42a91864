package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exported returns the path of a program that Python exported.
func exported(t *testing.T, name string) string {
	t.Helper()
	return unpacked(t, "export/testdata/exported/"+name+".pt2")
}

// unpacked returns the path of a file of the tests of another package, unpacked.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(files + name + ".gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func TestSummaryOfPrograms(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"summary", exported(t, "in_place_decomposed")}, &stdout, &stderr), stderr.String())
	assert.Equal(t, `0 tensors, 0 elements, 0 B
takes  x    f32[2, 3]
gives  x    f32[2, 3]  user_input_mutation
gives  mul  f32[2, 3]
2 nodes

graph(x: f32[2, 3]):
  add: f32[2, 3] = aten::add.Tensor(x, 1)
  mul: f32[2, 3] = aten::mul.Tensor(add, 2)
  return add, mul
`, stdout.String())
	stdout.Reset()
	require.Equal(t, 0, run([]string{"summary", "-json", exported(t, "cnn_train")}, &stdout, &stderr), stderr.String())
	var got summary
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &got))
	assert.Equal(t, []any{"a program of torch.export", 9, 382}, []any{got.Kind, got.Tensors, got.Elements})
	assert.Equal(t, "norm.num_batches_tracked", got.Entries[8].Name)
	assert.Equal(t, []argument{{"x", "f32[s77, 1, 8, 8]", "user_input"}}, got.Signature.Inputs)
	assert.Contains(t, got.Signature.Graph, "aten::batch_norm(")
}

func TestCompile(t *testing.T) {
	model := exported(t, "mlp")
	dir := filepath.Dir(model)
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
		return path
	}
	copies := script("copies", `cp "$3" "$4"`+"\n") // after -c and the program
	text := filepath.Join(dir, "text.pt2")
	require.NoError(t, os.WriteFile(text, []byte("hello"), 0o600))
	t.Setenv(envPython, "")
	for _, test := range []struct {
		arguments []string
		status    int
		message   string
	}{
		{nil, 2, "gotorch compile: want one MODEL.pt2 (--help says more)\n"},
		{[]string{"-o", "x.so", model}, 2, "-o x.so does not end in .pt2, as PyTorch wants"},
		{[]string{filepath.Join(dir, "nowhere.pt2")}, 1, "no such file"},
		{[]string{text}, 1, "not a program of torch.export, but"},
		{[]string{"-python", "no-such-python", model}, 1, "there is no Python: exec: \"no-such-python\": executable file not found in $PATH; -python or $GOTORCH_PYTHON names one with torch\n"},
		{[]string{"-python", script("torchless", "exit 3\n"), model}, 1, "torchless has no torch: pip installs it"},
		{[]string{"-python", script("fails", "echo no compiler >&2\nexit 1\n"), model}, 1, "no compiler\ngotorch compile: " + model + ": AOTInductor has failed: exit status 1\n"},
		{[]string{"--help"}, 0, ""},
		{[]string{"-python", copies, model}, 0, ""},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, test.status, run(append([]string{"compile"}, test.arguments...), &stdout, &stderr), stderr.String())
		assert.Contains(t, stderr.String(), test.message)
	}
	want, err := os.ReadFile(model)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, "mlp_aoti.pt2"))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	left, err := filepath.Glob(filepath.Join(dir, ".compile-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
