package main

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// smallOptions are those of a training without a step, of the smaller network.
func smallOptions(dir string) options {
	return options{data: "mnist", model: "mlp", optimizer: "sgd", lr: 0.1, device: torch.CPU, epochs: 1, batch: 16, seed: 5, out: dir}
}

// What a checkpoint says that cannot be is an error, and a short one.
func TestCheckpointRefuses(t *testing.T) {
	s := newSession(smallOptions(t.TempDir()))
	long := strings.Repeat("x", 1000)
	for want, change := range map[string]func(c *checkpoint){
		"was made with -model " + long[:100] + ", not mlp":       func(c *checkpoint) { c.Options["model"] = long },
		"was made with -lr a []interface {}, not 0.1":            func(c *checkpoint) { c.Options["lr"] = []any{0.1} },
		"says -1 images after 0 epochs":                          func(c *checkpoint) { c.Place.Images = -1 },
		"says 0 images after 7 epochs, and has the results of 0": func(c *checkpoint) { c.Place.Epoch = 7 },
		"has 0 random states, want 1":                            func(c *checkpoint) { c.Generators = nil },
	} {
		require.NoError(t, s.save())
		c := readCheckpoint(t, s.out)
		change(&c)
		require.NoError(t, torch.Save(c, s.path()))
		_, err := s.load()
		assert.ErrorContains(t, err, want)
		assert.Less(t, len(err.Error()), 500)
	}
	require.NoError(t, s.save())
	c := readCheckpoint(t, s.out)
	c.Place.Images = 101
	require.NoError(t, torch.Save(c, s.path()))
	o := s.options
	o.resume = true
	err := train(t.Context(), o, toySets(), io.Discard, io.Discard)
	assert.ErrorContains(t, err, "says 101 images of this epoch are done, but there are 100")
}

func TestReadImageRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "long.png")
	require.NoError(t, os.WriteFile(path, longPNG(t, 1<<16+1), 0o600))
	_, err := digits.ReadImage(path)
	assert.EqualError(t, err, path+": an image of 65537 × 1 pixels is longer than 65536: make it smaller")
}

// FuzzCheckpoint goes on from any pickle.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	s := newSession(smallOptions(dir))
	require.NoError(f, s.save())
	c, err := torch.LoadAs[checkpoint](s.path())
	require.NoError(f, err)
	data, storages := torchtest.Saved(f, c)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		torch.Scope(func() {
			r := torchtest.Archive(t, data, storages...)
			file := make([]byte, r.Size())
			_, err := r.ReadAt(file, 0)
			require.NoError(t, err)
			s := newSession(smallOptions(t.TempDir()))
			require.NoError(t, os.WriteFile(s.path(), file, 0o600))
			hostile.Read(t, len(file), func() {
				if found, err := s.load(); err != nil {
					assert.Less(t, len(err.Error()), 100_000)
				} else {
					assert.True(t, found)
					assert.GreaterOrEqual(t, s.Images, 0)
				}
			})
		})
	})
}

// longPNG returns an image one pixel high.
func longPNG(t *testing.T, width int) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, image.NewGray(image.Rect(0, 0, width, 1))))
	return file.Bytes()
}
