package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

// exported returns the path of a program that Python exported.
func exported(t *testing.T, name string) string {
	t.Helper()
	return unpacked(t, "export/testdata/exported/"+name+".pt2")
}

// unpacked returns the path of a file of the tests of another package, unpacked.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	return torchtest.Unpack(t, files+name+".gz")
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

// A package of AOTInductor is listed without loading its code.
func TestSummaryOfCompiledModels(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "package")
	model := filepath.Join(dir, "data", "aotinductor", "model")
	require.NoError(t, os.MkdirAll(model, 0o755))
	for name, from := range map[string]string{"abc.wrapper.cpp": "wrapper.cpp", "abc.wrapper_metadata.json": "wrapper_metadata.json", "abc.wrapper.so": "kernel.cpp"} {
		data, err := os.ReadFile(files + "aoti/testdata/compiled/" + from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(model, name), data, 0o600))
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"summary", dir}, &stdout, &stderr), stderr.String())
	assert.Equal(t, `layers.0.weight  float32  [8 4]  128 B
layers.2.weight  float32  [3 8]  96 B
2 tensors, 56 elements, 224 B

model model, compiled for cpu: abc.wrapper.so, 7.5 KiB
AOTI_CPU_ISA     INVALID_VEC_ISA
AOTI_DEVICE_KEY  cpu
AOTI_MACHINE     x86_64
AOTI_PLATFORM    linux
author           golden
takes            args[0]       float32[0..16, 4]
takes            args[1]['k']  float32[2, 3]
takes            scale['s']    float32[3]
gives            3 tensors
it cannot run here: its library is none of Linux's: bad magic number '[10 35 105 110]' in record at byte 0x0
`, stdout.String())
	stdout.Reset()
	require.Equal(t, 0, run([]string{"summary", "-json", dir}, &stdout, &stderr), stderr.String())
	var s summary
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &s))
	require.Len(t, s.Models, 1)
	assert.Equal(t, "float32[0..16, 4]", s.Models[0].Inputs[0].Type)
}
