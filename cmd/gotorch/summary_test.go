package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestSummaryRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte("hello"), 0o644))
	for _, test := range []struct {
		arguments []string
		status    int
		message   string
	}{
		{nil, 2, "gotorch summary: want one FILE, such as model.pt (--help says more)\n"},
		{[]string{"a", "b"}, 2, "gotorch summary: want one FILE, such as model.pt (--help says more)\n"},
		{[]string{"-x"}, 2, "gotorch summary: flag provided but not defined: -x (--help says more)\n"},
		{[]string{"nowhere.pt"}, 1, "gotorch summary: torch.Load: open nowhere.pt: no such file or directory\n"},
		{[]string{text}, 1, text},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, test.status, run(append([]string{"summary"}, test.arguments...), &stdout, &stderr))
		assert.Contains(t, stderr.String(), test.message)
		assert.Empty(t, stdout.String())
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"summary", "--help"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "Usage: gotorch summary FILE")
}

func TestShort(t *testing.T) {
	assert.Equal(t, "None", short(nil))
	assert.Len(t, short(make([]byte, 100)), 60)
}

func TestSizeOf(t *testing.T) {
	for bytes, want := range map[int]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536 << 10: "1.5 MiB", 5 << 50: "5120.0 TiB"} {
		assert.Equal(t, want, sizeOf(bytes))
	}
}
