package cgotorch_test

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// A shim or a library that a full disk or a broken copy has cut off is told before it
// is loaded, wherever it ends.
func TestCutOff(t *testing.T) {
	found, err := cgotorch.Find()
	require.NoError(t, err)
	if file, err := elf.Open(found.Shim); err != nil {
		t.Skip("the libraries of this system are not ELF files")
	} else {
		require.NoError(t, file.Close())
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	lib := filepath.Join(dir, "lib")
	require.NoError(t, os.Mkdir(lib, 0o755))
	entries, err := os.ReadDir(filepath.Join(found.Dir, "lib"))
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, os.Symlink(filepath.Join(found.Dir, "lib", e.Name()), filepath.Join(lib, e.Name())))
	}
	t.Setenv("GOTORCH_LIBTORCH", dir)

	shim := shimOf(dir)
	require.NoError(t, os.Mkdir(filepath.Dir(shim), 0o755))
	whole, err := os.ReadFile(found.Shim)
	require.NoError(t, err)
	put := func(length int) {
		t.Helper()
		require.NoError(t, os.WriteFile(shim, whole[:length], 0o755))
	}
	put(len(whole))
	_, err = cgotorch.Find()
	require.NoError(t, err)
	lengths := []int{0, 1, 3, 4, 63, 64, 65, len(whole) - 1}
	for n := 1; n < 100; n++ {
		lengths = append(lengths, len(whole)*n/100)
	}
	for _, length := range lengths {
		put(length)
		_, err := cgotorch.Find()
		assert.ErrorContains(t, err, fmt.Sprintf("%s is cut off: %d bytes of ", shim, length))
	}
	for _, length := range []int{0, 4 << 10, 20 << 10, 100 << 10, 200 << 10, len(whole) - 1} {
		put(length)
		command := exec.Command(os.Args[0], "-test.run=^$") // TestMain loads
		out, err := command.CombinedOutput()
		assert.EqualError(t, err, "exit status 1", "%d: %s", length, out)
		assert.Contains(t, string(out), "is cut off: ")
	}

	put(len(whole))
	library, err := os.ReadFile(filepath.Join(lib, "libc10.so"))
	require.NoError(t, err)
	stubs := filepath.Join(dir, "stubs")
	require.NoError(t, os.Mkdir(stubs, 0o755))
	for _, path := range []string{filepath.Join(lib, "libother.so"), filepath.Join(stubs, "libtorch.so")} {
		require.NoError(t, os.WriteFile(path, library[:len(library)/2], 0o755))
		_, err = cgotorch.Find()
		assert.ErrorContains(t, err, fmt.Sprintf("%s is cut off: %d bytes of ", path, len(library)/2))
		assert.ErrorContains(t, err, " are there; install it again with --force\n")
		require.NoError(t, os.Remove(path))
	}
}
