package safetensors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

const index = "model.safetensors.index.json"

// model is what Python wrote to several files.
func model() nn.StateDict {
	return nn.StateDict{
		{Name: "a.weight", Tensor: torch.Arange(0, 4, 1, torch.TensorOptions{DType: torch.Float32})},
		{Name: "b.weight", Tensor: torch.Arange(0, 12, 1, torch.TensorOptions{DType: torch.Float32})},
		{Name: "a.bias", Tensor: torch.Arange(0, 2, 1, torch.TensorOptions{DType: torch.Float32})},
		{Name: "c.weight", Tensor: torch.Arange(0, 3, 1, torch.TensorOptions{DType: torch.Float32})},
	}
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestSaveSharded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	dict := model()
	defer closeAll(dict)
	require.NoError(t, safetensors.SaveSharded(dict, dir, safetensors.SaveShardedOptions{MaxShardBytes: new(24)}))
	files := []string{"model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", index}
	assert.Equal(t, files, names(t, dir))
	for _, name := range files {
		want, err := os.ReadFile(python + name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), name)
	}
	// One file is enough; those of before, and no others, go.
	for _, other := range []string{"config.json", "model.safetensors.backup"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, other), nil, 0o600))
	}
	require.NoError(t, safetensors.SaveSharded(dict, dir, safetensors.SaveShardedOptions{Metadata: map[string]string{"step": "3"}}))
	assert.Equal(t, []string{"config.json", "model.safetensors", "model.safetensors.backup"}, names(t, dir))
	f, err := safetensors.Open(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"format": "pt", "step": "3"}, f.Metadata())
	require.NoError(t, f.Close())
	// And back: the whole one would hide the index.
	require.NoError(t, safetensors.SaveSharded(dict, dir, safetensors.SaveShardedOptions{MaxShardBytes: new(48), Metadata: map[string]string{"a<": "ü"}}))
	s, err := safetensors.OpenSharded(dir)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"total_size": 84.0, "a<": "ü"}, s.Metadata())
	require.NoError(t, s.Close())
	assert.Error(t, safetensors.SaveSharded(nil, dir))
	assert.Error(t, safetensors.SaveSharded(dict, dir, safetensors.SaveShardedOptions{MaxShardBytes: new(0)}))
}

func TestOpenSharded(t *testing.T) {
	want := model()
	defer closeAll(want)
	for _, path := range []string{python, python + index} {
		s, err := safetensors.OpenSharded(path)
		require.NoError(t, err)
		assert.Equal(t, []string{"b.weight", "a.bias", "a.weight", "c.weight"}, s.Names())
		info, err := s.Info("a.bias")
		require.NoError(t, err)
		assert.Equal(t, []int{2}, info.Shape)
		dtype, shape, err := s.Describe("a.bias")
		require.NoError(t, err)
		assert.Equal(t, []any{torch.Float32, []int{2}}, []any{dtype, shape})
		for _, n := range want {
			x, err := s.Tensor(n.Name)
			require.NoError(t, err)
			assert.True(t, x.Equal(n.Tensor), n.Name)
			x.Close()
		}
		_, err = s.Tensor("d")
		assert.ErrorContains(t, err, `there is no tensor "d"`)
		_, err = s.Info("d")
		assert.Error(t, err)
		require.NoError(t, s.Close())
		assert.Error(t, s.Close())
		dict, err := safetensors.LoadSharded(path)
		require.NoError(t, err)
		assert.Equal(t, []string{"b.weight", "a.bias", "a.weight", "c.weight"}, dict.Names())
		closeAll(dict)
	}
}

func TestShardedRefused(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "outside.safetensors"), file("{}", 0), 0o600))
	inner := filepath.Join(dir, "inner")
	require.NoError(t, os.Mkdir(inner, 0o700))
	for name, text := range map[string]string{"a": entry("x", "U8", "[1]", 0, 1) + "," + entry("y", "U8", "[1]", 1, 2), "b": entry("x", "U8", "[1]", 0, 1) + "," + entry("z", "U8", "[1]", 1, 2)} {
		require.NoError(t, os.WriteFile(filepath.Join(inner, name), file("{"+text+"}", 2), 0o600))
	}
	path := filepath.Join(inner, index)
	for text, want := range map[string]string{
		"":                                 "not an index",
		"[]":                               "not an index",
		`{"weight_map":{}}`:                "it has no weight_map",
		`{"weight_map":{"x":1}}`:           "not an index",
		`{"weight_map":{"x":"a","x":"b"}}`: `"x": it is there twice`,
		`{"weight_map":{"x":"c"}}`:         "no such file",
		`{"weight_map":{"x":"../outside.safetensors"}}`: `the file "../outside.safetensors" is not within the folder`,
		`{"weight_map":{"x":"/etc/passwd"}}`:            "is not within the folder",
		`{"weight_map":{"x":""}}`:                       "is not within the folder",
		`{"weight_map":{"x":"a","q":"b"}}`:              `the tensor "q" is not in the file b`,
		`{"weight_map":{"y":"a","z":"b"}}`:              `the tensor "x" is in ` + filepath.Join(inner, "a") + ", too",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := safetensors.OpenSharded(inner)
		assert.ErrorContains(t, err, want, text)
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"weight_map":{"y":"a","x":"b"}}`), 0o600))
	s, err := safetensors.OpenSharded(inner)
	require.NoError(t, err)
	assert.Equal(t, []string{"y", "x", "z"}, s.Names(), "what the index leaves out is there")
	require.NoError(t, s.Close())
	_, err = safetensors.OpenSharded(dir)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzOpenSharded(f *testing.F) {
	for _, text := range []string{`{"weight_map":{"x":"a","y":"b"}}`, `{"metadata":{"total_size":2},"weight_map":{"x":"../a"},"more":[1]}`} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	for _, name := range []string{"a", "b"} {
		require.NoError(f, os.WriteFile(filepath.Join(dir, name), file("{"+entry("x", "U8", "[1]", 0, 1)+","+entry("y", "U8", "[1]", 1, 2)+"}", 2), 0o600))
	}
	path := filepath.Join(dir, index)
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		hostile.Read(t, len(text), func() {
			s, err := safetensors.OpenSharded(path)
			if err != nil {
				assert.Less(t, len(err.Error()), 5000)
				return
			}
			assert.ElementsMatch(t, []string{"x", "y"}, s.Names())
			require.NoError(t, s.Close())
		})
	})
}
