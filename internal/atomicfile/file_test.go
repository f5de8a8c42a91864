package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// put makes a file that holds "old".
func put(t *testing.T, path string, mode fs.FileMode) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

// holds checks a file's content and its type and permissions.
func holds(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, string(data))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, mode, info.Mode())
}

// alone checks that a folder holds these names only.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	assert.ElementsMatch(t, names, found)
}

func TestWriteToPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	got := make(chan string, 1)
	go func() {
		data, err := os.ReadFile(path)
		got <- string(data)
		assert.NoError(t, err)
	}()
	// Where the pipe is replaced, its reader waits for ever.
	require.NoError(t, Write(path, text("new", nil)))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, fs.ModeNamedPipe|0o600, info.Mode())
	assert.Equal(t, "new", <-got)
	alone(t, filepath.Dir(path), "pipe")
}

func TestWriteToDevice(t *testing.T) {
	dir := t.TempDir()
	null, full := filepath.Join(dir, "null"), filepath.Join(dir, "full")
	if err := errors.Join(syscall.Mknod(null, syscall.S_IFCHR|0o666, 1<<8|3), syscall.Mknod(full, syscall.S_IFCHR|0o666, 1<<8|7)); err != nil {
		t.Skip("no device can be made: ", err)
	}
	if f, err := os.OpenFile(null, os.O_WRONLY, 0); err != nil {
		t.Skip("no device can be opened here: ", err)
	} else {
		require.NoError(t, f.Close())
	}
	require.NoError(t, Write(null, text("new", nil)))
	assert.ErrorIs(t, Write(full, text("new", nil)), syscall.ENOSPC)
	for _, path := range []string{null, full} {
		info, err := os.Lstat(path)
		require.NoError(t, err)
		assert.Equal(t, fs.ModeDevice|fs.ModeCharDevice, info.Mode().Type())
	}
	alone(t, dir, "null", "full")
}

func TestWriteToSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer listener.Close()
	assert.ErrorIs(t, Write(path, text("new", nil)), syscall.ENXIO, "it cannot be opened")
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSocket, info.Mode().Type())
}

func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub", "deep")
	require.NoError(t, os.MkdirAll(sub, 0o755))
	in := func(name string) string { return filepath.Join(dir, name) }
	link := func(to, name string) {
		require.NoError(t, os.Symlink(to, in(name)))
	}
	link("target", "latest")
	link("latest", "twice")
	link("sub/new", "dangling")
	link(sub, "folder")
	link("../elsewhere", "sub/deep/up") // sub/elsewhere, also through folder
	link("loop", "loop")
	put(t, in("target"), 0o640)

	require.NoError(t, Write(in("latest"), text("one", nil)))
	holds(t, in("target"), "one", 0o640)
	require.NoError(t, Write(in("twice"), text("two", nil)))
	holds(t, in("target"), "two", 0o640)
	require.NoError(t, Write(in("dangling"), text("three", nil)))
	holds(t, in("sub/new"), "three", 0o644)
	require.NoError(t, Write(in("folder/up"), text("four", nil)))
	holds(t, in("sub/elsewhere"), "four", 0o644)
	require.NoError(t, Write(in("folder")+"/../up", text("five", nil)))
	holds(t, in("sub/up"), "five", 0o644)
	assert.ErrorIs(t, Write(in("loop"), text("six", nil)), syscall.ELOOP)

	broken := errors.New("broken")
	assert.ErrorIs(t, Write(in("latest"), text("seven", broken)), broken)
	holds(t, in("target"), "two", 0o640)
	for name, to := range map[string]string{"latest": "target", "twice": "latest", "dangling": "sub/new", "loop": "loop"} {
		got, err := os.Readlink(in(name))
		require.NoError(t, err)
		assert.Equal(t, to, got)
	}
	alone(t, dir, "latest", "twice", "dangling", "folder", "loop", "sub", "target")
	alone(t, in("sub"), "deep", "new", "elsewhere", "up")
}

// All names of a file see what is written to one of them.
func TestWriteHardLinks(t *testing.T) {
	dir := t.TempDir()
	path, other := put(t, filepath.Join(dir, "file"), 0o600), filepath.Join(dir, "other")
	require.NoError(t, os.Link(path, other))
	broken := errors.New("broken")
	assert.ErrorIs(t, Write(path, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 3<<20))
		require.NoError(t, err)
		return broken
	}), broken)
	holds(t, other, "old", 0o600)
	require.NoError(t, Write(path, text("n", nil)))
	holds(t, path, "n", 0o600)
	holds(t, other, "n", 0o600)
	require.NoError(t, Write(other, text("", nil)))
	holds(t, path, "", 0o600)
	alone(t, dir, "file", "other")
}

// umask sets the mask of a test.
func umask(t *testing.T, mask int) {
	before := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(before) })
}

func TestWriteUmask(t *testing.T) {
	dir := t.TempDir()
	for mask, want := range map[int]fs.FileMode{0o077: 0o600, 0o022: 0o644, 0: 0o666, 0o777: 0} {
		umask(t, mask)
		path := filepath.Join(dir, want.String())
		require.NoError(t, Write(path, text("new", nil)))
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode(), "umask %o", mask)
	}
	umask(t, 0o077)
	path := put(t, filepath.Join(dir, "file"), 0o664)
	require.NoError(t, Write(path, text("new", nil)))
	holds(t, path, "new", 0o664)
}

// Nobody else reads a private file while it is written.
func TestWritePrivately(t *testing.T) {
	umask(t, 0)
	path := put(t, filepath.Join(t.TempDir(), "file"), 0o600)
	require.NoError(t, Write(path, func(w io.Writer) error {
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 2)
		for _, e := range entries {
			info, err := e.Info()
			require.NoError(t, err)
			assert.Equal(t, fs.FileMode(0o600), info.Mode())
		}
		return nil
	}))
}

func TestWriteLongNames(t *testing.T) {
	dir := t.TempDir()
	longest := []string{strings.Repeat("x", 255), strings.Repeat("ä", 127), strings.Repeat("x", 252) + ".pt"}
	for _, name := range longest {
		path := filepath.Join(dir, name)
		require.NoError(t, Write(path, text("one", nil)))
		require.NoError(t, Write(path, text("two", nil)))
		holds(t, path, "two", 0o644)
	}
	assert.ErrorIs(t, Write(filepath.Join(dir, strings.Repeat("x", 256)), text("one", nil)), syscall.ENAMETOOLONG)
	alone(t, dir, longest...)
}

// What looks like a killed program's file, and is none, is not opened.
func TestWriteSweepsFilesOnly(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, ".file.1.tmp")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	require.NoError(t, os.Chtimes(pipe, time.Time{}, time.Now().Add(-time.Hour)))
	require.NoError(t, Write(filepath.Join(dir, "file"), text("new", nil)))
	alone(t, dir, "file", ".file.1.tmp")
}
