package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stranger is a user and a group that own nothing.
const stranger = 54321

// shared makes a folder that everybody may enter, unlike those of t.TempDir.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "atomicfile-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

const inFolder = "ATOMICFILE_TEST_FOLDER"

// child runs the test that calls it again in another process, of a user's, with a
// folder in the environment.
func child(t *testing.T, dir string, user uint32) *exec.Cmd {
	t.Helper()
	program, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	path := filepath.Join(shared(t), "test")
	require.NoError(t, os.WriteFile(path, program, 0o700))
	require.NoError(t, os.Chmod(path, 0o755))
	cmd := exec.Command(path, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), inFolder+"="+dir)
	if user != uint32(os.Geteuid()) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
	return cmd
}

// asStranger runs a test in a folder as a user who is not root. It reports whether
// this is that run.
func asStranger(t *testing.T, prepare func(dir string)) (dir string, itself bool) {
	t.Helper()
	if dir := os.Getenv(inFolder); dir != "" {
		return dir, true
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user, and make files of others")
	}
	dir = shared(t)
	prepare(dir)
	out, err := child(t, dir, stranger).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return dir, false
}

// give makes the stranger the owner of a file or a folder.
func give(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	require.NoError(t, os.Chown(path, stranger, stranger))
	require.NoError(t, os.Chmod(path, mode))
}

// belongs checks who owns a file.
func belongs(t *testing.T, path string, user uint32) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	assert.Equal(t, [2]uint32{user, user}, [2]uint32{stat.Uid, stat.Gid}, path)
}

// A user may write what open would let him write.
func TestWriteAsUser(t *testing.T) {
	dir, itself := asStranger(t, func(dir string) {
		for name, mode := range map[string]fs.FileMode{"mine": 0o755, "root's": 0o755, "blind": 0o300, "open": 0o777} {
			sub := filepath.Join(dir, name)
			require.NoError(t, os.Mkdir(sub, 0o755))
			give(t, put(t, filepath.Join(sub, "read-only"), 0o444), 0o444)
			give(t, put(t, filepath.Join(sub, "mine"), 0o640), 0o640)
			put(t, filepath.Join(sub, "everybody's"), 0o666)
			put(t, filepath.Join(sub, "root's"), 0o644)
			if name == "root's" {
				require.NoError(t, os.Chmod(sub, mode))
			} else {
				give(t, sub, mode)
			}
		}
	})
	names := []string{"mine", "root's", "blind", "open"}
	if !itself {
		for _, sub := range names {
			sub = filepath.Join(dir, sub)
			holds(t, filepath.Join(sub, "read-only"), "old", 0o444)
			holds(t, filepath.Join(sub, "root's"), "old", 0o644)
			holds(t, filepath.Join(sub, "mine"), "new", 0o640)
			belongs(t, filepath.Join(sub, "mine"), stranger)
			holds(t, filepath.Join(sub, "everybody's"), "new", 0o666)
			belongs(t, filepath.Join(sub, "everybody's"), 0)
			if filepath.Base(sub) == "root's" {
				alone(t, sub, "read-only", "mine", "everybody's", "root's")
			} else {
				alone(t, sub, "read-only", "mine", "everybody's", "root's", "fresh")
				belongs(t, filepath.Join(sub, "fresh"), stranger)
			}
		}
		return
	}
	for _, sub := range names {
		assert.ErrorIs(t, Write(filepath.Join(sub, "read-only"), text("new", nil)), fs.ErrPermission, sub)
		assert.ErrorIs(t, Write(filepath.Join(sub, "root's"), text("new", nil)), fs.ErrPermission, sub)
		assert.NoError(t, Write(filepath.Join(sub, "mine"), text("new", nil)), sub)
		assert.NoError(t, Write(filepath.Join(sub, "everybody's"), text("new", nil)), sub)
		err := Write(filepath.Join(sub, "fresh"), text("new", nil))
		if sub == "root's" {
			assert.EqualError(t, err, "open "+filepath.Join(sub, "fresh")+": permission denied")
		} else {
			assert.NoError(t, err, sub)
		}
	}
	// Where nothing can lie beside the file, it stays until there is something to write.
	broken := errors.New("broken")
	assert.ErrorIs(t, Write(filepath.Join("root's", "mine"), text("half", broken)), broken)
}

// Root may write everything, and what it writes stays whose it was.
func TestWriteAsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of others")
	}
	dir := t.TempDir()
	path := put(t, filepath.Join(dir, "file"), 0o600)
	give(t, path, 0o440)
	require.NoError(t, Write(path, text("new", nil)))
	holds(t, path, "new", 0o440)
	belongs(t, path, stranger)
	alone(t, dir, "file")
}

// A program that is killed, or whose disk is full, leaves the old file as it was.
func TestWriteKeepsOld(t *testing.T) {
	if dir := os.Getenv(inFolder); dir != "" {
		switch filepath.Base(dir) {
		case "killed":
			assert.NoError(t, Write("file", func(w io.Writer) error {
				_, err := w.Write(make([]byte, 3<<20))
				require.NoError(t, err)
				return syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}))
		case "full":
			signal.Ignore(syscall.SIGXFSZ)
			require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 2 << 20, Max: 2 << 20}))
			assert.ErrorIs(t, Write("file", func(w io.Writer) error {
				_, err := w.Write(make([]byte, 3<<20))
				return err
			}), syscall.EFBIG)
		}
		return
	}
	for _, end := range []string{"killed", "full"} {
		dir := filepath.Join(t.TempDir(), end)
		require.NoError(t, os.Mkdir(dir, 0o755))
		path := put(t, filepath.Join(dir, "file"), 0o600)
		out, err := child(t, dir, uint32(os.Geteuid())).CombinedOutput()
		if end == "full" {
			require.NoError(t, err, string(out))
			alone(t, dir, "file")
		} else {
			assert.EqualError(t, err, "signal: killed", string(out))
		}
		holds(t, path, "old", 0o600)
	}
}

// Where a file with several names cannot be overwritten to its end, what was to be
// written is kept.
func TestWriteKeepsNew(t *testing.T) {
	content := bytes.Repeat([]byte("new "), 1<<20)
	dir := t.TempDir()
	path := put(t, filepath.Join(dir, "file"), 0o600)
	from, err := os.Create(filepath.Join(dir, "from"))
	require.NoError(t, err)
	_, err = from.Write(content)
	require.NoError(t, err)
	closed, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	err = Options{}.replace(path, closed, from, false)
	assert.ErrorIs(t, err, os.ErrClosed)
	assert.ErrorContains(t, err, "; the whole file is "+from.Name())
	holds(t, from.Name(), string(content), 0o644)
	holds(t, path, "old", 0o600)
}
