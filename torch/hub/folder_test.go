package hub_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/hub"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

func ExampleOpen() {
	path, err := os.MkdirTemp("", "hub")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(path)
	_ = os.WriteFile(filepath.Join(path, "config.json"), []byte(`{"hidden_size": 2}`), 0o600)
	_ = torch.Save(nn.NewLinear(2, 1).StateDict(), filepath.Join(path, "pytorch_model.bin"))

	dir, err := hub.Open(path)
	if err != nil {
		panic(err)
	}
	defer dir.Close()
	layer := nn.NewLinear(int(dir.Config["hidden_size"].(float64)), 1, nn.LinearOptions{Device: torch.Meta})
	_, err = nn.LoadInto(layer, dir)
	fmt.Println(dir.Names(), dir.Weights, err)
	// Output: [weight bias] [pytorch_model.bin] <nil>
}

// model is a folder's content by name; a StateDict becomes a file of tensors.
type model map[string]any

func (m model) write(t testing.TB, dir string) string {
	t.Helper()
	for name, content := range m {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		switch c := content.(type) {
		case string:
			require.NoError(t, os.WriteFile(path, []byte(c), 0o600))
		case nn.StateDict:
			if strings.HasSuffix(name, ".bin") {
				require.NoError(t, torch.Save(c, path))
			} else {
				require.NoError(t, safetensors.Save(c, path))
			}
		}
	}
	return dir
}

func full(shape []int, value float64) *torch.Tensor { return torch.Full(shape, value) }

func TestOpenShards(t *testing.T) {
	one := nn.StateDict{{Name: "weight", Tensor: full([]int{2, 3}, 1.5)}}
	two := nn.StateDict{{Name: "bias", Tensor: full([]int{2}, 2)}}
	index := func(ext string) string {
		return `{"metadata": {"total_size": 32}, "weight_map": {"bias": "sub/b` + ext + `", "weight": "a` + ext + `"}}`
	}
	for name, m := range map[string]model{
		"safetensors": {"model.safetensors.index.json": index(".safetensors"), "a.safetensors": one, "sub/b.safetensors": two,
			"pytorch_model.bin": "not asked for"},
		"bin":             {"pytorch_model.bin.index.json": index(".bin"), "a.bin": one, "sub/b.bin": two},
		"one safetensors": {"model.safetensors": append(one, two...), "model.safetensors.index.json": "not asked for"},
		"one bin":         {"pytorch_model.bin": append(one, two...)},
	} {
		dir, err := hub.Open(m.write(t, t.TempDir()))
		require.NoError(t, err, name)
		assert.Nil(t, dir.Config)
		assert.ElementsMatch(t, []string{"weight", "bias"}, dir.Names())
		dtype, shape, err := dir.Describe("weight")
		require.NoError(t, err)
		assert.Equal(t, torch.Float32, dtype)
		assert.Equal(t, []int{2, 3}, shape)
		layer := nn.NewLinear(3, 2, nn.LinearOptions{Device: torch.Meta})
		_, err = nn.LoadInto(layer, dir)
		require.NoError(t, err, name)
		_, err = dir.Tensor("w")
		assert.ErrorContains(t, err, `has no tensor "w"`)
		_, _, err = dir.Describe("w")
		assert.ErrorContains(t, err, `has no tensor "w"`)
		x, err := dir.Tensor("bias")
		require.NoError(t, err)
		require.NoError(t, dir.Close())
		assert.Equal(t, []float32{2, 2}, torch.ToSlice[float32](x), "it lives on")
		assert.Equal(t, []float32{1.5, 1.5, 1.5, 1.5, 1.5, 1.5}, torch.ToSlice[float32](layer.Weight.Flatten()))
		_, err = dir.Tensor("bias")
		assert.ErrorIs(t, err, os.ErrClosed)
		assert.NoError(t, dir.Close())
	}
}

// A file of PyTorch before 1.6 cannot be mapped: it is read when a tensor is asked for. This
// one is Python's torch.save(OrderedDict(weight=torch.arange(6.).view(2, 3), bias=torch.zeros(2)),
// "pytorch_model.bin", _use_new_zipfile_serialization=False).
func TestOpenLegacy(t *testing.T) {
	dir, err := hub.Open("testdata/legacy")
	require.NoError(t, err)
	assert.Equal(t, []string{"weight", "bias"}, dir.Names())
	_, shape, err := dir.Describe("weight")
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, shape)
	layer := nn.NewLinear(3, 2, nn.LinearOptions{Device: torch.Meta})
	_, err = nn.LoadInto(layer, dir)
	require.NoError(t, err)
	require.NoError(t, dir.Close())
	assert.Equal(t, []float32{0, 1, 2, 3, 4, 5}, torch.ToSlice[float32](layer.Weight.Flatten()))
}

