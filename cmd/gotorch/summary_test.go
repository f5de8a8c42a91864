package main

import (
	"bytes"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestSummary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.pt")
	require.NoError(t, torch.Save(map[string]any{
		"model": torch.OrderedDict{
			{Key: "fc.weight", Value: torch.Zeros([]int{300, 2})},
			{Key: "fc.bias", Value: torch.Zeros([]int{}, torch.TensorOptions{DType: torch.Int64})},
		},
		"state":  map[int]any{10: 1.5, 9: "nine"},
		"list":   []any{torch.Ones([]int{1}), nil},
		"epochs": 3,
		"betas":  []float64{0.9, 0.999},
	}, path))
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"summary", path}, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	assert.Equal(t, `betas                              [0.9 0.999]
epochs                             3
list.0           float32  [1]      4 B
list.1                             None
model.fc.weight  float32  [300 2]  2.3 KiB
model.fc.bias    int64    []       8 B
state.9                            nine
state.10                           1.5
3 tensors, 602 elements, 2.4 KiB
`, stdout.String())
}

// files are of all kinds, from the tests of the packages that read them.
const files = "../../torch/"

func TestSummaryOfKinds(t *testing.T) {
	for path, want := range map[string]string{
		"safetensors/testdata/python/odd.safetensors":              `"size\t\"\\/\n\x01\x7fgrößer<&>\u2028😀"  bool     [1]      1 B` + "\n",
		"safetensors/testdata/python":                              "metadata.total_size                 84\nb.weight             float32  [12]  48 B\na.bias               float32  [2]   8 B\na.weight             float32  [4]   16 B\nc.weight             float32  [3]   12 B\n4 tensors, 21 elements, 84 B\n",
		"safetensors/testdata/python/model.safetensors.index.json": "4 tensors, 21 elements, 84 B\n",
		"npy/testdata/python/plain.npz":                            "weight       float32    [2 3]  24 B\ngrößer/bias  float64    [2]    16 B\nscalar       int64      []     8 B\nfortran      complex64  [2 3]  48 B\n4 tensors, 15 elements, 96 B\n",
		"npy/testdata/python/fortran.npy":                          "fortran  int32  [2 3 4]  96 B\n1 tensors, 24 elements, 96 B\n",
		"npy/testdata/python/structure.npy":                        "structure  [('a', '<f4'), ('b', '<i4')]  [2]  0 B\n",
		"gguf/testdata/files/llama.gguf":                           "metadata.general.architecture",
		"testdata/saved/legacy_checkpoint.pt":                      "model.0.weight",
		"testdata/saved/containers.pt":                             "what it is in",
		"testdata/saved/layouts.pt":                                "float32 torch.sparse_coo",
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 0, run([]string{"summary", files + path}, &stdout, &stderr), stderr.String())
		assert.Contains(t, stdout.String(), want, path)
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"summary", "-json", files + "safetensors/testdata/python/odd.safetensors"}, &stdout, &stderr))
	var got map[string]any
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &got))
	entries := got["entries"].([]any)
	assert.Equal(t, map[string]any{"name": "metadata.format\n", "value": `pt"`}, entries[0])
	assert.Equal(t, map[string]any{"name": "scalar", "dtype": "float32", "shape": []any{}, "bytes": 4.0}, entries[5])
	assert.Equal(t, []any{"a safetensors file", 7.0, 6.0, 18.0}, []any{got["kind"], got["tensors"], got["elements"], got["bytes"]})
}

func TestSummaryRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte("hello"), 0o644))
	onnx := filepath.Join(t.TempDir(), "model.pt")
	require.NoError(t, os.WriteFile(onnx, []byte("\x08\x0a\x12\x07pytorch"), 0o644))
	for _, test := range []struct {
		arguments []string
		status    int
		message   string
	}{
		{nil, 2, "gotorch summary: want one FILE, such as model.pt (--help says more)\n"},
		{[]string{"a", "b"}, 2, "gotorch summary: want one FILE, such as model.pt (--help says more)\n"},
		{[]string{"-x"}, 2, "gotorch summary: flag provided but not defined: -x (--help says more)\n"},
		{[]string{"nowhere.pt"}, 1, "gotorch summary: stat nowhere.pt: no such file or directory\n"},
		{[]string{text}, 1, "gotorch summary: " + text + ": none of the files of tensors that are known"},
		{[]string{onnx}, 1, "gotorch summary: " + onnx + ": an ONNX model: save its initializers"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, test.status, run(append([]string{"summary"}, test.arguments...), &stdout, &stderr))
		assert.Contains(t, stderr.String(), test.message)
		assert.Empty(t, stdout.String())
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"summary", "--help"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "Usage: gotorch summary [-json] FILE")
}

// A file that means harm is an error, or a table of short lines.
func TestSummaryHostile(t *testing.T) {
	key := "X\x00\x00\x10\x00" + strings.Repeat("k", 1<<20)
	summary := func(data string) (status int, stdout, stderr bytes.Buffer) {
		file := torchtest.Archive(t, []byte(data))
		path := filepath.Join(t.TempDir(), "hostile.pt")
		content := make([]byte, file.Size())
		_, err := file.ReadAt(content, 0)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		hostile.Read(t, len(content), func() { status = run([]string{"summary", path}, &stdout, &stderr) })
		assert.Less(t, stderr.Len(), 500)
		for line := range bytes.Lines(stdout.Bytes()) {
			assert.Less(t, len(line), 600)
		}
		return status, stdout, stderr
	}
	for want, data := range map[string]string{
		"values are nested more than 1000 deep":  ")" + strings.Repeat("\x85", 600_000) + ".",
		"LoadOptions.MaxMemory allows it more":   "X\x01\x00\x00\x00xq\x01" + strings.Repeat("h\x01h\x01\x86q\x01", 28) + ".",
		"a pickle.Tuple is not kept beside":      ")" + strings.Repeat("\x85", 600_000) + "Q.",
		"value 1 is not there yet":               "h\x01.",
		"a Counter has a pickle.Tuple of kkkkkk": "ccollections\nCounter\n}" + key + ")s\x85R.",
	} {
		status, stdout, stderr := summary(data)
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr.String(), want)
		assert.Empty(t, stdout.String())
	}
	// A long key, in dicts within dicts; the list is that of a long text many times.
	deep := "X\x00\x20\x00\x00" + strings.Repeat("k", 1<<13) + "q\x01" + strings.Repeat("}h\x01", 900) + "](" + strings.Repeat("h\x01", 1000) + "e" + strings.Repeat("s", 900) + "."
	status, stdout, stderr := summary(deep)
	assert.Equal(t, 0, status, stderr.String())
	assert.Contains(t, stdout.String(), strings.Repeat("k", 97)+"...."+strings.Repeat("k", 97)+"...")
	assert.Contains(t, stdout.String(), "0 tensors")
}

func TestShort(t *testing.T) {
	for want, value := range map[string]any{
		"None": nil, "0.5": 0.5, "[1 None x]": torch.Tuple{1, nil, "x"}, "a Counter of 2": torch.Counter{"a": 1, 2: 3}, "[1 2]": []byte{1, 2},
		"torch.int8": torch.Int8, "cuda:1": torch.CUDA(1),
	} {
		assert.Equal(t, want, short(value))
	}
	for _, value := range []any{make([]byte, 100), make([]any, 100), strings.Repeat("x", 100), new(big.Int).Lsh(big.NewInt(1), 1000)} {
		assert.Len(t, short(value), 60)
	}
}

func TestSizeOf(t *testing.T) {
	for bytes, want := range map[int]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536 << 10: "1.5 MiB", 5 << 50: "5120.0 TiB"} {
		assert.Equal(t, want, sizeOf(bytes))
	}
}
