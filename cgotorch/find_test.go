package cgotorch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

func TestFindOrder(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("GOTORCH_CACHE", cache)
	t.Setenv("GOTORCH_LIBTORCH", "")
	_, err := cgotorch.Find()
	assert.ErrorContains(t, err, "libtorch is not ready for this program")
	assert.ErrorContains(t, err, "Install it with: go run github.com/wangkuiyi/gotorch/cmd/gotorch install")

	require.NoError(t, os.WriteFile(filepath.Join(cache, "current"), []byte("libtorch-x\n"), 0o644))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "libtorch-x (the user's cache): the folder is not there")

	shims := filepath.Join(cache, "libtorch-x", "shim")
	require.NoError(t, os.MkdirAll(shims, 0o755))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "it has no shim")
	require.NoError(t, os.WriteFile(filepath.Join(shims, "libcgotorch-0.so"), nil, 0o644))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "its shim was built for another version of gotorch")

	shim := filepath.Join(shims, "libcgotorch-"+cgotorch.ShimID()+".so")
	require.NoError(t, os.WriteFile(shim, nil, 0o644))
	found, err := cgotorch.Find()
	require.NoError(t, err)
	assert.Equal(t, shim, found.Shim)

	t.Setenv("GOTORCH_LIBTORCH", filepath.Join(cache, "elsewhere"))
	_, err = cgotorch.Find()
	assert.ErrorContains(t, err, "elsewhere ($GOTORCH_LIBTORCH): the folder is not there")
	assert.Len(t, cgotorch.Candidates(), 1, "the variable rules the others out")
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
			shim := filepath.Join(dir, "shim", "libcgotorch-"+cgotorch.ShimID()+".so")
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
			assert.Contains(t, string(out), "Install it again with: "+cgotorch.InstallCommand+" --force")
		})
	}
}
