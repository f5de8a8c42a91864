package tensorboard_test

import (
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

var points = [][]float32{
	{0.1, -2, 1e-5}, {3e38, float32(math.Inf(1)), 1e16}, {0, float32(math.NaN()), 123456.75}, {1, 2, 3}, {4, 5, 6},
}

// Each file has the bytes of Python's, and each sprite the pixels.
func TestAddEmbedding(t *testing.T) {
	w := newWriter(t)
	x := torch.NewTensor(points)
	wide := torch.Arange(0, 120, 1).Sub(20).Div(80).Reshape(5, 3, 2, 4)
	w.AddEmbedding(x, 0, tensorboard.EmbeddingOptions{Metadata: [][]string{{"null"}, {"eins"}, {"zwei"}, {"drei"}, {"vier"}}})
	w.AddEmbedding(torch.Arange(0, 15, 1).Reshape(5, 3).Mul(1<<59+1), 12, tensorboard.EmbeddingOptions{
		MetadataHeader: []string{"name", "size"},
		Metadata:       [][]string{{"größe 0", "0"}, {"größe 1", "1"}, {"größe 2", "2"}, {"größe 3", "3"}, {"größe 4", "4"}},
		LabelImg:       wide,
		Tag:            `a/b%c\d "e" 数字`,
	})
	w.AddEmbedding(x.To(torch.Float16), 123456, tensorboard.EmbeddingOptions{
		LabelImg: wide.Narrow(1, 0, 1).Narrow(3, 0, 2), Tag: "gray"})
	require.NoError(t, w.Close())

	want := readGolden(t).Embeddings
	files, sprites := map[string]string{}, 0
	require.NoError(t, fs.WalkDir(os.DirFS(w.LogDir()), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "tfevents") {
			return err
		}
		data, err := fs.ReadFile(os.DirFS(w.LogDir()), path)
		if filepath.Ext(path) != ".png" {
			files[path] = string(data)
			return err
		}
		sprites++
		sprite, err := png.Decode(strings.NewReader(string(data)))
		require.NoError(t, err)
		want.Sprites[path].Check(t, pixels(sprite, 3), true, 0, path)
		return nil
	}))
	assert.Equal(t, want.Files, files)
	assert.Len(t, want.Sprites, sprites)
}

// Python's fails on images that are higher than wide.
func TestAddEmbeddingOfHighImages(t *testing.T) {
	w := newWriter(t)
	w.AddEmbedding(torch.Ones([]int{2, 1}), 0, tensorboard.EmbeddingOptions{
		LabelImg: torch.NewTensor([][][][]float64{{{{0}, {0.5}, {1}}}, {{{1}, {0}, {0}}}})})
	require.NoError(t, w.Close())
	file, err := os.Open(w.LogDir() + "/00000/default/sprite.png")
	require.NoError(t, err)
	defer file.Close()
	sprite, err := png.Decode(file)
	require.NoError(t, err)
	assert.Equal(t, []uint8{0, 255, 127, 0, 255, 0}, torch.ToSlice[uint8](pixels(sprite, 1)))
}

func TestAddEmbeddingErrors(t *testing.T) {
	x := torch.Ones([]int{2, 3})
	for name, path := range map[string]string{
		"folder": "00000", "points": "00000/default/tensors.tsv/x", "labels": "00000/default/metadata.tsv/x",
		"sprite": "00000/default/sprite.png/x", "list": "projector_config.pbtxt/x",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t)
			path := filepath.Join(w.LogDir(), path)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, nil, 0o644))
			w.AddEmbedding(x, 0, tensorboard.EmbeddingOptions{
				Metadata: [][]string{{"a"}, {"b"}}, LabelImg: torch.Ones([]int{2, 1, 2, 2})})
			w.AddEmbedding(x, 1)
			assert.Regexp(t, "directory", w.Flush())
			assert.Regexp(t, "directory", w.Close())
			assert.NoFileExists(t, filepath.Join(w.LogDir(), "projector_config.pbtxt"))
			assert.NoDirExists(t, filepath.Join(w.LogDir(), "00001"))
		})
	}
	w := newWriter(t)
	require.NoError(t, w.Close())
	w.AddEmbedding(x, 0)
	assert.ErrorContains(t, w.Close(), "after Close")
}

func TestAddEmbeddingFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	w := newWriter(t)
	require.NoError(t, os.MkdirAll(w.LogDir()+"/00000/default", 0o755))
	require.NoError(t, os.Symlink("/dev/full", w.LogDir()+"/00000/default/tensors.tsv"))
	w.AddEmbedding(torch.Ones([]int{2, 3}), 0)
	assert.ErrorContains(t, w.Flush(), "no space left on device")
	assert.ErrorContains(t, w.Close(), "no space left on device")
}

func TestAddEmbeddingRefuses(t *testing.T) {
	w := newWriter(t)
	x := torch.Ones([]int{2, 3})
	add := func(x *torch.Tensor, o tensorboard.EmbeddingOptions) func() {
		return func() { w.AddEmbedding(x, 0, o) }
	}
	checkRefuses(t, w, map[string]func(){
		"not torch.float32 of the shape [3]":         add(x.Select(0, 0), tensorboard.EmbeddingOptions{}),
		"not torch.float32 of the shape [2 0]":       add(x.Narrow(1, 0, 0), tensorboard.EmbeddingOptions{}),
		"not torch.complex64 of the shape [2 3]":     add(x.To(torch.Complex64), tensorboard.EmbeddingOptions{}),
		"#labels should equal with #data points: 1":  add(x, tensorboard.EmbeddingOptions{Metadata: [][]string{{"a"}}}),
		"the number of columns in metadata: 0 and 2": add(x, tensorboard.EmbeddingOptions{Metadata: [][]string{{"a"}, {"a", "b"}}}),
		"the number of columns in metadata: 2 and 1": add(x, tensorboard.EmbeddingOptions{
			Metadata: [][]string{{"a", "b"}, {"a"}}, MetadataHeader: []string{"A", "B"}}),
		"#images should equal with #data points: 2, but the shape (N, C, H, W) is [1 1 2 2]": add(x,
			tensorboard.EmbeddingOptions{LabelImg: torch.Ones([]int{1, 1, 2, 2})}),
		"the shape (N, C, H, W) is [2 3]":     add(x, tensorboard.EmbeddingOptions{LabelImg: x}),
		"the shape (N, C, H, W) is [2 2 1 1]": add(x, tensorboard.EmbeddingOptions{LabelImg: torch.Ones([]int{2, 2, 1, 1})}),
	})
	entries, err := os.ReadDir(w.LogDir())
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}
