package cgotorch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// stub makes a library that is as long as its header says.
func stub(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, append([]byte("\x7fELF\x02\x01"), make([]byte, 58)...), 0o755))
}

// shimOf returns the path of the shim in an installation's folder.
func shimOf(dir string) string {
	return filepath.Join(dir, "shim", "libcgotorch-"+cgotorch.ShimID()+".so")
}

func TestFindOrder(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOTORCH_CACHE", cache)
	t.Setenv("GOTORCH_LIBTORCH", "")
	_, err := cgotorch.Find()
	assert.ErrorContains(t, err, "libtorch is not ready for this program")
	assert.ErrorContains(t, err, "\n  "+cache+" (the user's cache): nothing is installed\n")
	assert.ErrorContains(t, err, "Install it with: go run github.com/wangkuiyi/gotorch/cmd/gotorch install")

	require.NoError(t, os.WriteFile(filepath.Join(cache, "current"), []byte("libtorch-x\n"), 0o644))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "libtorch-x (the user's cache): the folder is not there")

	shims := filepath.Join(cache, "libtorch-x", "shim")
	require.NoError(t, os.MkdirAll(shims, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(shims, "libcgotorch-"+cgotorch.ShimID()+".so.sha256"), nil, 0o644))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "it has no shim")
	require.NoError(t, os.WriteFile(filepath.Join(shims, "libcgotorch-0.so"), nil, 0o644))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "its shim was built for another version of gotorch")

	path := shimOf(filepath.Join(cache, "libtorch-x"))
	stub(t, path)
	found, err := cgotorch.Find()
	require.NoError(t, err)
	assert.Equal(t, path, found.Shim)

	t.Setenv("GOTORCH_LIBTORCH", filepath.Join(cache, "elsewhere"))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "elsewhere ($GOTORCH_LIBTORCH): the folder is not there\n"+
		"$GOTORCH_LIBTORCH keeps other places from being looked at\n"+
		"Install it with: unset GOTORCH_LIBTORCH, then "+cgotorch.InstallCommand)
	assert.Len(t, cgotorch.Candidates(), 1, "the variable rules the others out")
}

// What cannot be looked at is not said to be absent.
func TestFindSaysWhatKeptIt(t *testing.T) {
	t.Setenv("GOTORCH_LIBTORCH", "")
	t.Run("no home", func(t *testing.T) {
		for _, name := range []string{"GOTORCH_CACHE", "XDG_CACHE_HOME", "HOME"} {
			t.Setenv(name, "")
		}
		_, err := cgotorch.Find()
		assert.ErrorContains(t, err, "(the user's cache): no cache folder: ")
		assert.ErrorContains(t, err, "$HOME")
		assert.ErrorContains(t, err, "; set $HOME or $GOTORCH_CACHE\n")
	})
	cache := t.TempDir()
	t.Setenv("GOTORCH_CACHE", cache)
	current := filepath.Join(cache, "current")
	t.Run("a folder", func(t *testing.T) {
		require.NoError(t, os.Mkdir(current, 0o755))
		_, err := cgotorch.Find()
		assert.ErrorContains(t, err, current+" is a folder, and should be a file that names the installation in use; remove it\n")
		require.NoError(t, os.Remove(current))
	})
	t.Run("another reason", func(t *testing.T) {
		require.NoError(t, os.Symlink("current", current))
		_, err := cgotorch.Find()
		assert.ErrorContains(t, err, current+": too many levels of symbolic links\n")
		require.NoError(t, os.Remove(current))
	})
	t.Run("no file can be opened", func(t *testing.T) {
		require.NoError(t, os.WriteFile(current, []byte("libtorch-x\n"), 0o644))
		var limit syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		none := limit
		none.Cur = 0
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
		_, err := cgotorch.Find()
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		assert.ErrorContains(t, err, current+": too many open files\n")
	})
	t.Run("the folder", func(t *testing.T) {
		loop := filepath.Join(cache, "loop")
		require.NoError(t, os.Symlink("loop", loop))
		t.Setenv("GOTORCH_LIBTORCH", loop)
		_, err := cgotorch.Find()
		assert.ErrorContains(t, err, loop+": too many levels of symbolic links\n")
	})
}

// TestLoadErrors runs this test binary again with installations that are wrong.
func TestLoadErrors(t *testing.T) {
	if os.Getenv("GOTORCH_TEST_LOAD") != "" {
		return // TestMain loads, and fails
	}
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler to make wrong shims with")
	}
	for name, c := range map[string]struct{ source, words string }{
		"not a library":   {"", "cannot be loaded"},
		"another library": {"int x;", "is not a gotorch shim"},
		"other sources":   {`const char *ctorch_id(void) { return "0123"; }`, "the shim was built from other sources: 0123"},
		"a function less": {`const char *ctorch_id(void) { return "` + cgotorch.ShimID() + `"; }`, "lacks ctorch_version"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			shim := shimOf(dir)
			require.NoError(t, os.Mkdir(filepath.Dir(shim), 0o755))
			if c.source == "" {
				require.NoError(t, os.WriteFile(shim, []byte("text"), 0o644))
			} else {
				source := filepath.Join(dir, "shim.c")
				require.NoError(t, os.WriteFile(source, []byte(c.source), 0o644))
				out, err := exec.Command(cc, "-shared", "-fPIC", "-o", shim, source).CombinedOutput()
				require.NoError(t, err, string(out))
			}
			command := exec.Command(os.Args[0], "-test.run=TestLoadErrors")
			command.Env = append(os.Environ(), "GOTORCH_LIBTORCH="+dir, "GOTORCH_TEST_LOAD=1")
			out, err := command.CombinedOutput()
			assert.Error(t, err)
			assert.Contains(t, string(out), c.words)
			assert.Contains(t, string(out), "Install it again with: unset GOTORCH_LIBTORCH, then "+cgotorch.InstallCommand+" --force")
		})
	}
}
