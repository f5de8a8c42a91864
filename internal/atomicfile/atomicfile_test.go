package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(content string, err error) func(w io.Writer) error {
	return func(w io.Writer) error {
		_, _ = io.WriteString(w, content)
		return err
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, Write(path, text("old", nil)))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o644), info.Mode())

	broken := errors.New("broken")
	assert.Equal(t, broken, Write(path, text("half", broken)))
	assert.Equal(t, map[string]string{"file": "old"}, folder(t, path))

	assert.PanicsWithValue(t, "lost", func() { _ = Write(path, func(io.Writer) error { panic("lost") }) })
	assert.Equal(t, map[string]string{"file": "old"}, folder(t, path))

	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, Write(path, text("new", nil)))
	assert.Equal(t, map[string]string{"file": "new"}, folder(t, path))
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode(), "the old file's permissions stay")
}

func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	assert.ErrorIs(t, Write(filepath.Join(dir, "none", "file"), text("x", nil)), fs.ErrNotExist)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "taken", "x"), 0o755))
	assert.Error(t, Write(filepath.Join(dir, "taken"), text("x", nil)), "a folder has the name")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left")
}

// What a killed program left is removed, and nothing else.
func TestWriteSweeps(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-age)))
		return path
	}
	put(".file.1.tmp", time.Hour)
	put(".file.2.tmp", time.Second)
	put(".other.3.tmp", time.Hour)
	put(".file.4", time.Hour)
	writing, err := os.Open(put(".file.5.tmp", time.Hour))
	require.NoError(t, err)
	require.True(t, lock(writing))

	require.NoError(t, Write(filepath.Join(dir, "file"), text("new", nil)))
	var names []string
	for name := range folder(t, filepath.Join(dir, "file")) {
		names = append(names, name)
	}
	assert.ElementsMatch(t, []string{"file", ".file.2.tmp", ".other.3.tmp", ".file.4", ".file.5.tmp"}, names)

	require.NoError(t, writing.Close())
	require.NoError(t, Write(filepath.Join(dir, "file"), text("newer", nil)))
	assert.NotContains(t, folder(t, filepath.Join(dir, "file")), ".file.5.tmp", "its writer is gone")
}

// While a file is written others leave it alone.
func TestWriteLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, Write(path, func(io.Writer) error {
		for name := range folder(t, path) {
			f, err := os.Open(filepath.Join(filepath.Dir(path), name))
			require.NoError(t, err)
			assert.False(t, lock(f))
			require.NoError(t, f.Close())
		}
		return nil
	}))
}

// folder returns the contents of the files beside path.
func folder(t *testing.T, path string) map[string]string {
	contents := map[string]string{}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		require.NoError(t, err)
		contents[e.Name()] = string(data)
	}
	return contents
}
