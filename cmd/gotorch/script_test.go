package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSummaryOfScripts(t *testing.T) {
	path := unpacked(t, "jit/testdata/scripts/mlp.pt")
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"summary", path}, &stdout, &stderr), stderr.String())
	assert.Equal(t, `layers.0.weight  float32  [8 4]  128 B
layers.0.bias    float32  [8]    32 B
layers.2.weight  float32  [3 8]  96 B
layers.2.bias    float32  [3]    12 B
4 tensors, 67 elements, 268 B
method  forward(__torch__.golden.torchscript.MLP self, Tensor x) -> Tensor  4 lines  98 B
file    note.txt
`, stdout.String())
	stdout.Reset()
	require.Equal(t, 0, run([]string{"summary", "-json", path}, &stdout, &stderr), stderr.String())
	var got summary
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &got))
	assert.Equal(t, []any{"a TorchScript program", 4, 67}, []any{got.Kind, got.Tensors, got.Elements})
	assert.Equal(t, []string{"note.txt"}, got.Script.Files)
}