func TestConfigAndTokenizer(t *testing.T) {
	m := model{"config.json": `{"model_type": "bert", "layers": [1, 2]}`, "vocab.txt": "[PAD]", "tokenizer.json": "{}", "README.md": "",
		"model.safetensors": nn.StateDict{}}
	dir, err := hub.Open(m.write(t, t.TempDir()))
	require.NoError(t, err)
	defer dir.Close()
	assert.Equal(t, map[string]any{"model_type": "bert", "layers": []any{1.0, 2.0}}, dir.Config)
	assert.Equal(t, m["config.json"], string(dir.RawConfig))
	files, err := dir.TokenizerFiles()
	require.NoError(t, err)
	for i, path := range files {
		files[i] = filepath.Base(path)
	}
	assert.Equal(t, []string{"tokenizer.json", "vocab.txt"}, files)
	_, err = dir.Path("generation_config.json")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Hugging Face's cache has files under the names of their contents, and links to them.
func TestOpenTheCache(t *testing.T) {
	cache := t.TempDir()
	model{"models--a/blobs/1234": "{}", "models--a/blobs/x.safetensors": nn.StateDict{{Name: "w", Tensor: full([]int{1}, 3)}},
		"secret": "{}", "models--a/snapshots/main/README": ""}.write(t, cache)
	snapshot := filepath.Join(cache, "models--a/snapshots/main")
	link := func(to, name string) {
		_ = os.Remove(filepath.Join(snapshot, name))
		require.NoError(t, os.Symlink(to, filepath.Join(snapshot, name)))
	}
	link("../../blobs/1234", "config.json")
	link("../../blobs/x.safetensors", "model.safetensors")
	through := filepath.Join(cache, "through")
	require.NoError(t, os.Symlink(snapshot, through))
	for _, path := range []string{snapshot, through} {
		dir, err := hub.Open(path)
		require.NoError(t, err)
		assert.Equal(t, []string{"w"}, dir.Names())
		require.NoError(t, dir.Close())
	}
	link("../../../secret", "config.json")
	_, err := hub.Open(snapshot)
	assert.ErrorContains(t, err, "config.json is a link that leads out of the folder, to "+cache)
	link("../../blobs/1234", "config.json")
	link(filepath.Join(cache, "secret"), "vocab.txt")
	dir, err := hub.Open(snapshot)
	require.NoError(t, err)
	defer dir.Close()
	_, err = dir.TokenizerFiles()
	assert.ErrorContains(t, err, "vocab.txt is a link that leads out of the folder")
	for _, name := range []string{"../main/README", "/etc/passwd", "", "a/../../x"} {
		_, err = dir.Path(name)
		assert.ErrorContains(t, err, "leads out of the folder", name)
	}
}

func TestOpenRefuses(t *testing.T) {
	w := nn.StateDict{{Name: "w", Tensor: full([]int{1}, 3)}}
	const index = "model.safetensors.index.json"
	for want, m := range map[string]model{
		"there is neither model.safetensors nor pytorch_model.bin": {"config.json": "{}"},
		"config.json: invalid character 'x'":                       {"config.json": "x"},
		"config.json: json: cannot unmarshal array":                {"config.json": "[]"},
		"hub.Open: ":                                                        {"model.safetensors": "<html>"},
		index + ": unexpected end of JSON input":                            {index: `{"weight_map": `},
		index + ": it has no weight_map from":                               {index: `{"weight_map": []}`},
		index + ": it has no weight_map":                                    {index: `{}`},
		index + ": its weight_map is empty":                                 {index: `{"weight_map": {}}`},
		`weight_map: the file of "w" is not a text`:                         {index: `{"weight_map": {"w": {"x": 1}}}`},
		`weight_map: "w" is there twice`:                                    {index: `{"weight_map": {"w": "a", "w": "b"}}`},
		`../../x: the name "../../x" leads out of the folder`:               {index: `{"weight_map": {"w": "../../x"}}`},
		`/etc/passwd: the name "/etc/passwd" leads out of the folder`:       {index: `{"weight_map": {"w": "/etc/passwd"}}`},
		index + `: "v" is not in a.safetensors, as it says`:                 {index: `{"weight_map": {"w": "a.safetensors", "v": "a.safetensors"}}`, "a.safetensors": w},
		`b.safetensors: the tensor "w" is in the files twice`:               {index: `{"weight_map": {"w": "a.safetensors", "v": "b.safetensors"}}`, "a.safetensors": w, "b.safetensors": w},
		index + ": b.safetensors: the index names a file that is not there": {index: `{"weight_map": {"w": "a.safetensors", "v": "b.safetensors"}}`, "a.safetensors": w},
		index + ": a.safetensors: the index names a file that is not there": {index: `{"weight_map": {"w": "a.safetensors"}}`},
	} {
		_, err := hub.Open(m.write(t, t.TempDir()))
		assert.ErrorContains(t, err, want)
	}
	_, err := hub.Open(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// An index is a stranger's.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"weight_map": {"w": "a.safetensors"}}`), []byte(`{"a": 1}`))
	f.Add([]byte(`{"metadata": {}, "weight_map": {"w": "../a.safetensors", "w": "/x"}}`), []byte(`[]`))
	f.Add([]byte(`{"weight_map": {"w": {"w": [`), []byte(nil))
	dir := f.TempDir()
	model{"a.safetensors": nn.StateDict{{Name: "w", Tensor: full([]int{1}, 3)}}}.write(f, dir)
	f.Fuzz(func(t *testing.T, index, config []byte) {
		model{"model.safetensors.index.json": string(index), "config.json": string(config)}.write(t, dir)
		opened, err := hub.Open(dir)
		if err != nil {
			var failed *torch.Error
			assert.False(t, errors.As(err, &failed), err)
			return
		}
		assert.Equal(t, []string{"w"}, opened.Names())
		x, err := opened.Tensor("w")
		require.NoError(t, err)
		x.Close()
		require.NoError(t, opened.Close())
	})
}
